//! The strict reader: elements over borrowed bytes, with their absolute offsets.

use iotops_wire::Rule;

use super::Tag;
use crate::Error;
use crate::rules::der as rules;

/// A strict reader over borrowed bytes.
///
/// It is three words, and copying it is how one looks ahead. Positions count from the start of the
/// outermost document, also inside nested elements.
///
/// Every method that reads leaves the reader behind what it read, and accepts only DER: definite
/// lengths of the fewest octets, no high tag numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reader<'a> {
    /// The outermost document, up to the end of what this reader reads.
    pub(super) document: &'a [u8],
    pub(super) position: usize,
}

/// One element of any type.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Any<'a> {
    /// Its tag.
    pub tag: Tag,
    /// Its encoding, from the tag on.
    pub whole: &'a [u8],
    /// A reader over its content.
    pub content: Reader<'a>,
}

const LONG_LENGTH: u8 = 0x80;
/// Length octets behind the first that are read.
const LENGTH_OCTETS: u8 = 4;

impl<'a> Reader<'a> {
    /// A reader at the start of a document.
    ///
    /// # Errors
    /// [`rules::SIZE`] for 4 GiB and more.
    pub fn new(document: &'a [u8]) -> Result<Self, Error> {
        match u32::try_from(document.len()) {
            Ok(_) => Ok(Self { document, position: 0 }),
            Err(_) => Err(Error::new(rules::SIZE, 0)),
        }
    }

    /// A reader over all of `document` that stands at `offset`.
    #[must_use]
    #[inline]
    pub fn at(document: &'a [u8], offset: u32) -> Self {
        Self { document, position: usize::try_from(offset).unwrap_or(usize::MAX) }
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

    /// The bytes from `start`, an earlier position of this reader, to here.
    #[inline]
    #[must_use]
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.document.get(start..self.position).unwrap_or_default()
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

    /// The tag of the next element; `None` at the end.
    #[must_use]
    #[inline]
    pub fn peek(&self) -> Option<Tag> {
        self.document.get(self.position).copied().map(Tag::from_octet)
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`rules::TRAILING`] if something is.
    #[inline]
    pub fn end(&self) -> Result<(), Error> {
        if self.is_at_end() { Ok(()) } else { Err(self.error(rules::TRAILING)) }
    }

    /// Reads an element of any type.
    ///
    /// # Errors
    /// The rule of [`crate::rules::der`] that it breaks.
    #[inline]
    pub fn any(&mut self) -> Result<Any<'a>, Error> {
        let start = self.position;
        match self.element() {
            Some((tag, content)) if !tag.is_high() => {
                Ok(Any { tag, whole: self.since(start), content })
            }
            _ => Err(self.refuse(start, None)),
        }
    }

    /// Steps over one element.
    ///
    /// # Errors
    /// As [`Reader::any`].
    #[inline]
    pub fn skip(&mut self) -> Result<(), Error> {
        self.any().map(drop)
    }

    /// Steps over all that is left, unread.
    pub const fn skip_rest(&mut self) {
        self.position = self.document.len();
    }

    /// Reads an element with this tag, and gives a reader over its content.
    ///
    /// # Errors
    /// [`rules::TAG`] for another tag; see [`Reader`] for what is checked besides.
    #[inline]
    pub fn read(&mut self, tag: Tag) -> Result<Self, Error> {
        let start = self.position;
        match self.element() {
            Some((found, content)) if found == tag => Ok(content),
            _ => Err(self.refuse(start, Some(tag))),
        }
    }

