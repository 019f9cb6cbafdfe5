//! Encryption vectors of other projects: Wycheproof, and SUIT firmware encryption.

#![cfg(all(feature = "ecdh", feature = "sha512"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::unwrap_in_result,
    clippy::type_complexity,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use std::fs;
use std::path::Path;

use iotops_crypto::agreement::{
    Agreement, Kdf, KdfInfo, P256SecretKey, PublicKey, X25519SecretKey, expand,
};
use iotops_crypto::cipher::{
    AeadParameters, Key, Opening, Sealing, Unwrapper, Wrapper, unauthenticated,
};
use iotops_crypto::cose::{Encrypt, Keyring, Label, RecipientKey};
use iotops_crypto::rules::cipher as rules;
use iotops_crypto::wire::cbor::{Cursor, lax};
use iotops_crypto::{Algorithm, Refused, Verifier};
use serde_json::Value;

fn hex(text: &Value) -> Vec<u8> {
    unhex(text.as_str().unwrap())
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// Runs a file of Wycheproof. `check` gives the verdict, or `None` for a case that no algorithm of
/// COSE stands for; `policy` says what "acceptable" comes to.
fn wycheproof(
    file: &str,
    check: impl Fn(&Value, &Value) -> Option<bool>,
    policy: impl Fn(&Value) -> bool,
) -> Option<(usize, usize, usize)> {
    let folder = test_support::vectors("crypto")?;
    let text = fs::read_to_string(folder.join("wycheproof").join(file)).unwrap();
    let vectors: Value = serde_json::from_str(&text).unwrap();
    let (mut accepted, mut refused, mut outside) = (0, 0, 0);
    for group in vectors["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let Some(verdict) = check(group, test) else {
                outside += 1;
                continue;
            };
            let expected = match test["result"].as_str().unwrap() {
                "valid" => true,
                "invalid" => false,
                _ => policy(test),
            };
            assert_eq!(verdict, expected, "{file} {}: {}", test["tcId"], test["comment"]);
            if verdict { accepted += 1 } else { refused += 1 }
        }
    }
    println!("{file}: accepted {accepted}, refused {refused}, no algorithm of COSE {outside}");
    test_support::report(file, accepted + refused);
    Some((accepted, refused, outside))
}

fn none_acceptable(_: &Value) -> bool {
    panic!("no policy")
}

/// The AEAD whose lengths a group has.
fn aead(group: &Value, all: &[Algorithm]) -> Option<Algorithm> {
    let bytes = |name: &str| group[name].as_u64().unwrap() as usize / 8;
    let of = |algorithm: &Algorithm| {
        let parameters = AeadParameters::of(*algorithm).unwrap();
        (parameters.key, parameters.iv, parameters.tag)
            == (bytes("keySize"), bytes("ivSize"), bytes("tagSize"))
    };
    all.iter().copied().find(of)
}

/// Opens and seals, whole and in parts; all ways must agree.
fn open(algorithm: Algorithm, test: &Value) -> bool {
    let [key, iv, aad, plaintext, ciphertext, tag] =
        ["key", "iv", "aad", "msg", "ct", "tag"].map(|name| hex(&test[name]));
    let key = Key::new(algorithm, &key).unwrap();
    let mut content = ciphertext.clone();
    let opened = key.open(&iv, &[&aad], &mut content, &tag);
    if let Err(error) = opened {
        assert_eq!(error.rule(), rules::TAG);
        assert!(content.iter().all(|byte| *byte == 0), "wiped");
    } else {
        assert_eq!(content, plaintext);
        let mut sealed = plaintext.clone();
        let mut made = vec![0; tag.len()];
        assert_eq!(key.seal(&iv, &[&aad], &mut sealed, &mut made).unwrap(), tag.len());
        assert_eq!((sealed, made), (ciphertext.clone(), tag.clone()));
    }
    for width in [1, 3, 16, 17, 64] {
        let parts: Vec<&[u8]> = aad.chunks(width).collect();
        let length = ciphertext.len() as u64;
        let mut opening = Opening::new(&key, &iv, &parts, length).unwrap();
        let mut check = Opening::new(&key, &iv, &parts, length).unwrap();
        let mut content = ciphertext.clone();
        for chunk in content.chunks_mut(width) {
            check.authenticate(chunk).unwrap();
            opening.update(chunk).unwrap();
        }
        assert_eq!(opening.finish(&tag).is_ok(), opened.is_ok());
        assert_eq!(check.finish(&tag).is_ok(), opened.is_ok());
        let mut sealing = Sealing::new(&key, &iv, &parts, length).unwrap();
        content.chunks_mut(width).for_each(|chunk| sealing.update(chunk).unwrap());
        assert_eq!(content, ciphertext);
    }
    opened.is_ok()
}

