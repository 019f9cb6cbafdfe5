//! The verdicts of every backend are those of Wycheproof.

use iotops_crypto::agreement::Curve;
use iotops_crypto::cipher::{AeadParameters, Key};
use iotops_crypto::key::{KeyType, VerifyingKey, import};
use iotops_crypto::{Algorithm, Refused, rules};
use serde_json::Value;

use super::{Backend, Made};
use crate::vectors::{hex, json, verdict};

/// What comes of a case.
enum Case {
    Verdict(bool),
    /// No key or algorithm of ours stands for it.
    Outside,
    /// The backend has no such keys.
    Lacks,
}

/// Runs a file of which `count` cases are ours. `acceptable` says what becomes of cases that
/// Wycheproof leaves open.
fn run(
    backend: &dyn Backend,
    file: &str,
    count: usize,
    acceptable: impl Fn(&Value) -> bool,
    check: impl Fn(&Value, &Value) -> Case,
) {
    let Some(vectors) = json(&format!("wycheproof/{file}")) else { return };
    let name = format!("{file} by {}", backend.name());
    let (mut checked, mut lacks) = (0, 0);
    for group in vectors["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let accepted = match check(group, test) {
                Case::Verdict(accepted) => accepted,
                Case::Outside => continue,
                Case::Lacks => {
                    lacks += 1;
                    continue;
                }
            };
            let expected = match test["result"].as_str().unwrap() {
                "valid" => true,
                "invalid" => false,
                _ => acceptable(test),
            };
            assert_eq!(accepted, expected, "{name}, {}: {}", test["tcId"], test["comment"]);
            checked += 1;
        }
    }
    if checked == 0 && lacks > 0 {
        println!("{name}: it has no such keys");
        return;
    }
    assert_eq!((checked, lacks), (count, 0), "{name}");
    test_support::report(&name, checked);
}

fn never(_: &Value) -> bool {
    false
}

fn signature(backend: &dyn Backend, key: Option<VerifyingKey>, test: &Value) -> Case {
    if !test["ctx"].is_null() {
        return Case::Outside; // A context is not in the seam.
    }
    match key.map(|key| backend.verifier(&key).map_verdict(test)) {
        Some(case) => case,
        None => Case::Verdict(false),
    }
}

impl Made<Box<dyn iotops_crypto::Verifier + '_>> {
    fn map_verdict(&self, test: &Value) -> Case {
        match self {
            Self::Key(key) => {
                Case::Verdict(verdict(key.as_ref(), &hex(&test["msg"]), &hex(&test["sig"])))
            }
            Self::Refused => Case::Verdict(false),
            Self::Lacks => Case::Lacks,
        }
    }
}

fn raw(key_type: KeyType, bytes: &Value) -> Option<VerifyingKey> {
    VerifyingKey::from_raw(key_type, &hex(bytes)).ok()
}

pub(crate) fn ecdsa(backends: &[&dyn Backend]) {
    for (file, key_type, count) in [
        ("ecdsa_secp256r1_sha256_p1363_test.json", KeyType::Es256, 262),
        ("ecdsa_secp384r1_sha384_p1363_test.json", KeyType::Es384, 280),
    ] {
        for backend in backends {
            run(*backend, file, count, never, |group, test| {
                signature(*backend, raw(key_type, &group["publicKey"]["uncompressed"]), test)
            });
        }
    }
}

pub(crate) fn ed25519(backends: &[&dyn Backend]) {
    for backend in backends {
        run(*backend, "ed25519_test.json", 151, never, |group, test| {
            signature(*backend, raw(KeyType::Ed25519, &group["publicKey"]["pk"]), test)
        });
    }
}

fn rsa_key(group: &Value, algorithm: Algorithm) -> Option<VerifyingKey> {
    match import(&hex(&group["publicKeyDer"])).ok()?.verifying_key() {
        VerifyingKey::Rsa(key) => key.with_algorithm(algorithm).ok().map(VerifyingKey::Rsa),
        _ => None,
    }
}

/// "acceptable" is a `DigestInfo` without NULL: every backend refuses it.
pub(crate) fn rsa(backends: &[&dyn Backend]) {
    for (file, algorithm, count) in [
        ("rsa_signature_2048_sha256_test.json", Algorithm::Rs256, 259),
        ("rsa_signature_3072_sha256_test.json", Algorithm::Rs256, 259),
        ("rsa_pss_2048_sha256_mgf1_32_test.json", Algorithm::Ps256, 108),
    ] {
        for backend in backends {
            run(*backend, file, count, never, |group, test| {
                signature(*backend, rsa_key(group, algorithm), test)
            });
        }
    }
}

pub(crate) fn ml_dsa(backends: &[&dyn Backend]) {
    for (file, key_type, count) in [
        ("mldsa_44_verify_test.json", KeyType::MlDsa44, 172),
        ("mldsa_65_verify_test.json", KeyType::MlDsa65, 202),
    ] {
        for backend in backends {
            run(*backend, file, count, never, |group, test| {
                signature(*backend, raw(key_type, &group["publicKey"]), test)
            });
        }
    }
}

/// Keys of 32 bytes and whole MACs: others are not taken.
pub(crate) fn hmac(backends: &[&dyn Backend]) {
    for (file, algorithm, bits, count) in [
        ("hmac_sha256_test.json", Algorithm::Hmac256, 256, 81),
        ("hmac_sha384_test.json", Algorithm::Hmac384, 384, 81),
    ] {
        for backend in backends {
            run(*backend, file, count, never, |group, test| {
                if group["keySize"] != bits || group["tagSize"] != bits {
                    return Case::Outside;
                }
                let key = Key::new(algorithm, &hex(&test["key"])).unwrap();
                let Some((mut signer, key)) = backend.mac(&key) else { return Case::Lacks };
                let (message, tag) = (hex(&test["msg"]), hex(&test["tag"]));
                let accepted = verdict(key.as_ref(), &message, &tag);
                let mut made = vec![0; tag.len()];
                assert_eq!(signer.sign(&[&message], &mut made), Ok(tag.len()));
                assert_eq!(made == tag, accepted);
                Case::Verdict(accepted)
            });
        }
    }
}

