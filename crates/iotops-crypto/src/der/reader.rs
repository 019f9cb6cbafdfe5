//! The reader: tags and lengths.

use iotops_wire::Rule;

use super::NUMBER_BITS;
use crate::Error;
use crate::rules::der as rules;

/// The tag of a value: class, constructed bit and number in one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag(u8);

impl Tag {
    /// `BOOLEAN`.
    pub const BOOLEAN: Self = Self(0x01);
    /// `INTEGER`.
    pub const INTEGER: Self = Self(0x02);
    /// `BIT STRING`.
    pub const BIT_STRING: Self = Self(0x03);
    /// `OCTET STRING`.
    pub const OCTET_STRING: Self = Self(0x04);
    /// `NULL`.
    pub const NULL: Self = Self(0x05);
    /// `OBJECT IDENTIFIER`.
    pub const OID: Self = Self(0x06);
    /// `ENUMERATED`.
    pub const ENUMERATED: Self = Self(0x0a);
    /// `UTF8String`.
    pub const UTF8_STRING: Self = Self(0x0c);
    /// `PrintableString`.
    pub const PRINTABLE_STRING: Self = Self(0x13);
    /// `TeletexString`.
    pub const TELETEX_STRING: Self = Self(0x14);
    /// `IA5String`.
    pub const IA5_STRING: Self = Self(0x16);
    /// `UTCTime`.
    pub const UTC_TIME: Self = Self(0x17);
    /// `GeneralizedTime`.
    pub const GENERALIZED_TIME: Self = Self(0x18);
    /// `UniversalString`.
    pub const UNIVERSAL_STRING: Self = Self(0x1c);
    /// `BMPString`.
    pub const BMP_STRING: Self = Self(0x1e);
    /// `SEQUENCE` and `SEQUENCE OF`.
    pub const SEQUENCE: Self = Self(0x30);
    /// `SET` and `SET OF`.
    pub const SET: Self = Self(0x31);

    /// The primitive context-specific tag `[number]`; numbers above 30 have none here.
    #[must_use]
    pub const fn context(number: u8) -> Self {
        Self(0x80 | number & NUMBER_BITS)
    }

    /// The constructed context-specific tag `[number]`.
    #[must_use]
    pub const fn constructed(number: u8) -> Self {
        Self(0xa0 | number & NUMBER_BITS)
    }

    /// The byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self.0
    }
}

/// A value of any type.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Any<'a> {
    /// Its tag.
    pub tag: Tag,
    /// A reader over its content.
    pub content: Reader<'a>,
    /// All of its encoding.
    pub whole: &'a [u8],
}

