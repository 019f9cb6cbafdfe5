//! The hash functions of the trees, and what they give.

use sha2::Digest as _;

use super::parameters::Function;

/// A hash being computed.
pub(super) enum Hash {
    Sha256(sha2::Sha256),
    #[cfg(feature = "shake")]
    Shake256(shake::Shake256),
}

impl Hash {
    pub(super) fn new(function: Function) -> Self {
        match function {
            #[cfg(feature = "shake")]
            Function::Shake256 => Self::Shake256(shake::Shake256::default()),
            _ => Self::Sha256(sha2::Sha256::new()),
        }
    }

    #[inline]
    pub(super) fn update(&mut self, part: impl AsRef<[u8]>) {
        match self {
            Self::Sha256(state) => sha2::Digest::update(state, part),
            #[cfg(feature = "shake")]
            Self::Shake256(state) => shake::Update::update(state, part.as_ref()),
        }
    }

    /// The first `length` bytes of the output, of 32 at the most.
    pub(super) fn finish(self, length: usize) -> Node {
        let bytes = match self {
            Self::Sha256(state) => state.finalize().into(),
            #[cfg(feature = "shake")]
            Self::Shake256(state) => {
                use shake::{ExtendableOutput as _, XofReader as _};
                let mut output = [0; 32];
                state.finalize_xof().read(&mut output);
                output
            }
        };
        Node { bytes, length }
    }
}

/// An output of the hash function, perhaps truncated.
#[derive(Clone, Copy)]
pub(super) struct Node {
    bytes: [u8; 32],
    length: usize,
}

impl Node {
    pub(super) fn new(from: &[u8]) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(from) {
            *to = *from;
        }
        Self { bytes, length: from.len() }
    }

    pub(super) fn bytes(&self) -> Option<&[u8]> {
        self.bytes.get(..self.length)
    }

    pub(super) fn into_bytes(self) -> impl Iterator<Item = u8> + Clone {
        self.bytes.into_iter().take(self.length)
    }
}
