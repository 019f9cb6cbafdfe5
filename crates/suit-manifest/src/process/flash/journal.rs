//! The journal of a run as one record.

use embedded_storage::nor_flash::NorFlash;

use super::state::State;
use super::{RUN, Storage};
use crate::process::{Entry, Fault, Journal, RunId};

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
        let state = self.storage.state()?;
        self.storage.set_state(&State { token: State::NO_TOKEN, ..state })?;
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
