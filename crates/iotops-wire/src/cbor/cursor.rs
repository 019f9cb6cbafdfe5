//! The strict reader: a cursor over borrowed bytes that knows its absolute offset.

use super::head::{self, Major};
use crate::{Error, Rule, rules};

/// A strict reader over borrowed bytes.
///
/// It is three words, and copying it is how one looks ahead. Positions count from the start of the
/// outermost document, also inside byte strings that hold CBOR ([`Cursor::embedded`]).
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
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor<'a> {
    /// The outermost document, up to the end of what this cursor reads.
    pub(super) document: &'a [u8],
    pub(super) position: usize,
}

/// The greatest argument of an integer within 64 bits, sign included.
const GREATEST: u64 = i64::MAX.cast_unsigned();

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
            Ok(_) => Ok(Self { document, position: 0 }),
            Err(_) => Err(Error::new(rules::SIZE, 0)),
        }
    }

    /// A cursor at an earlier position in the same `document`, over all that follows.
    #[must_use]
    #[inline]
    pub fn at(document: &'a [u8], offset: u32) -> Self {
        Self { document, position: usize::try_from(offset).unwrap_or(usize::MAX) }
    }

    /// The document, up to the end of what this cursor reads.
    #[must_use]
    pub const fn document(&self) -> &'a [u8] {
        self.document
    }

    /// The position of the next byte in the outermost document.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// The position as errors and places tell it.
    #[must_use]
    pub fn offset(&self) -> u32 {
        // `new` made sure that every position fits.
        u32::try_from(self.position).unwrap_or(u32::MAX)
    }

    /// What has not been read.
    #[must_use]
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.document.get(self.position..).unwrap_or_default()
    }

    /// Whether all has been read.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.position >= self.document.len()
    }

    /// `rule` is broken by what stands here.
    #[cold]
    #[must_use]
    pub fn error(&self, rule: Rule) -> Error {
        self.error_at(self.position, rule)
    }

    /// `rule` is broken by what stands at `position`.
    #[cold]
    #[inline(never)]
    #[must_use]
    pub fn error_at(&self, position: usize, rule: Rule) -> Error {
        Error::new(rule, Self { position, ..*self }.offset())
    }

    /// The type of the next item; `None` at the end.
    #[must_use]
    pub fn peek(&self) -> Option<Type> {
        let first = *self.document.get(self.position)?;
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
        if self.is_at_end() { Ok(()) } else { Err(self.error(rules::TRAILING)) }
    }

    /// Reads an unsigned integer.
    ///
    /// # Errors
    /// [`rules::EXPECT_UNSIGNED`] for another type; see [`Cursor`] for what is checked besides.
    #[inline]
    pub fn unsigned(&mut self) -> Result<u64, Error> {
        let start = self.position;
        match self.argument(head::UNSIGNED) {
            Some(value) => Ok(value),
            None => Err(self.refuse(start, head::UNSIGNED, rules::EXPECT_UNSIGNED)),
        }
    }

    /// Reads an integer of either sign, within 64 bits.
    ///
    /// # Errors
    /// [`rules::EXPECT_INTEGER`] for another type, [`rules::RANGE`] outside of `i64`.
    #[inline]
    pub fn integer(&mut self) -> Result<i64, Error> {
        if let Some(small) = self.small() {
            return Ok(small);
        }
        let start = self.position;
        match self.head() {
            Some((head::UNSIGNED, argument)) if argument <= GREATEST => Ok(argument.cast_signed()),
            Some((head::NEGATIVE, argument)) if argument <= GREATEST => Ok(!argument.cast_signed()),
            _ => Err(self.no_integer(start)),
        }
    }

    #[cold]
    #[inline(never)]
    fn no_integer(&self, start: usize) -> Error {
        let mut cursor = Self { position: start, ..*self };
        match cursor.head() {
            Some((head::UNSIGNED | head::NEGATIVE, _)) => self.error_at(start, rules::RANGE),
            Some(_) => self.error_at(start, rules::EXPECT_INTEGER),
            None => self.broken(start),
        }
    }

    /// Reads a byte string.
    ///
    /// # Errors
    /// [`rules::EXPECT_BYTES`] for another type, [`rules::TRUNCATED`] if it is longer than what is
    /// left.
    #[inline]
    pub fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let start = self.position;
        match self.string(head::BYTES) {
            Some(bytes) => Ok(bytes),
            None => Err(self.refuse(start, head::BYTES, rules::EXPECT_BYTES)),
        }
    }

    /// Reads a byte string, and gives a cursor over what is in it.
    ///
    /// # Errors
    /// As [`Cursor::bytes`].
    #[inline]
    pub fn embedded(&mut self) -> Result<Self, Error> {
        let start = self.position;
        match self.content() {
            Some(content) => Ok(content),
            None => Err(self.refuse(start, head::BYTES, rules::EXPECT_BYTES)),
        }
    }

    /// Reads a text string.
    ///
    /// # Errors
    /// [`rules::EXPECT_TEXT`] for another type, [`rules::UTF8`] if it is not UTF-8.
    #[inline]
    pub fn text(&mut self) -> Result<&'a str, Error> {
        let start = self.position;
        let Some(bytes) = self.string(head::TEXT) else {
            return Err(self.refuse(start, head::TEXT, rules::EXPECT_TEXT));
        };
        core::str::from_utf8(bytes).map_err(|_| self.error_at(start, rules::UTF8))
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
        let start = self.position;
        match self.count(head::ARRAY) {
            Some(count) => Ok(count),
            None => Err(self.refuse(start, head::ARRAY, rules::EXPECT_ARRAY)),
        }
    }

    /// Reads the head of a map, and gives the number of its entries.
    ///
    /// # Errors
    /// [`rules::EXPECT_MAP`] for another type, [`rules::TRUNCATED`] if so many entries cannot
    /// follow.
    #[inline]
    pub fn map(&mut self) -> Result<usize, Error> {
        let start = self.position;
        match self.count(head::MAP) {
            Some(count) => Ok(count),
            None => Err(self.refuse(start, head::MAP, rules::EXPECT_MAP)),
        }
    }

    /// Reads the head of a tag, and gives its number; the tagged item is next.
    ///
    /// # Errors
    /// [`rules::EXPECT_TAG`] for another type.
    #[inline]
    pub fn tag(&mut self) -> Result<u64, Error> {
        let start = self.position;
        match self.argument(head::TAG) {
            Some(number) => Ok(number),
            None => Err(self.refuse(start, head::TAG, rules::EXPECT_TAG)),
        }
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// [`rules::EXPECT_BOOL`] for another type.
    pub fn boolean(&mut self) -> Result<bool, Error> {
        match self.document.get(self.position) {
            Some(&byte @ (head::FALSE | head::TRUE)) => {
                self.position = self.position.wrapping_add(1);
                Ok(byte == head::TRUE)
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
        if self.null_if_next() {
            return Ok(());
        }
        Err(self.error(if self.is_at_end() { rules::TRUNCATED } else { rules::EXPECT_NULL }))
    }

    /// Steps over `null` if it is next, and says whether it was.
    #[inline]
    pub fn null_if_next(&mut self) -> bool {
        let is_null = self.document.get(self.position) == Some(&head::NULL);
        if is_null {
            self.position = self.position.wrapping_add(1);
        }
        is_null
    }

    /// Steps over the next `N` bytes if `read` makes something of them: the short way for what is
    /// nearly always encoded alike. `read` answers for all that the strict way would check.
    #[inline]
    pub fn shortcut<const N: usize, T>(
        &mut self,
        read: impl FnOnce(&'a [u8; N]) -> Option<T>,
    ) -> Option<T> {
        let end = self.position.checked_add(N)?;
        let found = read(self.document.get(self.position..end)?.first_chunk()?)?;
        self.position = end;
        Some(found)
    }

    /// Steps over all that is left, unread.
    pub const fn skip_rest(&mut self) {
        self.position = self.document.len();
    }

    /// Reads one item of any kind, strictly, and gives its encoding.
    ///
    /// # Errors
    /// As [`Cursor::skip`].
    pub fn item(&mut self) -> Result<&'a [u8], Error> {
        let start = self.position;
        self.skip()?;
        Ok(self.since(start))
    }

    /// Keeps only what stands before `later`, a cursor that went on from here.
    #[inline]
    pub fn cut_before(&mut self, later: &Self) {
        self.document = self.document.get(..later.position).unwrap_or_default();
    }

    /// The bytes from `start`, an earlier position of this cursor, to here.
    #[inline]
    #[must_use]
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.document.get(start..self.position).unwrap_or_default()
    }

    /// The encoding of the map key that was read since `start`, which must be greater than
    /// `previous`, the one before it in the same map (empty for the first).
    ///
    /// # Errors
    /// [`rules::KEY_TWICE`] or [`rules::KEY_ORDER`].
    #[inline]
    pub fn ascending(&self, start: usize, previous: &[u8]) -> Result<&'a [u8], Error> {
        let key = self.since(start);
        let ascends = match (key, previous) {
            (_, []) => true,
            ([key], [previous]) => key > previous,
            _ => key > previous,
        };
        if ascends { Ok(key) } else { Err(self.out_of_order(start, key == previous)) }
    }

    #[cold]
    fn out_of_order(&self, start: usize, is_twice: bool) -> Error {
        self.error_at(start, if is_twice { rules::KEY_TWICE } else { rules::KEY_ORDER })
    }

    /// The number of items in an array or map; not more than bytes are left, as every item takes
    /// one at least: a declared count beyond that is a lie.
    #[inline]
    fn count(&mut self, major: Major) -> Option<usize> {
        let count = usize::try_from(self.argument(major)?).ok()?;
        (count <= self.document.len().wrapping_sub(self.position)).then_some(count)
    }

    /// A cursor over the content of a byte string.
    #[inline]
    fn content(&mut self) -> Option<Self> {
        let length = usize::try_from(self.argument(head::BYTES)?).ok()?;
        let position = self.position;
        let document = self.document.get(..position.checked_add(length)?)?;
        self.position = document.len();
        Some(Self { document, position })
    }

    /// The content of a string.
    #[inline]
    fn string(&mut self, major: Major) -> Option<&'a [u8]> {
        let length = self.argument(major)?;
        self.take(length)
    }

    /// The next `length` bytes.
    #[inline]
    pub(super) fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let end = self.position.checked_add(usize::try_from(length).ok()?)?;
        let taken = self.document.get(self.position..end)?;
        self.position = end;
        Some(taken)
    }
}
