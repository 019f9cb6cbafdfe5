//! Reports: recorded, signed, verified, decoded, and replayed against the manifest. Every run of
//! the other tests is reported and replayed as well: see `common::reporting`.

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
use common::reporting::{Reported, device_key, run_reported};
use common::run::{lenient, signed};
use common::{borrowed, trusted, verify};
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::{Algorithm, Signer as _, digest};
use iotops_wire::Rule;
use iotops_wire::cbor::Encoder;
use suit_manifest::model::{Action, Condition, Parameter, ReportingPolicy, Section};
use suit_manifest::process::{Procedure, Reason, Tree};
use suit_manifest::report::{
    Item, NewCapabilities, NewReport, Outcome, ProtectedReport, Recorder, Report,
};
use suit_manifest::{
    Envelope, Manifest, ManifestBuilder, ParametersBuilder, SequenceBuilder, rules,
};

const ALL: ReportingPolicy = ReportingPolicy::ALL;
const NONE: ReportingPolicy = ReportingPolicy::NONE;
const ROOM: usize = 4096;
const IMAGE: &[u8] = b"the new image";
const OTHER: &[u8] = b"another image";

fn sequence() -> SequenceBuilder {
    SequenceBuilder::new()
}

fn sha_256(bytes: &[u8]) -> [u8; 32] {
    digest(Algorithm::Sha256, &[bytes]).unwrap().as_bytes().try_into().unwrap()
}

/// Two components; fetches to the second, chooses by slot, copies to the first and matches.
fn envelope() -> Vec<u8> {
    let wanted = || ParametersBuilder::new().image_digest(&sha_256(IMAGE));
    let slot = |slot| {
        sequence()
            .override_parameters(&ParametersBuilder::new().set(&Parameter::ComponentSlot(slot)))
            .condition(Condition::ComponentSlot, ALL)
    };
    let identity = ParametersBuilder::new().vendor_identifier(&[1; 16]).class_identifier(&[2; 16]);
    let builder = ManifestBuilder::new(3)
        .component(&[b"active"])
        .component(&[b"staging"])
        .reference_uri("https://example.com/manifest")
        .shared_sequence(
            sequence()
                .set_component(0)
                .override_parameters(&identity)
                .condition(Condition::VendorIdentifier, ALL)
                .condition(Condition::ClassIdentifier, NONE),
        )
        .section(
            Section::PayloadFetch,
            &sequence()
                .set_component(1)
                .override_parameters(&wanted().uri("u"))
                .action(Action::Fetch, ReportingPolicy::RECORD_ON_SUCCESS)
                .condition(Condition::ImageMatch, ALL),
        );
    let copy = ParametersBuilder::new().source_component(1);
    signed(
        builder.section(
            Section::Install,
            &sequence()
                .set_component(0)
                .try_each(&[slot(0), slot(1), slot(2)])
                .override_parameters(&copy)
                .action(Action::Copy, NONE)
                .override_parameters(&wanted())
                .condition(Condition::ImageMatch, NONE),
        ),
    )
}

fn device(image: &[u8]) -> Device {
    let mut device = Device::default();
    device.network.insert("u".into(), image.to_vec());
    device.slots.insert(vec![b"active".to_vec()], 1);
    device
}

fn authenticated(document: &[u8]) -> Manifest<'_> {
    verify(document, &borrowed(&trusted())).unwrap()
}

fn update(document: &[u8], device: &mut Device, room: usize) -> Reported {
    let manifest = authenticated(document);
    let journal = &mut Memory::default();
    run_reported(manifest, Procedure::Update, lenient(), device, journal, room)
}

fn view(reported: &Reported) -> Report<'_> {
    Report::decode_unverified(&reported.report).unwrap()
}

fn at(report: &Report<'_>) -> Vec<(i64, u64, u64)> {
    report.records().map(|one| (one.section, one.section_offset, one.component_index)).collect()
}

/// Where a command with its policy stands, counted from the first byte of its section.
fn offset(document: &[u8], section: Section, command: [u8; 2]) -> u64 {
    let manifest = authenticated(document);
    let start = manifest.section(section).present().unwrap().offset() as usize;
    let found = document[start..].windows(2).position(|pair| pair == command);
    found.unwrap() as u64
}

