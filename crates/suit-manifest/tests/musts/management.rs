//! SUIT UM: versions, events, text and metadata.

use iotops_crypto::key::{KeyType, SecretKey};
use iotops_wire::rules as wire;
use suit_manifest::author::{Distribution, compose, decompose};
use suit_manifest::model::{Comparison, Condition, Element};
use suit_manifest::process::Procedure;
use suit_manifest::{ManifestBuilder, Member, TextBuilder, rules};

use super::common::device::Device;
use super::common::run::{run_document, signed};
use super::common::{Anyone, borrowed, trusted, verify};
use super::{NONE, after, builder, parameters, sequence, tampered, verdict, write};

/// The envelope that a template makes, signed by the key of the tests.
pub(crate) fn composed(template: &str) -> Vec<u8> {
    let seed = std::fs::read(test_support::testdata().join("keys/generated-ed25519-seed.bin"));
    let mut key = SecretKey::from_raw(KeyType::Ed25519, &seed.unwrap()).unwrap();
    let mut draft = compose(template.as_bytes(), &mut |_| None).unwrap();
    draft.sign(&mut key).unwrap();
    draft.envelope().unwrap()
}

/// Waits for some events.
pub(crate) fn waiting(events: &str) -> Vec<u8> {
    composed(&format!(
        r#"{{"manifest-sequence-number": 1, "components": [["a"]], "install": [
        {{"directive-override-parameters": {{"wait-info": {{{events}}}}}}}, "directive-wait"]}}"#
    ))
}

