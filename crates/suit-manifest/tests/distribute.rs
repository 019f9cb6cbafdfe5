//! What a distributor does to envelopes: every digest stays, every signature verifies again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::std_instead_of_alloc,
    unreachable_pub,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod common;

use std::fs;

use common::{Anyone, borrowed, decode, trusted, verify};
use iotops_crypto::cose::Unsigned;
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::{Algorithm, Signer as _, Verifier};
use iotops_wire::Rule;
use suit_manifest::author::{Distribution, compose, decompose, diff, needs};
use suit_manifest::model::{Element, Section};
use suit_manifest::{Error, Member, Policy, rules};

const SEVERABLE: [Element; 6] = [
    Element::Coswid,
    Element::DependencyResolution,
    Element::PayloadFetch,
    Element::CandidateVerification,
    Element::Install,
    Element::Text,
];

/// The signed examples of both drafts.
fn examples() -> Vec<(String, Vec<u8>)> {
    let suit = test_support::testdata().join("suit");
    let files = ["suit-manifest-37", "trust-domains-11", "generated-positive"];
    let files = files.map(|folder| fs::read_dir(suit.join(folder)).unwrap());
    let paths = files.into_iter().flatten().map(|entry| entry.unwrap().path());
    let examples = paths.map(|path| (common::name(&path), fs::read(&path).unwrap()));
    let keys = trusted();
    examples.filter(|(_, bytes)| verify(bytes, &borrowed(&keys)).is_ok()).collect()
}

fn key(seed: u8) -> SecretKey {
    SecretKey::from_raw(KeyType::Ed25519, &[seed; 32]).unwrap()
}

fn mac() -> SecretKey {
    SecretKey::from_raw(KeyType::Hmac, &[7; 32]).unwrap()
}

fn rule<T: core::fmt::Debug>(result: Result<T, Error>) -> Rule {
    result.unwrap_err().rule()
}

/// The manifest is the same, and who had signed has signed.
fn assert_verifies(name: &str, before: &[u8], after: &[u8]) {
    let keys = trusted();
    let old = verify(before, &borrowed(&keys)).unwrap();
    let new = verify(after, &borrowed(&keys)).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(old.digest(), new.digest(), "{name}");
    assert_eq!(old.signers(), new.signers(), "{name}");
    assert_eq!(old.envelope().is_tagged(), new.envelope().is_tagged(), "{name}");
}

#[test]
fn what_is_taken_apart_is_put_together_the_same() {
    let examples = examples();
    for (name, bytes) in &examples {
        assert_eq!(Distribution::open(bytes).unwrap().envelope().unwrap(), *bytes, "{name}");
    }
    assert!(examples.len() >= 20, "{}", examples.len());
}

#[test]
fn severing_and_back_changes_nothing_that_is_signed() {
    let mut severed = 0;
    for (name, bytes) in examples() {
        let mut envelope = Distribution::open(&bytes).unwrap();
        for element in SEVERABLE {
            let Ok(content) = envelope.sever(element) else { continue };
            let small = envelope.envelope().unwrap();
            assert!(small.len() < bytes.len());
            assert_verifies(&name, &bytes, &small);
            assert_eq!(rule(envelope.sever(element)), rules::DISTRIBUTE_ABSENT);
            let other = [&content[..], &[0]].concat();
            assert_eq!(rule(envelope.unsever(element, &other)), rules::SEVERED_DIGEST);
            // A failure changes nothing.
            assert_eq!(envelope.envelope().unwrap(), small);
            envelope.unsever(element, &content).unwrap();
            assert_eq!(envelope.envelope().unwrap(), bytes, "{name}");
            assert_eq!(rule(envelope.unsever(element, &content)), rules::DISTRIBUTE_TWICE);
            severed += 1;
        }
        assert_eq!(rule(envelope.unsever(Element::Validate, b"")), rules::NOT_SEVERED);
        assert_eq!(rule(envelope.sever(Element::Validate)), rules::DISTRIBUTE_ABSENT);
    }
    assert!(severed >= 2, "{severed}");
}

