//! Key import: any bytes, and what was imported again after it was exported.

#![no_main]

use iotops_crypto::key::{Imported, SecretKey, VerifyingKey, import};
use iotops_crypto::{Algorithm, Signer, Verifier};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Ok(key) = import(input) else { return };
    let _ = format!("{key:?}");
    let verifying = key.verifying_key();
    again(&verifying);
    if let Imported::Secret(secret) = key {
        secret_again(&secret);
        sign(secret, &verifying);
    }
});

/// A secret key that was written comes back the same. (A MAC key has no PEM.)
fn secret_again(key: &SecretKey) {
    let same = |bytes: &[u8]| {
        let same = import(bytes).and_then(|key| key.secret_key()).expect("what we wrote");
        assert_eq!(same.to_raw().as_bytes(), key.to_raw().as_bytes());
    };
    if let Ok(pem) = key.to_pem() {
        same(pem.as_str().as_bytes());
    }
    same(key.to_jwk().expect("a JWK").as_str().as_bytes());
    same(key.to_cose_key().expect("every key has this form").as_bytes());
}

/// A public key that was written comes back the same. (A MAC key is no public key.)
fn again(key: &VerifyingKey) {
    let same = import(key.to_jwk().expect("a JWK").as_str().as_bytes())
        .expect("our own JWK")
        .verifying_key();
    assert_eq!(same.to_raw().as_bytes(), key.to_raw().as_bytes());
    let _ = key.jwk_thumbprint();
    let Ok(pem) = key.to_pem() else { return };
    let same = import(pem.as_bytes()).expect("our own PEM").verifying_key();
    assert_eq!(same.key_type(), key.key_type());
    assert_eq!(same.to_raw().as_bytes(), key.to_raw().as_bytes());
}

/// What a secret key signs, its public key takes, and no other message.
fn sign(mut secret: SecretKey, verifying: &VerifyingKey) {
    let algorithm = secret.algorithm();
    assert!(verifying.accepts(algorithm));
    assert!(Algorithm::ALL.iter().filter(|one| verifying.accepts(**one)).count() <= 2);
    let mut signature = [0; 64];
    let length = secret.sign(&[b"a", b"b"], &mut signature).expect("space");
    assert_eq!(verifying.verify(&[b"ab"], &signature[..length]), Ok(()));
    assert!(verifying.verify(&[b"ac"], &signature[..length]).is_err());
}
