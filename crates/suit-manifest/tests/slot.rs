//! Blocks in any order on a model of NOR flash: the power is cut at every word and page, in every
//! way, and the image is whole in the end, with no word programmed twice.

#![cfg(all(feature = "flash", feature = "discovery"))]
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

use core::ops::Range;

use embedded_storage::nor_flash::NorFlash as _;
use iotops_crypto::{Algorithm, digest};
use iotops_journal::model::{Flash, Tear, Torn, for_every_cut};
use suit_manifest::discover::{BlockStore as _, Blocks, Progress, Received};
use suit_manifest::model::SuitDigest;
use suit_manifest::process::{Fault, Slot, SlotBlocks, Storage};
use suit_manifest::{Error, rules};

const PAGE: usize = 512;
const RECORDS: Range<u32> = 0..3 * PAGE as u32;
const MARKS: Range<u32> = 3 * PAGE as u32..5 * PAGE as u32;
const SLOTS: [u32; 2] = [5 * PAGE as u32, 8 * PAGE as u32];
const LENGTH: u32 = 3 * PAGE as u32;
const TAG: u64 = 0x1234;

type Model<const WRITE: usize> = Flash<WRITE, PAGE>;

fn image() -> Vec<u8> {
    (0..2 * PAGE + 100).map(|at| (at * 31 % 253) as u8).collect()
}

fn blocks(length: u32) -> Blocks {
    Blocks::new(image().len() as u64, length).unwrap()
}

fn formatted<const WRITE: usize>() -> Model<WRITE> {
    let mut flash = Model::<WRITE>::new(11, 5);
    let _ = Storage::format(&mut flash, RECORDS, SLOTS, LENGTH).unwrap();
    // The slot holds something else.
    for slot in SLOTS {
        flash.erase(slot, slot + LENGTH).unwrap();
        flash.write(slot, &vec![0x5a; LENGTH as usize]).unwrap();
    }
    flash
}

/// A group that sends every block, in an order of its own; gives how many were new.
fn receive<const WRITE: usize>(flash: &mut Model<WRITE>, length: u32) -> Result<usize, Error> {
    let failed = |_: Fault| Error::new(rules::DOWNLOAD_STORE, 0);
    let storage = Storage::open(flash, RECORDS, SLOTS, LENGTH).map_err(failed)?;
    let mut store = SlotBlocks::open(&storage, MARKS, blocks(length), TAG).map_err(failed)?;
    let blocks = blocks(length);
    let (image, count) = (image(), blocks.count());
    let mut new = 0;
    // Then what is still missing, or was forgotten on the way.
    let mut order = (0..count).map(|at| (at * 7 + 3) % count);
    while let Some(block) = match order.next() {
        Some(block) => Some(block),
        None => blocks.next_missing(0, &mut store)?,
    } {
        let (offset, size) = blocks.place(block).unwrap();
        let bytes = &image[offset as usize..offset as usize + size as usize];
        new += usize::from(blocks.receive(block, bytes, &mut store)? == Received::Taken);
    }
    check(&blocks, &mut store)?;
    Ok(new)
}

fn check<const WRITE: usize>(
    blocks: &Blocks,
    store: &mut SlotBlocks<'_, &mut Model<WRITE>>,
) -> Result<(), Error> {
    let computed = digest(Algorithm::Sha256, &[&image()]).unwrap();
    let expected = SuitDigest::new(Algorithm::Sha256, computed.as_bytes())?;
    let mut check = blocks.check(&expected)?;
    while check.step(store, &mut [0; 100])? != Progress::Done {}
    check.finish().map(drop)
}

/// What a device does when it starts again: it goes on, and the image is whole.
fn assert_whole<const WRITE: usize>(flash: &mut Model<WRITE>, length: u32) {
    flash.restart();
    receive(flash, length).unwrap();
    let storage = Storage::open(&mut *flash, RECORDS, SLOTS, LENGTH).unwrap();
    assert!(storage.finish(Slot::Staging, image().len() as u64).is_ready());
    let mut content = vec![0; image().len()];
    assert!(storage.read(Slot::Staging, 0, &mut content).is_ready());
    assert_eq!(content, image());
    assert_eq!(storage.into_flash().faults(), 0, "a word was programmed twice");
}

fn cuts<const WRITE: usize>(length: u32) {
    let flash = formatted::<WRITE>();
    let run = |flash: &mut Model<WRITE>| {
        let _ = receive(flash, length);
    };
    let counts = for_every_cut(&flash, run, |flash| assert_whole(flash, length));
    println!("write {WRITE}, blocks of {length}: {counts}");
    assert!(counts.cuts > 500);
}

