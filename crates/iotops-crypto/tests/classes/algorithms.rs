//! A key is used with the algorithms of its type and no other: no key confusion.

use iotops_crypto::cose::{Mac0, Payload, Sign1, Unsigned};
use iotops_crypto::key::{HmacKey, Imported, KeyType, SecretKey, VerifyingKey, import};
use iotops_crypto::{Algorithm, Purpose, Verifier, rules};
use iotops_wire::cbor::Encoder;

use crate::vectors::{blocks, unhex, value};

fn generated(key_type: KeyType, length: usize) -> VerifyingKey {
    SecretKey::from_raw(key_type, &vec![7; length]).unwrap().verifying_key()
}

/// One key of each type that is built in, with the numbers that it must accept.
fn keys() -> Vec<(VerifyingKey, Vec<i64>)> {
    let mut keys = vec![
        (generated(KeyType::Es256, 32), vec![-7, -9]),
        (generated(KeyType::Ed25519, 32), vec![-8, -19]),
        (generated(KeyType::Hmac, 32), vec![5]),
    ];
    if cfg!(feature = "es384") {
        keys.push((generated(KeyType::Es384, 48), vec![-35, -51]));
    }
    if cfg!(feature = "sha512") {
        keys.push((generated(KeyType::Hmac384, 48), vec![6]));
        keys.push((generated(KeyType::Hmac512, 64), vec![7]));
    }
    if cfg!(feature = "ml-dsa") {
        keys.push((generated(KeyType::MlDsa44, 32), vec![-48]));
        keys.push((generated(KeyType::MlDsa65, 32), vec![-49]));
        keys.push((generated(KeyType::MlDsa87, 32), vec![-50]));
    }
    if cfg!(feature = "hss-lms") {
        let key = unhex(value(&blocks("rfc8554-test-case-1.txt")[0], "public"));
        keys.push((VerifyingKey::from_raw(KeyType::HssLms, &key).unwrap(), vec![-46]));
    }
    #[cfg(feature = "rsa")]
    {
        let key = iotops_crypto::key::RsaPublicKey::new(&[0xff; 256], &[3]).unwrap();
        keys.push((VerifyingKey::Rsa(key.clone()), vec![]));
        for number in [-37, -38, -39, -257, -258, -259] {
            let algorithm = Algorithm::from_cose(number).unwrap();
            let bound = key.clone().with_algorithm(algorithm).unwrap();
            keys.push((VerifyingKey::Rsa(bound), vec![number]));
        }
    }
    keys
}

#[test]
fn every_key_accepts_the_algorithms_of_its_row_only() {
    let mut pairs = 0;
    for (key, own) in keys() {
        for algorithm in Algorithm::ALL {
            let expected = own.contains(&algorithm.to_cose());
            assert_eq!(key.accepts(*algorithm), expected, "{:?} {algorithm:?}", key.key_type());
            pairs += 1;
        }
    }
    println!("key and algorithm: {pairs} pairs");
}

/// The header alone decides nothing: each algorithm of a header, with each key of another type.
#[test]
fn a_header_never_turns_a_key_into_one_of_another_type() {
    let signs =
        |algorithm: &&Algorithm| matches!(algorithm.purpose(), Purpose::Signature | Purpose::Mac);
    for algorithm in Algorithm::ALL.iter().filter(signs) {
        let unsigned = Unsigned::new(*algorithm).unwrap();
        let signature = vec![1; algorithm.signature_length().unwrap_or(64)];
        let mut message = Vec::new();
        unsigned
            .finish(Payload::Attached(b"p"), &signature, &mut Encoder::new(&mut message))
            .unwrap();
        for (key, own) in keys() {
            let refused = match algorithm.purpose() {
                Purpose::Mac => Mac0::decode(&message).unwrap().verify(b"", &[&key]),
                _ => Sign1::decode(&message).unwrap().verify(b"", &[&key]),
            };
            let expected = match (own.contains(&algorithm.to_cose()), algorithm.purpose()) {
                (false, _) => rules::NO_KEY,
                (true, Purpose::Mac) => rules::MAC,
                (true, _) => rules::SIGNATURE,
            };
            assert_eq!(refused.unwrap_err().rule(), expected, "{algorithm:?}");
        }
    }
}

/// Whoever knows a public key must not be able to make a MAC that verifies with it: in no form of
/// the key and with no hash.
#[test]
fn macs_made_with_the_bytes_of_a_public_key_never_verify() {
    let mut tried = 0;
    for (public, _) in keys().iter().filter(|(key, _)| !matches!(key, VerifyingKey::Hmac(_))) {
        let pem = public.to_pem().unwrap_or_default();
        let der = pem_rfc7468::decode_vec(pem.as_bytes()).map(|(_, der)| der).unwrap_or_default();
        let raw = public.to_raw().as_bytes().to_vec();
        let forms = [
            public.to_cose_key().unwrap().as_bytes().to_vec(),
            raw[..raw.len().min(32)].to_vec(),
            raw[..raw.len().min(64)].to_vec(),
            raw,
            der,
            pem.into_bytes(),
        ];
        for form in &forms {
            assert!(!matches!(import(form), Ok(Imported::Secret(_))));
            for algorithm in [Algorithm::Hmac256, Algorithm::Hmac384, Algorithm::Hmac512] {
                let Ok(mut forger) = HmacKey::new(algorithm, form) else { continue };
                let mut message = Vec::new();
                let encoder = &mut Encoder::new(&mut message);
                let unsigned = Unsigned::new(algorithm).unwrap();
                unsigned.sign(&mut forger, Payload::Attached(b"p"), b"", encoder).unwrap();
                let refused = Mac0::decode(&message).unwrap().verify(b"", &[public]);
                assert_eq!(refused.unwrap_err().rule(), rules::NO_KEY);
                tried += 1;
            }
        }
    }
    assert!(tried > 0);
    println!("MACs with public keys: {tried} tried");
}
