//! One anchor: what it is, what it is for, and when.

use iotops_wire::Time;
use iotops_wire::cbor::{Ascending, Cursor, Encoder};

use super::material::public_key;
use super::{AnchorId, Material, Prefixes, Purpose, Purposes};
use crate::key::VerifyingKey;
use crate::{Error, rules};

const ID: i64 = 1;
const MATERIAL: i64 = 2;
const PURPOSES: i64 = 3;
const PREFIXES: i64 = 4;
const UPDATES: i64 = 5;
const RECOVERS: i64 = 6;
const FIRST: i64 = 7;
const LAST: i64 = 8;
const NOT_BEFORE: i64 = 9;
const NOT_AFTER: i64 = 10;

/// One anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor<'a> {
    id: AnchorId,
    material: Material<'a>,
    purposes: Purposes,
    prefixes: Prefixes<'a>,
    updates: Purposes,
    recovers: Purposes,
    first: u64,
    last: Option<u64>,
    not_before: Option<Time>,
    not_after: Option<Time>,
}

impl<'a> Anchor<'a> {
    /// An anchor of this material for these purposes.
    ///
    /// # Errors
    /// [`rules::anchor::MATERIAL`] for a private key or a MAC key, and the rules of keys.
    pub fn new(material: Material<'a>, purposes: Purposes) -> Result<Self, Error> {
        Ok(Self { id: material.id()?, material, purposes, ..Self::NOTHING })
    }

    /// What reading begins with, and what fills unused places.
    pub(super) const NOTHING: Self = Self {
        id: AnchorId::ZERO,
        material: Material::Key(&[]),
        purposes: Purposes::NONE,
        prefixes: Prefixes::EVERY,
        updates: Purposes::NONE,
        recovers: Purposes::NONE,
        first: 0,
        last: None,
        not_before: None,
        not_after: None,
    };

    /// The same for SUIT components with these prefixes only.
    #[must_use]
    pub const fn with_prefixes(self, prefixes: Prefixes<'a>) -> Self {
        Self { prefixes, ..self }
    }

    /// The same with the right to change the anchors of these purposes.
    #[must_use]
    pub const fn with_updates(self, updates: Purposes) -> Self {
        Self { updates, ..self }
    }

    /// The same with the right to replace lost keys of these purposes.
    #[must_use]
    pub const fn with_recovers(self, recovers: Purposes) -> Self {
        Self { recovers, ..self }
    }

    /// The same for documents with these sequence numbers, both included.
    #[must_use]
    pub const fn with_sequence(self, first: u64, last: Option<u64>) -> Self {
        Self { first, last, ..self }
    }

    /// The same for fewer sequence numbers. What ends has no say in what comes behind it, so with
    /// a last number the rights go.
    pub(super) fn limited(self, first: u64, last: Option<u64>) -> Self {
        let limited = self.with_sequence(first, last);
        if last.is_none() {
            return limited;
        }
        let purposes = self.purposes.without(Purpose::Recovery);
        Self { purposes, updates: Purposes::NONE, recovers: Purposes::NONE, ..limited }
    }

    /// Whether these sequence numbers are among those that it is for.
    pub(super) fn admits_all(&self, first: u64, last: Option<u64>) -> bool {
        let ends_in_time = match (self.last, last) {
            (Some(own), Some(last)) => last <= own,
            (Some(_), None) => false,
            (None, _) => true,
        };
        first >= self.first && ends_in_time
    }

    /// The same for a time, both ends included.
    #[must_use]
    pub const fn with_time(self, not_before: Option<Time>, not_after: Option<Time>) -> Self {
        Self { not_before, not_after, ..self }
    }

    /// Its identifier.
    #[must_use]
    pub const fn id(&self) -> AnchorId {
        self.id
    }

