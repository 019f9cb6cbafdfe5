//! Keys: bound to their algorithm, imported from every usual form, told apart by content.

#[allow(
    irrefutable_let_patterns,
    unreachable_code,
    unreachable_patterns,
    unused_variables,
    reason = "a build may have one key type, or none that signs"
)]
mod cose_key;
mod der;
#[cfg(any(feature = "es256", feature = "es384"))]
mod ecdsa;
#[cfg(feature = "ed25519")]
mod ed25519;
#[cfg(feature = "batch")]
mod ed25519_batch;
#[allow(
    irrefutable_let_patterns,
    unreachable_code,
    unreachable_patterns,
    unused_variables,
    reason = "a build may have one key type, or none that signs"
)]
#[cfg(feature = "alloc")]
mod export;
#[cfg(feature = "hmac")]
mod hmac;
#[cfg(feature = "hss-lms")]
mod hss_lms;
#[cfg(feature = "key-id")]
mod id;
mod import;
#[allow(
    irrefutable_let_patterns,
    unreachable_code,
    unreachable_patterns,
    unused_variables,
    reason = "a build may have one key type, or none that signs"
)]
mod imported;
#[allow(unreachable_code, unused_variables, reason = "a build may have no type of key")]
#[cfg(feature = "jws")]
mod jwk;
#[cfg(feature = "ml-dsa")]
mod ml_dsa;
#[cfg(feature = "rsa")]
mod rsa;
#[cfg(feature = "alloc")]
mod secret;
#[allow(
    irrefutable_let_patterns,
    unreachable_code,
    unreachable_patterns,
    unused_variables,
    reason = "a build may have one key type, or none that signs"
)]
mod signing;
#[allow(dead_code, unreachable_code, unused_variables, reason = "a build may have no type of key")]
#[cfg(feature = "jws")]
mod thumbprint;
#[allow(
    irrefutable_let_patterns,
    unreachable_code,
    unreachable_patterns,
    unused_variables,
    reason = "a build may have one key type, or none that signs"
)]
mod verifying;

#[cfg(all(feature = "anchors", any(feature = "es256", feature = "ed25519")))]
pub(crate) use cose_key::import as import_cose_key;
#[cfg(feature = "x509")]
pub(crate) use der::import_spki;
#[cfg(feature = "es256")]
pub use ecdsa::{Es256PublicKey, Es256SecretKey};
#[cfg(feature = "es384")]
pub use ecdsa::{Es384PublicKey, Es384SecretKey};
#[cfg(feature = "ed25519")]
pub(crate) use ed25519::SMALL_ORDER;
#[cfg(feature = "ed25519")]
pub use ed25519::{Ed25519PublicKey, Ed25519SecretKey};
#[cfg(feature = "batch")]
pub use ed25519_batch::{Ed25519Signed, ed25519_batch_seems_valid};
#[cfg(feature = "hmac")]
pub use hmac::HmacKey;
#[cfg(feature = "hss-lms")]
pub use hss_lms::HssLmsPublicKey;
#[cfg(feature = "key-id")]
pub use id::{KeyId, KeyIdKind, Spki};
pub use import::import;
pub use imported::Imported;
#[cfg(feature = "ml-dsa")]
pub use ml_dsa::{
    MlDsa44PublicKey, MlDsa44SecretKey, MlDsa65PublicKey, MlDsa65SecretKey, MlDsa87PublicKey,
    MlDsa87SecretKey,
};
#[cfg(feature = "rsa")]
pub use rsa::RsaPublicKey;
#[cfg(feature = "alloc")]
pub use secret::{SecretBytes, SecretText};
pub use signing::SecretKey;
pub use verifying::VerifyingKey;

use iotops_wire::Unavailable;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum KeyType {
    /// ECDSA on P-256.
    Es256,
    /// ECDSA on P-384.
    Es384,
    /// Ed25519.
    Ed25519,
    /// HMAC with SHA-256.
    Hmac,
    /// HMAC with SHA-384.
    Hmac384,
    /// HMAC with SHA-512.
    Hmac512,
    /// RSA; only to verify.
    Rsa,
    /// HSS/LMS; only to verify.
    HssLms,
    /// ML-DSA-44.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

impl KeyType {
    /// Whether it is one of those that RFC 9964 registers.
    #[must_use]
    pub const fn is_ml_dsa(self) -> bool {
        matches!(self, Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87)
    }
}

/// Puts what was made into the caller's buffer.
#[allow(dead_code, reason = "a build may have only keys that verify")]
fn put(made: &[u8], signature: &mut [u8]) -> Result<usize, Unavailable> {
    match signature.get_mut(..made.len()) {
        Some(space) => {
            space.copy_from_slice(made);
            Ok(made.len())
        }
        None => Err(Unavailable::new()),
    }
}