#[test]
fn an_update_is_reported_and_replayed() {
    let document = envelope();
    let mut device = device(IMAGE);
    let reported = update(&document, &mut device, ROOM);
    reported.ended.unwrap();
    reported.check(authenticated(&document), Procedure::Update, &device);
    let report = view(&reported);
    assert_eq!(report.reference().uri, "https://example.com/manifest");
    assert_eq!(report.reference().digest, authenticated(&document).digest());
    assert!(matches!(report.outcome(), Outcome::Success));
    assert_eq!((report.nonce(), report.dropped()), (None, 0));
    let fetch = offset(&document, Section::PayloadFetch, [21, 1]);
    let places = at(&report);
    // The vendor is checked before each of two sections; the first slot is not the one.
    let sections: Vec<i64> = places.iter().map(|place| place.0).collect();
    assert_eq!(sections, [4, 16, 16, 4, 20, 20]);
    assert_eq!(places[1], (16, fetch, 1));
    assert_eq!(places[2], (16, fetch + 2, 1));
    let slots: Vec<_> = report.records().skip(4).map(|one| one.properties.iter().next()).collect();
    for slot in slots {
        assert!(matches!(slot, Some(Parameter::ComponentSlot(1))), "what was measured: {slot:?}");
    }
    let claims = report.items().filter(|item| matches!(item, Item::Claims(_))).count();
    assert_eq!(claims, 5, "two vendors, a digest, two slots");
}

/// "Bad input: an update with any fault leaves the device as it was, and the report says which
/// command failed, at which offset, for which reason code".
#[test]
fn a_failed_update_is_told_with_its_place_and_reason() {
    let document = envelope();
    let fetch = offset(&document, Section::PayloadFetch, [21, 1]);
    let failed = |mut device: Device| {
        let before = device.content(&[b"active"]).map(<[u8]>::to_vec);
        let reported = update(&document, &mut device, ROOM);
        assert_eq!(device.content(&[b"active"]).map(<[u8]>::to_vec), before, "left as it was");
        assert_eq!(device.stored, None);
        reported.check(authenticated(&document), Procedure::Update, &device);
        reported
    };
    let outcome = |reported: &Reported| match view(reported).outcome() {
        Outcome::Failure { code, record, reason } => {
            let property = record.properties.iter().next().map(|one| format!("{one:?}"));
            (code, record.section, record.section_offset, record.component_index, reason, property)
        }
        other => panic!("{other:?}"),
    };
    let number = |rule: Rule| i64::from(rule.number());

    let wrong = failed(device(OTHER));
    let (code, section, place, component, reason, property) = outcome(&wrong);
    assert_eq!((code, section, place, component), (number(rules::CONDITION), 16, fetch + 2, 1));
    assert_eq!(reason, Reason::ConditionFailed);
    let measured = suit_manifest::model::SuitDigest::new(Algorithm::Sha256, &sha_256(OTHER))
        .map(|digest| format!("{:?}", Parameter::ImageDigest(digest)));
    assert_eq!(property, measured.ok(), "the digest that the image has");
    assert_eq!(at(&view(&wrong)).len(), 2, "the failure is in the result alone");

    let absent = failed(Device { network: Device::default().network, ..device(IMAGE) });
    let expected = (number(rules::SOURCE_ABSENT), 16, fetch, 1, Reason::OperationFailed, None);
    assert_eq!(outcome(&absent), expected);

    let mut other = device(IMAGE);
    other.refused_identities.insert(vec![1; 16]);
    let refused = failed(other);
    let (code, section, _, component, reason, _) = outcome(&refused);
    assert_eq!((code, section, component), (number(rules::CONDITION), 4, 0));
    assert_eq!(reason, Reason::ConditionFailed);

    let mut without = device(IMAGE);
    without.absent.insert(vec![b"staging".to_vec()]);
    let expected = number(rules::COMPONENT_UNSUPPORTED);
    assert_eq!(outcome(&failed(without)), (expected, 0, 0, 0, Reason::ComponentUnsupported, None));

    let mut slotless = device(IMAGE);
    slotless.slots.clear();
    let reported = failed(slotless);
    assert_eq!(at(&view(&reported)).iter().filter(|place| place.0 == 20).count(), 2);
    assert_eq!(outcome(&reported).4, Reason::ConditionFailed);
}

