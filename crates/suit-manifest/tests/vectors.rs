//! Vectors: those of this repository, and those of other projects where they are at hand.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    unreachable_pub,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{borrowed, decode, encode, foreign_keys, name, read_all, trusted, verify};
use iotops_crypto::key::{SecretKey, VerifyingKey};
use iotops_wire::cbor::Encoder;
use suit_manifest::Envelope;

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap()
}

/// Everything accepted must be readable, and encode again to the same bytes.
fn accepted(path: &Path, keys: &[VerifyingKey]) {
    let document = bytes(path);
    let manifest = verify(&document, &borrowed(keys))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(read_all(&manifest) > 0);
    assert_eq!(encode(&manifest), document, "{}", path.display());
}

fn is_envelope(path: &Path) -> bool {
    let name = name(path);
    name.ends_with(".suit") || (name.starts_with("suit_") && name.ends_with(".cbor"))
}

fn envelopes(folder: &Path) -> Vec<PathBuf> {
    let files = test_support::files(folder, &[".suit", ".cbor"]);
    files.into_iter().filter(|path| is_envelope(path)).collect()
}

#[test]
fn draft_examples_of_this_repository_verify() {
    let folder = test_support::testdata().join("suit");
    let mut checked = 0;
    for draft in ["suit-manifest-37", "trust-domains-11"] {
        for path in envelopes(&folder.join(draft)) {
            if !name(&path).contains("noauth") {
                accepted(&path, &trusted());
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 7 + 3);
}

#[test]
fn examples_without_authentication_are_refused_and_encode_again() {
    let folder = test_support::testdata().join("suit/suit-manifest-37");
    let mut checked = 0;
    for path in envelopes(&folder).iter().filter(|path| name(path).contains("noauth")) {
        let document = bytes(path);
        let envelope = Envelope::decode(&document).unwrap();
        let error = envelope.authenticate(&borrowed(&trusted())).unwrap_err();
        assert_eq!(error.rule(), suit_manifest::rules::NOT_AUTHENTICATED);
        let mut again = Vec::new();
        envelope.encode(&mut Encoder::new(&mut again)).unwrap();
        assert_eq!(again, document);
        accepted_when_signed(&document);
        checked += 1;
    }
    assert_eq!(checked, 6);
}

/// The manifest of an envelope without signatures is valid: signed by us, it is accepted and
/// encodes again from the typed view.
fn accepted_when_signed(document: &[u8]) {
    let signed = sign_as_is(document);
    let keys = trusted();
    let manifest = verify(&signed, &borrowed(&keys)).unwrap();
    assert_eq!(encode(&manifest), signed);
}

/// Adds an authentication block to an envelope with none: its wrapper is `[digest]`.
fn sign_as_is(document: &[u8]) -> Vec<u8> {
    use iotops_crypto::cose::{Payload, Unsigned};
    use iotops_crypto::{Algorithm, Signer as _};
    let seed = bytes(&test_support::testdata().join("keys/generated-ed25519-seed.bin"));
    let mut key = SecretKey::from_raw(iotops_crypto::key::KeyType::Ed25519, &seed).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Ed25519);
    // d86b a. 02 5827 81 5824 <36 bytes of digest> 03 …
    assert_eq!(document[3..8], [0x02, 0x58, 0x27, 0x81, 0x58]);
    let digest = &document[9..9 + 36];
    let mut block = Vec::new();
    Unsigned::new(Algorithm::Ed25519)
        .unwrap()
        .sign(&mut key, Payload::Detached(digest), &[], &mut Encoder::new(&mut block))
        .unwrap();
    let mut wrapper = Vec::new();
    Encoder::new(&mut wrapper).array(2).unwrap().bytes(digest).unwrap().bytes(&block).unwrap();
    let mut signed = document[..4].to_vec();
    Encoder::new(&mut signed).bytes(&wrapper).unwrap();
    signed.extend_from_slice(&document[9 + 36..]);
    signed
}

#[test]
fn generated_positive_vectors_are_accepted() {
    let files = envelopes(&test_support::testdata().join("suit/generated-positive"));
    for path in &files {
        accepted(path, &trusted());
    }
    assert_eq!(files.len(), 13);
}

/// Ours are checked above from the repository; here all of them, as they stand in the folder.
#[test]
fn vectors_of_other_projects_end_as_their_index_says() {
    let Some(folder) = test_support::vectors("suit") else {
        return;
    };
    let keys = foreign_keys(&folder);
    let mut checked = 0;
    for path in envelopes(&folder) {
        let document = bytes(&path);
        let in_folder = |part: &str| path.parent().unwrap().ends_with(part);
        let is_bad = in_folder("generated-negative")
            || name(&path).contains("noauth")
            || (in_folder("suit-manifest-esp256-pr") && name(&path) == "example0-signed.suit");
        if !is_bad {
            accepted(&path, &keys);
        } else if in_folder("suit-manifest-esp256-pr") {
            let error = verify(&document, &borrowed(&keys)).unwrap_err();
            assert_eq!(error.rule(), iotops_crypto::rules::SIGNATURE);
        } else if name(&path).contains("noauth") {
            assert!(decode(&document).unwrap().authenticate(&borrowed(&keys)).is_err());
        }
        checked += 1;
    }
    test_support::report("suit envelopes", checked);
    assert!(checked >= 100, "{checked}");
}
