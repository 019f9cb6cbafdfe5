//! Leaves that no module known here has, extensions among them: ignored by those who act on a
//! document, and kept for those who hand it on.

use iotops_wire::cbor::Cursor;
#[cfg(any(feature = "cms", feature = "jws"))]
use iotops_wire::json;

use super::cbor::{Entries, Key, key};
use super::contents::{Data, Source};
use super::reading::Reading;
use crate::model::{Characters, Registry};

/// What names a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeafKey<'a> {
    /// The identifier, absolute.
    Sid(u64),
    /// The name.
    Name(Characters<'a>),
}

/// The value of a leaf as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoded<'a> {
    /// One item of CBOR.
    Cbor(&'a [u8]),
    /// One value of JSON.
    Json(&'a str),
}

/// A leaf that no module known here has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown<'a> {
    key: LeafKey<'a>,
    value: Encoded<'a>,
}

/// bis §8.6: "the corresponding key is the name of the extension, prefixed by the string".
const EXTENSION: &str = "extension:";

impl<'a> Unknown<'a> {
    /// What names it.
    #[must_use]
    pub const fn key(&self) -> LeafKey<'a> {
        self.key
    }

    /// Its value.
    #[must_use]
    pub const fn value(&self) -> Encoded<'a> {
        self.value
    }

    /// Whether it is the body of the extension of this module.
    pub(super) fn is_extension(&self, name: &str, sid: u64) -> bool {
        match self.key {
            LeafKey::Sid(own) => own == sid,
            LeafKey::Name(own) => own.chars().eq(EXTENSION.chars().chain(name.chars())),
        }
    }
}

/// The unknown leaves of a document, in the order in which they are written.
pub(super) fn unknown<'a>(data: &Data<'a>) -> impl Iterator<Item = Unknown<'a>> + use<'a> {
    let mut walk = Walk::new(data);
    core::iter::from_fn(move || walk.next())
}

enum Walk<'a> {
    Cbor(Cursor<'a>, Entries, &'static Registry),
    #[cfg(any(feature = "cms", feature = "jws"))]
    Json(json::Members<'a>, &'static Registry),
    Nothing,
}

impl<'a> Walk<'a> {
    fn new(data: &Data<'a>) -> Self {
        if data.unknown == 0 {
            return Self::Nothing;
        }
        match data.source {
            Source::Cbor(payload) => {
                let mut cursor = Cursor::at(payload, data.start);
                let entries = Entries::open(&mut cursor, &mut Reading::again());
                entries.map_or(Self::Nothing, |all| Self::Cbor(cursor, all, data.registry))
            }
            #[cfg(any(feature = "cms", feature = "jws"))]
            Source::Json(object) => {
                let members = object.members();
                members.map_or(Self::Nothing, |all| Self::Json(all, data.registry))
            }
        }
    }

    fn next(&mut self) -> Option<Unknown<'a>> {
        match self {
            Self::Cbor(cursor, entries, registry) => loop {
                if !entries.next(cursor) {
                    return None;
                }
                let key = key(cursor, registry.sid).ok()?;
                let value = cursor.item().ok()?;
                if key.leaf(registry).is_none() {
                    return Some(Unknown { key: key.into(), value: Encoded::Cbor(value) });
                }
            },
            #[cfg(any(feature = "cms", feature = "jws"))]
            Self::Json(members, registry) => {
                let is_unknown =
                    |name: &json::Text<'_>| super::json::leaf_of(registry.kind, name).is_none();
                let (name, value) = members.find(|(name, _)| is_unknown(name))?;
                let key = LeafKey::Name(Characters::json(name));
                Some(Unknown { key, value: Encoded::Json(value.as_json()) })
            }
            Self::Nothing => None,
        }
    }
}

impl<'a> From<Key<'a>> for LeafKey<'a> {
    fn from(key: Key<'a>) -> Self {
        match key {
            Key::Sid(sid) => Self::Sid(sid),
            Key::Name(name) => Self::Name(Characters::plain(name)),
        }
    }
}
