//! The same suite over every backend: a key that computes elsewhere has the verdicts of ours.

#![cfg(all(feature = "aws-lc-rs", feature = "es256", feature = "ed25519"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use std::fs;

use iotops_crypto::backend::aws_lc::{PrivateKey, PublicKey};
use iotops_crypto::key::{KeyType, SecretKey, VerifyingKey};
use iotops_crypto::{Algorithm, Signer, Verifier};
use serde_json::Value;

fn hex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn both_ways_between_the_backends() {
    for (key_type, length) in [(KeyType::Es256, 64), (KeyType::Es384, 96), (KeyType::Ed25519, 64)] {
        let own = SecretKey::from_raw(key_type, &[7; 48][..length.min(96) / 2]).unwrap();
        let public = own.verifying_key();
        let other_public = PublicKey::new(public.clone()).unwrap();
        let mut signers: [Box<dyn Signer>; 2] =
            [Box::new(own.clone()), Box::new(PrivateKey::new(own).unwrap())];
        let verifiers: [&dyn Verifier; 2] = [&public, &other_public];
        for signer in &mut signers {
            let mut signature = vec![0; length];
            assert_eq!(signer.sign(&[b"a", b"", b"bc"], &mut signature), Ok(length));
            for verifier in verifiers {
                assert!(verifier.accepts(signer.algorithm()));
                assert!(verifier.verify(&[b"abc"], &signature).is_ok(), "{key_type:?}");
                assert!(verifier.verify(&[b"abd"], &signature).is_err(), "{key_type:?}");
                assert!(verifier.verify(&[b"abc"], &signature[1..]).is_err(), "{key_type:?}");
            }
            assert!(signer.sign(&[b"abc"], &mut signature[1..]).is_err());
        }
        for algorithm in Algorithm::ALL {
            assert_eq!(public.accepts(*algorithm), other_public.accepts(*algorithm));
        }
    }
}

#[test]
fn the_verdicts_on_wycheproof_are_the_same() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let mut checked = 0;
    for (key_type, curve) in [(KeyType::Es256, "256r1_sha256"), (KeyType::Es384, "384r1_sha384")] {
        let file = folder.join(format!("wycheproof/ecdsa_secp{curve}_p1363_test.json"));
        let vectors: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        checked += compare(key_type, &vectors);
    }
    test_support::report("ECDSA by aws-lc-rs, Wycheproof", checked);
}

fn compare(key_type: KeyType, vectors: &Value) -> usize {
    let mut checked = 0;
    for group in vectors["testGroups"].as_array().unwrap() {
        let key =
            VerifyingKey::from_raw(key_type, &hex(&group["publicKey"]["uncompressed"])).unwrap();
        let other = PublicKey::new(key.clone()).unwrap();
        for test in group["tests"].as_array().unwrap() {
            let (message, signature) = (hex(&test["msg"]), hex(&test["sig"]));
            let ours = key.verify(&[&message], &signature);
            assert_eq!(ours, other.verify(&[&message], &signature), "{}", test["tcId"]);
            checked += 1;
        }
    }
    checked
}
