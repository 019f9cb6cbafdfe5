//! CMS `SignedData` (RFC 5652): strict DER, read and verified without a heap.
//!
//! ```
//! use iotops_crypto::{Error, Verifier, cms::SignedData};
//!
//! fn content<'a>(message: &'a [u8], trusted: &dyn Verifier) -> Result<&'a [u8], Error> {
//!     let signed = SignedData::decode(message)?;
//!     let signer = signed.signer()?;
//!     Ok(signed.verify(&signer, &[trusted])?.content())
//! }
//! ```
//!
//! Signed attributes must be present. Without them a signature over attributes could be shown as
//! one over content (draft-ietf-lamps-cms-euf-cma-signeddata); who must read such messages all the
//! same says so with [`SignedData::verify_bare`].
//!
//! Input that is not DER but BER is refused; [`ber::to_der`](crate::der::ber::to_der) rewrites it
//! and tells what it tolerated.

mod algorithm;
mod attributes;
mod signed_data;
mod signer;
mod verify;
#[cfg(feature = "alloc")]
mod write;

pub use attributes::Attributes;
pub use signed_data::{SIGNERS, SignedData};
pub use signer::{Signer, SignerIdentifier};
pub use verify::Verified;
#[cfg(feature = "alloc")]
pub use write::{Content, Unsigned};

use crate::der::Oid;

/// `id-data`.
pub const DATA: Oid<'static> = Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01]);
/// `id-signedData`.
const SIGNED_DATA: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]);
/// The attribute `id-contentType`.
const CONTENT_TYPE: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03]);
/// The attribute `id-messageDigest`.
const MESSAGE_DIGEST: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04]);
/// The attribute `id-signingTime`.
const SIGNING_TIME: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05]);
/// The attribute `id-aa-CMSAlgorithmProtection` (RFC 6211).
const ALGORITHM_PROTECTION: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x34]);
