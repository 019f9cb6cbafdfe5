//! One suite over every backend: a key that computes elsewhere has the verdicts of ours, and what
//! one signs or wraps, every other takes. A new backend is one line of `BACKENDS`.
//!
//! Keys in a token of PKCS#11 are behind the same seams; the package `examples/pkcs11` tests them.

#![cfg(all(
    feature = "aws-lc-rs",
    feature = "es256",
    feature = "ed25519",
    feature = "encrypt",
    feature = "rsa",
    feature = "ml-dsa"
))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod vectors;

use iotops_crypto::backend::aws_lc;
use iotops_crypto::cipher::{Key, Unwrapper, Wrapper};
use iotops_crypto::key::{KeyType, SecretKey, VerifyingKey, import};
use iotops_crypto::{Algorithm, Refused, Signer, Verifier};
use serde_json::Value;
use vectors::{hex, verdict, wycheproof};

/// How keys are made that compute in a backend.
struct Backend {
    name: &'static str,
    /// `None` if the backend refuses the key.
    verifier: fn(VerifyingKey) -> Option<Box<dyn Verifier>>,
    signer: fn(SecretKey) -> Box<dyn Signer>,
    unwrapper: fn(Key) -> Box<dyn Unwrapper>,
    wrapper: fn(Key) -> Box<dyn Wrapper>,
}

const BACKENDS: &[Backend] = &[
    Backend {
        name: "built in",
        verifier: |key| Some(Box::new(key)),
        signer: |key| Box::new(key),
        unwrapper: |key| Box::new(key),
        wrapper: |key| Box::new(key),
    },
    Backend {
        name: "aws-lc-rs",
        verifier: |key| Some(Box::new(aws_lc::PublicKey::new(key).ok()?)),
        signer: |key| Box::new(aws_lc::PrivateKey::new(key).unwrap()),
        unwrapper: |key| Box::new(aws_lc::WrappingKey::new(key)),
        wrapper: |key| Box::new(aws_lc::WrappingKey::new(key)),
    },
];

/// The types of keys that sign, and how long their signatures are.
const SIGNING: [(KeyType, usize, usize); 6] = [
    (KeyType::Es256, 32, 64),
    (KeyType::Es384, 48, 96),
    (KeyType::Ed25519, 32, 64),
    (KeyType::MlDsa44, 32, 2420),
    (KeyType::MlDsa65, 32, 3309),
    (KeyType::MlDsa87, 32, 4627),
];

#[test]
fn what_one_signs_every_other_verifies() {
    for (key_type, secret, length) in SIGNING {
        let own = SecretKey::from_raw(key_type, &[7; 48][..secret]).unwrap();
        let public = own.verifying_key();
        for signing in BACKENDS {
            let mut signer = (signing.signer)(own.clone());
            let mut signature = vec![0; length];
            assert_eq!(signer.sign(&[b"a", b"", b"bc"], &mut signature), Ok(length));
            assert!(signer.sign(&[b"abc"], &mut signature.clone()[1..]).is_err());
            for backend in BACKENDS {
                let key = (backend.verifier)(public.clone()).unwrap();
                let words = format!("{key_type:?}: {} by {}", signing.name, backend.name);
                assert!(key.accepts(signer.algorithm()), "{words}");
                assert_eq!(key.verify(&[b"abc"], &signature), Ok(()), "{words}");
                assert_eq!(key.verify(&[b"abd"], &signature), Err(Refused::Invalid), "{words}");
                assert_eq!(
                    key.verify(&[b"abc"], &signature[1..]),
                    Err(Refused::Invalid),
                    "{words}"
                );
            }
        }
        for algorithm in Algorithm::ALL {
            let accept =
                |backend: &Backend| (backend.verifier)(public.clone()).unwrap().accepts(*algorithm);
            assert!(BACKENDS.iter().all(|backend| accept(backend) == public.accepts(*algorithm)));
        }
    }
}

