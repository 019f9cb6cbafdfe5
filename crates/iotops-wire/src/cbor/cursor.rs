//! The strict reader: a cursor over borrowed bytes that knows its absolute offset.

use super::head::{self, Major};
use crate::{Error, Rule, rules};

/// A strict reader over borrowed bytes.
///
/// It is two words and a number, and copying it is how one looks ahead. Offsets in errors count
/// from the start of the outermost document, also inside byte strings that hold CBOR
/// ([`Cursor::embedded`]).
///
/// Every method that reads leaves the cursor behind what it read, and accepts only the
/// deterministic encoding of RFC 8949 §4.2: shortest heads, definite lengths, sorted and unique
/// map keys.
///
/// ```
/// use iotops_wire::cbor::Cursor;
///
/// let mut cursor = Cursor::new(&[0x82, 0x01, 0x41, 0xff])?;
/// assert_eq!(cursor.array()?, 2);
/// assert_eq!(cursor.unsigned()?, 1);
/// assert_eq!(cursor.bytes()?, [0xff]);
/// cursor.end()?;
/// # Ok::<(), iotops_wire::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    pub(super) rest: &'a [u8],
    /// Offset of the first byte behind `rest`, in the outermost document.
    end: u32,
}

/// The type of a data item, told by its first byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// An unsigned integer.
    Unsigned,
    /// A negative integer.
    Negative,
    /// A byte string.
    Bytes,
    /// A text string.
    Text,
    /// An array.
    Array,
    /// A map.
    Map,
    /// A tag.
    Tag,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
    /// Another simple value, or a floating-point number.
    Other,
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of a document.
    ///
    /// # Errors
    /// [`rules::SIZE`] for 4 GiB and more.
    pub fn new(document: &'a [u8]) -> Result<Self, Error> {
        match u32::try_from(document.len()) {
            Ok(end) => Ok(Self { rest: document, end }),
            Err(_) => Err(Error::new(rules::SIZE, 0)),
        }
    }

    /// A cursor over bytes `start..end` of `document`; empty if there are none.
    #[must_use]
    pub fn over(document: &'a [u8], start: u32, end: u32) -> Self {
        let range = usize::try_from(start).unwrap_or(usize::MAX)
            ..usize::try_from(end).unwrap_or(usize::MAX);
        Self { rest: document.get(range).unwrap_or_default(), end }
    }

    /// The absolute offset of the next byte.
    #[must_use]
    pub fn offset(&self) -> u32 {
        // `rest` is never longer than `end`: both come from `new`, and only shrink together.
        self.end.saturating_sub(u32::try_from(self.rest.len()).unwrap_or(u32::MAX))
    }

    /// What has not been read.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether all has been read.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// `rule` is broken by what stands here.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn error(&self, rule: Rule) -> Error {
        Error::new(rule, self.offset())
    }

    /// The type of the next item; `None` at the end.
    #[must_use]
    pub fn peek(&self) -> Option<Type> {
        let first = *self.rest.first()?;
        Some(match first >> 5 {
            0 => Type::Unsigned,
            1 => Type::Negative,
            2 => Type::Bytes,
            3 => Type::Text,
            4 => Type::Array,
            5 => Type::Map,
            6 => Type::Tag,
            _ => match first {
                head::FALSE | head::TRUE => Type::Bool,
                head::NULL => Type::Null,
                _ => Type::Other,
            },
        })
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`rules::TRAILING`] if something is.
    #[inline]
    pub fn end(&self) -> Result<(), Error> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.error(rules::TRAILING)) }
    }

    /// Reads an unsigned integer.
    ///
    /// # Errors
    /// [`rules::EXPECT_UNSIGNED`] for another type; see [`Cursor`] for what is checked besides.
    #[inline]
    pub fn unsigned(&mut self) -> Result<u64, Error> {
        self.expect(head::UNSIGNED, rules::EXPECT_UNSIGNED)
    }

    /// Reads an integer of either sign, within 64 bits.
    ///
    /// # Errors
    /// [`rules::EXPECT_INTEGER`] for another type, [`rules::RANGE`] outside of `i64`.
    #[inline]
    pub fn integer(&mut self) -> Result<i64, Error> {
        let start = *self;
        let (major, argument) = self.head()?;
        let Ok(magnitude) = i64::try_from(argument) else {
            return Err(start.error(rules::RANGE));
        };
        match major {
            head::UNSIGNED => Ok(magnitude),
            head::NEGATIVE => Ok(!magnitude),
            _ => Err(start.error(rules::EXPECT_INTEGER)),
        }
    }

    /// Reads a byte string.
    ///
    /// # Errors
    /// [`rules::EXPECT_BYTES`] for another type, [`rules::TRUNCATED`] if it is longer than what is
    /// left.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let start = *self;
        let length = self.expect(head::BYTES, rules::EXPECT_BYTES)?;
        self.take(length, start)
    }

    /// Reads a byte string, and gives a cursor over what is in it.
    ///
    /// # Errors
    /// As [`Cursor::bytes`].
    #[inline]
    pub fn embedded(&mut self) -> Result<Self, Error> {
        let content = self.bytes()?;
        Ok(Self { rest: content, end: self.offset() })
    }

    /// Reads a text string.
    ///
    /// # Errors
    /// [`rules::EXPECT_TEXT`] for another type, [`rules::UTF8`] if it is not UTF-8.
    #[inline]
    pub fn text(&mut self) -> Result<&'a str, Error> {
        let start = *self;
        let length = self.expect(head::TEXT, rules::EXPECT_TEXT)?;
        let bytes = self.take(length, start)?;
        core::str::from_utf8(bytes).map_err(|_| start.error(rules::UTF8))
    }

    /// Reads the head of an array, and gives the number of its items.
    ///
    /// The number is never more than the bytes that are left, so a caller may loop over it.
    ///
    /// # Errors
    /// [`rules::EXPECT_ARRAY`] for another type, [`rules::TRUNCATED`] if so many items cannot
    /// follow.
    #[inline]
    pub fn array(&mut self) -> Result<usize, Error> {
        self.count(head::ARRAY, rules::EXPECT_ARRAY)
    }

    /// Reads the head of a map, and gives the number of its entries.
    ///
    /// # Errors
    /// [`rules::EXPECT_MAP`] for another type, [`rules::TRUNCATED`] if so many entries cannot
    /// follow.
    #[inline]
    pub fn map(&mut self) -> Result<usize, Error> {
        self.count(head::MAP, rules::EXPECT_MAP)
    }

    /// Reads the head of a tag, and gives its number; the tagged item is next.
    ///
    /// # Errors
    /// [`rules::EXPECT_TAG`] for another type.
    #[inline]
    pub fn tag(&mut self) -> Result<u64, Error> {
        self.expect(head::TAG, rules::EXPECT_TAG)
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// [`rules::EXPECT_BOOL`] for another type.
    pub fn boolean(&mut self) -> Result<bool, Error> {
        match self.rest.split_first() {
            Some((&head::FALSE, rest)) => {
                self.rest = rest;
                Ok(false)
            }
            Some((&head::TRUE, rest)) => {
                self.rest = rest;
                Ok(true)
            }
            Some(_) => Err(self.error(rules::EXPECT_BOOL)),
            None => Err(self.error(rules::TRUNCATED)),
        }
    }

    /// Reads `null`.
    ///
    /// # Errors
    /// [`rules::EXPECT_NULL`] for another type.
    #[inline]
    pub fn null(&mut self) -> Result<(), Error> {
        match self.rest.split_first() {
            Some((&head::NULL, rest)) => {
                self.rest = rest;
                Ok(())
            }
            Some(_) => Err(self.error(rules::EXPECT_NULL)),
            None => Err(self.error(rules::TRUNCATED)),
        }
    }

    /// Steps over `null` if it is next, and says whether it was.
    #[inline]
    pub fn null_if_next(&mut self) -> bool {
        self.null_or_other().is_some()
    }

    #[inline]
    fn null_or_other(&mut self) -> Option<()> {
        let (&head::NULL, rest) = self.rest.split_first()? else {
            return None;
        };
        self.rest = rest;
        Some(())
    }

    /// Reads one item of any kind, strictly, and gives its encoding.
    ///
    /// # Errors
    /// As [`Cursor::skip`].
    pub fn item(&mut self) -> Result<&'a [u8], Error> {
        let before = self.rest;
        self.skip()?;
        Ok(self.since(before))
    }

    /// Keeps only what stands before `later`, a cursor that went on from here.
    #[inline]
    pub fn cut_before(&mut self, later: &Self) {
        let end = later.offset();
        self.rest = later.since(self.rest);
        self.end = end;
    }

    /// The encoding of the map key that was read from here to `after`, which must be greater than
    /// `previous`, the one before it in the same map (empty for the first).
    ///
    /// # Errors
    /// [`rules::KEY_TWICE`] or [`rules::KEY_ORDER`].
    #[inline]
    pub fn ascending(&self, after: &Self, previous: &[u8]) -> Result<&'a [u8], Error> {
        let key = after.since(self.rest);
        // RFC 8949 §4.2.1: "The keys in every map MUST be sorted in the bytewise lexicographic
        // order of their deterministic encodings."
        if key > previous { Ok(key) } else { Err(self.out_of_order(key == previous)) }
    }

    #[cold]
    fn out_of_order(&self, is_twice: bool) -> Error {
        self.error(if is_twice { rules::KEY_TWICE } else { rules::KEY_ORDER })
    }

    /// What was read since the cursor's rest was `before`.
    #[inline]
    pub(super) fn since(&self, before: &'a [u8]) -> &'a [u8] {
        let length = before.len().saturating_sub(self.rest.len());
        before.get(..length).unwrap_or_default()
    }

    #[inline]
    fn count(&mut self, major: Major, otherwise: Rule) -> Result<usize, Error> {
        let start = *self;
        let count = self.expect(major, otherwise)?;
        // Every item takes a byte at least: a declared count beyond that is a lie.
        match usize::try_from(count) {
            Ok(count) if count <= self.rest.len() => Ok(count),
            _ => Err(start.error(rules::TRUNCATED)),
        }
    }

    /// The next `length` bytes; `start` is where their head stands.
    #[inline]
    pub(super) fn take(&mut self, length: u64, start: Self) -> Result<&'a [u8], Error> {
        let split = usize::try_from(length).ok().and_then(|n| self.rest.split_at_checked(n));
        let Some((taken, rest)) = split else {
            return Err(start.error(rules::TRUNCATED));
        };
        self.rest = rest;
        Ok(taken)
    }
}
