//! The journal: the newest value of each key, in one of several areas.

use core::ops::Range;

use embedded_storage::nor_flash::NorFlash;

use crate::area::{Area, first};
use crate::flash::{Layout, address};
use crate::record::Record;
use crate::{Error, rules};

/// Without three, a torn area could stand beside the only good one, and one of them had to go.
const LEAST_AREAS: u8 = 3;

/// A journal in a region of flash: for each key of one byte, the value that was appended last.
///
/// It holds places only, so the flash is lent anew with each call; it must be the same one, and
/// nobody else may write the region meanwhile. After an error of the flash, open it again.
#[derive(Debug)]
#[allow(missing_copy_implementations, reason = "an old copy would write where the new one wrote")]
pub struct Journal {
    layout: Layout,
    area: Area,
    /// Where the next record goes.
    end: u32,
    /// Whether everything behind `end` is known to be erased: this object has seen it done.
    is_fresh: bool,
}

impl Journal {
    /// Opens the journal in `range`, with areas of one erase page each.
    ///
    /// # Errors
    /// [`rules::NO_JOURNAL`] where there is none ([`Journal::format`] makes one),
    /// [`rules::GEOMETRY`] and [`rules::STORAGE`].
    pub fn open<F: NorFlash>(flash: &mut F, range: Range<u32>) -> Result<Self, Error> {
        Self::open_areas(flash, range, address(F::ERASE_SIZE))
    }

    /// Opens the journal in `range`, with areas of `area` bytes.
    ///
    /// # Errors
    /// Those of [`Journal::open`].
    pub fn open_areas<F: NorFlash>(
        flash: &mut F,
        range: Range<u32>,
        area: u32,
    ) -> Result<Self, Error> {
        let layout = Layout::new(flash, range, area, LEAST_AREAS)?;
        let mut bound = None;
        for _ in 0..layout.areas() {
            let Some(area) = newest(flash, layout, bound)? else { break };
            if let Some(journal) = Self::settled(flash, layout, area)? {
                return Ok(journal);
            }
            bound = Some(area.epoch);
        }
        Err(Error::new(rules::NO_JOURNAL, layout.start(0)))
    }

    /// Makes an empty journal in `range`, with areas of one erase page each.
    ///
    /// This is no atomic step: until it succeeds, a journal that was there may be found, with its
    /// newest or older values. Then make it again.
    ///
    /// # Errors
    /// [`rules::GEOMETRY`] and [`rules::STORAGE`].
    pub fn format<F: NorFlash>(flash: &mut F, range: Range<u32>) -> Result<Self, Error> {
        Self::format_areas(flash, range, address(F::ERASE_SIZE))
    }

    /// Makes an empty journal in `range`, with areas of `area` bytes.
    ///
    /// # Errors
    /// Those of [`Journal::format`].
    pub fn format_areas<F: NorFlash>(
        flash: &mut F,
        range: Range<u32>,
        area: u32,
    ) -> Result<Self, Error> {
        let layout = Layout::new(flash, range, area, LEAST_AREAS)?;
        for index in 0..layout.areas() {
            layout.erase(flash, index)?;
        }
        let end = first::<F>(layout, 0);
        let guard = layout.areas().saturating_sub(1);
        let area = Area { index: 0, guard, epoch: 1, copied: end };
        area.write(flash, layout)?;
        Ok(Self { layout, area, end, is_fresh: true })
    }

    /// Appends a record: it is the value of `key` from now on.
    ///
    /// When this returns it is durable. If the power is cut before, the key has the old value or
    /// the new one, and all others have theirs.
    ///
    /// # Errors
    /// [`rules::FULL`], with nothing changed; [`rules::STORAGE`] and [`rules::DAMAGED`], after
    /// which only opening anew tells which value the key has.
    pub fn append<F: NorFlash>(
        &mut self,
        flash: &mut F,
        key: u8,
        value: &[u8],
    ) -> Result<(), Error> {
        let Ok(length) = u16::try_from(value.len()) else { return Err(self.full()) };
        let mut record = Record { at: self.end, key, length };
        if !self.is_fresh || record.end::<F>() > self.limit() {
            // Right behind a compaction another one gains nothing.
            if self.is_fresh && self.end == self.area.copied {
                return Err(self.full());
            }
            self.compact(flash)?;
            record.at = self.end;
            if record.end::<F>() > self.limit() {
                return Err(self.full());
            }
        }
        self.is_fresh = false;
        record.write(flash, value)?;
        self.end = record.end::<F>();
        self.is_fresh = true;
        Ok(())
    }

