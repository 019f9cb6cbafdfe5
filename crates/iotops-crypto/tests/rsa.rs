//! RSA: Wycheproof, COSE examples, and keys that must be refused.

#![cfg(all(feature = "rsa", feature = "alloc"))]
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

use iotops_crypto::cose::Sign;
use iotops_crypto::key::{KeyType, RsaPublicKey, VerifyingKey, import};
use iotops_crypto::{Algorithm, Refused, Verifier, rules};
use iotops_wire::Rule;
use vectors::{hex, json, verdict, wycheproof};

fn bound(der: &[u8], algorithm: Algorithm) -> RsaPublicKey {
    let Ok(VerifyingKey::Rsa(key)) = import(der).map(|key| key.verifying_key()) else {
        panic!("no RSA key");
    };
    key.with_algorithm(algorithm).unwrap()
}

/// "acceptable" is one vector per file: a `DigestInfo` without NULL. RFC 8017 §9.2 has one encoding,
/// so it is refused. Every key is at least 2048 bits long, so none is left out.
#[test]
fn pkcs1_wycheproof() {
    for (file, count) in [
        ("rsa_signature_2048_sha256_test.json", (258, 1)),
        ("rsa_signature_3072_sha256_test.json", (258, 1)),
    ] {
        let ended = wycheproof(file, |group, test| {
            let key = bound(&hex(&group["publicKeyDer"]), Algorithm::Rs256);
            let accepted = verdict(&key, &hex(&test["msg"]), &hex(&test["sig"]));
            if test["result"] == "acceptable" {
                assert_eq!(test["flags"][0], "MissingNull");
                assert!(!accepted);
                return None;
            }
            Some(accepted)
        });
        assert!(ended == count || ended == (0, 0), "{ended:?}");
    }
}

#[test]
fn pss_wycheproof() {
    let ended = wycheproof("rsa_pss_2048_sha256_mgf1_32_test.json", |group, test| {
        let key = bound(&hex(&group["publicKeyDer"]), Algorithm::Ps256);
        Some(verdict(&key, &hex(&test["msg"]), &hex(&test["sig"])))
    });
    assert!(ended == (108, 0) || ended == (0, 0), "{ended:?}");
}

/// Each has one signer: PS256, PS384, PS512.
#[test]
fn cose_examples() {
    let mut checked = 0;
    for (number, algorithm) in
        [Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512].iter().enumerate()
    {
        let file = format!("cose-wg-examples/rsa-pss-examples/rsa-pss-0{}.json", number + 1);
        let Some(example) = json(&file) else { return };
        let key = &example["input"]["sign"]["signers"][0]["key"];
        let key = RsaPublicKey::new(&hex(&key["n_hex"]), &hex(&key["e_hex"])).unwrap();
        let key = key.with_algorithm(*algorithm).unwrap();
        let message = hex(&example["output"]["cbor"]);
        let message = Sign::decode(&message).unwrap();
        let signer = message.signatures().next().unwrap();
        let payload = message.payload().unwrap();
        let verified = message.verify(&signer, payload, b"", &[&key]).unwrap();
        assert_eq!((verified.payload(), verified.algorithm()), (payload, *algorithm));
        checked += 1;
    }
    test_support::report("cose-wg rsa-pss", checked);
}

fn rule(modulus: &[u8], exponent: &[u8]) -> Rule {
    RsaPublicKey::new(modulus, exponent).map(drop).map_err(|error| error.rule()).unwrap_err()
}

fn odd(bytes: usize) -> Vec<u8> {
    vec![0xff; bytes]
}

#[test]
fn weak_and_costly_keys_are_refused() {
    let e = [1, 0, 1];
    assert!(RsaPublicKey::new(&odd(256), &e).is_ok());
    assert!(RsaPublicKey::new(&odd(1024), &e).is_ok());
    assert!(RsaPublicKey::new(&[&[1][..], &odd(256)].concat(), &e).is_ok());
    assert_eq!(rule(&[], &e), rules::KEY_MODULUS);
    assert_eq!(rule(&odd(255), &e), rules::KEY_MODULUS_SHORT);
    assert_eq!(rule(&[&[0x7f][..], &odd(255)].concat(), &e), rules::KEY_MODULUS_SHORT);
    assert_eq!(rule(&[&[1][..], &odd(1024)].concat(), &e), rules::KEY_MODULUS_LONG);
    assert_eq!(rule(&odd(100_000), &e), rules::KEY_MODULUS_LONG);
    assert_eq!(rule(&[&odd(255)[..], &[0xfe]].concat(), &e), rules::KEY_MODULUS);
    assert_eq!(rule(&[&[0][..], &odd(256)].concat(), &e), rules::KEY_MODULUS);
    for exponent in [&[][..], &[1], &[2], &[0, 3], &[1, 0, 0], &[2, 0, 0, 0, 1], &[0xff; 9]] {
        assert_eq!(rule(&odd(256), exponent), rules::KEY_EXPONENT, "{exponent:?}");
    }
    for exponent in [&[3][..], &[17], &[1, 0, 1], &[1, 0xff, 0xff, 0xff, 0xff]] {
        let key = RsaPublicKey::new(&odd(256), exponent).unwrap();
        assert_eq!((key.exponent(), key.modulus()), (exponent.to_vec(), odd(256)));
    }
}

#[test]
fn a_key_is_bound_to_one_algorithm() {
    let free = RsaPublicKey::new(&odd(256), &[3]).unwrap();
    assert!(Algorithm::ALL.iter().all(|algorithm| !free.accepts(*algorithm)));
    assert_eq!(free.verify(&[b"m"], &[0; 256]), Err(Refused::Unavailable));
    for algorithm in Algorithm::ALL {
        let bound = free.clone().with_algorithm(*algorithm);
        if !algorithm.name().starts_with("RS") && !algorithm.name().starts_with("PS") {
            assert_eq!(bound.unwrap_err().rule(), rules::KEY_ALGORITHM);
            continue;
        }
        let bound = bound.unwrap();
        for other in Algorithm::ALL {
            assert_eq!(bound.accepts(*other), other == algorithm);
            assert_eq!(bound.clone().with_algorithm(*other).is_ok(), other == algorithm);
        }
        let verifying = VerifyingKey::Rsa(bound.clone());
        let again = import(verifying.to_cose_key().unwrap().as_bytes()).unwrap();
        let VerifyingKey::Rsa(again) = again.verifying_key() else { panic!("no RSA key") };
        assert_eq!(again, bound);
    }
    let verifying = VerifyingKey::Rsa(free.clone());
    for form in [
        verifying.to_pem().unwrap().into_bytes(),
        verifying.to_cose_key().unwrap().as_bytes().to_vec(),
    ] {
        let VerifyingKey::Rsa(again) = import(&form).unwrap().verifying_key() else {
            panic!("no RSA key");
        };
        assert_eq!(again, free);
    }
    assert_eq!(verifying.key_type(), KeyType::Rsa);
    assert_eq!(free.verify_pkcs1(Algorithm::Es256, &[], &[0; 256]), Err(Refused::Unavailable));
}
