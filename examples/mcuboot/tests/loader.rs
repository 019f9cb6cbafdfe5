//! The application and a model of MCUboot in turns, on a model of flash whose power is cut.

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
use std::process::Command;

use embedded_storage::nor_flash::{NorFlash as _, ReadNorFlash as _};
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::{Algorithm, digest};
use iotops_journal::Journal;
use iotops_journal::model::{Flash, Tear, Torn};
use iotops_mcuboot::{Device, Flag, Layout, Magic, Network, Outcome, Trailer, confirm, run};
use suit_manifest::model::{Action, Condition, ReportingPolicy, Section};
use suit_manifest::process::{Answer, Storage, ready};
use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder, rules};

const PAGE: usize = 1024;
const SLOT: u32 = 2 * PAGE as u32;
const RECORDS: core::ops::Range<u32> = 2 * SLOT..2 * SLOT + 3 * PAGE as u32;
const TRIED: core::ops::Range<u32> = RECORDS.end..RECORDS.end + 3 * PAGE as u32;
const PAGES: usize = 10;
const VENDOR: [u8; 16] = [1; 16];
const CLASS: [u8; 16] = [2; 16];

type Model<const WRITE: usize> = Flash<WRITE, PAGE>;

const fn layout(write: usize) -> Layout {
    let align = if write < 8 { 8 } else { write as u32 };
    Layout { starts: [0, SLOT], length: SLOT, align }
}

