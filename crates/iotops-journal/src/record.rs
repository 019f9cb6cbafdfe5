//! One record: a head, the value, a commit word and a seal, each of whole units, each written once
//! and in this order.
//!
//! ```text
//! head    'J', key, length (2 bytes), CRC-32 of these 4 bytes
//! value   filled up with zeros
//! commit  CRC-32 of key, length and value; its complement
//! seal    zeros
//! ```
//!
//! Numbers are little-endian. The commit word makes the record; the seal only tells, by being
//! there at all, that the commit word was written to its end.

use embedded_storage::nor_flash::NorFlash;

use crate::crc::{Crc, crc};
use crate::flash::{CHUNK, address, is_blank, padded, read, read_array, seal, unit, write};
use crate::{Error, rules};

const MARK: u8 = b'J';

/// What takes a value in chunks.
type Sink<'s, F> = dyn FnMut(&mut F, &[u8]) -> Result<(), Error> + 's;

/// Where a record is, and what its head says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) at: u32,
    pub(crate) key: u8,
    pub(crate) length: u16,
}

impl Record {
    /// The head at `at`, if it is one.
    pub(crate) fn read<F: NorFlash>(flash: &mut F, at: u32) -> Result<Option<Self>, Error> {
        let [mark, key, low, high, check @ ..] = read_array::<F, 8>(flash, at)?;
        let is_head = mark == MARK && u32::from_le_bytes(check) == crc(&[mark, key, low, high]);
        Ok(is_head.then_some(Self { at, key, length: u16::from_le_bytes([low, high]) }))
    }

    fn value<F: NorFlash>(self) -> u32 {
        self.at.saturating_add(unit::<F>())
    }

    fn commit<F: NorFlash>(self) -> u32 {
        self.value::<F>().saturating_add(padded::<F>(u32::from(self.length)))
    }

    fn seal<F: NorFlash>(self) -> u32 {
        self.commit::<F>().saturating_add(unit::<F>())
    }

    /// Where the next record begins.
    pub(crate) fn end<F: NorFlash>(self) -> u32 {
        self.seal::<F>().saturating_add(unit::<F>())
    }

    /// Whether the commit word was written to its end for certain.
    pub(crate) fn is_sealed<F: NorFlash>(self, flash: &mut F) -> Result<bool, Error> {
        Ok(!is_blank(flash, self.seal::<F>())?)
    }

    fn checksum(self) -> Crc {
        let [low, high] = self.length.to_le_bytes();
        let mut crc = Crc::NEW;
        crc.update(&[self.key, low, high]);
        crc
    }

    /// Lends the value in chunks, and tells at the end whether it was whole.
    pub(crate) fn lend<F: NorFlash>(
        self,
        flash: &mut F,
        sink: &mut Sink<'_, F>,
    ) -> Result<bool, Error> {
        let mut chunk = [0; CHUNK];
        let mut crc = self.checksum();
        let (mut at, mut left) = (self.value::<F>(), usize::from(self.length));
        while left > 0 {
            let length = left.min(CHUNK);
            let whole = usize::try_from(padded::<F>(address(length))).unwrap_or(CHUNK);
            read(flash, at, chunk.get_mut(..whole).unwrap_or_default())?;
            let value = chunk.get(..length).unwrap_or_default();
            crc.update(value);
            sink(flash, value)?;
            left = left.saturating_sub(length);
            at = at.saturating_add(address(length));
        }
        let commit = read_array::<F, 8>(flash, self.commit::<F>())?;
        Ok(commit == commit_word(crc.finish()))
    }

    /// Whether the value is whole.
    pub(crate) fn is_whole<F: NorFlash>(self, flash: &mut F) -> Result<bool, Error> {
        self.lend(flash, &mut |_, _| Ok(()))
    }

    /// Writes a record with this value.
    pub(crate) fn write<F: NorFlash>(self, flash: &mut F, value: &[u8]) -> Result<(), Error> {
        let mut writer = Writer::begin(flash, self)?;
        for chunk in value.chunks(CHUNK) {
            writer.write(flash, chunk)?;
        }
        writer.finish(flash)
    }

    /// Writes the same at `to`. False: it is not whole, and the copy is none.
    ///
    /// What is checked is what is written: the source is read once.
    pub(crate) fn copy<F: NorFlash>(self, flash: &mut F, to: u32) -> Result<bool, Error> {
        let mut writer = Writer::begin(flash, Self { at: to, ..self })?;
        let is_whole = self.lend(flash, &mut |flash, chunk| writer.write(flash, chunk))?;
        if is_whole {
            writer.finish(flash)?;
        }
        Ok(is_whole)
    }
}

/// A record while it is written.
struct Writer {
    record: Record,
    at: u32,
    crc: Crc,
}

impl Writer {
    fn begin<F: NorFlash>(flash: &mut F, record: Record) -> Result<Self, Error> {
        let [low, high] = record.length.to_le_bytes();
        let head = [MARK, record.key, low, high];
        write(flash, record.at, &joined(head, crc(&head).to_le_bytes()))?;
        Ok(Self { record, at: record.value::<F>(), crc: record.checksum() })
    }

    fn write<F: NorFlash>(&mut self, flash: &mut F, chunk: &[u8]) -> Result<(), Error> {
        self.crc.update(chunk);
        write(flash, self.at, chunk)?;
        self.at = self.at.saturating_add(address(chunk.len()));
        Ok(())
    }

    /// Commits, reads all back, and seals.
    fn finish<F: NorFlash>(self, flash: &mut F) -> Result<(), Error> {
        let record = self.record;
        write(flash, record.commit::<F>(), &commit_word(self.crc.finish()))?;
        if Record::read(flash, record.at)? != Some(record) || !record.is_whole(flash)? {
            return Err(Error::new(rules::STORAGE, record.at));
        }
        seal(flash, record.seal::<F>())
    }
}

fn commit_word(crc: u32) -> [u8; 8] {
    joined(crc.to_le_bytes(), (!crc).to_le_bytes())
}

const fn joined([a, b, c, d]: [u8; 4], [e, f, g, h]: [u8; 4]) -> [u8; 8] {
    [a, b, c, d, e, f, g, h]
}
