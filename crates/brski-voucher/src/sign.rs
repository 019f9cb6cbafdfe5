//! From a document that was built to one that is signed, in one step or in two.

use alloc::vec::Vec;

use iotops_crypto::Signer;
#[cfg(feature = "cms")]
use iotops_crypto::cms;
use iotops_crypto::cose;
#[cfg(feature = "jws")]
use iotops_crypto::jws;
use iotops_wire::cbor::Encoder;

use crate::Error;
use crate::encode::{Leaves, cbor, json};

/// A voucher or request that is not signed yet.
///
/// The bytes to be signed follow from it alone, so it may wait while a signing service is asked:
/// [`Draft::to_cbor`] or [`Draft::to_json`] gives the payload for the `Unsigned` of
/// [`iotops_crypto::cose`], `cms` or `jws`, whose `to_be_signed` and `finish` are the two steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft(Leaves);

impl Draft {
    pub(crate) const fn new(leaves: Leaves) -> Self {
        Self(leaves)
    }

    /// The payload in CBOR.
    ///
    /// # Errors
    /// [`crate::rules::DATE`] for a year behind 9999.
    pub fn to_cbor(&self) -> Result<Vec<u8>, Error> {
        cbor(&self.0)
    }

    /// The payload in JSON.
    ///
    /// # Errors
    /// [`crate::rules::DATE`] for a year behind 9999.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        json(&self.0)
    }

    /// Signs it in COSE.
    ///
    /// # Errors
    /// [`iotops_crypto::rules::UNAVAILABLE`] if the signer does not answer.
    pub fn sign_cose(&self, signer: &mut dyn Signer) -> Result<Vec<u8>, Error> {
        let unsigned = cose::Unsigned::new(signer.algorithm())?;
        let (payload, mut document) = (self.to_cbor()?, Vec::new());
        let payload = cose::Payload::Attached(&payload);
        unsigned.sign(signer, payload, &[], &mut Encoder::new(&mut document))?;
        Ok(document)
    }

    /// Puts a signature that was made elsewhere, over what `by` gave for [`Draft::to_cbor`], into
    /// COSE.
    ///
    /// # Errors
    /// [`iotops_crypto::rules::SIGNATURE_LENGTH`].
    pub fn finish_cose(&self, by: &cose::Unsigned<'_>, signature: &[u8]) -> Result<Vec<u8>, Error> {
        let (payload, mut document) = (self.to_cbor()?, Vec::new());
        let payload = cose::Payload::Attached(&payload);
        by.finish(payload, signature, &mut Encoder::new(&mut document))?;
        Ok(document)
    }

    /// Signs it in CMS, with the content type that RFC 8366 §5.4 asks for. `chain` are the
    /// certificates that it carries; `identifier` names that of the signer.
    ///
    /// # Errors
    /// [`iotops_crypto::rules::UNAVAILABLE`] if the signer does not answer.
    #[cfg(feature = "cms")]
    pub fn sign_cms(
        &self,
        signer: &mut dyn Signer,
        identifier: cms::SignerIdentifier<'_>,
        chain: &[&[u8]],
    ) -> Result<Vec<u8>, Error> {
        let payload = self.to_json()?;
        let content_type = crate::decode::VOUCHER_CONTENT;
        let unsigned = cms::Unsigned::new(signer.algorithm(), content_type, identifier)?;
        let unsigned = unsigned.with_certificates(chain);
        Ok(unsigned.sign(signer, cms::Content::Attached(&payload))?)
    }

    /// Signs it in JWS, in the general serialisation. `chain` are the certificates that it carries,
    /// that of the signer first.
    ///
    /// # Errors
    /// [`iotops_crypto::rules::UNAVAILABLE`] if the signer does not answer.
    #[cfg(feature = "jws")]
    pub fn sign_jws(&self, signer: &mut dyn Signer, chain: &[&[u8]]) -> Result<Vec<u8>, Error> {
        let payload = self.to_json()?;
        let unsigned = jws::Unsigned::new(signer.algorithm())?
            .with_message_type("voucher-jws+json")
            .with_certificates(chain);
        let signed = unsigned.sign(signer, &payload)?;
        Ok(jws::write_json(jws::Payload::Attached(&payload), &[signed])?.into_bytes())
    }
}
