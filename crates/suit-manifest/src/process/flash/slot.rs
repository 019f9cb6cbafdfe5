//! Blocks of an image in the staging slot, in any order.
//!
//! A word whose writing was cut must not be programmed again before its page is erased, whatever
//! it reads as. So each block has two marks: begun, set before it is written, and there, set after.
//! Before a block is written beside one that was begun and is not there, the pages of both are
//! erased, and all blocks on them forgotten.

use core::ops::Range;
use core::task::Poll;

use embedded_storage::nor_flash::NorFlash;
use iotops_journal::Bitmap;
use iotops_journal::bitmap::Purpose;

use super::{BLOCKS, CHUNK, Fault, Slot, Storage, read_bytes, wide};
use crate::discover::{BlockStore, Blocks};
use crate::process::Answer;

const MARKS: u32 = 2;

/// The staging slot of a [`Storage`] as a store of blocks that come in any order and survive a
/// power cut at any moment. Several blocks may share an erase page, as those of CoAP do; for blocks
/// of whole pages on flash of their own there is [`FlashBlocks`](crate::discover::FlashBlocks).
///
/// Nobody else writes the slot before the image is complete and [`Storage::finish`] was called with
/// its size; who does calls [`SlotBlocks::begin`] afterwards.
#[derive(Debug)]
pub struct SlotBlocks<'s, F> {
    storage: &'s Storage<F>,
    blocks: Blocks,
    purpose: Purpose,
    bitmap: Bitmap,
    /// Where the slot begins in the flash.
    start: u32,
    /// Bytes that are erased together, and the blocks in them.
    group: u32,
    members: u32,
}

impl<'s, F: NorFlash> SlotBlocks<'s, F> {
    /// Goes on with an image after a restart, or begins if there is none of it.
    ///
    /// `marks` is a region of the flash for the marks of the blocks: two halves of whole pages,
    /// each with room for two words for each block. `tag` names the image, as the start of its
    /// digest does.
    ///
    /// # Errors
    /// [`Fault::Unsupported`] if blocks are not of whole words, do not fill pages or divide them, or
    /// do not fit the slot or the marks their region, and [`Fault::Failed`].
    pub fn open(
        storage: &'s Storage<F>,
        marks: Range<u32>,
        blocks: Blocks,
        tag: u64,
    ) -> Result<Self, Fault> {
        Self::with(storage, marks, blocks, tag, true)
    }

    /// Begins with an empty slot: after a wrong digest, or when the slot was used otherwise.
    ///
    /// # Errors
    /// Those of [`SlotBlocks::open`].
    pub fn begin(
        storage: &'s Storage<F>,
        marks: Range<u32>,
        blocks: Blocks,
        tag: u64,
    ) -> Result<Self, Fault> {
        Self::with(storage, marks, blocks, tag, false)
    }

    fn with(
        storage: &'s Storage<F>,
        marks: Range<u32>,
        blocks: Blocks,
        tag: u64,
        goes_on: bool,
    ) -> Result<Self, Fault> {
        let (group, members) = groups::<F>(blocks.length()).ok_or(Fault::Unsupported)?;
        let needed = u64::from(group).checked_mul(blocks.size().div_ceil(u64::from(group)));
        needed.filter(|size| *size <= u64::from(storage.length)).ok_or(Fault::Unsupported)?;
        let start = storage.address(Slot::Staging)?;
        let words = blocks.count().checked_mul(MARKS).ok_or(Fault::Unsupported)?;
        // Marks that were made in the other slot, or for other blocks, are not those of these.
        let tag = tag ^ u64::from(start) ^ u64::from(blocks.length()).rotate_left(32);
        let purpose = Purpose { range: marks, key: BLOCKS, tag, blocks: words };
        let found = if goes_on { storage.marks(&purpose)? } else { None };
        let bitmap = match found {
            Some(bitmap) => bitmap,
            None => storage.new_marks(&purpose, start)?,
        };
        Ok(Self { storage, blocks, purpose, bitmap, start, group, members })
    }

    fn mark(&mut self, mark: u32) -> Result<(), Fault> {
        let mut flash = self.storage.flash.borrow_mut();
        self.bitmap.insert(&mut *flash, mark).map_err(|_| Fault::Failed)
    }

    fn is_marked(&self, mark: u32) -> Result<bool, Fault> {
        let mut flash = self.storage.flash.borrow_mut();
        self.bitmap.contains(&mut *flash, mark).map_err(|_| Fault::Failed)
    }

    fn retain(&mut self, keep: &mut dyn FnMut(u32) -> bool) -> Result<(), Fault> {
        let (mut flash, mut records) =
            (self.storage.flash.borrow_mut(), self.storage.records.borrow_mut());
        let kept = self.bitmap.retain(&mut *flash, &mut records, &self.purpose, keep);
        kept.map_err(|_| Fault::Failed)
    }

