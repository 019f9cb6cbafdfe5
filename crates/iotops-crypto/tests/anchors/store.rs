//! Storage: the power is cut at every byte that is erased or written.

use iotops_crypto::anchor::{Slot, Slots, load, save};
use iotops_crypto::rules::anchor as own;
use iotops_wire::{Unavailable, rules};

use super::actors::refused;

const CAPACITY: usize = 256;

/// Flash: an erased byte is all ones, and writing only clears bits.
#[derive(Clone)]
struct Flash {
    slots: [[u8; CAPACITY]; 2],
    /// The power is cut when so many bytes were erased or written.
    power: usize,
    /// Writes to this many bytes at the start of a slot get lost unnoticed.
    lost: usize,
}

impl Flash {
    fn new(content: u8) -> Self {
        Self { slots: [[content; CAPACITY]; 2], power: usize::MAX, lost: 0 }
    }

    fn slot(&mut self, slot: Slot) -> &mut [u8; CAPACITY] {
        &mut self.slots[usize::from(slot == Slot::B)]
    }

    fn change(&mut self, slot: Slot, at: usize, by: impl Fn(u8) -> u8) -> Result<(), Unavailable> {
        self.power = self.power.checked_sub(1).ok_or(Unavailable::new())?;
        let byte = &mut self.slot(slot)[at];
        *byte = by(*byte);
        Ok(())
    }
}

impl Slots for Flash {
    fn capacity(&self) -> u32 {
        CAPACITY as u32
    }

    fn read(&mut self, slot: Slot, offset: u32, buffer: &mut [u8]) -> Result<(), Unavailable> {
        let start = offset as usize;
        buffer.copy_from_slice(&self.slot(slot)[start..start + buffer.len()]);
        Ok(())
    }

    fn erase(&mut self, slot: Slot) -> Result<(), Unavailable> {
        (0..CAPACITY).try_for_each(|at| self.change(slot, at, |_| 0xff))
    }

    fn write(&mut self, slot: Slot, offset: u32, bytes: &[u8]) -> Result<(), Unavailable> {
        assert_eq!(offset % 64, 0);
        let start = offset as usize;
        bytes.iter().enumerate().try_for_each(|(at, byte)| {
            let is_lost = start + at < self.lost;
            self.change(slot, start + at, |old| if is_lost { old } else { old & byte })
        })
    }
}

fn content(flash: &mut Flash) -> Vec<u8> {
    load(flash, 0, &mut [0; CAPACITY]).unwrap().0.to_vec()
}

#[test]
fn records_alternate_and_count() {
    for initial in [0xff, 0x00, 0x5a] {
        let mut flash = Flash::new(initial);
        refused(load(&mut flash, 0, &mut [0; CAPACITY]), own::NO_STATE);
        for number in 1..=5_u8 {
            assert_eq!(save(&mut flash, &[number; 70]).unwrap(), u64::from(number));
            let mut buffer = [0; CAPACITY];
            let (bytes, counter) = load(&mut flash, 0, &mut buffer).unwrap();
            assert_eq!((bytes, counter), (&[number; 70][..], u64::from(number)));
        }
    }
}

#[test]
fn a_power_cut_anywhere_leaves_the_old_or_the_new() {
    let mut before = Flash::new(0xff);
    for number in 0..3 {
        save(&mut before, &[number; 100]).unwrap();
    }
    let (old, new) = (vec![2; 100], vec![9; 90]);
    let (mut kept, mut switched) = (0, 0);
    for power in 0.. {
        let mut flash = Flash { power, ..before.clone() };
        let saved = save(&mut flash, &new);
        flash.power = usize::MAX;
        let found = content(&mut flash);
        match saved {
            Ok(counter) => {
                assert_eq!((counter, &found), (4, &new));
                break;
            }
            Err(error) => assert_eq!(error.rule(), own::STORAGE),
        }
        assert!(found == old || found == new, "cut after {power} bytes");
        kept += usize::from(found == old);
        switched += usize::from(found == new);
        // Whatever the cut left, the next attempt succeeds.
        save(&mut flash, &new).unwrap();
        assert_eq!(content(&mut flash), new);
    }
    // The record is whole once the digest is; 20 zeros are written behind it.
    assert_eq!((kept, switched), (CAPACITY + 90 + 44, 20));
    println!("power cuts: {} checked", kept + switched);
}

#[test]
fn a_power_cut_before_the_first_record_leaves_none_or_it() {
    for power in 0..CAPACITY + 60 + 64 {
        let mut flash = Flash { power, ..Flash::new(0x00) };
        refused(save(&mut flash, &[1; 60]), own::STORAGE);
        flash.power = usize::MAX;
        match load(&mut flash, 0, &mut [0; CAPACITY]) {
            Ok((bytes, _)) => assert_eq!(bytes, [1; 60]),
            Err(error) => assert_eq!(error.rule(), own::NO_STATE),
        }
    }
}

#[test]
fn every_flipped_bit_of_the_newest_record_leads_back_to_the_one_before() {
    let mut flash = Flash::new(0xff);
    save(&mut flash, &[1; 40]).unwrap();
    save(&mut flash, &[2; 40]).unwrap();
    // Behind the digest only zeros follow that mean nothing.
    for at in (0..44).chain(64..104) {
        for bit in 0..8 {
            let mut bad = flash.clone();
            bad.slots[1][at] ^= 1 << bit;
            assert_eq!(content(&mut bad), [1; 40], "byte {at}");
            refused(load(&mut bad, 2, &mut [0; CAPACITY]), own::ROLLED_BACK);
        }
    }
}

#[test]
fn older_storage_put_back_is_found_out_by_the_floor() {
    let mut flash = Flash::new(0xff);
    save(&mut flash, b"before the revocation").unwrap();
    let image = flash.clone();
    let floor = save(&mut flash, b"behind the revocation").unwrap();
    assert!(load(&mut flash, floor, &mut [0; CAPACITY]).is_ok());
    flash = image;
    refused(load(&mut flash, floor, &mut [0; CAPACITY]), own::ROLLED_BACK);
    assert!(load(&mut flash, 0, &mut [0; CAPACITY]).is_ok(), "without one nobody can tell");
}

#[test]
fn what_does_not_fit_and_what_is_not_kept_is_told() {
    let mut flash = Flash::new(0xff);
    refused(save(&mut flash, &[0; CAPACITY - 63]), rules::OUT_OF_SPACE);
    save(&mut flash, &[7; CAPACITY - 64]).unwrap();
    refused(load(&mut flash, 0, &mut [0; CAPACITY - 65]), rules::OUT_OF_SPACE);
    flash.lost = 4;
    refused(save(&mut flash, &[8; 10]), own::STORAGE);
    assert_eq!(content(&mut flash), [7; CAPACITY - 64]);
}
