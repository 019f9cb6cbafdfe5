//! The journal and two slots over NOR flash (feature `flash`).

use core::cell::RefCell;
use core::ops::Range;
use core::task::Poll;

use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use iotops_journal::Journal as Records;

use super::{Answer, CHUNK, Entry, Fault, Journal, RunId, ready, refused, wide};

/// What the records of the journal are filed under.
const RUN: u8 = 0;
const SEQUENCE_NUMBER: u8 = 1;
const ACTIVE: u8 = 2;
const LENGTHS: [u8; 2] = [3, 4];
/// No exchange of the slots was begun in this run.
const NO_TOKEN: u32 = u32::MAX;

/// Flash that holds records and two slots, shared by what writes them.
///
/// The records need three erase pages or more (see [`iotops_journal`]); the slots have one length.
#[derive(Debug)]
pub struct Storage<F> {
    flash: RefCell<F>,
    records: RefCell<Records>,
    slots: [u32; 2],
    length: u32,
}

/// One of the two slots, by what it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Slot {
    /// The one that is booted.
    Active,
    /// The one that an update is written to.
    Staging,
}

impl<F: NorFlash> Storage<F> {
    /// Opens what [`Storage::format`] made. `slots` are the first bytes of the two slots, each of
    /// `length` bytes; all are multiples of the erase size.
    ///
    /// # Errors
    /// [`Fault::Absent`] if there are no records, and [`Fault::Failed`].
    pub fn open(
        mut flash: F,
        records: Range<u32>,
        slots: [u32; 2],
        length: u32,
    ) -> Result<Self, Fault> {
        let records = Records::open(&mut flash, records).map_err(|error| {
            let is_absent = error.rule() == iotops_journal::rules::NO_JOURNAL;
            if is_absent { Fault::Absent } else { Fault::Failed }
        })?;
        Ok(Self { flash: flash.into(), records: records.into(), slots, length })
    }

    /// Makes new records: the first slot is active. What is in the slots stays.
    ///
    /// # Errors
    /// [`Fault::Failed`].
    pub fn format(
        mut flash: F,
        records: Range<u32>,
        slots: [u32; 2],
        length: u32,
    ) -> Result<Self, Fault> {
        let records = Records::format(&mut flash, records).map_err(|_| Fault::Failed)?;
        Ok(Self { flash: flash.into(), records: records.into(), slots, length })
    }

    /// Gives the flash back.
    #[must_use]
    pub fn into_flash(self) -> F {
        self.flash.into_inner()
    }

    /// The sequence number of what was installed.
    ///
    /// # Errors
    /// [`Fault::Failed`].
    pub fn sequence_number(&self) -> Result<Option<u64>, Fault> {
        self.number(SEQUENCE_NUMBER)
    }

    /// Stores it; it never goes down.
    ///
    /// # Errors
    /// [`Fault::Failed`].
    pub fn store_sequence_number(&self, number: u64) -> Result<(), Fault> {
        let (mut flash, mut records) = (self.flash.borrow_mut(), self.records.borrow_mut());
        records.raise_number(&mut *flash, SEQUENCE_NUMBER, number).map_err(|_| Fault::Failed)
    }

    /// Where the content of a slot begins in the flash.
    ///
    /// # Errors
    /// [`Fault::Failed`].
    pub fn address(&self, slot: Slot) -> Result<u32, Fault> {
        let place = self.place(slot)?;
        self.slots.get(place).copied().ok_or(Fault::Failed)
    }

    /// Reads from a slot: [`Platform::read`](super::Platform::read).
    pub fn read(&self, slot: Slot, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        Poll::Ready(self.try_read(slot, offset, buffer))
    }

    /// Erases a slot: [`Platform::begin`](super::Platform::begin). It always begins anew.
    pub fn begin(&self, slot: Slot, size: Option<u64>) -> Answer<u64> {
        match self.try_begin(slot, size) {
            Ok(()) => ready(0),
            Err(fault) => refused(fault),
        }
    }

    /// Writes to a slot: [`Platform::write`](super::Platform::write).
    pub fn write(&self, slot: Slot, offset: u64, bytes: &[u8]) -> Answer<()> {
        Poll::Ready(self.try_write(slot, offset, bytes))
    }

    /// Notes how long the content is: [`Platform::finish`](super::Platform::finish).
    pub fn finish(&self, slot: Slot, size: u64) -> Answer<()> {
        Poll::Ready(self.place(slot).and_then(|place| self.note_length(place, size)))
    }

