//! The suite of `iotops-crypto` over all backends, with keys in a token of `SoftHSM` 2 as one more.
//!
//! A token has no keys that verify for others, wraps nothing for them, and keeps to P-256 here.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

#[path = "../../../crates/iotops-crypto/tests/suite/mod.rs"]
mod suite;
mod token;
#[path = "../../../crates/iotops-crypto/tests/vectors/mod.rs"]
mod vectors;

use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use iotops_crypto::agreement::{Agreement, Curve};
use iotops_crypto::cipher::{Key, Unwrapper};
use iotops_crypto::key::{KeyType as Own, SecretKey};
use iotops_crypto::{Algorithm, Signer, Verifier};
use iotops_pkcs11::{TokenAgreement, TokenMac, TokenSigner, TokenUnwrapper};
use suite::{Backend, BuiltIn};

/// `secp256r1` and `secp384r1` as DER object identifiers, `edwards25519` as printable string.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: [u8; 7] = [0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
const ED25519: [u8; 14] = *b"\x13\x0cedwards25519";

struct Token<'s>(&'s Session);

impl Token<'_> {
    fn private(&self, key_type: KeyType, curve: &[u8], bytes: &[u8]) -> ObjectHandle {
        let template = [
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::KeyType(key_type),
            Attribute::EcParams(curve.to_vec()),
            Attribute::Value(bytes.to_vec()),
            Attribute::Sign(true),
            Attribute::Derive(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
        ];
        self.0.create_object(&template).unwrap()
    }

    fn secret(&self, key_type: KeyType, bytes: &[u8], uses: &[Attribute]) -> ObjectHandle {
        let mut template = vec![
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(key_type),
            Attribute::Value(bytes.to_vec()),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
        ];
        template.extend_from_slice(uses);
        self.0.create_object(&template).unwrap()
    }
}

impl Backend for Token<'_> {
    fn name(&self) -> &'static str {
        "SoftHSM"
    }

    fn signer(&self, key: &SecretKey) -> Option<Box<dyn Signer + '_>> {
        let raw = key.to_raw();
        let handle = match key.verifying_key().key_type() {
            Own::Es256 => self.private(KeyType::EC, &P256, raw.as_bytes()),
            Own::Es384 => self.private(KeyType::EC, &P384, raw.as_bytes()),
            Own::Ed25519 => self.private(KeyType::EC_EDWARDS, &ED25519, raw.as_bytes()),
            _ => return None,
        };
        Some(Box::new(TokenSigner::new(self.0, handle, key.algorithm())))
    }

    fn mac(&self, key: &Key) -> Option<(Box<dyn Signer + '_>, Box<dyn Verifier + '_>)> {
        let algorithm = key.algorithm();
        if !matches!(algorithm, Algorithm::Hmac256 | Algorithm::Hmac384 | Algorithm::Hmac512) {
            return None;
        }
        let uses = [Attribute::Sign(true), Attribute::Verify(true)];
        let handle = self.secret(KeyType::GENERIC_SECRET, key.as_bytes(), &uses);
        Some((
            Box::new(TokenSigner::new(self.0, handle, algorithm)),
            Box::new(TokenMac::new(self.0, handle, algorithm)),
        ))
    }

    fn unwrapper(&self, key: &Key) -> Option<Box<dyn Unwrapper + '_>> {
        let handle = self.secret(KeyType::AES, key.as_bytes(), &[Attribute::Unwrap(true)]);
        Some(Box::new(TokenUnwrapper::new(self.0, handle, key.algorithm())))
    }

    fn agreement(&self, curve: Curve, private: &[u8]) -> Option<Box<dyn Agreement + '_>> {
        (curve == Curve::P256).then(|| -> Box<dyn Agreement + '_> {
            Box::new(TokenAgreement::new(self.0, self.private(KeyType::EC, &P256, private)))
        })
    }

    /// It answers a key that does not unwrap, and a point off the curve, with `CKR_GENERAL_ERROR`.
    fn tells_faults_apart(&self) -> bool {
        false
    }
}

/// A pair is a backend that makes something and one that takes it.
#[test]
fn keys_in_a_token_pass_the_suite_of_all_backends() {
    token::with_session(|session| {
        let token = Token(session);
        let backends: &[&dyn Backend] = &[&BuiltIn, &token];
        assert_eq!(suite::signatures(backends), 6 + 3);
        assert_eq!(suite::macs(backends), 3 * 4 + 4);
        assert_eq!(suite::wrapped(backends), 3 * 2);
        assert_eq!(suite::agreements(backends), 4 + 1);
        assert_eq!(suite::messages(backends), 2 * (3 + 2));
        suite::hmac(&[&token]);
        suite::key_wrap(&[&token]);
        suite::agreed(&[&token]);
    });
}
