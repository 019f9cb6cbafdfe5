//! Signature vectors of other projects: CCTV for Ed25519, and Wycheproof.

#![cfg(all(feature = "es256", feature = "ed25519", feature = "hmac", feature = "alloc"))]
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

use iotops_crypto::key::{Ed25519PublicKey, Es256PublicKey, HmacKey};
use iotops_crypto::{Algorithm, rules};
use vectors::{hex, json, verdict, wycheproof};

#[test]
fn ed25519_has_the_verdict_of_verify_strict_on_every_cctv_vector() {
    let Some(vectors) = json("cctv/ed25519vectors.json") else { return };
    let (mut checked, mut accepted) = (0, 0);
    for vector in vectors.as_array().unwrap() {
        let (key, signature) = (hex(&vector["key"]), hex(&vector["sig"]));
        let message = vector["msg"].as_str().unwrap().as_bytes();
        let ours =
            Ed25519PublicKey::from_bytes(&key).is_ok_and(|key| verdict(&key, message, &signature));
        let bytes = key.as_slice().try_into().unwrap();
        let theirs = ed25519_dalek::VerifyingKey::from_bytes(bytes).is_ok_and(|key| {
            let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
            key.verify_strict(message, &signature).is_ok()
        });
        assert_eq!(ours, theirs, "{}", vector["number"]);
        checked += 1;
        accepted += usize::from(ours);
    }
    assert_eq!((checked, accepted), (914, 43));
    test_support::report("cctv ed25519", checked);
}

#[test]
fn ecdsa_p256_wycheproof() {
    let ended = wycheproof("ecdsa_secp256r1_sha256_p1363_test.json", |group, test| {
        let key = Es256PublicKey::from_sec1(&hex(&group["publicKey"]["uncompressed"])).unwrap();
        Some(verdict(&key, &hex(&test["msg"]), &hex(&test["sig"])))
    });
    assert!(ended == (262, 0) || ended == (0, 0), "{ended:?}");
}

#[test]
fn ed25519_wycheproof() {
    let ended = wycheproof("ed25519_test.json", |group, test| {
        let key = Ed25519PublicKey::from_bytes(&hex(&group["publicKey"]["pk"])).unwrap();
        Some(verdict(&key, &hex(&test["msg"]), &hex(&test["sig"])))
    });
    assert!(ended == (151, 0) || ended == (0, 0), "{ended:?}");
}

#[cfg(feature = "es384")]
#[test]
fn ecdsa_p384_wycheproof() {
    let ended = wycheproof("ecdsa_secp384r1_sha384_p1363_test.json", |group, test| {
        let key = &hex(&group["publicKey"]["uncompressed"]);
        let key = iotops_crypto::key::Es384PublicKey::from_sec1(key).unwrap();
        Some(verdict(&key, &hex(&test["msg"]), &hex(&test["sig"])))
    });
    assert!(ended == (280, 0) || ended == (0, 0), "{ended:?}");
}

/// By policy left out: keys shorter than the hash or longer than its block (`KEY_SHORT`,
/// `KEY_FORM`), and truncated tags, which must be refused whatever the vector says.
fn hmac(file: &str, algorithm: Algorithm, bits: u64) -> [usize; 4] {
    let [short, long, truncated] = [const { core::cell::Cell::new(0) }; 3];
    let count = |cell: &core::cell::Cell<usize>| cell.set(cell.get() + 1);
    let (checked, _) = wycheproof(file, |group, test| {
        let key = match HmacKey::new(algorithm, &hex(&test["key"])) {
            Ok(key) => key,
            Err(error) if error.rule() == rules::KEY_SHORT => {
                count(&short);
                return None;
            }
            Err(error) => {
                assert_eq!(error.rule(), rules::KEY_FORM);
                count(&long);
                return None;
            }
        };
        let tag = hex(&test["tag"]);
        if group["tagSize"] != bits {
            assert!(!verdict(&key, &hex(&test["msg"]), &tag), "a truncated tag");
            count(&truncated);
            return None;
        }
        Some(verdict(&key, &hex(&test["msg"]), &tag))
    });
    println!(
        "{file}: left out {} short keys, {} long keys, {} short tags",
        short.get(),
        long.get(),
        truncated.get()
    );
    [checked, short.get(), long.get(), truncated.get()]
}

#[test]
fn hmac_wycheproof() {
    let ended = hmac("hmac_sha256_test.json", Algorithm::Hmac256, 256);
    assert!(ended == [0; 4] || ended == [81, 6, 6, 81], "{ended:?}");
    #[cfg(feature = "sha512")]
    {
        let ended = hmac("hmac_sha384_test.json", Algorithm::Hmac384, 384);
        assert!(ended == [0; 4] || ended == [84, 6, 0, 84], "{ended:?}");
    }
}