/// A strict reader over borrowed bytes: three words, copied to look ahead.
///
/// ```
/// use iotops_crypto::der::Reader;
///
/// let mut reader = Reader::new(&[0x30, 0x03, 0x02, 0x01, 0x05])?;
/// let mut sequence = reader.sequence()?;
/// assert_eq!(sequence.small()?, 5);
/// sequence.end()?;
/// reader.end()?;
/// # Ok::<(), iotops_crypto::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Reader<'a> {
    /// The outermost document, up to the end of what this reader reads.
    document: &'a [u8],
    position: usize,
}

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

    /// Where it is, in the outermost document.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.position
    }

    /// The position as errors tell it.
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

    /// The bytes from `start`, an earlier position of this reader, to here.
    #[must_use]
    #[inline]
    pub fn since(&self, start: usize) -> &'a [u8] {
        self.document.get(start..self.position).unwrap_or_default()
    }

    /// Whether all has been read.
    #[must_use]
    #[inline]
    pub const fn is_at_end(&self) -> bool {
        self.position >= self.document.len()
    }

    /// `rule` is broken by what stands here.
    #[cold]
    #[must_use]
    pub fn error(&self, rule: Rule) -> Error {
        Error::new(rule, self.offset())
    }

    /// `rule` is broken by what stands at `position`.
    #[cold]
    #[must_use]
    pub fn error_at(&self, position: usize, rule: Rule) -> Error {
        Self { position, ..*self }.error(rule)
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`rules::TRAILING`].
    #[inline]
    pub fn end(&self) -> Result<(), Error> {
        if self.is_at_end() { Ok(()) } else { Err(self.error(rules::TRAILING)) }
    }

    /// The tag of the next value; `None` at the end.
    #[must_use]
    #[inline]
    pub fn peek(&self) -> Option<Tag> {
        self.document.get(self.position).copied().map(Tag)
    }

    /// Whether a value with `tag` is next.
    #[must_use]
    #[inline]
    pub fn is_next(&self, tag: Tag) -> bool {
        self.document.get(self.position) == Some(&tag.0)
    }

    /// Reads a value with `tag`, and gives a reader over its content.
    ///
    /// # Errors
    /// [`rules::EXPECT_TAG`] for another type, [`rules::TRUNCATED`], [`rules::LENGTH`].
    #[inline]
    pub fn read(&mut self, tag: Tag) -> Result<Self, Error> {
        if self.is_next(tag)
            && let Some(content) = self.content()
        {
            return Ok(content);
        }
        Err(self.refuse(Some(tag)))
    }

    /// Reads a value with `tag` if it is next.
    ///
    /// # Errors
    /// As [`Reader::read`], but for another type.
    #[inline]
    pub fn optional(&mut self, tag: Tag) -> Result<Option<Self>, Error> {
        if self.is_next(tag) { self.read(tag).map(Some) } else { Ok(None) }
    }

    /// Reads a value of any type.
    ///
    /// # Errors
    /// [`rules::TRUNCATED`], [`rules::LENGTH`], [`rules::TAG_NUMBER`].
    #[inline]
    pub fn any(&mut self) -> Result<Any<'a>, Error> {
        let start = self.position;
        match self.peek() {
            Some(tag) if tag.0 & NUMBER_BITS != NUMBER_BITS => {
                if let Some(content) = self.content() {
                    return Ok(Any { tag, content, whole: self.since(start) });
                }
            }
            _ => {}
        }
        Err(self.refuse(None))
    }

    /// Steps over a value of any type; its content is not looked at.
    ///
    /// # Errors
    /// As [`Reader::any`].
    #[inline]
    pub fn skip(&mut self) -> Result<(), Error> {
        self.any().map(drop)
    }

    /// Reads a `SEQUENCE`.
    ///
    /// # Errors
    /// As [`Reader::read`].
    #[inline]
    pub fn sequence(&mut self) -> Result<Self, Error> {
        self.read(Tag::SEQUENCE)
    }

    /// Steps over tag and length, and gives the content; `None`, without a step, if it is broken.
    #[inline]
    fn content(&mut self) -> Option<Self> {
        let head = self.position.checked_add(1)?;
        let first = *self.document.get(head)?;
        let (position, length) = if first < 0x80 {
            (head.checked_add(1)?, usize::from(first))
        } else {
            long_length(self.document, head, first)?
        };
        let end = position.checked_add(length)?;
        let document = self.document.get(..end)?;
        self.position = end;
        Some(Self { document, position })
    }

    /// Why there is no value with this tag, or none at all.
    #[cold]
    #[inline(never)]
    fn refuse(&self, tag: Option<Tag>) -> Error {
        let Some(found) = self.peek() else {
            return self.error(rules::TRUNCATED);
        };
        if tag.is_some_and(|tag| tag != found) {
            return self.error(rules::EXPECT_TAG);
        }
        if found.0 & NUMBER_BITS == NUMBER_BITS {
            return self.error(rules::TAG_NUMBER);
        }
        self.error(self.broken_length())
    }

    /// What is wrong with the length behind the tag that is next.
    fn broken_length(&self) -> Rule {
        let Some((first, rest)) = self.rest().get(1..).and_then(<[u8]>::split_first) else {
            return rules::TRUNCATED;
        };
        let count = usize::from(first & 0x7f);
        match (first, rest.get(..count)) {
            (0x80, _) => rules::INDEFINITE,
            (0x81..=0x84, Some([0, ..])) | (0x81, Some([..0x80])) => rules::LENGTH,
            (0x85.., Some([0, ..])) => rules::LENGTH,
            _ => rules::TRUNCATED,
        }
    }
}

/// A length of more than one byte, and the position behind it.
#[inline(never)]
fn long_length(document: &[u8], head: usize, first: u8) -> Option<(usize, usize)> {
    let count = usize::from(first & 0x7f);
    let start = head.checked_add(1)?;
    let end = start.checked_add(count)?;
    let bytes = document.get(start..end)?;
    let length = match bytes {
        [one @ 0x80..=0xff] => usize::from(*one),
        [high @ 1..=0xff, low] => usize::from(u16::from_be_bytes([*high, *low])),
        [high @ 1..=0xff, b, c] => usize::try_from(u32::from_be_bytes([0, *high, *b, *c])).ok()?,
        [high @ 1..=0xff, b, c, d] => {
            usize::try_from(u32::from_be_bytes([*high, *b, *c, *d])).ok()?
        }
        _ => return None,
    };
    Some((end, length))
}
