//! Public keys are validated when they are imported: points, encodings, lengths, sizes.

use iotops_crypto::key::{KeyType, SecretKey, VerifyingKey};
use iotops_crypto::rules;
use iotops_wire::Rule;

fn rule(key_type: KeyType, bytes: &[u8]) -> Rule {
    VerifyingKey::from_raw(key_type, bytes).map(drop).unwrap_err().rule()
}

fn curves() -> Vec<(KeyType, usize)> {
    let curves = [(KeyType::Es256, 32), (KeyType::Es384, 48)];
    curves.into_iter().filter(|row| cfg!(feature = "es384") || row.1 == 32).collect()
}

fn point(key_type: KeyType, coordinate: usize) -> Vec<u8> {
    let key = SecretKey::from_raw(key_type, &vec![7; coordinate]).unwrap();
    key.verifying_key().to_raw().as_bytes().to_vec()
}

#[test]
fn points_must_be_on_the_curve() {
    for (key_type, coordinate) in curves() {
        let point = point(key_type, coordinate);
        assert!(VerifyingKey::from_raw(key_type, &point).is_ok());
        for bit in 8..point.len() * 8 {
            let mut off = point.clone();
            off[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(rule(key_type, &off), rules::KEY_POINT);
        }
        let zero = [&[4][..], &vec![0; 2 * coordinate]].concat();
        assert_eq!(rule(key_type, &zero), rules::KEY_POINT);
        // Coordinates that are not below the prime.
        let great = [&[4][..], &vec![0xff; 2 * coordinate]].concat();
        assert_eq!(rule(key_type, &great), rules::KEY_POINT);
    }
}

#[test]
fn infinity_and_hybrid_points_are_refused() {
    for (key_type, coordinate) in curves() {
        let point = point(key_type, coordinate);
        assert_eq!(rule(key_type, &[0]), rules::KEY_POINT);
        assert_eq!(rule(key_type, &vec![0; point.len()]), rules::KEY_POINT);
        assert_eq!(rule(key_type, &[]), rules::KEY_POINT);
        for tag in (0..=255).filter(|tag| *tag != 4) {
            let mut other = point.clone();
            other[0] = tag;
            assert_eq!(rule(key_type, &other), rules::KEY_POINT, "{tag}");
        }
        // Compressed: of the two tags the one that fits y, and of all lengths one.
        let parity = 2 + (point[point.len() - 1] & 1);
        let compressed = [&[parity][..], &point[1..=coordinate]].concat();
        let key = VerifyingKey::from_raw(key_type, &compressed).unwrap();
        assert_eq!(key.to_raw().as_bytes(), point);
        for length in (0..point.len() + 2).filter(|length| *length != point.len()) {
            let mut other = point.clone();
            other.resize(length, 0);
            assert_eq!(rule(key_type, &other), rules::KEY_POINT, "{length}");
        }
    }
}

/// A point of one curve under the name of another.
#[test]
fn curves_are_not_mixed() {
    for (key_type, coordinate) in curves() {
        let point = point(key_type, coordinate);
        let other = if key_type == KeyType::Es256 { KeyType::Es384 } else { KeyType::Es256 };
        let expected = if cfg!(feature = "es384") { rules::KEY_POINT } else { rules::KEY_TYPE };
        assert_eq!(rule(other, &point), expected);
    }
}

#[test]
fn ed25519_keys_have_32_bytes() {
    for length in (0..100).filter(|length| *length != 32) {
        assert_eq!(rule(KeyType::Ed25519, &vec![1; length]), rules::KEY_POINT);
    }
}

/// RFC 3279 §2.3.1: the parameters are NULL, and the key is one SEQUENCE of two INTEGERs. Sizes
/// and exponents are in `rsa.rs`.
#[cfg(feature = "rsa")]
#[test]
fn rsa_keys_are_read_strictly() {
    use crate::vectors::{blocks, unhex, value};
    use iotops_crypto::key::import;
    let spki = unhex(value(&blocks("generated-rsa.txt")[0], "public"));
    assert!(import(&spki).is_ok());
    let without = |from: &[u8], to: &[u8]| {
        let at = spki.windows(from.len()).position(|bytes| bytes == from).unwrap();
        [&spki[..at], to, &spki[at + from.len()..]].concat()
    };
    let rule = |bytes: &[u8]| import(bytes).map(drop).unwrap_err().rule();
    // NULL becomes an OCTET STRING without content; RSA becomes RSASSA-PSS.
    assert_eq!(rule(&without(&[5, 0, 3, 0x82], &[4, 0, 3, 0x82])), rules::KEY_TYPE);
    assert_eq!(rule(&without(&[1, 1, 1, 5, 0], &[1, 1, 10, 5, 0])), rules::KEY_TYPE);
    // A negative modulus, and an exponent with a leading zero.
    assert_eq!(rule(&without(&[2, 0x82, 1, 1, 0], &[2, 0x82, 1, 1, 0x80])), rules::KEY_ENCODING);
    assert_eq!(rule(&without(&[2, 3, 1, 0, 1], &[2, 3, 0, 0, 3])), rules::KEY_ENCODING);
    assert_eq!(rule(&without(&[2, 3, 1, 0, 1], &[2, 3, 1, 0, 2])), rules::KEY_EXPONENT);
    assert_eq!(rule(&without(&[2, 3, 1, 0, 1], &[4, 3, 1, 0, 1])), rules::KEY_ENCODING);
    (0..spki.len()).filter(|length| *length != 32).for_each(|length| {
        assert!(import(&spki[..length]).is_err());
    });
}
