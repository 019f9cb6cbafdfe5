//! Writing messages with one signature or MAC, in one step or in two.

use iotops_wire::cbor::{Encoder, SliceOutput};

use super::{Context, Mac0Context, Sign1Context, structure};
use crate::{Algorithm, Digest, Error, Purpose, Signer, digest, rules};

const ALGORITHM: i64 = 1;
const KEY_ID: i64 = 4;
const ITEMS: usize = 4;
/// The protected map with an algorithm takes 12 bytes at the most.
const PROTECTED: usize = 16;
/// The longest signature that [`Unsigned::sign`] makes.
const LONGEST_SIGNATURE: usize = if cfg!(feature = "ml-dsa") { 4627 } else { 132 };

/// The payload of a message, and whether the message carries it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Payload<'p> {
    /// The message carries it.
    Attached(&'p [u8]),
    /// The receiver gets it another way.
    Detached(&'p [u8]),
}

impl<'p> Payload<'p> {
    /// The bytes to be signed.
    #[must_use]
    pub const fn bytes(&self) -> &'p [u8] {
        match self {
            Self::Attached(bytes) | Self::Detached(bytes) => bytes,
        }
    }
}

/// A `COSE_Sign1` or `COSE_Mac0` message that is not signed yet.
///
/// It is a small plain value and the signed bytes follow from it and the payload alone, so it may
/// wait for days while a signing service is asked: [`Unsigned::to_be_signed`] or
/// [`Unsigned::prehash`] first, [`Unsigned::finish`] with the signature later.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'k> {
    algorithm: Algorithm,
    key_id: Option<&'k [u8]>,
}

impl<'k> Unsigned<'k> {
    /// A message to be signed or MACed with `algorithm`; its kind follows from the algorithm.
    ///
    /// # Errors
    /// [`rules::ALGORITHM_PURPOSE`] if `algorithm` makes neither signatures nor MACs.
    pub fn new(algorithm: Algorithm) -> Result<Self, Error> {
        match algorithm.purpose() {
            Purpose::Signature | Purpose::Mac => Ok(Self { algorithm, key_id: None }),
            _ => Err(Error::new(rules::ALGORITHM_PURPOSE, 0)),
        }
    }

    /// The same with a key identifier in the unprotected bucket.
    #[must_use]
    pub const fn with_key_id(self, key_id: &'k [u8]) -> Self {
        Self { key_id: Some(key_id), ..self }
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Lends the structure to be signed, in parts.
    ///
    /// # Errors
    /// None that a caller can cause; the writer of the header is fallible.
    pub fn to_be_signed<R>(
        &self,
        payload: &[u8],
        aad: &[u8],
        read: impl FnOnce(&[&[u8]]) -> R,
    ) -> Result<R, Error> {
        let mut buffer = [0; PROTECTED];
        let mut protected = SliceOutput::new(&mut buffer);
        self.protected(&mut Encoder::new(&mut protected))?;
        Ok(structure::lend(self.opening(), protected.written(), aad, payload, read))
    }

    /// The digest to be signed, for algorithms that sign a digest; `None` for the others.
    #[must_use]
    pub fn prehash(&self, payload: &[u8], aad: &[u8]) -> Option<Digest> {
        let algorithm = self.algorithm.prehash()?;
        self.to_be_signed(payload, aad, |parts| digest(algorithm, parts)).ok()?
    }

    /// Writes the message with a signature that was made elsewhere.
    ///
    /// # Errors
    /// [`rules::SIGNATURE_LENGTH`] if it cannot be one of the algorithm,
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn finish(
        &self,
        payload: Payload<'_>,
        signature: &[u8],
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        if self.algorithm.signature_length().is_some_and(|length| length != signature.len()) {
            return Err(Error::new(rules::SIGNATURE_LENGTH, 0));
        }
        encoder.tag(self.tag())?.array(ITEMS)?;
        encoder.wrapped(|content| self.protected(content))?;
        self.unprotected(encoder)?;
        match payload {
            Payload::Attached(payload) => encoder.bytes(payload)?,
            Payload::Detached(_) => encoder.null()?,
        };
        encoder.bytes(signature)?;
        Ok(())
    }

    /// Signs with `signer` and writes the message.
    ///
    /// # Errors
    /// [`rules::UNAVAILABLE`] if the signer does not answer, [`rules::ALGORITHM_PURPOSE`] if it is
    /// for another algorithm, and as [`Unsigned::finish`].
    pub fn sign(
        &self,
        signer: &mut dyn Signer,
        payload: Payload<'_>,
        aad: &[u8],
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        if signer.algorithm() != self.algorithm {
            return Err(Error::new(rules::ALGORITHM_PURPOSE, 0));
        }
        let mut buffer = [0; LONGEST_SIGNATURE];
        let made = self.to_be_signed(payload.bytes(), aad, |parts| signer.sign(parts, &mut buffer));
        let Some(signature) = made?.ok().and_then(|length| buffer.get(..length)) else {
            return Err(Error::new(rules::UNAVAILABLE, 0));
        };
        self.finish(payload, signature, encoder)
    }

    fn protected(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(1)?;
        map.key(ALGORITHM)?.integer(self.algorithm.to_cose())?;
        Ok(map.end()?)
    }

    fn unprotected(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(usize::from(self.key_id.is_some()))?;
        if let Some(key_id) = self.key_id {
            map.key(KEY_ID)?.bytes(key_id)?;
        }
        Ok(map.end()?)
    }

    const fn is_mac(&self) -> bool {
        matches!(self.algorithm.purpose(), Purpose::Mac)
    }

    const fn opening(&self) -> &'static [u8] {
        if self.is_mac() { Mac0Context::OPENING } else { Sign1Context::OPENING }
    }

    const fn tag(&self) -> u64 {
        if self.is_mac() { Mac0Context::TAG } else { Sign1Context::TAG }
    }
}
