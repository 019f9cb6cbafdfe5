//! The boot loader and the application in turns, on a model of flash whose power is cut.

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

use core::cell::RefCell;

use embassy_boot::{BlockingFirmwareUpdater, BootLoader, BootLoaderConfig, FirmwareUpdaterConfig};
use embassy_embedded_hal::flash::partition::BlockingPartition;
use embassy_sync::blocking_mutex::Mutex;
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::{Algorithm, digest};
use iotops_embassy_boot::{Device, Network, Outcome, confirm, format, open, run};
use iotops_journal::model::{Flash, Tear, Torn};
use suit_manifest::model::{Action, Condition, ReportingPolicy, Section};
use suit_manifest::process::{Answer, ready};
use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder, rules};

const PAGE: usize = 512;
const PAGES: u32 = 9;
// Where each begins, and how long it is: embassy-boot needs a page more for DFU than for what is
// active.
const ACTIVE: (u32, u32) = (0, 2 * PAGE as u32);
const DFU: (u32, u32) = (2 * PAGE as u32, 3 * PAGE as u32);
const STATE: (u32, u32) = (5 * PAGE as u32, PAGE as u32);
const RECORDS: (u32, u32) = (6 * PAGE as u32, 3 * PAGE as u32);
const VENDOR: [u8; 16] = [1; 16];
const CLASS: [u8; 16] = [2; 16];

type Model = Flash<4, PAGE>;
type Shared<'f> = Mutex<NoopRawMutex, RefCell<&'f mut Model>>;

fn partition<'a, 'f>(
    flash: &'a Shared<'f>,
    (start, length): (u32, u32),
) -> BlockingPartition<'a, NoopRawMutex, &'f mut Model> {
    BlockingPartition::new(flash, start, length)
}

fn image(of: u8) -> Vec<u8> {
    (0..PAGE + 101).map(|at| (at as u8).wrapping_mul(7) ^ of).collect()
}

struct Server;

