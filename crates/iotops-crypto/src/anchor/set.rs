//! The set of anchors, as every device has it.

use iotops_wire::cbor::{Ascending, Cursor, Encoder};
use sha2::{Digest as _, Sha256};

use super::{ANCHORS, Anchor, AnchorId, KEYS, LONGEST_IDENTIFIER, Purpose, VERSION};
use crate::{Error, rules};

const FORMAT: i64 = 0;
const IDENTIFIER: i64 = 1;
const NUMBER: i64 = 2;
const LIST: i64 = 3;
const FIELDS: usize = 4;

/// A decoded set of anchors: well formed, bounded, and each identifier that of its material.
#[derive(Clone, Copy, Debug)]
pub struct AnchorSet<'a> {
    encoding: &'a [u8],
    identifier: &'a [u8],
    number: u64,
    /// Before the first anchor.
    list: Cursor<'a>,
    count: usize,
}

impl<'a> AnchorSet<'a> {
    /// Decodes a set that is all of `document`.
    ///
    /// # Errors
    /// The rules of [`rules::anchor`] and of the encoding.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(document)?;
        let set = Self::read(&mut cursor)?;
        cursor.end()?;
        Ok(set)
    }

    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        let mut order = Ascending::new();
        let head = Head::read(cursor, &mut order, FIELDS)?;
        field(cursor, &mut order, LIST)?;
        let list = cursor.position();
        let count = cursor.array()?;
        if count == 0 || count > ANCHORS {
            return Err(cursor.error_at(list, rules::anchor::COUNT).into());
        }
        let first = *cursor;
        for _ in 0..count {
            Anchor::read(cursor)?;
        }
        let Head { identifier, number } = head;
        let encoding = cursor.since(start);
        let set = Self { encoding, identifier, number, list: first, count };
        set.check().map_err(|rule| cursor.error_at(list, rule))?;
        Ok(set)
    }

    /// What must hold of the anchors together.
    fn check(&self) -> Result<(), iotops_wire::Rule> {
        let mut ids = self.anchors().map(|anchor| anchor.id());
        let ascends = |previous: AnchorId, id| if previous < id { Ok(id) } else { Err(()) };
        if let Some(first) = ids.next()
            && ids.try_fold(first, ascends).is_err()
        {
            return Err(rules::anchor::ORDER);
        }
        let many = |purpose| {
            self.anchors().filter(|anchor| anchor.purposes().contains(purpose)).count() > KEYS
        };
        let rights = self.anchors().filter(Anchor::holds_rights).count();
        if rights > KEYS || Purpose::all().any(many) {
            return Err(rules::anchor::COUNT);
        }
        Ok(())
    }

    /// The identifier of the set.
    #[must_use]
    pub const fn identifier(&self) -> &'a [u8] {
        self.identifier
    }

    /// Its number: one more with each update.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The encoding.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.encoding
    }

    /// The SHA-256 of the encoding, by which the next update names this set.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.encoding).into()
    }

    /// The anchors, ascending by identifier.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn anchors(&self) -> impl Iterator<Item = Anchor<'a>> + use<'a> {
        let mut cursor = self.list;
        (0..self.count).map_while(move |_| Anchor::reread(&mut cursor))
    }

    /// The anchor with this identifier.
    #[must_use]
    pub fn find(&self, id: AnchorId) -> Option<Anchor<'a>> {
        self.anchors().find(|anchor| anchor.id() == id)
    }

    /// The number of anchors.
    #[must_use]
    pub(super) const fn count(&self) -> usize {
        self.count
    }
}

/// What sets and updates begin with.
pub(super) struct Head<'a> {
    pub(super) identifier: &'a [u8],
    pub(super) number: u64,
}

impl<'a> Head<'a> {
    pub(super) fn read(
        cursor: &mut Cursor<'a>,
        order: &mut Ascending,
        fields: usize,
    ) -> Result<Self, Error> {
        let start = cursor.position();
        if cursor.map()? != fields {
            return Err(cursor.error_at(start, rules::anchor::FIELD).into());
        }
        field(cursor, order, FORMAT)?;
        let version = cursor.position();
        if cursor.unsigned()? != VERSION {
            return Err(cursor.error_at(version, rules::anchor::FORMAT).into());
        }
        field(cursor, order, IDENTIFIER)?;
        let at = cursor.position();
        let identifier = cursor.bytes()?;
        if !(1..=LONGEST_IDENTIFIER).contains(&identifier.len()) {
            return Err(cursor.error_at(at, rules::anchor::FIELD).into());
        }
        field(cursor, order, NUMBER)?;
        Ok(Self { identifier, number: cursor.unsigned()? })
    }
}

/// Reads the label that must come next.
pub(super) fn field(
    cursor: &mut Cursor<'_>,
    order: &mut Ascending,
    expected: i64,
) -> Result<(), Error> {
    let start = cursor.position();
    if order.key(cursor)? != expected {
        return Err(cursor.error_at(start, rules::anchor::FIELD).into());
    }
    Ok(())
}

/// Writes a set, and sorts `anchors` for it.
///
/// # Errors
/// The rules of [`rules::anchor`] that `anchors` break, [`rules::anchor::FIELD`] for an
/// identifier that has not 1 to 32 bytes, and [`iotops_wire::rules::OUT_OF_SPACE`].
pub fn encode_set(
    identifier: &[u8],
    number: u64,
    anchors: &mut [Anchor<'_>],
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    if !(1..=LONGEST_IDENTIFIER).contains(&identifier.len()) {
        return Err(Error::new(rules::anchor::FIELD, 0));
    }
    if !(1..=ANCHORS).contains(&anchors.len()) {
        return Err(Error::new(rules::anchor::COUNT, 0));
    }
    anchors.sort_unstable_by_key(Anchor::id);
    write_set(identifier, number, anchors.iter(), encoder)
}

/// Writes a set of anchors that ascend.
pub(super) fn write_set<'e, 'a: 'e>(
    identifier: &[u8],
    number: u64,
    anchors: impl ExactSizeIterator<Item = &'e Anchor<'a>>,
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    let mut map = encoder.map(FIELDS)?;
    map.key(FORMAT)?.unsigned(VERSION)?;
    map.key(IDENTIFIER)?.bytes(identifier)?;
    map.key(NUMBER)?.unsigned(number)?;
    let mut list = map.key(LIST)?;
    list.array(anchors.len())?;
    for anchor in anchors {
        anchor.check()?;
        anchor.write(&mut list)?;
    }
    Ok(map.end()?)
}
