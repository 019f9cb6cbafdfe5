//! Clauses of the drafts that no other test shows; MUSTS.md says which is which.

#![cfg(all(
    feature = "trust-domains",
    feature = "update-management",
    feature = "encryption",
    feature = "report"
))]
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

#[path = "../common/mod.rs"]
mod common;

mod bare;
mod dependencies;
mod encryption;
mod machine;
mod management;
mod manifest;

use common::device::Device;
use common::run::{run_document, signed};
use common::{Anyone, decode};
use iotops_crypto::{Algorithm, Verifier, digest};
use iotops_wire::Rule;
use iotops_wire::cbor::{Cursor, Type};
use suit_manifest::model::{Action, Condition, Parameter, ReportingPolicy, Section};
use suit_manifest::process::Procedure;
use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder};

pub(crate) const NONE: ReportingPolicy = ReportingPolicy::NONE;
pub(crate) const ALL: ReportingPolicy = ReportingPolicy::ALL;

pub(crate) fn sequence() -> SequenceBuilder {
    SequenceBuilder::new()
}

pub(crate) fn parameters() -> ParametersBuilder {
    ParametersBuilder::new()
}

pub(crate) fn set(parameter: &Parameter<'_>) -> ParametersBuilder {
    parameters().set(parameter)
}

pub(crate) fn abort(sequence: SequenceBuilder) -> SequenceBuilder {
    sequence.condition(Condition::Abort, NONE)
}

/// Writes `content` to the current component.
pub(crate) fn write(sequence: SequenceBuilder, content: &[u8]) -> SequenceBuilder {
    sequence.override_parameters(&set(&Parameter::Content(content))).action(Action::Write, NONE)
}

pub(crate) fn sha_256(bytes: &[u8]) -> [u8; 32] {
    digest(Algorithm::Sha256, &[bytes]).unwrap().as_bytes().try_into().unwrap()
}

/// One component "a".
pub(crate) fn builder(install: &SequenceBuilder) -> ManifestBuilder {
    ManifestBuilder::new(1).component(&[b"a"]).section(Section::Install, install)
}

pub(crate) fn one(install: &SequenceBuilder) -> Vec<u8> {
    signed(builder(install))
}

/// Components "a", "b" and "c".
pub(crate) fn three(install: &SequenceBuilder) -> Vec<u8> {
    let builder = ManifestBuilder::new(1).component(&[b"a"]).component(&[b"b"]).component(&[b"c"]);
    signed(builder.section(Section::Install, install))
}

/// The device after an update that succeeds.
pub(crate) fn after(document: &[u8], device: Device) -> Device {
    let mut device = device;
    run_document(document, Procedure::Update, &mut device)
        .unwrap_or_else(|failure| panic!("{failure:?}"));
    device
}

/// The rule and the command of a failure.
pub(crate) fn fails(document: &[u8], device: Device) -> (Rule, i64) {
    let mut device = device;
    let failure = run_document(document, Procedure::Update, &mut device).unwrap_err();
    (failure.error().rule(), failure.position().map_or(0, |position| position.command))
}

pub(crate) fn holding(components: &[(&[u8], &[u8])]) -> Device {
    let components = components.iter();
    let components = components.map(|(name, content)| (vec![name.to_vec()], content.to_vec()));
    Device { components: components.collect(), ..Device::default() }
}

/// Replaces the only occurrence of some bytes, and makes the digest of the manifest right again;
/// the signature is not.
pub(crate) fn tampered(document: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<_> =
        (0..document.len()).filter(|at| document[*at..].starts_with(from)).collect();
    assert_eq!(places.len(), 1, "{places:?}");
    let mut bytes = document.to_vec();
    bytes[places[0]..places[0] + to.len()].copy_from_slice(to);
    let manifest = manifest(&bytes);
    let (claimed, right) = {
        let claimed = decode(document).unwrap().claimed_digest().bytes();
        (claimed.as_ptr().addr() - document.as_ptr().addr(), sha_256(&bytes[manifest]))
    };
    bytes[claimed..claimed + right.len()].copy_from_slice(&right);
    bytes
}

/// Where the byte string of the manifest is.
fn manifest(bytes: &[u8]) -> core::ops::Range<usize> {
    let mut cursor = Cursor::new(bytes).unwrap();
    if cursor.peek() == Some(Type::Tag) {
        cursor.tag().unwrap();
    }
    cursor.map().unwrap();
    cursor.integer().unwrap();
    cursor.bytes().unwrap();
    cursor.integer().unwrap();
    let start = cursor.position();
    cursor.bytes().unwrap();
    start..cursor.position()
}

/// What a reader says about an envelope, whoever signed it.
pub(crate) fn verdict(document: &[u8]) -> Result<(), Rule> {
    let anyone: [&dyn Verifier; 1] = [&Anyone];
    common::verify(document, &anyone).map(drop).map_err(|error| error.rule())
}