#[test]
fn aeads_have_the_verdicts_of_wycheproof() {
    let gcm = [Algorithm::A128Gcm, Algorithm::A192Gcm, Algorithm::A256Gcm];
    let ran = wycheproof(
        "aes_gcm_test.json",
        |group, test| Some(open(aead(group, &gcm)?, test)),
        none_acceptable,
    );
    let Some(ran) = ran else { return };
    assert_eq!(ran.0 + ran.1 + ran.2, 316);
    assert_eq!(ran.0 + ran.1, 197);
    let chacha = [Algorithm::ChaCha20Poly1305];
    let check = |group: &Value, test: &Value| Some(open(aead(group, &chacha)?, test));
    let ran = wycheproof("chacha20_poly1305_test.json", check, none_acceptable).unwrap();
    assert_eq!((ran.0 + ran.1, ran.2), (316, 9));
    let ccm = [
        Algorithm::AesCcm16_128_128,
        Algorithm::AesCcm16_128_256,
        Algorithm::AesCcm64_128_128,
        Algorithm::AesCcm64_128_256,
    ];
    let check = |group: &Value, test: &Value| Some(open(aead(group, &ccm)?, test));
    let ran = wycheproof("aes_ccm_test.json", check, none_acceptable).unwrap();
    assert_eq!(ran.0 + ran.1, 24);
}

#[test]
fn an_iv_of_another_length_is_refused() {
    let key = Key::new(Algorithm::A128Gcm, &[0; 16]).unwrap();
    for length in (0..=32).filter(|length| *length != 12) {
        let refused = key.open(&vec![0; length], &[], &mut [], &[0; 16]).unwrap_err();
        assert_eq!(refused.rule(), rules::IV_LENGTH);
    }
}

#[test]
fn cbc_has_the_verdicts_of_wycheproof() {
    let ran = wycheproof(
        "aes_cbc_pkcs5_test.json",
        |group, test| {
            let algorithm = match group["keySize"].as_u64()? {
                128 => Algorithm::A128Cbc,
                192 => Algorithm::A192Cbc,
                _ => Algorithm::A256Cbc,
            };
            let key = Key::new(algorithm, &hex(&test["key"])).unwrap();
            let (iv, plaintext) = (hex(&test["iv"]), hex(&test["msg"]));
            let mut content = hex(&test["ct"]);
            match unauthenticated::decrypt(&key, &iv, &mut content) {
                Ok(length) => {
                    assert_eq!(content[..length], plaintext);
                    let mut again = [plaintext.as_slice(), &[0; 16]].concat();
                    let length =
                        unauthenticated::encrypt(&key, &iv, &mut again, plaintext.len()).unwrap();
                    assert_eq!(again[..length], hex(&test["ct"]));
                    Some(true)
                }
                Err(error) => {
                    assert_eq!(error.rule(), rules::PADDING, "one rule for all");
                    assert!(content.iter().all(|byte| *byte == 0), "wiped");
                    Some(false)
                }
            }
        },
        none_acceptable,
    );
    assert!(ran.is_none_or(|ran| ran == (72, 144, 0)));
}

#[test]
fn key_wrap_has_the_verdicts_of_wycheproof() {
    let check = |group: &Value, test: &Value| {
        let algorithm = match group["keySize"].as_u64()? {
            128 => Algorithm::A128Kw,
            192 => Algorithm::A192Kw,
            _ => Algorithm::A256Kw,
        };
        let mut key = Key::new(algorithm, &hex(&test["key"])).unwrap();
        let (expected, wrapped) = (hex(&test["msg"]), hex(&test["ct"]));
        if expected.len() > 64 {
            return None; // No symmetric key of COSE is so long.
        }
        let mut made = [0; 64];
        let unwrapped = key.unwrap_key(&wrapped, &mut made);
        match unwrapped {
            Ok(length) => {
                assert_eq!(made[..length], expected);
                let mut again = [0; 72];
                let length = key.wrap_key(&expected, &mut again).unwrap();
                assert_eq!(again[..length], wrapped);
            }
            Err(refused) => {
                assert_eq!(refused, Refused::Invalid);
                assert_eq!(made, [0; 64], "nothing is released");
            }
        }
        Some(unwrapped.is_ok())
    };
    // "acceptable" are keys of one block: RFC 3394 §2.2.1 wraps "two or more", so they are refused.
    let ran = wycheproof("aes_wrap_test.json", check, |_| false);
    assert!(ran.is_none_or(|ran| ran.0 + ran.1 + ran.2 == 165 && ran.0 >= 27));
}

