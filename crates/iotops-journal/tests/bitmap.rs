//! The bitmap and numbers: cuts at every operation, and what is refused.

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

extern crate alloc;

use alloc::collections::BTreeSet;
use core::cell::RefCell;

use iotops_journal::bitmap::Purpose;
use iotops_journal::model::{Flash, for_every_cut};
use iotops_journal::{Bitmap, Error, Journal, rules};

const PAGE: usize = 512;
const BLOCKS: u32 = 9;
const JOURNAL: core::ops::Range<u32> = 0..3 * PAGE as u32;

fn purpose(tag: u64) -> Purpose {
    Purpose { range: 3 * PAGE as u32..5 * PAGE as u32, key: 200, tag, blocks: BLOCKS }
}

fn blocks<const W: usize>(flash: &mut Flash<W, PAGE>, bitmap: &Bitmap) -> BTreeSet<u32> {
    (0..BLOCKS).filter(|block| bitmap.contains(flash, *block).unwrap()).collect()
}

/// What was told to the caller, and what it asked for since then.
#[derive(Default)]
struct Told {
    certain: BTreeSet<u32>,
    begun: Option<u32>,
}

/// Receives every second block that is missing.
fn receive<const W: usize>(flash: &mut Flash<W, PAGE>, told: &RefCell<Told>) -> Result<(), Error> {
    let mut journal = Journal::open(flash, JOURNAL)?;
    let mut bitmap = match Bitmap::resume(flash, &mut journal, &purpose(1))? {
        Some(bitmap) => bitmap,
        None => Bitmap::create(flash, &mut journal, &purpose(1))?,
    };
    *told.borrow_mut() = Told { certain: blocks(flash, &bitmap), begun: None };
    let mut from = 0;
    while let Some(block) = bitmap.next_missing(flash, from)? {
        told.borrow_mut().begun = Some(block);
        bitmap.insert(flash, block)?;
        told.borrow_mut().certain.insert(block);
        told.borrow_mut().begun = None;
        from = block + 2;
    }
    Ok(())
}

fn assert_as_told<const W: usize>(flash: &mut Flash<W, PAGE>, told: &RefCell<Told>) {
    let mut decided = None;
    for _ in 0..4 {
        flash.restart();
        let mut journal = Journal::open(flash, JOURNAL).unwrap();
        let Some(bitmap) = Bitmap::resume(flash, &mut journal, &purpose(1)).unwrap() else {
            assert!(told.borrow().certain.is_empty() && decided.is_none());
            continue;
        };
        let found = blocks(flash, &bitmap);
        let told = told.borrow();
        let more: BTreeSet<u32> = found.difference(&told.certain).copied().collect();
        assert!(told.certain.is_subset(&found), "{:?} {found:?}", told.certain);
        assert!(more.iter().all(|block| Some(*block) == told.begun), "{more:?}");
        assert_eq!(
            decided.get_or_insert_with(|| found.clone()),
            &found,
            "it was decided otherwise"
        );
    }
    assert_eq!(flash.faults(), 0);
}

fn cuts<const W: usize>(has_second: bool) {
    let mut flash = Flash::<W, PAGE>::new(5, 11);
    Journal::format(&mut flash, JOURNAL).unwrap();
    let told = RefCell::default();
    let mut run = |flash: &mut Flash<W, PAGE>| {
        *told.borrow_mut() = Told::default();
        let _ = receive(flash, &told);
    };
    // Once from the start, and once going on.
    let first = for_every_cut(&flash, &mut run, |flash| assert_as_told(flash, &told));
    run(&mut flash);
    let before = told.borrow().certain.clone();
    let second = for_every_cut(
        &flash,
        |flash| {
            *told.borrow_mut() = Told { certain: before.clone(), begun: None };
            let _ = receive(flash, &told);
        },
        |flash| {
            let begun = told.borrow().begun;
            assert_as_told(flash, &told);
            if !has_second {
                return;
            }
            // And a second cut while it goes on.
            let inner = RefCell::new(Told { certain: told.borrow().certain.clone(), begun });
            let start = Told { certain: told.borrow().certain.clone(), begun };
            for_every_cut(
                flash,
                |flash| {
                    inner.borrow_mut().certain.clone_from(&start.certain);
                    inner.borrow_mut().begun = start.begun;
                    let _ = receive(flash, &inner);
                },
                |flash| assert_as_told(flash, &inner),
            );
        },
    );
    println!("write {W}: from the start {first}; going on {second}");
    assert!(first.cuts > 200 && second.cuts > 300);
}

#[test]
fn every_cut_leaves_what_was_told() {
    cuts::<4>(false);
    cuts::<8>(true);
    cuts::<16>(false);
    cuts::<32>(true);
}

#[test]
fn every_cut_leaves_what_was_told_with_writes_of_1() {
    let mut flash = Flash::<1, PAGE>::new(5, 11);
    Journal::format(&mut flash, JOURNAL).unwrap();
    let told = RefCell::default();
    let run = |flash: &mut Flash<1, PAGE>| {
        *told.borrow_mut() = Told::default();
        let _ = receive(flash, &told);
    };
    let counts = for_every_cut(&flash, run, |flash| assert_as_told(flash, &told));
    println!("write 1: from the start {counts}");
}

