//! The element of draft-ietf-suit-mud, whose codes are not allocated: both sides must set them.

#![cfg(all(feature = "suit-mud-draft", feature = "alloc"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::std_instead_of_alloc,
    clippy::unwrap_in_result,
    unreachable_pub,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod common;

use common::{borrowed, decode, encode, trusted};
use iotops_crypto::Algorithm;
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_wire::Rule;
use suit_manifest::author::{
    compose, compose_within, decompose, decompose_within, lint, lint_within,
};
use suit_manifest::model::{
    Condition, Mud, MudCodes, ReportingPolicy, Section, SuitDigest, TextMap,
};
use suit_manifest::{
    Error, Limits, Manifest, ManifestBuilder, Member, SequenceBuilder, TextBuilder, rules,
};

const URL: &str = "https://example.com/lamp.json";
const CODES: MudCodes = codes(21);

const fn codes(element: i64) -> MudCodes {
    MudCodes::new(element, 1, 2)
}

fn limits(codes: MudCodes) -> Limits {
    Limits::default().with_mud(codes)
}

fn link<'a>(url: &'a str, thumbprint: &'a [u8; 32]) -> Mud<'a> {
    Mud::new(url, SuitDigest::new(Algorithm::Sha256, thumbprint).unwrap())
}

/// Elements before and behind the one that is tested.
fn builder() -> ManifestBuilder {
    let validate = SequenceBuilder::new().condition(Condition::ImageMatch, ReportingPolicy::NONE);
    ManifestBuilder::new(7)
        .component(&[b"a"])
        .section(Section::Validate, &validate)
        .section(Section::Uninstall, &validate)
        .text("en", &TextBuilder::new())
        .reference_uri("https://example.com/lamp.suit")
}

fn signed(builder: ManifestBuilder) -> Vec<u8> {
    let seed = std::fs::read(test_support::testdata().join("keys/generated-ed25519-seed.bin"));
    let mut key = SecretKey::from_raw(KeyType::Ed25519, &seed.unwrap()).unwrap();
    let mut draft = builder.build().unwrap();
    draft.sign(&mut key).unwrap();
    draft.envelope().unwrap()
}

fn read(document: &[u8], limits: Limits) -> Result<Manifest<'_>, Error> {
    let keys = trusted();
    decode(document)?.authenticate(&borrowed(&keys))?.validate_within(limits)
}

fn refusal(document: &[u8], limits: Limits) -> Rule {
    read(document, limits).unwrap_err().rule()
}

