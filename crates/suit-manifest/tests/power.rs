//! The power fails at every change of every update; the next start goes on, and ends as if nothing
//! had happened (SUIT §6.3.1).

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

use common::device::{Device, Memory, Power};
use common::run::{lenient, run_with, signed};
use common::{borrowed, trusted, verify};
use iotops_crypto::{Algorithm, digest};
use suit_manifest::model::{Action, Condition, Parameter, ReportingPolicy, Section};
use suit_manifest::process::{Entry, Procedure};
use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder};

const NONE: ReportingPolicy = ReportingPolicy::NONE;
const OLD: &[u8] = b"the old image";

fn sequence() -> SequenceBuilder {
    SequenceBuilder::new()
}

fn parameters() -> ParametersBuilder {
    ParametersBuilder::new()
}

fn image() -> Vec<u8> {
    (0..700_u32).map(|at| (at % 251) as u8).collect()
}

fn wanted() -> ParametersBuilder {
    let digest = digest(Algorithm::Sha256, &[&image()]).unwrap();
    parameters().image_digest(digest.as_bytes().try_into().unwrap()).image_size(700)
}

/// Component 0 is "active", 1 is "staging".
fn update(install: SequenceBuilder) -> Vec<u8> {
    let active = sequence().set_component(0).override_parameters(&wanted());
    let staging = sequence().set_component(1).override_parameters(&wanted().uri("u"));
    let builder = ManifestBuilder::new(2)
        .component(&[b"active"])
        .component(&[b"staging"])
        .section(
            Section::PayloadFetch,
            &staging.action(Action::Fetch, NONE).condition(Condition::ImageMatch, NONE),
        )
        .section(Section::Install, &install)
        .section(Section::Validate, &active.condition(Condition::ImageMatch, NONE));
    signed(builder)
}

/// Swaps only what has not been swapped: after the swap the condition gives something else.
fn by_swap() -> Vec<u8> {
    let swap = sequence()
        .condition(Condition::ImageNotMatch, NONE)
        .override_parameters(&parameters().source_component(1))
        .action(Action::Swap, NONE);
    let install = sequence().set_component(0).override_parameters(&wanted());
    update(install.try_each_or_nothing(&[swap.clone(), swap]))
}

fn by_copy() -> Vec<u8> {
    let install = sequence()
        .set_component(0)
        .override_parameters(&wanted().source_component(1))
        .action(Action::Copy, NONE)
        .condition(Condition::ImageMatch, NONE)
        .override_parameters(&parameters().set(&Parameter::Content(b"log")))
        .set_component(1)
        .override_parameters(&parameters().set(&Parameter::Content(b"empty")))
        .action(Action::Write, NONE);
    update(install)
}

fn device() -> Device {
    let mut device = Device { stored: Some(1), ..Device::default() };
    device.components.insert(vec![b"active".to_vec()], OLD.to_vec());
    device.network.insert("u".to_owned(), image());
    device
}

/// Runs until the power fails or the update is done: whether it is done.
fn run(document: &[u8], power: &Power, device: &mut Device, journal: &mut Memory) -> bool {
    (device.power, journal.power) = (power.clone(), power.clone());
    let keys = trusted();
    let manifest = verify(document, &borrowed(&keys)).unwrap();
    let result = run_with(manifest, Procedure::Update, lenient(), device, journal);
    assert!(result.is_ok() || power.is_off(), "{result:?}");
    result.is_ok()
}

/// Cuts the power at every change, and again at every change of the run that follows.
fn cut_everywhere(document: &[u8], is_atomic: bool) -> (u32, u32) {
    let (mut whole, mut journal) = (device(), Memory::default());
    assert!(run(document, &Power::default(), &mut whole, &mut journal));
    let (mut cuts, mut double) = (0, 0);
    for first in 1.. {
        let (mut cut, mut journal) = (device(), Memory::default());
        if run(document, &Power::of(first), &mut cut, &mut journal) {
            break;
        }
        cuts += 1;
        check(&cut, is_atomic);
        for second in 1.. {
            let (mut again, mut journal) = (cut.clone(), journal.clone());
            let done = run(document, &Power::of(second), &mut again, &mut journal);
            check(&again, is_atomic);
            if done {
                break;
            }
            double += 1;
            assert!(run(document, &Power::default(), &mut again, &mut journal));
            assert_eq!(again.components, whole.components);
            assert_eq!(again.stored, Some(2));
        }
    }
    (cuts, double)
}

/// What is active is the old image or the new one.
fn check(device: &Device, is_atomic: bool) {
    let active = device.content(&[b"active"]).unwrap();
    assert!(!is_atomic || active == OLD || active == image(), "a mixture is active");
}

#[test]
fn an_update_by_swap_survives_every_cut() {
    let (cuts, double) = cut_everywhere(&by_swap(), true);
    println!("power cuts: {cuts}, and {double} after another");
    assert!(cuts > 10 && double > 70);
}

#[test]
fn an_update_by_copy_survives_every_cut() {
    let (cuts, double) = cut_everywhere(&by_copy(), false);
    println!("power cuts: {cuts}, and {double} after another");
    assert!(cuts > 10 && double > 70);
}

/// What was done is not done again: each token changes the device once.
#[test]
fn what_is_done_is_not_repeated() {
    let document = by_copy();
    for cut in 1.. {
        let (mut device, mut journal) = (device(), Memory::default());
        if run(&document, &Power::of(cut), &mut device, &mut journal) {
            break;
        }
        let is_done = |entry: &&Entry| matches!(entry, Entry::Done { .. });
        let done = journal.entries.iter().filter(is_done).count();
        let before = device.tokens.len();
        assert!(before - done <= 1, "at most the last is not marked");
        assert!(run(&document, &Power::default(), &mut device, &mut journal));
        assert_eq!(device.tokens.len() - before + done, 3);
    }
}

/// A journal of another manifest, or of another procedure, is not gone on with.
#[test]
fn another_run_begins_anew() {
    let (mut device, mut journal) = (device(), Memory::default());
    assert!(!run(&by_copy(), &Power::of(8), &mut device, &mut journal));
    assert!(!journal.entries.is_empty());
    assert!(run(&by_swap(), &Power::default(), &mut device, &mut journal));
    assert_eq!(device.content(&[b"active"]).unwrap(), image());
}
