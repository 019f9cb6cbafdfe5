//! JWS: what verifies, and by which rule all else is refused.

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
use iotops_crypto::jws::{Headers, Jws, Payload, SIGNERS, Signed, Unsigned, write_json};
use iotops_crypto::key::{KeyType, SecretKey, VerifyingKey, import};
use iotops_crypto::rules::jws as rules;
use iotops_crypto::{Algorithm, Error, Refused, Signer, Verifier, rules as common};
use iotops_wire::{Rule, rules as wire};

fn file(name: &str) -> Vec<u8> {
    fs::read(test_support::testdata().join("jws").join(name)).unwrap()
}

fn key(name: &str) -> VerifyingKey {
    import(&file(name)).unwrap().verifying_key()
}

fn secret(key_type: KeyType, byte: u8) -> SecretKey {
    SecretKey::from_raw(key_type, &[byte; 32]).unwrap()
}

/// The key of RFC 7515 A.1 does not say what it is for, so that it is taken apart here.
fn mac_key() -> VerifyingKey {
    let jwk: serde_json::Value = serde_json::from_slice(&file("rfc7515-a1.key.json")).unwrap();
    let bytes = Base64UrlUnpadded::decode_vec(jwk["k"].as_str().unwrap()).unwrap();
    SecretKey::from_raw(KeyType::Hmac, &bytes).unwrap().verifying_key()
}

/// Takes every signature of every algorithm.
struct Anyone;

impl Verifier for Anyone {
    fn accepts(&self, _: Algorithm) -> bool {
        true
    }

    fn verify(&self, _: &[&[u8]], _: &[u8]) -> Result<(), Refused> {
        Ok(())
    }
}

fn b64(text: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(text.as_ref())
}

/// A compact message with this header, which only a mock accepts.
fn compact(header: &str) -> String {
    format!("{}.{}.{}", b64(header), b64("payload"), b64("signature"))
}

/// Decodes whichever form it is.
fn decode<'a>(text: &'a [u8], scratch: &'a mut [u8]) -> Result<Jws<'a>, Error> {
    match text.first() {
        Some(b'{') => Jws::decode_json(text, scratch),
        _ => Jws::decode_compact(text, scratch),
    }
}

fn verdict_of(text: &[u8], keys: &[&dyn Verifier]) -> Result<Vec<u8>, Error> {
    let mut scratch = vec![0; text.len()];
    Ok(decode(text, &mut scratch)?.verify(keys)?.payload().to_vec())
}

fn refused(text: &str, rule: Rule, offset: u32) {
    let error = verdict_of(text.as_bytes(), &[&Anyone]).unwrap_err();
    assert_eq!((error.rule(), error.place().offset()), (rule, offset), "{text}: {error}");
}

/// The offset of the character that holds the first bits of `needle` in the encoded header.
fn at(header: &str, needle: &str) -> u32 {
    let byte = header.find(needle).unwrap();
    (byte * 4 / 3) as u32
}

const CLAIMS: &str =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
const HOBBIT: &str = "It\u{2019}s a dangerous business, Frodo, going out your door. You step onto \
    the road, and if you don't keep your feet, there\u{2019}s no knowing where you might be swept \
    off to.";

#[test]
fn examples_of_the_rfcs_verify() {
    let (mac, ec) = (mac_key(), key("rfc7515-a3.key.json"));
    let (okp, hobbit) = (key("rfc8037-a1.key.json"), key("rfc7520-3.5.key.json"));
    let cases: [(&str, &VerifyingKey, &str, Algorithm); 10] = [
        ("rfc7515-a1.jws", &mac, CLAIMS, Algorithm::Hmac256),
        ("rfc7515-a3.jws", &ec, CLAIMS, Algorithm::Es256),
        ("rfc7515-a7.json", &ec, CLAIMS, Algorithm::Es256),
        ("rfc7520-4.4.jws", &hobbit, HOBBIT, Algorithm::Hmac256),
        ("rfc7520-4.4.json", &hobbit, HOBBIT, Algorithm::Hmac256),
        ("rfc7520-4.4-flattened.json", &hobbit, HOBBIT, Algorithm::Hmac256),
        ("rfc7520-4.6.json", &hobbit, HOBBIT, Algorithm::Hmac256),
        ("rfc7520-4.6-flattened.json", &hobbit, HOBBIT, Algorithm::Hmac256),
        ("rfc7797-4.1.jws", &mac, "$.02", Algorithm::Hmac256),
        ("rfc8037-a5.jws", &okp, "Example of Ed25519 signing", Algorithm::EdDsa),
    ];
    for (name, key, payload, algorithm) in cases {
        let text = file(name);
        let mut scratch = vec![0; text.len()];
        let message = decode(&text, &mut scratch).unwrap();
        let verified = message.verify(&[&secret(KeyType::Es256, 3).verifying_key(), key]).unwrap();
        assert_eq!(verified.payload(), payload.as_bytes(), "{name}");
        assert_eq!((verified.algorithm(), verified.key()), (algorithm, 1), "{name}");
        assert_eq!(message.payload(), Some(payload.as_bytes()));
    }
}

