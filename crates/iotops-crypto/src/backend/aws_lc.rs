//! Keys that compute with `aws-lc-rs`, for servers: ECDSA takes about a quarter of the time.
//!
//! Ed25519 and MACs stay with the built-in code, which is as fast there, and strict.

use aws_lc_rs::digest::{self, Context};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED,
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, ParsedPublicKey,
    VerificationAlgorithm,
};
use iotops_wire::Unavailable;

use crate::key::{SecretKey, VerifyingKey};
use crate::{Algorithm, Error, Refused, Signer, Verifier, rules};

/// A public key.
#[derive(Clone, Debug)]
pub struct PublicKey {
    key: VerifyingKey,
    /// The same key where this backend computes.
    parsed: Option<(ParsedPublicKey, &'static digest::Algorithm)>,
}

impl PublicKey {
    /// The same key, computing here if this backend has its algorithm, else as before.
    ///
    /// # Errors
    /// [`rules::KEY_POINT`] if the library refuses the key.
    pub fn new(key: VerifyingKey) -> Result<Self, Error> {
        let found: Option<(&'static dyn VerificationAlgorithm, _)> = match &key {
            VerifyingKey::Es256(_) => Some((&ECDSA_P256_SHA256_FIXED, &digest::SHA256)),
            VerifyingKey::Es384(_) => Some((&ECDSA_P384_SHA384_FIXED, &digest::SHA384)),
            #[allow(unreachable_patterns, reason = "reached by a build with several key types")]
            _ => None,
        };
        let parsed = match found {
            None => None,
            Some((algorithm, digest)) => {
                match ParsedPublicKey::new(algorithm, key.to_raw().as_bytes()) {
                    Ok(parsed) => Some((parsed, digest)),
                    Err(_) => return Err(Error::new(rules::KEY_POINT, 0)),
                }
            }
        };
        Ok(Self { key, parsed })
    }
}

impl Verifier for PublicKey {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        self.key.accepts(algorithm)
    }

    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        let Some((parsed, digest)) = &self.parsed else {
            return self.key.verify(message, signature);
        };
        let digest = hash(digest, message);
        parsed.verify_digest_sig(&digest, signature).map_err(|_| Refused::Invalid)
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
    pair: Option<(EcdsaKeyPair, &'static digest::Algorithm)>,
}

impl PrivateKey {
    /// The same key, computing here if this backend has its algorithm.
    ///
    /// ECDSA then takes its nonces from the random source of the library: signatures of the same
    /// message differ.
    ///
    /// # Errors
    /// [`rules::KEY_SCALAR`] if the library refuses the key.
    pub fn new(key: SecretKey) -> Result<Self, Error> {
        let found: Option<(&'static EcdsaSigningAlgorithm, _)> = match &key {
            SecretKey::Es256(_) => Some((&ECDSA_P256_SHA256_FIXED_SIGNING, &digest::SHA256)),
            SecretKey::Es384(_) => Some((&ECDSA_P384_SHA384_FIXED_SIGNING, &digest::SHA384)),
            #[allow(unreachable_patterns, reason = "reached by a build with several key types")]
            _ => None,
        };
        let pair = match found {
            None => None,
            Some((algorithm, digest)) => {
                let (private, public) = (key.to_raw(), key.verifying_key().to_raw());
                let pair = EcdsaKeyPair::from_private_key_and_public_key(
                    algorithm,
                    private.as_bytes(),
                    public.as_bytes(),
                );
                match pair {
                    Ok(pair) => Some((pair, digest)),
                    Err(_) => return Err(Error::new(rules::KEY_SCALAR, 0)),
                }
            }
        };
        Ok(Self { key, pair })
    }
}

impl Signer for PrivateKey {
    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    fn sign(&mut self, message: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable> {
        let Some((pair, digest)) = &self.pair else {
            return self.key.sign(message, signature);
        };
        let made = pair.sign_digest(&hash(digest, message)).map_err(|_| Unavailable::new())?;
        let space = signature.get_mut(..made.as_ref().len()).ok_or(Unavailable::new())?;
        space.copy_from_slice(made.as_ref());
        Ok(made.as_ref().len())
    }
}
