//! Decoding, authenticating, validating and reading take no heap.

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

use common::{borrowed, decode, trusted};
use iotops_crypto::{Digest, Hasher};
use suit_manifest::model::{ComponentIdentifier, Parameter, ParameterKey};
use suit_manifest::process::{
    Answer, Call, Engine, Fault, Identity, Options, Platform, Procedure, Step, Tree, ready, refused,
};

#[global_allocator]
static ALLOCATOR: test_support::CountingAllocator = test_support::CountingAllocator;

/// All that is counted is in one test: the counter counts the whole process.
#[test]
fn no_allocation_from_bytes_to_manifest() {
    let keys = trusted();
    let keys = borrowed(&keys);
    let folder = test_support::testdata().join("suit");
    let mut checked = 0;
    for path in test_support::files(&folder, &[".suit"]) {
        let document = fs::read(&path).unwrap();
        let (count, _) = test_support::allocations(|| {
            let envelope = decode(&document)?;
            let manifest = envelope.authenticate(&keys)?.validate()?;
            let commands = manifest.shared_sequence().map_or(0, |one| one.commands().count());
            Ok::<_, suit_manifest::Error>(commands)
        });
        assert_eq!(count, 0, "{}", path.display());
        checked += 1;
    }
    assert!(checked > 70);
    assert!(execution_allocates_nothing(&keys) >= 15);
    let (count, _) = test_support::allocations(|| vec![checked]);
    assert_eq!(count, 1, "the counter counts");
}

/// Runs the manifests that verify; gives how many did.
fn execution_allocates_nothing(keys: &[&dyn iotops_crypto::Verifier]) -> usize {
    let folder = test_support::testdata().join("suit");
    let mut ran = 0;
    for path in test_support::files(&folder, &[".suit"]) {
        let document = fs::read(&path).unwrap();
        let Ok(manifest) = common::verify(&document, keys) else { continue };
        let mut options = Options::default();
        options.needs_identity_checks = false;
        let (count, result) = test_support::allocations(|| {
            let (mut tree, mut engine) = (Tree::new(manifest), Engine::<4, 6>::new());
            engine.start(&tree, Procedure::Update, options, &mut Still, &mut ())?;
            engine.run(&mut tree, &mut Still, &mut ())
        });
        assert_eq!(count, 0, "{}: {result:?}", path.display());
        ran += usize::from(result == Ok(Step::Done));
    }
    ran
}

/// A device that has and is everything, and that nothing changes.
struct Still;

impl Platform for Still {
    fn has(&mut self, _: &Call<'_>) -> bool {
        true
    }

    fn is(&mut self, _: &Call<'_>, _: Identity<'_>) -> bool {
        true
    }

    fn read(&mut self, _: &Call<'_>, _: u64, _: &mut [u8]) -> Answer<usize> {
        ready(0)
    }

    fn begin(&mut self, _: &Call<'_>, _: Option<u64>) -> Answer<u64> {
        ready(0)
    }

    fn write(&mut self, _: &Call<'_>, _: u64, _: &[u8]) -> Answer<()> {
        ready(())
    }

    fn fetch(&mut self, _: &Call<'_>, _: &str, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        let left = 1000_u64.saturating_sub(offset);
        ready(buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX)))
    }

    fn digest(&mut self, call: &Call<'_>, hasher: Hasher) -> Answer<Digest> {
        match call.parameter(ParameterKey::ImageDigest) {
            Some(Parameter::ImageDigest(wanted)) => {
                ready(Digest::from_bytes(wanted.bytes()).unwrap_or_else(|| hasher.finish()))
            }
            _ => refused(Fault::Absent),
        }
    }

    fn slot(&mut self, _: &Call<'_>) -> Option<u64> {
        Some(0)
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        Ok(None)
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        _: u64,
    ) -> Result<(), Fault> {
        Ok(())
    }
}
