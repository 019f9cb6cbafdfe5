//! Reading vectors of other projects.

#![allow(dead_code, reason = "not every test file uses all of it")]

use std::fs;

use iotops_crypto::Verifier;
use serde_json::Value;

/// The bytes of a hexadecimal text.
pub(crate) fn unhex(text: &str) -> Vec<u8> {
    let text: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pairs = text.chunks(2).map(|pair| core::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// The bytes of a hexadecimal JSON string.
pub(crate) fn hex(text: &Value) -> Vec<u8> {
    unhex(text.as_str().unwrap())
}

/// A JSON file of the folder of vectors.
pub(crate) fn json(file: &str) -> Option<Value> {
    let folder = test_support::vectors("crypto")?;
    Some(serde_json::from_str(&fs::read_to_string(folder.join(file)).unwrap()).unwrap())
}

/// The message cut in several ways: the verdict must not depend on them.
pub(crate) fn verdict(key: &dyn Verifier, message: &[u8], signature: &[u8]) -> bool {
    let whole = key.verify(&[message], signature).is_ok();
    let bytes: Vec<&[u8]> = message.chunks(1).collect();
    assert_eq!(key.verify(&bytes, signature).is_ok(), whole);
    let (a, b) = message.split_at(message.len() / 3);
    assert_eq!(key.verify(&[&[], a, &[], b, &[]], signature).is_ok(), whole);
    whole
}

/// Runs a Wycheproof file; `check` gives `None` for what policy leaves out. Counts both.
pub(crate) fn wycheproof(
    file: &str,
    check: impl Fn(&Value, &Value) -> Option<bool>,
) -> (usize, usize) {
    let Some(vectors) = json(&format!("wycheproof/{file}")) else { return (0, 0) };
    let (mut checked, mut refused) = (0, 0);
    for group in vectors["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let Some(accepted) = check(group, test) else {
                refused += 1;
                continue;
            };
            let expected = match test["result"].as_str().unwrap() {
                "valid" => true,
                "invalid" => false,
                other => panic!("no policy for {other}"),
            };
            assert_eq!(accepted, expected, "{file} {}: {}", test["tcId"], test["comment"]);
            checked += 1;
        }
    }
    test_support::report(file, checked);
    (checked, refused)
}