    /// Reads the value of `key` into `buffer`.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`], [`rules::DAMAGED`] and [`rules::STORAGE`].
    pub fn read<'b, F: NorFlash>(
        &self,
        flash: &mut F,
        key: u8,
        buffer: &'b mut [u8],
    ) -> Result<Option<&'b [u8]>, Error> {
        let Some(record) = self.find(flash, self.first::<F>(), key)? else { return Ok(None) };
        let Some(value) = buffer.get_mut(..usize::from(record.length)) else {
            return Err(Error::new(iotops_wire::rules::OUT_OF_SPACE, record.at));
        };
        let mut rest = &mut *value;
        let is_whole = record.lend(flash, &mut |_, chunk| {
            if let Some((head, tail)) = core::mem::take(&mut rest).split_at_mut_checked(chunk.len())
            {
                head.copy_from_slice(chunk);
                rest = tail;
            }
            Ok(())
        })?;
        if is_whole { Ok(Some(value)) } else { Err(damaged(record.at)) }
    }

    /// Lists the keys that have a value, and the lengths of the values, oldest record first.
    ///
    /// # Errors
    /// [`rules::DAMAGED`] and [`rules::STORAGE`].
    pub fn list<F: NorFlash>(
        &self,
        flash: &mut F,
        sink: &mut dyn FnMut(u8, u16),
    ) -> Result<(), Error> {
        let mut at = self.first::<F>();
        while let Some(record) = self.next_newest(flash, &mut at)? {
            sink(record.key, record.length);
        }
        Ok(())
    }

    /// Where the area with the records ends.
    fn limit(&self) -> u32 {
        self.layout.end(self.area.index)
    }

    #[cold]
    fn full(&self) -> Error {
        Error::new(rules::FULL, self.end)
    }

    /// The journal of this area, once nothing of it hangs on a word that may be torn: what it
    /// says must be durable before anyone acts on it. None if the area was never completed.
    fn settled<F: NorFlash>(
        flash: &mut F,
        layout: Layout,
        area: Area,
    ) -> Result<Option<Self>, Error> {
        let is_sealed = area.is_sealed(flash, layout)?;
        match Self::settle(flash, layout, area, is_sealed) {
            Ok(journal) => Ok(Some(journal)),
            // The head may be torn, and the area may be in the middle of being erased.
            Err(error) if error.rule() == rules::DAMAGED && !is_sealed => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn settle<F: NorFlash>(
        flash: &mut F,
        layout: Layout,
        area: Area,
        is_sealed: bool,
    ) -> Result<Self, Error> {
        let content = area.examine(flash, layout)?;
        let mut journal = Self { layout, area, end: content.end, is_fresh: false };
        if content.is_clean && is_sealed {
            return Ok(journal);
        }
        if let Err(error) = journal.compact(flash) {
            // The last record was whole a moment ago: a torn word reads as it likes. It was never
            // told to anyone, so it may as well be none.
            if error.rule() != rules::DAMAGED || content.certain == content.end {
                return Err(error);
            }
            journal.end = content.certain;
            journal.compact(flash)?;
        }
        Ok(journal)
    }

    /// Where the records begin.
    fn first<F: NorFlash>(&self) -> u32 {
        first::<F>(self.layout, self.area.index)
    }

    /// The last record with this key from `at` on.
    fn find<F: NorFlash>(
        &self,
        flash: &mut F,
        mut at: u32,
        key: u8,
    ) -> Result<Option<Record>, Error> {
        let mut found = None;
        while let Some(record) = next(flash, &mut at, self.end)? {
            if record.key == key {
                found = Some(record);
            }
        }
        Ok(found)
    }

    /// The first record from `at` on that no later one replaces.
    fn next_newest<F: NorFlash>(
        &self,
        flash: &mut F,
        at: &mut u32,
    ) -> Result<Option<Record>, Error> {
        while let Some(record) = next(flash, at, self.end)? {
            if self.find(flash, *at, record.key)?.is_none() {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// Copies the newest values into another area, and changes over to it.
    fn compact<F: NorFlash>(&mut self, flash: &mut F) -> Result<(), Error> {
        self.is_fresh = false;
        let guard = if self.area.is_sealed(flash, self.layout)? {
            self.area.index
        } else {
            self.area.guard
        };
        let index = self.target();
        self.clear(flash, index)?;
        let (mut at, mut end) = (self.first::<F>(), first::<F>(self.layout, index));
        while let Some(record) = self.next_newest(flash, &mut at)? {
            if !record.copy(flash, end)? {
                return Err(damaged(record.at));
            }
            end = Record { at: end, ..record }.end::<F>();
        }
        let epoch = self.area.epoch.saturating_add(1);
        let area = Area { index, guard, epoch, copied: end };
        area.write(flash, self.layout)?;
        (self.area, self.end, self.is_fresh) = (area, end, true);
        Ok(())
    }

    /// The next area that is neither this one nor its guard; there are three at least.
    fn target(&self) -> u8 {
        let next = self.layout.next(self.area.index);
        if next == self.area.guard { self.layout.next(next) } else { next }
    }

    /// Erases the target, and every area that could turn out later to be newer than the target is
    /// going to be: its head may be torn.
    fn clear<F: NorFlash>(&self, flash: &mut F, target: u8) -> Result<(), Error> {
        for index in (0..self.layout.areas()).filter(|index| *index != self.area.index) {
            let is_older = Area::read(flash, self.layout, index)?
                .is_some_and(|area| area.epoch < self.area.epoch);
            if index == target || !is_older {
                self.layout.erase(flash, index)?;
            }
        }
        Ok(())
    }
}

/// The area with the highest epoch below `bound`.
fn newest<F: NorFlash>(
    flash: &mut F,
    layout: Layout,
    bound: Option<u32>,
) -> Result<Option<Area>, Error> {
    let mut newest: Option<Area> = None;
    for index in 0..layout.areas() {
        let Some(area) = Area::read(flash, layout, index)? else { continue };
        let is_below = bound.is_none_or(|bound| area.epoch < bound);
        if is_below && newest.is_none_or(|newest| newest.epoch < area.epoch) {
            newest = Some(area);
        }
    }
    Ok(newest)
}

/// The record at `at`, which then is where the next one begins; none at `end`. All of them were
/// found when the journal was opened.
fn next<F: NorFlash>(flash: &mut F, at: &mut u32, end: u32) -> Result<Option<Record>, Error> {
    if *at >= end {
        return Ok(None);
    }
    let Some(record) = Record::read(flash, *at)? else { return Err(damaged(*at)) };
    *at = record.end::<F>();
    Ok(Some(record))
}

#[cold]
fn damaged(at: u32) -> Error {
    Error::new(rules::DAMAGED, at)
}