    /// Makes the staging slot the active one, and the other way round, in one record:
    /// [`Platform::swap`](super::Platform::swap).
    pub fn swap(&self, token: u32) -> Answer<()> {
        Poll::Ready(self.active().and_then(|(active, last)| {
            // It was done before the power failed.
            if last == token { Ok(()) } else { self.set_active(active ^ 1, token) }
        }))
    }

    fn number(&self, key: u8) -> Result<Option<u64>, Fault> {
        let (mut flash, records) = (self.flash.borrow_mut(), self.records.borrow());
        records.read_number(&mut *flash, key).map_err(|_| Fault::Failed)
    }

    /// Which slot is active, and by which token it became so.
    fn active(&self) -> Result<(u8, u32), Fault> {
        let number = self.number(ACTIVE)?.unwrap_or_else(|| u64::from(NO_TOKEN) << 8);
        let [slot, a, b, c, d, ..] = number.to_le_bytes();
        Ok((slot & 1, u32::from_le_bytes([a, b, c, d])))
    }

    fn set_active(&self, slot: u8, token: u32) -> Result<(), Fault> {
        let (mut flash, mut records) = (self.flash.borrow_mut(), self.records.borrow_mut());
        let number = u64::from(token) << 8 | u64::from(slot);
        records.write_number(&mut *flash, ACTIVE, number).map_err(|_| Fault::Failed)
    }

    fn place(&self, slot: Slot) -> Result<usize, Fault> {
        let (active, _) = self.active()?;
        Ok(usize::from(if slot == Slot::Active { active } else { active ^ 1 }))
    }

    fn note_length(&self, place: usize, size: u64) -> Result<(), Fault> {
        let key = *LENGTHS.get(place).ok_or(Fault::Failed)?;
        let (mut flash, mut records) = (self.flash.borrow_mut(), self.records.borrow_mut());
        records.write_number(&mut *flash, key, size).map_err(|_| Fault::Failed)
    }

    fn try_read(&self, slot: Slot, offset: u64, buffer: &mut [u8]) -> Result<usize, Fault> {
        let place = self.place(slot)?;
        let key = *LENGTHS.get(place).ok_or(Fault::Failed)?;
        let size = self.number(key)?.ok_or(Fault::Absent)?;
        let start = self.address(slot)?;
        let left = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = left.min(buffer.len());
        let mut flash = self.flash.borrow_mut();
        let at = u32::try_from(offset).ok().and_then(|offset| start.checked_add(offset));
        read_bytes(
            &mut *flash,
            at.ok_or(Fault::Failed)?,
            buffer.get_mut(..length).unwrap_or_default(),
        )?;
        Ok(length)
    }

    fn try_begin(&self, slot: Slot, size: Option<u64>) -> Result<(), Fault> {
        let start = self.address(slot)?;
        let size = size.unwrap_or_else(|| u64::from(self.length));
        let page = u32::try_from(F::ERASE_SIZE).map_err(|_| Fault::Failed)?;
        let size = u32::try_from(size).ok().and_then(|size| size.checked_next_multiple_of(page));
        let size = size.filter(|size| *size <= self.length).ok_or(Fault::Failed)?;
        let end = start.checked_add(size).ok_or(Fault::Failed)?;
        self.flash.borrow_mut().erase(start, end).map_err(|_| Fault::Failed)
    }

    /// Writes whole words; what is behind the end of the last one stays erased.
    fn try_write(&self, slot: Slot, offset: u64, bytes: &[u8]) -> Result<(), Fault> {
        let start = self.address(slot)?;
        let offset = u32::try_from(offset).map_err(|_| Fault::Failed)?;
        let mut words = [0xff; CHUNK];
        let length = bytes.len().checked_next_multiple_of(F::WRITE_SIZE).ok_or(Fault::Failed)?;
        let words = words.get_mut(..length).ok_or(Fault::Failed)?;
        words.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        let end = wide(words.len()).saturating_add(u64::from(offset));
        if end > u64::from(self.length) {
            return Err(Fault::Failed);
        }
        let at = start.checked_add(offset).ok_or(Fault::Failed)?;
        self.flash.borrow_mut().write(at, words).map_err(|_| Fault::Failed)
    }
}

