//! Updates: what they ask for, and how they are signed.

use iotops_wire::cbor::{Ascending, Cursor, Encoder};

use super::set::{Head, field};
use super::state::written;
use super::{ANCHORS, Anchor, AnchorId, AnchorSet, VERSION};
use crate::cose::{Payload, Unsigned};
use crate::{Error, Signer, rules};

/// What tells the signature of an update from that of every other document.
pub(super) const CONTEXT: &[u8] = b"iotops anchor-update 1";

const FORMAT: i64 = 0;
const IDENTIFIER: i64 = 1;
const NUMBER: i64 = 2;
const BEFORE: i64 = 3;
const CHANGES: i64 = 4;
const FIELDS: usize = 5;

const ADD: u64 = 1;
const REVOKE: u64 = 2;
const REPLACE: u64 = 3;
const LIMIT: u64 = 4;

/// One change of a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
// Anchors are lent, not boxed: there is no heap.
#[allow(clippy::large_enum_variant, reason = "there is no heap to box an anchor in")]
pub enum Change<'a> {
    /// A new anchor comes in.
    Add(Anchor<'a>),
    /// An anchor goes.
    Revoke(AnchorId),
    /// An anchor goes, and another takes its place.
    Replace {
        /// The one that goes.
        lost: AnchorId,
        /// The one that takes its place.
        by: Anchor<'a>,
    },
    /// An anchor is for fewer sequence numbers from now on.
    Limit {
        /// Which.
        id: AnchorId,
        /// The first sequence number.
        first: u64,
        /// The last one, if there is to be one.
        last: Option<u64>,
    },
}

impl<'a> Change<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        let items = cursor.array()?;
        match (cursor.unsigned()?, items) {
            (ADD, 2) => Ok(Self::Add(Anchor::read(cursor)?)),
            (REVOKE, 2) => Ok(Self::Revoke(AnchorId::read(cursor)?)),
            (REPLACE, 3) => {
                Ok(Self::Replace { lost: AnchorId::read(cursor)?, by: Anchor::read(cursor)? })
            }
            (LIMIT, 4) => {
                let (id, first) = (AnchorId::read(cursor)?, cursor.unsigned()?);
                let last = if cursor.null_if_next() { None } else { Some(cursor.unsigned()?) };
                Ok(Self::Limit { id, first, last })
            }
            _ => Err(cursor.error_at(start, rules::anchor::FIELD).into()),
        }
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::Add(anchor) => {
                encoder.array(2)?.unsigned(ADD)?;
                anchor.write(encoder)
            }
            Self::Revoke(id) => {
                encoder.array(2)?.unsigned(REVOKE)?.bytes(id.as_bytes())?;
                Ok(())
            }
            Self::Replace { lost, by } => {
                encoder.array(3)?.unsigned(REPLACE)?.bytes(lost.as_bytes())?;
                by.write(encoder)
            }
            Self::Limit { id, first, last } => {
                encoder.array(4)?.unsigned(LIMIT)?.bytes(id.as_bytes())?.unsigned(*first)?;
                match last {
                    Some(last) => encoder.unsigned(*last)?,
                    None => encoder.null()?,
                };
                Ok(())
            }
        }
    }
}

/// The payload of an update, decoded; who signed it, and whether they may, is not known yet.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    identifier: &'a [u8],
    number: u64,
    before: &'a [u8],
    /// Before the first change.
    list: Cursor<'a>,
    count: usize,
}

impl<'a> Update<'a> {
    /// Decodes a payload that is all of `payload`.
    ///
    /// # Errors
    /// The rules of [`rules::anchor`] and of the encoding.
    pub fn decode(payload: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(payload)?;
        let mut order = Ascending::new();
        let Head { identifier, number } = Head::read(&mut cursor, &mut order, FIELDS)?;
        field(&mut cursor, &mut order, BEFORE)?;
        let before = cursor.bytes()?;
        field(&mut cursor, &mut order, CHANGES)?;
        let start = cursor.position();
        let count = cursor.array()?;
        if count == 0 || count > ANCHORS {
            return Err(cursor.error_at(start, rules::anchor::COUNT).into());
        }
        let list = cursor;
        for _ in 0..count {
            Change::read(&mut cursor)?;
        }
        cursor.end()?;
        Ok(Self { identifier, number, before, list, count })
    }

    /// The set that it is for.
    #[must_use]
    pub const fn identifier(&self) -> &'a [u8] {
        self.identifier
    }

    /// The number that the set has afterwards.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The digest of the set before.
    #[must_use]
    pub const fn before(&self) -> &'a [u8] {
        self.before
    }

    /// The changes, in order.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn changes(&self) -> impl Iterator<Item = Change<'a>> + use<'a> {
        let mut cursor = self.list;
        (0..self.count).map_while(move |_| Change::read(&mut cursor).ok())
    }
}

/// Signs an update of `set` and writes it. `scratch` holds its payload meanwhile.
///
/// Whether the update may be made is for [`super::AnchorState::apply`] to say.
///
/// # Errors
/// [`rules::anchor::COUNT`] for no changes or too many, [`rules::anchor::UPDATE_NUMBER`] if the
/// set has the last number of all, [`rules::UNAVAILABLE`] if the signer does not answer, and
/// [`iotops_wire::rules::OUT_OF_SPACE`].
pub fn sign_update(
    set: &AnchorSet<'_>,
    changes: &[Change<'_>],
    signer: &mut dyn Signer,
    scratch: &mut [u8],
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    if !(1..=ANCHORS).contains(&changes.len()) {
        return Err(Error::new(rules::anchor::COUNT, 0));
    }
    let payload = written(scratch, |encoder| write_payload(set, changes, encoder))?;
    let unsigned = Unsigned::new(signer.algorithm())?;
    unsigned.sign(signer, Payload::Attached(payload), CONTEXT, encoder)
}

fn write_payload(
    set: &AnchorSet<'_>,
    changes: &[Change<'_>],
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    let Some(number) = set.number().checked_add(1) else {
        return Err(Error::new(rules::anchor::UPDATE_NUMBER, 0));
    };
    let mut map = encoder.map(FIELDS)?;
    map.key(FORMAT)?.unsigned(VERSION)?;
    map.key(IDENTIFIER)?.bytes(set.identifier())?;
    map.key(NUMBER)?.unsigned(number)?;
    map.key(BEFORE)?.bytes(&set.digest())?;
    let mut list = map.key(CHANGES)?;
    list.array(changes.len())?;
    changes.iter().try_for_each(|change| change.write(&mut list))?;
    Ok(map.end()?)
}
