//! The key that verifies, whatever its type.

#[cfg(feature = "ed25519")]
use super::Ed25519PublicKey;
#[cfg(feature = "es256")]
use super::Es256PublicKey;
#[cfg(feature = "es384")]
use super::Es384PublicKey;
#[cfg(feature = "hmac")]
use super::HmacKey;
#[cfg(feature = "hss-lms")]
use super::HssLmsPublicKey;
use super::KeyType;
#[cfg(feature = "rsa")]
use super::RsaPublicKey;
#[cfg(all(feature = "ml-dsa", feature = "alloc"))]
use super::{MlDsa44PublicKey, MlDsa65PublicKey, MlDsa87PublicKey};
use crate::{Algorithm, Error, Refused, Verifier, rules};

/// A key that verifies.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum VerifyingKey {
    /// ECDSA on P-256.
    #[cfg(feature = "es256")]
    Es256(Es256PublicKey),
    /// ECDSA on P-384.
    #[cfg(feature = "es384")]
    Es384(Es384PublicKey),
    /// Ed25519.
    #[cfg(feature = "ed25519")]
    Ed25519(Ed25519PublicKey),
    /// HMAC: a secret, although it verifies.
    #[cfg(feature = "hmac")]
    Hmac(HmacKey),
    /// HSS/LMS.
    #[cfg(feature = "hss-lms")]
    HssLms(HssLmsPublicKey),
    /// ML-DSA-44; boxed, as it is much longer than the others.
    #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
    MlDsa44(alloc::boxed::Box<MlDsa44PublicKey>),
    /// ML-DSA-65; boxed, as it is much longer than the others.
    #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
    MlDsa65(alloc::boxed::Box<MlDsa65PublicKey>),
    /// ML-DSA-87; boxed, as it is much longer than the others.
    #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
    MlDsa87(alloc::boxed::Box<MlDsa87PublicKey>),
    /// RSA.
    #[cfg(feature = "rsa")]
    Rsa(RsaPublicKey),
}

/// The same expression for the key of every type. A build may have none: hence `*self`.
macro_rules! each {
    ($self:ident, $key:ident => $result:expr) => {
        match *$self {
            #[cfg(feature = "es256")]
            Self::Es256(ref $key) => $result,
            #[cfg(feature = "es384")]
            Self::Es384(ref $key) => $result,
            #[cfg(feature = "ed25519")]
            Self::Ed25519(ref $key) => $result,
            #[cfg(feature = "hmac")]
            Self::Hmac(ref $key) => $result,
            #[cfg(feature = "hss-lms")]
            Self::HssLms(ref $key) => $result,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa44(ref $key) => $result,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa65(ref $key) => $result,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa87(ref $key) => $result,
            #[cfg(feature = "rsa")]
            Self::Rsa(ref $key) => $result,
        }
    };
}

impl Verifier for VerifyingKey {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        each!(self, key => key.accepts(algorithm))
    }

    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        each!(self, key => key.verify(message, signature))
    }
}

impl VerifyingKey {
    /// The key of this type with these bytes: a point, an Ed25519, HSS/LMS or ML-DSA key, an
    /// `RSAPublicKey` in DER, or a MAC key.
    ///
    /// # Errors
    /// [`rules::KEY_TYPE`] if the type is not built in, and those of the constructors.
    pub fn from_raw(key_type: KeyType, bytes: &[u8]) -> Result<Self, Error> {
        match key_type {
            #[cfg(feature = "es256")]
            KeyType::Es256 => Ok(Self::Es256(Es256PublicKey::from_sec1(bytes)?)),
            #[cfg(feature = "es384")]
            KeyType::Es384 => Ok(Self::Es384(Es384PublicKey::from_sec1(bytes)?)),
            #[cfg(feature = "ed25519")]
            KeyType::Ed25519 => Ok(Self::Ed25519(Ed25519PublicKey::from_bytes(bytes)?)),
            #[cfg(feature = "hmac")]
            KeyType::Hmac => Ok(Self::Hmac(HmacKey::new(Algorithm::Hmac256, bytes)?)),
            #[cfg(feature = "hmac")]
            KeyType::Hmac384 => Ok(Self::Hmac(HmacKey::new(Algorithm::Hmac384, bytes)?)),
            #[cfg(feature = "hmac")]
            KeyType::Hmac512 => Ok(Self::Hmac(HmacKey::new(Algorithm::Hmac512, bytes)?)),
            #[cfg(feature = "hss-lms")]
            KeyType::HssLms => Ok(Self::HssLms(HssLmsPublicKey::from_bytes(bytes)?)),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            KeyType::MlDsa44 => Ok(Self::MlDsa44(MlDsa44PublicKey::from_bytes(bytes)?.into())),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            KeyType::MlDsa65 => Ok(Self::MlDsa65(MlDsa65PublicKey::from_bytes(bytes)?.into())),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            KeyType::MlDsa87 => Ok(Self::MlDsa87(MlDsa87PublicKey::from_bytes(bytes)?.into())),
            #[cfg(feature = "rsa")]
            KeyType::Rsa => Ok(Self::Rsa(RsaPublicKey::from_der(bytes)?)),
            _ => Err(Error::new(rules::KEY_TYPE, 0)),
        }
    }

