//! HSS/LMS: RFC 8554 Appendix F, COSE examples, and everything that must be refused.

#![cfg(feature = "hss-lms")]
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

mod vectors;

use std::fs;

use iotops_crypto::cose::{Sign, Sign1};
use iotops_crypto::key::{HssLmsPublicKey, KeyType, VerifyingKey, import};
use iotops_crypto::{Algorithm, Refused, Verifier, rules};
use iotops_wire::Rule;
use vectors::{hex, json, unhex, verdict};

struct Case {
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

fn cases(file: &str) -> Vec<Case> {
    let text = fs::read_to_string(test_support::testdata().join("crypto").join(file)).unwrap();
    let value = |block: &str, name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        unhex(line)
    };
    let blocks = text.split("\n\n").map(|block| Case {
        key: value(block, "public"),
        message: value(block, "message"),
        signature: value(block, "signature"),
    });
    blocks.collect()
}

fn all() -> Vec<Case> {
    ["rfc8554-test-case-1.txt", "rfc8554-test-case-2.txt", "generated-hss-lms.txt"]
        .into_iter()
        .flat_map(cases)
        .collect()
}

fn parsed(case: &Case) -> HssLmsPublicKey {
    HssLmsPublicKey::from_bytes(&case.key).unwrap()
}

#[test]
fn examples_verify() {
    let all = all();
    assert_eq!(all.len(), 9);
    for case in &all {
        let key = parsed(case);
        assert_eq!(key.as_bytes(), case.key);
        assert!(verdict(&key, &case.message, &case.signature));
        assert!(!verdict(&key, b"another message", &case.signature));
    }
    for (one, other) in all.iter().zip(all.iter().skip(1)) {
        assert!(!verdict(&parsed(one), &other.message, &other.signature));
    }
}

#[test]
fn cose_examples_verify() {
    let Some(example) = json("cose-wg-examples/hashsig/hashsig-01.json") else { return };
    let bytes = hex(&example["output"]["cbor"]);
    let key = &example["input"]["sign"]["signers"][0]["key"]["public"];
    let key = HssLmsPublicKey::from_bytes(&hex(key)).unwrap();
    let message = Sign::decode(&bytes).unwrap();
    let signer = message.signatures().next().unwrap();
    let payload = message.payload().unwrap();
    let verified = message.verify(&signer, payload, b"", &[&key]).unwrap();
    assert_eq!(verified.algorithm(), Algorithm::HssLms);
    let example = json("cose-wg-examples/hashsig/hsssig-sig-01.json").unwrap();
    let bytes = hex(&example["output"]["cbor"]);
    let key = &example["input"]["sign0"]["key"]["public"];
    let key = HssLmsPublicKey::from_bytes(&hex(key)).unwrap();
    assert!(Sign1::decode(&bytes).unwrap().verify(b"", &[&key]).is_ok());
    test_support::report("cose-wg hashsig", 2);
}

/// Nothing is malleable but the bits that nobody hashes, of which there are none.
#[test]
fn every_flipped_bit_and_every_cut_is_refused() {
    for case in all().into_iter().take(4) {
        let key = parsed(&case);
        let refused = |signature: &[u8]| {
            assert_eq!(key.verify(&[&case.message], signature), Err(Refused::Invalid));
        };
        (0..case.signature.len()).for_each(|length| refused(&case.signature[..length]));
        refused(&[&case.signature[..], &[0]].concat());
        let mut signature = case.signature.clone();
        for byte in (0..signature.len()).step_by(7) {
            let bit = 1 << (byte % 8);
            signature[byte] ^= bit;
            refused(&signature);
            signature[byte] ^= bit;
        }
        let mut message = case.message.clone();
        message[0] ^= 1;
        assert!(key.verify(&[&message], &case.signature).is_err());
    }
}

fn rule(bytes: &[u8]) -> Rule {
    HssLmsPublicKey::from_bytes(bytes).map(drop).map_err(|error| error.rule()).unwrap_err()
}