/// SUIT UM §4.5: "All wait events MUST be satisfied before the Manifest Processor continues."
#[test]
fn all_events_are_waited_for() {
    let document =
        waiting(r#""power": 1, "network": 2, "time": 3, "time-of-day-utc": 4, "day-of-week": 5"#);
    let device = after(&document, Device::default());
    for event in ["Power(1)", "Network(2)", "Time(3)", "TimeOfDayUtc(4)", "DayOfWeek(5)"] {
        assert!(
            device.trace.iter().any(|line| line.contains(event)),
            "{event}: {:?}",
            device.trace
        );
    }
    // One that has not come yet is asked for again.
    let slow = Device { is_slow: true, ..Device::default() };
    assert_eq!(after(&waiting(r#""power": 1"#), slow).trace, ["wait Power(1)"]);
}

/// SUIT UM §4.4.1: "The pre-release indicator MUST NOT appear as element 0."
#[test]
fn versions_do_not_begin_with_a_pre_release() {
    let built = |numbers: &[i64]| {
        let check = parameters().version(Comparison::GreaterEqual, numbers);
        let check = sequence().override_parameters(&check).condition(Condition::Version, NONE);
        let set = builder(&write(sequence(), b"x")).set_version(numbers).build();
        let result = builder(&check).build().map(drop).map_err(|error| error.rule());
        assert_eq!(set.map(drop).map_err(|error| error.rule()), result);
        result
    };
    assert_eq!(built(&[0, -1, 1]), Ok(()));
    assert_eq!(built(&[2025, 12, 6]), Ok(()));
    for numbers in [&[-1][..], &[-3, 1], &[-1, 0, 0]] {
        assert_eq!(built(numbers), Err(rules::VERSION_NUMBERS), "{numbers:?}");
    }
}

/// SUIT UM §4.4.1: "build metadata MUST NOT be included": there is nothing but integers.
#[test]
fn versions_are_integers() {
    let document = signed(builder(&write(sequence(), b"x")).set_version(&[1, 17, 3]));
    assert_eq!(verdict(&document), Ok(()));
    for head in [0x40, 0x60] {
        let other = tampered(&document, &[0x83, 1, 17, 3], &[0x83, 1, 17, head]);
        assert_eq!(verdict(&other), Err(wire::EXPECT_INTEGER));
    }
}

/// SUIT UM §3.3 and §3.4: the author puts versions for people under the component; "A Manifest
/// Processor MUST NOT interpret or otherwise process the content".
#[test]
fn versions_for_people_decide_nothing() {
    let wanted = parameters().version(Comparison::Equal, &[1, 2]);
    let check = sequence().override_parameters(&wanted).condition(Condition::Version, NONE);
    let text = TextBuilder::new().component(&[b"a"], &[(7, "<1"), (8, "99.0")]);
    let plain = signed(builder(&check).set_version(&[1, 2]));
    let told = signed(builder(&check).set_version(&[1, 2]).text("en", &text));
    for (version, holds) in [(vec![1, 2], true), (vec![0, 9], false), (vec![99, 0], false)] {
        for document in [&plain, &told] {
            let mut device = Device::default();
            device.versions.insert(vec![b"a".to_vec()], version.clone());
            let result = run_document(document, Procedure::Update, &mut device);
            assert_eq!(result.is_ok(), holds, "{version:?}");
        }
    }
    let keys = trusted();
    let manifest = verify(&told, &borrowed(&keys)).unwrap();
    let (_, text) = manifest.text().present().unwrap().languages().next().unwrap();
    let (component, texts) = text.components().iter().next().unwrap();
    assert_eq!(component.parts().collect::<Vec<_>>(), [b"a"]);
    assert_eq!(texts.iter().collect::<Vec<_>>(), [(7, "<1"), (8, "99.0")]);
    assert_eq!(manifest.set_version().unwrap().numbers().collect::<Vec<_>>(), [1, 2]);
}

/// SUIT UM §3.3: "An implementation that renders this text MUST do so in a manner that prevents
/// markup, control-code, log, or user-interface injection."
#[test]
fn text_is_printed_without_control_characters() {
    let hostile = "1\u{1b}[31m\r\nok: verified\u{7}\u{7f}\u{9b}2J\u{0}\"\u{202e}\u{2028}";
    let text = TextBuilder::new().text(1, hostile).component(&[b"a"], &[(7, hostile)]);
    let printed = decompose(&signed(builder(&write(sequence(), b"x")).text("en", &text))).unwrap();
    assert!(
        printed.lines().all(|line| !line
            .chars()
            .any(|one| one.is_control() || [0x202e, 0x2028].contains(&u32::from(one)))),
        "{printed:?}"
    );
    assert!(!printed.lines().any(|line| line.trim_start().starts_with("ok:")), "{printed}");
    // Nothing is lost.
    let again = compose(printed.as_bytes(), &mut |_| None).unwrap().envelope().unwrap();
    assert_eq!(decompose(&again).unwrap(), printed);
}

/// SUIT UM §3.2: "MUST accept the non-severable form when it is well-formed", and "MUST NOT fail
/// solely because a well-formed, policy-permitted suit-coswid field is present".
#[test]
fn coswids_are_taken_in_both_forms() {
    let severable = signed(builder(&write(sequence(), b"x")).coswid(&[0xa0]));
    let keys = trusted();
    let manifest = verify(&severable, &borrowed(&keys)).unwrap();
    assert_eq!(manifest.coswid().present(), Some(&[0xa0][..]));
    after(&severable, Device::default());
    let mut distribution = Distribution::open(&severable).unwrap();
    distribution.sever(Element::Coswid).unwrap();
    let without = distribution.envelope().unwrap();
    let manifest = verify(&without, &borrowed(&keys)).unwrap();
    let Member::Severed(digest) = manifest.coswid() else { panic!("it is there") };
    after(&without, Device::default());
    // The digest, 36 bytes with its heads, becomes a byte string with a text.
    let from = [&[0x82, 0x2f, 0x58, 0x20][..], digest.bytes()].concat();
    let inside = [&[0x78, 32][..], &[b'x'; 32]].concat();
    let inline = tampered(&without, &from, &[&[0x58, 34][..], &inside].concat());
    let manifest = verify(&inline, &[&Anyone]).unwrap();
    assert_eq!(manifest.coswid().present(), Some(&inside[..]));
    assert!(manifest.section(suit_manifest::model::Section::Install).present().is_some());
}

/// SUIT UM §4.6: text is UTF-8, and "the CBOR tag is REQUIRED when either creation or modification
/// time are provided"; §8: what is malformed is refused before it is used.
#[test]
fn metadata_have_their_forms() {
    let document = composed(
        r#"{"manifest-sequence-number": 1, "components": [["a"]], "install": [
        {"directive-override-parameters": {"content": "x", "component-metadata":
        {"modification-time": 16, "creation-time": 17, "creator": "root", "file-type": "regular"}}},
        "directive-write"]}"#,
    );
    assert_eq!(verdict(&document), Ok(()));
    let refused = |from: &[u8], to: &[u8]| verdict(&tampered(&document, from, to)).unwrap_err();
    assert_eq!(refused(&[6, 0xc1, 16], &[6, 0xc0, 16]), rules::METADATA);
    assert_eq!(refused(&[7, 0xc1, 17], &[7, 0xc2, 17]), rules::METADATA);
    // Without a tag.
    assert_eq!(refused(&[7, 0xc1, 17], &[7, 0x18, 0x77]), wire::EXPECT_TAG);
    assert_eq!(refused(b"\x64root", b"\x64ro\xfft"), wire::UTF8);
    assert_eq!(refused(b"\x08\x64root", b"\x09\x64root"), rules::METADATA);
    // A type of file that is not registered.
    assert_eq!(refused(&[5, 1, 6, 0xc1], &[5, 9, 6, 0xc1]), rules::METADATA);
    let nothing = ManifestBuilder::new(1).component(&[b"a"]);
    assert!(nothing.build().is_ok(), "a component without metadata");
}
