//! What the server publishes, and what the device does.

#![allow(dead_code, unreachable_pub, reason = "not every test file uses all of it")]

use std::fs;
use std::path::{Path, PathBuf};

use iotops_distribution::Source;
use iotops_distribution::device::{Device, Failure};
use suit_manifest::crypto::key::Es256SecretKey;
use suit_manifest::crypto::wire::{Clock, Time};
use suit_manifest::crypto::{Algorithm, digest};
use suit_manifest::discover::CatalogueBuilder;
use suit_manifest::model::{Action, Condition, ReportingPolicy, Section};
use suit_manifest::{Envelope, ManifestBuilder, ParametersBuilder, SequenceBuilder};

pub const VENDOR: [u8; 16] = [0xfa; 16];
pub const CLASS: [u8; 16] = [0x14; 16];
pub const ALL: ReportingPolicy = ReportingPolicy::ALL;
pub const ISSUED: Time = Time::from_unix(1_700_000_000);
pub const EXPIRES: Time = Time::from_unix(1_700_001_000);
pub const NOW: Clock = Clock::Trusted(Time::from_unix(1_700_000_500));

pub fn author() -> Es256SecretKey {
    Es256SecretKey::from_scalar(&[7; 32]).unwrap()
}

pub fn publisher() -> Es256SecretKey {
    Es256SecretKey::from_scalar(&[8; 32]).unwrap()
}

pub fn image(number: u64) -> Vec<u8> {
    (0..10_000_u64).map(|at| ((at * (number + 3)) % 251).to_le_bytes()[0]).collect()
}

/// Fetches `/image`.
pub fn envelope(number: u64) -> Vec<u8> {
    let image = image(number);
    let sum = digest(Algorithm::Sha256, &[&image]).unwrap();
    let wanted = ParametersBuilder::new()
        .vendor_identifier(&VENDOR)
        .class_identifier(&CLASS)
        .image_digest(sum.as_bytes().try_into().unwrap())
        .image_size(10_000);
    let shared = SequenceBuilder::new()
        .override_parameters(&wanted)
        .condition(Condition::VendorIdentifier, ALL)
        .condition(Condition::ClassIdentifier, ALL);
    let fetch = SequenceBuilder::new()
        .override_parameters(&ParametersBuilder::new().uri("/image"))
        .action(Action::Fetch, ALL)
        .condition(Condition::ImageMatch, ALL);
    let builder = ManifestBuilder::new(number)
        .component(&[b"app"])
        .shared_sequence(shared)
        .section(Section::Install, &fetch);
    let mut draft = builder.build().unwrap();
    draft.sign(&mut author()).unwrap();
    draft.envelope().unwrap()
}

pub fn catalogue(number: u64, envelope: &[u8]) -> Vec<u8> {
    let key = author().public_key();
    let manifest =
        Envelope::decode(envelope).unwrap().authenticate(&[&key]).unwrap().validate().unwrap();
    let builder = CatalogueBuilder::new(number, ISSUED, EXPIRES);
    let builder = builder.entry(VENDOR, CLASS, &manifest, &["/envelope"]).unwrap();
    builder.sign(&mut publisher()).unwrap()
}

pub fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn update<S: Source>(
    folder: &Path,
    source: S,
    clock: Clock,
) -> (Result<u64, Failure>, Device<S>) {
    let mut device = Device::new(folder, source, VENDOR, CLASS);
    let (publisher, author) = (publisher().public_key(), author().public_key());
    let updated = device.update(&[&publisher], &[&author], clock);
    (updated, device)
}

pub fn rule(result: Result<u64, Failure>) -> suit_manifest::crypto::wire::Rule {
    match result {
        Err(Failure::Rule(error)) => error.rule(),
        other => panic!("{other:?}"),
    }
}