#[test]
fn it_is_read_and_written_back_with_any_codes() {
    for element in [10, 21, 23 + 2, 100, 70_000, -1, -300] {
        for (url, thumbprint) in [(1, 2), (2, 1), (-1, 0), (0, -1), (-2, -1), (30, 400)] {
            let codes = MudCodes::new(element, url, thumbprint);
            let document = signed(builder().mud(codes, &link(URL, &[7; 32])));
            let manifest = read(&document, limits(codes)).unwrap();
            let mud = manifest.mud().unwrap();
            assert_eq!((mud.url(), mud.thumbprint().bytes()), (URL, [7; 32].as_slice()));
            assert_eq!(mud, link(URL, &[7; 32]));
            // The elements behind it are found as before.
            assert!(matches!(manifest.section(Section::Uninstall), Member::Present(_)));
            assert!(matches!(manifest.text(), Member::<TextMap<'_>>::Present(_)));
            assert_eq!(encode(&manifest), document);
        }
    }
}

#[test]
fn it_is_refused_where_its_code_is_not_set() {
    let document = signed(builder().mud(CODES, &link(URL, &[7; 32])));
    assert_eq!(refusal(&document, Limits::default()), rules::ELEMENT);
    assert_eq!(refusal(&document, limits(codes(22))), rules::ELEMENT);
    assert_eq!(lint(&document, &mut |_| ()).unwrap_err().rule(), rules::ELEMENT);
    let keys = trusted();
    let authenticated = decode(&document).unwrap().authenticate(&borrowed(&keys)).unwrap();
    assert_eq!(authenticated.validate().unwrap_err().rule(), rules::ELEMENT);
    // A manifest without it is the same to both.
    let without = signed(builder());
    assert!(read(&without, Limits::default()).unwrap().mud().is_none());
    assert!(read(&without, limits(CODES)).unwrap().mud().is_none());
}

/// Codes that mean something else are refused, whatever the manifest has.
#[test]
fn codes_must_be_free() {
    let document = signed(builder());
    for element in [1, 3, 4, 7, 14, 20, 23, 24] {
        assert_eq!(refusal(&document, limits(codes(element))), rules::MUD_CODES);
        let link = link(URL, &[7; 32]);
        assert!(builder().mud(codes(element), &link).build().is_err());
    }
    let same = MudCodes::new(21, 1, 1);
    assert_eq!(refusal(&document, limits(same)), rules::MUD_CODES);
}

/// The element with other bytes in its container; the digest is put right.
fn changed(change: impl Fn(&mut Vec<u8>)) -> Result<(), Rule> {
    use iotops_wire::cbor::Encoder;
    let mut manifest = vec![0xa4, 1, 1, 2, 7, 3, 0x46, 0xa1, 2, 0x81, 0x81, 0x41, b'a', 0x15];
    change(&mut manifest);
    let computed = iotops_crypto::digest(Algorithm::Sha256, &[&wrapped(&manifest)]).unwrap();
    let mut envelope = Vec::new();
    let mut encoder = Encoder::new(&mut envelope);
    encoder.tag(107).unwrap();
    let mut map = encoder.map(2).unwrap();
    map.key(2)
        .unwrap()
        .wrapped(|inner| {
            inner.array(1)?;
            inner.wrapped(|inner| {
                inner.array(2)?.integer(-16)?.bytes(computed.as_bytes()).map(drop)
            })?;
            Ok::<(), iotops_wire::Error>(())
        })
        .unwrap();
    map.key(3).unwrap().bytes(&manifest).unwrap();
    map.end().unwrap();
    lint_within(&envelope, limits(CODES), &mut |_| ()).map_err(|error| error.rule())
}

fn wrapped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    iotops_wire::cbor::Encoder::new(&mut out).bytes(bytes).unwrap();
    out
}

#[test]
fn the_container_is_strict() {
    let thumbprint = [&[2, 0x82, 0x2f, 0x58, 32][..], &[7; 32]].concat();
    let url = [1, 0xd8, 32, 0x63, b'a', b':', b'b'];
    let container = |entries: &[&[u8]]| {
        let head = 0xa0 + u8::try_from(entries.len()).unwrap();
        let container = [&[head], entries.concat().as_slice()].concat();
        changed(|manifest| manifest.extend(wrapped(&container)))
    };
    container(&[&url, &thumbprint]).unwrap();
    assert_eq!(container(&[&url]), Err(rules::MUD_REQUIRED));
    assert_eq!(container(&[&thumbprint]), Err(rules::MUD_REQUIRED));
    assert_eq!(container(&[]), Err(rules::MUD_REQUIRED));
    assert_eq!(container(&[&url, &thumbprint, &[3, 0]]), Err(rules::MUD_MEMBER));
    assert_eq!(container(&[&[1, 0x61, b'a'], &thumbprint]), Err(rules::MUD_URL));
    assert_eq!(container(&[&[1, 0xd8, 33, 0x61, b'a'], &thumbprint]), Err(rules::MUD_URL));
    assert_eq!(container(&[&[1, 0xd8, 32, 0x60], &thumbprint]), Err(rules::MUD_URL));
    assert_eq!(container(&[&url, &[2, 0x82, 0x2f, 0x41, 7]]), Err(rules::DIGEST_LENGTH));
    assert!(container(&[&thumbprint, &url]).is_err(), "out of order");
    // It is unseverable: no digest stands in its place, and no map without its byte string.
    assert!(changed(|manifest| manifest.extend_from_slice(&thumbprint[1..])).is_err());
    let bare = [&[0xa2], &url[..], &thumbprint].concat();
    assert!(changed(|manifest| manifest.extend_from_slice(&bare)).is_err());
    // Nothing comes behind the container.
    let more = wrapped(&[bare.as_slice(), &[0]].concat());
    assert!(changed(|manifest| manifest.extend_from_slice(&more)).is_err());
}

#[test]
fn lint_tells_of_the_scheme_and_of_a_thumbprint_that_is_none() {
    let found = |url: &str, thumbprint: &[u8; 32]| {
        let document = builder().mud(CODES, &link(url, thumbprint)).build().unwrap();
        let mut found = Vec::new();
        lint_within(&document.envelope().unwrap(), limits(CODES), &mut |finding| {
            found.push(finding.rule());
        })
        .unwrap();
        found.retain(|rule| [rules::LINT_MUD_SCHEME, rules::LINT_MUD_THUMBPRINT].contains(rule));
        found
    };
    for url in [URL, "HTTPS://example.com"] {
        assert_eq!(found(url, &[7; 32]), []);
    }
    for url in ["http://example.com/a", "https://", "https:///a", "lamp.json", "httpsä//x"] {
        assert_eq!(found(url, &[7; 32]), [rules::LINT_MUD_SCHEME], "{url}");
    }
    assert_eq!(found(URL, &[0; 32]), [rules::LINT_MUD_THUMBPRINT]);
    assert_eq!(found("a", &[0; 32]).len(), 2);
}

const TEMPLATE: &str = r#"{"manifest-sequence-number": 1, "components": [["a"]],
    "mud": {"url": "https://example.com/lamp.json", "thumbprint": {"SHA-256": {"file": "key"}}}}"#;

