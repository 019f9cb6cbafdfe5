//! The catalogue: a signed list of the manifests that are current (`docs/catalogue.md`).

use iotops_crypto::cose::Sign1;
use iotops_crypto::{Algorithm, Verifier, digest};
use iotops_wire::cbor::{Cursor, Type};
use iotops_wire::{Clock, Finding, Input, Place, Time};

use crate::model::{ComponentIdentifier, SuitDigest, Uuid};
use crate::{Error, Manifest, rules};

/// What the signature covers beside the catalogue, so that no signature for anything else is one.
pub const AAD: &[u8] = b"SUIT_Catalogue";

/// The version of the format.
pub(super) const VERSION: u64 = 1;

/// The elements of a catalogue, each of which it must have.
pub(super) mod element {
    pub(in super::super) const VERSION: i64 = 1;
    pub(in super::super) const NUMBER: i64 = 2;
    pub(in super::super) const ISSUED: i64 = 3;
    pub(in super::super) const EXPIRES: i64 = 4;
    pub(in super::super) const ENTRIES: i64 = 5;
}

/// The number of items of an entry.
pub(super) const ENTRY_ITEMS: usize = 7;

/// A catalogue that is well formed; nothing of it can be read before it is verified.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue<'a> {
    message: Sign1<'a>,
    payload: &'a [u8],
}

/// What a device remembers of the last catalogue that it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seen {
    /// Its number.
    pub number: u64,
    /// The SHA-256 digest of its content.
    pub digest: [u8; 32],
}

/// Bytes of [`Seen`] in storage.
pub const LENGTH_OF_SEEN: usize = 40;

impl Seen {
    /// For storage.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; LENGTH_OF_SEEN] {
        let mut bytes = [0; LENGTH_OF_SEEN];
        let all = self.number.to_be_bytes().into_iter().chain(self.digest);
        bytes.iter_mut().zip(all).for_each(|(to, from)| *to = from);
        bytes
    }

    /// From storage.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; LENGTH_OF_SEEN]) -> Option<Self> {
        let (number, digest) = bytes.split_first_chunk()?;
        Some(Self { number: u64::from_be_bytes(*number), digest: digest.try_into().ok()? })
    }
}

/// Whether a catalogue is known not to be out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Freshness {
    /// A trusted clock says that it has not expired.
    Fresh,
    /// No trusted clock: it may have expired, and a server may hold back a newer one.
    Unknown,
}

/// A catalogue that a key of the caller signed, that is not older than what was seen, and that has
/// not expired as far as the clock can tell.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedCatalogue<'a> {
    seen: Seen,
    issued: Time,
    expires: Time,
    entries: Cursor<'a>,
    count: usize,
    freshness: Freshness,
}

/// The manifest that is current for devices of a vendor and class.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Entry<'a> {
    /// The vendor identifier.
    pub vendor: &'a Uuid,
    /// The class identifier.
    pub class: &'a Uuid,
    /// What the manifest is for, where a device has several: its component identifier.
    pub component: ComponentIdentifier<'a>,
    /// The sequence number of the manifest.
    pub sequence_number: u64,
    /// The digest of the manifest, as its authentication wrapper has it.
    pub digest: SuitDigest<'a>,
    /// The size of the envelope in bytes.
    pub size: u64,
    uris: Cursor<'a>,
}

