//! JWS and JWK vectors of Wycheproof.

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
    clippy::unwrap_in_result,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

extern crate alloc;

use alloc::collections::BTreeMap;
use std::fs;

use base64ct::{Base64UrlUnpadded, Encoding as _};
use iotops_crypto::jws::Jws;
use iotops_crypto::key::{Imported, import};
use iotops_crypto::{Algorithm, Error, Refused, Verifier};
use serde_json::Value;

/// Where the verdict is not that of the file, or none is made, and why.
const NO_KEY_TYPE: &str = "the type of the key is not built in";
const NO_ALGORITHM: &str = "the algorithm of the MAC key is not built in";
const LONG_MAC_KEY: &str = "a MAC key longer than the block of its hash would have two forms";
/// Wycheproof uses a key set as one key; it calls the two cases ambiguous.
const KEY_SET: &str = "a set of keys is the care of the caller, who chooses from it";
/// Vectors 367 and 370, called invalid for their padding, have none: they are vector 357, which is
/// valid, letter by letter.
const TWINS: &str = "the same text is a valid vector";
const VALID_TWIN: u64 = 357;
/// Vectors 372 and 373 have a question mark in the text, which is to be skipped. RFC 7515 §2 allows
/// no "additional characters".
const FOREIGN: &str = "a character that is not base64url is called valid";
/// The key names another algorithm than the message: PS256 beside a message with PS384.
const OTHER_ALGORITHM: &str = "the key is restricted to another algorithm";
const NO_HASH: &str = "the hash is not built in";
/// Keys whose primes were made by a broken generator are not looked for.
const ROCA: &str = "nothing but the shape of its modulus tells that the key is weak";
const ENCRYPTION: &str = "JWE, not JWS";

struct Tally {
    checked: usize,
    accepted: usize,
    /// Refused by a key that was imported.
    refused: usize,
    /// Refused because no key of the group is imported: says little of the message.
    keyless: usize,
    apart: BTreeMap<&'static str, usize>,
}

/// The public key of a group, or its symmetric key; of a set, all of its keys.
fn keys(group: &Value) -> Vec<Result<Imported, Error>> {
    let key = if group["public"].is_null() { &group["private"] } else { &group["public"] };
    let list = key["keys"].as_array().cloned().unwrap_or_else(|| vec![key.clone()]);
    list.iter().map(|key| import(key.to_string().as_bytes())).collect()
}

fn accepts(group: &Value, jws: &Value) -> bool {
    // The JSON serialization is no string.
    let Some(text) = jws.as_str() else { return false };
    let keys: Vec<_> = keys(group).into_iter().flatten().map(|key| key.verifying_key()).collect();
    let verifiers: Vec<&dyn Verifier> = keys.iter().map(|key| -> &dyn Verifier { key }).collect();
    let mut scratch = vec![0; text.len()];
    let message = Jws::decode_compact(text.as_bytes(), &mut scratch);
    message.and_then(|message| message.verify(&verifiers).map(drop)).is_ok()
}

/// Why a valid vector may be refused, told by its key.
fn reason(group: &Value, test: &Value) -> Option<&'static str> {
    use iotops_crypto::rules;
    let Some(refusal) = keys(group).into_iter().find_map(Result::err) else {
        let header = test["jws"].as_str()?.split('.').next()?;
        let header = Base64UrlUnpadded::decode_vec(header).ok()?;
        let header: Value = serde_json::from_slice(&header).ok()?;
        let is_same = header["alg"] == group["public"]["alg"];
        let needs_more = !header["alg"].as_str()?.ends_with("256");
        return match (is_same, needs_more && cfg!(not(feature = "sha512"))) {
            (false, _) => Some(OTHER_ALGORITHM),
            (true, true) => Some(NO_HASH),
            _ => None,
        };
    };
    match refusal.rule() {
        rules::KEY_TYPE => Some(NO_KEY_TYPE),
        rules::KEY_ALGORITHM => Some(NO_ALGORITHM),
        rules::KEY_FORM => Some(LONG_MAC_KEY),
        _ => None,
    }
}

fn run(file: &str) -> Option<Tally> {
    let folder = test_support::vectors("crypto")?.join("wycheproof");
    let vectors: Value = serde_json::from_slice(&fs::read(folder.join(file)).unwrap()).unwrap();
    let mut tally =
        Tally { checked: 0, accepted: 0, refused: 0, keyless: 0, apart: BTreeMap::new() };
    for group in vectors["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            one(&mut tally, group, test);
        }
    }
    assert_eq!(tally.checked, vectors["numberOfTests"].as_u64().unwrap() as usize);
    let Tally { checked, accepted, refused, keyless, apart } = &tally;
    println!(
        "{file}: {checked} checked, {accepted} accepted, {refused} refused, {keyless} without a \
        key, apart {apart:?}"
    );
    test_support::report(file, tally.checked);
    Some(tally)
}