#[test]
fn examples_of_the_rfcs_that_are_refused() {
    for (name, rule) in [
        // RSA and P-521: no key that was given is for them.
        ("rfc7515-a2.jws", rules::JWS_NO_KEY),
        ("rfc7515-a4.jws", rules::JWS_NO_KEY),
        ("rfc7515-a5.jws", rules::JWS_ALGORITHM_NONE),
        // Its algorithm is "none" as well.
        ("rfc7515-e.jws", rules::JWS_ALGORITHM_NONE),
        // The algorithm is not protected: RFC 7515 allows that, this reader does not.
        ("rfc7520-4.7.json", rules::JWS_ALGORITHM_MISSING),
        ("rfc7520-4.7-flattened.json", rules::JWS_ALGORITHM_MISSING),
        ("rfc7520-4.5.json", rules::JWS_DETACHED),
        ("rfc7520-4.5-flattened.json", rules::JWS_DETACHED),
        ("rfc7515-a6.json", rules::JWS_SEVERAL),
        ("rfc7797-4.2.jws", rules::JWS_UNENCODED),
        ("rfc7797-4.2-flattened.json", rules::JWS_UNENCODED),
    ] {
        let keys: [&dyn Verifier; 2] = [&mac_key(), &key("rfc7515-a3.key.json")];
        assert_eq!(verdict_of(&file(name), &keys).unwrap_err().rule(), rule, "{name}");
    }
}

#[test]
fn detached_and_unencoded_payloads_have_their_own_entries() {
    let key = key("rfc7520-3.5.key.json");
    let mut buffer = [0; 400];
    for name in ["rfc7520-4.5.jws", "rfc7520-4.5.json", "rfc7520-4.5-flattened.json"] {
        let text = file(name);
        let mut scratch = vec![0; text.len()];
        let one = decode(&text, &mut scratch).unwrap().only().unwrap();
        let verified = one.verify_detached(HOBBIT.as_bytes(), &mut buffer, &[&key]).unwrap();
        assert_eq!(verified.payload(), HOBBIT.as_bytes());
        let wrong = one.verify_detached(b"other", &mut buffer, &[&key]).unwrap_err();
        assert_eq!(wrong.rule(), rules::JWS_SIGNATURE);
        let small = one.verify_detached(HOBBIT.as_bytes(), &mut buffer[..200], &[&key]);
        assert_eq!(small.unwrap_err().rule(), rules::JWS_SCRATCH);
        let unencoded = one.verify_unencoded(HOBBIT.as_bytes(), &[&key]).unwrap_err();
        assert_eq!(unencoded.rule(), rules::JWS_UNENCODED);
    }
    let text = file("rfc7520-4.4.jws");
    let mut scratch = vec![0; text.len()];
    let one = Jws::decode_compact(&text, &mut scratch).unwrap().only().unwrap();
    let both = one.verify_detached(HOBBIT.as_bytes(), &mut buffer, &[&key]).unwrap_err();
    assert_eq!(both.rule(), rules::JWS_ATTACHED);

    let (text, mac) = (file("rfc7797-4.2.jws"), mac_key());
    let mut scratch = vec![0; text.len()];
    let message = Jws::decode_compact(&text, &mut scratch).unwrap();
    let one = message.only().unwrap();
    assert_eq!((message.payload(), one.headers().is_encoded()), (None, false));
    assert_eq!(one.verify_unencoded(b"$.02", &[&mac]).unwrap().payload(), b"$.02");
    let wrong = one.verify_unencoded(b"$.03", &[&mac]).unwrap_err();
    assert_eq!(wrong.rule(), rules::JWS_SIGNATURE);
    let encoded = one.verify_detached(b"$.02", &mut buffer, &[&mac]).unwrap_err();
    assert_eq!(encoded.rule(), rules::JWS_UNENCODED);
    assert_eq!(message.verify(&[&mac]).unwrap_err().rule(), rules::JWS_UNENCODED);
}