const fn trailer(write: usize, slot: u32) -> Trailer {
    Trailer::new((slot + 1) * SLOT, layout(write).align)
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

fn envelope() -> Vec<u8> {
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
    let mut draft = ManifestBuilder::new(2)
        .component(&[b"primary"])
        .component(&[b"secondary"])
        .shared_sequence(shared)
        .section(Section::PayloadFetch, &either(&fetch))
        .section(Section::Install, &either(&swap))
        .section(Section::Validate, &at(0).condition(Condition::ImageMatch, none))
        .build()
        .unwrap();
    draft.sign(&mut key()).unwrap();
    draft.envelope().unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Swap {
    None,
    Test,
    Permanent,
    Revert,
}

/// MCUboot's tables of swaps (`docs/design.md`, "Image swapping"): the first row that fits. A trailer
/// that cannot be read is one that is not there.
fn swap_type<const WRITE: usize>(flash: &mut Model<WRITE>) -> Swap {
    let [primary, secondary] = [trailer(WRITE, 0), trailer(WRITE, 1)];
    if secondary.read_magic(flash) == Ok(Magic::Good) {
        let ok = secondary.read_flag(flash, secondary.image_ok());
        return if ok == Ok(Flag::Unset) { Swap::Test } else { Swap::Permanent };
    }
    let is_reverted = primary.read_magic(flash) == Ok(Magic::Good)
        && secondary.read_magic(flash) == Ok(Magic::Unset)
        && primary.read_flag(flash, primary.image_ok()) == Ok(Flag::Unset)
        && primary.read_flag(flash, primary.copy_done()) == Ok(Flag::Set);
    if is_reverted { Swap::Revert } else { Swap::None }
}

/// Which image runs after the boot loader did its work; 0 is a mixture. Its own swap is not cut:
/// that it survives is MCUboot's affair.
fn boot<const WRITE: usize>(flash: &mut Model<WRITE>) -> u8 {
    let kind = swap_type(flash);
    if kind != Swap::None {
        let length = trailer(WRITE, 0).start();
        let mut contents = [0, SLOT].map(|start| {
            let mut content = vec![0; length as usize];
            flash.read(start, &mut content).unwrap();
            content
        });
        contents.reverse();
        flash.erase(0, 2 * SLOT).unwrap();
        for (start, content) in [0, SLOT].into_iter().zip(&contents) {
            flash.write(start, content).unwrap();
        }
        let mut byte = vec![0xff; WRITE];
        byte[0] = 1;
        flash.write(trailer(WRITE, 0).copy_done(), &byte).unwrap();
        if kind != Swap::Test {
            flash.write(trailer(WRITE, 0).image_ok(), &byte).unwrap();
        }
        write_magic(flash);
    }
    let mut content = vec![0; image(0).len().next_multiple_of(32)];
    flash.read(0, &mut content).unwrap();
    content.truncate(image(0).len());
    [1, 2].into_iter().find(|of| image(*of) == content).unwrap_or(0)
}

/// The magic of the primary slot, as it is in the secondary slot of another flash.
fn write_magic<const WRITE: usize>(flash: &mut Model<WRITE>) {
    let mut other = erased::<WRITE>();
    trailer(WRITE, 1).set_pending(&mut other).unwrap();
    let length = WRITE.max(16) as u32;
    let mut magic = vec![0; length as usize];
    other.read(2 * SLOT - length, &mut magic).unwrap();
    flash.write(SLOT - length, &magic).unwrap();
}

/// What the application does when it starts; `None` if the power failed.
fn application<const WRITE: usize>(
    flash: &mut Model<WRITE>,
    envelope: &[u8],
    confirms: bool,
) -> Option<Outcome> {
    // Two parts of one flash that never overlap, each of them lent to one owner.
    let slots = RefCell::new(&mut *flash);
    let shared = Shared(&slots);
    let records = Storage::open(shared, RECORDS, [0, 0], 0).ok()?;
    let mut tried = Journal::open(&mut { shared }, TRIED).ok()?;
    let mut network = Server;
    let slots = RefCell::new(shared);
    let identity = [VENDOR, CLASS];
    let mut device =
        Device::new(&slots, layout(WRITE), &records, &mut tried, &mut network, identity);
    let verifying = key().verifying_key();
    let outcome = run(envelope, &[&verifying], &mut device).unwrap();
    if outcome == Outcome::OnTrial && confirms {
        confirm(&mut device).ok()?;
    }
    Some(outcome)
}

/// One flash with several owners.
#[derive(Clone, Copy)]
struct Shared<'s, 'f, const WRITE: usize>(&'s RefCell<&'f mut Model<WRITE>>);

impl<const WRITE: usize> embedded_storage::nor_flash::ErrorType for Shared<'_, '_, WRITE> {
    type Error = iotops_journal::model::Failure;
}

impl<const WRITE: usize> embedded_storage::nor_flash::ReadNorFlash for Shared<'_, '_, WRITE> {
    const READ_SIZE: usize = Model::<WRITE>::READ_SIZE;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.borrow_mut().read(offset, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.borrow().capacity()
    }
}

impl<const WRITE: usize> embedded_storage::nor_flash::NorFlash for Shared<'_, '_, WRITE> {
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        self.0.borrow_mut().erase(from, to)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0.borrow_mut().write(offset, bytes)
    }
}

fn erased<const WRITE: usize>() -> Model<WRITE> {
    let mut flash = Model::<WRITE>::new(PAGES, 1);
    flash.erase(0, (PAGES * PAGE) as u32).unwrap();
    flash
}

fn factory<const WRITE: usize>() -> Model<WRITE> {
    let mut flash = erased::<WRITE>();
    flash.put(0, &image(1));
    Journal::format(&mut flash, TRIED).unwrap();
    let records = Storage::format(&mut flash, RECORDS, [0, 0], 0).unwrap();
    records.store_sequence_number(1).unwrap();
    flash
}

fn life<const WRITE: usize>() {
    let (mut flash, envelope) = (factory::<WRITE>(), envelope());
    assert_eq!(boot(&mut flash), 1);
    assert_eq!(application(&mut flash, &envelope, true), Some(Outcome::Restart));
    assert_eq!(swap_type(&mut flash), Swap::Test);
    assert_eq!(boot(&mut flash), 2);
    assert_eq!(application(&mut flash, &envelope, true), Some(Outcome::OnTrial));
    for _ in 0..3 {
        assert_eq!(boot(&mut flash), 2);
        assert_eq!(application(&mut flash, &envelope, true), Some(Outcome::UpToDate));
    }
    assert_eq!(flash.faults(), 0);
}

#[test]
fn an_update_is_swapped_in_tried_and_confirmed() {
    life::<1>();
    life::<4>();
    life::<8>();
    life::<16>();
    life::<32>();
}

#[test]
fn an_update_that_is_not_confirmed_is_taken_back_and_told() {
    let (mut flash, envelope) = (factory::<8>(), envelope());
    application(&mut flash, &envelope, false);
    assert_eq!(boot(&mut flash), 2);
    // It crashes in its tests of itself.
    assert_eq!(boot(&mut flash), 1);
    let told = application(&mut flash, &envelope, false);
    let Some(Outcome::Failed(failure)) = told else { panic!("{told:?}") };
    assert_eq!(failure.error().rule(), rules::DIRECTIVE);
    assert_eq!(boot(&mut flash), 1);
    // It can be tried again.
    assert_eq!(application(&mut flash, &envelope, true), Some(Outcome::Restart));
    assert_eq!(boot(&mut flash), 2);
    assert_eq!(application(&mut flash, &envelope, true), Some(Outcome::OnTrial));
    assert_eq!(boot(&mut flash), 2);
}

/// One life: boot, run, boot, run, until nothing is to be done; the power may fail on the way.
fn live<const WRITE: usize>(flash: &mut Model<WRITE>, envelope: &[u8]) -> Option<()> {
    for _ in 0..8 {
        assert_ne!(boot(flash), 0, "a mixture boots");
        if application(flash, envelope, true)? == Outcome::UpToDate {
            return Some(());
        }
    }
    panic!("it does not come to an end");
}

/// The power is cut while the application runs. What a cut leaves of a word is old or new, as
/// MCUboot expects of flash.
fn cut<const WRITE: usize>(starts: u32) -> u64 {
    let (envelope, mut begun, mut cuts) = (envelope(), factory::<WRITE>(), 0);
    for _ in 0..starts {
        application(&mut begun, &envelope, true);
        boot(&mut begun);
    }
    for torn in [Torn::Old, Torn::New] {
        for after in 0.. {
            let mut flash = begun.clone();
            flash.cut(after, torn, Tear::Word);
            let _ = application(&mut flash, &envelope, true);
            if !flash.restart() {
                break;
            }
            cuts += 1;
            live(&mut flash, &envelope).unwrap();
            assert_eq!(boot(&mut flash), 2, "after {after}, {torn:?}");
        }
    }
    cuts
}

#[test]
fn the_power_may_fail_at_any_time() {
    let cuts = [cut::<4>(0), cut::<4>(1), cut::<8>(0), cut::<8>(1), cut::<32>(0), cut::<32>(1)];
    println!("mcuboot: {cuts:?} power cuts");
    assert!(cuts.into_iter().all(|cuts| cuts > 20), "{cuts:?}");
}

/// The offsets that MCUboot's `bootutil_public.c` computes, by hand.
#[test]
fn fields_are_where_the_boot_loader_looks() {
    for (align, [magic, ok, done, info, size]) in [
        (8, [0x0ff0, 0x0fe8, 0x0fe0, 0x0fd8, 0x0fd0]),
        (16, [0x0ff0, 0x0fe0, 0x0fd0, 0x0fc0, 0x0fb0]),
        (32, [0x0ff0, 0x0fc0, 0x0fa0, 0x0f80, 0x0f60]),
    ] {
        let trailer = Trailer::new(0x1000, align);
        let found = [trailer.magic(), trailer.image_ok(), trailer.copy_done(), trailer.swap_info()];
        assert_eq!(found, [magic, ok, done, info], "{align}");
        assert_eq!(trailer.start(), size, "{align}");
    }
}

/// `imgtool` writes trailers too, all but the kind of the swap.
fn compare<const WRITE: usize>(imgtool: &str) {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let [plain, padded] =
        ["plain", "padded"].map(|name| folder.join(format!("{name}-{WRITE}.bin")));
    std::fs::write(&plain, &image(2)[..PAGE / 2]).unwrap();
    let align = layout(WRITE).align;
    let sign = |more: &[&str], out: &std::path::Path| {
        let status = Command::new(imgtool)
            .args(["sign", "--version", "1.0.0", "--header-size", "32", "--pad-header"])
            .args(["--align", &WRITE.to_string(), "--max-align", &align.to_string()])
            .args(["--slot-size", &SLOT.to_string(), "--max-sectors", "2"])
            .args(more)
            .args([&plain, out])
            .status()
            .unwrap();
        assert!(status.success());
        std::fs::read(out).unwrap()
    };
    let bare = sign(&[], &padded);
    let whole = sign(&["--pad", "--test"], &padded);
    let mut flash = erased::<WRITE>();
    flash.put(SLOT as usize, &bare);
    trailer(WRITE, 1).set_pending(&mut flash).unwrap();
    let mut ours = vec![0; SLOT as usize];
    flash.read(SLOT, &mut ours).unwrap();
    let info = (trailer(WRITE, 1).swap_info() - SLOT) as usize;
    assert_eq!(core::mem::replace(&mut ours[info], 0xff), 2);
    let differs = ours.iter().zip(&whole).position(|(one, other)| one != other);
    assert_eq!((differs, ours.len()), (None, whole.len()), "writes of {WRITE} bytes");
    let confirmed = sign(&["--pad", "--confirm"], &padded);
    flash.put(SLOT as usize, &confirmed);
    let trailer = trailer(WRITE, 1);
    assert_eq!(trailer.read_magic(&mut flash), Ok(Magic::Good));
    assert_eq!(trailer.read_flag(&mut flash, trailer.image_ok()), Ok(Flag::Set));
    assert_eq!(swap_type(&mut flash), Swap::Permanent);
}

#[test]
fn imgtool_writes_the_same() {
    let Ok(imgtool) = std::env::var("IOTOPS_IMGTOOL") else {
        println!("IOTOPS_IMGTOOL is not set: nothing was compared");
        return;
    };
    compare::<4>(&imgtool);
    compare::<8>(&imgtool);
    compare::<16>(&imgtool);
    compare::<32>(&imgtool);
    println!("imgtool: 4 slots alike");
}
