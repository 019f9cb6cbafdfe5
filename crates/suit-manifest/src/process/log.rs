//! The journal of a run: how it goes on after the power failed (SUIT §6.3.1).
//!
//! A run is a function of the manifest and of what conditions gave. So the journal holds no state:
//! it holds the results of conditions, written before the next thing that changes the device, and
//! a mark when that is done. A run that is started again takes the results from the journal, steps
//! over what was done, and repeats the one thing that was begun, by the same token.

use super::Fault;

/// What a run is, so that no other goes on with its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunId {
    /// The beginning of the digest of the root manifest.
    pub manifest: [u8; 32],
    /// The code of the first section of the procedure.
    pub procedure: u8,
}

impl RunId {
    /// Bytes of the encoding.
    pub const LENGTH: usize = 33;

    /// The encoding, for storage.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [self.procedure; Self::LENGTH];
        if let Some(digest) = bytes.first_chunk_mut() {
            *digest = self.manifest;
        }
        bytes
    }
}

/// One entry of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Entry {
    /// What the next conditions gave: the first is the lowest bit.
    Conditions {
        /// The results.
        results: u32,
        /// How many, up to 32.
        count: u8,
    },
    /// The thing with this token is done.
    Done {
        /// The token.
        token: u32,
    },
}

impl Entry {
    /// Bytes of the encoding.
    pub const LENGTH: usize = 5;
    /// Marks [`Entry::Done`] in the place of a count.
    const DONE: u8 = 0xff;

    /// The encoding, for storage.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; Self::LENGTH] {
        let (kind, value) = match self {
            Self::Conditions { results, count } => (count, results),
            Self::Done { token } => (Self::DONE, token),
        };
        let [a, b, c, d] = value.to_le_bytes();
        [kind, a, b, c, d]
    }

    /// What [`Entry::to_bytes`] gave.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Option<Self> {
        let [kind, a, b, c, d] = bytes;
        let value = u32::from_le_bytes([a, b, c, d]);
        match kind {
            Self::DONE => Some(Self::Done { token: value }),
            1..=BATCH => Some(Self::Conditions { results: value, count: kind }),
            _ => None,
        }
    }
}

/// The most results in one entry.
const BATCH: u8 = 32;

/// Where a run keeps its journal. `()` keeps none: for procedures that are simply begun again,
/// such as booting.
///
/// What `append` and `end` have acknowledged must survive the loss of power; what they were doing
/// when it failed may be there or not, but never in part.
pub trait Journal {
    /// Begins or goes on: the number of entries of this run, or 0 after the journal of any other
    /// run was cleared.
    ///
    /// # Errors
    /// The fault that kept it from being read or written.
    fn begin(&mut self, run: &RunId) -> Result<u32, Fault>;

    /// An entry by its place, below what `begin` gave.
    ///
    /// # Errors
    /// The fault that kept it from being read.
    fn entry(&mut self, place: u32) -> Result<Entry, Fault>;

    /// Adds an entry.
    ///
    /// # Errors
    /// The fault that kept it from being written.
    fn append(&mut self, entry: Entry) -> Result<(), Fault>;

    /// The run is over: a later `begin` finds nothing.
    ///
    /// # Errors
    /// The fault that kept it from being written.
    fn end(&mut self) -> Result<(), Fault>;
}

impl Journal for () {
    fn begin(&mut self, _: &RunId) -> Result<u32, Fault> {
        Ok(0)
    }

    fn entry(&mut self, _: u32) -> Result<Entry, Fault> {
        Err(Fault::Absent)
    }

    fn append(&mut self, _: Entry) -> Result<(), Fault> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}

/// The engine's side of the journal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Log {
    /// Entries that were there when the run was started, and how many of them were taken.
    entries: u32,
    taken: u32,
    /// Results to be taken, or to be written: the first is the lowest bit.
    results: u32,
    count: u8,
}

impl Log {
    pub(super) const EMPTY: Self = Self { entries: 0, taken: 0, results: 0, count: 0 };

    pub(super) fn begin<J: Journal + ?Sized>(journal: &mut J, run: &RunId) -> Result<Self, Fault> {
        Ok(Self { entries: journal.begin(run)?, ..Self::EMPTY })
    }

    /// Whether what follows was done before the power failed.
    const fn is_replay(&self) -> bool {
        self.taken < self.entries
    }

    /// The entry at `taken` is used up.
    const fn advance(&mut self) {
        self.taken = self.taken.saturating_add(1);
        (self.results, self.count) = (0, 0);
    }

    /// What the next condition gave before the power failed; `None` if it was not written.
    pub(super) fn recall<J: Journal + ?Sized>(
        &mut self,
        journal: &mut J,
    ) -> Result<Option<bool>, Fault> {
        if !self.is_replay() {
            return Ok(None);
        }
        if self.count == 0 {
            let Entry::Conditions { results, count } = journal.entry(self.taken)? else {
                // Here stood no condition: this is not the journal of this run.
                return Err(Fault::Failed);
            };
            (self.results, self.count) = (results, count);
        }
        let result = self.results & 1 == 1;
        (self.results, self.count) = (self.results >> 1, self.count.saturating_sub(1));
        if self.count == 0 {
            self.advance();
        }
        Ok(Some(result))
    }

    /// Notes what a condition gave.
    pub(super) fn note<J: Journal + ?Sized>(
        &mut self,
        journal: &mut J,
        result: bool,
    ) -> Result<(), Fault> {
        self.results |= u32::from(result) << (self.count & 31);
        self.count = self.count.saturating_add(1);
        if self.count == BATCH { self.flush(journal) } else { Ok(()) }
    }

    /// Writes what was noted.
    pub(super) fn flush<J: Journal + ?Sized>(&mut self, journal: &mut J) -> Result<(), Fault> {
        if self.count > 0 {
            let (results, count) = (self.results, self.count);
            journal.append(Entry::Conditions { results, count })?;
            (self.results, self.count) = (0, 0);
        }
        Ok(())
    }

    /// Something is about to change the device: whether it was done before the power failed.
    pub(super) fn is_done<J: Journal + ?Sized>(
        &mut self,
        journal: &mut J,
        token: u32,
    ) -> Result<bool, Fault> {
        if !self.is_replay() {
            self.flush(journal)?;
            return Ok(false);
        }
        // Results that are left over stood before this.
        if self.count > 0 || journal.entry(self.taken)? != (Entry::Done { token }) {
            return Err(Fault::Failed);
        }
        self.advance();
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_survive_their_encoding() {
        let done = Entry::Done { token: 7 };
        let results = Entry::Conditions { results: 5, count: 3 };
        for entry in [done, results] {
            assert_eq!(Entry::from_bytes(entry.to_bytes()), Some(entry));
        }
        assert_eq!(Entry::from_bytes([0; 5]), None);
        assert_eq!(Entry::from_bytes([33, 0, 0, 0, 0]), None);
    }
}
