//! One suite over every backend: keys that compute elsewhere have the verdicts of ours, and what one
//! signs, MACs, wraps, agrees on or encrypts, every other takes.
//!
//! A new backend is an implementation of [`Backend`], and one line where the suite is run. What a
//! backend does not have it leaves as it stands in the trait, and that is told, not counted.

#![allow(dead_code, unused_imports, reason = "not every test file runs all of it")]

mod keys;
mod rsa_encodings;
mod vectors_of_wycheproof;

use iotops_crypto::agreement::{Agreement, Curve};
use iotops_crypto::cipher::{Key, Unwrapper, Wrapper};
use iotops_crypto::key::{SecretKey, VerifyingKey};
use iotops_crypto::{Signer, Verifier};

pub(crate) use keys::{agreements, contents, macs, messages, signatures, unauthenticated, wrapped};
pub(crate) use rsa_encodings::rsa_encodings;
pub(crate) use vectors_of_wycheproof::{
    aeads, agreed, ecdsa, ed25519, hmac, key_wrap, ml_dsa, rsa,
};

/// What a backend makes of a key.
pub(crate) enum Made<T> {
    Key(T),
    /// It refuses this key.
    Refused,
    /// It has no such keys.
    Lacks,
}

/// How keys are made that compute in a backend.
pub(crate) trait Backend {
    fn name(&self) -> &'static str;

    fn verifier(&self, _key: &VerifyingKey) -> Made<Box<dyn Verifier + '_>> {
        Made::Lacks
    }

    fn signer(&self, _key: &SecretKey) -> Option<Box<dyn Signer + '_>> {
        None
    }

    /// The same key of a MAC twice, to make and to check MACs.
    fn mac(&self, _key: &Key) -> Option<(Box<dyn Signer + '_>, Box<dyn Verifier + '_>)> {
        None
    }

    fn unwrapper(&self, _key: &Key) -> Option<Box<dyn Unwrapper + '_>> {
        None
    }

    fn wrapper(&self, _key: &Key) -> Option<Box<dyn Wrapper + '_>> {
        None
    }

    fn agreement(&self, _curve: Curve, _private: &[u8]) -> Option<Box<dyn Agreement + '_>> {
        None
    }

    /// A key of an AEAD, or of a cipher without authentication.
    fn content(&self, _key: &Key) -> Option<Key> {
        None
    }

    /// Whether it tells data that is wrong from a fault of its own when it unwraps or agrees.
    /// Either way nothing comes out.
    fn tells_faults_apart(&self) -> bool {
        true
    }
}

/// The built-in code.
pub(crate) struct BuiltIn;

impl Backend for BuiltIn {
    fn name(&self) -> &'static str {
        "built in"
    }

    fn verifier(&self, key: &VerifyingKey) -> Made<Box<dyn Verifier + '_>> {
        Made::Key(Box::new(key.clone()))
    }

    fn signer(&self, key: &SecretKey) -> Option<Box<dyn Signer + '_>> {
        Some(Box::new(key.clone()))
    }

    fn mac(&self, key: &Key) -> Option<(Box<dyn Signer + '_>, Box<dyn Verifier + '_>)> {
        Some((Box::new(key.clone()), Box::new(key.clone())))
    }

    fn unwrapper(&self, key: &Key) -> Option<Box<dyn Unwrapper + '_>> {
        Some(Box::new(key.clone()))
    }

    fn wrapper(&self, key: &Key) -> Option<Box<dyn Wrapper + '_>> {
        Some(Box::new(key.clone()))
    }

    fn agreement(&self, curve: Curve, private: &[u8]) -> Option<Box<dyn Agreement + '_>> {
        use iotops_crypto::agreement::{P256SecretKey, X25519SecretKey};
        Some(match curve {
            Curve::P256 => Box::new(P256SecretKey::from_scalar(private).unwrap()),
            Curve::X25519 => Box::new(X25519SecretKey::from_bytes(private).unwrap()),
            _ => return None,
        })
    }

    fn content(&self, key: &Key) -> Option<Key> {
        Some(key.clone())
    }
}