#[test]
fn hkdf_has_the_verdicts_of_wycheproof() {
    let check = |_: &Value, test: &Value| {
        let [secret, salt, info, okm] = ["ikm", "salt", "info", "okm"].map(|name| hex(&test[name]));
        let mut output = vec![0; test["size"].as_u64()? as usize];
        let parts: Vec<&[u8]> = info.chunks(3).collect();
        let made = expand(Kdf::HkdfSha256, &secret, Some(&salt), &parts, &mut output);
        assert!(made.is_err() || output == okm);
        Some(made.is_ok())
    };
    let ran = wycheproof("hkdf_sha256_test.json", check, none_acceptable);
    assert!(ran.is_none_or(|ran| ran == (83, 3, 0)));
}

#[test]
fn hmac_with_sha384_has_the_verdicts_of_wycheproof() {
    let check = |group: &Value, test: &Value| {
        if group["tagSize"] != 384 {
            return None;
        }
        let key = Key::new(Algorithm::Hmac384, &hex(&test["key"])).ok()?;
        Some(key.verify(&[&hex(&test["msg"])], &hex(&test["tag"])).is_ok())
    };
    let ran = wycheproof("hmac_sha384_test.json", check, none_acceptable);
    assert!(ran.is_none_or(|ran| ran.0 + ran.1 == 81));
}

#[test]
fn ecdh_on_p256_has_the_verdicts_of_wycheproof() {
    let check = |_: &Value, test: &Value| {
        let scalar = hex(&test["private"]);
        // The scalars are written as signed integers: of 32 bytes, perhaps with a zero before.
        let scalar = &scalar[scalar.len().saturating_sub(32)..];
        let scalar = [vec![0; 32 - scalar.len()], scalar.to_vec()].concat();
        let key = P256SecretKey::from_scalar(&scalar).unwrap();
        let mut secret = [0; 32];
        let agreed = key.agree(&hex(&test["public"]), &mut secret);
        assert!(agreed.is_err() || secret.as_slice() == hex(&test["shared"]));
        Some(agreed.is_ok())
    };
    // "acceptable" is a compressed point: RFC 9053 §7.1.1 has them, so it is taken.
    let ran = wycheproof("ecdh_secp256r1_ecpoint_test.json", check, |_| true);
    assert!(ran.is_none_or(|ran| ran == (331, 24, 0)));
}

#[test]
fn x25519_has_the_verdicts_of_wycheproof() {
    let is_zero = |test: &Value| {
        test["flags"].as_array().unwrap().iter().any(|flag| flag == "ZeroSharedSecret")
    };
    let check = |_: &Value, test: &Value| {
        let key = X25519SecretKey::from_bytes(&hex(&test["private"])).unwrap();
        let mut secret = [0; 32];
        let agreed = key.agree(&hex(&test["public"]), &mut secret);
        assert_eq!(secret.as_slice(), hex(&test["shared"]), "zeros if refused");
        Some(agreed.is_ok())
    };
    // "acceptable" are points of the twist and unusual encodings, which RFC 7748 takes, and
    // secrets of zeros, which are refused.
    let ran = wycheproof("x25519_test.json", check, |test| !is_zero(test));
    assert!(ran.is_none_or(|ran| ran == (487, 31, 0)));
}

const FIRMWARE: &[u8] = b"This is a real firmware image.";
const CONFIG: &[u8] = br#"{"name":"FOO Bar","secret":"0123456789abfcdef0123456789abcd"}"#;