#[test]
fn what_the_manifest_holds_itself_is_not_put_beside_it() {
    let (_, bytes) =
        examples().into_iter().find(|(name, _)| name == "example1-signed.suit").unwrap();
    let mut envelope = Distribution::open(&bytes).unwrap();
    assert_eq!(rule(envelope.unsever(Element::Install, &[0x82, 0x0e, 0])), rules::NOT_SEVERED);
}

#[test]
fn signatures_are_added_and_all_verify() {
    for (name, bytes) in examples() {
        let mut envelope = Distribution::open(&bytes).unwrap();
        envelope.sign(&mut key(1)).unwrap();
        let unsigned = Unsigned::new(Algorithm::Ed25519).unwrap();
        let mut signature = [0; 64];
        let signing = |parts: &[&[u8]]| key(2).sign(parts, &mut signature).unwrap();
        unsigned.to_be_signed(envelope.to_be_signed(), &[], signing).unwrap();
        envelope.add_signature(&unsigned, &signature).unwrap();
        let signed = envelope.envelope().unwrap();
        assert_verifies(&name, &bytes, &signed);
        let keys = [key(1).verifying_key(), key(2).verifying_key()];
        let both = decode(&signed).unwrap().authenticate_by(Policy::Threshold(2), &borrowed(&keys));
        assert_eq!(both.unwrap().signers().count(), 2, "{name}");
    }
    let (_, bytes) = examples().remove(0);
    let mut envelope = Distribution::open(&bytes).unwrap();
    let failure = (0..9).find_map(|_| envelope.sign(&mut key(1)).err()).unwrap();
    assert_eq!(failure.rule(), rules::BLOCK_LIMIT);
}

#[test]
fn what_was_verified_is_wrapped_again_with_a_mac() {
    let keys = trusted();
    for (name, bytes) in examples() {
        let authenticated = decode(&bytes).unwrap().authenticate(&borrowed(&keys)).unwrap();
        let wrapped = Distribution::wrap_again(&authenticated, &mut mac()).unwrap();
        let wrapped = wrapped.envelope().unwrap();
        let envelope = decode(&wrapped).unwrap();
        assert_eq!(envelope.blocks().count(), 1);
        assert_eq!(envelope.claimed_digest(), decode(&bytes).unwrap().claimed_digest(), "{name}");
        let mac_key = mac().verifying_key();
        let manifest = envelope.authenticate(&[&mac_key]).unwrap().validate().unwrap();
        assert!(diff(&bytes, &wrapped).unwrap().is_empty());
        assert_eq!(manifest.signers().count(), 1);
        assert!(envelope.authenticate(&borrowed(&keys)).is_err());
        let wrong = Distribution::wrap_again(&authenticated, &mut key(1));
        assert_eq!(rule(wrong), rules::WRAP_MAC);
    }
}

fn template(file: &str) -> Vec<u8> {
    let folder = test_support::testdata().join("suit/templates");
    let template = fs::read(folder.join(file)).unwrap();
    let draft = compose(&template, &mut |name| fs::read(folder.join(name)).ok());
    draft.unwrap().envelope().unwrap()
}

fn file(name: &str) -> Vec<u8> {
    fs::read(test_support::testdata().join("suit/templates").join(name)).unwrap()
}

