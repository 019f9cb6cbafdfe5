//! What a journal does without cuts, what it refuses, and random histories with many cuts.

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

use iotops_journal::model::{Flash, Tear, Torn};
use iotops_journal::{Error, Journal, rules};
use proptest::prelude::*;

const PAGE: usize = 512;
const RANGE: core::ops::Range<u32> = 0..3 * PAGE as u32;

fn refused<T: core::fmt::Debug>(result: Result<T, Error>, rule: iotops_wire::Rule) {
    assert_eq!(result.unwrap_err().rule(), rule);
}

#[test]
fn objects_are_small() {
    assert_eq!(size_of::<Error>(), 8);
    assert!(size_of::<Journal>() <= 64, "{}", size_of::<Journal>());
    assert!(size_of::<iotops_journal::Bitmap>() <= 64);
    println!("journal: {} bytes of RAM", size_of::<Journal>());
}

#[test]
fn the_geometry_must_fit() {
    fn open<const W: usize, const E: usize>(pages: usize, range: core::ops::Range<u32>) -> Error {
        Journal::format(&mut Flash::<W, E>::new(pages, 1), range.clone())
            .expect_err(&format!("{W} {E} {range:?}"))
    }
    let page = PAGE as u32;
    for error in [
        open::<8, PAGE>(3, 0..2 * page),
        open::<8, PAGE>(3, 0..5 * page),
        open::<8, PAGE>(4, 8..3 * page + 8),
        open::<8, PAGE>(4, 0..3 * page + 8),
        open::<8, PAGE>(4, page..page),
        #[allow(clippy::reversed_empty_ranges, reason = "a caller may give one")]
        open::<8, PAGE>(4, 3 * page..0),
        open::<3, 513>(4, 0..4 * 513),
        open::<128, PAGE>(4, 0..4 * page),
        open::<8, 16>(300, 0..300 * 16),
    ] {
        assert_eq!(error.rule(), rules::GEOMETRY);
    }
    let mut flash = Flash::<8, PAGE>::new(6, 1);
    refused(Journal::format_areas(&mut flash, 0..6 * page, 3 * page), rules::GEOMETRY);
    refused(Journal::format_areas(&mut flash, 0..6 * page, 0), rules::GEOMETRY);
    refused(Journal::format_areas(&mut flash, 0..6 * page, 100), rules::GEOMETRY);
    let mut journal = Journal::format_areas(&mut flash, 0..6 * page, 2 * page).unwrap();
    journal.append(&mut flash, 0, &[1; 900]).unwrap();
    refused(Journal::open(&mut flash, 0..6 * page).map(|_| ()), rules::NO_JOURNAL);
    let journal = Journal::open_areas(&mut flash, 0..6 * page, 2 * page).unwrap();
    assert_eq!(journal.read(&mut flash, 0, &mut [0; 900]).unwrap().unwrap(), [1; 900]);
    refused(
        journal.read(&mut flash, 0, &mut [0; 899]).map(|_| ()),
        iotops_wire::rules::OUT_OF_SPACE,
    );
}

#[test]
fn a_full_journal_says_so_and_wears_nothing() {
    let mut flash = Flash::<4, PAGE>::new(3, 1);
    let mut journal = Journal::format(&mut flash, RANGE).unwrap();
    let mut keys = 0..=u8::MAX;
    let failed = keys.find(|key| journal.append(&mut flash, *key, &[*key; 8]).is_err()).unwrap();
    assert!(failed > 10);
    let erases: u32 = flash.erases().iter().sum();
    refused(journal.append(&mut flash, failed, &[0; 8]), rules::FULL);
    refused(journal.append(&mut flash, 0, &[0; 1 << 16]), rules::FULL);
    assert_eq!(flash.erases().iter().sum::<u32>(), erases);
    for key in 0..failed {
        assert_eq!(journal.read(&mut flash, key, &mut [0; 8]).unwrap().unwrap(), [key; 8]);
    }
    assert!(journal.read(&mut flash, failed, &mut []).unwrap().is_none());
    // There is no space for a second value of a key beside its first.
    refused(journal.append(&mut flash, 0, &[0; 8]), rules::FULL);
    assert_eq!(flash.faults(), 0);
}

#[test]
fn a_flipped_bit_is_found() {
    let mut flash = Flash::<4, PAGE>::new(3, 1);
    let mut journal = Journal::format(&mut flash, RANGE).unwrap();
    journal.append(&mut flash, 1, b"an older value").unwrap();
    journal.append(&mut flash, 1, b"the newest one").unwrap();
    let clean = flash.clone();
    // Head and seal of the area, the older record, the newest: head, value, commit, seal.
    for at in (0..24).chain(24..64).chain(64..104) {
        for bit in 0..8 {
            let mut flash = clean.clone();
            let mut word = [0; 4];
            embedded_storage::nor_flash::ReadNorFlash::read(&mut flash, at & !3, &mut word)
                .unwrap();
            word[at as usize & 3] ^= 1 << bit;
            flash.put(at as usize & !3, &word);
            let mut buffer = [0; 20];
            match Journal::open(&mut flash, RANGE).and_then(|journal| {
                Ok(journal.read(&mut flash, 1, &mut buffer)?.map(<[u8]>::to_vec))
            }) {
                Ok(value) => assert!(
                    // A head that is damaged looks like one that was torn.
                    value.as_deref() == Some(b"the newest one")
                        || ((24..32).contains(&at) && value.is_none())
                        || ((64..72).contains(&at) && value.as_deref() == Some(b"an older value")),
                    "{at}: {value:?}"
                ),
                Err(error) => {
                    let rule = error.rule();
                    assert!(
                        rule == rules::DAMAGED || (rule == rules::NO_JOURNAL && at < 16),
                        "{at}"
                    );
                }
            }
        }
    }
}