#[test]
fn every_cut_ends_in_the_whole_image() {
    // Several blocks on a page; a page for each; several pages for each.
    cuts::<8>(64);
    cuts::<16>(128);
    cuts::<32>(PAGE as u32);
    cuts::<16>(3 * PAGE as u32);
}

/// The power fails while a torn block is put right.
#[test]
fn a_second_cut_ends_in_the_whole_image_too() {
    let mut flash = formatted::<32>();
    let before = flash.operations();
    receive(&mut flash, 256).unwrap();
    let operations = flash.operations() - before;
    let (mut total, mut renewed) = (0, 0);
    for after in (0..operations).rev().step_by(11) {
        let mut torn = formatted::<32>();
        torn.cut(after, Torn::Random, Tear::Call);
        assert!(receive(&mut torn, 256).is_err());
        torn.restart();
        renewed += u32::from(slot_is_erased_again(&torn));
        let run = |flash: &mut Model<32>| {
            let _ = receive(flash, 256);
        };
        total += for_every_cut(&torn, run, |flash| assert_whole(flash, 256)).cuts;
    }
    println!("second cuts: {total}, where a block was put right: {renewed}");
    assert!(total > 1000 && renewed > 2);
}

/// Whether a page of the slot is erased when the device goes on: a block was torn.
fn slot_is_erased_again(torn: &Model<32>) -> bool {
    let mut flash = torn.clone();
    let pages = |flash: &Model<32>| flash.erases()[SLOTS[1] as usize / PAGE..].to_vec();
    let before = pages(&flash);
    receive(&mut flash, 256).unwrap();
    pages(&flash) != before
}

#[test]
fn what_was_received_is_not_asked_for_again() {
    let mut flash = formatted::<8>();
    let length = 64;
    let count = blocks(length).count();
    assert_eq!(receive(&mut flash, length).unwrap() as u32, count);
    assert_eq!(receive(&mut flash, length).unwrap(), 0);
    let storage = Storage::open(&mut flash, RECORDS, SLOTS, LENGTH).unwrap();
    let open = |tag| SlotBlocks::open(&storage, MARKS, blocks(length), tag).unwrap();
    assert!(open(TAG).contains(count - 1).unwrap());
    // Another image begins with an empty slot, and so does this one afterwards.
    assert!(!open(TAG + 1).contains(0).unwrap());
    assert!(!open(TAG).contains(0).unwrap());
    let mut store = open(TAG);
    blocks(length).receive(3, &image()[192..256], &mut store).unwrap();
    assert!(open(TAG).contains(3).unwrap());
    let begun = SlotBlocks::begin(&storage, MARKS, blocks(length), TAG).unwrap().contains(3);
    assert_eq!(begun, Ok(false));
    // As many blocks, but longer ones.
    let [short, long] = [2, 3].map(|pages| Blocks::new(1000, pages * PAGE as u32).unwrap());
    assert_eq!((short.count(), long.count()), (1, 1));
    let open = |blocks| SlotBlocks::open(&storage, MARKS, blocks, TAG).unwrap();
    short.receive(0, &image()[..1000], &mut open(short)).unwrap();
    assert_eq!(open(short).contains(0), Ok(true));
    assert_eq!(open(long).contains(0), Ok(false));
}

#[test]
fn blocks_must_suit_the_flash() {
    let mut flash = formatted::<16>();
    let storage = Storage::open(&mut flash, RECORDS, SLOTS, LENGTH).unwrap();
    let open = |size, length, marks| {
        let blocks = Blocks::new(size, length).unwrap();
        SlotBlocks::open(&storage, marks, blocks, TAG).err()
    };
    assert_eq!(open(1000, 64, MARKS), None);
    assert_eq!(open(1000, 40, MARKS), Some(Fault::Unsupported), "parts of words");
    assert_eq!(open(1000, 96, MARKS), Some(Fault::Unsupported), "parts of pages");
    assert_eq!(open(1000, 768, MARKS), Some(Fault::Unsupported), "a page and a half");
    assert_eq!(open(u64::from(LENGTH) + 1, 64, MARKS), Some(Fault::Unsupported), "too large");
    assert_eq!(open(1000, 16, MARKS), Some(Fault::Unsupported), "too many marks");
    let odd = MARKS.start..MARKS.end - 1;
    assert_eq!(open(1000, 64, odd), Some(Fault::Unsupported), "half a page of marks");
}
