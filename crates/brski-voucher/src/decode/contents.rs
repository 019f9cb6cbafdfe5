//! The leaves of one document: where each stands, and what it says when it is asked for.

use iotops_wire::cbor::{Cursor, Type};
#[cfg(any(feature = "cms", feature = "jws"))]
use iotops_wire::json;
use iotops_wire::{Rule, Time};

use super::reading::Reading;
use crate::conform::{self, Role};
use crate::model::{Assertion, Binary, Characters, Kind, Leaf, PLACES, Profile, Registry};
use crate::{Error, rules};

/// The value of a leaf.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Assertion(Assertion),
    Date(Time),
    Flag(bool),
    Binary(Binary<'a>),
    Text(Characters<'a>),
    List(List<'a>),
}

/// A list of a leaf, each item checked.
#[derive(Clone, Copy, Debug)]
pub struct List<'a>(pub(super) Items<'a>);

#[derive(Clone, Copy, Debug)]
pub(super) enum Items<'a> {
    Cbor(Cursor<'a>, usize),
    #[cfg(any(feature = "cms", feature = "jws"))]
    Json(json::Items<'a>),
}

impl<'a> List<'a> {
    /// How many items there are.
    #[must_use]
    pub fn count(&self) -> usize {
        match self.0 {
            Items::Cbor(_, count) => count,
            #[cfg(any(feature = "cms", feature = "jws"))]
            Items::Json(items) => items.count(),
        }
    }

    /// The items that are texts, in order.
    pub fn texts(&self) -> impl Iterator<Item = Characters<'a>> + use<'a> {
        let mut items = self.0;
        core::iter::from_fn(move || next(&mut items)).flatten()
    }

    /// The items that are texts of base64.
    pub fn binaries(&self) -> impl Iterator<Item = Binary<'a>> + use<'a> {
        self.texts().filter_map(|text| Some(Binary::of_base64(text)?.0))
    }

    /// The items that are numbers, in order.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + use<'a> {
        let (mut cursor, mut left) = match self.0 {
            Items::Cbor(cursor, count) => (Some(cursor), count),
            #[cfg(any(feature = "cms", feature = "jws"))]
            Items::Json(_) => (None, 0),
        };
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let cursor = cursor.as_mut()?;
            if cursor.peek() == Some(Type::Unsigned) {
                return Some(cursor.unsigned().ok());
            }
            cursor.skip().ok().map(|()| None)
        })
        .flatten()
    }
}

/// The next item: `Some(None)` for one that is no text.
fn next<'a>(items: &mut Items<'a>) -> Option<Option<Characters<'a>>> {
    match items {
        Items::Cbor(cursor, left) => {
            *left = left.checked_sub(1)?;
            if cursor.peek() == Some(Type::Text) {
                return Some(cursor.text().ok().map(Characters::plain));
            }
            cursor.skip().ok().map(|()| None)
        }
        #[cfg(any(feature = "cms", feature = "jws"))]
        Items::Json(items) => Some(items.next()?.text().ok().map(Characters::json)),
    }
}

/// What the leaves stand in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// The payload.
    Cbor(&'a [u8]),
    /// The object of leaves.
    #[cfg(any(feature = "cms", feature = "jws"))]
    Json(json::Value<'a>),
}

/// All leaves of one document. Each was checked; it is decoded again when it is asked for, as most
/// are asked for once or never.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Data<'a> {
    pub(super) registry: &'static Registry,
    pub(super) source: Source<'a>,
    /// Where the map of leaves stands.
    pub(super) start: u32,
    /// Where the value of each leaf stands; 0, which is the container, for none.
    places: [u32; PLACES],
    /// How many leaves were ignored, because no module that is known here has them.
    pub(super) unknown: usize,
}

impl<'a> Data<'a> {
    pub(super) const fn new(registry: &'static Registry, source: Source<'a>, start: u32) -> Self {
        Self { registry, source, start, places: [0; PLACES], unknown: 0 }
    }

    pub(crate) const fn kind(&self) -> Kind {
        self.registry.kind
    }

    /// Whether there is such a leaf.
    pub(crate) fn has(&self, leaf: Leaf) -> bool {
        self.place(leaf).is_some()
    }

