//! Writing messages with several signatures.

use iotops_wire::cbor::{Encoder, SliceOutput};

use super::write::{LONGEST_SIGNATURE, PROTECTED};
use super::{Payload, SIGNERS, TAG_SIGN, structure};
use crate::{Algorithm, Error, Purpose, Signer, rules};

const ALGORITHM: i64 = 1;
const KEY_ID: i64 = 4;
const ITEMS: usize = 4;
const SIGNATURE_ITEMS: usize = 3;

/// One signer of a message to be written.
pub struct NewSignature<'s> {
    signer: &'s mut dyn Signer,
    key_id: Option<&'s [u8]>,
}

impl core::fmt::Debug for NewSignature<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewSignature").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

impl<'s> NewSignature<'s> {
    /// A signature by this key.
    #[must_use]
    pub const fn new(signer: &'s mut dyn Signer) -> Self {
        Self { signer, key_id: None }
    }

    /// The same with a key identifier in its unprotected bucket.
    #[must_use]
    pub const fn with_key_id(self, key_id: &'s [u8]) -> Self {
        Self { key_id: Some(key_id), ..self }
    }

    fn write(
        &mut self,
        payload: &[u8],
        aad: &[u8],
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        let algorithm = self.signer.algorithm();
        if algorithm.purpose() != Purpose::Signature {
            return Err(Error::new(rules::ALGORITHM_PURPOSE, 0));
        }
        let mut space = [0; PROTECTED];
        let mut protected = SliceOutput::new(&mut space);
        only_algorithm(algorithm, &mut Encoder::new(&mut protected))?;
        let mut buffer = [0; LONGEST_SIGNATURE];
        let made = structure::lend_sign(&[], protected.written(), aad, payload, |parts| {
            self.signer.sign(parts, &mut buffer)
        });
        let Some(signature) = made.ok().and_then(|length| buffer.get(..length)) else {
            return Err(Error::new(rules::UNAVAILABLE, 0));
        };
        encoder.array(SIGNATURE_ITEMS)?.bytes(protected.written())?;
        key_id(self.key_id, encoder)?;
        encoder.bytes(signature)?;
        Ok(())
    }
}

/// Signs with every signer and writes the message; the body has no headers of its own.
///
/// # Errors
/// [`rules::SIGNERS`] for none or more than [`SIGNERS`], [`rules::UNAVAILABLE`] if one does not
/// answer, [`rules::ALGORITHM_PURPOSE`] if one makes MACs, [`iotops_wire::rules::OUT_OF_SPACE`].
pub fn sign(
    signers: &mut [NewSignature<'_>],
    payload: Payload<'_>,
    aad: &[u8],
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    if signers.is_empty() || signers.len() > SIGNERS {
        return Err(Error::new(rules::SIGNERS, 0));
    }
    encoder.tag(TAG_SIGN)?.array(ITEMS)?.bytes(&[])?.map(0)?.end()?;
    match payload {
        Payload::Attached(payload) => encoder.bytes(payload)?,
        Payload::Detached(_) => encoder.null()?,
    };
    encoder.array(signers.len())?;
    signers.iter_mut().try_for_each(|one| one.write(payload.bytes(), aad, encoder))
}

/// The protected bucket that holds the algorithm alone.
pub(super) fn only_algorithm(algorithm: Algorithm, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    let mut map = encoder.map(1)?;
    map.key(ALGORITHM)?.integer(algorithm.to_cose())?;
    Ok(map.end()?)
}

/// The unprotected bucket that holds the key identifier, if there is one.
pub(super) fn key_id(key_id: Option<&[u8]>, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    let mut map = encoder.map(usize::from(key_id.is_some()))?;
    if let Some(key_id) = key_id {
        map.key(KEY_ID)?.bytes(key_id)?;
    }
    Ok(map.end()?)
}
