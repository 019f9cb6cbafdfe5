//! Which blocks of an image were received: one word for each, programmed once.
//!
//! A word that a cut has torn may read as set and later as not. So nothing is acted upon that was
//! read from a half whose writing was interrupted: [`Bitmap::resume`] reads each word once, writes
//! what it decided to the other half, and changes over by one record of the journal.

use core::ops::Range;

use embedded_storage::nor_flash::NorFlash;

use crate::flash::{CHUNK, ERASED, Layout, address, read};
use crate::{Error, Journal, rules};

const HALVES: u8 = 2;
/// Half, tag, number of blocks.
const RECORD: usize = 13;

/// A bitmap of blocks in a region of its own, with a record of a [`Journal`].
///
/// Each block takes one write of the flash in each of two halves: 256 blocks take two pages of
/// 4 KiB with writes of 16 bytes. As with a journal, nobody else may write the region.
#[derive(Debug)]
#[allow(missing_copy_implementations, reason = "an old copy would write to the wrong half")]
pub struct Bitmap {
    layout: Layout,
    half: u8,
    blocks: u32,
}

/// What a bitmap is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "arguments by name")]
pub struct Purpose {
    /// The region of the flash: two halves of whole erase pages.
    pub range: Range<u32>,
    /// The key of its record in the journal.
    pub key: u8,
    /// What the blocks are of, such as the start of a digest.
    pub tag: u64,
    /// How many blocks there are.
    pub blocks: u32,
}

impl Purpose {
    fn layout<F: NorFlash>(&self, flash: &F) -> Result<Layout, Error> {
        let length = self.range.end.saturating_sub(self.range.start);
        let half = length.checked_div(u32::from(HALVES)).unwrap_or_default();
        let needed = self.blocks.saturating_mul(address(F::WRITE_SIZE));
        if needed > half {
            return Err(Error::new(rules::GEOMETRY, self.range.start));
        }
        Layout::new(flash, self.range.clone(), half, HALVES)
    }

    fn record(&self, half: u8) -> [u8; RECORD] {
        let mut record = [half; RECORD];
        let rest = self.tag.to_le_bytes().into_iter().chain(self.blocks.to_le_bytes());
        record.iter_mut().skip(1).zip(rest).for_each(|(to, from)| *to = from);
        record
    }

    /// The half that the journal tells, and whether it is for this purpose.
    fn stored<F: NorFlash>(
        &self,
        flash: &mut F,
        journal: &Journal,
    ) -> Result<Option<(u8, bool)>, Error> {
        let mut buffer = [0; RECORD];
        let value = match journal.read(flash, self.key, &mut buffer) {
            Err(error) if error.rule() == iotops_wire::rules::OUT_OF_SPACE => Some(&[][..]),
            value => value?,
        };
        match value {
            None => Ok(None),
            Some(value @ &[half, ..]) if half < HALVES && value.len() == RECORD => {
                Ok(Some((half, value == self.record(half))))
            }
            Some(_) => Err(Error::new(rules::BITMAP, self.range.start)),
        }
    }
}

impl Bitmap {
    /// Makes a bitmap with no block set. The one that was there holds until this returns.
    ///
    /// # Errors
    /// [`rules::GEOMETRY`] if the region is too small or not of whole pages, [`rules::BITMAP`] if
    /// the key is used for something else, and those of [`Journal::append`].
    pub fn create<F: NorFlash>(
        flash: &mut F,
        journal: &mut Journal,
        purpose: &Purpose,
    ) -> Result<Self, Error> {
        let layout = purpose.layout(flash)?;
        let half = match purpose.stored(flash, journal)? {
            Some((half, _)) => layout.next(half),
            None => 0,
        };
        layout.erase(flash, half)?;
        journal.append(flash, purpose.key, &purpose.record(half))?;
        Ok(Self { layout, half, blocks: purpose.blocks })
    }

    /// Goes on with a bitmap after a restart; none if there is none for this purpose.
    ///
    /// # Errors
    /// Those of [`Bitmap::create`].
    pub fn resume<F: NorFlash>(
        flash: &mut F,
        journal: &mut Journal,
        purpose: &Purpose,
    ) -> Result<Option<Self>, Error> {
        let layout = purpose.layout(flash)?;
        let Some((half, true)) = purpose.stored(flash, journal)? else { return Ok(None) };
        let mut bitmap = Self { layout, half, blocks: purpose.blocks };
        bitmap.retain(flash, journal, purpose, &mut |_| true)?;
        Ok(Some(bitmap))
    }

    /// Forgets the blocks that are not to be kept, all at once: a cut leaves all that were there,
    /// or just those kept. `purpose` is that of the bitmap. After an error it must be resumed.
    ///
    /// # Errors
    /// [`rules::STORAGE`], and those of [`Journal::append`].
    pub fn retain<F: NorFlash>(
        &mut self,
        flash: &mut F,
        journal: &mut Journal,
        purpose: &Purpose,
        keep: &mut dyn FnMut(u32) -> bool,
    ) -> Result<(), Error> {
        let new = Self { half: self.layout.next(self.half), ..*self };
        self.layout.erase(flash, new.half)?;
        for block in 0..self.blocks {
            if self.contains(flash, block)? && keep(block) {
                new.program(flash, block)?;
            }
        }
        journal.append(flash, purpose.key, &purpose.record(new.half))?;
        *self = new;
        Ok(())
    }

    /// Says that a block is there. Its bytes must be durable already.
    ///
    /// # Errors
    /// [`rules::BLOCK`] and [`rules::STORAGE`].
    pub fn insert<F: NorFlash>(&mut self, flash: &mut F, block: u32) -> Result<(), Error> {
        if self.contains(flash, block)? { Ok(()) } else { self.program(flash, block) }
    }

    /// Whether a block is there.
    ///
    /// # Errors
    /// [`rules::BLOCK`] and [`rules::STORAGE`].
    pub fn contains<F: NorFlash>(&self, flash: &mut F, block: u32) -> Result<bool, Error> {
        let at = self.place::<F>(block)?;
        let mut word = [0; CHUNK];
        let word = word.get_mut(..F::WRITE_SIZE).unwrap_or_default();
        read(flash, at, word)?;
        Ok(word.iter().any(|byte| *byte != ERASED))
    }

    /// The first block from `from` on that is not there.
    ///
    /// # Errors
    /// [`rules::STORAGE`].
    pub fn next_missing<F: NorFlash>(
        &self,
        flash: &mut F,
        from: u32,
    ) -> Result<Option<u32>, Error> {
        for block in from..self.blocks {
            if !self.contains(flash, block)? {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    fn place<F: NorFlash>(&self, block: u32) -> Result<u32, Error> {
        let start = self.layout.start(self.half);
        if block >= self.blocks {
            return Err(Error::new(rules::BLOCK, start));
        }
        Ok(start.saturating_add(block.saturating_mul(address(F::WRITE_SIZE))))
    }

    /// Programs the word of a block, which reads as erased, and was not touched before.
    fn program<F: NorFlash>(&self, flash: &mut F, block: u32) -> Result<(), Error> {
        let at = self.place::<F>(block)?;
        let word = [0; CHUNK];
        let written = flash.write(at, word.get(..F::WRITE_SIZE).unwrap_or_default());
        match written {
            Ok(()) if self.contains(flash, block)? => Ok(()),
            _ => Err(Error::new(rules::STORAGE, at)),
        }
    }
}
