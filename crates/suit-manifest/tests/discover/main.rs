//! Discovery and distribution: choosing, catalogues, links and services, downloads.

#![cfg(all(feature = "discovery", feature = "alloc", feature = "es256"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod blocks;
mod catalogue;
mod download;
mod links;
mod select;

use iotops_crypto::key::{Es256PublicKey, Es256SecretKey};
use suit_manifest::model::{Condition, ReportingPolicy, Section, Uuid};
use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder};

pub(crate) const VENDOR: Uuid = [0xfa; 16];
pub(crate) const CLASS: Uuid = [0x14; 16];
pub(crate) const OTHER: Uuid = [0x15; 16];

pub(crate) fn author() -> Es256SecretKey {
    Es256SecretKey::from_scalar(&[7; 32]).unwrap()
}

pub(crate) fn author_key() -> Es256PublicKey {
    author().public_key()
}

/// A manifest for devices of a class, signed.
pub(crate) fn envelope(number: u64, class: &Uuid, key: &mut Es256SecretKey) -> Vec<u8> {
    let parameters = ParametersBuilder::new()
        .vendor_identifier(&VENDOR)
        .class_identifier(class)
        .image_digest(&[0x11; 32])
        .image_size(1024);
    let shared = SequenceBuilder::new()
        .override_parameters(&parameters)
        .condition(Condition::VendorIdentifier, ReportingPolicy::ALL)
        .condition(Condition::ClassIdentifier, ReportingPolicy::ALL);
    let validate = SequenceBuilder::new().condition(Condition::ImageMatch, ReportingPolicy::ALL);
    let builder = ManifestBuilder::new(number)
        .component(&[b"app"])
        .shared_sequence(shared)
        .section(Section::Validate, &validate);
    let mut draft = builder.build().unwrap();
    draft.sign(key).unwrap();
    draft.envelope().unwrap()
}
