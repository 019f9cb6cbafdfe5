//! Payloads that a platform unpacks on their way: bounded, checked, and begun anew after a cut.

#![cfg(all(
    feature = "trust-domains",
    feature = "update-management",
    feature = "transform",
    feature = "encryption"
))]
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
use common::run::{lenient, run_tree, signed};
use common::{borrowed, trusted, verify};
use iotops_crypto::{Algorithm, digest};
use iotops_wire::Rule;
use suit_manifest::model::{
    Action, CustomValue, EncryptionInfo, Parameter, ReportingPolicy, Section,
};
use suit_manifest::process::{CHUNK, Procedure, Tree};
use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder, rules};

const NONE: ReportingPolicy = ReportingPolicy::NONE;
const PACKED: i64 = -300;

fn image() -> Vec<u8> {
    (0..40_u8).flat_map(|at| vec![at; usize::from(at) + 1]).collect()
}

/// Pairs of a count and a byte.
fn packed(image: &[u8]) -> Vec<u8> {
    image.chunk_by(|a, b| a == b).flat_map(|run| [run.len() as u8, run[0]]).collect()
}

fn wanted() -> ParametersBuilder {
    let sum = digest(Algorithm::Sha256, &[&image()]).unwrap();
    let wanted = ParametersBuilder::new().image_digest(sum.as_bytes().try_into().unwrap());
    wanted.image_size(image().len() as u64).set(&Parameter::Custom(PACKED, CustomValue::Integer(1)))
}

/// Fetches, writes or copies with these parameters.
fn document(parameters: &ParametersBuilder, action: Action) -> Vec<u8> {
    let install = SequenceBuilder::new()
        .set_component(0)
        .override_parameters(parameters)
        .action(action, NONE);
    let builder = ManifestBuilder::new(1).component(&[b"a"]).component(&[b"b"]);
    signed(builder.section(Section::Install, &install))
}

fn fetching() -> Vec<u8> {
    document(&wanted().uri("u"), Action::Fetch)
}

fn device(payload: &[u8]) -> Device {
    let mut device = Device { unpacks: true, ..Device::default() };
    device.network.insert("u".to_owned(), payload.to_vec());
    device.components.insert(vec![b"b".to_vec()], payload.to_vec());
    device
}

fn run(document: &[u8], device: &mut Device, journal: &mut Memory) -> Option<Rule> {
    let keys = trusted();
    let manifest = verify(document, &borrowed(&keys)).unwrap();
    let ended = run_tree(Tree::new(manifest), Procedure::Update, lenient(), device, journal);
    ended.err().map(|failure| failure.error().rule())
}

fn ends(document: &[u8], mut device: Device) -> (Option<Rule>, Device) {
    (run(document, &mut device, &mut Memory::default()), device)
}

#[test]
fn packed_images_are_unpacked_however_they_come() {
    let payload = packed(&image());
    let content = Parameter::Content(&payload);
    let documents = [
        fetching(),
        document(&wanted().set(&content), Action::Write),
        document(&wanted().source_component(1), Action::Copy),
    ];
    for document in &documents {
        for is_slow in [false, true] {
            for most in [0, 1, 7, 255, 256] {
                let device = Device { is_slow, most, ..device(&payload) };
                let (ended, device) = ends(document, device);
                assert_eq!(ended, None);
                assert_eq!(device.content(&[b"a"]), Some(image().as_slice()));
            }
        }
    }
}

/// Off by default: without a platform that transforms, the parameter changes nothing.
#[test]
fn without_a_transform_nothing_changes() {
    let mut plain = device(&image());
    plain.unpacks = false;
    let (ended, plain) = ends(&fetching(), plain);
    assert_eq!(ended, None);
    assert_eq!(plain.content(&[b"a"]), Some(image().as_slice()));
}

