//! An update on a model of NOR flash: the power is cut at every word and page, in every way, and
//! what boots is the old image or the new one.

#![cfg(feature = "flash")]
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

use common::{borrowed, trusted, verify};
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::{Algorithm, digest};
use iotops_journal::model::{Counts, Flash, for_every_cut};
use iotops_wire::{Clock, Time};
use suit_manifest::model::{Action, ComponentIdentifier, Condition, ReportingPolicy, Section};
use suit_manifest::process::{
    Answer, Boot, Call, Engine, Failure, Fault, FlashJournal, Identity, Options, Platform,
    Procedure, Slot, Step, Storage, Tree, Trial, ready,
};
use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder};

const NONE: ReportingPolicy = ReportingPolicy::NONE;
const PAGE: usize = 1024;
const RECORDS: core::ops::Range<u32> = 0..3 * PAGE as u32;
const SLOTS: [u32; 2] = [3 * PAGE as u32, 5 * PAGE as u32];
const LENGTH: u32 = 2 * PAGE as u32;

/// An image that fills one page and a part of another.
fn image(of: u8) -> Vec<u8> {
    (0..PAGE + 100).map(|at| at as u8 ^ of).collect()
}

/// Fetches to staging, and swaps if active is not what it should be.
fn envelope() -> Vec<u8> {
    let new = image(2);
    let named = digest(Algorithm::Sha256, &[&new]).unwrap();
    let named: [u8; 32] = named.as_bytes().try_into().unwrap();
    let wanted = || ParametersBuilder::new().image_digest(&named).image_size(new.len() as u64);
    let at = |index| SequenceBuilder::new().set_component(index);
    let swap = SequenceBuilder::new()
        .condition(Condition::ImageNotMatch, NONE)
        .override_parameters(&ParametersBuilder::new().source_component(1))
        .action(Action::Swap, NONE);
    let fetch = at(1)
        .override_parameters(&wanted().uri("u"))
        .action(Action::Fetch, NONE)
        .condition(Condition::ImageMatch, NONE);
    let install = at(0).override_parameters(&wanted()).try_each_or_nothing(&[swap.clone(), swap]);
    let validate = at(0).override_parameters(&wanted()).condition(Condition::ImageMatch, NONE);
    let builder = ManifestBuilder::new(2)
        .component(&[b"active"])
        .component(&[b"staging"])
        .section(Section::PayloadFetch, &fetch)
        .section(Section::Install, &install)
        .section(Section::Validate, &validate);
    let seed = std::fs::read(test_support::testdata().join("keys/generated-ed25519-seed.bin"));
    let mut key = SecretKey::from_raw(KeyType::Ed25519, &seed.unwrap()).unwrap();
    let mut draft = builder.build().unwrap();
    draft.sign(&mut key).unwrap();
    draft.envelope().unwrap()
}

type Model<const WRITE: usize> = Flash<WRITE, PAGE>;

/// A device with two slots.
struct Device<'s, 'f, const WRITE: usize> {
    storage: &'s Storage<&'f mut Model<WRITE>>,
}

fn slot(call: &Call<'_>) -> Slot {
    let is_active = call.path().eq([b"active".as_slice()]);
    if is_active { Slot::Active } else { Slot::Staging }
}

impl<const WRITE: usize> Platform for Device<'_, '_, WRITE> {
    fn has(&mut self, _: &Call<'_>) -> bool {
        true
    }

    fn is(&mut self, _: &Call<'_>, _: Identity<'_>) -> bool {
        true
    }

    fn read(&mut self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        self.storage.read(slot(call), offset, buffer)
    }

    fn begin(&mut self, call: &Call<'_>, size: Option<u64>) -> Answer<u64> {
        self.storage.begin(slot(call), size)
    }

    fn write(&mut self, call: &Call<'_>, offset: u64, bytes: &[u8]) -> Answer<()> {
        self.storage.write(slot(call), offset, bytes)
    }