    fn place(&self, leaf: Leaf) -> Option<u32> {
        self.places.get(leaf.place()).copied().filter(|place| *place != 0)
    }

    pub(crate) fn get(&self, leaf: Leaf) -> Option<Value<'a>> {
        let place = self.place(leaf)?;
        match self.source {
            Source::Cbor(payload) => super::cbor::again(payload, place, leaf),
            #[cfg(any(feature = "cms", feature = "jws"))]
            Source::Json(object) => {
                super::json::read_value(leaf, object.at(place), &mut Reading::again()).ok()
            }
        }
    }

    /// The value of a leaf that is written as a text.
    #[cfg(feature = "alloc")]
    pub(crate) fn written_text(&self, leaf: Leaf) -> Option<Characters<'a>> {
        let place = self.place(leaf)?;
        match self.source {
            Source::Cbor(payload) => Cursor::at(payload, place).text().ok().map(Characters::plain),
            #[cfg(any(feature = "cms", feature = "jws"))]
            Source::Json(object) => object.at(place).text().ok().map(Characters::json),
        }
    }

    /// Notes where a value stands; refuses a second one.
    pub(super) fn put(&mut self, leaf: Leaf, offset: u32) -> bool {
        match self.places.get_mut(leaf.place()) {
            Some(place @ 0) => {
                *place = offset;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn binary(&self, leaf: Leaf) -> Option<Binary<'a>> {
        match self.get(leaf)? {
            Value::Binary(binary) => Some(binary),
            _ => None,
        }
    }

    pub(crate) fn date(&self, leaf: Leaf) -> Option<Time> {
        match self.get(leaf)? {
            Value::Date(time) => Some(time),
            _ => None,
        }
    }

    pub(super) fn flag(&self, leaf: Leaf) -> Option<bool> {
        match self.get(leaf)? {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    pub(crate) fn text(&self, leaf: Leaf) -> Option<Characters<'a>> {
        match self.get(leaf)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(&self, leaf: Leaf) -> Option<List<'a>> {
        match self.get(leaf)? {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    pub(crate) fn assertion(&self) -> Option<Assertion> {
        match self.get(Leaf::Assertion)? {
            Value::Assertion(assertion) => Some(assertion),
            _ => None,
        }
    }

    /// The rules of an edition for a voucher.
    pub(crate) fn conforms(&self, profile: Profile) -> Result<(), Error> {
        match self.kind() {
            Kind::Voucher => conform::check(*self, Role::Masa, profile),
            Kind::Request => Ok(()),
        }
    }

    /// The rules of single leaves and between them that hold in every edition and for every role.
    pub(super) fn check(&self, reading: &mut Reading<'_>) -> Result<(), Error> {
        if !self.has(Leaf::SerialNumber) {
            reading.deviation(rules::SERIAL_MISSING, self.start)?;
        }
        // RFC 8366 §5.3: "must "../expires-on"".
        let is_alone = self.has(Leaf::LastRenewalDate) && !self.has(Leaf::ExpiresOn);
        if is_alone && self.kind() == Kind::Voucher {
            return Err(self.error(rules::RENEWAL, Leaf::LastRenewalDate, reading));
        }
        // RFC 8366 §5.3: "length "8..32"".
        let is_nonce = |nonce: &Binary<'_>| (8..=32).contains(&nonce.length());
        if self.has(Leaf::Nonce) && !self.binary(Leaf::Nonce).is_some_and(|one| is_nonce(&one)) {
            let place = self.place(Leaf::Nonce).unwrap_or(0);
            reading.deviation(rules::NONCE_LENGTH, place)?;
        }
        for leaf in [Leaf::PinnedDomainPubkSha256, Leaf::ProximityRegistrarPubkSha256] {
            if self.has(leaf) && self.binary(leaf).is_none_or(|digest| digest.length() != 32) {
                return Err(self.error(rules::DIGEST_LENGTH, leaf, reading));
            }
        }
        Ok(())
    }

    #[cold]
    fn error(&self, rule: Rule, leaf: Leaf, reading: &Reading<'_>) -> Error {
        reading.error(rule, self.place(leaf).unwrap_or(0))
    }
}
