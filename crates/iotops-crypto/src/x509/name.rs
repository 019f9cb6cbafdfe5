//! Distinguished names (RFC 5280 §4.1.2.4), and when two of them are the same (§7.1).

use crate::Error;
use crate::der::{Any, Oid, Reader, Tag};
use crate::rules::x509 as rules;

/// The attribute `id-at-serialNumber`, which an `IDevID` has.
pub const SERIAL_NUMBER: Oid<'static> = Oid::known(&[0x55, 0x04, 0x05]);
/// The attribute `id-at-commonName`.
pub const COMMON_NAME: Oid<'static> = Oid::known(&[0x55, 0x04, 0x03]);
/// The attribute `id-emailAddress`.
pub(super) const EMAIL_ADDRESS: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01]);

/// A well-formed distinguished name.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    /// Its relative names.
    content: Reader<'a>,
    whole: &'a [u8],
}

impl<'a> Name<'a> {
    /// Reads a name.
    ///
    /// # Errors
    /// [`rules::NAME`], and the rules of DER.
    #[inline]
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let start = reader.position();
        let content = reader.sequence()?;
        check(content)?;
        Ok(Self { content, whole: reader.since(start) })
    }

    /// A name in a `GeneralName` or a constraint, without a tag of its own.
    pub(super) fn of(any: Any<'a>) -> Result<Self, Error> {
        check(any.content)?;
        Ok(Self { content: any.content, whole: any.whole })
    }

    /// Its encoding.
    #[must_use]
    pub const fn as_encoded(&self) -> &'a [u8] {
        self.whole
    }

    /// Whether it has no attributes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.content.is_at_end()
    }

    /// Its attributes, in order: type and value.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn attributes(&self) -> impl Iterator<Item = (Oid<'a>, Any<'a>)> + use<'a> {
        let mut sets = self.content;
        let mut set = Reader::default();
        core::iter::from_fn(move || {
            if set.is_at_end() {
                set = sets.set().ok()?;
            }
            attribute(&mut set).ok()
        })
    }

    /// The text of the first attribute of this type.
    #[must_use]
    pub fn text(&self, kind: Oid<'_>) -> Option<&'a str> {
        let (_, value) = self.attributes().find(|(found, _)| *found == kind)?;
        core::str::from_utf8(value.content.rest()).ok()
    }

    /// Whether both name the same (RFC 5280 §7.1).
    #[must_use]
    pub fn matches(&self, other: &Name<'_>) -> bool {
        self.content.rest() == other.content.rest()
            || (begins_with(self.content, other.content)
                && begins_with(other.content, self.content))
    }

    /// Whether it is `base` or lies below it.
    pub(super) fn is_within(&self, base: &Name<'_>) -> bool {
        begins_with(self.content, base.content)
    }
}

/// Whether the relative names of `base` are the first of `name`.
fn begins_with(mut name: Reader<'_>, mut base: Reader<'_>) -> bool {
    while !base.is_at_end() {
        match (name.set(), base.set()) {
            (Ok(ours), Ok(theirs)) if is_same_set(ours, theirs) => {}
            _ => return false,
        }
    }
    true
}

/// The attributes of a set are in the order of DER, but for the case of letters.
fn is_same_set(mut ours: Reader<'_>, mut theirs: Reader<'_>) -> bool {
    while !ours.is_at_end() {
        match (attribute(&mut ours), attribute(&mut theirs)) {
            (Ok(a), Ok(b)) if a.0 == b.0 && is_same_value(&a.1, &b.1) => {}
            _ => return false,
        }
    }
    theirs.is_at_end()
}

/// Texts are compared without regard to case and to the number of spaces, others by their bytes.
fn is_same_value(ours: &Any<'_>, theirs: &Any<'_>) -> bool {
    let (a, b) = (ours.content.rest(), theirs.content.rest());
    if ours.tag == theirs.tag && a == b {
        return true;
    }
    is_text(ours.tag) && is_text(theirs.tag) && folded(a).eq(folded(b))
}

const fn is_text(tag: Tag) -> bool {
    matches!(tag, Tag::PRINTABLE_STRING | Tag::UTF8_STRING | Tag::IA5_STRING)
}

/// The characters in lower case, with one space for several and none at the ends.
fn folded(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let words = text.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    words.enumerate().flat_map(|(place, word)| {
        let space = (place > 0).then_some(b' ');
        space.into_iter().chain(word.iter().map(u8::to_ascii_lowercase))
    })
}

fn attribute<'a>(set: &mut Reader<'a>) -> Result<(Oid<'a>, Any<'a>), Error> {
    let mut content = set.sequence()?;
    let kind = content.oid()?;
    let value = content.any()?;
    content.end()?;
    Ok((kind, value))
}

#[inline]
fn check(mut content: Reader<'_>) -> Result<(), Error> {
    while !content.is_at_end() {
        let mut set = content.set()?;
        if set.is_at_end() {
            return Err(set.error(rules::NAME));
        }
        while !set.is_at_end() {
            attribute(&mut set)?;
        }
    }
    Ok(())
}