/// Runs a file with the keys of every backend; `key` is that of a group, `None` if it is none.
fn every_backend(file: &str, key: impl Fn(&Value) -> Option<VerifyingKey>, count: usize) {
    for backend in BACKENDS {
        let ended = wycheproof(file, |group, test| {
            if !test["ctx"].is_null() || test["result"] == "acceptable" {
                return None; // A context is not in the seam; encodings without NULL are refused.
            }
            let Some(key) = key(group).and_then(backend.verifier) else { return Some(false) };
            Some(verdict(key.as_ref(), &hex(&test["msg"]), &hex(&test["sig"])))
        });
        assert!(ended.0 == count || ended == (0, 0), "{} by {}: {ended:?}", file, backend.name);
    }
}

fn raw(key_type: KeyType, bytes: &Value) -> Option<VerifyingKey> {
    VerifyingKey::from_raw(key_type, &hex(bytes)).ok()
}

fn rsa(group: &Value, algorithm: Algorithm) -> Option<VerifyingKey> {
    match import(&hex(&group["publicKeyDer"])).ok()?.verifying_key() {
        VerifyingKey::Rsa(key) => key.with_algorithm(algorithm).ok().map(VerifyingKey::Rsa),
        _ => None,
    }
}

#[test]
fn verdicts_on_ecdsa_are_those_of_wycheproof() {
    let key = |key_type| move |group: &Value| raw(key_type, &group["publicKey"]["uncompressed"]);
    every_backend("ecdsa_secp256r1_sha256_p1363_test.json", key(KeyType::Es256), 262);
    every_backend("ecdsa_secp384r1_sha384_p1363_test.json", key(KeyType::Es384), 280);
}

#[test]
fn verdicts_on_rsa_are_those_of_wycheproof() {
    let pkcs1 = |group: &Value| rsa(group, Algorithm::Rs256);
    every_backend("rsa_signature_2048_sha256_test.json", pkcs1, 258);
    every_backend("rsa_signature_3072_sha256_test.json", pkcs1, 258);
    let pss = |group: &Value| rsa(group, Algorithm::Ps256);
    every_backend("rsa_pss_2048_sha256_mgf1_32_test.json", pss, 108);
}

#[test]
fn verdicts_on_ml_dsa_are_those_of_wycheproof() {
    let key = |key_type| move |group: &Value| raw(key_type, &group["publicKey"]);
    every_backend("mldsa_44_verify_test.json", key(KeyType::MlDsa44), 172);
    every_backend("mldsa_65_verify_test.json", key(KeyType::MlDsa65), 202);
}

#[test]
fn keys_are_wrapped_alike() {
    for backend in BACKENDS {
        let ended = wycheproof("aes_wrap_test.json", |group, test| {
            let algorithm = match group["keySize"].as_u64()? {
                128 => Algorithm::A128Kw,
                192 => Algorithm::A192Kw,
                _ => Algorithm::A256Kw,
            };
            let key = Key::new(algorithm, &hex(&test["key"])).unwrap();
            let (expected, wrapped) = (hex(&test["msg"]), hex(&test["ct"]));
            if expected.len() > 64 || test["result"] == "acceptable" {
                return None; // As with the built-in keys: see `encryption.rs`.
            }
            let mut made = [0; 64];
            let unwrapped = (backend.unwrapper)(key.clone()).unwrap_key(&wrapped, &mut made);
            let Ok(length) = unwrapped else {
                assert_eq!((unwrapped, made), (Err(Refused::Invalid), [0; 64]));
                return Some(false);
            };
            assert_eq!(made[..length], expected);
            let mut again = [0; 72];
            let mut wrapper = (backend.wrapper)(key);
            assert_eq!(wrapper.algorithm(), algorithm);
            let length = wrapper.wrap_key(&expected, &mut again).unwrap();
            assert_eq!(again[..length], wrapped);
            Some(true)
        });
        assert!(ended.0 > 100 || ended == (0, 0), "{}: {ended:?}", backend.name);
    }
}