/// What was refused before it was run.
#[test]
fn a_refused_envelope_is_told() {
    let document = envelope();
    let refused = |document: &[u8], error| {
        let (mut buffer, envelope) = ([0; 256], Envelope::decode(document).unwrap());
        let report = NewReport::refused(&envelope, error).with_nonce(b"n").write(&mut buffer);
        let report = Report::decode_unverified(report.unwrap().as_encoded()).unwrap();
        assert_eq!((report.nonce(), report.reference().uri), (Some(&b"n"[..]), ""));
        match report.outcome() {
            Outcome::Failure { reason, record, .. } => (reason, record.section),
            other => panic!("{other:?}"),
        }
    };
    let envelope = Envelope::decode(&document).unwrap();
    let error = envelope.authenticate(&[]).unwrap_err();
    assert_eq!(refused(&document, error), (Reason::Unauthorised, 0));
    let mut other = document.clone();
    *other.last_mut().unwrap() ^= 1;
    let envelope = Envelope::decode(&other).unwrap();
    let error = envelope.authenticate(&borrowed(&trusted())).unwrap_err();
    assert_eq!(refused(&other, error), (Reason::Unauthorised, 0));
}

/// Beside its buffer, a recorder takes a quarter of a kilobyte at the most.
#[test]
fn recorders_are_small() {
    println!("recorder: {} bytes", size_of::<Recorder<'_>>());
    assert!(size_of::<Recorder<'_>>() <= 256);
}

/// Every size of the buffer gives a report that is valid, and says what is missing.
#[test]
fn buffers_of_any_size_do() {
    let document = envelope();
    for image in [IMAGE, OTHER] {
        let mut whole = device(image);
        let whole = update(&document, &mut whole, ROOM);
        let items = view(&whole).items().count() as u64;
        for room in 0..600 {
            let mut device = device(image);
            let reported = update(&document, &mut device, room);
            reported.check(authenticated(&document), Procedure::Update, &device);
            let report = view(&reported);
            let kept = report.items().count() as u64;
            let dropped = report.dropped();
            assert_eq!(kept - u64::from(dropped > 0) + dropped, items, "{room}");
            assert_eq!(dropped == 0, reported.report == whole.report);
        }
    }
}

#[test]
fn reports_are_written_into_any_buffer() {
    let document = envelope();
    let manifest = authenticated(&document);
    let components: [&[&[u8]]; 2] = [&[b"active"], &[b"staging"]];
    let capabilities = NewCapabilities::new(&components);
    let mut space = [0; 64];
    let mut recorder = Recorder::new(&mut space);
    let tree = Tree::new(manifest);
    let report = NewReport::of(&tree, &mut recorder, Ok(()).into());
    let report = report.with_nonce(&[7; 8]).with_capabilities(&capabilities);
    let mut whole = [0; 512];
    let length = report.write(&mut whole).unwrap().as_encoded().len();
    for room in 0..512 {
        let mut buffer = vec![0; room];
        match report.write(&mut buffer) {
            Ok(written) => assert_eq!(written.as_encoded(), &whole[..length]),
            Err(error) => assert_eq!(error.rule(), iotops_wire::rules::OUT_OF_SPACE, "{room}"),
        }
        assert_eq!(report.write(&mut buffer).is_ok(), room >= length);
    }
    let decoded = Report::decode_unverified(&whole[..length]).unwrap();
    assert_eq!(decoded.nonce(), Some(&[7; 8][..]));
    let mut again = Vec::new();
    decoded.encode(&mut Encoder::new(&mut again)).unwrap();
    assert_eq!(again, &whole[..length]);
    assert!(decoded.capabilities().unwrap().commands().any(|code| code == 21));
}

#[test]
fn reports_are_signed_or_maced_at_once_or_in_two_steps() {
    use iotops_crypto::cose::Unsigned;
    let document = envelope();
    let reported = update(&document, &mut device(IMAGE), ROOM);
    let keys = [
        device_key(),
        SecretKey::from_raw(KeyType::Hmac, &[3; 32]).unwrap(),
        SecretKey::from_raw(KeyType::Es256, &[5; 32]).unwrap(),
    ];
    let tree = Tree::new(authenticated(&document));
    for mut key in keys {
        let (mut space, mut buffer) = ([0; 64], [0; 256]);
        let mut recorder = Recorder::new(&mut space);
        let report = NewReport::of(&tree, &mut recorder, Ok(()).into()).write(&mut buffer).unwrap();
        let (mut once, mut twice) = (Vec::new(), Vec::new());
        report.sign(&mut key, &mut Encoder::new(&mut once)).unwrap();
        let unsigned = Unsigned::new(key.algorithm()).unwrap();
        let mut signature = [0; 64];
        let length = unsigned
            .to_be_signed(report.as_encoded(), &[], |parts| key.sign(parts, &mut signature))
            .unwrap()
            .unwrap();
        let encoder = &mut Encoder::new(&mut twice);
        report.finish(&unsigned, &signature[..length], encoder).unwrap();
        for message in [once, twice] {
            let (public, other) = (key.verifying_key(), device_key().verifying_key());
            let verified = ProtectedReport::decode(&message).unwrap().verify(&[&public]).unwrap();
            assert_eq!((verified.key(), verified.algorithm().is_some()), (Some(0), true));
            // Without its tag, the algorithm tells what it is.
            let bare = &message[1..];
            let protected = ProtectedReport::decode(bare).unwrap();
            protected.verify(&[&public]).unwrap();
            let mut again = Vec::new();
            protected.encode(&mut Encoder::new(&mut again)).unwrap();
            assert_eq!(again, bare);
            if key.algorithm() != Algorithm::Ed25519 {
                assert!(ProtectedReport::decode(&message).unwrap().verify(&[&other]).is_err());
            }
        }
    }
    let report = view(&reported).authenticated_by_channel();
    assert_eq!((report.key(), report.algorithm()), (None, None));
}

/// Truncated, or with any bit changed: refused, and never a panic.
#[test]
fn every_truncation_and_bit_flip_is_refused() {
    let document = envelope();
    let manifest = authenticated(&document);
    let message = update(&document, &mut device(OTHER), ROOM).signed();
    let key = device_key().verifying_key();
    for length in 0..message.len() {
        assert!(ProtectedReport::decode(&message[..length]).is_err(), "{length}");
    }
    for bit in 0..message.len() * 8 {
        let mut other = message.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        let Ok(protected) = ProtectedReport::decode(&other) else { continue };
        assert!(protected.verify(&[&key]).is_err(), "bit {bit}");
        // Even signed it gives no panic.
        let Ok(report) = protected.unverified() else { continue };
        let mut again = Vec::new();
        protected.encode(&mut Encoder::new(&mut again)).unwrap();
        assert_eq!(again, other);
        let report = report.authenticated_by_channel();
        let replay = suit_manifest::report::Replay::new(Procedure::Update);
        let _ = replay.findings::<4, 4>(&report, &mut Tree::new(manifest));
    }
}

/// SUIT R §3: a list of component indices leads to the manifest of a record.
#[test]
fn records_of_dependencies_name_their_manifest() {
    let class = || ParametersBuilder::new().class_identifier(&[2; 16]);
    let inner = |class_only: bool| {
        let check =
            sequence().override_parameters(&class()).condition(Condition::ClassIdentifier, ALL);
        let install = if class_only { check } else { check.condition(Condition::Abort, NONE) };
        signed(ManifestBuilder::new(1).component(&[b"x"]).section(Section::Install, &install))
    };
    for is_good in [true, false] {
        let dependency = inner(is_good);
        let digest: [u8; 32] = authenticated(&dependency).digest().bytes().try_into().unwrap();
        let wanted = ParametersBuilder::new().image_digest(&digest).uri("#dependency");
        let install = sequence()
            .set_component(1)
            .override_parameters(&wanted)
            .action(Action::Fetch, NONE)
            .condition(Condition::DependencyIntegrity, NONE)
            .action(Action::ProcessDependency, NONE);
        let builder = ManifestBuilder::new(1)
            .component(&[b"a"])
            .component(&[b"dependency"])
            .dependency(1, None)
            .section(Section::Install, &install);
        let document = common::run::signed_with(builder, &[("#dependency", &dependency)]);
        let mut device = Device::default();
        let reported = update(&document, &mut device, ROOM);
        assert_eq!(reported.ended.is_ok(), is_good);
        reported.check(authenticated(&document), Procedure::Update, &device);
        let report = view(&reported);
        let records: Vec<_> = report.records().collect();
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].manifest_id.iter().collect::<Vec<_>>(), [1]);
        assert_eq!((records[0].section, records[0].component_index), (20, 0));
        if let Outcome::Failure { record, reason, .. } = report.outcome() {
            assert_eq!(record.manifest_id.iter().collect::<Vec<_>>(), [1]);
            assert_eq!(reason, Reason::ConditionFailed);
        }
        // Without the envelope of the dependency there is nothing to run again.
        let bare = Manifest::clone(&authenticated(&document));
        let mut tree = Tree::new(bare);
        let report = report.authenticated_by_channel();
        let replay = suit_manifest::report::Replay::new(Procedure::Update);
        let replayed = replay.findings::<4, 4>(&report, &mut tree).map_err(|error| error.rule());
        assert_eq!(replayed, Err(rules::REPLAY_DEPENDENCY), "no memory for it");
    }
}

