//! Payloads in parts: the verdict is that of the whole; and no heap for what is encrypted.

#![cfg(all(feature = "ecdh", feature = "es256", feature = "ed25519", feature = "sha512"))]
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

use iotops_crypto::cose::{Mac0, Payload, Sign1, Unsigned};
use iotops_crypto::key::{Ed25519PublicKey, Ed25519SecretKey, Es256SecretKey, HmacKey};
use iotops_crypto::wire::Rule;
use iotops_crypto::wire::cbor::Encoder;
use iotops_crypto::{Algorithm, Error, Signer, StreamKey, StreamVerify as _, Verifier as _, rules};

const PAYLOAD: &[u8] = b"an image that is not in memory, and comes in parts of any length";

fn detached(signer: &mut dyn Signer) -> Vec<u8> {
    let mut message = Vec::new();
    let unsigned = Unsigned::new(signer.algorithm()).unwrap();
    let encoder = &mut Encoder::new(&mut message);
    unsigned.sign(signer, Payload::Detached(PAYLOAD), b"aad", encoder).unwrap();
    message
}

type Check<'c> = dyn Fn(&[u8], usize, u64) -> Result<(), Error> + 'c;

fn sign1<K: StreamKey>(
    message: &[u8],
    key: &K,
    payload: &[u8],
    width: usize,
    length: u64,
) -> Result<(), Error> {
    let decoded = Sign1::decode(message)?;
    let mut checking = decoded.checking(key, b"aad", length)?;
    payload.chunks(width).try_for_each(|part| checking.update(part))?;
    checking.finish()
}

fn agree(check: &Check<'_>, rule: Rule) {
    let length = PAYLOAD.len() as u64;
    for width in [1, 7, 64, 100] {
        check(PAYLOAD, width, length).unwrap();
        let other = [&PAYLOAD[1..], b"t"].concat();
        assert_eq!(check(&other, width, length).unwrap_err().rule(), rule);
        assert_eq!(check(PAYLOAD, width, length + 1).unwrap_err().rule(), rule, "too short");
        assert_eq!(check(PAYLOAD, width, length - 1).unwrap_err().rule(), rule, "too long");
    }
}

#[test]
fn parts_have_the_verdict_of_the_whole() {
    let mut es256 = Es256SecretKey::from_scalar(&[7; 32]).unwrap();
    let mut ed25519 = Ed25519SecretKey::from_seed(&[8; 32]).unwrap();
    let mut hmac = HmacKey::from_bytes(&[9; 32]).unwrap();
    let (a, b) = (es256.public_key(), ed25519.public_key());
    let message = detached(&mut es256);
    agree(&|payload, width, length| sign1(&message, &a, payload, width, length), rules::SIGNATURE);
    let refused = sign1(&message, &b, PAYLOAD, 5, PAYLOAD.len() as u64).unwrap_err();
    assert_eq!(refused.rule(), rules::NO_KEY);
    let message = detached(&mut ed25519);
    agree(&|payload, width, length| sign1(&message, &b, payload, width, length), rules::SIGNATURE);
    let message = detached(&mut hmac);
    let mac0 = |payload: &[u8], width, length| {
        let decoded = Mac0::decode(&message)?;
        let mut checking = decoded.checking(&hmac, b"aad", length)?;
        payload.chunks(width).try_for_each(|part| checking.update(part))?;
        checking.finish()
    };
    agree(&mac0, rules::MAC);
    let mut attached = Vec::new();
    let encoder = &mut Encoder::new(&mut attached);
    let unsigned = Unsigned::new(Algorithm::Esp256).unwrap();
    unsigned.sign(&mut es256, Payload::Attached(PAYLOAD), b"aad", encoder).unwrap();
    let refused = sign1(&attached, &a, PAYLOAD, 5, PAYLOAD.len() as u64).unwrap_err();
    assert_eq!(refused.rule(), rules::PAYLOAD_ATTACHED);
}

fn hex(text: &serde_json::Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn ed25519_in_parts_is_strict_on_every_cctv_vector() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let text = fs::read_to_string(folder.join("cctv/ed25519vectors.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut accepted = 0;
    for vector in vectors.as_array().unwrap() {
        let (key, signature) = (hex(&vector["key"]), hex(&vector["sig"]));
        let message = vector["msg"].as_str().unwrap().as_bytes();
        let Ok(key) = Ed25519PublicKey::from_bytes(&key) else { continue };
        let streamed = key.begin(&signature).and_then(|mut stream| {
            message.chunks(3).for_each(|part| stream.update(part));
            stream.finish()
        });
        assert_eq!(streamed, key.verify(&[message], &signature), "{}", vector["number"]);
        accepted += usize::from(streamed.is_ok());
    }
    assert_eq!(accepted, 43);
    test_support::report("cctv ed25519 in parts", vectors.as_array().unwrap().len());
}
