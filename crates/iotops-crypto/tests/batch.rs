//! The batch filter: it lets batches by honest keys through, and is no verdict.

#![cfg(feature = "batch")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may panic and index"
)]

use iotops_crypto::key::{
    Ed25519PublicKey, Ed25519SecretKey, Ed25519Signed, ed25519_batch_seems_valid,
};
use iotops_crypto::{Signer, Verifier};

struct One {
    key: Ed25519PublicKey,
    message: Vec<u8>,
    signature: [u8; 64],
}

fn many(count: u8) -> Vec<One> {
    (0..count)
        .map(|number| {
            let mut secret = Ed25519SecretKey::from_seed(&[number; 32]).unwrap();
            let message = vec![number; usize::from(number)];
            let mut signature = [0; 64];
            secret.sign(&[&message], &mut signature).unwrap();
            One { key: secret.public_key(), message, signature }
        })
        .collect()
}

fn filter(batch: &[One]) -> bool {
    let signed: Vec<_> = batch
        .iter()
        .map(|one| Ed25519Signed {
            key: &one.key,
            message: &one.message,
            signature: &one.signature,
        })
        .collect();
    ed25519_batch_seems_valid(&signed)
}

#[test]
fn a_good_batch_passes_and_each_of_it_verifies() {
    let batch = many(40);
    assert!(filter(&batch));
    assert!(batch.iter().all(|one| one.key.verify(&[&one.message], &one.signature).is_ok()));
}

#[test]
fn one_wrong_signature_spoils_the_batch() {
    for spoiled in [0, 7, 15] {
        for bit in [0, 255, 256, 480] {
            let mut batch = many(16);
            batch[spoiled].signature[bit / 8] ^= 1 << (bit % 8);
            assert!(!filter(&batch), "signature {spoiled}, bit {bit}");
        }
        let mut batch = many(16);
        batch[spoiled].message.push(0);
        assert!(!filter(&batch));
    }
}

/// The filter errs to both sides under keys that nobody makes by accident: that is why it is no
/// verdict.
#[test]
fn the_filter_and_the_verdict_differ() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let text = std::fs::read_to_string(folder.join("cctv/ed25519vectors.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let hex = |text: &serde_json::Value| -> Vec<u8> {
        let text = text.as_str().unwrap();
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    };
    let (mut lax, mut strict, mut checked) = (0, 0, 0);
    for vector in vectors.as_array().unwrap() {
        let Ok(key) = Ed25519PublicKey::from_bytes(&hex(&vector["key"])) else { continue };
        let (message, signature) =
            (vector["msg"].as_str().unwrap().as_bytes(), hex(&vector["sig"]));
        let passes = ed25519_batch_seems_valid(&[Ed25519Signed {
            key: &key,
            message,
            signature: &signature,
        }]);
        let is_valid = key.verify(&[message], &signature).is_ok();
        lax += usize::from(passes && !is_valid);
        strict += usize::from(is_valid && !passes);
        checked += 1;
    }
    println!("passed but invalid: {lax}; valid but stopped: {strict}");
    assert!(lax > 0 && strict > 0, "{lax} {strict}");
    test_support::report("Ed25519 batch filter over CCTV", checked);
}
