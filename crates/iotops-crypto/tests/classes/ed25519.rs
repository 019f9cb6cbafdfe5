//! Ed25519: S out of range, points of small order, and encodings that are not canonical. The CCTV
//! vectors are in `external.rs`.

use iotops_crypto::key::{Ed25519PublicKey, KeyType, SecretKey};
use iotops_crypto::{Refused, Signer, Verifier, rules};

use crate::vectors::unhex;

/// The order of the group (RFC 8032 §5.1), little-endian.
const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

/// The eight points of small order, canonical, and other encodings of them.
const SMALL: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

fn signed() -> (SecretKey, Vec<u8>) {
    let mut key = SecretKey::from_raw(KeyType::Ed25519, &[7; 32]).unwrap();
    let mut signature = vec![0; 64];
    key.sign(&[b"message"], &mut signature).unwrap();
    (key, signature)
}

/// Whoever adds the order to S has another signature of the same message.
#[test]
fn s_must_be_below_the_order() {
    let (key, signature) = signed();
    let verifying = key.verifying_key();
    assert!(verifying.verify(&[b"message"], &signature).is_ok());
    let mut carry = 0;
    let mut malleable = signature.clone();
    for (byte, order) in malleable[32..].iter_mut().zip(unhex(ORDER)) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = ((sum & 0xff) as u8, sum >> 8);
    }
    assert_eq!(verifying.verify(&[b"message"], &malleable), Err(Refused::Invalid));
    let order = [&signature[..32], &unhex(ORDER)].concat();
    assert_eq!(verifying.verify(&[b"message"], &order), Err(Refused::Invalid));
}

#[test]
fn points_of_small_order_are_neither_keys_nor_r() {
    let (key, signature) = signed();
    let verifying = key.verifying_key();
    for point in SMALL.map(unhex) {
        let error = Ed25519PublicKey::from_bytes(&point).unwrap_err();
        assert_eq!(error.rule(), rules::KEY_POINT);
        let forged = [&point[..], &signature[32..]].concat();
        assert_eq!(verifying.verify(&[b"message"], &forged), Err(Refused::Invalid));
        let zero = [&point[..], &[0; 32]].concat();
        assert_eq!(verifying.verify(&[b"message"], &zero), Err(Refused::Invalid));
    }
}

#[test]
fn other_lengths_are_refused() {
    let (key, signature) = signed();
    let verifying = key.verifying_key();
    for length in (0..64).chain([65, 128]) {
        let mut other = signature.clone();
        other.resize(length, 0);
        assert_eq!(verifying.verify(&[b"message"], &other), Err(Refused::Invalid));
    }
}
