//! Keys that compute with `aws-lc-rs`, for servers: ECDSA takes about a quarter of the time.
//!
//! ECDSA, RSA and ML-DSA signatures, AES key wrap, and content in memory with AES-GCM,
//! ChaCha20/Poly1305 and AES-CTR. With the built-in code stay Ed25519 and MACs, where it is as fast,
//! and strict; AEADs in parts and AES-CCM, which this library does not have; and AES-CBC, whose
//! padding is checked in constant time here.

#[cfg(feature = "encrypt")]
mod content;

use alloc::vec::Vec;

use aws_lc_rs::digest::{self, Context};
#[cfg(feature = "encrypt")]
use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap as _};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, ParsedPublicKey,
    VerificationAlgorithm,
};
#[cfg(feature = "ml-dsa")]
use aws_lc_rs::signature::{
    ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87, ML_DSA_87_SIGNING,
    PqdsaKeyPair, PqdsaSigningAlgorithm,
};
#[cfg(feature = "rsa")]
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
};
use iotops_wire::Unavailable;

#[cfg(feature = "encrypt")]
use crate::cipher::{Key, Unwrapper, Wrapper};
use crate::key::{SecretKey, VerifyingKey};
use crate::{Algorithm, Error, Refused, Signer, Verifier, rules};
#[cfg(feature = "encrypt")]
pub use content::content_key;
#[cfg(feature = "encrypt")]
pub(crate) use content::{counter, open, seal};

/// A public key.
#[derive(Clone, Debug)]
pub struct PublicKey {
    key: VerifyingKey,
    /// The same key where this backend computes, and the digest that is signed, if one is.
    parsed: Option<(ParsedPublicKey, Option<&'static digest::Algorithm>)>,
}

type Way = (&'static dyn VerificationAlgorithm, Option<&'static digest::Algorithm>);

impl PublicKey {
    /// The same key, computing here if this backend has its algorithm, else as before.
    ///
    /// # Errors
    /// [`rules::KEY_POINT`] if the library refuses the key.
    pub fn new(key: VerifyingKey) -> Result<Self, Error> {
        let parsed = match way(&key) {
            None => None,
            Some((algorithm, digest)) => match ParsedPublicKey::new(algorithm, encoded(&key)) {
                Ok(parsed) => Some((parsed, digest)),
                Err(_) => return Err(Error::new(rules::KEY_POINT, 0)),
            },
        };
        Ok(Self { key, parsed })
    }
}

fn way(key: &VerifyingKey) -> Option<Way> {
    match key {
        VerifyingKey::Es256(_) => Some((&ECDSA_P256_SHA256_FIXED, Some(&digest::SHA256))),
        VerifyingKey::Es384(_) => Some((&ECDSA_P384_SHA384_FIXED, Some(&digest::SHA384))),
        #[cfg(feature = "ml-dsa")]
        VerifyingKey::MlDsa44(_) => Some((&ML_DSA_44, None)),
        #[cfg(feature = "ml-dsa")]
        VerifyingKey::MlDsa65(_) => Some((&ML_DSA_65, None)),
        #[cfg(feature = "ml-dsa")]
        VerifyingKey::MlDsa87(_) => Some((&ML_DSA_87, None)),
        #[cfg(feature = "rsa")]
        VerifyingKey::Rsa(key) => rsa(key.algorithm()?),
        #[allow(unreachable_patterns, reason = "reached by a build with several key types")]
        _ => None,
    }
}

#[cfg(feature = "rsa")]
fn rsa(algorithm: Algorithm) -> Option<Way> {
    Some(match algorithm {
        Algorithm::Rs256 => (&RSA_PKCS1_2048_8192_SHA256, Some(&digest::SHA256)),
        Algorithm::Rs384 => (&RSA_PKCS1_2048_8192_SHA384, Some(&digest::SHA384)),
        Algorithm::Rs512 => (&RSA_PKCS1_2048_8192_SHA512, Some(&digest::SHA512)),
        Algorithm::Ps256 => (&RSA_PSS_2048_8192_SHA256, Some(&digest::SHA256)),
        Algorithm::Ps384 => (&RSA_PSS_2048_8192_SHA384, Some(&digest::SHA384)),
        Algorithm::Ps512 => (&RSA_PSS_2048_8192_SHA512, Some(&digest::SHA512)),
        _ => return None,
    })
}

/// A key as the library reads it.
fn encoded(key: &VerifyingKey) -> Vec<u8> {
    match key {
        #[cfg(feature = "rsa")]
        VerifyingKey::Rsa(key) => key.to_der(),
        key => key.to_raw().as_bytes().to_vec(),
    }
}

impl Verifier for PublicKey {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        self.key.accepts(algorithm)
    }

    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        let verified = match &self.parsed {
            None => return self.key.verify(message, signature),
            Some((parsed, Some(digest))) => {
                parsed.verify_digest_sig(&hash(digest, message), signature)
            }
            Some((parsed, None)) => parsed.verify_sig(&message.concat(), signature),
        };
        verified.map_err(|_| Refused::Invalid)
    }
}

fn hash(algorithm: &'static digest::Algorithm, message: &[&[u8]]) -> digest::Digest {
    let mut context = Context::new(algorithm);
    message.iter().for_each(|part| context.update(part));
    context.finish()
}

/// A private key. What this backend does not have signs as before.
#[derive(Debug)]
pub struct PrivateKey {
    key: SecretKey,
    pair: Option<Pair>,
}

