//! Digests by their known answers, and the table of algorithms.

#![cfg(all(feature = "sha512", feature = "shake"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may panic and index"
)]

extern crate alloc;

use alloc::collections::BTreeSet;

use iotops_crypto::{Algorithm, Hasher, Purpose, digest};

/// FIPS 180-4 and FIPS 202 examples of "abc"; SHAKE to the lengths of RFC 9054 §3.3.
const ABC: [(Algorithm, &str); 5] = [
    (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
        Algorithm::Sha384,
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
    ),
    (
        Algorithm::Sha512,
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    ),
    (Algorithm::Shake128, "5881092dd818bf5cf8a3ddb793fbcba74097d5c526a6d35f97b83351940f2cc8"),
    (
        Algorithm::Shake256,
        "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739d5a15bef186a5386c75744c0527e1faa9f8726e462a12a4feb06bd8801e751e4",
    ),
];

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn known_answers_whole_and_in_parts() {
    for (algorithm, expected) in ABC {
        assert_eq!(hex(digest(algorithm, &[b"abc"]).unwrap().as_bytes()), expected);
        let mut hasher = Hasher::new(algorithm).unwrap();
        [&b"a"[..], b"", b"bc"].iter().for_each(|part| hasher.update(part));
        assert_eq!(hex(hasher.finish().as_bytes()), expected, "{algorithm:?}");
    }
}

#[test]
fn the_table_has_each_number_and_name_once() {
    let numbers: BTreeSet<i64> = Algorithm::ALL.iter().map(|one| one.to_cose()).collect();
    let names: BTreeSet<&str> = Algorithm::ALL.iter().map(|one| one.name()).collect();
    assert_eq!(numbers.len(), Algorithm::ALL.len());
    assert_eq!(names.len(), Algorithm::ALL.len());
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::from_cose(algorithm.to_cose()), Some(*algorithm));
        let is_digest = algorithm.purpose() == Purpose::Digest;
        assert_eq!(Hasher::new(*algorithm).is_some(), is_digest, "{algorithm:?}");
    }
    assert_eq!(Algorithm::from_cose(0), None);
}