    fn finish(&mut self, call: &Call<'_>, size: u64) -> Answer<()> {
        self.storage.finish(slot(call), size)
    }

    fn fetch(&mut self, _: &Call<'_>, _: &str, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        let image = image(2);
        let rest = &image[(offset as usize).min(image.len())..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        ready(count)
    }

    fn swap(&mut self, call: &Call<'_>, _: &Call<'_>) -> Answer<()> {
        self.storage.swap(call.token())
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        self.storage.sequence_number()
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        number: u64,
    ) -> Result<(), Fault> {
        self.storage.store_sequence_number(number)
    }
}

/// A device from the factory: the old image is in the first slot.
fn factory<const WRITE: usize>() -> Model<WRITE> {
    let mut flash = Model::<WRITE>::new(7, 1);
    let storage = Storage::format(&mut flash, RECORDS, SLOTS, LENGTH).unwrap();
    let old = image(1);
    assert!(storage.begin(Slot::Active, None).is_ready());
    for (block, offset) in old.chunks(256).zip((0_u64..).step_by(256)) {
        assert_eq!(storage.write(Slot::Active, offset, block), ready(()));
    }
    assert_eq!(storage.finish(Slot::Active, old.len() as u64), ready(()));
    storage.store_sequence_number(1).unwrap();
    flash
}

fn update<const WRITE: usize>(document: &[u8], flash: &mut Model<WRITE>) -> Result<Step, Failure> {
    update_with(document, flash, None)
}

fn update_with<const WRITE: usize>(
    document: &[u8],
    flash: &mut Model<WRITE>,
    trial: Option<Trial>,
) -> Result<Step, Failure> {
    let keys = trusted();
    let Ok(manifest) = verify(document, &borrowed(&keys)) else { panic!("it does not verify") };
    let Ok(mut storage) = Storage::open(flash, RECORDS, SLOTS, LENGTH) else {
        return Ok(Step::Pending);
    };
    if let Some(trial) = trial {
        storage = storage.with_trial(trial);
    }
    let mut device = Device { storage: &storage };
    let mut journal = FlashJournal::<_, 128>::new(&storage);
    let (mut tree, mut engine) = (Tree::new(manifest), Engine::<2, 4>::new());
    let mut options = Options::default();
    options.needs_identity_checks = false;
    engine.start(&tree, Procedure::Update, options, &mut device, &mut journal)?;
    engine.run(&mut tree, &mut device, &mut journal)
}

/// What the device would boot.
fn booted<const WRITE: usize>(flash: &mut Model<WRITE>) -> Vec<u8> {
    let storage = Storage::open(flash, RECORDS, SLOTS, LENGTH).unwrap();
    let mut content = vec![0; 2 * PAGE];
    let core::task::Poll::Ready(Ok(length)) = storage.read(Slot::Active, 0, &mut content) else {
        panic!("nothing to boot");
    };
    content.truncate(length);
    content
}

fn cut_everywhere<const WRITE: usize>(document: &[u8]) -> Counts {
    let flash = factory::<WRITE>();
    for_every_cut(
        &flash,
        |flash| {
            let _ = update(document, flash);
        },
        |flash| {
            let content = booted(flash);
            assert!(content == image(1) || content == image(2), "a mixture would boot");
            assert_eq!(update(document, flash), Ok(Step::Done));
            assert_eq!(booted(flash), image(2));
        },
    )
}

#[test]
fn every_cut_leaves_the_old_image_or_the_new_one() {
    let document = envelope();
    let report = |write: usize, counts: Counts| {
        println!("writes of {write} bytes: {counts}");
        assert!(counts.erases <= 4, "{counts}");
        counts.cuts
    };
    let cuts = report(4, cut_everywhere::<4>(&document))
        + report(8, cut_everywhere::<8>(&document))
        + report(16, cut_everywhere::<16>(&document))
        + report(32, cut_everywhere::<32>(&document));
    println!("power cuts: {cuts}");
}

/// As many operations again as all the others together: `.ci/nightly` runs it.
#[test]
#[ignore = "takes minutes; run it by name or with --include-ignored"]
fn every_cut_with_writes_of_one_byte() {
    println!("writes of 1 byte: {}", cut_everywhere::<1>(&envelope()));
}

fn trial() -> Trial {
    Trial::new(2).until(Time::from_unix(1000))
}

/// An updated device whose new image is on trial.
fn on_trial() -> Model<8> {
    let mut flash = factory::<8>();
    assert_eq!(update_with(&envelope(), &mut flash, Some(trial())), Ok(Step::Done));
    flash
}

fn open(flash: &mut Model<8>) -> Storage<&mut Model<8>> {
    Storage::open(flash, RECORDS, SLOTS, LENGTH).unwrap()
}

const NOW: Clock = Clock::Trusted(Time::from_unix(999));

#[test]
fn an_image_that_is_confirmed_stays() {
    let mut flash = on_trial();
    let storage = open(&mut flash);
    assert_eq!(storage.boot(NOW), Ok(Boot::Trial { left: 1 }));
    assert_eq!(storage.sequence_number(), Ok(Some(1)), "the old image could still be booted");
    assert_eq!(storage.confirm(), Ok(()));
    assert_eq!(storage.confirm(), Ok(()));
    assert_eq!(storage.sequence_number(), Ok(Some(2)));
    for _ in 0..5 {
        assert_eq!(storage.boot(Clock::Unknown), Ok(Boot::Confirmed));
    }
    assert_eq!(booted(&mut flash), image(2));
}

#[test]
fn an_image_that_is_not_confirmed_is_taken_back() {
    let mut flash = on_trial();
    let storage = open(&mut flash);
    assert_eq!(storage.boot(NOW), Ok(Boot::Trial { left: 1 }));
    assert_eq!(storage.boot(Clock::Unknown), Ok(Boot::Trial { left: 0 }));
    assert_eq!(storage.boot(NOW), Ok(Boot::Reverted));
    assert_eq!(storage.boot(NOW), Ok(Boot::Confirmed));
    assert_eq!(storage.sequence_number(), Ok(Some(1)));
    assert_eq!(booted(&mut flash), image(1));
    // The update can be tried again.
    assert_eq!(update_with(&envelope(), &mut flash, Some(trial())), Ok(Step::Done));
    let late = Clock::NotBefore(Time::from_unix(1000));
    assert_eq!(open(&mut flash).boot(late), Ok(Boot::Reverted));
    assert_eq!(booted(&mut flash), image(1));
}

/// Whenever the power fails in a trial, what boots is whole, and the sequence number is that of
/// what is confirmed.
#[test]
fn a_trial_survives_every_cut() {
    let flash = on_trial();
    let counts = for_every_cut(
        &flash,
        |flash| {
            let storage = open(flash);
            let _ = storage.boot(NOW).and_then(|_| storage.confirm());
        },
        |flash| {
            let storage = open(flash);
            let number = storage.sequence_number().unwrap();
            let boot = storage.boot(NOW).unwrap();
            assert_ne!(boot, Boot::Reverted, "two boots are allowed");
            assert!(number == Some(2) || boot != Boot::Confirmed);
            assert_eq!(storage.confirm(), Ok(()));
            assert_eq!(storage.sequence_number(), Ok(Some(2)));
            assert_eq!(booted(flash), image(2));
        },
    );
    println!("a trial: {counts}");
    let counts = for_every_cut(
        &flash,
        |flash| {
            let storage = open(flash);
            let _ = (0..3).try_for_each(|_| storage.boot(NOW).map(drop));
        },
        |flash| {
            let storage = open(flash);
            let reverted = (0..3).find(|_| storage.boot(NOW) != Ok(Boot::Trial { left: 0 }));
            assert!(reverted.is_some());
            while storage.boot(NOW) != Ok(Boot::Confirmed) {}
            assert_eq!(storage.sequence_number(), Ok(Some(1)));
            assert_eq!(booted(flash), image(1));
        },
    );
    println!("a trial that fails: {counts}");
}