#[test]
fn of_several_signatures_each_has_its_verdict() {
    let text = file("rfc7515-a6.json");
    let mut scratch = vec![0; text.len()];
    let message = Jws::decode_json(&text, &mut scratch).unwrap();
    let ec = key("rfc7515-a3.key.json");
    let verdicts: Vec<_> = message.signatures().map(|one| one.verify(&[&ec])).collect();
    assert_eq!(verdicts.len(), 2);
    assert_eq!(verdicts[0].unwrap_err().rule(), rules::JWS_NO_KEY);
    assert_eq!(verdicts[1].unwrap().payload(), CLAIMS.as_bytes());
    let ids: Vec<_> =
        message.signatures().map(|one| one.headers().key_id().unwrap().to_string()).collect();
    assert_eq!(ids, ["2010-12-29", "e9bc097a-ce51-4036-9562-d2ade882db0d"]);

    // The second of three has its algorithm in the unprotected header only.
    let text = file("rfc7520-4.8.json");
    let error = verdict_of(&text, &[&Anyone]).unwrap_err();
    assert_eq!(error.rule(), rules::JWS_ALGORITHM_MISSING);
    let mut three: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(iotops_wire::json::pointer(&text, error.place().offset()), "/signatures/1");
    three["signatures"].as_array_mut().unwrap().remove(1);
    let text = serde_json::to_vec(&three).unwrap();
    let mut scratch = vec![0; text.len()];
    let message = Jws::decode_json(&text, &mut scratch).unwrap();
    let mac = key("rfc7520-3.5.key.json");
    let found: Vec<_> = message.signatures().map(|one| one.headers().algorithm()).collect();
    let expected = [Algorithm::Rs256, Algorithm::Hmac256].map(Some);
    assert_eq!(found, expected);
    let last = message.signatures().last().unwrap();
    assert_eq!(last.verify(&[&mac]).unwrap().payload(), HOBBIT.as_bytes());
}

