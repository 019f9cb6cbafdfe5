//! From a document that was built to one that is signed, in one step or in two.

mod cose;
#[cfg(feature = "jws")]
mod jws;

pub use cose::CoseHeaders;

use alloc::vec::Vec;

#[cfg(feature = "cms")]
use iotops_crypto::Algorithm;
use iotops_crypto::Signer;
#[cfg(feature = "cms")]
use iotops_crypto::cms;

use crate::Error;
use crate::encode::{Leaves, cbor, json};

/// A voucher or request that is not signed yet.
///
/// The bytes to be signed follow from it alone, so it may wait while a signing service is asked:
/// [`Draft::cose_to_be_signed`] and [`Draft::finish_cose_with`] are the two steps of COSE; those of
/// CMS and JWS are in [`iotops_crypto`], over [`Draft::to_json`].
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

    /// Signs it in COSE, with no header but the algorithm.
    ///
    /// # Errors
    /// [`iotops_crypto::rules::UNAVAILABLE`] if the signer does not answer.
    pub fn sign_cose(&self, signer: &mut dyn Signer) -> Result<Vec<u8>, Error> {
        self.sign_cose_with(signer, &CoseHeaders::new())
    }

    /// What CMS needs to know before it is signed, for a signing service: its `to_be_signed` and
    /// `finish` over [`Draft::to_json`] are the two steps.
    ///
    /// # Errors
    /// The rules of algorithms of [`iotops_crypto::rules`].
    #[cfg(feature = "cms")]
    pub fn unsigned_cms<'k>(
        algorithm: Algorithm,
        identifier: cms::SignerIdentifier<'k>,
        chain: &[&'k [u8]],
    ) -> Result<cms::Unsigned<'k>, Error> {
        let content_type = crate::decode::VOUCHER_CONTENT;
        let unsigned = cms::Unsigned::new(algorithm, content_type, identifier)?;
        Ok(unsigned.with_certificates(chain))
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
        let unsigned = Self::unsigned_cms(signer.algorithm(), identifier, chain)?;
        Ok(unsigned.sign(signer, cms::Content::Attached(&payload))?)
    }
}