#[derive(Debug)]
enum Pair {
    Ecdsa(EcdsaKeyPair, &'static digest::Algorithm),
    #[cfg(feature = "ml-dsa")]
    MlDsa(PqdsaKeyPair),
}

impl PrivateKey {
    /// The same key, computing here if this backend has its algorithm.
    ///
    /// ECDSA and ML-DSA then take random bytes from the source of the library: signatures of the
    /// same message differ.
    ///
    /// # Errors
    /// [`rules::KEY_SCALAR`] if the library refuses the key.
    pub fn new(key: SecretKey) -> Result<Self, Error> {
        let pair = match &key {
            SecretKey::Es256(_) => {
                Some(ecdsa(&key, &ECDSA_P256_SHA256_FIXED_SIGNING, &digest::SHA256)?)
            }
            SecretKey::Es384(_) => {
                Some(ecdsa(&key, &ECDSA_P384_SHA384_FIXED_SIGNING, &digest::SHA384)?)
            }
            #[cfg(feature = "ml-dsa")]
            SecretKey::MlDsa44(_) => Some(ml_dsa(&key, &ML_DSA_44_SIGNING)?),
            #[cfg(feature = "ml-dsa")]
            SecretKey::MlDsa65(_) => Some(ml_dsa(&key, &ML_DSA_65_SIGNING)?),
            #[cfg(feature = "ml-dsa")]
            SecretKey::MlDsa87(_) => Some(ml_dsa(&key, &ML_DSA_87_SIGNING)?),
            #[allow(unreachable_patterns, reason = "reached by a build with several key types")]
            _ => None,
        };
        Ok(Self { key, pair })
    }
}

fn ecdsa(
    key: &SecretKey,
    algorithm: &'static EcdsaSigningAlgorithm,
    digest: &'static digest::Algorithm,
) -> Result<Pair, Error> {
    let (private, public) = (key.to_raw(), key.verifying_key().to_raw());
    let pair = EcdsaKeyPair::from_private_key_and_public_key(
        algorithm,
        private.as_bytes(),
        public.as_bytes(),
    );
    pair.map(|pair| Pair::Ecdsa(pair, digest)).map_err(|_| Error::new(rules::KEY_SCALAR, 0))
}

#[cfg(feature = "ml-dsa")]
fn ml_dsa(key: &SecretKey, algorithm: &'static PqdsaSigningAlgorithm) -> Result<Pair, Error> {
    let pair = PqdsaKeyPair::from_seed(algorithm, key.to_raw().as_bytes());
    pair.map(Pair::MlDsa).map_err(|_| Error::new(rules::KEY_SCALAR, 0))
}

impl Signer for PrivateKey {
    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    fn sign(&mut self, message: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable> {
        match &self.pair {
            None => self.key.sign(message, signature),
            Some(Pair::Ecdsa(pair, digest)) => {
                let made = pair.sign_digest(&hash(digest, message));
                let made = made.map_err(|_| Unavailable::new())?;
                let space = signature.get_mut(..made.as_ref().len()).ok_or(Unavailable::new())?;
                space.copy_from_slice(made.as_ref());
                Ok(made.as_ref().len())
            }
            #[cfg(feature = "ml-dsa")]
            Some(Pair::MlDsa(pair)) => {
                pair.sign(&message.concat(), signature).map_err(|_| Unavailable::new())
            }
        }
    }
}

/// A key that wraps keys with AES (RFC 3394), of 128 or 256 bits; one of 192 bits computes as before.
#[cfg(feature = "encrypt")]
#[derive(Clone, Debug)]
pub struct WrappingKey(Key);

#[cfg(feature = "encrypt")]
impl WrappingKey {
    /// The same key, computing here.
    #[must_use]
    pub const fn new(key: Key) -> Self {
        Self(key)
    }

    fn kek(&self) -> Option<AesKek> {
        let cipher = match self.0.algorithm() {
            Algorithm::A128Kw => &AES_128,
            Algorithm::A256Kw => &AES_256,
            _ => return None,
        };
        AesKek::new(cipher, self.0.as_bytes()).ok()
    }
}

#[cfg(feature = "encrypt")]
impl Unwrapper for WrappingKey {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        Unwrapper::accepts(&self.0, algorithm)
    }

    fn unwrap_key(&self, wrapped: &[u8], key: &mut [u8]) -> Result<usize, Refused> {
        let Some(kek) = self.kek() else {
            return self.0.unwrap_key(wrapped, key);
        };
        // The library wants space for a block more than the key needs.
        let mut space = zeroize::Zeroizing::new([0; crate::cipher::LONGEST_WRAPPED]);
        let unwrapped = kek.unwrap(wrapped, space.as_mut_slice()).map_err(|_| Refused::Invalid)?;
        let to = key.get_mut(..unwrapped.len()).ok_or(Refused::Invalid)?;
        to.copy_from_slice(unwrapped);
        Ok(unwrapped.len())
    }
}

#[cfg(feature = "encrypt")]
impl Wrapper for WrappingKey {
    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    fn wrap_key(&mut self, key: &[u8], wrapped: &mut [u8]) -> Result<usize, Unavailable> {
        match self.kek() {
            Some(kek) => {
                kek.wrap(key, wrapped).map(|made| made.len()).map_err(|_| Unavailable::new())
            }
            None => self.0.wrap_key(key, wrapped),
        }
    }
}