#[test]
fn headers_break_each_rule_at_its_place() {
    let many: Vec<String> = (0..17).map(|n| format!("\"x{n}\"")).collect();
    let members: Vec<String> = many.iter().map(|name| format!("{name}:1")).collect();
    let many = format!("{{\"alg\":\"ES256\",\"crit\":[{}],{}}}", many.join(","), members.join(","));
    let cases: [(&str, Rule, &str); 36] = [
        (r#"["alg"]"#, wire::JSON_EXPECT_OBJECT, "["),
        (r#""ES256""#, wire::JSON_EXPECT_OBJECT, "\""),
        (r#"{"alg":"ES256"} x"#, wire::JSON_TRAILING, "x"),
        (r#"{"alg":"ES256","alg":"ES256"}"#, wire::JSON_MEMBER_TWICE, "\"alg\":\"ES256\"}"),
        (r#"{"alg":"none","\u0061lg":"ES256"}"#, wire::JSON_MEMBER_TWICE, "\"\\u"),
        (r"{}", rules::JWS_ALGORITHM_MISSING, "{"),
        (r#"{"typ":"JWT"}"#, rules::JWS_ALGORITHM_MISSING, "{"),
        (r#"{"alg":"none"}"#, rules::JWS_ALGORITHM_NONE, "\"none"),
        (r#"{"alg":"n\u006fne"}"#, rules::JWS_ALGORITHM_NONE, "\"n\\"),
        (r#"{"alg":null}"#, rules::JWS_HEADER_VALUE, "null"),
        (r#"{"alg":-7}"#, rules::JWS_HEADER_VALUE, "-7"),
        (r#"{"alg":["ES256"]}"#, rules::JWS_HEADER_VALUE, "["),
        (r#"{"alg":"ES256","kid":1}"#, rules::JWS_HEADER_VALUE, "1}"),
        (r#"{"alg":"ES256","jwk":"x"}"#, rules::JWS_HEADER_VALUE, "\"x\""),
        (r#"{"alg":"ES256","x5c":"x"}"#, rules::JWS_HEADER_VALUE, "\"x\""),
        (r#"{"alg":"ES256","x5c":["x",1]}"#, rules::JWS_HEADER_VALUE, "[\"x\""),
        (r#"{"alg":"ES256","crit":"exp","exp":1}"#, rules::JWS_HEADER_VALUE, "\"exp\",\"e"),
        (r#"{"alg":"ES256","crit":{},"exp":1}"#, rules::JWS_HEADER_VALUE, "{}"),
        (r#"{"alg":"ES256","crit":[]}"#, rules::JWS_CRITICAL_LIST, "[]"),
        (r#"{"alg":"ES256","crit":[1]}"#, rules::JWS_CRITICAL_LIST, "1]"),
        (r#"{"alg":"ES256","crit":["exp"]}"#, rules::JWS_CRITICAL_LIST, "\"exp\"]"),
        (r#"{"alg":"ES256","crit":["alg"]}"#, rules::JWS_CRITICAL_LIST, "\"alg\"]"),
        (r#"{"alg":"ES256","crit":["crit"]}"#, rules::JWS_CRITICAL_LIST, "\"crit\"]"),
        (r#"{"alg":"ES256","kid":"","crit":["kid"]}"#, rules::JWS_CRITICAL_LIST, "\"kid\"]"),
        (r#"{"alg":"ES256","exp":1,"crit":["exp","exp"]}"#, rules::JWS_CRITICAL_LIST, "\"exp\"]"),
        (r#"{"alg":"ES256","exp":1,"crit":["exp","\u0065xp"]}"#, rules::JWS_CRITICAL_LIST, "\"\\u"),
        (&many, rules::JWS_CRITICAL_COUNT, "\"x16\"]"),
        (r#"{"alg":"ES256","exp":1,"crit":["exp"]}"#, rules::JWS_CRITICAL_UNKNOWN, "{"),
        (r#"{"alg":"ES256","b64":"false","crit":["b64"]}"#, rules::JWS_HEADER_VALUE, "\"false"),
        (r#"{"alg":"ES256","b64":false}"#, rules::JWS_B64, "{"),
        (r#"{"alg":"ES256","b64":true}"#, rules::JWS_B64, "{"),
        (r#"{"alg":"ES256","crit":["b64"]}"#, rules::JWS_CRITICAL_LIST, "\"b64\"]"),
        (r#"{"alg":"ES224"}"#, rules::JWS_ALGORITHM_UNKNOWN, "{"),
        (r#"{"alg":"es256"}"#, rules::JWS_ALGORITHM_UNKNOWN, "{"),
        (r#"{"alg":"None"}"#, rules::JWS_ALGORITHM_UNKNOWN, "{"),
        (r#"{"alg":"A128GCM"}"#, rules::JWS_ALGORITHM_UNKNOWN, "{"),
    ];
    for (header, rule, needle) in cases {
        refused(&compact(header), rule, at(header, needle));
    }
    // The payload stands behind the header.
    let header = r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#;
    refused(&compact(header), rules::JWS_UNENCODED, b64(header).len() as u32 + 1);
    for good in [
        r#"{"alg":"ES256","b64":true,"crit":["b64"]}"#,
        r#"{"alg":"ES256","b64":true,"crit":["b64"]}"#,
        r#" { "\u0061lg" : "ES256" , "exp" : [ { } ] , "x5c" : [ ] } "#,
        r#"{"alg":"ES256","jwk":{"kty":"EC"},"jku":"https://evil.example","x5u":"","kid":"\n"}"#,
    ] {
        assert_eq!(verdict_of(compact(good).as_bytes(), &[&Anyone]).unwrap(), b"payload");
    }
}

#[test]
fn the_compact_form_has_three_parts_of_strict_base64url() {
    let good = compact(r#"{"alg":"ES256"}"#);
    let (header, rest) = good.split_once('.').unwrap();
    let length = header.len() as u32;
    for bad in ["", ".", "a", "a.b", "a.b.c.d", "....", &format!("{good}.")] {
        refused(bad, rules::JWS_COMPACT, 0);
    }
    refused("..", wire::JSON_TRUNCATED, 0);
    for (bad, offset) in [
        (format!("{header}=.{rest}"), length),
        (format!("{header} .{rest}"), length),
        (format!(" {good}"), 0),
        (format!("{good}\n"), good.len() as u32),
        (format!("{header}.a+b.YQ"), length + 2),
        (format!("{header}.a/b.YQ"), length + 2),
        (format!("{header}.a.YQ"), length + 1),
        // One byte in two characters leaves four bits, which must be 0.
        (format!("{header}.YR.YQ"), length + 2),
        (format!("{header}.YWJ.YQ"), length + 3),
        (format!("{header}.YQ.YWJjZ"), length + 8),
        (format!("{header}.YQ.Y\u{e9}"), length + 5),
    ] {
        refused(&bad, rules::BASE64URL, offset);
    }
}

#[test]
fn the_json_form_breaks_each_rule_at_its_place() {
    let protected = b64(r#"{"alg":"ES256"}"#);
    let one = format!(r#"{{"protected":"{protected}","signature":"YQ"}}"#);
    let list = |count: usize| vec![one.as_str(); count].join(",");
    let unencoded = b64(r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#);
    let with = |header: &str| {
        format!(
            r#"{{"payload":"YQ","signatures":[{{"protected":"{protected}","header":{header},"signature":"YQ"}}]}}"#
        )
    };
    let cases: Vec<(String, Rule, &str)> = vec![
        (r#"{"payload":"YQ"}"#.into(), rules::JWS_MEMBER, "{"),
        (format!(r#"{{"signatures":[{one}],"signature":"YQ"}}"#), rules::JWS_MEMBER, "{"),
        (r#"{"payload":"YQ","signatures":[]}"#.into(), rules::JWS_SIGNERS, "{"),
        (r#"{"signatures":{}}"#.into(), wire::JSON_EXPECT_ARRAY, "{}"),
        (r#"{"signatures":[1]}"#.into(), wire::JSON_EXPECT_OBJECT, "1"),
        (r#"{"signatures":[{}]}"#.into(), rules::JWS_ALGORITHM_MISSING, "{}"),
        (
            format!(r#"{{"signatures":[{{"protected":"{protected}"}}]}}"#),
            rules::JWS_MEMBER,
            "{\"pro",
        ),
        (r#"{"payload":1,"signature":"YQ"}"#.into(), wire::JSON_EXPECT_STRING, "1"),
        (format!(r#"{{"payload":"\u0059Q","signatures":[{one}]}}"#), rules::BASE64URL, "\"\\u"),
        (format!(r#"{{"payload":"YR","signatures":[{one}]}}"#), rules::BASE64URL, "R\""),
        (with("[]"), wire::JSON_EXPECT_OBJECT, "[],\"sig"),
        (with(r#"{"alg":"ES256"}"#), rules::JWS_UNPROTECTED, "\"alg\""),
        (with(r#"{"crit":["a"],"a":1}"#), rules::JWS_UNPROTECTED, "\"crit\""),
        (with(r#"{"b64":false}"#), rules::JWS_UNPROTECTED, "\"b64\""),
        (with(r#"{"kid":1}"#), rules::JWS_HEADER_VALUE, "1}"),
        (
            format!(r#"{{"signatures":[{one},{{"protected":"{unencoded}","signature":""}}]}}"#),
            rules::JWS_B64,
            &unencoded,
        ),
    ];
    for (text, rule, needle) in cases {
        let offset = text.find(needle).unwrap() as u32;
        refused(&text, rule, offset);
    }
    let protected = b64(r#"{"alg":"ES256","kid":"a"}"#);
    let both = format!(
        r#"{{"payload":"","protected":"{protected}","header":{{"\u006bid":"b"}},"signature":""}}"#
    );
    refused(&both, rules::JWS_HEADER_IN_BOTH, both.find("\"\\u").unwrap() as u32);
    let most = format!(r#"{{"payload":"YQ","signatures":[{}]}}"#, list(SIGNERS));
    refused(&most, rules::JWS_SEVERAL, 0);
    let more = format!(r#"{{"payload":"YQ","signatures":[{}]}}"#, list(SIGNERS + 1));
    let error = verdict_of(more.as_bytes(), &[&Anyone]).unwrap_err();
    assert_eq!(error.rule(), rules::JWS_SIGNERS);
    // What is not defined is ignored (RFC 7515 §7.2.1), as is white space.
    let good = format!(" {{ \"payload\" : \"YQ\" , \"x\" : [ ] , \"signatures\" : [ {one} ] }} ");
    let mut scratch = [0; 200];
    let message = Jws::decode_json(good.as_bytes(), &mut scratch).unwrap();
    assert_eq!(message.verify(&[&Anyone]).unwrap().payload(), b"a");
}

#[test]
fn extensions_are_understood_by_name() {
    let text = compact(r#"{"alg":"ES256","exp":1,"a":2,"crit":["exp","a"]}"#);
    let mut scratch = vec![0; text.len()];
    let message = Jws::decode_compact(text.as_bytes(), &mut scratch).unwrap();
    let listed: Vec<_> =
        message.only().unwrap().headers().critical().map(|name| name.to_string()).collect();
    assert_eq!(listed, ["exp", "a"]);
    for (names, is_enough) in
        [(&["exp", "a"][..], true), (&["a", "b", "exp"], true), (&["exp"], false), (&[], false)]
    {
        let verdict = message.understanding(names).verify(&[&Anyone]);
        match verdict {
            Ok(_) => assert!(is_enough),
            Err(error) => {
                assert!(!is_enough);
                assert_eq!(error.rule(), rules::JWS_CRITICAL_UNKNOWN);
            }
        }
    }
    let value = message.only().unwrap().headers().protected("exp").unwrap();
    assert_eq!(value.unsigned().unwrap(), 1);
}

/// An HMAC made with the bytes of a public key must not pass for a signature of that key.
#[test]
fn a_key_takes_no_algorithm_of_another_type() {
    let ec = secret(KeyType::Es256, 7).verifying_key();
    let okp = secret(KeyType::Ed25519, 7).verifying_key();
    let mac = secret(KeyType::Hmac, 7).verifying_key();
    for public in [&ec, &okp] {
        let raw = public.to_raw();
        let raw = raw.as_bytes();
        let forged_with = &raw[..raw.len().min(64)];
        let mut forger = SecretKey::from_raw(KeyType::Hmac, forged_with).unwrap();
        let forged = Unsigned::new(forger.algorithm()).unwrap().sign(&mut forger, b"x").unwrap();
        let forged = forged.to_compact(Payload::Attached(b"x")).unwrap();
        let error = verdict_of(forged.as_bytes(), &[public]).unwrap_err();
        assert_eq!(error.rule(), rules::JWS_NO_KEY);
    }
    let keys = [&ec, &okp, &mac];
    for (algorithm, owner) in [("ES256", 0), ("EdDSA", 1), ("Ed25519", 1), ("HS256", 2)] {
        let text = compact(&format!(r#"{{"alg":"{algorithm}"}}"#));
        for (index, key) in keys.iter().enumerate() {
            let rule = verdict_of(text.as_bytes(), &[*key]).unwrap_err().rule();
            let expected = if index == owner { rules::JWS_SIGNATURE } else { rules::JWS_NO_KEY };
            assert_eq!(rule, expected, "{algorithm} {index}");
        }
    }
    for algorithm in ["ES384", "ES512", "HS384", "HS512", "RS256", "PS512", "ML-DSA-44", "Ed448"] {
        let text = compact(&format!(r#"{{"alg":"{algorithm}"}}"#));
        let error = verdict_of(text.as_bytes(), &[keys[0], keys[1], keys[2]]).unwrap_err();
        assert_eq!(error.rule(), rules::JWS_NO_KEY, "{algorithm}");
    }
}

/// A header that brings its own key is verified with the keys of the caller all the same.
#[test]
fn no_key_of_a_header_is_used() {
    let mut attacker = secret(KeyType::Es256, 9);
    let jwk = attacker.verifying_key().to_jwk();
    let header = format!(r#"{{"alg":"ES256","kid":"trusted","jwk":{}}}"#, jwk.unwrap().as_str());
    let input = format!("{}.{}", b64(header), b64("payload"));
    let mut signature = [0; 64];
    attacker.sign(&[input.as_bytes()], &mut signature).unwrap();
    let text = format!("{input}.{}", b64(signature));
    let trusted = secret(KeyType::Es256, 7).verifying_key();
    let error = verdict_of(text.as_bytes(), &[&trusted]).unwrap_err();
    assert_eq!(error.rule(), rules::JWS_SIGNATURE);
    assert_eq!(verdict_of(text.as_bytes(), &[]).unwrap_err().rule(), rules::JWS_NO_KEY);
    verdict_of(text.as_bytes(), &[&attacker.verifying_key()]).unwrap();
}

/// Accepts every algorithm, and does not answer.
struct Away;

impl Verifier for Away {
    fn accepts(&self, _: Algorithm) -> bool {
        true
    }

    fn verify(&self, _: &[&[u8]], _: &[u8]) -> Result<(), Refused> {
        Err(Refused::Unavailable)
    }
}

#[test]
fn that_nothing_was_decided_is_told() {
    let text = compact(r#"{"alg":"ES256"}"#);
    let wrong = secret(KeyType::Es256, 7).verifying_key();
    let orders: [&[&dyn Verifier]; 3] = [&[&Away, &wrong], &[&wrong, &Away], &[&Away]];
    for keys in orders {
        let error = verdict_of(text.as_bytes(), keys).unwrap_err();
        assert_eq!(error.rule(), common::UNAVAILABLE);
    }
}

#[test]
fn what_is_written_is_read_and_verified() {
    let certificates: [&[u8]; 2] = [b"\xff\xfe\xfd certificate", b"issuer"];
    for key_type in [KeyType::Es256, KeyType::Ed25519, KeyType::Hmac] {
        let mut key = secret(key_type, 7);
        let unsigned = Unsigned::new(key.algorithm())
            .unwrap()
            .with_key_id("k\"1")
            .with_message_type("voucher-jws+json")
            .with_content_type("x")
            .with_certificates(&certificates);
        let signed = unsigned.sign(&mut key, b"payload").unwrap();
        let public = key.verifying_key();
        let compact = signed.to_compact(Payload::Attached(b"payload")).unwrap();
        let json =
            write_json(Payload::Attached(b"payload"), core::slice::from_ref(&signed)).unwrap();
        for text in [&compact, &json] {
            assert_eq!(verdict_of(text.as_bytes(), &[&public]).unwrap(), b"payload");
        }
        let mut scratch = vec![0; compact.len()];
        let message = Jws::decode_compact(compact.as_bytes(), &mut scratch).unwrap();
        let one = message.only().unwrap();
        assert!(one.headers().key_id().unwrap() == *"k\"1");
        assert!(one.headers().message_type().unwrap() == *"voucher-jws+json");
        assert!(one.headers().content_type().unwrap() == *"x");
        let mut buffer = [0; 64];
        for (text, expected) in one.headers().certificates().zip(certificates) {
            assert_eq!(Headers::decode_certificate(text, &mut buffer).unwrap(), expected);
            let small = Headers::decode_certificate(text, &mut buffer[..2]).unwrap_err();
            assert_eq!(small.rule(), rules::JWS_SCRATCH);
        }
        assert_eq!(Signed::from(&one).to_compact(Payload::Attached(b"payload")).unwrap(), compact);

        let detached = signed.to_compact(Payload::Detached(b"payload")).unwrap();
        let mut scratch = vec![0; detached.len()];
        let one = Jws::decode_compact(detached.as_bytes(), &mut scratch).unwrap().only().unwrap();
        one.verify_detached(b"payload", &mut buffer, &[&public]).unwrap();
    }
}

#[test]
fn two_steps_give_the_same_as_one() {
    let mut key = secret(KeyType::Es256, 7);
    let unsigned = Unsigned::new(Algorithm::Esp256).unwrap().with_key_id("1");
    let mut signature = [0; 64];
    unsigned.to_be_signed(b"p", |parts| key.sign(parts, &mut signature).unwrap()).unwrap();
    let whole: Vec<u8> = unsigned.to_be_signed(b"p", |parts| parts.concat()).unwrap();
    let digest = unsigned.prehash(b"p").unwrap();
    let expected = iotops_crypto::digest(Algorithm::Sha256, &[&whole]).unwrap();
    assert_eq!(digest.as_bytes(), expected.as_bytes());
    let two = unsigned.finish(&signature).unwrap().to_compact(Payload::Attached(b"p")).unwrap();
    let one = unsigned.sign(&mut key, b"p").unwrap().to_compact(Payload::Attached(b"p")).unwrap();
    assert_eq!(one, two);
    let error = unsigned.finish(&signature[1..]).unwrap_err();
    assert_eq!(error.rule(), common::SIGNATURE_LENGTH);
    let error = unsigned.sign(&mut secret(KeyType::Hmac, 1), b"p").unwrap_err();
    assert_eq!(error.rule(), common::ALGORITHM_PURPOSE);
    let error = Unsigned::new(Algorithm::A128Gcm).unwrap_err();
    assert_eq!(error.rule(), rules::JWS_ALGORITHM_UNKNOWN);
}

#[test]
fn several_sign_one_payload_one_after_the_other() {
    let (mut first, mut second) = (secret(KeyType::Es256, 1), secret(KeyType::Ed25519, 2));
    let sign = |key: &mut SecretKey| {
        Unsigned::new(key.algorithm()).unwrap().sign(key, b"payload").unwrap()
    };
    let payload = Payload::Attached(b"payload");
    let text = write_json(payload, &[sign(&mut first)]).unwrap();
    let mut scratch = vec![0; text.len()];
    let message = Jws::decode_json(text.as_bytes(), &mut scratch).unwrap();
    let kept = Signed::from(&message.only().unwrap());
    let text = write_json(payload, &[kept, sign(&mut second)]).unwrap();
    let mut scratch = vec![0; text.len()];
    let message = Jws::decode_json(text.as_bytes(), &mut scratch).unwrap();
    let keys = [first.verifying_key(), second.verifying_key()];
    for (index, one) in message.signatures().enumerate() {
        let verified = one.verify(&[&keys[0], &keys[1]]).unwrap();
        assert_eq!((verified.key(), verified.payload()), (index, &b"payload"[..]));
        assert!(one.verify(&[&keys[1 - index]]).is_err());
    }
    let unencoded = Unsigned::new(second.algorithm()).unwrap().unencoded();
    let unencoded = unencoded.sign(&mut second, b"payload").unwrap();
    let mixed = write_json(payload, &[sign(&mut first), unencoded.clone()]).unwrap_err();
    assert_eq!(mixed.rule(), rules::JWS_B64);
    let attached = unencoded.to_compact(payload).unwrap_err();
    assert_eq!(attached.rule(), rules::JWS_UNENCODED);
    assert_eq!(write_json(payload, &[]).unwrap_err().rule(), rules::JWS_SIGNERS);
    let many = vec![sign(&mut first); SIGNERS + 1];
    assert_eq!(write_json(payload, &many).unwrap_err().rule(), rules::JWS_SIGNERS);
    let text = write_json(Payload::Detached(b"payload"), &[unencoded]).unwrap();
    let mut scratch = vec![0; text.len()];
    let one = Jws::decode_json(text.as_bytes(), &mut scratch).unwrap().only().unwrap();
    assert_eq!(one.verify_unencoded(b"payload", &[&keys[1]]).unwrap().payload(), b"payload");
}

/// An unprotected header is kept when a signature is written again, and has no compact form.
#[test]
fn unprotected_headers_survive() {
    let text = file("rfc7520-4.6.json");
    let mut scratch = vec![0; text.len()];
    let message = Jws::decode_json(&text, &mut scratch).unwrap();
    let one = message.only().unwrap();
    assert!(one.headers().unprotected("kid").is_some() && one.headers().protected("kid").is_none());
    let kept = Signed::from(&one);
    let payload = Payload::Attached(HOBBIT.as_bytes());
    assert_eq!(kept.to_compact(payload).unwrap_err().rule(), rules::JWS_COMPACT);
    let again = write_json(payload, &[kept]).unwrap();
    let value = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).unwrap();
    assert_eq!(value(again.as_bytes()), value(&text));
}

#[test]
fn certificates_are_strict_base64_with_padding() {
    let decode = |text: &str| {
        let header = format!(r#"{{"alg":"ES256","x5c":["{text}"]}}"#);
        let message = compact(&header);
        let mut scratch = vec![0; message.len()];
        let message = Jws::decode_compact(message.as_bytes(), &mut scratch).unwrap();
        let text = message.only().unwrap().headers().certificates().next().unwrap();
        let mut buffer = [0; 16];
        Headers::decode_certificate(text, &mut buffer).map(<[u8]>::to_vec)
    };
    assert_eq!(decode(r"\/\/79").unwrap(), [0xff, 0xfe, 0xfd]);
    assert_eq!(decode("YWI=").unwrap(), b"ab");
    assert_eq!(decode("YWJjYQ==").unwrap(), b"abca");
    for bad in
        ["YWI", "YQ", "YQ=", "YR==", "YQ==YQ==", "YWJ=", "__79", "YWJ j", "YWJj ", "é", "===="]
    {
        assert_eq!(decode(bad).unwrap_err().rule(), rules::CERTIFICATE_BASE64, "{bad}");
    }
}

/// Each cut and each flipped bit: no panic, and no other message verifies.
#[test]
fn damage_never_panics_nor_verifies() {
    let ec = key("rfc7515-a3.key.json");
    for name in ["rfc7515-a3.jws", "rfc7515-a7.json"] {
        let text = file(name);
        let good = verdict_of(&text, &[&ec]).unwrap();
        for end in 0..text.len() {
            let verdict = verdict_of(&text[..end], &[&ec]);
            // Behind the last bracket stands white space only.
            assert!(verdict.is_err() || text[end..].trim_ascii().is_empty());
            for length in [0, 1, 30, 100] {
                let mut scratch = vec![0; length];
                let _ = Jws::decode_json(&text[..end], &mut scratch);
                let mut scratch = vec![0; length];
                let _ = Jws::decode_compact(&text[..end], &mut scratch);
            }
        }
        let mut accepted = 0;
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut damaged = text.clone();
                damaged[at] ^= 1 << bit;
                if let Ok(payload) = verdict_of(&damaged, &[&ec]) {
                    assert_eq!(payload, good);
                    accepted += 1;
                }
            }
        }
        // In JSON, the unprotected key identifier and white space may change.
        assert_eq!(accepted == 0, name.ends_with(".jws"), "{name}: {accepted}");
    }
}

#[test]
fn scratch_of_three_quarters_is_enough_and_less_is_told() {
    for name in ["rfc7515-a3.jws", "rfc7515-a6.json", "rfc7515-a7.json"] {
        let text = file(name);
        let mut needed = 0;
        loop {
            let mut scratch = vec![0; needed];
            match decode(&text, &mut scratch) {
                Ok(_) => break,
                Err(error) => assert_eq!(error.rule(), rules::JWS_SCRATCH),
            }
            needed += 1;
        }
        assert!(needed * 4 <= text.len() * 3, "{name}");
    }
}

#[test]
fn every_rule_has_its_sentence() {
    for row in rules::ROWS {
        assert!(!row.sentence.ends_with('.') && row.name == row.name.to_lowercase());
        assert!((1110..1140).contains(&row.rule.number()));
        assert_eq!(common::row(row.rule), Some(row));
    }
    assert!(rules::ROWS.is_sorted_by_key(|row| row.rule.number()));
}

#[test]
fn names_of_jose_and_numbers_of_cose_stand_in_one_table() {
    for algorithm in Algorithm::ALL {
        let Some(name) = algorithm.to_jose() else { continue };
        let back = Algorithm::from_jose(name).unwrap();
        // An ES name of JOSE fixes the curve, as an ESP name of COSE does.
        let is_pair = algorithm.name() == name.replace("ES", "ESP");
        assert!(back == *algorithm || is_pair || *algorithm == Algorithm::Esp256, "{name}");
    }
    assert_eq!(Algorithm::from_jose("HS256"), Some(Algorithm::Hmac256));
    assert_eq!(Algorithm::from_jose("ML-DSA-65"), Some(Algorithm::MlDsa65));
    for unknown in ["none", "", "ESP256", "HMAC 256/256", "A128GCM", "SHA-256"] {
        assert_eq!(Algorithm::from_jose(unknown), None, "{unknown}");
    }
}