/// Why a vector is none for these functions.
fn not_run(group: &Value, test: &Value) -> Option<&'static str> {
    let flags = test["flags"].to_string();
    let is_set = flags.contains("MixedKeySet")
        || flags.contains("DuplicateKid")
        || group["comment"] == "jws_mixedSymmetryKeyset";
    let is_encryption = test["jws"].is_null() || group["comment"].as_str()?.starts_with("jwe");
    match (is_encryption, is_set) {
        (true, _) => Some(ENCRYPTION),
        (_, true) => Some(KEY_SET),
        _ => None,
    }
}

/// Whether the text is that of the valid vector.
fn is_twin(group: &Value, test: &Value) -> bool {
    let mut tests = group["tests"].as_array().unwrap().iter();
    tests.any(|one| one["tcId"] == VALID_TWIN && one["jws"] == test["jws"])
}

fn one(tally: &mut Tally, group: &Value, test: &Value) {
    tally.checked += 1;
    let name = format!("{} {}", test["tcId"], test["comment"]);
    if let Some(because) = not_run(group, test) {
        *tally.apart.entry(because).or_default() += 1;
        return;
    }
    let is_accepted = accepts(group, &test["jws"]);
    tally.accepted += usize::from(is_accepted);
    let has_key = keys(group).iter().any(Result::is_ok);
    tally.refused += usize::from(!is_accepted && has_key);
    tally.keyless += usize::from(!is_accepted && !has_key);
    match test["result"].as_str().unwrap() {
        "valid" if is_accepted => {}
        "valid" if test["jws"].as_str().unwrap().contains('?') => {
            *tally.apart.entry(FOREIGN).or_default() += 1;
        }
        "valid" => {
            let because = reason(group, test).unwrap_or_else(|| panic!("{name} is refused"));
            *tally.apart.entry(because).or_default() += 1;
        }
        "invalid" if is_accepted && is_twin(group, test) => {
            *tally.apart.entry(TWINS).or_default() += 1;
        }
        "invalid" if is_accepted && name.ends_with("RocaVulnerability\"") => {
            *tally.apart.entry(ROCA).or_default() += 1;
        }
        "invalid" => assert!(!is_accepted, "{name} is accepted"),
        other => panic!("no policy for {other}"),
    }
}

#[test]
fn json_web_signature() {
    let Some(tally) = run("json_web_signature_test.json") else { return };
    assert_eq!(tally.checked, 401);
    assert_eq!((tally.apart[TWINS], tally.apart[FOREIGN]), (2, 2));
}

#[test]
fn json_web_key() {
    let Some(tally) = run("json_web_key_test.json") else { return };
    assert_eq!(tally.apart[KEY_SET], 2);
}

#[test]
fn json_web_crypto() {
    let Some(tally) = run("json_web_crypto_test.json") else { return };
    assert_eq!(tally.apart[ENCRYPTION], 34);
}

/// Takes the one message and signature that it was made for.
struct Expected {
    algorithm: Algorithm,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Verifier for Expected {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        algorithm == self.algorithm
    }

    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        let is_expected = message.concat() == self.message && signature == self.signature;
        if is_expected { Ok(()) } else { Err(Refused::Invalid) }
    }
}

fn hex(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// The examples of RFC 9964: what is signed, whether or not the algorithm is built in.
#[test]
fn ml_dsa_signs_what_it_should() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let files = test_support::files(&folder.join("cose-dilithium"), &[".jose.json"]);
    for file in &files {
        let example: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
        let key = Expected {
            algorithm: Algorithm::from_jose(example["jwk"]["alg"].as_str().unwrap()).unwrap(),
            message: hex(&example["raw_to_be_signed"]),
            signature: hex(&example["raw_signature"]),
        };
        let text = example["jws"].as_str().unwrap();
        let mut scratch = vec![0; text.len()];
        let message = Jws::decode_compact(text.as_bytes(), &mut scratch).unwrap();
        message.verify(&[&key]).unwrap();
        let headers = *message.only().unwrap().headers();
        assert_eq!(headers.key_id().unwrap().to_string(), example["jwk"]["kid"].as_str().unwrap());
        assert_eq!(key.algorithm.signature_length(), Some(key.signature.len()));
    }
    test_support::report("ml-dsa jws", files.len());
}
