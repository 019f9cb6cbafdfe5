//! Digests: SHA-2 and SHAKE, streaming.

use sha2::Digest as _;
use sha2::digest::common::hazmat::SerializableState as _;
#[cfg(feature = "shake")]
use shake::{ExtendableOutput as _, Update as _, XofReader as _};

use crate::Algorithm;

/// The longest digest: 64 bytes.
const LONGEST: usize = 64;

/// A computed digest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest {
    bytes: [u8; LONGEST],
    length: usize,
}

impl core::fmt::Debug for Digest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Digest(")?;
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

impl Digest {
    fn new(output: &[u8]) -> Self {
        let mut bytes = [0; LONGEST];
        for (to, from) in bytes.iter_mut().zip(output) {
            *to = *from;
        }
        Self { bytes, length: output.len().min(LONGEST) }
    }

    /// A digest that something else computed, such as hardware; `None` if it is longer than 64
    /// bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() <= LONGEST).then(|| Self::new(bytes))
    }

    /// The digest as bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// A digest being computed.
#[derive(Clone, Debug)]
pub struct Hasher(State);

#[derive(Clone, Debug)]
enum State {
    Sha256(sha2::Sha256),
    #[cfg(feature = "sha512")]
    Sha384(sha2::Sha384),
    #[cfg(feature = "sha512")]
    Sha512(sha2::Sha512),
    #[cfg(feature = "shake")]
    Shake128(shake::Shake128),
    #[cfg(feature = "shake")]
    Shake256(shake::Shake256),
}

impl Hasher {
    /// Begins; `None` if `algorithm` is no digest, or none that is built in.
    #[must_use]
    pub fn new(algorithm: Algorithm) -> Option<Self> {
        Some(Self(match algorithm {
            Algorithm::Sha256 => State::Sha256(sha2::Sha256::new()),
            #[cfg(feature = "sha512")]
            Algorithm::Sha384 => State::Sha384(sha2::Sha384::new()),
            #[cfg(feature = "sha512")]
            Algorithm::Sha512 => State::Sha512(sha2::Sha512::new()),
            #[cfg(feature = "shake")]
            Algorithm::Shake128 => State::Shake128(shake::Shake128::default()),
            #[cfg(feature = "shake")]
            Algorithm::Shake256 => State::Shake256(shake::Shake256::default()),
            _ => return None,
        }))
    }

    /// Takes in more of the message.
    #[inline]
    pub fn update(&mut self, part: &[u8]) {
        match &mut self.0 {
            State::Sha256(state) => sha2::Digest::update(state, part),
            #[cfg(feature = "sha512")]
            State::Sha384(state) => sha2::Digest::update(state, part),
            #[cfg(feature = "sha512")]
            State::Sha512(state) => sha2::Digest::update(state, part),
            #[cfg(feature = "shake")]
            State::Shake128(state) => state.update(part),
            #[cfg(feature = "shake")]
            State::Shake256(state) => state.update(part),
        }
    }

    /// Bytes of a saved state: the chaining value, the number of blocks, and the begun block with its length.
    pub const STATE: usize = 104;

    /// The state of a digest by SHA-256, to be stored and gone on with later; `None` for others.
    /// It tells what was hashed last: it is as secret as that.
    #[must_use]
    pub fn save(&self) -> Option<[u8; Self::STATE]> {
        match &self.0 {
            State::Sha256(state) => state.serialize().as_slice().try_into().ok(),
            #[cfg(any(feature = "sha512", feature = "shake"))]
            _ => None,
        }
    }

    /// Goes on from a saved state; `None` if it is none.
    #[must_use]
    pub fn restore(state: &[u8; Self::STATE]) -> Option<Self> {
        let state = sha2::Sha256::deserialize(state.as_slice().try_into().ok()?).ok()?;
        Some(Self(State::Sha256(state)))
    }

    /// Ends. SHAKE128 gives 32 bytes and SHAKE256 gives 64 (RFC 9054 §3.3).
    #[must_use]
    pub fn finish(self) -> Digest {
        match self.0 {
            State::Sha256(state) => Digest::new(&state.finalize()),
            #[cfg(feature = "sha512")]
            State::Sha384(state) => Digest::new(&state.finalize()),
            #[cfg(feature = "sha512")]
            State::Sha512(state) => Digest::new(&state.finalize()),
            #[cfg(feature = "shake")]
            State::Shake128(state) => {
                let mut output = [0; 32];
                state.finalize_xof().read(&mut output);
                Digest::new(&output)
            }
            #[cfg(feature = "shake")]
            State::Shake256(state) => {
                let mut output = [0; 64];
                state.finalize_xof().read(&mut output);
                Digest::new(&output)
            }
        }
    }
}

/// Whether `expected` is the digest of the concatenation of `parts`; `None` if `algorithm` is not
/// built in.
#[must_use]
pub fn is_digest(algorithm: Algorithm, parts: &[&[u8]], expected: &[u8]) -> Option<bool> {
    if algorithm != Algorithm::Sha256 {
        return Some(digest(algorithm, parts)?.as_bytes() == expected);
    }
    let mut state = sha2::Sha256::new();
    for part in parts {
        sha2::Digest::update(&mut state, part);
    }
    Some(*state.finalize() == *expected)
}

/// The digest of the concatenation of `parts`; `None` if `algorithm` is not built in.
#[must_use]
pub fn digest(algorithm: Algorithm, parts: &[&[u8]]) -> Option<Digest> {
    let mut hasher = Hasher::new(algorithm)?;
    for part in parts {
        hasher.update(part);
    }
    Some(hasher.finish())
}
