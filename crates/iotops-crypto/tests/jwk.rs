//! JWK: import, export, thumbprints, and by which rule all else is refused.

#![cfg(all(
    feature = "jws",
    feature = "es256",
    feature = "ed25519",
    feature = "hmac",
    feature = "alloc"
))]
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

use base64ct::{Base64UrlUnpadded, Encoding as _};
use iotops_crypto::key::{Imported, KeyType, SecretKey, import};
use iotops_crypto::rules::jws as rules;
use iotops_crypto::{Algorithm, digest, rules as common};
use iotops_wire::{Rule, rules as wire};

const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const D: &str = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
const OKP: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn file(name: &str) -> Vec<u8> {
    fs::read(test_support::testdata().join("jws").join(name)).unwrap()
}

fn ec(more: &str) -> String {
    format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}","y":"{Y}"{more}}}"#)
}

fn okp(more: &str) -> String {
    format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{OKP}"{more}}}"#)
}

fn mac(length: usize, more: &str) -> String {
    let k = Base64UrlUnpadded::encode_string(&vec![b'k'; length]);
    format!(r#"{{"kty":"oct","k":"{k}"{more}}}"#)
}

#[test]
fn keys_of_the_rfcs_are_imported() {
    for (name, key_type) in [
        ("rfc7515-a3.key.json", KeyType::Es256),
        ("rfc8037-a1.key.json", KeyType::Ed25519),
        ("rfc7520-3.5.key.json", KeyType::Hmac),
    ] {
        let imported = import(&file(name)).unwrap();
        assert_eq!(imported.verifying_key().key_type(), key_type, "{name}");
        imported.secret_key().unwrap();
    }
    for public in [ec(""), okp(""), ec(r#","x5c":[],"ext":true"#)] {
        assert!(matches!(import(public.as_bytes()).unwrap(), Imported::Verifying(_)));
    }
}

#[test]
fn use_alg_and_key_ops_restrict_a_key() {
    let secret = format!(r#","d":"{D}""#);
    let is_secret = |text: &str| matches!(import(text.as_bytes()).unwrap(), Imported::Secret(_));
    for (more, expected) in [
        ("", true),
        (r#","use":"sig""#, true),
        (r#","alg":"ES256""#, true),
        (r#","key_ops":["sign"]"#, true),
        (r#","key_ops":["sign","verify"]"#, true),
        (r#","key_ops":["verify","unknown"]"#, false),
    ] {
        assert_eq!(is_secret(&ec(&format!("{secret}{more}"))), expected, "{more}");
    }
    let hs256 = |more: &str| mac(32, &format!(r#","alg":"HS256"{more}"#));
    assert!(is_secret(&hs256("")) && is_secret(&hs256(r#","key_ops":["sign","verify"]"#)));
    assert!(!is_secret(&hs256(r#","key_ops":["verify"]"#)));
    import(okp(r#","alg":"EdDSA""#).as_bytes()).unwrap();
    import(okp(r#","alg":"Ed25519""#).as_bytes()).unwrap();
}

#[test]
fn each_rule_is_broken_at_its_place() {
    let other = "A".repeat(43);
    let cases: Vec<(String, Rule, &str)> = vec![
        ("{".into(), wire::JSON_TRUNCATED, ""),
        (ec(r#","x":"""#), wire::JSON_MEMBER_TWICE, r#""x":"""#),
        (r#"{"crv":"P-256"}"#.into(), rules::JWK_MEMBER, "{"),
        (r#"{"kty":1}"#.into(), rules::JWK_MEMBER, "1"),
        (r#"{"kty":"EC"}"#.into(), rules::JWK_MEMBER, "{"),
        (r#"{"kty":"OKP","x":""}"#.into(), rules::JWK_MEMBER, "{"),
        (format!(r#"{{"kty":"EC","crv":"P-256","x":"{X}"}}"#), rules::JWK_MEMBER, "{"),
        (format!(r#"{{"kty":"EC","crv":"P-256","d":"{D}"}}"#), rules::JWK_MEMBER, "{"),
        (r#"{"kty":"OKP","crv":"Ed25519"}"#.into(), rules::JWK_MEMBER, "{"),
        (ec(r#","d":1"#), rules::JWK_MEMBER, "1}"),
        (ec(r#","alg":1"#), rules::JWK_MEMBER, "1}"),
        (r#"{"kty":"oct","alg":"HS256"}"#.into(), rules::JWK_MEMBER, "{"),
        (r#"{"kty":"EC2","x":""}"#.into(), common::KEY_TYPE, "\"EC2"),
        (r#"{"kty":"EC","crv":"secp256k1"}"#.into(), common::KEY_TYPE, "\"secp"),
        (r#"{"kty":"OKP","crv":"X25519","x":""}"#.into(), common::KEY_TYPE, "\"X25"),
        (ec("").replace("P-256", "P-521"), common::KEY_TYPE, "\"P-521"),
        (ec("").replace(Y, &Y[..42]), rules::BASE64URL, &Y[41..42]),
        (ec("").replace(Y, &other[..42]), common::KEY_POINT, &other[..42]),
        (ec("").replace(Y, &other), common::KEY_POINT, "{"),
        (ec("").replace(X, &format!("{X}=")), rules::BASE64URL, "="),
        (ec("").replace("f83", "f/3"), rules::BASE64URL, "/"),
        (ec("").replace("f83", r"\u0066\u0038\u0033"), rules::BASE64URL, "\"\\u"),
        (ec(r#","d":"""#), common::KEY_SCALAR, "\"}"),
        (ec(&format!(r#","d":"{other}""#)), common::KEY_SCALAR, &other),
        (ec(&format!(r#","d":"{}""#, D.replace('j', "k"))), common::KEY_PAIR, "{"),
        (okp(&format!(r#","d":"{other}""#)), common::KEY_PAIR, "{"),
        (okp("").replace(OKP, &other), common::KEY_POINT, "{"),
        (mac(32, ""), common::KEY_ALGORITHM, "{"),
        (mac(32, r#","alg":"ES256""#), common::KEY_ALGORITHM, "\"ES256"),
        (mac(32, r#","alg":"A256GCM""#), common::KEY_ALGORITHM, "\"A256"),
        (mac(31, r#","alg":"HS256""#), common::KEY_SHORT, "a2tr"),
        (mac(0, r#","alg":"HS256""#), common::KEY_SHORT, "\",\"alg"),
        (mac(65, r#","alg":"HS256""#), common::KEY_FORM, "a2tr"),
        (mac(129, r#","alg":"HS256""#), common::KEY_FORM, "a2tr"),
        (ec(r#","alg":"ES384""#), common::KEY_ALGORITHM, "\"ES384"),
        (ec(r#","alg":"HS256""#), common::KEY_ALGORITHM, "\"HS256"),
        (ec(r#","alg":"none""#), common::KEY_ALGORITHM, "\"none"),
        (okp(r#","alg":"ES256""#), common::KEY_ALGORITHM, "\"ES256"),
        (ec(r#","use":"enc""#), rules::JWK_USE, "\"enc"),
        (ec(r#","key_ops":"verify""#), rules::JWK_USE, "\"verify"),
        (ec(r#","key_ops":[]"#), rules::JWK_USE, "[]"),
        (ec(r#","key_ops":["sign"]"#), rules::JWK_USE, "[\"sign"),
        (ec(r#","key_ops":["encrypt"]"#), rules::JWK_USE, "[\"enc"),
        (ec(r#","key_ops":["verify",1]"#), rules::JWK_USE, "1]"),
        (ec(r#","key_ops":["verify","verify"]"#), rules::JWK_USE, "\"verify\"]"),
        (mac(32, r#","alg":"HS256","key_ops":["sign"]"#), rules::JWK_USE, "[\"sign"),
    ];
    for (text, rule, needle) in cases {
        let error = import(text.as_bytes()).unwrap_err();
        let offset = if needle.is_empty() { text.len() } else { text.find(needle).unwrap() };
        let found = (error.rule(), error.place().offset() as usize);
        assert_eq!(found, (rule, offset), "{text}: {error}");
    }
}

#[test]
fn exported_keys_are_imported_again() {
    for key_type in [KeyType::Es256, KeyType::Ed25519, KeyType::Hmac] {
        let secret = SecretKey::from_raw(key_type, &[7; 32]).unwrap();
        let text = secret.to_jwk().unwrap();
        let back = import(text.as_str().as_bytes()).unwrap().secret_key().unwrap();
        assert_eq!(back.to_raw().as_bytes(), secret.to_raw().as_bytes());
        let members: serde_json::Value = serde_json::from_str(text.as_str()).unwrap();
        let name = members["alg"].as_str().unwrap();
        assert!(["ES256", "Ed25519", "HS256"].contains(&name));
        let text = secret.verifying_key().to_jwk().unwrap();
        let back = import(text.as_str().as_bytes()).unwrap();
        assert_eq!(
            back.verifying_key().to_raw().as_bytes(),
            secret.verifying_key().to_raw().as_bytes()
        );
        assert_eq!(matches!(back, Imported::Secret(_)), key_type == KeyType::Hmac);
    }
}

#[test]
fn thumbprints_are_those_of_rfc_7638() {
    let okp = import(&file("rfc8037-a1.key.json")).unwrap().verifying_key();
    let thumbprint = okp.jwk_thumbprint().unwrap();
    let text = Base64UrlUnpadded::encode_string(thumbprint.as_bytes());
    assert_eq!(text, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "RFC 8037 A.3");
    let ec = import(ec("").as_bytes()).unwrap().verifying_key();
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{X}","y":"{Y}"}}"#);
    let expected = digest(Algorithm::Sha256, &[canonical.as_bytes()]).unwrap();
    assert_eq!(ec.jwk_thumbprint().unwrap().as_bytes(), expected.as_bytes());
    let mac = SecretKey::from_raw(KeyType::Hmac, &[7; 32]).unwrap().verifying_key();
    assert_eq!(mac.jwk_thumbprint().unwrap_err().rule(), common::KEY_FORM);
}

#[cfg(feature = "rsa")]
#[test]
fn the_thumbprint_of_rsa_is_that_of_rfc_7638() {
    let key = import(&file("rfc7638-3.1.key.json")).unwrap().verifying_key();
    let thumbprint = key.jwk_thumbprint().unwrap();
    let text = Base64UrlUnpadded::encode_string(thumbprint.as_bytes());
    assert_eq!(text, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    let again = import(key.to_jwk().unwrap().as_str().as_bytes()).unwrap().verifying_key();
    assert_eq!(again.to_raw().as_bytes(), key.to_raw().as_bytes());
}

#[test]
fn damage_never_panics() {
    let text = ec(&format!(r#","d":"{D}","alg":"ES256","use":"sig","key_ops":["sign"]"#));
    let secret = import(text.as_bytes()).unwrap().secret_key().unwrap();
    // 32 bytes of whatever kind are a raw Ed25519 key, if they are a point.
    for end in (0..text.len()).filter(|end| *end != 32) {
        assert!(import(&text.as_bytes()[..end]).is_err());
    }
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut damaged = text.clone().into_bytes();
            damaged[at] ^= 1 << bit;
            if let Ok(key) = import(&damaged) {
                let same = key.verifying_key().to_raw();
                assert_eq!(same.as_bytes(), secret.verifying_key().to_raw().as_bytes());
            }
        }
    }
}