#[test]
fn payloads_are_integrated_where_the_manifest_fetches_them() {
    let mut signed = Distribution::open(&template("a-b-image.json")).unwrap();
    signed.sign(&mut key(1)).unwrap();
    let before = signed.envelope().unwrap();
    let (a, b) = ("https://example.com/file-a.bin", "https://example.com/file-b.bin");
    let uris = |bytes: &[u8]| {
        needs(bytes).unwrap().iter().map(|need| need.uri.unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(uris(&before), [a, b]);
    assert_eq!(rule(signed.integrate("https://example.com/", b"")), rules::PAYLOAD_UNKNOWN);
    assert_eq!(rule(signed.integrate(a, &file("file-b.bin"))), rules::PAYLOAD_DIGEST);
    signed.integrate(a, &file("file.bin")).unwrap();
    assert_eq!(uris(&signed.envelope().unwrap()), [b]);
    assert_eq!(rule(signed.integrate(a, &file("file.bin"))), rules::DISTRIBUTE_TWICE);
    signed.integrate(b, &file("file-b.bin")).unwrap();
    let after = signed.envelope().unwrap();
    assert!(needs(&after).unwrap().is_empty());
    let author = [key(1).verifying_key()];
    let manifest = verify(&after, &borrowed(&author)).unwrap();
    assert_eq!(manifest.integrated(b), Some(&file("file-b.bin")[..]));
    for uri in [a, b] {
        signed.remove(uri).unwrap();
    }
    assert_eq!(signed.envelope().unwrap(), before);
    assert_eq!(rule(signed.remove(a)), rules::DISTRIBUTE_ABSENT);
}

#[test]
fn a_dependency_is_integrated_by_the_digest_of_its_manifest() {
    let mut envelope = Distribution::open(&template("dependency.json")).unwrap();
    let uri = "https://example.com/dependency.suit";
    assert_eq!(rule(envelope.integrate(uri, &file("author.suit"))), rules::PAYLOAD_DIGEST);
    // Another signature makes no other dependency.
    let mut dependency = Distribution::open(&file("dependency.suit")).unwrap();
    dependency.sign(&mut key(3)).unwrap();
    envelope.integrate(uri, &dependency.envelope().unwrap()).unwrap();
    assert!(needs(&envelope.envelope().unwrap()).unwrap().is_empty());
    let mut encrypted = Distribution::open(&template("encrypted-manifest.json")).unwrap();
    encrypted.integrate("https://example.com/dependency.suit.encrypted", b"anything").unwrap();
}

#[test]
fn needs_name_severed_sections_and_digests() {
    let (_, bytes) =
        examples().into_iter().find(|(name, _)| name == "example2-severed-signed.suit").unwrap();
    let needs = needs(&bytes).unwrap();
    assert_eq!(needs.len(), 1);
    assert_eq!((needs[0].section, needs[0].component), (Section::Install, None));
    assert_eq!(needs[0].uri, Some("https://git.io/JJYoj"));
    let anyone: [&dyn Verifier; 1] = [&Anyone];
    let manifest = verify(&bytes, &anyone).unwrap();
    let Member::Severed(digest) = manifest.section(Section::Install) else { panic!() };
    assert_eq!(needs[0].digest, Some(digest));
}

#[test]
fn a_distributor_takes_no_envelope_whose_digest_is_wrong() {
    let suit = test_support::testdata().join("suit/generated-negative");
    let bad = |name: &str| fs::read(suit.join(name)).unwrap();
    assert_eq!(rule(Distribution::open(&bad("manifest-byte-flip.suit"))), rules::MANIFEST_DIGEST);
    assert_eq!(rule(Distribution::open(&bad("cmd-unknown.suit"))), rules::COMMAND);
    assert_eq!(rule(Distribution::open(&bad("severable-swapped.suit"))), rules::SEVERED_DIGEST);
}

fn changes(before: &str, after: &str) -> Vec<String> {
    let build =
        |template: &str| compose(template.as_bytes(), &mut |_| None).unwrap().envelope().unwrap();
    diff(&build(before), &build(after)).unwrap().iter().map(ToString::to_string).collect()
}

#[test]
fn differences_are_told_by_what_they_mean() {
    let before = r##"{"manifest-sequence-number": 1, "components": [["a"]],
        "validate": [{"directive-override-parameters": {"uri": "x", "image-size": 1}}, "condition-image-match", {"directive-fetch": "all"}],
        "set-version": [1, 0], "text": {"en": {"update-description": "old"}}, "integrated": {"z": ""}}"##;
    assert!(changes(before, before).is_empty());
    let after = r##"{"manifest-sequence-number": 2, "components": [["a"], ["b"]],
        "validate": [{"directive-set-component-index": 0}, {"directive-override-parameters": {"uri": "x", "image-size": 2, "use-before": 5}}, {"directive-fetch": "all"}],
        "set-version": [1, 1], "text": {"en": {"update-description": "new"}, "de": {"update-description": "neu"}}, "integrated": {"z": "1", "a/b~": ""}}"##;
    assert_eq!(
        changes(before, after),
        [
            "~ /manifest-sequence-number: 1 -> 2",
            "~ /set-version: [1, 0] -> [1, 1]",
            "+ /components/1: [\"b\"]",
            "+ /validate/0: {\"directive-set-component-index\": 0}",
            "~ /validate/1/directive-override-parameters/image-size: 1 -> 2",
            "+ /validate/1/directive-override-parameters/use-before: 5",
            "- /validate/1: \"condition-image-match\"",
            "~ /text/en/update-description: \"old\" -> \"new\"",
            "+ /text/de: {\"update-description\": \"neu\"}",
            "~ /integrated/z/size: 0 -> 1",
            "~ /integrated/z/SHA-256: \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" -> \"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b\"",
            "+ /integrated/a~1b~0: {\"size\": 0, \"SHA-256\": \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}",
        ]
    );
}