/// The AEAD of a family whose lengths a group has.
fn aead(group: &Value, family: &str) -> Option<Algorithm> {
    let bytes = |name: &str| usize::try_from(group[name].as_u64().unwrap()).unwrap() / 8;
    let lengths = (bytes("keySize"), bytes("ivSize"), bytes("tagSize"));
    let of = |algorithm: &Algorithm| {
        algorithm.name().contains(family)
            && AeadParameters::of(*algorithm)
                .is_some_and(|own| (own.key, own.iv, own.tag) == lengths)
    };
    Algorithm::ALL.iter().copied().find(of)
}

pub(crate) fn aeads(backends: &[&dyn Backend]) {
    for (file, family, count) in [
        ("aes_gcm_test.json", "GCM", 197),
        ("aes_ccm_test.json", "CCM", 24),
        ("chacha20_poly1305_test.json", "ChaCha", 316),
    ] {
        for backend in backends {
            run(*backend, file, count, never, |group, test| {
                let Some(algorithm) = aead(group, family) else { return Case::Outside };
                let key = Key::new(algorithm, &hex(&test["key"])).unwrap();
                let Some(key) = backend.content(&key) else { return Case::Lacks };
                Case::Verdict(opened(&key, test))
            });
        }
    }
}

/// Opens, and seals what opened.
fn opened(key: &Key, test: &Value) -> bool {
    let [iv, aad, plaintext, ciphertext, tag] =
        ["iv", "aad", "msg", "ct", "tag"].map(|name| hex(&test[name]));
    let mut content = ciphertext.clone();
    if let Err(error) = key.open(&iv, &[&aad], &mut content, &tag) {
        assert_eq!(error.rule(), rules::cipher::TAG);
        assert!(content.iter().all(|byte| *byte == 0), "wiped");
        return false;
    }
    assert_eq!(content, plaintext);
    let mut made = vec![0; tag.len()];
    let (first, second) = aad.split_at(aad.len() / 2);
    assert_eq!(key.seal(&iv, &[first, &[], second], &mut content, &mut made).unwrap(), tag.len());
    assert_eq!((content, made), (ciphertext, tag));
    true
}

/// "acceptable" are keys of one block: RFC 3394 §2.2.1 wraps "two or more", so they are refused.
pub(crate) fn key_wrap(backends: &[&dyn Backend]) {
    for backend in backends {
        run(*backend, "aes_wrap_test.json", 162, never, |group, test| {
            let algorithm = match group["keySize"].as_u64().unwrap() {
                128 => Algorithm::A128Kw,
                192 => Algorithm::A192Kw,
                _ => Algorithm::A256Kw,
            };
            let key = Key::new(algorithm, &hex(&test["key"])).unwrap();
            let (expected, wrapped) = (hex(&test["msg"]), hex(&test["ct"]));
            if expected.len() > 64 {
                return Case::Outside; // No symmetric key of COSE is so long.
            }
            let Some(unwrapper) = backend.unwrapper(&key) else { return Case::Lacks };
            let mut made = [0; 64];
            match unwrapper.unwrap_key(&wrapped, &mut made) {
                Ok(length) => assert_eq!(made[..length], expected),
                Err(refused) => {
                    assert!(refused == Refused::Invalid || !backend.tells_faults_apart());
                    assert_eq!(made, [0; 64], "nothing is released");
                    return Case::Verdict(false);
                }
            }
            if let Some(mut wrapper) = backend.wrapper(&key) {
                let mut again = [0; 72];
                let length = wrapper.wrap_key(&expected, &mut again).unwrap();
                assert_eq!(again[..length], wrapped);
            }
            Case::Verdict(true)
        });
    }
}

/// Points in compressed form are taken; of X25519 all is but what leads to a secret of zeros.
pub(crate) fn agreed(backends: &[&dyn Backend]) {
    let is_zero = |test: &Value| {
        test["flags"].as_array().unwrap().iter().any(|flag| flag == "ZeroSharedSecret")
    };
    for (file, curve, count) in [
        ("ecdh_secp256r1_ecpoint_test.json", Curve::P256, 355),
        ("x25519_test.json", Curve::X25519, 518),
    ] {
        for backend in backends {
            run(
                *backend,
                file,
                count,
                |test| !is_zero(test),
                |_, test| {
                    // Scalars are written as signed integers: of 32 bytes, perhaps with a zero before.
                    let private = hex(&test["private"]);
                    let private = &private[private.len().saturating_sub(32)..];
                    let private = [vec![0; 32 - private.len()], private.to_vec()].concat();
                    let Some(key) = backend.agreement(curve, &private) else { return Case::Lacks };
                    let mut secret = [0; 32];
                    match key.agree(&hex(&test["public"]), &mut secret) {
                        Ok(length) => assert_eq!(secret[..length], hex(&test["shared"])),
                        Err(refused) => {
                            assert!(refused == Refused::Invalid || !backend.tells_faults_apart());
                            assert_eq!(secret, [0; 32], "nothing is released");
                            return Case::Verdict(false);
                        }
                    }
                    Case::Verdict(true)
                },
            );
        }
    }
}
