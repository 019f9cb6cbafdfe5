//! SUIT: what the processor does, told by what becomes of a device.

use iotops_crypto::{Algorithm, digest};
use suit_manifest::model::{Action, Condition, CustomValue, Parameter, Section};
use suit_manifest::process::Procedure;
use suit_manifest::report::{Item, NewCapabilities, NewReport, Recorder, Report};
use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder, rules};

use super::common::device::{Device, Memory};
use super::common::reporting::run_reported;
use super::common::run::{lenient, run_document, signed};
use super::common::{borrowed, trusted, verify};
use super::{
    ALL, NONE, abort, after, fails, holding, one, parameters, sequence, set, sha_256, three, write,
};

/// SUIT §6.3: "Executing a Trusted Invocation MUST either result in an error, or an invoked image."
#[test]
fn an_invocation_ends_in_an_error_or_an_invoked_image() {
    let wanted = parameters().image_digest(&sha_256(b"image"));
    let builder = ManifestBuilder::new(1)
        .component(&[b"a"])
        .shared_sequence(sequence().override_parameters(&wanted))
        .section(Section::Validate, &sequence().condition(Condition::ImageMatch, NONE))
        .section(Section::Invoke, &sequence().action(Action::Invoke, NONE));
    let document = signed(builder);
    let run = |device: &mut Device| run_document(&document, Procedure::Invocation, device);
    let mut right = holding(&[(b"a", b"image")]);
    run(&mut right).unwrap();
    assert_eq!(right.invoked.len(), 1);
    for mut wrong in [holding(&[(b"a", b"other")]), Device::default()] {
        assert_eq!(run(&mut wrong).unwrap_err().error().rule(), rules::CONDITION);
        assert!(wrong.invoked.is_empty());
    }
}

fn copying(hint: &ParametersBuilder) -> Vec<u8> {
    let begin = write(sequence().set_component(0).override_parameters(hint), b"first");
    let fetch = begin
        .set_component(1)
        .override_parameters(&parameters().uri("u"))
        .override_parameters(hint)
        .action(Action::Fetch, NONE)
        .set_component(2)
        .override_parameters(&parameters().source_component(1))
        .override_parameters(hint)
        .action(Action::Copy, NONE)
        .set_component(0)
        .override_parameters(&parameters().image_digest(&sha_256(b"first")))
        .condition(Condition::ImageMatch, NONE);
    three(&fetch)
}

/// SUIT §6.3: "Executing the same manifest on multiple Recipients MUST result in the same system
/// state."
#[test]
fn several_recipients_end_in_one_state() {
    let document = copying(&set(&Parameter::Content(b"first")));
    let devices = [
        Device::default(),
        Device { is_slow: true, ..Device::default() },
        holding(&[(b"a", b"1"), (b"b", b"22"), (b"c", b"333")]),
        holding(&[(b"c", b"fetched")]),
    ];
    for mut device in devices {
        device.network.insert("u".to_owned(), b"fetched".to_vec());
        let device = after(&document, device);
        assert_eq!(device.content(&[b"a"]), Some(&b"first"[..]));
        assert_eq!(device.content(&[b"b"]), Some(&b"fetched"[..]));
        assert_eq!(device.content(&[b"c"]), Some(&b"fetched"[..]));
        assert_eq!((device.components.len(), device.stored), (3, Some(1)));
    }
}

/// SUIT §8.4.8.16: "if a suit-parameter-custom is absent, then all standardised suit-commands MUST
/// execute correctly", and it "MUST be treated as a hint".
#[test]
fn custom_parameters_are_hints() {
    let device = || {
        let mut device = Device::default();
        device.network.insert("u".to_owned(), b"fetched".to_vec());
        device
    };
    let hint = set(&Parameter::Custom(-300, CustomValue::Integer(5)));
    let with = after(&copying(&hint), device());
    let without = after(&copying(&set(&Parameter::ComponentSlot(1))), device());
    assert_eq!((with.components, with.trace), (without.components, without.trace));
}

/// Every condition but abort and those of dependencies, with what it needs.
fn conditions() -> Vec<(Condition, ParametersBuilder)> {
    let digest = parameters().image_digest(&sha_256(b"image"));
    vec![
        (Condition::VendorIdentifier, parameters().vendor_identifier(&[1; 16])),
        (Condition::ClassIdentifier, parameters().class_identifier(&[1; 16])),
        (Condition::DeviceIdentifier, set(&Parameter::DeviceIdentifier(&[1; 16]))),
        (Condition::ImageMatch, digest.clone()),
        (Condition::ImageNotMatch, digest),
        (Condition::CheckContent, set(&Parameter::Content(b"image"))),
        (Condition::ComponentSlot, set(&Parameter::ComponentSlot(1))),
        (Condition::UseBefore, set(&Parameter::UseBefore(9))),
        (Condition::MinimumBattery, set(&Parameter::MinimumBattery(9))),
        (Condition::UpdateAuthorized, set(&Parameter::UpdatePriority(9))),
        (
            Condition::Version,
            parameters().version(suit_manifest::model::Comparison::GreaterEqual, &[1]),
        ),
    ]
}

/// A device on which all of them hold but image-not-match.
fn fitting() -> Device {
    let mut device = Device {
        clock: Some(1),
        battery: Some(10),
        authorizes: true,
        ..holding(&[(b"a", b"image"), (b"other", b"x")])
    };
    device.slots.insert(vec![b"a".to_vec()], 1);
    device.versions.insert(vec![b"a".to_vec()], vec![1]);
    device
}

