//! Signature vectors of other projects: CCTV for Ed25519, and Wycheproof.

#![cfg(all(feature = "es256", feature = "ed25519", feature = "hmac", feature = "alloc"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use std::fs;

use iotops_crypto::Verifier;
use iotops_crypto::key::{Ed25519PublicKey, Es256PublicKey, HmacKey};
use serde_json::Value;

fn hex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn json(file: &str) -> Option<Value> {
    let folder = test_support::vectors("crypto")?;
    Some(serde_json::from_str(&fs::read_to_string(folder.join(file)).unwrap()).unwrap())
}

/// The message cut in several ways: the verdict must not depend on them.
fn verdict(key: &dyn Verifier, message: &[u8], signature: &[u8]) -> bool {
    let whole = key.verify(&[message], signature).is_ok();
    let bytes: Vec<&[u8]> = message.chunks(1).collect();
    assert_eq!(key.verify(&bytes, signature).is_ok(), whole);
    let (a, b) = message.split_at(message.len() / 3);
    assert_eq!(key.verify(&[&[], a, &[], b, &[]], signature).is_ok(), whole);
    whole
}

#[test]
fn ed25519_has_the_verdict_of_verify_strict_on_every_cctv_vector() {
    let Some(vectors) = json("cctv/ed25519vectors.json") else { return };
    let (mut checked, mut accepted) = (0, 0);
    for vector in vectors.as_array().unwrap() {
        let (key, signature) = (hex(&vector["key"]), hex(&vector["sig"]));
        let message = vector["msg"].as_str().unwrap().as_bytes();
        let ours =
            Ed25519PublicKey::from_bytes(&key).is_ok_and(|key| verdict(&key, message, &signature));
        let bytes = key.as_slice().try_into().unwrap();
        let theirs = ed25519_dalek::VerifyingKey::from_bytes(bytes).is_ok_and(|key| {
            let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
            key.verify_strict(message, &signature).is_ok()
        });
        assert_eq!(ours, theirs, "{}", vector["number"]);
        checked += 1;
        accepted += usize::from(ours);
    }
    assert_eq!((checked, accepted), (914, 43));
    test_support::report("cctv ed25519", checked);
}

fn wycheproof(file: &str, check: impl Fn(&Value, &Value) -> Option<bool>) -> (usize, usize) {
    let Some(vectors) = json(&format!("wycheproof/{file}")) else { return (0, 0) };
    let (mut checked, mut refused) = (0, 0);
    for group in vectors["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let Some(accepted) = check(group, test) else {
                refused += 1;
                continue;
            };
            let expected = match test["result"].as_str().unwrap() {
                "valid" => true,
                "invalid" => false,
                other => panic!("no policy for {other}"),
            };
            assert_eq!(accepted, expected, "{file} {}: {}", test["tcId"], test["comment"]);
            checked += 1;
        }
    }
    test_support::report(file, checked);
    (checked, refused)
}

#[test]
fn ecdsa_p256_wycheproof() {
    let ended = wycheproof("ecdsa_secp256r1_sha256_p1363_test.json", |group, test| {
        let key = Es256PublicKey::from_sec1(&hex(&group["publicKey"]["uncompressed"])).unwrap();
        Some(verdict(&key, &hex(&test["msg"]), &hex(&test["sig"])))
    });
    assert!(ended == (262, 0) || ended == (0, 0), "{ended:?}");
}

#[test]
fn ed25519_wycheproof() {
    let ended = wycheproof("ed25519_test.json", |group, test| {
        let key = Ed25519PublicKey::from_bytes(&hex(&group["publicKey"]["pk"])).unwrap();
        Some(verdict(&key, &hex(&test["msg"]), &hex(&test["sig"])))
    });
    assert!(ended == (151, 0) || ended == (0, 0), "{ended:?}");
}

/// Left out are keys shorter than the hash or longer than its block, and truncated tags: our
/// policy refuses both, whatever the vector says.
#[test]
fn hmac_sha256_wycheproof() {
    let ended = wycheproof("hmac_sha256_test.json", |group, test| {
        let key = HmacKey::from_bytes(&hex(&test["key"])).ok()?;
        let tag = hex(&test["tag"]);
        if group["tagSize"] != 256 {
            assert!(!verdict(&key, &hex(&test["msg"]), &tag), "a truncated tag");
            return None;
        }
        Some(verdict(&key, &hex(&test["msg"]), &tag))
    });
    println!("hmac: {} left out: short or long keys, truncated tags", ended.1);
    assert!(ended.0 > 20 || ended == (0, 0), "{ended:?}");
}