/// What all functions of the author's side make of an envelope; that they end is what is tested.
fn use_all(bytes: &[u8]) -> usize {
    let mut found = 0;
    let linted = suit_manifest::author::lint(bytes, &mut |_| found += 1);
    let printed = decompose(bytes);
    let needed = needs(bytes);
    let compared = diff(bytes, bytes);
    assert_eq!(linted.is_ok(), printed.is_ok());
    assert_eq!(linted.is_ok(), needed.is_ok());
    assert_eq!(linted.is_ok(), Distribution::open(bytes).is_ok());
    if let Ok(changes) = compared {
        assert!(changes.is_empty());
    }
    if let Ok(printed) = printed {
        assert_comes_back(bytes, &printed);
    }
    found
}

/// What is printed makes the same manifest, if it is not deeper than the reader of JSON goes.
fn assert_comes_back(bytes: &[u8], printed: &str) {
    let again = match compose(printed.as_bytes(), &mut |_| None) {
        Ok(again) => again.envelope().unwrap(),
        Err(error) => {
            assert_eq!(error.rule(), iotops_wire::rules::JSON_DEPTH, "{error} {printed}");
            return;
        }
    };
    let digest = decode(bytes).unwrap().claimed_digest();
    // What the manifest itself holds of text comes back severed.
    let is_inline = |element, member: &str| {
        printed.contains(member) && Distribution::open(bytes).unwrap().sever(element).is_err()
    };
    let is_excused = digest.algorithm() != Algorithm::Sha256
        || is_inline(Element::Text, "\n  \"text\": ")
        || is_inline(Element::Coswid, "\n  \"coswid\": ");
    assert!(is_excused || decode(&again).unwrap().claimed_digest() == digest, "{printed}");
    assert_eq!(decompose(&again).unwrap(), printed);
}

#[test]
fn hostile_envelopes_are_survived() {
    let negative = test_support::testdata().join("suit/generated-negative");
    let files =
        fs::read_dir(negative).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    let mut tried = 0;
    for bytes in files {
        use_all(&bytes);
        tried += 1;
    }
    for (_, bytes) in examples() {
        use_all(&bytes);
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1 << (index % 8);
            // The digest is wrong then, and the manifest is not looked at; so it is made right.
            repair(&mut changed);
            use_all(&changed);
            tried += 1;
        }
    }
    assert!(tried > 5000, "{tried}");
    test_support::report("hostile envelopes for authors", tried);
}

/// Puts the digest of the manifest where the envelope claims one, if both can be found.
fn repair(bytes: &mut [u8]) {
    let Ok(envelope) = decode(bytes) else { return };
    let claimed = envelope.claimed_digest();
    let (start, length) = (offset(bytes, claimed.bytes()), claimed.bytes().len());
    let Some(at) = manifest(bytes) else { return };
    let Some(digest) = iotops_crypto::digest(claimed.algorithm(), &[&bytes[at]]) else { return };
    bytes[start..start + length].copy_from_slice(digest.as_bytes());
}

fn offset(bytes: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr() - bytes.as_ptr().addr()
}

/// Where the byte string of the manifest is.
fn manifest(bytes: &[u8]) -> Option<core::ops::Range<usize>> {
    let mut cursor = iotops_wire::cbor::Cursor::new(bytes).ok()?;
    if cursor.peek() == Some(iotops_wire::cbor::Type::Tag) {
        cursor.tag().ok()?;
    }
    cursor.map().ok()?;
    cursor.integer().ok()?;
    cursor.bytes().ok()?;
    cursor.integer().ok()?;
    let start = cursor.position();
    cursor.bytes().ok()?;
    Some(start..cursor.position())
}
