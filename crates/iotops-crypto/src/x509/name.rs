//! Distinguished names: their attributes, and how they are compared.

use crate::Error;
use crate::der::{Oid, Reader, Tag, check_set_order};
use crate::rules::x509 as rules;

/// A distinguished name, well-formed.
#[derive(Clone, Copy, Debug)]
pub struct Name<'a> {
    encoding: &'a [u8],
    /// The sets of attributes.
    sets: Reader<'a>,
}

/// One attribute of a name.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Attribute<'a> {
    /// Its type.
    pub oid: Oid<'a>,
    /// The type of its value.
    pub tag: Tag,
    /// The content of its value.
    pub value: &'a [u8],
    /// Whether it begins another relative distinguished name than the attribute before.
    pub is_first: bool,
}

/// Attributes of one set at most: comparing two sets takes each of one with each of the other.
const MOST_ATTRIBUTES: usize = 32;

impl<'a> Name<'a> {
    /// Reads a name.
    ///
    /// # Errors
    /// [`rules::NAME`], and those of [`Reader`].
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let start = reader.position();
        let sets = reader.sequence()?;
        check(sets)?;
        Ok(Self { encoding: reader.since(start), sets })
    }

    /// Reads a whole encoding.
    ///
    /// # Errors
    /// As [`Name::read`].
    pub fn decode(encoding: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(encoding)?;
        let name = Self::read(&mut reader)?;
        reader.end()?;
        Ok(name)
    }

    /// Its encoding.
    #[must_use]
    pub const fn encoding(&self) -> &'a [u8] {
        self.encoding
    }

    /// Whether it has no attributes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.sets.is_at_end()
    }

    /// Its attributes in order.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let mut sets = self.sets;
        let mut set = Reader::default();
        core::iter::from_fn(move || {
            let is_first = set.is_at_end();
            if is_first {
                set = sets.set().ok()?;
            }
            attribute(&mut set, is_first).ok()
        })
    }

    /// The value of the first attribute of this type, if it is text.
    #[must_use]
    pub fn text(&self, oid: &[u8]) -> Option<&'a str> {
        let attribute = self.attributes().find(|attribute| attribute.oid.as_bytes() == oid)?;
        match attribute.tag {
            Tag::UTF8_STRING | Tag::PRINTABLE_STRING | Tag::IA5_STRING | Tag::NUMERIC_STRING => {
                core::str::from_utf8(attribute.value).ok()
            }
            _ => None,
        }
    }

    /// Whether both are the same name (RFC 5280 §7.1): equal bytes, or text that differs only in
    /// its type, in case and in spaces.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.encoding == other.encoding || self.is_folded(other, true)
    }

    /// Whether this name is `base`, or stands below it.
    #[must_use]
    pub fn is_within(&self, base: &Self) -> bool {
        base.is_folded(self, false)
    }

    /// Whether the sets of this name are those that `other` begins with; all of them if `whole`.
    fn is_folded(&self, other: &Self, whole: bool) -> bool {
        let (mut own, mut others) = (self.sets, other.sets);
        while !own.is_at_end() {
            let (Ok(own), Ok(other)) = (own.set(), others.set()) else { return false };
            if own.rest() != other.rest() && !is_same_set(own, other) {
                return false;
            }
        }
        !whole || others.is_at_end()
    }
}

/// RFC 5280 §4.1.2.4: `RelativeDistinguishedName ::= SET SIZE (1..MAX) OF AttributeTypeAndValue`.
fn check(mut sets: Reader<'_>) -> Result<(), Error> {
    while !sets.is_at_end() {
        let mut set = sets.set()?;
        let all = set;
        attribute(&mut set, true)?;
        if set.is_at_end() {
            continue;
        }
        check_set_order(all)?;
        while !set.is_at_end() {
            attribute(&mut set, false)?;
        }
        if attributes(all).nth(MOST_ATTRIBUTES).is_some() {
            return Err(all.error(rules::ATTRIBUTE_LIMIT));
        }
    }
    Ok(())
}

fn attribute<'a>(set: &mut Reader<'a>, is_first: bool) -> Result<Attribute<'a>, Error> {
    if set.is_at_end() {
        return Err(set.error(rules::NAME));
    }
    let mut pair = set.sequence()?;
    let oid = pair.oid()?;
    let value = pair.any()?;
    pair.end()?;
    if matches!(value.tag, Tag::UTF8_STRING) && core::str::from_utf8(value.content.rest()).is_err()
    {
        return Err(value.content.error(rules::NAME));
    }
    Ok(Attribute { oid, tag: value.tag, value: value.content.rest(), is_first })
}

fn attributes<'a>(mut set: Reader<'a>) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
    core::iter::from_fn(move || attribute(&mut set, false).ok())
}

/// Each attribute of one set has one of the same type and value in the other, and they are as many.
fn is_same_set(one: Reader<'_>, other: Reader<'_>) -> bool {
    let is_as_long = attributes(one).count() == attributes(other).count();
    let has = |set, wanted: &Attribute<'_>| attributes(set).any(|found| is_same(&found, wanted));
    is_as_long
        && attributes(one).all(|own| has(other, &own))
        && attributes(other).all(|own| has(one, &own))
}

fn is_same(one: &Attribute<'_>, other: &Attribute<'_>) -> bool {
    if one.oid != other.oid {
        return false;
    }
    if one.tag == other.tag && one.value == other.value {
        return true;
    }
    match (Text::new(one), Text::new(other)) {
        (Some(one), Some(other)) => folded(one).eq(folded(other)),
        _ => false,
    }
}

/// The characters of a value of any string type.
#[derive(Clone)]
enum Text<'a> {
    Utf8(core::str::Chars<'a>),
    /// As the Latin-1 that everybody writes into it.
    Teletex(&'a [u8]),
    Wide(&'a [u8]),
    Widest(&'a [u8]),
}

impl<'a> Text<'a> {
    fn new(attribute: &Attribute<'a>) -> Option<Self> {
        let value = attribute.value;
        Some(match attribute.tag {
            Tag::UTF8_STRING
            | Tag::PRINTABLE_STRING
            | Tag::IA5_STRING
            | Tag::NUMERIC_STRING
            | Tag::VISIBLE_STRING => Self::Utf8(core::str::from_utf8(value).ok()?.chars()),
            Tag::TELETEX_STRING => Self::Teletex(value),
            Tag::BMP_STRING => Self::Wide(value),
            Tag::UNIVERSAL_STRING => Self::Widest(value),
            _ => return None,
        })
    }
}

impl Iterator for Text<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let code = match self {
            Self::Utf8(chars) => return chars.next(),
            Self::Teletex(bytes) => u32::from(*bytes.split_off_first()?),
            Self::Wide(bytes) => match bytes.split_off(..2)? {
                [high, low] => u32::from(u16::from_be_bytes([*high, *low])),
                _ => return None,
            },
            Self::Widest(bytes) => match bytes.split_off(..4)? {
                [a, b, c, d] => u32::from_be_bytes([*a, *b, *c, *d]),
                _ => return None,
            },
        };
        Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

/// RFC 4518: lower case, no spaces around, and each run of spaces within as one.
fn folded(text: Text<'_>) -> impl Iterator<Item = char> {
    let mut rest = text.flat_map(char::to_lowercase).skip_while(|c| c.is_whitespace()).peekable();
    core::iter::from_fn(move || {
        let next = rest.next()?;
        if !next.is_whitespace() {
            return Some(next);
        }
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        rest.peek().map(|_| ' ')
    })
}
