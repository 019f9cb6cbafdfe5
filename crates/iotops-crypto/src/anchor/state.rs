//! What one device holds: the set, and which of its anchors have verified something here.

use iotops_wire::cbor::{Cursor, Encoder, Output as _, SliceOutput};

use super::{Anchor, AnchorId, AnchorSet};
use crate::{Error, rules};

const ITEMS: usize = 2;

/// The state of a device, decoded.
#[derive(Clone, Copy, Debug)]
pub struct AnchorState<'a> {
    set: AnchorSet<'a>,
    confirmed: u64,
}

impl<'a> AnchorState<'a> {
    /// A set as it comes from the factory: nothing is confirmed.
    #[must_use]
    pub const fn new(set: AnchorSet<'a>) -> Self {
        Self { set, confirmed: 0 }
    }

    /// Decodes a state that is all of `stored`.
    ///
    /// # Errors
    /// [`rules::anchor::CONFIRMED`], [`rules::anchor::FIELD`], and as [`AnchorSet::decode`].
    pub fn decode(stored: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(stored)?;
        if cursor.array()? != ITEMS {
            return Err(cursor.error_at(0, rules::anchor::FIELD).into());
        }
        let mut content = cursor.embedded()?;
        let set = AnchorSet::read(&mut content)?;
        content.end()?;
        let start = cursor.position();
        let confirmed = cursor.unsigned()?;
        cursor.end()?;
        if mask(set.count()) & confirmed != confirmed {
            return Err(cursor.error_at(start, rules::anchor::CONFIRMED).into());
        }
        Ok(Self { set, confirmed })
    }

    /// The set.
    #[must_use]
    pub const fn set(&self) -> &AnchorSet<'a> {
        &self.set
    }

    /// Whether this anchor is in the set and has verified something on this device.
    #[must_use]
    pub fn is_confirmed(&self, id: AnchorId) -> bool {
        self.set
            .anchors()
            .enumerate()
            .any(|(index, anchor)| anchor.id() == id && self.confirmed & bit(index) != 0)
    }

    /// The anchors of the set, and whether each is confirmed.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn anchors(&self) -> impl Iterator<Item = (Anchor<'a>, bool)> {
        let confirmed = self.confirmed;
        let told = move |(index, anchor)| (anchor, confirmed & bit(index) != 0);
        self.set.anchors().enumerate().map(told)
    }

    /// The same state, in which this anchor has verified something. Store it when it has, if it
    /// was not confirmed before.
    ///
    /// # Errors
    /// [`rules::anchor::UNKNOWN_ANCHOR`].
    pub fn confirm(&self, id: AnchorId) -> Result<Self, Error> {
        match self.set.anchors().position(|anchor| anchor.id() == id) {
            Some(index) => Ok(Self { confirmed: self.confirmed | bit(index), ..*self }),
            None => Err(Error::new(rules::anchor::UNKNOWN_ANCHOR, 0)),
        }
    }

    /// Writes the state into `buffer`, and gives what was written.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        written(buffer, |encoder| {
            encoder.array(ITEMS)?.bytes(self.set.as_bytes())?.unsigned(self.confirmed)?;
            Ok(())
        })
    }
}

/// What `write` put into `buffer`.
pub(super) fn written(
    buffer: &mut [u8],
    write: impl FnOnce(&mut Encoder<'_>) -> Result<(), Error>,
) -> Result<&[u8], Error> {
    let mut output = SliceOutput::new(buffer);
    write(&mut Encoder::new(&mut output))?;
    let length = output.position();
    Ok(buffer.get(..length).unwrap_or_default())
}

pub(super) fn write_state(
    encoder: &mut Encoder<'_>,
    set: impl FnOnce(&mut Encoder<'_>) -> Result<(), Error>,
    confirmed: u64,
) -> Result<(), Error> {
    encoder.array(ITEMS)?.wrapped(set)?.unsigned(confirmed)?;
    Ok(())
}

/// The bit of the anchor at this index.
pub(super) fn bit(index: usize) -> u64 {
    u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index)).unwrap_or(0)
}

/// The bits of this many anchors.
fn mask(count: usize) -> u64 {
    bit(count).wrapping_sub(1)
}
