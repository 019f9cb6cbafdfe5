//! Keys: bound to their algorithm, imported from every usual form, told apart by content.

mod cose_key;
mod der;
#[cfg(feature = "ed25519")]
mod ed25519;
#[cfg(feature = "es256")]
mod es256;
#[cfg(feature = "alloc")]
mod export;
#[cfg(feature = "hmac")]
mod hmac;
mod import;
#[cfg(feature = "alloc")]
mod secret;

#[cfg(feature = "ed25519")]
pub(crate) use ed25519::SMALL_ORDER;
#[cfg(feature = "ed25519")]
pub use ed25519::{Ed25519PublicKey, Ed25519SecretKey};
#[cfg(feature = "es256")]
pub use es256::{Es256PublicKey, Es256SecretKey};
#[cfg(feature = "hmac")]
pub use hmac::HmacKey;
pub use import::import;
#[cfg(feature = "alloc")]
pub use secret::{SecretBytes, SecretText};

use iotops_wire::{Random, Unavailable};
use zeroize::Zeroizing;

use crate::{Algorithm, Error, Refused, Signer, Verifier, rules};

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum KeyType {
    /// ECDSA on P-256.
    Es256,
    /// Ed25519.
    Ed25519,
    /// HMAC with SHA-256.
    Hmac,
}

/// A key that verifies.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum VerifyingKey {
    /// ECDSA on P-256.
    #[cfg(feature = "es256")]
    Es256(Es256PublicKey),
    /// Ed25519.
    #[cfg(feature = "ed25519")]
    Ed25519(Ed25519PublicKey),
    /// HMAC with SHA-256: a secret, although it verifies.
    #[cfg(feature = "hmac")]
    Hmac(HmacKey),
}

impl Verifier for VerifyingKey {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        match self {
            #[cfg(feature = "es256")]
            Self::Es256(key) => key.accepts(algorithm),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(key) => key.accepts(algorithm),
            #[cfg(feature = "hmac")]
            Self::Hmac(key) => key.accepts(algorithm),
        }
    }

    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        match self {
            #[cfg(feature = "es256")]
            Self::Es256(key) => key.verify(message, signature),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(key) => key.verify(message, signature),
            #[cfg(feature = "hmac")]
            Self::Hmac(key) => key.verify(message, signature),
        }
    }
}

impl VerifyingKey {
    /// What it is for.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match self {
            #[cfg(feature = "es256")]
            Self::Es256(_) => KeyType::Es256,
            #[cfg(feature = "ed25519")]
            Self::Ed25519(_) => KeyType::Ed25519,
            #[cfg(feature = "hmac")]
            Self::Hmac(_) => KeyType::Hmac,
        }
    }
}

/// A key that signs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SecretKey {
    /// ECDSA on P-256.
    #[cfg(feature = "es256")]
    Es256(Es256SecretKey),
    /// Ed25519.
    #[cfg(feature = "ed25519")]
    Ed25519(Ed25519SecretKey),
    /// HMAC with SHA-256.
    #[cfg(feature = "hmac")]
    Hmac(HmacKey),
}

impl SecretKey {
    /// A new key from 32 random bytes.
    ///
    /// # Errors
    /// [`rules::UNAVAILABLE`] if `random` does not answer, [`rules::KEY_TYPE`] if the type is not
    /// built in, [`rules::KEY_SCALAR`] in the one case of 2^32 that the bytes are no key: call
    /// again.
    pub fn generate(key_type: KeyType, random: &mut dyn Random) -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; 32]);
        if random.fill(bytes.as_mut_slice()).is_err() {
            return Err(Error::new(rules::UNAVAILABLE, 0));
        }
        Self::from_raw(key_type, bytes.as_slice())
    }

    /// The key of this type with these bytes: a scalar, a seed or a MAC key.
    ///
    /// # Errors
    /// [`rules::KEY_TYPE`] if the type is not built in, and those of the constructors.
    pub fn from_raw(key_type: KeyType, bytes: &[u8]) -> Result<Self, Error> {
        match key_type {
            #[cfg(feature = "es256")]
            KeyType::Es256 => Ok(Self::Es256(Es256SecretKey::from_scalar(bytes)?)),
            #[cfg(feature = "ed25519")]
            KeyType::Ed25519 => Ok(Self::Ed25519(Ed25519SecretKey::from_seed(bytes)?)),
            #[cfg(feature = "hmac")]
            KeyType::Hmac => Ok(Self::Hmac(HmacKey::from_bytes(bytes)?)),
            #[allow(unreachable_patterns, reason = "reached by a build without some key type")]
            _ => Err(Error::new(rules::KEY_TYPE, 0)),
        }
    }

    /// The key that verifies what it signs.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        match self {
            #[cfg(feature = "es256")]
            Self::Es256(key) => VerifyingKey::Es256(key.public_key()),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(key) => VerifyingKey::Ed25519(key.public_key()),
            #[cfg(feature = "hmac")]
            Self::Hmac(key) => VerifyingKey::Hmac(key.clone()),
        }
    }
}

