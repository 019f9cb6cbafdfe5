//! One area: a head that is written last, a seal, and records.
//!
//! ```text
//! head    'I', version 1, guard, unit, epoch (4 bytes), end of the copied records (4 bytes),
//!         CRC-32 of these 12 bytes and the size of an area (4 bytes)
//! seal    zeros
//! records the copied ones, then those that were appended
//! ```

use embedded_storage::nor_flash::NorFlash;

use crate::crc::Crc;
use crate::flash::{Layout, is_blank, padded, read_array, seal, unit, write};
use crate::record::Record;
use crate::{Error, rules};

const MARK: u8 = b'I';
const VERSION: u8 = 1;
const HEAD: u32 = 16;

/// What the head of an area says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) index: u8,
    /// The area to keep for as long as this one may be torn.
    pub(crate) guard: u8,
    /// The area with the highest one holds.
    pub(crate) epoch: u32,
    /// Where the copied records end.
    pub(crate) copied: u32,
}

impl Area {
    /// The head of an area, if it is one.
    pub(crate) fn read<F: NorFlash>(
        flash: &mut F,
        layout: Layout,
        index: u8,
    ) -> Result<Option<Self>, Error> {
        let bytes = read_array::<F, 16>(flash, layout.start(index))?;
        let [mark, version, guard, unit, e0, e1, e2, e3, c0, c1, c2, c3, check @ ..] = bytes;
        let (epoch, copied) = ([e0, e1, e2, e3], [c0, c1, c2, c3]);
        let (epoch, copied) = (u32::from_le_bytes(epoch), u32::from_le_bytes(copied));
        let area = Self { index, guard, epoch, copied };
        let is_head = (mark, version, u32::from(unit)) == (MARK, VERSION, self::unit::<F>())
            && u32::from_le_bytes(check) == checksum(bytes, layout)
            && (first::<F>(layout, index)..=layout.end(index)).contains(&copied);
        Ok(is_head.then_some(area))
    }

    fn bytes<F: NorFlash>(self, layout: Layout) -> [u8; 16] {
        let [e0, e1, e2, e3] = self.epoch.to_le_bytes();
        let [c0, c1, c2, c3] = self.copied.to_le_bytes();
        let unit = u8::try_from(unit::<F>()).unwrap_or_default();
        let with = |[s0, s1, s2, s3]: [u8; 4]| {
            [MARK, VERSION, self.guard, unit, e0, e1, e2, e3, c0, c1, c2, c3, s0, s1, s2, s3]
        };
        with(checksum(with([0; 4]), layout).to_le_bytes())
    }

    /// Commits the area by its head, reads it back, and seals it.
    pub(crate) fn write<F: NorFlash>(self, flash: &mut F, layout: Layout) -> Result<(), Error> {
        let start = layout.start(self.index);
        write(flash, start, &self.bytes::<F>(layout))?;
        if Self::read(flash, layout, self.index)? != Some(self) {
            return Err(Error::new(rules::STORAGE, start));
        }
        seal(flash, seal_of::<F>(layout, self.index))
    }

    /// Whether the head was written to its end for certain.
    pub(crate) fn is_sealed<F: NorFlash>(
        self,
        flash: &mut F,
        layout: Layout,
    ) -> Result<bool, Error> {
        Ok(!is_blank(flash, seal_of::<F>(layout, self.index))?)
    }

    /// What is behind the head; an error if copied records are missing.
    pub(crate) fn examine<F: NorFlash>(
        self,
        flash: &mut F,
        layout: Layout,
    ) -> Result<Content, Error> {
        let limit = layout.end(self.index);
        let mut at = first::<F>(layout, self.index);
        while at < limit {
            let Some(record) = Record::read(flash, at)? else { break };
            let end = record.end::<F>();
            if end > limit {
                break;
            }
            let is_copied = end <= self.copied;
            let is_sealed = !is_copied && record.is_sealed(flash)?;
            if !is_sealed && !record.is_whole(flash)? {
                break;
            }
            // Nothing was appended behind a record without a seal.
            if !is_copied && !is_sealed {
                return Ok(Content { certain: at, end, is_clean: false });
            }
            at = end;
        }
        if at < self.copied {
            return Err(Error::new(rules::DAMAGED, at));
        }
        let is_clean = at >= limit || is_blank(flash, at)?;
        Ok(Content { certain: at, end: at, is_clean })
    }
}

/// The records of an area.
#[derive(Clone, Copy)]
pub(crate) struct Content {
    /// Where those end that read the same every time.
    pub(crate) certain: u32,
    /// Where those end that are whole; a cut may have torn the commit word of the last one.
    pub(crate) end: u32,
    /// Whether nothing is to be seen behind, and nothing is uncertain.
    pub(crate) is_clean: bool,
}

/// Over all that a head says, and the size of the areas: with another one it is no head.
fn checksum([said @ .., _, _, _, _]: [u8; 16], layout: Layout) -> u32 {
    let mut crc = Crc::NEW;
    crc.update(&said);
    crc.update(&layout.area().to_le_bytes());
    crc.finish()
}

fn seal_of<F: NorFlash>(layout: Layout, index: u8) -> u32 {
    layout.start(index).saturating_add(padded::<F>(HEAD))
}

/// Where the records of an area begin.
pub(crate) fn first<F: NorFlash>(layout: Layout, index: u8) -> u32 {
    seal_of::<F>(layout, index).saturating_add(unit::<F>())
}
