//! Names of keys by known answers.

#![cfg(all(feature = "key-id", feature = "es256", feature = "ed25519", feature = "hmac"))]
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

use std::fs;

use iotops_crypto::key::{Es256PublicKey, HmacKey, KeyId, KeyIdKind, VerifyingKey, import};
use iotops_crypto::rules;

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn of(kind: KeyIdKind, key: &VerifyingKey) -> String {
    hex(KeyId::of(kind, key).unwrap().as_bytes())
}

fn base64url(text: &str) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding as _};
    hex(&Base64UrlUnpadded::decode_vec(text).unwrap())
}

fn file(name: &str) -> VerifyingKey {
    let bytes = fs::read(test_support::testdata().join("keys").join(name)).unwrap();
    import(&bytes).unwrap().verifying_key()
}

/// The key of RFC 9679 §6.
fn rfc9679() -> VerifyingKey {
    let x = unhex("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d");
    let y = unhex("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c");
    let (x, y) = (x.try_into().unwrap(), y.try_into().unwrap());
    VerifyingKey::Es256(Es256PublicKey::from_coordinates(&x, &y).unwrap())
}

/// The key of RFC 8037 §A.2.
fn rfc8037() -> VerifyingKey {
    let x = unhex(&base64url("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
    import(&x).unwrap().verifying_key()
}

/// Key, COSE and JWK thumbprint, SHA-256 of the SPKI, `SubjectKeyIdentifier`.
///
/// The COSE thumbprint of the first is that of RFC 9679 §6, the JWK thumbprint of the second that
/// of RFC 8037 §A.3. The others were computed by pyca/cryptography 48 and hashlib over bytes put
/// together by hand, those of the third also by `openssl pkey -pubin -outform DER | openssl dgst`.
fn answers() -> [(VerifyingKey, [String; 4]); 4] {
    let row = |key, cose: &str, jwk, spki: &str, ski: &str| {
        (key, [cose.into(), base64url(jwk), spki.into(), ski.into()])
    };
    [
        row(
            rfc9679(),
            "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec",
            "HsSFalww3yP-dO-lWGYgFcyV5H22oScIFc4V2Y6GOto",
            "eb28a65877d2b84b92a6a9b5fd762a45e50665933d97fc0c724e70a161f2031a",
            "375810cacbe9ef57a1b2062a6e8a573fbe90f369",
        ),
        row(
            rfc8037(),
            "866eefbd6718c8846cd7ddfe43fc74ab1daac4538ff8514ea2ec2d410a415743",
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
            "06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9",
            "5b27aa5589179770e47575b162a1ded97b8bfc6d",
        ),
        row(
            file("suit-example-p256-public.pem"),
            "ca9e35f23b2b525fb4fc83f512b0dcac4ac29e457e873a5d6a7313f71690b33c",
            "Wuofcv80LILfve81FbjxTlOQJHI4LgXnWJVK59xrgHA",
            "ade2dad611717e910e295db3ba086fc40490b0daacfc23aace9348077b839b17",
            "55e837f0501b318e2c3dc57056a204685acb722d",
        ),
        row(
            file("generated-ed25519-public.bin"),
            "a5777aa5b0628779e5760b1ff03c9c34125d8f29fcaa3c2217513ab0c5d42347",
            "8zlyBT2QDGAGwuQC6PvaE5LqVuN8JLxX8Vu7RDw43nw",
            "73e1501435247ae4b98abb19224708d885e2797cc3065a6e865f1bc6e97309bc",
            "6f79b463b40f46fe0c2d8ecbbd447301f239c005",
        ),
    ]
}

#[test]
fn known_answers_from_the_key_and_from_its_spki() {
    for (key, expected) in answers() {
        let spki = key.to_spki().unwrap();
        for (kind, expected) in KeyIdKind::ALL.iter().zip(&expected) {
            assert_eq!(&of(*kind, &key), expected, "{kind:?}");
            let from_spki = KeyId::of_spki(*kind, spki.as_bytes()).unwrap();
            assert_eq!(&hex(from_spki.as_bytes()), expected, "{kind:?}");
        }
    }
}

#[test]
fn the_spki_is_the_one_that_pem_carries() {
    for name in ["suit-example-p256-public.pem", "generated-ed25519-public.bin"] {
        let key = file(name);
        let pem = key.to_pem().unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let expected = {
            use base64ct::{Base64, Encoding as _};
            Base64::decode_vec(&body).unwrap()
        };
        assert_eq!(key.to_spki().unwrap().as_bytes(), expected);
    }
}

#[test]
fn jose_writes_it_as_base64url() {
    let thumbprint = KeyId::of(KeyIdKind::JwkThumbprint, &rfc8037()).unwrap();
    let mut buffer = [0; 86];
    let expected = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
    assert_eq!(thumbprint.base64url(&mut buffer), expected);
    let longest = KeyId::domain_id(Some(&[0xff; 64]), &[]).unwrap();
    assert_eq!(longest.base64url(&mut buffer).len(), 86);
}

#[test]
fn the_domain_id_is_the_extension_or_else_the_fingerprint() {
    let (key, expected) = &answers()[0];
    let spki = key.to_spki().unwrap();
    let without = KeyId::domain_id(None, spki.as_bytes()).unwrap();
    assert_eq!(hex(without.as_bytes()), expected[2]);
    let with = KeyId::domain_id(Some(&[1, 2, 3]), spki.as_bytes()).unwrap();
    assert_eq!(with.as_bytes(), [1, 2, 3]);
    for wrong in [&[][..], &[0; 65]] {
        let error = KeyId::domain_id(Some(wrong), spki.as_bytes()).unwrap_err();
        assert_eq!(error.rule(), rules::anchor::KEY_ID);
    }
}

#[test]
fn of_types_that_are_not_built_in_only_hashes_are_known() {
    // SPKI of X25519 (1.3.101.110), with a key of 32 bytes.
    let spki = [&unhex("302a300506032b656e032100")[..], &[9; 32]].concat();
    assert!(KeyId::of_spki(KeyIdKind::SpkiSha256, &spki).is_ok());
    let ski = KeyId::of_spki(KeyIdKind::SubjectKeyIdentifier, &spki).unwrap();
    assert_eq!(ski.as_bytes().len(), 20);
    for kind in [KeyIdKind::CoseThumbprint, KeyIdKind::JwkThumbprint] {
        assert_eq!(KeyId::of_spki(kind, &spki).unwrap_err().rule(), rules::KEY_TYPE);
    }
    for kind in KeyIdKind::ALL {
        let error = KeyId::of_spki(*kind, &spki[..40]).unwrap_err();
        assert_eq!(error.rule(), rules::KEY_ENCODING, "{kind:?}");
    }
}

#[test]
fn a_mac_key_has_no_name() {
    let key = VerifyingKey::Hmac(HmacKey::from_bytes(&[1; 32]).unwrap());
    for kind in KeyIdKind::ALL {
        assert_eq!(KeyId::of(*kind, &key).unwrap_err().rule(), rules::KEY_FORM);
    }
    assert_eq!(key.to_spki().unwrap_err().rule(), rules::KEY_FORM);
}

/// The examples of RFC 9964: the `kid` of each key is its thumbprint.
#[cfg(feature = "ml-dsa")]
#[test]
fn thumbprints_of_ml_dsa() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let files = test_support::files(&folder.join("cose-dilithium"), &[".json"]);
    for file in &files {
        let example: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let (kind, key, expected) = match example["jwk"]["kid"].as_str() {
            Some(kid) => {
                let key = import(example["jwk"].to_string().as_bytes()).unwrap();
                (KeyIdKind::JwkThumbprint, key, base64url(kid))
            }
            None => {
                // The map of the example is not in order; what is needed of it is.
                let bytes = unhex(example["key"].as_str().unwrap());
                let kid = hex(&bytes[4..36]);
                let raw = unhex(example["raw_public_key"].as_str().unwrap());
                let kind = match raw.len() {
                    1312 => iotops_crypto::key::KeyType::MlDsa44,
                    1952 => iotops_crypto::key::KeyType::MlDsa65,
                    _ => iotops_crypto::key::KeyType::MlDsa87,
                };
                let key = VerifyingKey::from_raw(kind, &raw).unwrap();
                let key = import(key.to_cose_key().unwrap().as_bytes()).unwrap();
                (KeyIdKind::CoseThumbprint, key, kid)
            }
        };
        assert_eq!(of(kind, &key.verifying_key()), expected, "{}", file.display());
    }
    test_support::report("thumbprints of ML-DSA", files.len());
}