impl<'a> Catalogue<'a> {
    /// Decodes a tagged `COSE_Sign1` message with a catalogue in it.
    ///
    /// # Errors
    /// The rules of COSE, [`rules::CATALOGUE_FORM`] and those beside it.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        let message = Sign1::decode(document)?;
        let Some(payload) = message.payload() else {
            return Err(Error::new(iotops_crypto::rules::PAYLOAD_DETACHED, 0));
        };
        Content::read(payload)?;
        Ok(Self { message, payload })
    }

    /// Checks that one of `keys` signed it, that it is not older than `seen`, and that it has not
    /// expired.
    ///
    /// The caller stores [`VerifiedCatalogue::seen`] before it acts upon the catalogue.
    ///
    /// # Errors
    /// The rules of signatures, [`rules::CATALOGUE_ROLLBACK`], [`rules::CATALOGUE_FORKED`],
    /// [`rules::CATALOGUE_EXPIRED`].
    pub fn verify(
        &self,
        keys: &[&dyn Verifier],
        seen: Option<&Seen>,
        clock: Clock,
    ) -> Result<VerifiedCatalogue<'a>, Error> {
        let payload = self.message.verify(AAD, keys)?.payload();
        let content = Content::read(payload)?;
        let computed = digest(Algorithm::Sha256, &[payload]);
        let digest = computed.as_ref().and_then(|digest| digest.as_bytes().try_into().ok());
        let digest = digest.ok_or(Error::new(rules::DIGEST_ALGORITHM, 0))?;
        let own = Seen { number: content.number, digest };
        match seen {
            Some(seen) if own.number < seen.number => {
                return Err(Error::new(rules::CATALOGUE_ROLLBACK, content.number_offset));
            }
            Some(seen) if own.number == seen.number && own.digest != seen.digest => {
                return Err(Error::new(rules::CATALOGUE_FORKED, content.number_offset));
            }
            _ => {}
        }
        let freshness = freshness(&content, clock)?;
        let Content { issued, expires, entries, count, .. } = content;
        Ok(VerifiedCatalogue { seen: own, issued, expires, entries, count, freshness })
    }

    /// The encoded content: what was signed.
    #[must_use]
    pub const fn unverified_content(&self) -> &'a [u8] {
        self.payload
    }
}

/// A clock that may be behind can still tell that a catalogue has expired.
fn freshness(content: &Content<'_>, clock: Clock) -> Result<Freshness, Error> {
    let (now, freshness) = match clock {
        Clock::Trusted(now) => (Some(now), Freshness::Fresh),
        Clock::NotBefore(now) => (Some(now), Freshness::Unknown),
        _ => (None, Freshness::Unknown),
    };
    if now.is_some_and(|now| now > content.expires) {
        return Err(Error::new(rules::CATALOGUE_EXPIRED, content.expires_offset));
    }
    Ok(freshness)
}

/// The content of a catalogue, checked.
struct Content<'a> {
    number: u64,
    number_offset: u32,
    issued: Time,
    expires: Time,
    expires_offset: u32,
    entries: Cursor<'a>,
    count: usize,
}

impl<'a> Content<'a> {
    fn read(payload: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(payload)?;
        let start = cursor.position();
        if cursor.map()? != 5 {
            return Err(cursor.error_at(start, rules::CATALOGUE_FORM).into());
        }
        let version = cursor.position();
        if number(&mut cursor, element::VERSION)? != VERSION {
            return Err(cursor.error_at(version, rules::CATALOGUE_VERSION).into());
        }
        let number_offset = cursor.offset();
        let own = number(&mut cursor, element::NUMBER)?;
        let issued = Time::from_unix(number(&mut cursor, element::ISSUED)?);
        let expires_offset = cursor.offset();
        let expires = Time::from_unix(number(&mut cursor, element::EXPIRES)?);
        if expires < issued {
            return Err(Error::new(rules::CATALOGUE_DATES, expires_offset));
        }
        key(&mut cursor, element::ENTRIES)?;
        let count = cursor.array()?;
        let entries = cursor;
        check_entries(&mut cursor, count)?;
        cursor.end()?;
        Ok(Self { number: own, number_offset, issued, expires, expires_offset, entries, count })
    }
}

/// Keys ascend, so each has its place.
fn key(cursor: &mut Cursor<'_>, expected: i64) -> Result<(), Error> {
    let start = cursor.position();
    if cursor.integer()? == expected {
        return Ok(());
    }
    Err(cursor.error_at(start, rules::CATALOGUE_FORM).into())
}

fn number(cursor: &mut Cursor<'_>, expected: i64) -> Result<u64, Error> {
    key(cursor, expected)?;
    Ok(cursor.unsigned()?)
}

/// Entries ascend by the bytes of vendor, class and component: none can be there twice.
fn check_entries(cursor: &mut Cursor<'_>, count: usize) -> Result<(), Error> {
    let mut previous: Option<Entry<'_>> = None;
    for _ in 0..count {
        let start = cursor.position();
        let entry = Entry::read(cursor)?;
        if previous.is_some_and(|previous| previous.key() >= entry.key()) {
            return Err(cursor.error_at(start, rules::CATALOGUE_ORDER).into());
        }
        previous = Some(entry);
    }
    Ok(())
}

fn uuid<'a>(cursor: &mut Cursor<'a>) -> Result<&'a Uuid, Error> {
    let start = cursor.position();
    let bytes = cursor.bytes()?.try_into();
    bytes.map_err(|_| cursor.error_at(start, rules::UUID).into())
}

