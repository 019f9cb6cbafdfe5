//! The journal: the power is cut at every word that is programmed and every page that is erased,
//! in every way that the model knows, for every write granularity.

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

use alloc::collections::BTreeMap;
use core::cell::{Cell, RefCell};

use iotops_journal::model::{Counts, Flash, for_every_cut};
use iotops_journal::{Error, Journal, rules};

type Values = BTreeMap<u8, Vec<u8>>;

const PAGE: usize = 1024;

fn values<const W: usize>(flash: &mut Flash<W, PAGE>, journal: &Journal) -> Values {
    let mut keys = Vec::new();
    journal.list(flash, &mut |key, length| keys.push((key, length))).unwrap();
    let mut buffer = [0; PAGE];
    let read = |(key, length)| {
        let value = journal.read(flash, key, &mut buffer).unwrap().unwrap().to_vec();
        assert_eq!(value.len(), usize::from(length));
        (key, value)
    };
    keys.into_iter().map(read).collect()
}

fn open<const W: usize>(flash: &mut Flash<W, PAGE>) -> Result<Journal, Error> {
    let end = flash.erases().len() * PAGE;
    Journal::open(flash, 0..end as u32)
}

/// A value that tells which one it is, with a blank end: what is erased must not pass for it.
fn value(number: u8, length: usize) -> Vec<u8> {
    let mut value = vec![0xff; length];
    value.iter_mut().take(length / 2).for_each(|byte| *byte = number);
    value
}

/// Flash with a journal whose newest area holds `records` appended ones.
fn prepared<const W: usize>(pages: usize, records: u8) -> (Flash<W, PAGE>, Values) {
    let mut flash = Flash::<W, PAGE>::new(pages, 7);
    let end = (pages * PAGE) as u32;
    Journal::format(&mut flash, 0..end).unwrap();
    let mut journal = open(&mut flash).unwrap();
    for number in 0..records {
        journal.append(&mut flash, number % 3, &value(number, 20)).unwrap();
    }
    let values = values(&mut flash, &journal);
    assert_eq!(flash.faults(), 0);
    (flash, values)
}

/// What was asked for: the values after each step.
struct Steps {
    states: Vec<Values>,
    /// The last one that was acknowledged.
    done: Cell<usize>,
}

impl Steps {
    fn new(before: Values, appends: &[(u8, Vec<u8>)]) -> Self {
        let mut states = vec![before];
        for (key, value) in appends {
            let mut next = states.last().unwrap().clone();
            next.insert(*key, value.clone());
            states.push(next);
        }
        Self { states, done: Cell::new(0) }
    }

    /// Between what was acknowledged and what was begun.
    fn assert_lawful(&self, found: &Values) {
        let done = self.done.get();
        let lawful = &self.states[done..(done + 2).min(self.states.len())];
        assert!(lawful.contains(found), "{found:02x?} is none of {lawful:02x?}");
    }
}

fn run<const W: usize>(flash: &mut Flash<W, PAGE>, appends: &[(u8, Vec<u8>)], steps: &Steps) {
    steps.done.set(0);
    let Ok(mut journal) = open(flash) else { return };
    for (key, value) in appends {
        if journal.append(flash, *key, value).is_err() {
            return;
        }
        steps.done.set(steps.done.get() + 1);
    }
}

/// Opens five times: each time it must say the same, and then take a record.
fn settle<const W: usize>(flash: &mut Flash<W, PAGE>, steps: &Steps) {
    let first = values_after_restart(flash);
    steps.assert_lawful(&first);
    for _ in 0..4 {
        assert_eq!(values_after_restart(flash), first, "it was said otherwise before");
    }
    let mut journal = open(flash).unwrap();
    for number in 0..30 {
        journal.append(flash, 9, &[number; 30]).unwrap();
        if number == 15 {
            flash.restart();
            journal = open(flash).unwrap();
        }
    }
    let mut last = first;
    last.insert(9, vec![29; 30]);
    assert_eq!(values(flash, &journal), last);
    assert_eq!(flash.faults(), 0, "no word is programmed twice");
}