    /// What it is.
    #[must_use]
    pub const fn material(&self) -> Material<'a> {
        self.material
    }

    /// What it is trusted for.
    #[must_use]
    pub const fn purposes(&self) -> Purposes {
        self.purposes
    }

    /// Which components it is trusted for as a SUIT author.
    #[must_use]
    pub const fn prefixes(&self) -> Prefixes<'a> {
        self.prefixes
    }

    /// Whose anchors it may change.
    #[must_use]
    pub const fn updates(&self) -> Purposes {
        self.updates
    }

    /// Whose lost keys it may replace.
    #[must_use]
    pub const fn recovers(&self) -> Purposes {
        self.recovers
    }

    /// The first and the last sequence number of documents that it is trusted for.
    #[must_use]
    pub const fn sequence(&self) -> (u64, Option<u64>) {
        (self.first, self.last)
    }

    /// The first and the last moment at which it is trusted.
    #[must_use]
    pub const fn time(&self) -> (Option<Time>, Option<Time>) {
        (self.not_before, self.not_after)
    }

    /// Whether it may sign updates at all.
    #[must_use]
    pub const fn holds_rights(&self) -> bool {
        !self.updates.is_empty() || !self.recovers.is_empty()
    }

    /// All that someone needs a right over who changes this anchor.
    pub(super) const fn reach(&self) -> Purposes {
        self.purposes.union(self.updates).union(self.recovers)
    }

    /// The key, if it is one.
    #[must_use]
    pub fn key(&self) -> Option<VerifyingKey> {
        match self.material {
            Material::Key(bytes) => public_key(bytes).ok(),
            _ => None,
        }
    }

    /// Reads an anchor and checks it.
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let offset = cursor.offset();
        let anchor = Self::read_fields(cursor)?;
        anchor.check().map_err(|error| Error::new(error.rule(), offset))?;
        Ok(anchor)
    }

    /// Reads an anchor that was checked when the document was decoded.
    pub(super) fn reread(cursor: &mut Cursor<'a>) -> Option<Self> {
        Self::read_fields(cursor).ok()
    }

    fn read_fields(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        let count = cursor.map()?;
        let mut order = Ascending::new();
        let mut anchor = Self::NOTHING;
        let mut required = 0_u8;
        for _ in 0..count {
            let label = order.key(cursor)?;
            required = required.saturating_add(u8::from(label <= PURPOSES));
            anchor.read_field(label, cursor)?;
        }
        // The order of the labels makes sure that these are 1, 2 and 3: 0 is none of a field.
        if required != 3 {
            return Err(cursor.error_at(start, rules::anchor::FIELD).into());
        }
        Ok(anchor)
    }

    fn read_field(&mut self, label: i64, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        match label {
            ID => self.id = AnchorId::read(cursor)?,
            MATERIAL => self.material = Material::read(self.id, cursor)?,
            PURPOSES => self.purposes = purposes(cursor)?,
            PREFIXES => self.prefixes = Prefixes::read(cursor)?,
            UPDATES => self.updates = some_purposes(cursor)?,
            RECOVERS => self.recovers = some_purposes(cursor)?,
            FIRST => self.first = positive(cursor)?,
            LAST => self.last = Some(cursor.unsigned()?),
            NOT_BEFORE => self.not_before = Some(Time::from_unix(cursor.unsigned()?)),
            NOT_AFTER => self.not_after = Some(Time::from_unix(cursor.unsigned()?)),
            _ => return Err(cursor.error(rules::anchor::FIELD).into()),
        }
        Ok(())
    }

    /// What must hold of every anchor; cheap checks first.
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_key = matches!(self.material, Material::Key(_));
        let broken = [
            (self.reach().is_empty(), rules::anchor::NO_PURPOSE),
            (
                !self.prefixes.is_every() && !self.purposes.contains(Purpose::SuitAuthor),
                rules::anchor::PREFIX,
            ),
            (self.holds_rights() && (!is_key || self.last.is_some()), rules::anchor::RIGHT),
            (
                self.purposes.contains(Purpose::Recovery) == self.recovers.is_empty(),
                rules::anchor::RIGHT,
            ),
            (self.last.is_some_and(|last| last < self.first), rules::anchor::VALIDITY),
            (
                matches!((self.not_before, self.not_after), (Some(from), Some(to)) if to < from),
                rules::anchor::VALIDITY,
            ),
        ];
        if let Some((_, rule)) = broken.iter().find(|(is_broken, _)| *is_broken) {
            return Err(Error::new(*rule, 0));
        }
        if self.material.id()? != self.id {
            return Err(Error::new(rules::anchor::ID, 0));
        }
        Ok(())
    }

    pub(super) fn write(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let (not_before, not_after) =
            (self.not_before.map(Time::unix), self.not_after.map(Time::unix));
        let some = |purposes: Purposes| (!purposes.is_empty()).then_some(purposes.bits());
        let numbers = [
            (UPDATES, some(self.updates)),
            (RECOVERS, some(self.recovers)),
            (FIRST, (self.first > 0).then_some(self.first)),
            (LAST, self.last),
            (NOT_BEFORE, not_before),
            (NOT_AFTER, not_after),
        ];
        let present = numbers.iter().filter(|(_, number)| number.is_some()).count();
        let prefixed = usize::from(!self.prefixes.is_every());
        let mut map = encoder.map(present.saturating_add(prefixed).saturating_add(3))?;
        map.key(ID)?.bytes(self.id.as_bytes())?;
        self.material.write(&mut map.key(MATERIAL)?)?;
        map.key(PURPOSES)?.unsigned(self.purposes.bits())?;
        if !self.prefixes.is_every() {
            map.key(PREFIXES)?.raw(self.prefixes.as_bytes())?;
        }
        for (label, number) in numbers {
            if let Some(number) = number {
                map.key(label)?.unsigned(number)?;
            }
        }
        Ok(map.end()?)
    }
}

fn purposes(cursor: &mut Cursor<'_>) -> Result<Purposes, Error> {
    let start = cursor.position();
    let purposes = Purposes::from_bits(cursor.unsigned()?);
    purposes.ok_or_else(|| cursor.error_at(start, rules::anchor::PURPOSE).into())
}

/// A right that is present is a right over something: no right is written by leaving it out.
fn some_purposes(cursor: &mut Cursor<'_>) -> Result<Purposes, Error> {
    let start = cursor.position();
    match purposes(cursor)? {
        purposes if purposes.is_empty() => Err(cursor.error_at(start, rules::anchor::FIELD).into()),
        purposes => Ok(purposes),
    }
}

/// The first of all sequence numbers, 0, is written by leaving it out.
fn positive(cursor: &mut Cursor<'_>) -> Result<u64, Error> {
    let start = cursor.position();
    match cursor.unsigned()? {
        0 => Err(cursor.error_at(start, rules::anchor::FIELD).into()),
        number => Ok(number),
    }
}