/// SUIT R §4.2: a report that is made before an image is invoked, which may not return.
#[test]
fn a_pending_invocation_is_told() {
    use common::reporting::Reporting;
    use suit_manifest::process::Engine;
    use suit_manifest::report::Ended;
    let invoke = sequence().condition(Condition::ClassIdentifier, ALL).action(Action::Invoke, ALL);
    let class = ParametersBuilder::new().class_identifier(&[2; 16]);
    let builder = ManifestBuilder::new(1)
        .component(&[b"a"])
        .shared_sequence(sequence().override_parameters(&class))
        .section(Section::Invoke, &invoke);
    let document = signed(builder);
    let (mut device, mut buffer) = (Device::default(), [0; 256]);
    let mut tree = Tree::new(authenticated(&document));
    let mut platform = Reporting { device: &mut device, recorder: Recorder::new(&mut buffer) };
    let mut engine = Engine::<2, 4>::new();
    let procedure = Procedure::Invocation;
    engine.start(&tree, procedure, lenient(), &mut platform, &mut ()).unwrap();
    let position = loop {
        match engine.position(&tree) {
            Some(position) if position.command == Action::Invoke.code() => break position,
            _ => drop(engine.step(&mut tree, &mut platform, &mut ()).unwrap()),
        }
    };
    let pending = Ended::InvokePending(position);
    let mut bytes = Vec::new();
    let new = NewReport::of(&tree, &mut platform.recorder, pending);
    new.encode(&mut Encoder::new(&mut bytes)).unwrap();
    let report = Report::decode_unverified(&bytes).unwrap();
    let place = offset(&document, Section::Invoke, [23, 15]);
    match report.outcome() {
        Outcome::Failure { code: 0, record, reason: Reason::InvokePending } => {
            assert_eq!((record.section, record.section_offset), (9, place));
        }
        other => panic!("{other:?}"),
    }
    let reported = Reported { ended: Ok(()), report: bytes.clone() };
    let manifest = authenticated(&document);
    let message = reported.signed();
    let told = common::reporting::replayed(&message, manifest, procedure, &[]).unwrap();
    assert!(told.is_empty(), "{told:?}");
    assert!(device.invoked.is_empty());
}

