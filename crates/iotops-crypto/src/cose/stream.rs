//! Verifying detached payloads that are not in memory.

use iotops_wire::Rule;
use iotops_wire::cbor::Head;

use super::verify::Claim;
use super::{Context, Single};
use crate::{Error, Refused, StreamKey, StreamVerify as _, rules};

/// A message whose detached payload is being verified. Nothing is proven before
/// [`Checking::finish`].
pub struct Checking<K: StreamKey> {
    stream: K::Stream,
    left: u64,
    refused: Rule,
    offset: u32,
}

impl<K: StreamKey> core::fmt::Debug for Checking<K> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Checking").field("left", &self.left).finish_non_exhaustive()
    }
}

impl<C: Context> Single<'_, C> {
    /// Begins to verify a message whose payload comes another way, in parts, `length` bytes in
    /// all: the length stands before the payload in what is signed.
    ///
    /// # Errors
    /// [`rules::PAYLOAD_ATTACHED`], [`rules::NO_KEY`] if the key is for another algorithm, what
    /// a wrong signature breaks if it can be none, and the rules of the algorithm header.
    pub fn checking<K: StreamKey>(
        &self,
        key: &K,
        aad: &[u8],
        length: u64,
    ) -> Result<Checking<K>, Error> {
        let claim = Claim {
            headers: self.headers(),
            signature: self.signature(),
            purpose: C::PURPOSE,
            refused: C::REFUSED,
            offset: self.offset(),
        };
        if self.payload().is_some() {
            return Err(claim.error(rules::PAYLOAD_ATTACHED));
        }
        if !key.accepts(claim.algorithm()?) {
            return Err(claim.error(rules::NO_KEY));
        }
        let stream = key.begin(self.signature());
        let mut stream = stream.map_err(|refused| claim.error(rule(refused, C::REFUSED)))?;
        let Ok(size) = usize::try_from(length) else {
            return Err(claim.error(iotops_wire::rules::SIZE));
        };
        let protected = self.headers().protected_bytes();
        let head = |length: usize| Head::of_bytes(length);
        let (a, b, c) = (head(protected.len()), head(aad.len()), head(size));
        let before = [C::OPENING, a.as_bytes(), protected, b.as_bytes(), aad, c.as_bytes()];
        before.into_iter().for_each(|part| stream.update(part));
        Ok(Checking { stream, left: length, refused: C::REFUSED, offset: self.offset() })
    }
}

const fn rule(refused: Refused, invalid: Rule) -> Rule {
    match refused {
        Refused::Unavailable => rules::UNAVAILABLE,
        Refused::Invalid => invalid,
    }
}

impl<K: StreamKey> Checking<K> {
    /// Takes the next part of the payload in.
    ///
    /// # Errors
    /// What a wrong signature breaks, for more than was announced.
    pub fn update(&mut self, part: &[u8]) -> Result<(), Error> {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        match self.left.checked_sub(length) {
            Some(left) => self.left = left,
            None => return Err(Error::new(self.refused, self.offset)),
        }
        self.stream.update(part);
        Ok(())
    }

    /// Whether the signature or MAC is one of the payload that came.
    ///
    /// # Errors
    /// [`rules::SIGNATURE`] or [`rules::MAC`], also for less than was announced;
    /// [`rules::UNAVAILABLE`].
    pub fn finish(self) -> Result<(), Error> {
        let (invalid, offset) = (self.refused, self.offset);
        if self.left > 0 {
            return Err(Error::new(invalid, offset));
        }
        self.stream.finish().map_err(|refused| Error::new(rule(refused, invalid), offset))
    }
}
