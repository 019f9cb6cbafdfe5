//! Chains of cuts: each run is cut, at a place and in a way drawn at random, and so is the next.

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

use iotops_journal::Journal;
use iotops_journal::model::{Flash, Tear, Torn};

const PAGE: usize = 256;
const RANGE: core::ops::Range<u32> = 0..3 * PAGE as u32;
const KEY: u8 = 1;

/// The ways in which a place reads otherwise later.
const WAYS: [Torn; 5] = [Torn::Flapping, Torn::OldFirst, Torn::NewFirst, Torn::Unstable, Torn::Old];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) as usize % sides
    }
}

/// The value, which only rises: whatever was told or acknowledged must not be taken back.
fn told<const W: usize>(flash: &mut Flash<W, PAGE>, journal: &Journal) -> Option<u64> {
    journal.read_number(flash, KEY).ok().flatten()
}

/// `tolerated` is how many of a thousand chains may break a promise.
fn chains<const W: usize>(length: usize, tolerated: u64) {
    let count = std::env::var("IOTOPS_CHAINS").map_or(40_000, |count| count.parse().unwrap());
    let mut flash = Flash::<W, PAGE>::new(3, 5);
    let mut journal = Journal::format(&mut flash, RANGE).unwrap();
    journal.write_number(&mut flash, KEY, 1).unwrap();
    let whole = flash;
    let (mut dice, mut cuts, mut broken) = (Dice(W as u64), 0, 0);
    for chain in 0..count {
        let mut flash = whole.clone().with_seed(chain);
        let (mut least, mut most) = (1, 1);
        for run in 0..=length {
            if run < length {
                let tear = Tear::ALL[dice.roll(2)];
                flash.cut(dice.roll(16) as u64, WAYS[dice.roll(WAYS.len())], tear);
            }
            if let Ok(mut journal) = Journal::open(&mut flash, RANGE) {
                let value = told(&mut flash.clone(), &journal).unwrap_or(0);
                if value < least || value > most {
                    broken += 1;
                    break;
                }
                (least, most) = (value, value + 1);
                if journal.write_number(&mut flash, KEY, most).is_ok() {
                    least = most;
                }
            } else if run == length {
                broken += 1;
            }
            cuts += u64::from(flash.restart());
        }
        assert_eq!(flash.faults(), 0);
    }
    println!("write {W}, chains of {length}: {cuts} cuts in {count} chains, {broken} broken");
    assert!(broken <= count / 1000 * tolerated);
}

#[test]
fn chains_of_three() {
    chains::<8>(3, 0);
    chains::<16>(3, 0);
    chains::<32>(3, 0);
}

/// No number of areas holds against cuts without end that are placed at will: this is measured.
#[test]
fn chains_of_eight() {
    chains::<8>(8, 1);
    chains::<16>(8, 1);
    chains::<32>(8, 1);
}