impl<'a> Entry<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        if cursor.array()? != ENTRY_ITEMS {
            return Err(cursor.error_at(start, rules::CATALOGUE_FORM).into());
        }
        let (vendor, class) = (uuid(cursor)?, uuid(cursor)?);
        let component = ComponentIdentifier::read(cursor)?;
        let sequence_number = cursor.unsigned()?;
        let digest = SuitDigest::read(cursor)?;
        let size = cursor.unsigned()?;
        let uris = *cursor;
        check_uris(cursor)?;
        Ok(Self { vendor, class, component, sequence_number, digest, size, uris })
    }

    fn key(&self) -> (&Uuid, &Uuid, &[u8]) {
        (self.vendor, self.class, self.component.as_encoded())
    }

    /// Where the envelope is: URIs, or references relative to that of the catalogue.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn uris(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let mut cursor = self.uris;
        let count = cursor.array().unwrap_or_default();
        (0..count).map_while(move |_| cursor.text().ok())
    }

    /// Checks that this is the manifest that the catalogue names: not one that is valid by itself
    /// but belongs to another state of the world (mix-and-match).
    ///
    /// # Errors
    /// [`rules::CATALOGUE_MISMATCH`].
    pub fn check(&self, manifest: &Manifest<'_>) -> Result<(), Error> {
        let is_it =
            manifest.digest() == self.digest && manifest.sequence_number() == self.sequence_number;
        if is_it { Ok(()) } else { Err(Error::new(rules::CATALOGUE_MISMATCH, 0)) }
    }

    /// Whether this is newer than the manifest with the number `installed`.
    ///
    /// # Errors
    /// [`rules::CATALOGUE_BEHIND`] if it is older: the catalogue would lead back.
    pub fn is_update(&self, installed: u64) -> Result<bool, Error> {
        if self.sequence_number < installed {
            return Err(Error::new(rules::CATALOGUE_BEHIND, 0));
        }
        Ok(self.sequence_number > installed)
    }
}

fn check_uris(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    let start = cursor.position();
    let count = cursor.array()?;
    for _ in 0..count {
        let at = cursor.position();
        if cursor.peek() != Some(Type::Text) || cursor.text()?.is_empty() {
            return Err(cursor.error_at(at, rules::CATALOGUE_URI).into());
        }
    }
    if count == 0 { Err(cursor.error_at(start, rules::CATALOGUE_URI).into()) } else { Ok(()) }
}

impl<'a> VerifiedCatalogue<'a> {
    /// What is to be stored, so that no older catalogue is taken later.
    #[must_use]
    pub const fn seen(&self) -> Seen {
        self.seen
    }

    /// Its number, which never goes down.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.seen.number
    }

    /// When it was issued. It is authentic, so it is not earlier than this now: a bound for a
    /// device without a clock.
    #[must_use]
    pub const fn issued(&self) -> Time {
        self.issued
    }

    /// When it ceases to be valid.
    #[must_use]
    pub const fn expires(&self) -> Time {
        self.expires
    }

    /// Whether it is known not to be out of date.
    #[must_use]
    pub const fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// The entries, in order.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let mut cursor = self.entries;
        (0..self.count).map_while(move |_| Entry::read(&mut cursor).ok())
    }

    /// The entries for devices of this vendor and class.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn entries_for(
        &self,
        vendor: &Uuid,
        class: &Uuid,
    ) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let (vendor, class) = (*vendor, *class);
        self.entries().filter(move |entry| *entry.vendor == vendor && *entry.class == class)
    }

    /// Tells what went back since the `previous` catalogue: entries whose number is lower, and
    /// entries that are gone. A device that holds both does not take the first as updates.
    pub fn regressions(&self, previous: &VerifiedCatalogue<'_>, found: &mut dyn FnMut(Finding)) {
        let mut newer = self.entries().peekable();
        for old in previous.entries() {
            while newer.next_if(|new| new.key() < old.key()).is_some() {}
            let new = newer.next_if(|new| new.key() == old.key());
            let rule = match new {
                None => rules::CATALOGUE_WITHDRAWN,
                Some(new) if new.sequence_number < old.sequence_number => {
                    rules::CATALOGUE_REGRESSION
                }
                Some(_) => continue,
            };
            let offset = new.map_or(0, |new| new.component.offset());
            found(Finding::new(rule, Place::new(Input::Document, offset)));
        }
    }
}