/// What a condition measured before the power failed is not known any more; that it held is.
#[test]
fn runs_that_were_interrupted_are_reported_whole() {
    use common::device::Power;
    let write = |content: &[u8]| {
        let parameters = ParametersBuilder::new()
            .set(&Parameter::Content(content))
            .image_digest(&sha_256(content))
            .set(&Parameter::UseBefore(100))
            .set(&Parameter::MinimumBattery(50))
            .set(&Parameter::ComponentSlot(1));
        let all = [
            Condition::ImageNotMatch,
            Condition::UseBefore,
            Condition::MinimumBattery,
            Condition::ComponentSlot,
        ];
        let checks =
            all.iter().fold(sequence().override_parameters(&parameters), |builder, one| {
                builder.condition(*one, ALL)
            });
        checks.action(Action::Write, ALL).condition(Condition::ImageMatch, ALL)
    };
    let late = ParametersBuilder::new().set(&Parameter::UseBefore(1));
    let late = sequence().override_parameters(&late).condition(Condition::UseBefore, ALL);
    let install = write(b"one").try_each(&[late, write(b"two")]);
    let builder = ManifestBuilder::new(1).component(&[b"a"]).section(Section::Install, &install);
    let document = signed(builder);
    let manifest = authenticated(&document);
    let (mut interrupted, mut sizes) = (0, Vec::new());
    for changes in 1..40 {
        let mut device = Device {
            clock: Some(5),
            battery: Some(60),
            power: Power::of(changes),
            ..Device::default()
        };
        device.slots.insert(vec![b"a".to_vec()], 1);
        let mut journal = Memory { power: device.power.clone(), ..Memory::default() };
        let run = |device: &mut Device, journal: &mut Memory| {
            let options = lenient();
            let reported =
                run_reported(manifest, Procedure::Update, options, device, journal, ROOM);
            reported.check(manifest, Procedure::Update, device);
            reported
        };
        let first = run(&mut device, &mut journal);
        let last = if device.power.is_off() {
            interrupted += 1;
            (device.power, journal.power) = (Power::default(), Power::default());
            run(&mut device, &mut journal)
        } else {
            first
        };
        last.ended.unwrap();
        let report = view(&last);
        sizes.push((report.records().count(), report.items().count()));
    }
    assert!(interrupted > 8, "{interrupted}");
    // Two writes with five conditions each, and the one that failed between them.
    assert!(sizes.iter().all(|(records, _)| *records == 13), "{sizes:?}");
}
