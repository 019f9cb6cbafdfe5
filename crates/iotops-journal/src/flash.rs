//! The flash as this crate sees it: units, chunks, and what cannot be read.
//!
//! Everything begins and ends at a multiple of the *unit*: what the flash writes at once, but at
//! least 8 bytes. A read that fails for a reason of the implementation's own
//! ([`NorFlashErrorKind::Other`]) tells that this place cannot be read, as words with a wrong
//! error correction code cannot: such a place counts as erased. A driver that can lose its bus
//! must try again itself, and not answer that.

use core::ops::Range;

use embedded_storage::nor_flash::{NorFlash, NorFlashError as _, NorFlashErrorKind};

use crate::{Error, rules};

/// What is read and written at once: a multiple of every unit.
pub(crate) const CHUNK: usize = 64;
/// What an erased byte reads as.
pub(crate) const ERASED: u8 = 0xff;
/// Checksums and their like take this much.
const LEAST: u32 = 8;

/// `size` in the numbers of addresses; what is too large for them fits nowhere.
pub(crate) fn address(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// The unit of this flash.
pub(crate) fn unit<F: NorFlash>() -> u32 {
    address(F::WRITE_SIZE).max(LEAST)
}

/// `length` and what fills the last unit.
pub(crate) fn padded<F: NorFlash>(length: u32) -> u32 {
    length.checked_next_multiple_of(unit::<F>()).unwrap_or(u32::MAX)
}

/// Some areas of the flash, one behind the other, each of which is erased as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    start: u32,
    area: u32,
    areas: u8,
}

impl Layout {
    /// Divides `range` into areas of `area` bytes, of which there must be so many at least.
    pub(crate) fn new<F: NorFlash>(
        flash: &F,
        range: Range<u32>,
        area: u32,
        least: u8,
    ) -> Result<Self, Error> {
        let erase = address(F::ERASE_SIZE);
        let length = range.end.saturating_sub(range.start);
        let areas = length.checked_div(area).unwrap_or_default();
        let is_whole = |number: u32| number.is_multiple_of(erase);
        let fits = CHUNK.is_multiple_of(F::WRITE_SIZE)
            && F::WRITE_SIZE.is_multiple_of(F::READ_SIZE)
            && erase.is_multiple_of(unit::<F>())
            && is_whole(range.start)
            && is_whole(area)
            && length.is_multiple_of(area)
            && range.end <= address(flash.capacity());
        match u8::try_from(areas) {
            Ok(areas) if fits && areas >= least => Ok(Self { start: range.start, area, areas }),
            _ => Err(Error::new(rules::GEOMETRY, range.start)),
        }
    }

    pub(crate) const fn areas(self) -> u8 {
        self.areas
    }

    /// The size of an area.
    pub(crate) const fn area(self) -> u32 {
        self.area
    }

    /// Where an area begins.
    pub(crate) fn start(self, index: u8) -> u32 {
        self.start.saturating_add(self.area.saturating_mul(u32::from(index)))
    }

    /// Where an area ends.
    pub(crate) fn end(self, index: u8) -> u32 {
        self.start(index).saturating_add(self.area)
    }

    /// The area behind `index`, in a ring.
    pub(crate) const fn next(self, index: u8) -> u8 {
        let next = index.wrapping_add(1);
        if next < self.areas { next } else { 0 }
    }

    pub(crate) fn erase<F: NorFlash>(self, flash: &mut F, index: u8) -> Result<(), Error> {
        let (start, end) = (self.start(index), self.end(index));
        flash.erase(start, end).map_err(|_| Error::new(rules::STORAGE, start))
    }
}

/// Reads; what cannot be read counts as erased.
pub(crate) fn read<F: NorFlash>(flash: &mut F, at: u32, into: &mut [u8]) -> Result<(), Error> {
    let Err(error) = flash.read(at, into) else { return Ok(()) };
    if matches!(error.kind(), NorFlashErrorKind::NotAligned | NorFlashErrorKind::OutOfBounds) {
        return Err(Error::new(rules::STORAGE, at));
    }
    into.fill(ERASED);
    Ok(())
}

/// Writes at most a chunk of `bytes`, filled up to whole units with zeros.
pub(crate) fn write<F: NorFlash>(flash: &mut F, at: u32, bytes: &[u8]) -> Result<(), Error> {
    let mut chunk = [0; CHUNK];
    chunk.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    let length = usize::try_from(padded::<F>(address(bytes.len()))).unwrap_or(CHUNK);
    let chunk = chunk.get(..length).unwrap_or(&[]);
    flash.write(at, chunk).map_err(|_| Error::new(rules::STORAGE, at))
}

/// Reads the `length` bytes at the start of a unit (or two).
pub(crate) fn read_array<F: NorFlash, const LENGTH: usize>(
    flash: &mut F,
    at: u32,
) -> Result<[u8; LENGTH], Error> {
    let mut chunk = [0; CHUNK];
    let length = usize::try_from(padded::<F>(address(LENGTH))).unwrap_or(CHUNK);
    read(flash, at, chunk.get_mut(..length).unwrap_or_default())?;
    Ok(chunk.first_chunk::<LENGTH>().copied().unwrap_or([ERASED; LENGTH]))
}

/// Whether the unit at `at` reads as erased.
pub(crate) fn is_blank<F: NorFlash>(flash: &mut F, at: u32) -> Result<bool, Error> {
    let mut chunk = [0; CHUNK];
    let length = usize::try_from(unit::<F>()).unwrap_or(CHUNK);
    let unit = chunk.get_mut(..length).unwrap_or_default();
    read(flash, at, unit)?;
    Ok(unit.iter().all(|byte| *byte == ERASED))
}

/// Programs the unit at `at`, which says by that alone that all before it is complete.
pub(crate) fn seal<F: NorFlash>(flash: &mut F, at: u32) -> Result<(), Error> {
    write(flash, at, &[0])
}
