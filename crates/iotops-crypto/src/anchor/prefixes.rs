//! The components that a SUIT author is trusted for.

use iotops_wire::cbor::Cursor;

use crate::{Error, rules};

/// The most component prefixes of one anchor.
const MOST_PREFIXES: usize = 8;

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

    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
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
