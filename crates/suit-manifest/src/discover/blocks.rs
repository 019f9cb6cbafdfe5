//! An image whose blocks come in any order, as they do by multicast.

use core::task::Poll;

use iotops_crypto::Hasher;

use crate::model::SuitDigest;
use crate::process::{Answer, Fault};
use crate::{Error, rules};

use super::Progress;

/// Where blocks go that come in any order, and what remembers which of them are there.
pub trait BlockStore {
    /// Writes a whole block at `offset`. After an interruption a block that was not noted comes
    /// once more: it must be possible to write it again. If others suffer by that, as those on the
    /// same page of flash, they count as missing from then on.
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()>;

    /// Notes that a block is there; its bytes are durable already.
    ///
    /// # Errors
    /// The fault that kept it from being noted.
    fn note(&mut self, block: u32) -> Result<(), Fault>;

    /// Whether a block was noted.
    ///
    /// # Errors
    /// The fault that keeps it from being known.
    fn has(&mut self, block: u32) -> Result<bool, Fault>;

    /// Reads what was written at `offset`: as much as fits `buffer`, at least one byte.
    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Answer<usize>;
}

/// How an image is cut into blocks: all of one length, but the last one, which may be shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    size: u64,
    length: u32,
    count: u32,
}

impl Blocks {
    /// An image of `size` bytes, as its manifest tells, in blocks of `length` bytes.
    ///
    /// # Errors
    /// [`rules::BLOCKS`] if there would be no block, or more of them than 32 bits can number.
    pub fn new(size: u64, length: u32) -> Result<Self, Error> {
        let wrong = Error::new(rules::BLOCKS, 0);
        let needed = u64::from(length);
        let count = (size > 0 && length > 0).then(|| size.div_ceil(needed)).ok_or(wrong)?;
        Ok(Self { size, length, count: u32::try_from(count).map_err(|_| wrong)? })
    }

    /// The bytes of the image.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The bytes of a block that is not the last one.
    #[must_use]
    pub const fn length(&self) -> u32 {
        self.length
    }

    /// How many blocks there are.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Where a block begins, and how long it is; none if it is behind the end.
    #[must_use]
    pub fn place(&self, block: u32) -> Option<(u64, usize)> {
        let offset = u64::from(block).checked_mul(u64::from(self.length))?;
        let rest = self.size.checked_sub(offset).filter(|rest| *rest > 0)?;
        Some((offset, usize::try_from(rest.min(u64::from(self.length))).ok()?))
    }
}

/// What became of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Taken {
    /// It was missing, and is here now.
    New,
    /// It was here before; nothing was written.
    Known,
    /// The storage needs time: the same block again later.
    Pending,
}

/// An image that is put together of blocks in any order: plain data; the store has the state that
/// outlives a restart.
///
/// A block is not authentic by itself. Whoever can send to the group can spoil an image, which is
/// found at the end and costs the whole transfer; a group that is protected (Group OSCORE) keeps
/// strangers from that. What is here already is never overwritten.
#[derive(Clone, Debug)]
pub struct Assembly {
    blocks: Blocks,
    checked: u64,
    hasher: Option<Hasher>,
}

impl Assembly {
    /// Begins, or goes on after a restart: the store knows which blocks are there.
    #[must_use]
    pub const fn new(blocks: Blocks) -> Self {
        Self { blocks, checked: 0, hasher: None }
    }

    /// How the image is cut.
    #[must_use]
    pub const fn blocks(&self) -> Blocks {
        self.blocks
    }

    /// Takes a block that came.
    ///
    /// # Errors
    /// [`rules::BLOCKS`] if there is no such block or it has another length,
    /// [`rules::DOWNLOAD_STORE`].
    pub fn take(
        &mut self,
        block: u32,
        bytes: &[u8],
        store: &mut dyn BlockStore,
    ) -> Result<Taken, Error> {
        let place = self.blocks.place(block).filter(|(_, length)| *length == bytes.len());
        let (offset, _) = place.ok_or(Error::new(rules::BLOCKS, 0))?;
        if store.has(block).map_err(failed)? {
            return Ok(Taken::Known);
        }
        if wait(store.write(offset, bytes))?.is_none() {
            return Ok(Taken::Pending);
        }
        store.note(block).map_err(failed)?;
        // What was read before for the digest may have been read too early.
        (self.checked, self.hasher) = (0, None);
        Ok(Taken::New)
    }

    /// The first block from `from` on that is missing: what is to be asked for, by unicast or of
    /// the group.
    ///
    /// # Errors
    /// [`rules::DOWNLOAD_STORE`].
    pub fn next_missing(
        &self,
        from: u32,
        store: &mut dyn BlockStore,
    ) -> Result<Option<u32>, Error> {
        for block in from..self.blocks.count {
            if !store.has(block).map_err(failed)? {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    /// Reads a piece of the image, from the start to the end, and compares its digest at the end:
    /// to be called until it is [`Progress::Done`]. Only then the image is the one expected.
    ///
    /// # Errors
    /// [`rules::DOWNLOAD_SIZE`] while blocks are missing; [`rules::DOWNLOAD_DIGEST`] if a block is
    /// wrong: which one cannot be told, so the store must be emptied; [`rules::DIGEST_ALGORITHM`]
    /// if the digest is not built in; [`rules::DOWNLOAD_STORE`].
    pub fn check(
        &mut self,
        expected: &SuitDigest<'_>,
        store: &mut dyn BlockStore,
        buffer: &mut [u8],
    ) -> Result<Progress, Error> {
        let Some(hasher) = &mut self.hasher else {
            return self.begin_check(expected, store);
        };
        let left = usize::try_from(self.blocks.size.saturating_sub(self.checked));
        let length = left.unwrap_or(usize::MAX).min(buffer.len());
        let piece = buffer.get_mut(..length).unwrap_or_default();
        let Some(read) = wait(store.read(self.checked, piece))? else {
            return Ok(Progress::Pending);
        };
        let read = piece.get(..read).filter(|read| !read.is_empty());
        let read = read.ok_or_else(|| failed(Fault::Failed))?;
        hasher.update(read);
        self.checked = self.checked.saturating_add(u64::try_from(read.len()).unwrap_or(u64::MAX));
        if self.checked < self.blocks.size { Ok(Progress::More) } else { self.end_check(expected) }
    }

    fn begin_check(
        &mut self,
        expected: &SuitDigest<'_>,
        store: &mut dyn BlockStore,
    ) -> Result<Progress, Error> {
        if self.next_missing(0, store)?.is_some() {
            return Err(Error::new(rules::DOWNLOAD_SIZE, 0));
        }
        let hasher = expected.hasher().ok_or(Error::new(rules::DIGEST_ALGORITHM, 0))?;
        (self.checked, self.hasher) = (0, Some(hasher));
        Ok(Progress::More)
    }

    fn end_check(&mut self, expected: &SuitDigest<'_>) -> Result<Progress, Error> {
        let computed = self.hasher.take().map(Hasher::finish);
        let is_it = computed.is_some_and(|computed| expected.matches(&computed));
        if is_it { Ok(Progress::Done) } else { Err(Error::new(rules::DOWNLOAD_DIGEST, 0)) }
    }
}

fn failed(_: Fault) -> Error {
    Error::new(rules::DOWNLOAD_STORE, 0)
}

/// What the store answered; none while it needs time.
fn wait<T>(answer: Answer<T>) -> Result<Option<T>, Error> {
    match answer {
        Poll::Pending => Ok(None),
        Poll::Ready(answer) => answer.map(Some).map_err(failed),
    }
}
