//! ML-DSA: ACVP, Wycheproof, COSE examples, and forms of keys.

#![cfg(all(feature = "ml-dsa", feature = "alloc"))]
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

use core::cell::Cell;

use iotops_crypto::cose::{Payload, Sign1, Unsigned};
use iotops_crypto::key::{
    Imported, KeyType, MlDsa44PublicKey, MlDsa65PublicKey, SecretKey, VerifyingKey, import,
};
use iotops_crypto::{Algorithm, Error, Refused, Signer, Verifier, rules};
use iotops_wire::cbor::Encoder;
use serde_json::Value;
use vectors::{hex, json, wycheproof};

const SETS: [(KeyType, Algorithm, &str); 3] = [
    (KeyType::MlDsa44, Algorithm::MlDsa44, "ML-DSA-44"),
    (KeyType::MlDsa65, Algorithm::MlDsa65, "ML-DSA-65"),
    (KeyType::MlDsa87, Algorithm::MlDsa87, "ML-DSA-87"),
];

fn sign(key: &mut SecretKey, message: &[u8]) -> Vec<u8> {
    let mut signature = [0; 5000];
    let length = key.sign(&[message], &mut signature).unwrap();
    signature[..length].to_vec()
}

/// All of key generation. The files for signing (60 vectors) and verifying (45) are left out: they
/// are of the internal interface (FIPS 204 §6), which signs without the prefix of the context, and
/// give expanded private keys, which RFC 9964 does not take.
#[test]
fn acvp_key_generation() {
    let Some(vectors) = json("ml-dsa-acvp/key-gen.json") else { return };
    let mut checked = 0;
    for group in vectors["testGroups"].as_array().unwrap() {
        let set = SETS.iter().find(|set| group["parameterSet"] == set.2).unwrap();
        for test in group["tests"].as_array().unwrap() {
            let key = SecretKey::from_raw(set.0, &hex(&test["seed"])).unwrap();
            assert_eq!(
                key.verifying_key().to_raw().as_bytes(),
                hex(&test["pk"]),
                "{}",
                test["tcId"]
            );
            checked += 1;
        }
    }
    assert_eq!(checked, 75);
    test_support::report("acvp ml-dsa key-gen", checked);
}

#[test]
fn cose_examples() {
    let mut checked = 0;
    for (key_type, algorithm, name) in SETS {
        let file = format!("cose-dilithium/{}.cose.json", name.replace('-', "_"));
        let Some(example) = json(&file) else { return };
        let mut secret = SecretKey::from_raw(key_type, &hex(&example["priv"])).unwrap();
        let raw = hex(&example["raw_public_key"]);
        assert_eq!(secret.verifying_key().to_raw().as_bytes(), raw);
        assert_eq!(
            sign(&mut secret, &hex(&example["raw_to_be_signed"])).len(),
            algorithm.signature_length().unwrap()
        );
        // The maps of the examples are not in the deterministic order.
        let error = import(&hex(&example["key"])).unwrap_err();
        assert_eq!(error.rule(), iotops_wire::rules::KEY_ORDER, "{name}");
        let verifying = VerifyingKey::from_raw(key_type, &raw).unwrap();
        let signed = hex(&example["raw_to_be_signed"]);
        assert!(verifying.verify(&[&signed], &hex(&example["raw_signature"])).is_ok(), "{name}");
        let message = hex(&example["sign1"]);
        let verified =
            Sign1::decode(&message).unwrap().verify(b"", &[&verifying]).map(|one| one.algorithm());
        assert_eq!(verified.unwrap(), algorithm);
        checked += 1;
    }
    test_support::report("cose-dilithium", checked);
}

fn context(test: &Value) -> Vec<u8> {
    if test["ctx"].is_null() { Vec::new() } else { hex(&test["ctx"]) }
}

fn verify_file(
    file: &str,
    check: impl Fn(&[u8], &[u8], &[u8], &[u8]) -> Result<Result<(), Refused>, Error>,
) -> (usize, usize) {
    wycheproof(file, |group, test| {
        let (message, signature) = (hex(&test["msg"]), hex(&test["sig"]));
        match check(&hex(&group["publicKey"]), &context(test), &message, &signature) {
            Ok(verdict) => Some(verdict.is_ok()),
            Err(error) => {
                assert_eq!(error.rule(), rules::KEY_LENGTH);
                Some(false)
            }
        }
    })
}

#[test]
fn wycheproof_verify() {
    let ended = verify_file("mldsa_44_verify_test.json", |key, context, message, signature| {
        let key = MlDsa44PublicKey::from_bytes(key)?;
        Ok(key.verify_in_context(context, &[message], signature))
    });
    assert!(ended == (180, 0) || ended == (0, 0), "{ended:?}");
    let ended = verify_file("mldsa_65_verify_test.json", |key, context, message, signature| {
        let key = MlDsa65PublicKey::from_bytes(key)?;
        Ok(key.verify_in_context(context, &[message], signature))
    });
    assert!(ended == (210, 0) || ended == (0, 0), "{ended:?}");
}

