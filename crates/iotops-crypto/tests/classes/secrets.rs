//! Secrets are not shown, MACs are compared whole, and no signature is a prefix of another.

use iotops_crypto::key::{KeyType, SecretKey, VerifyingKey};
use iotops_crypto::{Refused, Signer, Verifier};

fn secrets() -> Vec<SecretKey> {
    let mut types = vec![(KeyType::Es256, 32), (KeyType::Ed25519, 32), (KeyType::Hmac, 32)];
    if cfg!(feature = "es384") {
        types.push((KeyType::Es384, 48));
    }
    if cfg!(feature = "sha512") {
        types.extend([(KeyType::Hmac384, 48), (KeyType::Hmac512, 64)]);
    }
    if cfg!(feature = "ml-dsa") {
        types.extend([(KeyType::MlDsa44, 32), (KeyType::MlDsa65, 32)]);
    }
    let key = |(key_type, length)| SecretKey::from_raw(key_type, &vec![0xab; length]).unwrap();
    types.into_iter().map(key).collect()
}

#[test]
fn debug_shows_no_byte_of_a_secret() {
    for secret in secrets() {
        let raw = secret.to_raw();
        let mut shown = format!("{secret:?} {secret:#?} {raw:?} {:?}", secret.to_cose_key());
        if let VerifyingKey::Hmac(key) = secret.verifying_key() {
            shown += &format!("{key:?} {:?}", VerifyingKey::Hmac(key.clone()));
        }
        if let Ok(pem) = secret.to_pem() {
            shown += &format!("{pem:?}");
        }
        for form in ["171", "ab", "AB", "PRIVATE"] {
            assert!(!shown.contains(form), "{shown}");
        }
    }
}

/// A MAC of half its length, or with one bit wrong anywhere, is no MAC.
#[test]
fn macs_are_compared_whole() {
    for mut secret in secrets() {
        let verifying = secret.verifying_key();
        if !matches!(verifying, VerifyingKey::Hmac(_)) {
            continue;
        }
        let mut mac = [0; 64];
        let length = secret.sign(&[b"message"], &mut mac).unwrap();
        let mac = &mut mac[..length];
        assert!(verifying.verify(&[b"message"], mac).is_ok());
        for shorter in 0..length {
            assert_eq!(verifying.verify(&[b"message"], &mac[..shorter]), Err(Refused::Invalid));
        }
        for bit in 0..length * 8 {
            mac[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(verifying.verify(&[b"message"], mac), Err(Refused::Invalid));
            mac[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// A buffer that is too short gets nothing, and signing again gives the same.
#[test]
fn signing_is_deterministic_and_writes_all_or_nothing() {
    for mut secret in secrets() {
        let (mut one, mut other) = ([0; 5000], [0; 5000]);
        let length = secret.sign(&[b"message"], &mut one).unwrap();
        assert_eq!(secret.sign(&[b"mes", b"sage"], &mut other).unwrap(), length);
        assert_eq!(one, other);
        let mut short = vec![0; length - 1];
        assert!(secret.sign(&[b"message"], &mut short).is_err());
        assert!(short.iter().all(|byte| *byte == 0));
    }
}
