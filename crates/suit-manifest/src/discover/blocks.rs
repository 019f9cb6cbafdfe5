//! Images that come in blocks, in any order: by multicast, or from several servers.

use core::task::Poll;

use iotops_crypto::Hasher;

use super::download::Progress;
use crate::model::SuitDigest;
use crate::process::{Answer, Fault};
use crate::{Error, rules};

/// Where blocks go, and the map of those that are there.
pub trait BlockStore {
    /// Writes a block, which begins at `offset`. What a power cut left of an earlier try must do no
    /// harm. If other blocks suffer by that, as those on the same page of flash, they are missing
    /// from then on.
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()>;

    /// Reads what was written, and says how much it was.
    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Answer<usize>;

    /// Whether a block is in the map.
    ///
    /// # Errors
    /// The fault that kept the map from being read.
    fn contains(&mut self, block: u32) -> Result<bool, Fault>;

    /// Puts a block that was written into the map, where it stays through power cuts.
    ///
    /// # Errors
    /// The fault that kept it from being stored.
    fn insert(&mut self, block: u32) -> Result<(), Fault>;
}

/// How an image is cut into blocks: all have the same length but the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    size: u64,
    length: u32,
    count: u32,
}

/// What became of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Received {
    /// It is there now.
    Taken,
    /// One was there already; this one was not looked at.
    Known,
    /// The storage needs time: give the same block again later.
    Pending,
}

impl Blocks {
    /// An image of `size` bytes, as the manifest tells it, in blocks of `length` bytes.
    ///
    /// # Errors
    /// [`rules::BLOCK_GEOMETRY`] for blocks without length, and for too many of them.
    pub fn new(size: u64, length: u32) -> Result<Self, Error> {
        let wrong = Error::new(rules::BLOCK_GEOMETRY, 0);
        if length == 0 {
            return Err(wrong);
        }
        let count = u32::try_from(size.div_ceil(u64::from(length))).map_err(|_| wrong)?;
        Ok(Self { size, length, count })
    }

    /// The size of the image in bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The length of each block but the last one, in bytes.
    #[must_use]
    pub const fn length(&self) -> u32 {
        self.length
    }

    /// How many blocks there are.
    #[must_use]
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Where a block begins, and how long it is; `None` if it is none of the image.
    #[must_use]
    pub fn place(&self, block: u32) -> Option<(u64, u32)> {
        let offset = u64::from(block).checked_mul(u64::from(self.length))?;
        let left = self.size.checked_sub(offset).filter(|left| *left > 0)?;
        Some((offset, u32::try_from(left).unwrap_or(u32::MAX).min(self.length)))
    }

    /// Stores a block, if it is not there yet.
    ///
    /// Whoever can send blocks can send wrong ones, and the first copy of each is kept: where the
    /// channel does not authenticate them, that is found only by [`Blocks::check`], and all begins
    /// anew.
    ///
    /// # Errors
    /// [`rules::BLOCK_FORM`], [`rules::DOWNLOAD_STORE`].
    pub fn receive(
        &self,
        block: u32,
        bytes: &[u8],
        store: &mut dyn BlockStore,
    ) -> Result<Received, Error> {
        let place = self.place(block);
        let place = place.filter(|(_, length)| u32::try_from(bytes.len()) == Ok(*length));
        let (offset, _) = place.ok_or(Error::new(rules::BLOCK_FORM, 0))?;
        if store.contains(block).map_err(failed)? {
            return Ok(Received::Known);
        }
        match store.write(offset, bytes) {
            Poll::Pending => return Ok(Received::Pending),
            Poll::Ready(written) => written.map_err(failed)?,
        }
        store.insert(block).map_err(failed)?;
        Ok(Received::Taken)
    }

    /// The first block from `from` on that is not there: what to ask for.
    ///
    /// # Errors
    /// [`rules::DOWNLOAD_STORE`].
    pub fn next_missing(
        &self,
        from: u32,
        store: &mut dyn BlockStore,
    ) -> Result<Option<u32>, Error> {
        for block in from..self.count {
            if !store.contains(block).map_err(failed)? {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    /// Begins to check the image that the blocks make.
    ///
    /// # Errors
    /// [`rules::DIGEST_ALGORITHM`] if the algorithm is not built in.
    pub fn check<'d>(&self, expected: &SuitDigest<'d>) -> Result<BlockCheck<'d>, Error> {
        let hasher = expected.hasher().ok_or(Error::new(rules::DIGEST_ALGORITHM, 0))?;
        Ok(BlockCheck { blocks: *self, expected: *expected, offset: 0, hasher })
    }
}

fn failed(_: Fault) -> Error {
    Error::new(rules::DOWNLOAD_STORE, 0)
}

/// The check of an image, in steps: it is read once from its start to its end.
#[derive(Clone, Debug)]
pub struct BlockCheck<'d> {
    blocks: Blocks,
    expected: SuitDigest<'d>,
    offset: u64,
    hasher: Hasher,
}

impl BlockCheck<'_> {
    /// Reads on into `buffer`, which must not be empty.
    ///
    /// # Errors
    /// [`rules::BLOCK_MISSING`], [`rules::DOWNLOAD_STORE`].
    pub fn step(
        &mut self,
        store: &mut dyn BlockStore,
        buffer: &mut [u8],
    ) -> Result<Progress, Error> {
        let Some((block, left)) = self.next() else { return Ok(Progress::Done) };
        if !store.contains(block).map_err(failed)? {
            return Err(Error::new(rules::BLOCK_MISSING, 0));
        }
        let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let space = buffer.get_mut(..most).unwrap_or_default();
        let length = match store.read(self.offset, space) {
            Poll::Pending => return Ok(Progress::Pending),
            Poll::Ready(length) => length.map_err(failed)?,
        };
        let part = space.get(..length).filter(|part| !part.is_empty());
        let part = part.ok_or(Error::new(rules::DOWNLOAD_STORE, 0))?;
        self.hasher.update(part);
        self.offset = self.offset.saturating_add(u64::try_from(part.len()).unwrap_or(u64::MAX));
        Ok(Progress::More)
    }

    /// The block that is read, and how much of it is left.
    fn next(&self) -> Option<(u32, u64)> {
        if self.offset >= self.blocks.size {
            return None;
        }
        let block = self.offset.checked_div(u64::from(self.blocks.length))?;
        let block = u32::try_from(block).ok()?;
        let (start, length) = self.blocks.place(block)?;
        Some((block, start.saturating_add(u64::from(length)).saturating_sub(self.offset)))
    }

    /// Checks that the image has the digest; gives its size.
    ///
    /// # Errors
    /// [`rules::BLOCK_MISSING`] if it was not read to its end, [`rules::DOWNLOAD_DIGEST`]: a block
    /// was wrong, and nobody knows which.
    pub fn finish(self) -> Result<u64, Error> {
        if self.offset != self.blocks.size {
            return Err(Error::new(rules::BLOCK_MISSING, 0));
        }
        let is_it = self.expected.matches(&self.hasher.finish());
        if is_it { Ok(self.offset) } else { Err(Error::new(rules::DOWNLOAD_DIGEST, 0)) }
    }
}