#[test]
fn bombs_and_what_is_cut_off_or_changed_are_refused() {
    let payload = packed(&image());
    let refused = |payload: &[u8]| ends(&fetching(), device(payload)).0;
    let bomb = [255, 0].repeat(10_000);
    assert_eq!(refused(&bomb), Some(rules::IMAGE_SIZE));
    // Much input that makes nothing.
    assert_eq!(refused(&[0, 0].repeat(100_000)), Some(rules::TRANSFORM));
    for length in 0..payload.len() {
        let rule = if length % 2 == 0 { rules::TRANSFORM } else { rules::DIRECTIVE };
        assert_eq!(refused(&payload[..length]), Some(rule), "{length} bytes");
    }
    for bit in 0..payload.len() * 8 {
        let mut changed = payload.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(refused(&changed).is_some(), "bit {bit}");
    }
    let (_, device) = ends(&fetching(), device(&payload[..10]));
    assert!(device.tokens.is_empty(), "nothing was finished");
}

#[test]
fn what_bounds_and_checks_it_must_be_known() {
    let sum = digest(Algorithm::Sha256, &[&image()]).unwrap();
    let packed_parameter = Parameter::Custom(PACKED, CustomValue::Integer(1));
    let none = || ParametersBuilder::new().set(&packed_parameter).uri("u");
    let info = Parameter::EncryptionInfo(EncryptionInfo::from_encoded(&[
        0xd8, 0x60, 0x84, 0x40, 0xa0, 0xf6, 0x80,
    ]));
    for (parameters, action) in [
        (none().image_size(image().len() as u64), Action::Fetch),
        (none().image_digest(sum.as_bytes().try_into().unwrap()), Action::Fetch),
        (wanted().uri("u").set(&info), Action::Fetch),
        (wanted().source_component(1).set(&info), Action::Copy),
    ] {
        let (ended, _) = ends(&document(&parameters, action), device(&packed(&image())));
        assert_eq!(ended, Some(rules::TRANSFORM_PARAMETERS));
    }
}

/// A transform that does nothing, or claims more than there is, ends the run.
#[test]
fn a_transform_that_lies_is_refused() {
    let payload = packed(&image());
    let read = payload.len().min(CHUNK);
    let claims =
        [(0, 0), (read + 1, 0), (usize::MAX, 0), (0, CHUNK + 1), (1, usize::MAX), (read + 1, 1)];
    for claims in claims {
        let device = Device { claims: Some(claims), ..device(&payload) };
        let (ended, device) = ends(&fetching(), device);
        assert_eq!(ended, Some(rules::TRANSFORM), "{claims:?}");
        assert_eq!(device.content(&[b"a"]), Some(&[][..]), "{claims:?}");
        assert!(device.tokens.is_empty());
    }
}

/// What a transform has taken in is not in the component: it cannot go on behind what is there.
#[test]
fn a_transfer_that_claims_to_go_on_is_refused() {
    for kept in [1, 128, u64::MAX] {
        let device = Device { kept, ..device(&packed(&image())) };
        let (ended, device) = ends(&fetching(), device);
        assert_eq!(ended, Some(rules::TRANSFORM), "{kept}");
        assert!(device.tokens.is_empty());
    }
}

#[test]
fn unpacking_begins_anew_after_a_cut() {
    let begun =
        |device: &Device| device.trace.iter().filter(|line| line.starts_with("begin")).count();
    let (mut device, mut journal) = (device(&packed(&image())), Memory::default());
    device.power = Power::of(4);
    assert!(run(&fetching(), &mut device, &mut journal).is_some());
    let half = device.content(&[b"a"]).unwrap().len();
    assert!(0 < half && half < image().len(), "{half}");
    assert_eq!(begun(&device), 1);
    device.power = Power::default();
    assert_eq!(run(&fetching(), &mut device, &mut journal), None);
    assert_eq!(begun(&device), 2);
    assert_eq!(device.content(&[b"a"]), Some(image().as_slice()));
}

#[test]
fn unpacking_survives_every_cut() {
    let payload = packed(&image());
    for cut in 1.. {
        let (mut device, mut journal) = (device(&payload), Memory::default());
        device.most = 50;
        (device.power, journal.power) = (Power::of(cut), Power::default());
        let ended = run(&fetching(), &mut device, &mut journal);
        if ended.is_none() {
            assert!(cut > 16, "{cut}");
            break;
        }
        device.power = Power::default();
        assert_eq!(run(&fetching(), &mut device, &mut journal), None);
        assert_eq!(device.content(&[b"a"]), Some(image().as_slice()));
    }
}
