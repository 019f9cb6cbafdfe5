//! Keys in a PKCS#11 token behind the seams of `iotops-crypto`: nothing but handles leaves it.

#![forbid(unsafe_code)]

use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use iotops_crypto::wire::Unavailable;
use iotops_crypto::{Algorithm, Refused, Signer, Verifier, digest};

/// A private key, or a MAC key, by its handle in a session that is logged in.
#[derive(Debug)]
pub struct TokenSigner<'s> {
    session: &'s Session,
    key: ObjectHandle,
    algorithm: Algorithm,
}

impl<'s> TokenSigner<'s> {
    /// The key behind `key`, which must be one for `algorithm`.
    #[must_use]
    pub const fn new(session: &'s Session, key: ObjectHandle, algorithm: Algorithm) -> Self {
        Self { session, key, algorithm }
    }
}

impl Signer for TokenSigner<'_> {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn sign(&mut self, message: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable> {
        let away = |_| Unavailable::new();
        let mechanism = mechanism(self.algorithm).ok_or(Unavailable::new())?;
        let made = match self.algorithm.prehash() {
            // The token signs the digest: the message does not travel to it.
            Some(hash) => {
                let digest = digest(hash, message).ok_or(Unavailable::new())?;
                self.session.sign(&mechanism, self.key, digest.as_bytes()).map_err(away)?
            }
            None => self.session.sign(&mechanism, self.key, &message.concat()).map_err(away)?,
        };
        let space = signature.get_mut(..made.len()).ok_or(Unavailable::new())?;
        space.copy_from_slice(&made);
        Ok(made.len())
    }
}

/// A MAC key by its handle: the token compares, the key stays there.
#[derive(Debug)]
pub struct TokenMac<'s>(TokenSigner<'s>);

impl<'s> TokenMac<'s> {
    /// The HMAC-SHA-256 key behind `key`.
    #[must_use]
    pub const fn new(session: &'s Session, key: ObjectHandle) -> Self {
        Self(TokenSigner::new(session, key, Algorithm::Hmac256))
    }
}

impl Verifier for TokenMac<'_> {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        algorithm == self.0.algorithm
    }

    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        let mechanism = mechanism(self.0.algorithm).ok_or(Refused::Unavailable)?;
        match self.0.session.verify(&mechanism, self.0.key, &message.concat(), signature) {
            Ok(()) => Ok(()),
            Err(error) if is_verdict(&error) => Err(Refused::Invalid),
            Err(_) => Err(Refused::Unavailable),
        }
    }
}

/// Whether the token said that the signature is wrong, rather than that it could not tell.
fn is_verdict(error: &cryptoki::error::Error) -> bool {
    use cryptoki::error::{Error, RvError};
    matches!(error, Error::Pkcs11(RvError::SignatureInvalid | RvError::SignatureLenRange, _))
}

fn mechanism(algorithm: Algorithm) -> Option<Mechanism<'static>> {
    match algorithm {
        Algorithm::Es256 | Algorithm::Esp256 | Algorithm::Es384 | Algorithm::Esp384 => {
            Some(Mechanism::Ecdsa)
        }
        Algorithm::EdDsa | Algorithm::Ed25519 => {
            Some(Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure)))
        }
        Algorithm::Hmac256 => Some(Mechanism::Sha256Hmac),
        _ => None,
    }
}