#[test]
fn wear_is_spread_and_counted() {
    const BOOTS: u32 = 300;
    let mut flash = Flash::<8, PAGE>::new(4, 1);
    Journal::format(&mut flash, 0..4 * PAGE as u32).unwrap();
    for boot in 0..BOOTS {
        let mut journal = Journal::open(&mut flash, 0..4 * PAGE as u32).unwrap();
        journal.append(&mut flash, 1, &boot.to_le_bytes()).unwrap();
    }
    let most = *flash.erases().iter().max().unwrap();
    println!("wear: {BOOTS} restarts that write took {most} erases of a page out of 4");
    assert!(most <= BOOTS / 4 + 3, "{:?}", flash.erases());
    // Restarts that write nothing take none, and a run takes one whenever an area is full.
    let before: u32 = flash.erases().iter().sum();
    for _ in 0..20 {
        Journal::open(&mut flash, 0..4 * PAGE as u32).unwrap();
    }
    assert_eq!(flash.erases().iter().sum::<u32>(), before);
}

#[test]
fn an_update_takes_few_erases() {
    const PAGE: usize = 4096;
    fn update<const W: usize>() {
        let mut flash = Flash::<W, PAGE>::new(3, 1);
        let range = 0..3 * PAGE as u32;
        let mut journal = Journal::format(&mut flash, range.clone()).unwrap();
        journal.append(&mut flash, 2, &7_u64.to_le_bytes()).unwrap();
        let before = flash.clone();
        // State of 1 KB when it begins, 40 steps, a restart into the trial, another after it.
        for (steps, _) in [(40_u32, "install"), (2, "trial"), (1, "confirm")] {
            let mut journal = Journal::open(&mut flash, range.clone()).unwrap();
            journal.append(&mut flash, 0, &[3; 1000]).unwrap();
            for step in 0..steps {
                journal.append(&mut flash, 1, &step.to_le_bytes()).unwrap();
            }
            flash.restart();
        }
        let pairs = flash.erases().iter().zip(before.erases());
        let erases: Vec<u32> = pairs.map(|(now, then)| now - then).collect();
        println!("update, write {W}: erases by page {erases:?}");
        assert!(erases.iter().all(|erases| *erases <= 3), "{erases:?}");
    }
    update::<1>();
    update::<4>();
    update::<8>();
    update::<16>();
    update::<32>();
}

#[derive(Clone, Debug)]
enum Step {
    Append(u8, u8, u8),
    Restart,
    Cut(u8, usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..6_u8, any::<u8>(), 0..40_u8).prop_map(|(key, byte, length)| Step::Append(key, byte, length)),
        1 => Just(Step::Restart),
        3 => (0..40_u8, 0..Torn::ALL.len(), 0..2_usize).prop_map(|(after, torn, tear)| Step::Cut(after, torn, tear)),
    ]
}

/// Runs a history. Cuts come in any number, also one after the other.
fn history<const W: usize>(seed: u64, steps: &[Step]) {
    const PAGE: usize = 1024;
    let range = 0..3 * PAGE as u32;
    let mut flash = Flash::<W, PAGE>::new(3, seed);
    let mut journal = Journal::format(&mut flash, range.clone()).unwrap();
    let mut values: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
    let mut steps = steps.iter().peekable();
    while let Some(step) = steps.next() {
        let mut begun = None;
        let is_done = match *step {
            Step::Append(key, byte, length) => {
                let value = vec![byte; usize::from(length)];
                let is_done = journal.append(&mut flash, key, &value).is_ok();
                begun = Some((key, value));
                is_done
            }
            Step::Restart => false,
            Step::Cut(after, torn, tear) => {
                flash.cut(u64::from(after), Torn::ALL[torn], Tear::ALL[tear]);
                true
            }
        };
        if is_done {
            if let Some((key, value)) = begun {
                values.insert(key, value);
            }
            continue;
        }
        // The power may be cut again while it is opened, and again.
        journal = loop {
            flash.restart();
            if let Some(Step::Cut(after, torn, tear)) = steps.peek() {
                flash.cut(u64::from(*after), Torn::ALL[*torn], Tear::ALL[*tear]);
                steps.next();
            }
            match Journal::open(&mut flash, range.clone()) {
                Ok(journal) => break journal,
                Err(error) => assert!(flash.restart(), "{error}"),
            }
        };
        let mut buffer = [0; 64];
        for key in 0..6 {
            let found = journal.read(&mut flash, key, &mut buffer).unwrap().map(<[u8]>::to_vec);
            let is_new = begun
                .as_ref()
                .is_some_and(|(new, value)| *new == key && found.as_ref() == Some(value));
            assert!(is_new || found.as_ref() == values.get(&key), "{key}: {found:?}");
            if let (true, Some(value)) = (is_new, found) {
                values.insert(key, value);
            }
        }
    }
    assert_eq!(flash.faults(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_keeps_what_was_told(seed: u64, steps in prop::collection::vec(step(), 0..80)) {
        history::<1>(seed, &steps);
        history::<4>(seed, &steps);
        history::<8>(seed, &steps);
        history::<16>(seed, &steps);
        history::<32>(seed, &steps);
    }
}
