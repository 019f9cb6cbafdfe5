//! Keys in a PKCS#11 token behind the seams of `iotops-crypto`: nothing but handles leaves it.

#![forbid(unsafe_code)]

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use iotops_crypto::agreement::{Agreement, Curve, LONGEST_SECRET, PublicKey};
use iotops_crypto::cipher::{LONGEST_WRAPPED, Unwrapper};
use iotops_crypto::wire::Unavailable;
use iotops_crypto::{Algorithm, Refused, Signer, Verifier, digest};
use zeroize::Zeroizing;

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
    /// The key behind `key`, which must be one for `algorithm`: HMAC 256/256, 384/384 or 512/512.
    #[must_use]
    pub const fn new(session: &'s Session, key: ObjectHandle, algorithm: Algorithm) -> Self {
        Self(TokenSigner::new(session, key, algorithm))
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
const fn is_verdict(error: &Error) -> bool {
    matches!(error, Error::Pkcs11(RvError::SignatureInvalid | RvError::SignatureLenRange, _))
}

/// An AES key by its handle that unwraps the keys of contents: it stays in the token, they leave it.
#[derive(Debug)]
pub struct TokenUnwrapper<'s> {
    session: &'s Session,
    key: ObjectHandle,
    algorithm: Algorithm,
}

impl<'s> TokenUnwrapper<'s> {
    /// The key behind `key`, which must be one for `algorithm`: A128KW, A192KW or A256KW.
    #[must_use]
    pub const fn new(session: &'s Session, key: ObjectHandle, algorithm: Algorithm) -> Self {
        Self { session, key, algorithm }
    }
}

impl Unwrapper for TokenUnwrapper<'_> {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        algorithm == self.algorithm
    }

    fn unwrap_key(&self, wrapped: &[u8], key: &mut [u8]) -> Result<usize, Refused> {
        // RFC 3394 §2.2.1: "two or more" blocks of 8 bytes are wrapped, and get one more.
        let is_length = (24..=LONGEST_WRAPPED).contains(&wrapped.len());
        if !is_length || !wrapped.len().is_multiple_of(8) {
            return Err(Refused::Invalid);
        }
        let template = secret(KeyType::GENERIC_SECRET);
        let made = self.session.unwrap_key(&Mechanism::AesKeyWrap, self.key, wrapped, &template);
        take(self.session, made.map_err(|error| refused(&error))?, key)
    }
}

/// A private key on P-256 by its handle that agrees on secrets (ECDH).
#[derive(Debug)]
pub struct TokenAgreement<'s> {
    session: &'s Session,
    key: ObjectHandle,
}

impl<'s> TokenAgreement<'s> {
    /// The key behind `key`.
    #[must_use]
    pub const fn new(session: &'s Session, key: ObjectHandle) -> Self {
        Self { session, key }
    }
}

impl Agreement for TokenAgreement<'_> {
    fn curve(&self) -> Curve {
        Curve::P256
    }

    fn agree(&self, peer: &[u8], shared: &mut [u8]) -> Result<usize, Refused> {
        // Tokens take other forms of SEC 1 too, which are not for the wire.
        PublicKey::new(Curve::P256, peer).map_err(|_| Refused::Invalid)?;
        let parameters = Ecdh1DeriveParams::new(EcKdf::null(), peer);
        let mut template = secret(KeyType::GENERIC_SECRET);
        template.push(Attribute::ValueLen(
            LONGEST_SECRET.try_into().map_err(|_| Refused::Unavailable)?,
        ));
        let made =
            self.session.derive_key(&Mechanism::Ecdh1Derive(parameters), self.key, &template);
        take(self.session, made.map_err(|error| refused(&error))?, shared)
    }
}

/// A secret that lives as long as the session, and may leave the token.
fn secret(key_type: KeyType) -> Vec<Attribute> {
    vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(key_type),
        Attribute::Token(false),
        Attribute::Sensitive(false),
        Attribute::Extractable(true),
    ]
}

/// Takes a secret out of the token, and destroys it there.
fn take(session: &Session, object: ObjectHandle, to: &mut [u8]) -> Result<usize, Refused> {
    let found = session.get_attributes(object, &[AttributeType::Value]);
    let value = match found.ok().and_then(|mut found| found.pop()) {
        Some(Attribute::Value(value)) => Ok(Zeroizing::new(value)),
        _ => Err(Refused::Unavailable),
    };
    session.destroy_object(object).map_err(|_| Refused::Unavailable)?;
    let value = value?;
    let space = to.get_mut(..value.len()).ok_or(Refused::Invalid)?;
    space.copy_from_slice(&value);
    Ok(value.len())
}

/// What the token says of the other side's data is a verdict; all else is that it could not tell.
const fn refused(error: &Error) -> Refused {
    match error {
        Error::Pkcs11(
            RvError::WrappedKeyInvalid
            | RvError::WrappedKeyLenRange
            | RvError::EncryptedDataInvalid
            | RvError::EncryptedDataLenRange
            | RvError::MechanismParamInvalid,
            _,
        ) => Refused::Invalid,
        _ => Refused::Unavailable,
    }
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
        Algorithm::Hmac384 => Some(Mechanism::Sha384Hmac),
        Algorithm::Hmac512 => Some(Mechanism::Sha512Hmac),
        _ => None,
    }
}