fn values_after_restart<const W: usize>(flash: &mut Flash<W, PAGE>) -> Values {
    flash.restart();
    let journal = open(flash).unwrap();
    values(flash, &journal)
}

fn single<const W: usize>() {
    let mut total = Counts::default();
    for (pages, records) in [(3, 0), (3, 2), (3, 9), (4, 40)] {
        let (flash, before) = prepared::<W>(pages, records);
        // The last one has no value, so that its head is nearly all of it.
        let appends =
            [(1, value(0x51, 33)), (5, value(0x52, 0)), (1, value(0x53, 70)), (2, vec![])];
        let steps = Steps::new(before, &appends);
        let counts = for_every_cut(
            &flash,
            |flash| run(flash, &appends, &steps),
            |flash| settle(flash, &steps),
        );
        total.cuts += counts.cuts;
        total.operations += counts.operations;
        total.erases = total.erases.max(counts.erases);
    }
    println!("write {W}: {total}, with those of 30 records that the check appends");
    assert!(total.cuts > 500);
}

/// Cuts what the device does after a cut: opening, and the next record.
fn double<const W: usize>() {
    let (flash, before) = prepared::<W>(3, 2);
    let appends = [(1, value(0x51, 17)), (2, vec![])];
    let steps = Steps::new(before, &appends);
    let mut second = 0;
    let counts = for_every_cut(
        &flash,
        |flash| run(flash, &appends, &steps),
        |flash| {
            let seen = RefCell::new(None::<Values>);
            let next = vec![0x77; 8];
            let counts = for_every_cut(
                flash,
                |flash| {
                    seen.replace(None);
                    let Ok(mut journal) = open(flash) else { return };
                    // With the power off nothing is to be read; a device would not come here.
                    let mut copy = flash.clone();
                    if !copy.restart() {
                        seen.replace(Some(values(&mut copy, &journal)));
                    }
                    let _ = journal.append(flash, 1, &next);
                },
                |flash| {
                    let first = values_after_restart(flash);
                    match &*seen.borrow() {
                        Some(seen) => {
                            let mut after = seen.clone();
                            after.insert(1, next.clone());
                            assert!(first == *seen || first == after, "{first:02x?} {seen:02x?}");
                        }
                        None => steps.assert_lawful(&first),
                    }
                    assert_eq!(values_after_restart(flash), first);
                    assert_eq!(flash.faults(), 0);
                },
            );
            second += counts.cuts;
        },
    );
    println!("write {W}: {} first cuts, {second} second ones", counts.cuts);
    assert!(second > counts.cuts);
}

#[test]
fn writes_of_1() {
    single::<1>();
}

#[test]
fn writes_of_4() {
    single::<4>();
}

#[test]
fn writes_of_8() {
    single::<8>();
}

#[test]
fn writes_of_16() {
    single::<16>();
}

#[test]
fn writes_of_32() {
    single::<32>();
}

#[test]
fn a_cut_after_a_cut_with_writes_of_8() {
    double::<8>();
}

#[test]
fn a_cut_after_a_cut_with_writes_of_16() {
    double::<16>();
}

#[test]
fn a_cut_after_a_cut_with_writes_of_32() {
    double::<32>();
}

#[test]
fn formatting_begins_anew_after_a_cut() {
    let flash = Flash::<8, PAGE>::new(3, 3);
    let range = 0..(3 * PAGE) as u32;
    let counts = for_every_cut(
        &flash,
        |flash| drop(Journal::format(flash, range.clone())),
        |flash| {
            let journal = match open(flash) {
                Ok(journal) => journal,
                Err(error) => {
                    assert_eq!(error.rule(), rules::NO_JOURNAL);
                    Journal::format(flash, range.clone()).unwrap()
                }
            };
            assert!(values(flash, &journal).is_empty());
            assert_eq!(flash.faults(), 0);
        },
    );
    println!("format: {counts}");
}