/// Left out are what our seams do not have: signing in a context (those signatures are verified
/// instead), signing a digest of the message that was made elsewhere, and randomized signing.
#[test]
fn wycheproof_sign() {
    let [contexts, internal, randomized] = [const { Cell::new(0) }; 3];
    let count = |cell: &Cell<usize>| {
        cell.set(cell.get() + 1);
        None
    };
    let ended = wycheproof("mldsa_44_sign_seed_test.json", |group, test| {
        let Ok(mut secret) = SecretKey::from_raw(KeyType::MlDsa44, &hex(&group["privateSeed"]))
        else {
            return Some(false);
        };
        assert_eq!(secret.verifying_key().to_raw().as_bytes(), hex(&group["publicKey"]));
        if let Some(pkcs8) = group["privateKeyPkcs8"].as_str() {
            let imported = import(&vectors::unhex(pkcs8)).unwrap().secret_key().unwrap();
            assert_eq!(imported.to_raw().as_bytes(), secret.to_raw().as_bytes());
        }
        if test["msg"].is_null() {
            return count(&internal);
        }
        let (message, signature) = (hex(&test["msg"]), hex(&test["sig"]));
        if !test["ctx"].is_null() {
            let key = MlDsa44PublicKey::from_bytes(&hex(&group["publicKey"])).unwrap();
            let verdict = key.verify_in_context(&context(test), &[&message], &signature);
            assert_eq!(verdict.is_ok(), test["result"] == "valid", "{}", test["tcId"]);
            return count(&contexts);
        }
        if !test["rnd"].is_null() {
            assert!(secret.verifying_key().verify(&[&message], &signature).is_ok());
            return count(&randomized);
        }
        Some(sign(&mut secret, &message) == signature)
    });
    let left_out = [contexts.get(), internal.get(), randomized.get()];
    println!("ml-dsa: left out, by context, digest, randomized: {left_out:?}");
    assert!(
        (ended, left_out) == ((72, 14), [5, 8, 1]) || ended == (0, 0),
        "{ended:?} {left_out:?}"
    );
}

#[test]
fn keys_come_and_go_in_every_form() {
    for (key_type, algorithm, name) in SETS {
        let mut secret = SecretKey::from_raw(key_type, &[7; 32]).unwrap();
        let verifying = secret.verifying_key();
        let signature = sign(&mut secret, b"message");
        assert_eq!((verifying.key_type(), verifying.algorithm()), (key_type, Some(algorithm)));
        assert_eq!(signature.len(), algorithm.signature_length().unwrap());
        for other in Algorithm::ALL {
            assert_eq!(verifying.accepts(*other), *other == algorithm);
        }
        let forms = [
            secret.to_cose_key().unwrap().as_bytes().to_vec(),
            secret.to_pem().unwrap().as_str().as_bytes().to_vec(),
            verifying.to_cose_key().unwrap().as_bytes().to_vec(),
            verifying.to_pem().unwrap().into_bytes(),
        ];
        for (form, is_secret) in forms.iter().zip([true, true, false, false]) {
            let imported = import(form).unwrap();
            assert_eq!(matches!(imported, Imported::Secret(_)), is_secret);
            let key = imported.verifying_key();
            assert!(key.verify(&[b"mess", b"", b"age"], &signature).is_ok(), "{name}");
            assert!(key.verify(&[b"messagf"], &signature).is_err());
            assert!(key.verify(&[b"message"], &signature[1..]).is_err());
            assert!(key.verify(&[b"message"], &[&signature[..], &[0]].concat()).is_err());
        }
        let shown = format!("MlDsa{0}(MlDsa{0}SecretKey)", &name[7..]);
        assert_eq!(format!("{secret:?}"), shown);
        for length in [0, 31, 33, 1311, 1313] {
            let error = SecretKey::from_raw(key_type, &vec![0; length]).unwrap_err();
            assert_eq!(error.rule(), rules::KEY_LENGTH);
            let error = VerifyingKey::from_raw(key_type, &vec![0; length]).unwrap_err();
            assert_eq!(error.rule(), rules::KEY_LENGTH);
        }
    }
}

#[test]
fn messages_are_signed_and_verified() {
    for (key_type, algorithm, _) in SETS {
        let mut secret = SecretKey::from_raw(key_type, &[7; 32]).unwrap();
        let mut message = Vec::new();
        let unsigned = Unsigned::new(algorithm).unwrap();
        let payload = Payload::Attached(b"payload");
        unsigned.sign(&mut secret, payload, b"aad", &mut Encoder::new(&mut message)).unwrap();
        let decoded = Sign1::decode(&message).unwrap();
        assert!(decoded.verify(b"aad", &[&secret.verifying_key()]).is_ok());
        let other = SecretKey::from_raw(key_type, &[8; 32]).unwrap().verifying_key();
        let error = decoded.verify(b"aad", &[&other]).unwrap_err();
        assert_eq!(error.rule(), rules::SIGNATURE);
    }
}

/// A key whose private part is another's, and an AKP key without what must be there.
#[test]
fn cose_keys_are_read_strictly() {
    let secret = SecretKey::from_raw(KeyType::MlDsa44, &[7; 32]).unwrap();
    let good = secret.to_cose_key().unwrap().as_bytes().to_vec();
    let rule = |bytes: &[u8]| import(bytes).map(drop).unwrap_err().rule();
    let mut pair = good.clone();
    *pair.last_mut().unwrap() ^= 1;
    assert_eq!(rule(&pair), rules::KEY_PAIR);
    // Another algorithm, none, and no public key.
    let mut other = good.clone();
    assert_eq!(other[4..6], [0x38, 0x2f][..], "{:02x?}", &other[..8]);
    other[5] = 0x30;
    assert_eq!(rule(&other), rules::KEY_LENGTH);
    assert_eq!(rule(&[0xa1, 1, 7]), rules::KEY_ALGORITHM);
    assert_eq!(rule(&[0xa2, 1, 7, 3, 0x38, 0x2f]), rules::KEY_PARAMETER);
    assert_eq!(rule(&[0xa2, 1, 7, 3, 0x26]), rules::KEY_ALGORITHM);
}