    /// Reads an element with this tag, and gives its content.
    ///
    /// # Errors
    /// As [`Reader::read`].
    #[inline]
    pub fn content(&mut self, tag: Tag) -> Result<&'a [u8], Error> {
        Ok(self.read(tag)?.rest())
    }

    /// Reads an element if it has this tag; `None` at the end and before any other tag.
    ///
    /// # Errors
    /// As [`Reader::read`].
    #[inline]
    pub fn optional(&mut self, tag: Tag) -> Result<Option<Self>, Error> {
        if self.peek() == Some(tag) { self.read(tag).map(Some) } else { Ok(None) }
    }

    /// Reads a SEQUENCE.
    ///
    /// # Errors
    /// As [`Reader::read`].
    #[inline]
    pub fn sequence(&mut self) -> Result<Self, Error> {
        self.read(Tag::SEQUENCE)
    }

    /// Reads a SET.
    ///
    /// # Errors
    /// As [`Reader::read`].
    #[inline]
    pub fn set(&mut self) -> Result<Self, Error> {
        self.read(Tag::SET)
    }

    /// Reads `[number]` in constructed form if it is next: an EXPLICIT tag, or an IMPLICIT one of
    /// a constructed type.
    ///
    /// # Errors
    /// As [`Reader::read`].
    #[inline]
    pub fn context(&mut self, number: u8) -> Result<Option<Self>, Error> {
        self.optional(Tag::context_constructed(number))
    }

    /// Tag and content of the next element.
    #[inline]
    fn element(&mut self) -> Option<(Tag, Self)> {
        let [tag, first, ..] = *self.document.get(self.position..)? else { return None };
        let start = self.position.checked_add(2)?;
        let content = if first < LONG_LENGTH {
            self.inner(start, usize::from(first))?
        } else {
            let (start, length) = self.long_length(start, first)?;
            self.inner(start, length)?
        };
        self.position = content.document.len();
        Some((Tag::from_octet(tag), content))
    }

    #[inline]
    fn inner(&self, position: usize, length: usize) -> Option<Self> {
        let document = self.document.get(..position.checked_add(length)?)?;
        Some(Self { document, position })
    }

    /// Where the content begins, and its length, from the length octets at `start`.
    ///
    /// X.690 §10.1: "The definite form of length encoding shall be used, encoded in the minimum
    /// number of octets."
    #[inline]
    fn long_length(&self, start: usize, first: u8) -> Option<(usize, usize)> {
        let octets = self.document.get(start..)?;
        let (count, length) = match *octets {
            [length, ..] if first == 0x81 => (1, u32::from(length)),
            [high, low, ..] if first == 0x82 => (2, u32::from(u16::from_be_bytes([high, low]))),
            [a, b, c, ..] if first == 0x83 => (3, u32::from_be_bytes([0, a, b, c])),
            [a, b, c, d, ..] if first == 0x84 => (4, u32::from_be_bytes([a, b, c, d])),
            _ => return None,
        };
        let is_shortest = length >= least(count);
        let position = start.checked_add(count)?;
        Some((position, usize::try_from(length).ok()?)).filter(|_| is_shortest)
    }

    /// Why the element at `start` was not read.
    #[cold]
    #[inline(never)]
    pub(super) fn refuse(&self, start: usize, expected: Option<Tag>) -> Error {
        let rule = match *self.document.get(start..).unwrap_or_default() {
            [tag, ..] if expected.is_some_and(|expected| expected.octet() != tag) => rules::TAG,
            [tag, ..] if Tag::from_octet(tag).is_high() => rules::HIGH_TAG,
            [_, LONG_LENGTH, ..] => rules::INDEFINITE,
            [_, first, ..] if first > LONG_LENGTH | LENGTH_OCTETS => rules::LENGTH,
            [_, first, ..] if first > LONG_LENGTH => self.broken_length(start, first),
            _ => rules::TRUNCATED,
        };
        self.error_at(start, rule)
    }

    #[cold]
    fn broken_length(&self, start: usize, first: u8) -> Rule {
        let position = start.saturating_add(2);
        let count = usize::from(first & !LONG_LENGTH);
        let is_whole = self.document.len().saturating_sub(position) >= count;
        match self.long_length(position, first) {
            None if is_whole => rules::SHORTEST,
            _ => rules::TRUNCATED,
        }
    }
}

/// The least length that takes so many octets behind the first.
const fn least(octets: usize) -> u32 {
    match octets {
        1 => 0x80,
        2 => 0x100,
        3 => 0x1_0000,
        _ => 0x100_0000,
    }
}
