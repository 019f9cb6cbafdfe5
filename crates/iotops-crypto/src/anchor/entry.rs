//! One anchor: what it is, what it is for, and when.

use iotops_wire::Time;
use iotops_wire::cbor::{Ascending, Cursor, Encoder};

use super::{Purpose, Purposes};
use crate::key::{Imported, KeyId, KeyIdKind, KeyType, VerifyingKey, import_cose_key};
use crate::{Algorithm, Error, digest, rules};

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

const KEY: u64 = 1;
const SPKI_HASH: u64 = 2;
const CERTIFICATE: u64 = 3;
const AUTHORITY: u64 = 4;

/// The most component prefixes of one anchor.
const MOST_PREFIXES: usize = 8;

/// The identifier of an anchor: the digest of its material.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnchorId([u8; 32]);

impl AnchorId {
    /// The identifier with these bytes; `None` if they are not 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Error> {
        let start = cursor.position();
        let bytes = cursor.bytes()?;
        Self::from_bytes(bytes).ok_or_else(|| cursor.error_at(start, rules::anchor::ID).into())
    }
}

impl core::fmt::Display for AnchorId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl core::fmt::Debug for AnchorId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "AnchorId({self})")
    }
}

/// What an anchor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Material<'a> {
    /// A public key, as `COSE_Key`.
    Key(&'a [u8]),
    /// A key that comes with the documents; its SPKI has the SHA-256 that is the identifier.
    SpkiHash(AnchorId),
    /// A certificate in DER, mostly of a certification authority.
    Certificate(&'a [u8]),
    /// A certification authority by its name and key (RFC 5280 §6.1.1).
    Authority {
        /// The Name in DER.
        name: &'a [u8],
        /// The SPKI in DER.
        spki: &'a [u8],
    },
}

impl<'a> Material<'a> {
    fn id(&self) -> Result<AnchorId, Error> {
        let id = match self {
            Self::Key(bytes) => {
                let id = KeyId::of(KeyIdKind::CoseThumbprint, &public_key(bytes)?)?;
                AnchorId::from_bytes(id.as_bytes())
            }
            Self::SpkiHash(id) => Some(*id),
            Self::Certificate(bytes) => sha256(&[bytes]),
            Self::Authority { name, spki } => sha256(&[name, spki]),
        };
        id.ok_or(Error::new(rules::anchor::ID, 0))
    }

    fn read(id: AnchorId, cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        let items = cursor.array()?;
        match (cursor.unsigned()?, items) {
            (KEY, 2) => Ok(Self::Key(cursor.bytes()?)),
            (SPKI_HASH, 1) => Ok(Self::SpkiHash(id)),
            (CERTIFICATE, 2) => Ok(Self::Certificate(cursor.bytes()?)),
            (AUTHORITY, 3) => Ok(Self::Authority { name: cursor.bytes()?, spki: cursor.bytes()? }),
            _ => Err(cursor.error_at(start, rules::anchor::MATERIAL).into()),
        }
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::Key(bytes) => encoder.array(2)?.unsigned(KEY)?.bytes(bytes)?,
            Self::SpkiHash(_) => encoder.array(1)?.unsigned(SPKI_HASH)?,
            Self::Certificate(bytes) => encoder.array(2)?.unsigned(CERTIFICATE)?.bytes(bytes)?,
            Self::Authority { name, spki } => {
                encoder.array(3)?.unsigned(AUTHORITY)?.bytes(name)?.bytes(spki)?
            }
        };
        Ok(())
    }
}

/// A public key: a set of anchors is no secret, so no other key may stand in it.
fn public_key(bytes: &[u8]) -> Result<VerifyingKey, Error> {
    match import_cose_key(bytes) {
        Ok(Imported::Verifying(key)) if key.key_type() != KeyType::Hmac => Ok(key),
        Ok(_) => Err(Error::new(rules::anchor::MATERIAL, 0)),
        Err(error) => Err(Error::new(error.rule(), 0)),
    }
}

fn sha256(parts: &[&[u8]]) -> Option<AnchorId> {
    AnchorId::from_bytes(digest(Algorithm::Sha256, parts)?.as_bytes())
}

/// The component prefixes of a SUIT author, as the encoded array; none means every component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prefixes<'a>(&'a [u8]);

impl<'a> Prefixes<'a> {
    /// Every component.
    pub const EVERY: Self = Self(&[]);

    /// The prefixes in this deterministic encoding of an array of arrays of byte strings.
    ///
    /// # Errors
    /// [`rules::anchor::PREFIX`], and the rules of the encoding.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(bytes)?;
        let prefixes = Self::read(&mut cursor)?;
        cursor.end()?;
        Ok(prefixes)
    }

    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        let count = cursor.array()?;
        let mut previous: &[u8] = &[];
        let mut is_good = (1..=MOST_PREFIXES).contains(&count);
        for _ in 0..count.min(MOST_PREFIXES) {
            let prefix = cursor.position();
            let parts = cursor.array()?;
            for _ in 0..parts {
                cursor.bytes()?;
            }
            let encoded = cursor.since(prefix);
            is_good = is_good && parts > 0 && encoded > previous;
            previous = encoded;
        }
        if !is_good {
            return Err(cursor.error_at(start, rules::anchor::PREFIX).into());
        }
        Ok(Self(cursor.since(start)))
    }

    /// Whether every component is meant.
    #[must_use]
    pub const fn is_every(&self) -> bool {
        self.0.is_empty()
    }

    /// The encoded array; empty for every component.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// Each prefix, as the parts of a component identifier.
    pub fn iter(&self) -> impl Iterator<Item = impl Iterator<Item = &'a [u8]> + use<'a>> + use<'a> {
        self.cursors().map(|(mut parts, count)| (0..count).map_while(move |_| parts.bytes().ok()))
    }

    /// Each prefix, as a cursor over its parts, and their number.
    fn cursors(&self) -> impl Iterator<Item = (Cursor<'a>, usize)> + use<'a> {
        let mut cursor = Cursor::new(self.0).unwrap_or_default();
        let count = cursor.array().unwrap_or(0);
        (0..count).map_while(move |_| {
            let mut parts = cursor;
            cursor.skip().ok()?;
            let count = parts.array().ok()?;
            Some((parts, count))
        })
    }

    /// Whether the component with this identifier is meant.
    #[must_use]
    pub fn cover(&self, component: &[&[u8]]) -> bool {
        self.is_every()
            || self.cursors().any(|(mut parts, count)| {
                let mut own = component.iter();
                (0..count).all(|_| parts.bytes().ok() == own.next().copied())
            })
    }

    /// Whether all that `others` mean is meant.
    #[must_use]
    pub fn cover_all(&self, others: &Self) -> bool {
        if others.is_every() {
            return self.is_every();
        }
        others.cursors().all(|(parts, count)| self.is_every() || self.cover_parts(parts, count))
    }

    fn cover_parts(&self, other: Cursor<'_>, other_count: usize) -> bool {
        self.cursors().any(|(mut parts, count)| {
            let mut other = other;
            count <= other_count && (0..count).all(|_| parts.bytes().ok() == other.bytes().ok())
        })
    }
}

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
        id: AnchorId([0; 32]),
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
            (self.holds_rights() && !is_key, rules::anchor::RIGHT),
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