impl Signer for SecretKey {
    fn algorithm(&self) -> Algorithm {
        match self {
            #[cfg(feature = "es256")]
            Self::Es256(key) => key.algorithm(),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(key) => key.algorithm(),
            #[cfg(feature = "hmac")]
            Self::Hmac(key) => Signer::algorithm(key),
        }
    }

    fn sign(&mut self, message: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable> {
        match self {
            #[cfg(feature = "es256")]
            Self::Es256(key) => key.sign(message, signature),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(key) => key.sign(message, signature),
            #[cfg(feature = "hmac")]
            Self::Hmac(key) => key.sign(message, signature),
        }
    }
}

/// A key as it was imported: with or without its secret part.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Imported {
    /// It can only verify.
    Verifying(VerifyingKey),
    /// It can sign, and verify.
    Secret(SecretKey),
}

impl Imported {
    /// The key that verifies; of a private key, its public part.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        match self {
            Self::Verifying(key) => key.clone(),
            Self::Secret(key) => key.verifying_key(),
        }
    }

    /// The key that signs.
    ///
    /// # Errors
    /// [`rules::KEY_SECRET`] if it is a public key.
    pub fn secret_key(self) -> Result<SecretKey, Error> {
        match self {
            Self::Verifying(_) => Err(Error::new(rules::KEY_SECRET, 0)),
            Self::Secret(key) => Ok(key),
        }
    }
}

/// Puts what was made into the caller's buffer.
#[cfg(any(feature = "es256", feature = "ed25519", feature = "hmac"))]
fn put(made: &[u8], signature: &mut [u8]) -> Result<usize, Unavailable> {
    match signature.get_mut(..made.len()) {
        Some(space) => {
            space.copy_from_slice(made);
            Ok(made.len())
        }
        None => Err(Unavailable::new()),
    }
}

#[cfg(feature = "es256")]
fn es256_public(sec1: &[u8]) -> Result<VerifyingKey, Error> {
    Ok(VerifyingKey::Es256(Es256PublicKey::from_sec1(sec1)?))
}

#[cfg(not(feature = "es256"))]
fn es256_public(_sec1: &[u8]) -> Result<VerifyingKey, Error> {
    Err(Error::new(rules::KEY_TYPE, 0))
}

#[cfg(feature = "ed25519")]
fn ed25519_public(bytes: &[u8]) -> Result<VerifyingKey, Error> {
    Ok(VerifyingKey::Ed25519(Ed25519PublicKey::from_bytes(bytes)?))
}

#[cfg(not(feature = "ed25519"))]
fn ed25519_public(_bytes: &[u8]) -> Result<VerifyingKey, Error> {
    Err(Error::new(rules::KEY_TYPE, 0))
}

/// Whether a private key belongs to the public key that stands beside it (RFC 5958 §2).
fn check_pair(secret: &SecretKey, public: &VerifyingKey) -> Result<(), Error> {
    let own = secret.verifying_key();
    let is_pair = match (&own, public) {
        #[cfg(feature = "es256")]
        (VerifyingKey::Es256(own), VerifyingKey::Es256(public)) => own == public,
        #[cfg(feature = "ed25519")]
        (VerifyingKey::Ed25519(own), VerifyingKey::Ed25519(public)) => own == public,
        #[allow(unreachable_patterns, reason = "reached by a build with several key types")]
        _ => false,
    };
    if is_pair { Ok(()) } else { Err(Error::new(rules::KEY_PAIR, 0)) }
}
