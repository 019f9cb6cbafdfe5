//! Contradictions: reports that a device signed and that are not true.

#![cfg(all(feature = "report", feature = "trust-domains", feature = "update-management"))]
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

use common::device::{Device, Memory};
use common::reporting::{replayed, run_reported, sign};
use common::run::{lenient, signed};
use common::{borrowed, trusted, verify};
use iotops_crypto::{Algorithm, digest};
use iotops_wire::Rule;
use iotops_wire::cbor::{Cursor, Encoder};
use suit_manifest::model::{Action, Condition, Parameter, ReportingPolicy, Section};
use suit_manifest::process::Procedure;
use suit_manifest::report::{Capabilities, NewCapabilities, Report};
use suit_manifest::{Manifest, ManifestBuilder, ParametersBuilder, SequenceBuilder, rules};

const ALL: ReportingPolicy = ReportingPolicy::ALL;
const NONE: ReportingPolicy = ReportingPolicy::NONE;

fn sha_256(bytes: &[u8]) -> [u8; 32] {
    digest(Algorithm::Sha256, &[bytes]).unwrap().as_bytes().try_into().unwrap()
}

fn sequence() -> SequenceBuilder {
    SequenceBuilder::new()
}

/// Writes two components; each is matched, then the slot is asked for.
fn envelope() -> Vec<u8> {
    let content = ParametersBuilder::new()
        .set(&Parameter::Content(b"content"))
        .image_digest(&sha_256(b"content"))
        .set(&Parameter::ComponentSlot(0));
    let soft = sequence().condition(Condition::ComponentSlot, ReportingPolicy::RECORD_ON_FAILURE);
    signed(
        ManifestBuilder::new(1)
            .component(&[b"a"])
            .component(&[b"b"])
            .reference_uri("u")
            .section(
                Section::Install,
                &sequence()
                    .set_component(1)
                    .override_parameters(&content)
                    .action(Action::Write, ALL)
                    .condition(Condition::ImageMatch, ALL)
                    .set_component(0)
                    .override_parameters(&content)
                    .action(Action::Write, NONE)
                    .condition(Condition::ImageMatch, NONE)
                    .try_each_or_nothing(&[soft.clone(), soft]),
            )
            .section(
                Section::Validate,
                &sequence().set_component(0).condition(Condition::ImageMatch, NONE),
            ),
    )
}

fn authenticated(document: &[u8]) -> Manifest<'_> {
    verify(document, &borrowed(&trusted())).unwrap()
}

/// A report in pieces.
#[derive(Clone)]
struct Pieces {
    items: Vec<Vec<u8>>,
    result: Vec<u8>,
    reference: Vec<u8>,
}

impl Pieces {
    fn of(report: &[u8]) -> Self {
        let mut cursor = Cursor::new(report).unwrap();
        assert_eq!((cursor.map(), cursor.integer()), (Ok(3), Ok(3)));
        let count = cursor.array().unwrap();
        let items = (0..count).map(|_| cursor.item().unwrap().to_vec()).collect();
        assert_eq!(cursor.integer(), Ok(4));
        let result = cursor.item().unwrap().to_vec();
        assert_eq!(cursor.integer(), Ok(99));
        Self { items, result, reference: cursor.item().unwrap().to_vec() }
    }

    fn written(&self) -> Vec<u8> {
        let mut report = Vec::new();
        let mut encoder = Encoder::new(&mut report);
        let mut map = encoder.map(3).unwrap();
        let mut records = map.key(3).unwrap();
        records.array(self.items.len()).unwrap();
        self.items.iter().for_each(|item| {
            records.raw(item).unwrap();
        });
        map.key(4).unwrap().raw(&self.result).unwrap();
        map.key(99).unwrap().raw(&self.reference).unwrap();
        map.end().unwrap();
        report
    }

    fn rules(&self, document: &[u8]) -> Vec<Rule> {
        let message = sign(&self.written());
        let findings = replayed(&message, authenticated(document), Procedure::Update, &[]);
        findings.unwrap().iter().map(iotops_wire::Finding::rule).collect()
    }