fn refused<T: core::fmt::Debug>(result: Result<T, Error>, rule: iotops_wire::Rule) {
    assert_eq!(result.unwrap_err().rule(), rule);
}

#[test]
fn a_bitmap_is_for_one_purpose() {
    let mut flash = Flash::<8, PAGE>::new(5, 1);
    let mut journal = Journal::format(&mut flash, JOURNAL).unwrap();
    assert!(Bitmap::resume(&mut flash, &mut journal, &purpose(1)).unwrap().is_none());
    let mut bitmap = Bitmap::create(&mut flash, &mut journal, &purpose(1)).unwrap();
    bitmap.insert(&mut flash, 3).unwrap();
    bitmap.insert(&mut flash, 3).unwrap();
    refused(bitmap.insert(&mut flash, BLOCKS), rules::BLOCK);
    refused(bitmap.contains(&mut flash, u32::MAX), rules::BLOCK);
    assert!(Bitmap::resume(&mut flash, &mut journal, &purpose(2)).unwrap().is_none());
    let fewer = Purpose { blocks: 3, ..purpose(1) };
    assert!(Bitmap::resume(&mut flash, &mut journal, &fewer).unwrap().is_none());
    let resumed = Bitmap::resume(&mut flash, &mut journal, &purpose(1)).unwrap().unwrap();
    assert_eq!(blocks(&mut flash, &resumed), BTreeSet::from([3]));
    let other = Bitmap::create(&mut flash, &mut journal, &purpose(2)).unwrap();
    assert_eq!(other.next_missing(&mut flash, 0).unwrap(), Some(0));
    journal.append(&mut flash, 200, b"something else").unwrap();
    refused(Bitmap::resume(&mut flash, &mut journal, &purpose(2)), rules::BITMAP);
    journal.append(&mut flash, 200, &[7]).unwrap();
    refused(Bitmap::resume(&mut flash, &mut journal, &purpose(2)), rules::BITMAP);
    let many = Purpose { blocks: 65, ..purpose(1) };
    refused(Bitmap::create(&mut flash, &mut journal, &many), rules::GEOMETRY);
}

/// A cut leaves all blocks or just those kept, and what it is does not change any more.
#[test]
fn blocks_are_forgotten_at_once() {
    let mut flash = Flash::<8, PAGE>::new(5, 3);
    let mut journal = Journal::format(&mut flash, JOURNAL).unwrap();
    let mut bitmap = Bitmap::create(&mut flash, &mut journal, &purpose(1)).unwrap();
    for block in [0, 3, 4, 7] {
        bitmap.insert(&mut flash, block).unwrap();
    }
    let forget = |flash: &mut Flash<8, PAGE>| {
        let mut journal = Journal::open(flash, JOURNAL)?;
        let mut bitmap = Bitmap::resume(flash, &mut journal, &purpose(1))?.unwrap();
        bitmap.retain(flash, &mut journal, &purpose(1), &mut |block| block != 3 && block != 7)?;
        assert_eq!(blocks(flash, &bitmap), BTreeSet::from([0, 4]));
        bitmap.insert(flash, 7)?;
        Ok::<_, Error>(())
    };
    let possible = [&[0, 3, 4, 7][..], &[0, 4], &[0, 4, 7]]
        .map(|all| all.iter().copied().collect::<BTreeSet<u32>>());
    let counts = for_every_cut(
        &flash,
        |flash| {
            let _ = forget(flash);
        },
        |flash| {
            let mut decided = None;
            for _ in 0..3 {
                flash.restart();
                let mut journal = Journal::open(flash, JOURNAL).unwrap();
                let bitmap = Bitmap::resume(flash, &mut journal, &purpose(1)).unwrap().unwrap();
                let found = blocks(flash, &bitmap);
                assert!(possible.contains(&found), "{found:?}");
                assert_eq!(decided.get_or_insert_with(|| found.clone()), &found);
            }
            assert_eq!(flash.faults(), 0);
        },
    );
    println!("forgetting: {counts}");
    assert!(counts.cuts > 200);
}

#[test]
fn numbers_only_rise_when_they_are_to() {
    let mut flash = Flash::<16, PAGE>::new(3, 1);
    let mut journal = Journal::format(&mut flash, JOURNAL).unwrap();
    assert_eq!(journal.read_number(&mut flash, 1).unwrap(), None);
    journal.raise_number(&mut flash, 1, 0).unwrap();
    journal.raise_number(&mut flash, 1, u64::MAX).unwrap();
    let operations = flash.operations();
    journal.raise_number(&mut flash, 1, u64::MAX).unwrap();
    assert_eq!(flash.operations(), operations, "the same costs nothing");
    refused(journal.raise_number(&mut flash, 1, 5), rules::LOWERED);
    journal.write_number(&mut flash, 1, 5).unwrap();
    assert_eq!(journal.read_number(&mut flash, 1).unwrap(), Some(5));
    for wrong in [&[0; 7][..], &[0; 9]] {
        journal.append(&mut flash, 1, wrong).unwrap();
        refused(journal.read_number(&mut flash, 1), rules::NUMBER);
    }
}
