//! Execution: published envelopes, and each command and rule of the abstract machine.

#![cfg(all(feature = "trust-domains", feature = "update-management"))]
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

use common::device::{Device, Memory};
use common::run::{lenient, run, run_with};
use common::{borrowed, foreign_keys, name, trusted, verify};
use suit_manifest::model::{Command, Parameter, Section, Sequence};
use suit_manifest::process::{Engine, Procedure, Reason};
use suit_manifest::{Manifest, rules};

/// All parameters that a manifest sets anywhere.
fn parameters<'a>(manifest: &Manifest<'a>) -> Vec<Parameter<'a>> {
    fn walk<'a>(sequence: Sequence<'a>, found: &mut Vec<Parameter<'a>>) {
        for command in sequence.commands() {
            match command {
                Command::SetParameters(set) | Command::OverrideParameters(set) => {
                    found.extend(set.iter());
                }
                Command::OverrideMultiple(several) => {
                    found.extend(several.iter().flat_map(|one| one.parameters.iter()));
                }
                Command::RunSequence(inner) => walk(inner, found),
                Command::TryEach(inner) => inner.sequences().for_each(|one| walk(one, found)),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    manifest.shared_sequence().into_iter().for_each(|one| walk(one, &mut found));
    for section in Section::ALL {
        manifest.section(*section).present().into_iter().for_each(|one| walk(one, &mut found));
    }
    found
}

/// A device on which the manifest should succeed: every URI gives an image of the right size, and
/// that image has the digest that the manifest names.
fn willing(manifest: &Manifest<'_>) -> Device {
    let mut device = Device {
        authorizes: true,
        battery: Some(1 << 40),
        clock: Some(1),
        oracle: true,
        ..Device::default()
    };
    let sizes = parameters(manifest).into_iter().filter_map(|parameter| match parameter {
        Parameter::ImageSize(size) => usize::try_from(size).ok(),
        _ => None,
    });
    let size = sizes.min().unwrap_or(64);
    for component in manifest.components().iter() {
        let path: Vec<_> = component.parts().map(<[u8]>::to_vec).collect();
        device.slots.insert(path.clone(), 0);
        device.versions.insert(path.clone(), vec![0, 9]);
        device.components.insert(path, b"ok installed".to_vec());
    }
    for parameter in parameters(manifest) {
        if let Parameter::Uri(uri) = parameter {
            let mut image = b"ok".to_vec();
            image.resize(size.max(2), 0x2a);
            device.network.insert(uri.to_owned(), image);
        }
    }
    device
}

#[test]
fn published_envelopes_run() {
    let folder = test_support::testdata().join("suit");
    let keys = trusted();
    let mut ran = 0;
    for draft in ["suit-manifest-37", "generated-positive"] {
        for path in test_support::files(&folder.join(draft), &[".suit"]) {
            let document = fs::read(&path).unwrap();
            let Ok(manifest) = verify(&document, &borrowed(&keys)) else { continue };
            for is_slow in [false, true] {
                let mut device = Device { is_slow, ..willing(&manifest) };
                let result = run(manifest, Procedure::Update, &mut device);
                if name(&path).contains("severed") {
                    assert_eq!(result.unwrap_err().error().rule(), rules::SEVERED_ABSENT);
                    continue;
                }
                result.unwrap_or_else(|failure| {
                    panic!("{}: {failure:?} {:?} {:?}", name(&path), device.trace, device.records)
                });
                assert_eq!(device.stored, Some(manifest.sequence_number()));
                run(manifest, Procedure::Invocation, &mut device).unwrap();
                ran += 1;
            }
        }
    }
    println!("envelopes run: {ran}");
    assert_eq!(ran, 2 * (6 + 13));
}

/// The negative vectors that only execution, or what is stored, can refuse.
#[test]
fn vectors_that_need_execution_are_refused() {
    let folder = test_support::testdata().join("suit/generated-negative");
    let keys = trusted();
    let fails = |name: &str, stored: Option<u64>| {
        let document = fs::read(folder.join(format!("{name}.suit"))).unwrap();
        let manifest = verify(&document, &borrowed(&keys)).unwrap();
        let mut device = Device { stored, ..willing(&manifest) };
        let failure = run(manifest, Procedure::Update, &mut device).unwrap_err();
        assert_eq!(device.stored, stored);
        let has_begun = !device.trace.is_empty() || !device.records.is_empty();
        assert_eq!(has_begun, failure.position().is_some(), "{name}: {:?}", device.trace);
        (failure.error().rule(), failure.reason(), failure.position().map(|at| at.command))
    };
    let unset = |reason, command| (rules::PARAMETER_UNSET, reason, Some(command));
    assert_eq!(fails("fetch-without-uri", None), unset(Reason::OperationFailed, 21));
    assert_eq!(fails("image-match-without-digest", None), unset(Reason::ConditionFailed, 3));
    assert_eq!(fails("rollback-seq4", Some(5)), (rules::ROLLBACK, Reason::Unauthorised, None));
    let failed = (rules::CONDITION, Reason::ConditionFailed);
    assert_eq!(fails("run-sequence-fails", None), (failed.0, failed.1, Some(14)));
    assert_eq!(fails("try-each-hard-failure", None), (failed.0, failed.1, Some(14)));
}

#[test]
fn an_equal_sequence_number_is_for_the_policy() {
    let document =
        fs::read(test_support::testdata().join("suit/generated-positive/rollback-seq5.suit"));
    let document = document.unwrap();
    let keys = trusted();
    let manifest = verify(&document, &borrowed(&keys)).unwrap();
    let mut device = Device { stored: Some(5), ..willing(&manifest) };
    run(manifest, Procedure::Update, &mut device).unwrap();
    let mut options = lenient();
    options.refuses_equal_number = true;
    let journal = &mut Memory::default();
    let failure = run_with(manifest, Procedure::Update, options, &mut device, journal);
    assert_eq!(failure.unwrap_err().error().rule(), rules::ROLLBACK);
}

/// The examples of SUIT TD: a manifest that fetches another, and one that carries it.
#[test]
fn dependencies_run_in_step() {
    let folder = test_support::testdata().join("suit/trust-domains-11");
    let file = |name: &str| fs::read(folder.join(name)).unwrap();
    let dependent = file("example0_dependent.suit");
    let keys = trusted();
    for name in ["example1_process.suit", "example2_integrated.suit"] {
        let document = file(name);
        let manifest = verify(&document, &borrowed(&keys)).unwrap();
        for is_slow in [false, true] {
            let mut device = Device { is_slow, ..Device::default() };
            let uri = "http://example.com/dependent.suit";
            device.network.insert(uri.to_owned(), dependent.clone());
            run(manifest, Procedure::Update, &mut device).unwrap();
            assert_eq!(device.content(&[b"10"]).unwrap(), b" in multiple trust domains");
            assert_eq!(device.content(&[b"dependent.suit", b"00"]).unwrap(), b"hello world");
        }
    }
}

/// SUIT TD §5.6.2: "The current Component index has not been the target of a
/// suit-condition-dependency-integrity" is a reason to abort, and the second example breaks it.
#[test]
fn an_unchecked_dependency_is_not_processed() {
    let folder = test_support::testdata().join("suit/trust-domains-11");
    let document = fs::read(folder.join("example2_integrated.suit")).unwrap();
    let keys = trusted();
    let manifest = verify(&document, &borrowed(&keys)).unwrap();
    let mut options = lenient();
    options.implicit_integrity = false;
    let (mut device, mut journal) = (Device::default(), Memory::default());
    let result = run_with(manifest, Procedure::Update, options, &mut device, &mut journal);
    assert_eq!(result.unwrap_err().error().rule(), rules::INTEGRITY_UNCHECKED);
}

/// The engine for one component and sequences four deep is within a kilobyte.
#[test]
fn engines_are_small() {
    println!("engine of 1 component: {} bytes", size_of::<Engine<1, 4>>());
    println!("engine of 4 components: {} bytes", size_of::<Engine<4, 6>>());
    assert!(size_of::<Engine<1, 4>>() <= 1024);
}

/// Envelopes that a device without their keys, or with another network, cannot run to the end, and
/// where that is shown instead.
const ELSEWHERE: &[(&str, &[&str])] = &[
    (
        "encrypted payloads: tests/encryption.rs",
        &[
            "suit-manifest-aes-kw-content.suit",
            "suit-manifest-aes-kw-slot.suit",
            "suit-manifest-aes-kw.suit",
            "suit-manifest-es-ecdh-content.suit",
            "suit-manifest-es-ecdh-dependency.suit",
            "suit_manifest_expAF.suit",
            "suit_manifest_expAFS.suit",
            "suit_manifest_expAW.suit",
            "suit_manifest_expEW.suit",
        ],
    ),
    (
        "must fail: vectors_that_need_execution_are_refused",
        &[
            "fetch-without-uri.suit",
            "image-match-without-digest.suit",
            "run-sequence-fails.suit",
            "try-each-hard-failure.suit",
        ],
    ),
    (
        "install is severed and not there: published_envelopes_run",
        &["suit_manifest_exp2A.suit", "example2-severed-signed.suit"],
    ),
    (
        "what is fetched is an envelope: dependencies_run_in_step",
        &["suit_manifest_expS2.suit", "example1_process.suit"],
    ),
    ("its payload is encrypted for a key that is not published", &["suit_personalization.cbor"]),
];

/// Every envelope of other projects runs to its end on a device that has what it asks for.
#[test]
fn vectors_of_other_projects_run() {
    let Some(folder) = test_support::vectors("suit") else { return };
    let keys = foreign_keys(&folder);
    let (mut ran, mut elsewhere, mut runs) = (0, 0, 0);
    for path in test_support::files(&folder, &[".suit", ".cbor"]) {
        let document = fs::read(&path).unwrap();
        let Ok(manifest) = verify(&document, &borrowed(&keys)) else { continue };
        let mut device = willing(&manifest);
        let result = run(manifest, Procedure::Update, &mut device);
        runs += 1 + usize::from(result.is_ok());
        let result = result.and_then(|()| run(manifest, Procedure::Invocation, &mut device));
        let is_elsewhere = ELSEWHERE.iter().any(|(_, names)| names.contains(&name(&path).as_str()));
        assert_eq!(result.is_err(), is_elsewhere, "{}: {result:?}", path.display());
        (ran, elsewhere) = (ran + 1, elsewhere + usize::from(is_elsewhere));
    }
    for (why, names) in ELSEWHERE {
        println!("{}: {why}", names.join(", "));
    }
    test_support::report("SUIT envelopes, run", ran - elsewhere);
    test_support::report("SUIT envelopes, run in another test", elsewhere);
    if cfg!(feature = "report") {
        test_support::report("SUIT runs, reported and replayed", runs);
    }
    assert!(ran >= 60, "{ran}");
}