    fn with_items(&self, items: &[&[u8]]) -> Self {
        Self { items: items.iter().map(|item| item.to_vec()).collect(), ..self.clone() }
    }

    fn with_result(&self, result: &[u8]) -> Self {
        Self { result: result.to_vec(), ..self.clone() }
    }
}

fn record(section: u64, offset: u64, component: u64) -> Vec<u8> {
    let mut record = Vec::new();
    let mut encoder = Encoder::new(&mut record);
    encoder.array(5).unwrap().array(0).unwrap().unsigned(section).unwrap();
    encoder.unsigned(offset).unwrap().unsigned(component).unwrap().map(0).unwrap().end().unwrap();
    record
}

fn failure(record: &[u8], reason: u64) -> Vec<u8> {
    let mut result = Vec::new();
    let mut encoder = Encoder::new(&mut result);
    let mut map = encoder.map(3).unwrap();
    map.key(5).unwrap().integer(-1).unwrap();
    map.key(6).unwrap().raw(record).unwrap();
    map.key(7).unwrap().unsigned(reason).unwrap();
    map.end().unwrap();
    result
}

/// An honest report of the update, on a device with this slot.
fn honest(document: &[u8], slot: u64) -> Pieces {
    let mut device = Device::default();
    device.slots.insert(vec![b"a".to_vec()], slot);
    let (manifest, journal) = (authenticated(document), &mut Memory::default());
    let reported = run_reported(manifest, Procedure::Update, lenient(), &mut device, journal, 4096);
    reported.ended.unwrap();
    reported.check(manifest, Procedure::Update, &device);
    Pieces::of(&reported.report)
}

/// Where the n-th occurrence of a command with its policy stands in its section.
fn offset(document: &[u8], section: Section, command: [u8; 2], n: usize) -> u64 {
    let start = authenticated(document).section(section).present().unwrap().offset() as usize;
    let mut found = document[start..].windows(2).enumerate().filter(|(_, pair)| *pair == command);
    found.nth(n).unwrap().0 as u64
}

#[test]
fn contradictions_are_found() {
    let document = envelope();
    let honest = honest(&document, 0);
    // Write; claim and record of the match.
    assert_eq!(honest.items.len(), 3);
    let items: Vec<&[u8]> = honest.items.iter().map(Vec::as_slice).collect();
    let [write, claim, matched] = items[..] else { panic!() };
    let told = |items: &[&[u8]]| honest.with_items(items).rules(&document);
    assert_eq!(told(&[write, claim, matched]), []);
    assert_eq!(told(&[write, matched]), [], "claims are not asked for");

    let missing = [rules::REPLAY_MISSING];
    assert_eq!(told(&[claim, matched]), missing);
    assert_eq!(told(&[write]), missing);
    assert_eq!(told(&[]), [missing[0], missing[0]]);
    let order = [rules::REPLAY_MISSING, rules::REPLAY_ORDER];
    assert_eq!(told(&[matched, write]), order);
    assert_eq!(told(&[write, matched, matched]), [rules::REPLAY_ORDER]);

    // Where there is no command, section or component.
    let place = |section, offset, component| {
        let record = record(section, offset, component);
        told(&[write, matched, &record])
    };
    let write_at = offset(&document, Section::Install, [18, 15], 0);
    assert_eq!(place(20, write_at + 1, 0), [rules::REPLAY_COMMAND]);
    assert_eq!(place(16, write_at, 0), [rules::REPLAY_COMMAND]);
    assert_eq!(place(99, write_at, 0), [rules::REPLAY_COMMAND]);
    assert_eq!(place(20, write_at, 2), [rules::REPLAY_COMMAND]);
    assert_eq!(place(20, u64::MAX, 0), [rules::REPLAY_COMMAND]);
    assert_eq!(place(4, 1, 0), [rules::REPLAY_COMMAND]);
    // A command that can have no record, and one whose policy asks for none.
    assert_eq!(place(20, 1, 1), [rules::REPLAY_POLICY]);
    let quiet = offset(&document, Section::Install, [18, 0], 0);
    assert_eq!(place(20, quiet, 0), [rules::REPLAY_POLICY]);
    // A condition may have one whatever its policy; if its image is another, the run ends there.
    let silent = offset(&document, Section::Install, [3, 0], 0);
    assert_eq!(place(20, silent, 0), [rules::REPLAY_RESULT]);
    // A dependency that is none.
    let elsewhere = [&[0x85, 0x81, 0x07][..], &matched[2..]].concat();
    assert_eq!(told(&[write, matched, &elsewhere]), [rules::REPLAY_COMMAND]);

    // Properties that are not those by which the condition held.
    let mut other = claim.to_vec();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(told(&[write, &other, matched]), [rules::REPLAY_CLAIM]);
    let mut other = matched.to_vec();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(told(&[write, claim, &other]), [rules::REPLAY_CLAIM, rules::REPLAY_RESULT]);
}

