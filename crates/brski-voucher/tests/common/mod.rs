//! What the tests share: files in their many dressings, and keys.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};

use iotops_crypto::Verifier;
use iotops_crypto::key::VerifyingKey;
use iotops_crypto::x509::{Certificate, verifying_key};

pub type Key = VerifyingKey;

/// The bytes that hexadecimal text means; blanks and comments are left out.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|one| one.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

pub fn from_hex(path: &Path) -> Vec<u8> {
    hex(&fs::read_to_string(path).unwrap())
}

/// base64 of either alphabet, line ends left out; `None` for what is none.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for one in text.bytes().filter(|one| !one.is_ascii_whitespace() && *one != b'=') {
        let value = match one {
            b'A'..=b'Z' => one - b'A',
            b'a'..=b'z' => one - b'a' + 26,
            b'0'..=b'9' => one - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        (bits, held) = (bits << 6 | u32::from(value), held + 6);
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

/// What stands between the lines of PEM, or all of a text without them.
pub fn undress(bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = core::str::from_utf8(bytes) else { return bytes.to_vec() };
    if text.trim_start().starts_with('{') || text.contains('.') {
        return bytes.to_vec();
    }
    let inside: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    base64(&inside).filter(|found| !found.is_empty()).unwrap_or_else(|| bytes.to_vec())
}

/// The key of the first certificate in a file.
pub fn certificate_key(path: &Path) -> Key {
    let keys = keys_of(&fs::read(path).unwrap());
    keys.into_iter().next().unwrap_or_else(|| panic!("{}", path.display()))
}

fn keys_of(bytes: &[u8]) -> Vec<Key> {
    let mut encoded = vec![bytes.to_vec()];
    if let Ok(text) = core::str::from_utf8(bytes) {
        for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
            let block = block.split("-----END").next().unwrap_or_default();
            encoded.extend(base64(block));
        }
    }
    let key = |one: &Vec<u8>| verifying_key(Certificate::decode(one).ok()?.public_key()).ok();
    encoded.iter().filter_map(key).collect()
}

/// The keys of all certificates that lie beside the vouchers, and that JWS carry.
pub fn material(folder: &Path) -> Vec<Key> {
    let endings = [".crt", ".pem", ".cert", ".der"];
    let files = test_support::files(folder, &endings);
    files.iter().flat_map(|path| keys_of(&fs::read(path).unwrap())).collect()
}

/// The keys as the verifiers that they are.
pub fn all(keys: &[Key]) -> Vec<&dyn Verifier> {
    let mut all = Vec::<&dyn Verifier>::new();
    for key in keys {
        all.push(key);
    }
    all
}

/// Files below `folder` with a name that a voucher, or data of one, may have.
pub fn candidates(folder: &Path) -> Vec<PathBuf> {
    let endings =
        [".pkcs", ".vrq", ".vch", ".vcj", ".cms", ".mvch", ".cwt", ".b64", ".json", ".bin", ".hex"];
    let is_ours = |path: &PathBuf| !path.starts_with(folder.join("generated"));
    test_support::files(folder, &endings).into_iter().filter(is_ours).collect()
}

/// The bytes of a file, taken out of base64 or hexadecimal.
pub fn document(path: &Path) -> Vec<u8> {
    if path.extension().is_some_and(|extension| extension == "hex") {
        return from_hex(path);
    }
    let bytes = fs::read(path).unwrap();
    let is_json = matches!(path.extension(), Some(extension) if extension == "json");
    if is_json { bytes } else { undress(&bytes) }
}