    /// The same key for this algorithm and no other.
    ///
    /// # Errors
    /// [`rules::KEY_ALGORITHM`] if `algorithm` does not fit the key.
    pub(super) fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, Error> {
        match self {
            #[cfg(feature = "rsa")]
            Self::Rsa(key) => Ok(Self::Rsa(key.with_algorithm(algorithm)?)),
            key if key.accepts(algorithm) => Ok(key),
            _ => Err(Error::new(rules::KEY_ALGORITHM, 0)),
        }
    }

    /// The algorithm that it verifies, a fully specified one where there is a choice; `None` for an
    /// RSA key that is bound to none.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        match *self {
            #[cfg(feature = "es256")]
            Self::Es256(_) => Some(Algorithm::Esp256),
            #[cfg(feature = "es384")]
            Self::Es384(_) => Some(Algorithm::Esp384),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(_) => Some(Algorithm::Ed25519),
            #[cfg(feature = "hmac")]
            Self::Hmac(ref key) => Some(key.algorithm()),
            #[cfg(feature = "hss-lms")]
            Self::HssLms(_) => Some(Algorithm::HssLms),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa44(_) => Some(Algorithm::MlDsa44),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa65(_) => Some(Algorithm::MlDsa65),
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa87(_) => Some(Algorithm::MlDsa87),
            #[cfg(feature = "rsa")]
            Self::Rsa(ref key) => key.algorithm(),
        }
    }

    /// Whether both are the same public key.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            #[cfg(feature = "es256")]
            (Self::Es256(own), Self::Es256(other)) => own == other,
            #[cfg(feature = "es384")]
            (Self::Es384(own), Self::Es384(other)) => own == other,
            #[cfg(feature = "ed25519")]
            (Self::Ed25519(own), Self::Ed25519(other)) => own == other,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            (Self::MlDsa44(own), Self::MlDsa44(other)) => own == other,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            (Self::MlDsa65(own), Self::MlDsa65(other)) => own == other,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            (Self::MlDsa87(own), Self::MlDsa87(other)) => own == other,
            _ => false,
        }
    }

    /// What it is for.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match *self {
            #[cfg(feature = "es256")]
            Self::Es256(_) => KeyType::Es256,
            #[cfg(feature = "es384")]
            Self::Es384(_) => KeyType::Es384,
            #[cfg(feature = "ed25519")]
            Self::Ed25519(_) => KeyType::Ed25519,
            #[cfg(feature = "hmac")]
            Self::Hmac(ref key) => match key.algorithm() {
                Algorithm::Hmac384 => KeyType::Hmac384,
                Algorithm::Hmac512 => KeyType::Hmac512,
                _ => KeyType::Hmac,
            },
            #[cfg(feature = "hss-lms")]
            Self::HssLms(_) => KeyType::HssLms,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa44(_) => KeyType::MlDsa44,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa65(_) => KeyType::MlDsa65,
            #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
            Self::MlDsa87(_) => KeyType::MlDsa87,
            #[cfg(feature = "rsa")]
            Self::Rsa(_) => KeyType::Rsa,
        }
    }
}