#[test]
fn results_that_cannot_be_are_found() {
    let document = envelope();
    let honest = honest(&document, 0);
    let [write, _, matched] = &honest.items[..] else { panic!() };
    let told = |result: &[u8], items: &[&[u8]]| {
        honest.with_items(items).with_result(result).rules(&document)
    };
    let all: &[&[u8]] = &[write, matched];
    let last = record(7, offset(&document, Section::Validate, [3, 0], 0), 0);
    assert_eq!(told(&failure(&last, 10), all), [], "it may be true");
    // A condition that failed, in a try-each that goes on; a directive that is none.
    let soft = record(20, offset(&document, Section::Install, [5, 2], 0), 0);
    assert_eq!(told(&failure(&soft, 10), all), [rules::REPLAY_RESULT]);
    let quiet = record(20, offset(&document, Section::Install, [18, 0], 0), 0);
    assert_eq!(told(&failure(&quiet, 11), all), []);
    for reason in [0, 10, 12] {
        assert_eq!(told(&failure(&quiet, reason), all), [rules::REPLAY_RESULT], "{reason}");
    }
    // Where it is not, and what comes after it.
    let nowhere = record(20, 2, 0);
    let both = [rules::REPLAY_COMMAND, rules::REPLAY_RESULT];
    assert_eq!(told(&failure(&nowhere, 11), all), both);
    let first = record(20, offset(&document, Section::Install, [18, 15], 0), 1);
    assert_eq!(told(&failure(&first, 11), &[]), []);
    assert_eq!(told(&failure(&first, 11), all), [rules::REPLAY_RESULT]);
    // Before any command there is nothing to contradict.
    let before = failure(&record(0, 0, 0), 4);
    assert_eq!(told(&before, &[]), []);
    // Between two sections, what was recorded must have been.
    assert_eq!(told(&before, all), []);
    let never = [rules::REPLAY_MISSING, rules::REPLAY_ORDER, rules::REPLAY_RESULT];
    assert_eq!(told(&before, &[matched, write]), never);
}

/// Another manifest, and another URI.
#[test]
fn reports_of_other_manifests_are_found() {
    let document = envelope();
    let mut pieces = honest(&document, 0);
    let length = pieces.reference.len();
    pieces.reference[length - 1] ^= 1;
    assert_eq!(pieces.rules(&document), [rules::REPLAY_REFERENCE]);
    pieces.reference[length - 1] ^= 1;
    assert_eq!(pieces.rules(&document), []);
    pieces.reference[2] = b'v';
    assert_eq!(pieces.rules(&document), [rules::REPLAY_REFERENCE]);
}