    /// Whether a block of a group was begun and is not there: its pages hold torn words.
    fn is_torn(&self, group: u32) -> Result<bool, Fault> {
        let first = group.saturating_mul(self.members);
        let last = first.saturating_add(self.members).min(self.blocks.count());
        for block in first..last {
            if self.is_marked(begun(block))? && !self.is_marked(there(block))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Erases the pages of a group. The marks that say what was begun go last: a cut before that
    /// finds them, and does all of it again.
    fn renew(&mut self, group: u32) -> Result<(), Fault> {
        let members = self.members;
        let of = move |mark: u32| mark.checked_div(MARKS.saturating_mul(members));
        self.retain(&mut |mark| of(mark) != Some(group) || mark.is_multiple_of(MARKS))?;
        let start = group.checked_mul(self.group).and_then(|at| at.checked_add(self.start));
        let start = start.ok_or(Fault::Failed)?;
        let end = start.checked_add(self.group).ok_or(Fault::Failed)?;
        self.storage.flash.borrow_mut().erase(start, end).map_err(|_| Fault::Failed)?;
        self.retain(&mut |mark| of(mark) != Some(group))
    }

    fn try_write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Fault> {
        let block = offset.checked_div(u64::from(self.blocks.length()));
        let block = block.and_then(|block| u32::try_from(block).ok()).ok_or(Fault::Failed)?;
        let group = block.checked_div(self.members).ok_or(Fault::Failed)?;
        // Also when only another block of them is torn: their erasing may have been cut.
        if self.is_torn(group)? {
            self.renew(group)?;
        }
        self.mark(begun(block))?;
        let mut at = offset;
        for piece in bytes.chunks(CHUNK) {
            self.storage.try_write(Slot::Staging, at, piece)?;
            at = at.saturating_add(wide(piece.len()));
        }
        Ok(())
    }
}

/// The bytes that are erased together and how many blocks are in them; none if a block would share
/// a word, or a page that another one only partly fills.
fn groups<F: NorFlash>(length: u32) -> Option<(u32, u32)> {
    let page = u32::try_from(F::ERASE_SIZE).ok()?;
    let word = u32::try_from(F::WRITE_SIZE).ok()?;
    let group = page.max(length);
    let fits = length.is_multiple_of(word) && CHUNK.is_multiple_of(F::WRITE_SIZE);
    let divides = group.is_multiple_of(length) && group.is_multiple_of(page);
    (fits && divides).then_some((group, group.checked_div(length)?))
}

/// The mark of a block whose writing was begun.
const fn begun(block: u32) -> u32 {
    block.saturating_mul(MARKS)
}

/// The mark of a block that is there.
const fn there(block: u32) -> u32 {
    begun(block).saturating_add(1)
}

impl<F: NorFlash> Storage<F> {
    fn marks(&self, purpose: &Purpose) -> Result<Option<Bitmap>, Fault> {
        let (mut flash, mut records) = (self.flash.borrow_mut(), self.records.borrow_mut());
        Bitmap::resume(&mut *flash, &mut records, purpose).map_err(fault)
    }

    /// Erases the slot, then makes marks: a cut between them begins anew.
    fn new_marks(&self, purpose: &Purpose, start: u32) -> Result<Bitmap, Fault> {
        let (mut flash, mut records) = (self.flash.borrow_mut(), self.records.borrow_mut());
        // The old marks must not outlive what they tell of, even if they are for this image.
        let none = Purpose { tag: !purpose.tag, ..purpose.clone() };
        Bitmap::create(&mut *flash, &mut records, &none).map_err(fault)?;
        let end = start.checked_add(self.length).ok_or(Fault::Failed)?;
        flash.erase(start, end).map_err(|_| Fault::Failed)?;
        Bitmap::create(&mut *flash, &mut records, purpose).map_err(fault)
    }
}

fn fault(error: iotops_journal::Error) -> Fault {
    if error.rule() == iotops_journal::rules::GEOMETRY { Fault::Unsupported } else { Fault::Failed }
}

impl<F: NorFlash> BlockStore for SlotBlocks<'_, F> {
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()> {
        Poll::Ready(self.try_write(offset, bytes))
    }

    fn insert(&mut self, block: u32) -> Result<(), Fault> {
        self.mark(there(block))
    }

    fn contains(&mut self, block: u32) -> Result<bool, Fault> {
        self.is_marked(there(block))
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        let at = u32::try_from(offset).ok().and_then(|offset| self.start.checked_add(offset));
        let mut flash = self.storage.flash.borrow_mut();
        let read = at.ok_or(Fault::Failed);
        Poll::Ready(read.and_then(|at| read_bytes(&mut *flash, at, buffer)).map(|()| buffer.len()))
    }
}
