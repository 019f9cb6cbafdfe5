//! ECDSA: r and s out of range, of another length or in DER, and malleability.

use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::{Refused, Signer, Verifier};

use crate::vectors::unhex;

struct Curve {
    key_type: KeyType,
    order: Vec<u8>,
}

/// The orders of P-256 and P-384 (SEC 2 §2.4.2 and §2.5.1).
fn curves() -> Vec<Curve> {
    let p256 = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let p384 = "ffffffffffffffffffffffffffffffffffffffffffffffff
                c7634d81f4372ddf581a0db248b0a77aecec196accc52973";
    let curves = [(KeyType::Es256, p256), (KeyType::Es384, p384)];
    let curves = curves.map(|(key_type, order)| Curve { key_type, order: unhex(order) });
    let built_in = |curve: &Curve| cfg!(feature = "es384") || curve.key_type == KeyType::Es256;
    curves.into_iter().filter(built_in).collect()
}

impl Curve {
    fn signed(&self) -> (SecretKey, Vec<u8>, Vec<u8>) {
        let mut key = SecretKey::from_raw(self.key_type, &vec![7; self.order.len()]).unwrap();
        let mut signature = vec![0; 2 * self.order.len()];
        key.sign(&[b"message"], &mut signature).unwrap();
        let s = signature.split_off(self.order.len());
        (key, signature, s)
    }
}

/// a - b, big-endian, for a > b.
fn subtract(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    let digits = a.iter().rev().zip(b.iter().rev()).map(|(a, b)| {
        let (digit, under) = a.overflowing_sub(*b);
        let (digit, again) = digit.overflowing_sub(borrow);
        borrow = u8::from(under || again);
        digit
    });
    let mut result: Vec<u8> = digits.collect();
    result.reverse();
    result
}

fn plus_one(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    *bytes.last_mut().unwrap() += 1;
    bytes
}

#[test]
fn r_and_s_must_be_in_range() {
    for curve in curves() {
        let (key, r, s) = curve.signed();
        let verifying = key.verifying_key();
        let zero = vec![0; r.len()];
        let bad = [zero, curve.order.clone(), plus_one(&curve.order), vec![0xff; r.len()]];
        for bad in &bad {
            for signature in [[&r[..], bad].concat(), [&bad[..], &s].concat(), bad.repeat(2)] {
                assert_eq!(verifying.verify(&[b"message"], &signature), Err(Refused::Invalid));
            }
        }
        assert!(verifying.verify(&[b"message"], &[&r[..], &s].concat()).is_ok());
        assert!(verifying.verify(&[b"message"], &[&s[..], &r].concat()).is_err());
    }
}

#[test]
fn other_lengths_and_der_are_refused() {
    for curve in curves() {
        let (key, r, s) = curve.signed();
        let verifying = key.verifying_key();
        let whole = [&r[..], &s].concat();
        for length in (0..whole.len()).chain([whole.len() + 1, 2 * whole.len()]) {
            let mut signature = whole.clone();
            signature.resize(length, 0);
            assert_eq!(verifying.verify(&[b"message"], &signature), Err(Refused::Invalid));
        }
        // As X.509 and CMS have it: SEQUENCE of two INTEGERs.
        let integer = |bytes: &[u8]| {
            let sign: &[u8] = if bytes[0] > 0x7f { &[0] } else { &[] };
            let value = [sign, bytes].concat();
            [&[2, value.len() as u8][..], &value].concat()
        };
        let content = [integer(&r), integer(&s)].concat();
        let der = [&[0x30, content.len() as u8][..], &content].concat();
        assert_eq!(verifying.verify(&[b"message"], &der), Err(Refused::Invalid));
        // Leading zeros that another length would forgive.
        let padded = [&[0][..], &r, &[0], &s].concat();
        assert_eq!(verifying.verify(&[b"message"], &padded), Err(Refused::Invalid));
    }
}

/// RFC 9053 does not forbid the other s. Both verify, which is why a signature names no message.
#[test]
fn both_values_of_s_verify() {
    for curve in curves() {
        let (key, r, s) = curve.signed();
        let other = subtract(&curve.order, &s);
        let verifying = key.verifying_key();
        assert_ne!(other, s);
        assert!(verifying.verify(&[b"message"], &[&r[..], &other].concat()).is_ok());
    }
}

#[test]
fn scalars_must_be_in_range() {
    for curve in curves() {
        let refused = |bytes: &[u8]| {
            let error = SecretKey::from_raw(curve.key_type, bytes).unwrap_err();
            assert_eq!(error.rule(), iotops_crypto::rules::KEY_SCALAR);
        };
        refused(&vec![0; curve.order.len()]);
        refused(&curve.order);
        refused(&vec![0xff; curve.order.len()]);
        refused(&curve.order[1..]);
        refused(&[&[0][..], &vec![7; curve.order.len()]].concat());
        let one = subtract(&plus_one(&curve.order), &curve.order);
        let greatest = subtract(&curve.order, &one);
        assert!(SecretKey::from_raw(curve.key_type, &one).is_ok());
        assert!(SecretKey::from_raw(curve.key_type, &greatest).is_ok());
    }
}