/// Failed conditions tell which way a try-each went.
#[test]
fn failed_conditions_tell_the_way() {
    let document = envelope();
    let (first, none) = (honest(&document, 0), honest(&document, 7));
    assert_eq!((first.items.len(), none.items.len()), (3, 5));
    let items: Vec<&[u8]> = none.items.iter().map(Vec::as_slice).collect();
    // The second alternative is only tried after the first.
    let told = none.with_items(&[items[0], items[2], items[4]]).rules(&document);
    assert_eq!(told, [rules::REPLAY_ORDER]);
    let told = none.with_items(&[items[0], items[2], items[3]]).rules(&document);
    assert_eq!(told, [], "the first failed, the second held");
}

#[test]
fn malformed_reports_are_refused_by_their_rules() {
    let document = envelope();
    let honest = honest(&document, 0);
    let refused = |pieces: &Pieces| {
        Report::decode_unverified(&pieces.written()).map(drop).unwrap_err().rule()
    };
    let item = |bytes: &[u8]| refused(&honest.with_items(&[bytes]));
    assert_eq!(item(&[0x84, 0x80, 0x14, 0x01, 0x00]), rules::REPORT_RECORD);
    assert_eq!(item(&[0xa0]), rules::REPORT_CLAIMS);
    assert_eq!(item(&[0xa1, 0x00, 0x80]), rules::REPORT_CLAIMS);
    assert_eq!(item(&[0xa2, 0x01, 0x80, 0x05, 0x00]), rules::REPORT_CLAIMS);
    assert_eq!(item(&[0xa2, 0x00, 0x80, 0x06, 0x00]), rules::PARAMETER);
    assert_eq!(item(&[0xa2, 0x00, 0x80, 0x00, 0x80]), iotops_wire::rules::KEY_TWICE);
    assert_eq!(item(&[0x85, 0x80, 0x14, 0x01, 0x00, 0xa1, 0x02, 0x40]), rules::UUID);
    assert_eq!(item(&[0x01]), iotops_wire::rules::EXPECT_ARRAY);
    let result = |bytes: &[u8]| refused(&honest.with_result(bytes));
    assert_eq!(result(&[0xf4]), rules::REPORT_RESULT);
    assert_eq!(result(&[0xa1, 0x05, 0x00]), rules::REPORT_RESULT);
    assert_eq!(result(&failure(&record(20, 1, 0), 13)), rules::REPORT_REASON);
    let mut pieces = honest.clone();
    pieces.reference = vec![0x81, 0x60];
    assert_eq!(refused(&pieces), rules::REPORT_REFERENCE);
    let whole = |bytes: &[u8]| Report::decode_unverified(bytes).map(drop).unwrap_err().rule();
    assert_eq!(whole(&[0xa0]), rules::REPORT_REQUIRED);
    assert_eq!(whole(&[0xa1, 0x01, 0x00]), rules::REPORT_ELEMENT);
    assert_eq!(whole(&[0xa1, 0x08, 0xa0]), rules::CAPABILITIES);
    assert_eq!(whole(&[0x83]), rules::REPORT_ENCRYPTED);
    assert_eq!(whole(&[]), iotops_wire::rules::TRUNCATED);
}

/// The container: another message, a detached payload, an encrypted report.
#[test]
fn other_containers_are_refused() {
    use suit_manifest::report::ProtectedReport;
    let rule = |bytes: &[u8]| ProtectedReport::decode(bytes).map(drop).unwrap_err().rule();
    let detached = [0xd2, 0x84, 0x43, 0xa1, 0x01, 0x28, 0xa0, 0xf6, 0x41, 0x00];
    assert_eq!(rule(&detached), rules::REPORT_CONTAINER);
    assert_eq!(rule(&[0xd0, 0x83, 0x40, 0xa0, 0xf6]), rules::REPORT_CONTAINER);
    assert_eq!(rule(&[0xa0]), rules::REPORT_CONTAINER);
    let message = sign(&[0x83, 0x40, 0xa0, 0x41, 0x00]);
    let key = common::reporting::device_key().verifying_key();
    let refused = ProtectedReport::decode(&message).unwrap().verify(&[&key]).map(drop);
    assert_eq!(refused.unwrap_err().rule(), rules::REPORT_ENCRYPTED);
}