#[test]
fn keys_of_other_types_levels_and_lengths_are_refused() {
    let key = all().remove(0).key;
    let with = |at: usize, value: u8| {
        let mut key = key.clone();
        key[at] = value;
        key
    };
    for levels in [0, 9, 255] {
        assert_eq!(rule(&with(3, levels)), rules::KEY_PARAMETER_SET);
    }
    assert_eq!(rule(&with(0, 1)), rules::KEY_PARAMETER_SET);
    (1..=8).for_each(|levels| assert!(HssLmsPublicKey::from_bytes(&with(3, levels)).is_ok()));
    for tree in 0..=255 {
        let expected = (5..=9).contains(&tree);
        assert_eq!(HssLmsPublicKey::from_bytes(&with(7, tree)).is_ok(), expected, "{tree}");
    }
    for one_time in 0..=255 {
        let expected = (1..=4).contains(&one_time);
        assert_eq!(HssLmsPublicKey::from_bytes(&with(11, one_time)).is_ok(), expected);
    }
    assert_eq!(rule(&with(7, 10)), rules::KEY_PARAMETER_SET);
    for length in 0..key.len() {
        assert_eq!(rule(&key[..length]), rules::KEY_LENGTH);
    }
    assert_eq!(rule(&[&key[..], &[0]].concat()), rules::KEY_LENGTH);
}

/// The number of levels, the types at each level, and q: of the right length, and refused.
#[test]
fn types_and_leaves_are_those_of_the_key() {
    let case = all().remove(0);
    let refused = |at: usize, value: [u8; 4]| {
        let mut signature = case.signature.clone();
        assert_ne!(signature[at..at + 4], value);
        signature[at..at + 4].copy_from_slice(&value);
        assert!(parsed(&case).verify(&[&case.message], &signature).is_err());
    };
    refused(0, [0, 0, 0, 0]);
    refused(0, [0xff; 4]);
    // q, LM-OTS type and LMS type of the first level, then the types of the key that it signs.
    let (ots, tree) = (8, 12 + 32 * 35);
    refused(4, [0, 0, 0, 32]);
    refused(4, [0x80, 0, 0, 5]);
    refused(ots, [0, 0, 0, 3]);
    refused(tree, [0, 0, 0, 6]);
    let next = tree + 4 + 5 * 32;
    refused(next, [0, 0, 0, 6]);
    refused(next + 4, [0, 0, 0, 3]);
    // A key of another number of levels.
    for levels in [1, 3, 8] {
        let mut key = case.key.clone();
        key[3] = levels;
        let key = HssLmsPublicKey::from_bytes(&key).unwrap();
        assert!(key.verify(&[&case.message], &case.signature).is_err());
    }
}

#[test]
fn cose_keys_come_and_go() {
    for case in all() {
        let verifying = VerifyingKey::from_raw(KeyType::HssLms, &case.key).unwrap();
        assert_eq!(verifying.key_type(), KeyType::HssLms);
        for algorithm in Algorithm::ALL {
            assert_eq!(verifying.accepts(*algorithm), *algorithm == Algorithm::HssLms);
        }
        // RFC 8778 §4: kty 5, and the key at -1.
        let head = [0xa2, 1, 5, 0x20, 0x58, u8::try_from(case.key.len()).unwrap()];
        let by_hand = [&head[..], &case.key].concat();
        let imported = import(&by_hand).unwrap().verifying_key();
        assert!(imported.verify(&[&case.message], &case.signature).is_ok());
        assert!(import(&by_hand).unwrap().secret_key().is_err());
        #[cfg(feature = "alloc")]
        {
            let key = verifying.to_cose_key().unwrap();
            let again = import(key.as_bytes()).unwrap().verifying_key();
            assert_eq!(again.to_raw().as_bytes(), case.key);
            assert_eq!(verifying.to_pem().unwrap_err().rule(), rules::KEY_FORM);
        }
    }
}
