//! Blocks in NOR flash, with the bitmap of `iotops-journal` (feature `flash`).

use core::ops::Range;
use core::task::Poll;

use embedded_storage::nor_flash::NorFlash;
use iotops_crypto::{Algorithm, digest};
use iotops_journal::bitmap::Purpose;
use iotops_journal::{Bitmap, Journal};

use super::blocks::{BlockStore, Blocks};
use crate::model::SuitDigest;
use crate::process::{Answer, Fault, read_bytes};
use crate::{Error, rules};

/// The longest word of flash that a journal takes too.
const WORD: usize = 64;

/// Where blocks are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "arguments by name")]
pub struct BlockPlace {
    /// The region of the bitmap ([`Purpose::range`]).
    pub map: Range<u32>,
    /// The key of its record in the journal.
    pub key: u8,
    /// The region of the image, of whole erase pages, outside of the bitmap and the journal.
    pub image: Range<u32>,
}

/// Blocks and their map, in flash. No word is programmed twice: the pages of a block are erased
/// before it is written, so a block must be whole erase pages long.
#[derive(Debug)]
pub struct FlashBlocks<'f, F> {
    flash: &'f mut F,
    map: Bitmap,
    image: u32,
}

impl<'f, F: NorFlash> FlashBlocks<'f, F> {
    /// Goes on with the image that has this digest, or begins it: blocks of another one, or of
    /// another length, are forgotten.
    ///
    /// # Errors
    /// [`rules::BLOCK_GEOMETRY`] if blocks or regions are not whole pages, overlap, or are too
    /// small, or the key is used for something else; [`rules::DOWNLOAD_STORE`].
    pub fn open(
        flash: &'f mut F,
        journal: &mut Journal,
        place: &BlockPlace,
        blocks: &Blocks,
        digest: &SuitDigest<'_>,
    ) -> Result<Self, Error> {
        let purpose = purpose(flash, place, blocks, digest)?;
        let map = match Bitmap::resume(flash, journal, &purpose).map_err(refused)? {
            Some(map) => map,
            None => Bitmap::create(flash, journal, &purpose).map_err(refused)?,
        };
        Ok(Self { flash, map, image: place.image.start })
    }

    /// Begins the image anew: after its digest was found to be another one.
    ///
    /// # Errors
    /// Those of [`FlashBlocks::open`].
    pub fn begin(
        flash: &'f mut F,
        journal: &mut Journal,
        place: &BlockPlace,
        blocks: &Blocks,
        digest: &SuitDigest<'_>,
    ) -> Result<Self, Error> {
        let purpose = purpose(flash, place, blocks, digest)?;
        let map = Bitmap::create(flash, journal, &purpose).map_err(refused)?;
        Ok(Self { flash, map, image: place.image.start })
    }

    fn address(&self, offset: u64) -> Result<u32, Fault> {
        let offset = u32::try_from(offset).ok();
        offset.and_then(|offset| self.image.checked_add(offset)).ok_or(Fault::Failed)
    }

    fn try_write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Fault> {
        let at = self.address(offset)?;
        let pages = bytes.len().checked_next_multiple_of(F::ERASE_SIZE);
        let end = pages.and_then(|pages| at.checked_add(u32::try_from(pages).ok()?));
        self.flash.erase(at, end.ok_or(Fault::Failed)?).map_err(|_| Fault::Failed)?;
        let rest = bytes.len().checked_rem(F::WRITE_SIZE).ok_or(Fault::Failed)?;
        let (whole, rest) = bytes.split_at(bytes.len().saturating_sub(rest));
        self.flash.write(at, whole).map_err(|_| Fault::Failed)?;
        if rest.is_empty() {
            return Ok(());
        }
        let mut word = [0xff; WORD];
        let word = word.get_mut(..F::WRITE_SIZE).ok_or(Fault::Failed)?;
        word.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        let behind = u32::try_from(whole.len()).ok().and_then(|length| at.checked_add(length));
        self.flash.write(behind.ok_or(Fault::Failed)?, word).map_err(|_| Fault::Failed)
    }
}

impl<F: NorFlash> BlockStore for FlashBlocks<'_, F> {
    fn write(&mut self, offset: u64, bytes: &[u8]) -> Answer<()> {
        Poll::Ready(self.try_write(offset, bytes))
    }

    fn read(&mut self, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        let at = self.address(offset);
        Poll::Ready(at.and_then(|at| read_bytes(self.flash, at, buffer)).map(|()| buffer.len()))
    }

    fn contains(&mut self, block: u32) -> Result<bool, Fault> {
        self.map.contains(self.flash, block).map_err(|_| Fault::Failed)
    }

    fn insert(&mut self, block: u32) -> Result<(), Fault> {
        self.map.insert(self.flash, block).map_err(|_| Fault::Failed)
    }
}

/// What the bitmap is for: an image with this digest in blocks of this length.
fn purpose<F: NorFlash>(
    flash: &F,
    place: &BlockPlace,
    blocks: &Blocks,
    expected: &SuitDigest<'_>,
) -> Result<Purpose, Error> {
    let wrong = Error::new(rules::BLOCK_GEOMETRY, place.image.start);
    let page = u32::try_from(F::ERASE_SIZE).map_err(|_| wrong)?;
    let is_whole = |number: u32| number.is_multiple_of(page);
    let size = blocks.size().checked_next_multiple_of(u64::from(page)).ok_or(wrong)?;
    let end = u64::from(place.image.start).checked_add(size).ok_or(wrong)?;
    let is_apart = place.image.end <= place.map.start || place.map.end <= place.image.start;
    let fits = [blocks.length(), place.image.start, place.image.end].into_iter().all(is_whole)
        && end <= u64::from(place.image.end)
        && usize::try_from(place.image.end).is_ok_and(|end| end <= flash.capacity());
    if !fits || !is_apart {
        return Err(wrong);
    }
    let (size, length) = (blocks.size().to_be_bytes(), blocks.length().to_be_bytes());
    let sum = digest(Algorithm::Sha256, &[expected.bytes(), &size, &length]);
    let tag = sum.as_ref().and_then(|sum| sum.as_bytes().first_chunk().copied());
    let tag = u64::from_be_bytes(tag.ok_or(Error::new(rules::DIGEST_ALGORITHM, 0))?);
    Ok(Purpose { range: place.map.clone(), key: place.key, tag, blocks: blocks.count() })
}

fn refused(error: iotops_journal::Error) -> Error {
    use iotops_journal::rules::{BITMAP, GEOMETRY};
    let is_argument = [BITMAP, GEOMETRY].contains(&error.rule());
    let rule = if is_argument { rules::BLOCK_GEOMETRY } else { rules::DOWNLOAD_STORE };
    Error::new(rule, error.place().offset())
}
