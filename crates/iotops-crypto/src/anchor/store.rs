//! Two slots of storage: a power cut at any moment leaves the old record or the new one.
//!
//! A record begins with 64 bytes: its counter (8 bytes), the length of its content (4 bytes), the
//! SHA-256 over both and the content, and zeros; the content follows. Numbers are big-endian. The
//! slot that does not hold the newest record is erased and written, the content first, so that
//! the record is whole only with the last byte of its digest.

use sha2::{Digest as _, Sha256};

use crate::{Error, rules};

/// Counter and length.
const NUMBERS: usize = 12;
const DIGEST: usize = 32;
const HEADER: usize = 64;
/// Where the content begins.
const CONTENT: u32 = 64;
/// What is read at once to check a record.
const CHUNK: usize = 64;

/// One of the two slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// Two slots of storage that can be erased each by itself, such as two sectors of flash.
///
/// Offsets count from the start of the slot, and those of writes are multiples of 64; a last write
/// whose length is no multiple of what the flash writes at once is to be filled up. A read of what
/// a power cut left half written gives some bytes, not an error.
pub trait Slots {
    /// The number of bytes of a slot.
    fn capacity(&self) -> u32;

    /// Reads from `offset` to fill `buffer`.
    ///
    /// # Errors
    /// [`iotops_wire::Unavailable`].
    fn read(
        &mut self,
        slot: Slot,
        offset: u32,
        buffer: &mut [u8],
    ) -> Result<(), iotops_wire::Unavailable>;

    /// Erases the slot.
    ///
    /// # Errors
    /// [`iotops_wire::Unavailable`].
    fn erase(&mut self, slot: Slot) -> Result<(), iotops_wire::Unavailable>;

    /// Writes what was erased before. It is durable when this returns.
    ///
    /// # Errors
    /// [`iotops_wire::Unavailable`].
    fn write(
        &mut self,
        slot: Slot,
        offset: u32,
        bytes: &[u8],
    ) -> Result<(), iotops_wire::Unavailable>;
}

/// A whole record.
#[derive(Clone, Copy)]
struct Record {
    slot: Slot,
    counter: u64,
    length: usize,
}

/// Reads the newest whole record into `buffer`, and gives it and its counter.
///
/// `floor` is the least counter that is accepted. From two slots alone nobody can tell that their
/// older content was put back: who has a counter that only rises raises it after each [`save`]
/// and gives it here; others give 0.
///
/// # Errors
/// [`rules::anchor::NO_STATE`] if no slot holds a whole record, [`rules::anchor::ROLLED_BACK`],
/// [`rules::anchor::STORAGE`], and [`iotops_wire::rules::OUT_OF_SPACE`].
pub fn load<'b>(
    slots: &mut dyn Slots,
    floor: u64,
    buffer: &'b mut [u8],
) -> Result<(&'b [u8], u64), Error> {
    let Some(record) = newest(slots)? else {
        return Err(Error::new(rules::anchor::NO_STATE, 0));
    };
    if record.counter < floor {
        return Err(Error::new(rules::anchor::ROLLED_BACK, 0));
    }
    let Some(content) = buffer.get_mut(..record.length) else {
        return Err(Error::new(iotops_wire::rules::OUT_OF_SPACE, 0));
    };
    slots.read(record.slot, CONTENT, content).map_err(|_| storage())?;
    Ok((content, record.counter))
}

/// Writes `content` as the newest record, and gives its counter.
///
/// # Errors
/// [`rules::anchor::STORAGE`] if the storage does not answer or what it gives back is not what
/// was written; the record before then still holds. [`iotops_wire::rules::OUT_OF_SPACE`] if the
/// slot is too small.
pub fn save(slots: &mut dyn Slots, content: &[u8]) -> Result<u64, Error> {
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    if length.saturating_add(CONTENT) > slots.capacity() {
        return Err(Error::new(iotops_wire::rules::OUT_OF_SPACE, 0));
    }
    let (slot, counter) = match newest(slots)? {
        Some(record) => (record.slot.other(), record.counter.saturating_add(1)),
        None => (Slot::A, 1),
    };
    let header = header(counter, length, content);
    let written = slots
        .erase(slot)
        .and_then(|()| slots.write(slot, CONTENT, content))
        .and_then(|()| slots.write(slot, 0, &header));
    match (written, whole(slots, slot)?) {
        (Ok(()), Some(record)) if record.counter == counter => Ok(counter),
        _ => Err(storage()),
    }
}

fn header(counter: u64, length: u32, content: &[u8]) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    let numbers = counter.to_be_bytes().into_iter().chain(length.to_be_bytes());
    header.iter_mut().zip(numbers).for_each(|(to, from)| *to = from);
    let (numbers, rest) = header.split_at_mut(NUMBERS);
    let digest = Sha256::new().chain_update(&*numbers).chain_update(content).finalize();
    rest.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    header
}

#[cold]
fn storage() -> Error {
    Error::new(rules::anchor::STORAGE, 0)
}

fn newest(slots: &mut dyn Slots) -> Result<Option<Record>, Error> {
    let (a, b) = (whole(slots, Slot::A)?, whole(slots, Slot::B)?);
    Ok(match (a, b) {
        (Some(a), Some(b)) => Some(if a.counter > b.counter { a } else { b }),
        (a, b) => a.or(b),
    })
}

/// The record of a slot, if it is whole.
fn whole(slots: &mut dyn Slots, slot: Slot) -> Result<Option<Record>, Error> {
    let mut header = [0; HEADER];
    slots.read(slot, 0, &mut header).map_err(|_| storage())?;
    let (numbers, rest) = header.split_at(NUMBERS);
    let (Some((counter, length)), Some(digest)) =
        (numbers.split_first_chunk::<8>(), rest.first_chunk::<DIGEST>())
    else {
        return Ok(None);
    };
    let length = length.iter().fold(0_u32, |all, byte| all.wrapping_shl(8) | u32::from(*byte));
    // An erased slot says that it is longer than it can be.
    if length.saturating_add(CONTENT) > slots.capacity() {
        return Ok(None);
    }
    let hasher = Sha256::new().chain_update(numbers);
    if hash_content(slots, slot, length, hasher)? != *digest {
        return Ok(None);
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(Some(Record { slot, counter: u64::from_be_bytes(*counter), length }))
}

fn hash_content(
    slots: &mut dyn Slots,
    slot: Slot,
    length: u32,
    mut hasher: Sha256,
) -> Result<[u8; DIGEST], Error> {
    let (mut offset, mut left) = (CONTENT, usize::try_from(length).unwrap_or(usize::MAX));
    let mut buffer = [0; CHUNK];
    while left > 0 {
        let chunk = buffer.get_mut(..left.min(CHUNK)).unwrap_or_default();
        slots.read(slot, offset, chunk).map_err(|_| storage())?;
        hasher.update(&*chunk);
        left = left.saturating_sub(chunk.len());
        offset = offset.saturating_add(u32::try_from(chunk.len()).unwrap_or(0));
    }
    Ok(hasher.finalize().into())
}