/// The capabilities in a report.
fn capable<'b>(new: &NewCapabilities<'_>, buffer: &'b mut Vec<u8>) -> Capabilities<'b> {
    let mut encoder = Encoder::new(buffer);
    let mut map = encoder.map(4).unwrap();
    map.key(3).unwrap().array(0).unwrap();
    map.key(4).unwrap().boolean(true).unwrap();
    new.encode(&mut map.key(8).unwrap()).unwrap();
    let mut reference = map.key(99).unwrap();
    reference.array(2).unwrap().text("").unwrap().array(2).unwrap().integer(-16).unwrap();
    reference.bytes(&[0; 32]).unwrap();
    map.end().unwrap();
    let report = Report::decode_unverified(buffer).unwrap();
    let mut again = Vec::new();
    report.encode(&mut Encoder::new(&mut again)).unwrap();
    assert_eq!(&again, buffer);
    report.capabilities().unwrap()
}

#[test]
fn capabilities_tell_what_a_device_cannot_do() {
    let document = envelope();
    let manifest = authenticated(&document);
    let lacks = |new: NewCapabilities<'_>| {
        let mut buffer = Vec::new();
        let mut offsets = Vec::new();
        capable(&new, &mut buffer).check(&manifest, &mut |finding| {
            assert_eq!(finding.rule(), rules::CAPABILITY);
            offsets.push(finding.place().offset() as usize);
        });
        offsets
    };
    let (a, b): (&[&[u8]], &[&[u8]]) = (&[b"a"], &[b"b"]);
    assert!(lacks(NewCapabilities::new(&[a, b])).is_empty());
    assert!(lacks(NewCapabilities::new(&[a]).with_prefixes(&[b])).is_empty());
    assert!(lacks(NewCapabilities::default().with_prefixes(&[&[]])).is_empty());
    let missing = lacks(NewCapabilities::new(&[a]));
    assert_eq!(missing.iter().map(|at| &document[*at..at + 3]).collect::<Vec<_>>(), [b"\x81Ab"]);
    assert_eq!(lacks(NewCapabilities::new(&[a, &[b"b", b"c"]])), missing);
    // Without write; match and override-parameters are mandatory, listed or not.
    let missing = lacks(NewCapabilities::new(&[a, b]).without_commands(&[18, 3, 20]));
    assert_eq!(missing.iter().map(|at| document[*at]).collect::<Vec<_>>(), [18, 18]);
    let mut buffer = Vec::new();
    let none = NewCapabilities::default().encode(&mut Encoder::new(&mut buffer));
    assert_eq!(none.unwrap_err().rule(), rules::CAPABILITIES);
}

/// What is unlinked takes a token of its own: the directives behind it are still replayed.
#[test]
fn what_follows_an_unlink_is_replayed() {
    for behind in [Action::Invoke, Action::Write, Action::Fetch] {
        let parameters = ParametersBuilder::new().uri("u").set(&Parameter::Content(b"content"));
        let install = sequence()
            .set_component(0)
            .override_parameters(&parameters)
            .action(Action::Unlink, NONE)
            .action(Action::Unlink, NONE)
            .set_component(1)
            .override_parameters(&parameters)
            .action(Action::Unlink, NONE)
            .action(behind, ALL);
        let builder = ManifestBuilder::new(1).component(&[b"a"]).component(&[b"b"]);
        let document = signed(builder.section(Section::Install, &install));
        let manifest = authenticated(&document);
        let (mut device, mut journal) = (Device::default(), Memory::default());
        device.network.insert("u".to_owned(), b"content".to_vec());
        let update = Procedure::Update;
        let ran = run_reported(manifest, update, lenient(), &mut device, &mut journal, 1024);
        assert_eq!(ran.ended, Ok(()), "{behind:?}");
        ran.check(manifest, update, &device);
    }
}
