//! The key that signs, whatever its type.

use iotops_wire::{Random, Unavailable};
use zeroize::Zeroizing;

#[cfg(feature = "ed25519")]
use super::Ed25519SecretKey;
#[cfg(feature = "es256")]
use super::Es256SecretKey;
#[cfg(feature = "es384")]
use super::Es384SecretKey;
#[cfg(feature = "hmac")]
use super::HmacKey;
use super::{KeyType, VerifyingKey};
#[cfg(all(feature = "ml-dsa", feature = "alloc"))]
use super::{MlDsa44SecretKey, MlDsa65SecretKey, MlDsa87SecretKey};
use crate::{Algorithm, Error, Signer, rules};

/// The longest secret: a key for HMAC with SHA-512.
const LONGEST_SECRET: usize = 64;

/// A key that signs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SecretKey {
    /// ECDSA on P-256.
    #[cfg(feature = "es256")]
    Es256(Es256SecretKey),
    /// ECDSA on P-384.
    #[cfg(feature = "es384")]
    Es384(Es384SecretKey),
    /// Ed25519.
    #[cfg(feature = "ed25519")]
    Ed25519(Ed25519SecretKey),
    /// HMAC.
    #[cfg(feature = "hmac")]
    Hmac(HmacKey),
    /// ML-DSA-44.
    #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
    MlDsa44(MlDsa44SecretKey),
    /// ML-DSA-65.
    #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
    MlDsa65(MlDsa65SecretKey),
    /// ML-DSA-87.
    #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
    MlDsa87(MlDsa87SecretKey),
}

impl SecretKey {
    /// A new key from random bytes: as many as its scalar, seed or MAC key has.
    ///
    /// # Errors
    /// [`rules::UNAVAILABLE`] if `random` does not answer, [`rules::KEY_TYPE`] if the type is not
    /// built in, [`rules::KEY_SCALAR`] in the one case of 2^32 that the bytes are no key: call
    /// again.
    pub fn generate(key_type: KeyType, random: &mut dyn Random) -> Result<Self, Error> {
        let mut space = Zeroizing::new([0; LONGEST_SECRET]);
        let length = match key_type {
            KeyType::Es384 | KeyType::Hmac384 => 48,
            KeyType::Hmac512 => LONGEST_SECRET,
            _ => 32,
        };
        let bytes = space.get_mut(..length).unwrap_or_default();
        if random.fill(bytes).is_err() {
            return Err(Error::new(rules::UNAVAILABLE, 0));
        }
        Self::from_raw(key_type, bytes)
    }

    /// The key of this type with these bytes: a scalar, a seed or a MAC key.
    ///
    /// # Errors
    /// [`rules::KEY_TYPE`] if the type is not built in, and those of the constructors.
    pub fn from_raw(key_type: KeyType, bytes: &[u8]) -> Result<Self, Error> {
        match key_type {
            #[cfg(feature = "es256")]
            KeyType::Es256 => Ok(Self::Es256(Es256SecretKey::from_scalar(bytes)?)),
            #[cfg(feature = "es384")]
            KeyType::Es384 => Ok(Self::Es384(Es384SecretKey::from_scalar(bytes)?)),
            #[cfg(feature = "ed25519")]
            KeyType::Ed25519 => Ok(Self::Ed25519(Ed25519SecretKey::from_seed(bytes)?)),
            #[cfg(feature = "hmac")]
            KeyType::Hmac => Ok(Self::Hmac(HmacKey::new(Algorithm::Hmac256, bytes)?)),
            #[cfg(feature = "hmac")]
            KeyType::Hmac384 => Ok(Self::Hmac(HmacKey::new(Algorithm::Hmac384, bytes)?)),
            #[cfg(feature = "hmac")]
            KeyType::Hmac512 => Ok(Self::Hmac(HmacKey::new(Algorithm::Hmac512, bytes)?)),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            KeyType::MlDsa44 => Ok(Self::MlDsa44(MlDsa44SecretKey::from_seed(bytes)?)),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            KeyType::MlDsa65 => Ok(Self::MlDsa65(MlDsa65SecretKey::from_seed(bytes)?)),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            KeyType::MlDsa87 => Ok(Self::MlDsa87(MlDsa87SecretKey::from_seed(bytes)?)),
            _ => Err(Error::new(rules::KEY_TYPE, 0)),
        }
    }

    /// The key that verifies what it signs.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        match *self {
            #[cfg(feature = "es256")]
            Self::Es256(ref key) => VerifyingKey::Es256(key.public_key()),
            #[cfg(feature = "es384")]
            Self::Es384(ref key) => VerifyingKey::Es384(key.public_key()),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(ref key) => VerifyingKey::Ed25519(key.public_key()),
            #[cfg(feature = "hmac")]
            Self::Hmac(ref key) => VerifyingKey::Hmac(key.clone()),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa44(ref key) => VerifyingKey::MlDsa44(key.public_key().into()),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa65(ref key) => VerifyingKey::MlDsa65(key.public_key().into()),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa87(ref key) => VerifyingKey::MlDsa87(key.public_key().into()),
        }
    }

    /// Whether it belongs to the public key that stands beside it (RFC 5958 §2).
    pub(super) fn check_pair(&self, public: &VerifyingKey) -> Result<(), Error> {
        if self.verifying_key().is_same(public) {
            Ok(())
        } else {
            Err(Error::new(rules::KEY_PAIR, 0))
        }
    }
}

/// The same expression for the key of every type. A build may have none: hence `*self`.
macro_rules! each {
    ($self:ident, [$($key:tt)+] => $result:expr) => {
        match *$self {
            #[cfg(feature = "es256")]
            Self::Es256($($key)+) => $result,
            #[cfg(feature = "es384")]
            Self::Es384($($key)+) => $result,
            #[cfg(feature = "ed25519")]
            Self::Ed25519($($key)+) => $result,
            #[cfg(feature = "hmac")]
            Self::Hmac($($key)+) => $result,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa44($($key)+) => $result,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa65($($key)+) => $result,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa87($($key)+) => $result,
        }
    };
}

impl Signer for SecretKey {
    fn algorithm(&self) -> Algorithm {
        each!(self, [ref key] => Signer::algorithm(key))
    }

    fn sign(&mut self, message: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable> {
        each!(self, [ref mut key] => key.sign(message, signature))
    }
}