/// Encryption information, its ciphertext, the plaintext, the key of the content, and for ES-DH
/// the shared secret: as `INDEX.md` beside the vectors records them.
const SUIT: &[(&str, &str, &[u8], &str, Option<&str>)] = &[
    (
        "firmware-encryption-24/suit-encryption-info-aes-kw-aes-gcm.cose",
        "firmware-encryption-24/encrypted-payload-aes-kw-aes-gcm.bin",
        FIRMWARE,
        "15f785b5c931414411b4b71373a9c0f7",
        None,
    ),
    (
        "firmware-encryption-24/suit-encryption-info-es-ecdh-aes-gcm.cose",
        "firmware-encryption-24/encrypted-payload-es-ecdh-aes-gcm.bin",
        FIRMWARE,
        "15f785b5c931414411b4b71373a9c0f7",
        Some("13bd7df22a0b2fa132a02083de47e209ae79231de158037f51aa663ae758fcd7"),
    ),
    (
        "firmware-encryption-24/suit-encryption-info-aes-kw-aes-ctr.cose",
        "firmware-encryption-24/encrypted-payload-aes-kw-aes-ctr.bin",
        FIRMWARE,
        "261de6165070fb8951ec5d7b92a065fe",
        None,
    ),
    (
        "firmware-encryption-24/suit-encryption-info-es-ecdh-aes-ctr.cose",
        "firmware-encryption-24/encrypted-payload-es-ecdh-aes-ctr.bin",
        FIRMWARE,
        "261de6165070fb8951ec5d7b92a065fe",
        Some("913b582d2b885968ce4083afda76912fee4a81f01a9675d970f4091467cf5073"),
    ),
    (
        "libcsuit-1.0.2/encryption_info_aes.cose",
        "libcsuit-1.0.2/encrypted_image_aes.bin",
        FIRMWARE,
        "5bad20020a35db461cf7e25b384ed396",
        None,
    ),
    (
        "libcsuit-1.0.2/encryption_info_esdh.cose",
        "libcsuit-1.0.2/encrypted_image_esdh.bin",
        FIRMWARE,
        "558cd620716ec75bdbe3d0bba83569cc",
        Some("841ba5d56413042fb46d0cea32a9c6d2dd22daf523ecf678b308ccf0a9945917"),
    ),
    (
        "libcsuit-1.0.2/encryption_info_config_aes.cose",
        "libcsuit-1.0.2/encrypted_config_aes.bin",
        CONFIG,
        "806218a39a087b6ddfddfea4efaf77d2",
        None,
    ),
    (
        "libcsuit-1.0.2/encryption_info_config_esdh.cose",
        "libcsuit-1.0.2/encrypted_config_esdh.bin",
        CONFIG,
        "cb2747480f4bb9e97b9092ecdb0c1683",
        Some("d376b1395f413379cbca422fc49da965cf7c4de1a0a45ae299d79cfe8bbc6815"),
    ),
];

/// The five envelopes: encryption information inside, all with the same key of the content.
const ENVELOPES: &[&str] = &[
    "suit-manifest-aes-kw-content.suit",
    "suit-manifest-aes-kw-slot.suit",
    "suit-manifest-aes-kw.suit",
    "suit-manifest-es-ecdh-content.suit",
    "suit-manifest-es-ecdh-dependency.suit",
];

const CONTEXT: &str =
    "842283f6f6f683f6f6f683188044a101381c5753554954205061796c6f616420456e6372797074696f6e";

/// The private part (-4) of a `COSE_Key`.
fn private(path: &Path) -> P256SecretKey {
    let bytes = lax::rewrite(&fs::read(path).unwrap(), &mut |_| ()).unwrap();
    let mut cursor = Cursor::new(&bytes).unwrap();
    for _ in 0..cursor.map().unwrap() {
        match cursor.integer().unwrap() {
            -4 => return P256SecretKey::from_scalar(cursor.bytes().unwrap()).unwrap(),
            _ => cursor.skip().unwrap(),
        }
    }
    panic!("no private key")
}

/// Decrypts whole and in parts, as the algorithm of the content has it.
fn suit_decrypt(message: &Encrypt<'_>, keyring: &Keyring<'_>, ciphertext: &[u8]) -> Vec<u8> {
    let mut plaintext = vec![0; ciphertext.len()];
    if message.headers().algorithm() == Some(Algorithm::A128Ctr.to_cose()) {
        let refused = message.decrypt_detached(ciphertext, b"", keyring, &mut plaintext);
        assert_eq!(refused.unwrap_err().rule(), rules::UNAUTHENTICATED);
        plaintext.copy_from_slice(ciphertext);
        let mut decrypting = message.decrypting_unauthenticated(keyring).unwrap();
        plaintext.chunks_mut(7).for_each(|chunk| decrypting.update(chunk).unwrap());
        assert_eq!(decrypting.finish().unwrap(), 0);
        return plaintext;
    }
    let whole = message.decrypt_detached(ciphertext, b"", keyring, &mut plaintext).unwrap();
    let whole = whole.plaintext().to_vec();
    let (content, tag) = ciphertext.split_at(ciphertext.len() - 16);
    let mut content = content.to_vec();
    let mut opening = message.opening(keyring, b"", content.len() as u64).unwrap();
    content.chunks_mut(7).for_each(|chunk| opening.update(chunk).unwrap());
    opening.finish(tag).unwrap();
    assert_eq!(content, whole);
    whole
}

