//! The journal: open, append and read, on flash that the optimizer cannot look through.

#![no_std]
#![no_main]

use core::hint::black_box;
use iotops_journal::Journal;
use iotops_size::Chip;

iotops_size::entry!(|input| {
    let flash = &mut Chip;
    let mut buffer = [0; 64];
    let mut run = |buffer: &mut [u8]| {
        let mut journal = Journal::open(flash, black_box(0..16_384))?;
        journal.append(flash, black_box(1), input)?;
        let read = journal.read(flash, black_box(2), buffer)?;
        Ok::<usize, iotops_journal::Error>(read.map_or(0, <[u8]>::len))
    };
    match run(&mut buffer) {
        Ok(length) => length,
        Err(error) => usize::from(error.rule().number()),
    }
});