/// Reads bytes that need not begin or end at a word.
fn read_bytes<F: ReadNorFlash>(flash: &mut F, at: u32, buffer: &mut [u8]) -> Result<(), Fault> {
    let word = u32::try_from(F::READ_SIZE).map_err(|_| Fault::Failed)?;
    let is_aligned = |length: usize| length.is_multiple_of(F::READ_SIZE);
    if at.is_multiple_of(word) && is_aligned(buffer.len()) {
        return flash.read(at, buffer).map_err(|_| Fault::Failed);
    }
    let mut words = [0; CHUNK];
    let most = CHUNK.saturating_sub(F::READ_SIZE.saturating_mul(2));
    let mut at = at;
    for part in buffer.chunks_mut(most.max(1)) {
        let skip = usize::try_from(at.checked_rem(word).unwrap_or(0)).unwrap_or(0);
        let from = at.saturating_sub(at.checked_rem(word).unwrap_or(0));
        let length = skip.saturating_add(part.len()).checked_next_multiple_of(F::READ_SIZE);
        let space = length.and_then(|length| words.get_mut(..length)).ok_or(Fault::Failed)?;
        flash.read(from, space).map_err(|_| Fault::Failed)?;
        part.iter_mut().zip(space.iter().skip(skip)).for_each(|(to, from)| *to = *from);
        at = at.saturating_add(u32::try_from(part.len()).unwrap_or(u32::MAX));
    }
    Ok(())
}

/// The journal of a run in the records of a [`Storage`]: one record, with up to `BYTES` bytes:
/// 33 for the run, and 5 for each entry.
#[derive(Debug)]
pub struct FlashJournal<'s, F, const BYTES: usize> {
    storage: &'s Storage<F>,
    bytes: [u8; BYTES],
    length: usize,
}

impl<'s, F: NorFlash, const BYTES: usize> FlashJournal<'s, F, BYTES> {
    /// The journal in this storage.
    #[must_use]
    pub const fn new(storage: &'s Storage<F>) -> Self {
        Self { storage, bytes: [0; BYTES], length: 0 }
    }

    fn load(&mut self) -> Result<(), Fault> {
        let (mut flash, records) = (self.storage.flash.borrow_mut(), self.storage.records.borrow());
        let found = records.read(&mut *flash, RUN, &mut self.bytes).map_err(|_| Fault::Failed)?;
        self.length = found.map_or(0, <[u8]>::len);
        Ok(())
    }

    fn save(&mut self, length: usize) -> Result<(), Fault> {
        let (mut flash, mut records) =
            (self.storage.flash.borrow_mut(), self.storage.records.borrow_mut());
        let bytes = self.bytes.get(..length).ok_or(Fault::Failed)?;
        records.append(&mut *flash, RUN, bytes).map_err(|_| Fault::Failed)?;
        self.length = length;
        Ok(())
    }

    fn entries(&self) -> &[[u8; Entry::LENGTH]] {
        self.bytes.get(RunId::LENGTH..self.length).unwrap_or_default().as_chunks().0
    }
}

impl<F: NorFlash, const BYTES: usize> Journal for FlashJournal<'_, F, BYTES> {
    fn begin(&mut self, run: &RunId) -> Result<u32, Fault> {
        self.load()?;
        if self.bytes.get(..self.length).is_some_and(|bytes| bytes.starts_with(&run.to_bytes())) {
            return u32::try_from(self.entries().len()).map_err(|_| Fault::Failed);
        }
        // Tokens begin anew: what they named before means nothing now.
        let (active, _) = self.storage.active()?;
        self.storage.set_active(active, NO_TOKEN)?;
        *self.bytes.first_chunk_mut().ok_or(Fault::Failed)? = run.to_bytes();
        self.save(RunId::LENGTH)?;
        Ok(0)
    }

    fn entry(&mut self, place: u32) -> Result<Entry, Fault> {
        let place = usize::try_from(place).map_err(|_| Fault::Absent)?;
        let entry = self.entries().get(place).copied().ok_or(Fault::Absent)?;
        Entry::from_bytes(entry).ok_or(Fault::Failed)
    }

    fn append(&mut self, entry: Entry) -> Result<(), Fault> {
        let rest = self.bytes.get_mut(self.length..).unwrap_or_default();
        *rest.first_chunk_mut().ok_or(Fault::Failed)? = entry.to_bytes();
        self.save(self.length.saturating_add(Entry::LENGTH))
    }

    fn end(&mut self) -> Result<(), Fault> {
        self.save(0)
    }
}