#[test]
fn suit_firmware_encryption_decrypts() {
    let Some(folder) = test_support::vectors("suit") else { return };
    let kek = Key::new(Algorithm::A128Kw, &[b'a'; 16]).unwrap();
    let device = private(&folder.join("keys/device_esdh_private.cosekey.cbor"));
    let keys = [RecipientKey::Unwrap(&kek), RecipientKey::Agree(&device)];
    let info = KdfInfo::default().with_public(b"SUIT Payload Encryption");
    let keyring = Keyring::new(&keys).with_info(info);
    let mut checked = 0;
    for (information, ciphertext, plaintext, cek, secret) in SUIT {
        let document = fs::read(folder.join(information)).unwrap();
        let document = lax::rewrite(&document, &mut |_| ()).unwrap();
        let message = Encrypt::decode(&document).unwrap();
        assert_eq!(message.content_key(&keyring).unwrap().as_bytes(), unhex(cek), "{information}");
        let ciphertext = fs::read(folder.join(ciphertext)).unwrap();
        assert_eq!(suit_decrypt(&message, &keyring, &ciphertext), *plaintext, "{information}");
        if let Some(secret) = secret {
            let recipient = message.recipients().iter().next().unwrap();
            let context = recipient.kdf_context(Algorithm::A128Kw, &info);
            assert_eq!(context.lend(|parts| parts.concat()), unhex(CONTEXT));
            let sent = recipient.headers().unprotected(Label::Number(-1)).unwrap();
            let peer = PublicKey::read(&mut Cursor::new(sent).unwrap()).unwrap().unwrap();
            let mut shared = [0; 32];
            device.agree(peer.as_bytes(), &mut shared).unwrap();
            assert_eq!(shared.as_slice(), unhex(secret));
            // Without what SUIT adds to the context, another key comes of it.
            let without = Keyring::new(&keys);
            assert_eq!(message.content_key(&without).unwrap_err().rule(), rules::UNWRAP);
        }
        checked += 1;
    }
    test_support::report("SUIT encryption information", checked);
}

#[test]
fn suit_envelopes_hold_encryption_information_that_opens() {
    let Some(folder) = test_support::vectors("suit") else { return };
    let folder = folder.join("firmware-encryption-24");
    let kek = Key::new(Algorithm::A128Kw, &[b'a'; 16]).unwrap();
    let device = private(&folder.join("../keys/device_esdh_private.cosekey.cbor"));
    let keys = [RecipientKey::Unwrap(&kek), RecipientKey::Agree(&device)];
    let info = KdfInfo::default().with_public(b"SUIT Payload Encryption");
    let keyring = Keyring::new(&keys).with_info(info);
    let payloads = ["aes-kw-aes-gcm", "es-ecdh-aes-gcm"]
        .map(|name| fs::read(folder.join(format!("encrypted-payload-{name}.bin"))).unwrap());
    let mut decrypted = Vec::new();
    for name in ENVELOPES {
        let envelope = fs::read(folder.join(name)).unwrap();
        // Tag 96 and an array of four: what stands there must be encryption information.
        let at = envelope.windows(3).position(|window| window == [0xd8, 0x60, 0x84]).unwrap();
        let item = lax_item(&envelope[at..]);
        let message = Encrypt::decode(&item).unwrap();
        let key = message.content_key(&keyring).unwrap();
        assert_eq!(key.as_bytes(), unhex("15f785b5c931414411b4b71373a9c0f7"), "{name}");
        let inside = payloads.iter().find(|payload| {
            envelope.windows(payload.len()).any(|window| window == payload.as_slice())
        });
        if let Some(payload) = inside {
            assert_eq!(suit_decrypt(&message, &keyring, payload), FIRMWARE, "{name}");
            decrypted.push(*name);
        }
    }
    println!("the ciphertext is in the envelope too, and was decrypted: {decrypted:?}");
    test_support::report("SUIT encrypted envelopes", ENVELOPES.len());
}

/// The first item of `bytes`, brought into deterministic form: the shortest start that is one.
fn lax_item(bytes: &[u8]) -> Vec<u8> {
    (1..=bytes.len()).find_map(|end| lax::rewrite(&bytes[..end], &mut |_| ()).ok()).unwrap()
}
