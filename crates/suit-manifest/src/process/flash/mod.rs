//! The journal and two slots over NOR flash (feature `flash`).

mod journal;
#[cfg(feature = "discovery")]
mod slot;
mod state;

use core::cell::RefCell;
use core::ops::Range;
use core::task::Poll;

use embedded_storage::nor_flash::{NorFlash, ReadNorFlash};
use iotops_journal::Journal as Records;
use iotops_wire::Clock;

use self::state::State;
use super::{Answer, CHUNK, Fault, ready, refused, wide};

pub use self::journal::FlashJournal;
#[cfg(feature = "discovery")]
pub use self::slot::SlotBlocks;
pub use self::state::{Boot, Trial};

/// What the records of the journal are filed under.
const RUN: u8 = 0;
const SEQUENCE_NUMBER: u8 = 1;
const BOOT: u8 = 2;
const LENGTHS: [u8; 2] = [3, 4];
#[cfg(feature = "discovery")]
const BLOCKS: u8 = 5;

/// Flash that holds records and two slots, shared by what writes them.
///
/// The records need three erase pages or more (see [`iotops_journal`]); the slots have one length.
#[derive(Debug)]
pub struct Storage<F> {
    flash: RefCell<F>,
    records: RefCell<Records>,
    slots: [u32; 2],
    length: u32,
    trial: Option<Trial>,
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
        Ok(Self { flash: flash.into(), records: records.into(), slots, length, trial: None })
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
        Ok(Self { flash: flash.into(), records: records.into(), slots, length, trial: None })
    }

    /// With new images on trial from the moment that they become active.
    #[must_use]
    pub const fn with_trial(mut self, trial: Trial) -> Self {
        self.trial = Some(trial);
        self
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

    /// Stores it; it never goes down. While an image is on trial it is kept beside the other one,
    /// and holds once the image is confirmed: else the old image could not be gone back to.
    ///
    /// # Errors
    /// [`Fault::Failed`].
    pub fn store_sequence_number(&self, number: u64) -> Result<(), Fault> {
        let state = self.state()?;
        if state.is_on_trial() {
            return self.set_state(&State { number, ..state });
        }
        self.raise(number)
    }

    fn raise(&self, number: u64) -> Result<(), Fault> {
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
    /// [`Platform::swap`](super::Platform::swap). The image is on trial from then on.
    pub fn swap(&self, token: u32) -> Answer<()> {
        Poll::Ready(self.state().and_then(|state| {
            // It was done before the power failed.
            if state.token == token {
                return Ok(());
            }
            self.set_state(&State::begin(state.slot ^ 1, token, self.trial))
        }))
    }

    /// What to boot: to be asked once at each start, when no update was interrupted. Counts the
    /// boots of a trial, and goes back to the old image when they are used up or the deadline is
    /// over.
    ///
    /// # Errors
    /// [`Fault::Failed`].
    pub fn boot(&self, now: Clock) -> Result<Boot, Fault> {
        let state = self.state()?;
        if !state.is_on_trial() {
            return Ok(Boot::Confirmed);
        }
        let is_late = matches!(now, Clock::Trusted(now) | Clock::NotBefore(now) if now.unix() >= state.deadline);
        match state.boots.checked_sub(1) {
            Some(boots) if !is_late => {
                self.set_state(&State { boots, ..state })?;
                Ok(Boot::Trial { left: boots })
            }
            _ => {
                self.set_state(&State::begin(state.slot ^ 1, state.token, None))?;
                Ok(Boot::Reverted)
            }
        }
    }

    /// The image passed its self-test: it stays, and its sequence number holds.
    ///
    /// # Errors
    /// [`Fault::Failed`].
    pub fn confirm(&self) -> Result<(), Fault> {
        let state = self.state()?;
        if !state.is_on_trial() {
            return Ok(());
        }
        // The number first: were it second, a cut between them would lose it.
        if self.sequence_number()?.is_none_or(|number| number < state.number) {
            self.raise(state.number)?;
        }
        self.set_state(&State::begin(state.slot, state.token, None))
    }

    fn number(&self, key: u8) -> Result<Option<u64>, Fault> {
        let (mut flash, records) = (self.flash.borrow_mut(), self.records.borrow());
        records.read_number(&mut *flash, key).map_err(|_| Fault::Failed)
    }

    fn state(&self) -> Result<State, Fault> {
        let (mut flash, records) = (self.flash.borrow_mut(), self.records.borrow());
        let mut bytes = [0; State::LENGTH];
        let found = records.read(&mut *flash, BOOT, &mut bytes).map_err(|_| Fault::Failed)?;
        Ok(match found.map(<&[u8; State::LENGTH]>::try_from) {
            None => State::FACTORY,
            Some(Ok(bytes)) => State::from_bytes(bytes),
            Some(Err(_)) => return Err(Fault::Failed),
        })
    }

    fn set_state(&self, state: &State) -> Result<(), Fault> {
        let (mut flash, mut records) = (self.flash.borrow_mut(), self.records.borrow_mut());
        records.append(&mut *flash, BOOT, &state.to_bytes()).map_err(|_| Fault::Failed)
    }

    fn place(&self, slot: Slot) -> Result<usize, Fault> {
        let active = self.state()?.slot;
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
pub(crate) fn read_bytes<F: ReadNorFlash>(
    flash: &mut F,
    at: u32,
    buffer: &mut [u8],
) -> Result<(), Fault> {
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