/// SUIT §6.4: "Conditions MUST NOT have any side-effects other than informing the interpreter of
/// success or failure."
#[test]
fn conditions_change_nothing() {
    let mut held = 0;
    for (condition, parameters) in conditions() {
        let check = sequence().override_parameters(&parameters).condition(condition, ALL);
        for before in [fitting(), Device::default()] {
            let mut device = before.clone();
            let result = run_document(&one(&check), Procedure::Update, &mut device);
            held += usize::from(result.is_ok());
            assert_eq!(device.components, before.components, "{condition:?}");
            assert_eq!((device.slots, device.versions), (before.slots, before.versions));
            assert!(device.tokens.is_empty() && device.invoked.is_empty(), "{condition:?}");
            assert_eq!(device.stored.is_some(), result.is_ok());
        }
    }
    // All hold on the first device but image-not-match; on the other one, that and identities.
    assert_eq!(held, 10 + 4);
}

/// SUIT §8.4.9: "that information has not been set, it MUST report a failure".
#[test]
fn conditions_without_their_parameter_fail() {
    for (condition, _) in conditions() {
        let check = one(&sequence().condition(condition, ALL));
        assert_eq!(fails(&check, fitting()), (rules::PARAMETER_UNSET, condition.code()));
    }
}

/// SUIT §8.4.9: "Each condition MUST report a result code on completion", and §8.4.10: a directive
/// "MUST report a result code".
#[test]
fn every_command_gives_a_result() {
    let slot = set(&Parameter::ComponentSlot(1));
    let good = write(sequence(), b"image")
        .override_parameters(&slot)
        .condition(Condition::ComponentSlot, NONE)
        .action(Action::Invoke, NONE);
    let codes = |device: &Device| -> Vec<(i64, bool)> {
        device.records.iter().map(|(code, _, held)| (*code, *held)).collect()
    };
    let device = after(&one(&good), fitting());
    assert_eq!(codes(&device), [(18, true), (5, true), (23, true)]);
    let fetch = good.clone().override_parameters(&parameters().uri("gone"));
    let failing = [
        (abort(good.clone()), 14),
        (fetch.action(Action::Fetch, NONE), 21),
        (good.action(Action::Copy, NONE), 22),
    ];
    for (install, code) in failing {
        let mut device = fitting();
        run_document(&one(&install), Procedure::Update, &mut device).unwrap_err();
        assert_eq!(codes(&device), [(18, true), (5, true), (23, true), (code, false)]);
    }
}

/// SUIT §8.4.7: "the Reporting Engine MUST receive one set of information elements for each
/// Component, in the order expressed in the Components list or the Component Index array."
#[test]
fn each_selected_component_is_recorded_in_order() {
    let records = |begin: SequenceBuilder| -> Vec<u64> {
        let slot = set(&Parameter::ComponentSlot(1));
        let install = begin.override_parameters(&slot).condition(Condition::ComponentSlot, ALL);
        let document = three(&install);
        let mut device = Device::default();
        for name in [b"a", b"b", b"c"] {
            device.slots.insert(vec![name.to_vec()], 1);
        }
        let keys = trusted();
        let manifest = verify(&document, &borrowed(&keys)).unwrap();
        let (update, options) = (Procedure::Update, lenient());
        let journal = &mut Memory::default();
        let reported = run_reported(manifest, update, options, &mut device, journal, 4096);
        reported.ended.unwrap();
        reported.check(manifest, update, &device);
        let report = Report::decode_unverified(&reported.report).unwrap();
        let claims = report.items().filter(|item| matches!(item, Item::Claims(_))).count();
        assert_eq!(claims, report.records().count());
        report.records().map(|record| record.component_index).collect()
    };
    assert_eq!(records(sequence().set_all_components()), [0, 1, 2]);
    assert_eq!(records(sequence().set_components(&[2, 0])), [2, 0]);
}

/// SUIT R §6: "Capabilities defined by extensions MUST be reported."
#[test]
fn capabilities_of_extensions_are_reported() {
    let document = one(&write(sequence(), b"x"));
    let keys = trusted();
    let manifest = verify(&document, &borrowed(&keys)).unwrap();
    let (mut space, mut buffer) = ([0; 64], [0; 512]);
    let mut recorder = Recorder::new(&mut space);
    let components: [&[&[u8]]; 1] = [&[b"a"]];
    let capabilities = NewCapabilities::new(&components).with_custom(&[-256], &[-300]);
    let tree = suit_manifest::process::Tree::new(manifest);
    let report =
        NewReport::of(&tree, &mut recorder, Ok(()).into()).with_capabilities(&capabilities);
    let report = report.write(&mut buffer).unwrap();
    let report = Report::decode_unverified(report.as_encoded()).unwrap();
    let found = report.capabilities().unwrap();
    // SUIT TD §9, SUIT UM §7, and the platform's own.
    for code in [7, 8, 11, 19, 33, 4, 25, 26, 27, 28, 29, 34, 35, -256] {
        assert!(found.commands().any(|one| one == code), "command {code}");
    }
    // SUIT UM §7, SUIT FE §12, and the platform's own.
    for code in [4, 26, 27, 28, 29, 30, 19, -300] {
        assert!(found.parameters().any(|one| one == code), "parameter {code}");
    }
    for (list, codes) in [(5, &[15, 16, 18][..]), (6, &[5, 6, 14, 15, 16, 18, 24]), (7, &[1])] {
        let listed: Vec<_> = found.list(list).unwrap().iter().collect();
        assert!(codes.iter().all(|code| listed.contains(code)), "list {list}: {listed:?}");
    }
    let algorithm = digest(Algorithm::Sha256, &[b""]).map(|_| Algorithm::Sha256.to_cose());
    assert!(found.algorithms().any(|one| Some(one) == algorithm));
}