impl Network for Server {
    fn read(&mut self, uri: &str, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        assert_eq!(uri, "coap://example.com/new");
        let image = image(2);
        let rest = &image[(offset as usize).min(image.len())..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        ready(count)
    }
}

fn key() -> SecretKey {
    let seed = std::fs::read(test_support::testdata().join("keys/generated-ed25519-seed.bin"));
    SecretKey::from_raw(KeyType::Ed25519, &seed.unwrap()).unwrap()
}

fn envelope(number: u64) -> Vec<u8> {
    let (new, none) = (image(2), ReportingPolicy::NONE);
    let named = digest(Algorithm::Sha256, &[&new]).unwrap();
    let named: [u8; 32] = named.as_bytes().try_into().unwrap();
    let at = |index| SequenceBuilder::new().set_component(index);
    let shared = SequenceBuilder::new()
        .set_all_components()
        .override_parameters(
            &ParametersBuilder::new()
                .vendor_identifier(&VENDOR)
                .class_identifier(&CLASS)
                .image_digest(&named)
                .image_size(new.len() as u64),
        )
        .condition(Condition::VendorIdentifier, none)
        .condition(Condition::ClassIdentifier, none);
    let is_old = || at(0).condition(Condition::ImageNotMatch, none);
    let fetch = is_old()
        .set_component(1)
        .override_parameters(&ParametersBuilder::new().uri("coap://example.com/new"))
        .action(Action::Fetch, none)
        .condition(Condition::ImageMatch, none);
    let swap = is_old()
        .override_parameters(&ParametersBuilder::new().source_component(1))
        .action(Action::Swap, none);
    let either = |one: &SequenceBuilder| at(0).try_each_or_nothing(&[one.clone(), one.clone()]);
    let mut draft = ManifestBuilder::new(number)
        .component(&[b"active"])
        .component(&[b"dfu"])
        .shared_sequence(shared)
        .section(Section::PayloadFetch, &either(&fetch))
        .section(Section::Install, &either(&swap))
        .section(Section::Validate, &at(0).condition(Condition::ImageMatch, none))
        .build()
        .unwrap();
    draft.sign(&mut key()).unwrap();
    draft.envelope().unwrap()
}

/// Which image runs after the boot loader did its work; 0 is a mixture.
fn boot(flash: &mut Model) -> Option<u8> {
    let shared = Shared::new(RefCell::new(flash));
    let mut loader = BootLoader::new(BootLoaderConfig {
        active: partition(&shared, ACTIVE),
        dfu: partition(&shared, DFU),
        state: partition(&shared, STATE),
    });
    loader.prepare_boot(&mut [0; 64]).ok()?;
    let mut content = vec![0; image(0).len().next_multiple_of(4)];
    let mut active = partition(&shared, ACTIVE);
    embedded_storage::nor_flash::ReadNorFlash::read(&mut active, 0, &mut content).ok()?;
    content.truncate(image(0).len());
    Some([1, 2].into_iter().find(|of| image(*of) == content).unwrap_or(0))
}

/// What the application does when it starts; `None` if the power failed.
fn application(flash: &mut Model, envelope: &[u8], confirms: bool) -> Option<Outcome> {
    let shared = Shared::new(RefCell::new(flash));
    let records = open(partition(&shared, RECORDS), 0..RECORDS.1).ok()?;
    let config =
        FirmwareUpdaterConfig { dfu: partition(&shared, DFU), state: partition(&shared, STATE) };
    let (mut aligned, mut network) = ([0; 4], Server);
    let updater = BlockingFirmwareUpdater::new(config, &mut aligned);
    let active = partition(&shared, ACTIVE);
    let mut device = Device::new(active, updater, &records, &mut network, [VENDOR, CLASS]);
    let verifying = key().verifying_key();
    let outcome = run(envelope, &[&verifying], &mut device).unwrap();
    if outcome == Outcome::OnTrial && confirms {
        confirm(&mut device).ok()?;
    }
    Some(outcome)
}

fn factory() -> Model {
    let mut flash = Model::new(PAGES as usize, 1);
    flash.put(ACTIVE.0 as usize, &image(1));
    let shared = Shared::new(RefCell::new(&mut flash));
    let records = format(partition(&shared, RECORDS), 0..RECORDS.1).unwrap();
    records.store_sequence_number(1).unwrap();
    flash
}

#[test]
fn an_update_is_swapped_in_tried_and_confirmed() {
    let (mut flash, envelope) = (factory(), envelope(2));
    assert_eq!(boot(&mut flash), Some(1));
    assert_eq!(application(&mut flash, &envelope, true), Some(Outcome::Restart));
    assert_eq!(boot(&mut flash), Some(2));
    assert_eq!(application(&mut flash, &envelope, true), Some(Outcome::OnTrial));
    for _ in 0..3 {
        assert_eq!(boot(&mut flash), Some(2));
        assert_eq!(application(&mut flash, &envelope, true), Some(Outcome::UpToDate));
    }
    assert_eq!(flash.faults(), 0);
}

#[test]
fn an_update_that_is_not_confirmed_is_taken_back_and_told() {
    let (mut flash, envelope) = (factory(), envelope(2));
    application(&mut flash, &envelope, false);
    assert_eq!(boot(&mut flash), Some(2));
    // It crashes in its tests of itself.
    assert_eq!(boot(&mut flash), Some(1));
    let told = application(&mut flash, &envelope, false);
    let Some(Outcome::Failed(failure)) = told else { panic!("{told:?}") };
    assert_eq!(failure.error().rule(), rules::DIRECTIVE);
    assert_eq!(boot(&mut flash), Some(1));
    // It can be tried again.
    assert_eq!(application(&mut flash, &envelope, true), Some(Outcome::Restart));
    assert_eq!(boot(&mut flash), Some(2));
    assert_eq!(application(&mut flash, &envelope, true), Some(Outcome::OnTrial));
    assert_eq!(boot(&mut flash), Some(2));
}

#[test]
fn an_envelope_that_nobody_trusted_signed_changes_nothing() {
    let (mut flash, mut envelope) = (factory(), envelope(2));
    let before = flash.operations();
    let place = envelope.windows(2).position(|two| two == [0x58, 0x40]).unwrap();
    envelope[place + 5] ^= 1;
    let shared = Shared::new(RefCell::new(&mut flash));
    let records = open(partition(&shared, RECORDS), 0..RECORDS.1).unwrap();
    let config =
        FirmwareUpdaterConfig { dfu: partition(&shared, DFU), state: partition(&shared, STATE) };
    let (mut aligned, mut network) = ([0; 4], Server);
    let updater = BlockingFirmwareUpdater::new(config, &mut aligned);
    let active = partition(&shared, ACTIVE);
    let mut device = Device::new(active, updater, &records, &mut network, [VENDOR, CLASS]);
    let verifying = key().verifying_key();
    let refused = run(&envelope, &[&verifying], &mut device).unwrap_err();
    assert_eq!(refused.rule(), iotops_crypto::rules::SIGNATURE);
    assert_eq!(flash.operations(), before);
}

/// One life: boot, run, boot, run, until nothing is to be done; the power may fail on the way.
fn live(flash: &mut Model, envelope: &[u8]) -> Option<()> {
    for _ in 0..8 {
        boot(flash)?;
        if application(flash, envelope, true)? == Outcome::UpToDate {
            return Some(());
        }
    }
    panic!("it does not come to an end");
}

/// What a cut leaves is old or new for a write, as embassy-boot expects of flash.
#[test]
fn the_power_may_fail_at_any_time() {
    let (start, envelope) = (factory(), envelope(2));
    let mut cuts = 0_u64;
    for torn in [Torn::Old, Torn::New] {
        for after in 0.. {
            let mut flash = start.clone();
            flash.cut(after, torn, Tear::Word);
            let ended = live(&mut flash, &envelope);
            if !flash.restart() {
                assert_eq!(ended, Some(()));
                break;
            }
            cuts += 1;
            let runs = boot(&mut flash).unwrap();
            assert_ne!(runs, 0, "a mixture boots after {after}");
            live(&mut flash, &envelope).unwrap();
            let ended = boot(&mut flash).unwrap();
            assert_eq!(ended, 2, "after {after}, {torn:?}");
        }
    }
    println!("embassy-boot: {cuts} power cuts");
    assert!(cuts > 1000, "{cuts}");
}