/// Tagged text and digest are what the draft asks for; a template says them by their names.
#[test]
fn templates_carry_it_by_codes_that_are_given() {
    let mut files = |name: &str| (name == "key").then(|| b"a COSE key".to_vec());
    for codes in [CODES, MudCodes::new(-5, -1, -2)] {
        let draft = compose_within(TEMPLATE.as_bytes(), limits(codes), &mut files).unwrap();
        let document = draft.envelope().unwrap();
        let printed = decompose_within(&document, limits(codes)).unwrap();
        let sum = iotops_crypto::digest(Algorithm::Sha256, &[b"a COSE key"]).unwrap();
        assert!(printed.contains(URL), "{printed}");
        assert!(sum.as_bytes().iter().all(|byte| printed.contains(&format!("{byte:02x}"))));
        let again = compose_within(printed.as_bytes(), limits(codes), &mut |_| None).unwrap();
        assert_eq!(again.envelope().unwrap(), document);
        assert_eq!(decompose(&document).unwrap_err().rule(), rules::ELEMENT);
    }
    assert_eq!(
        compose(TEMPLATE.as_bytes(), &mut files).unwrap_err().rule(),
        rules::TEMPLATE_MEMBER
    );
}

#[test]
fn what_a_template_says_of_it_wrongly_is_refused() {
    let mut files = |_: &str| Some(Vec::new());
    for (from, to, rule) in [
        (r#""url""#, r#""uri""#, rules::TEMPLATE_MEMBER),
        (r#""url": "https://example.com/lamp.json", "#, "", rules::MUD_REQUIRED),
        (r#", "thumbprint": {"SHA-256": {"file": "key"}}"#, "", rules::MUD_REQUIRED),
        ("https://example.com/lamp.json", "", rules::MUD_URL),
        (r#"{"file": "key"}"#, r#""0011""#, rules::DIGEST_LENGTH),
        ("SHA-256", "MD5", rules::TEMPLATE_DIGEST),
    ] {
        assert_eq!(TEMPLATE.matches(from).count(), 1, "{from}");
        let changed = TEMPLATE.replace(from, to);
        let refused = compose_within(changed.as_bytes(), limits(CODES), &mut files).unwrap_err();
        assert_eq!(refused.rule(), rule, "{changed}");
    }
    let taken = compose_within(TEMPLATE.as_bytes(), limits(codes(20)), &mut files).unwrap_err();
    assert_eq!(taken.rule(), rules::MUD_CODES);
}
