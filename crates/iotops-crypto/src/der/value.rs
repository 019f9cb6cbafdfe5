//! Values of the primitive types, and the order of sets.

use super::{Oid, Reader, Tag};
use crate::Error;
use crate::rules::der as rules;

/// The content of a BIT STRING.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BitString<'a> {
    /// How many bits of the last byte do not count; they are zero.
    pub unused: u8,
    /// The bits, the first one highest.
    pub bytes: &'a [u8],
}

impl<'a> BitString<'a> {
    /// The bytes, if all bits count.
    #[must_use]
    pub fn octets(self) -> Option<&'a [u8]> {
        (self.unused == 0).then_some(self.bytes)
    }

    /// Whether the bit with this number is set; the first has number 0.
    #[must_use]
    pub fn bit(self, number: usize) -> bool {
        let byte = self.bytes.get(number >> 3).copied().unwrap_or_default();
        byte & (0x80 >> (number & 7)) != 0
    }
}

impl<'a> Reader<'a> {
    /// Reads an OCTET STRING.
    ///
    /// # Errors
    /// As [`Reader::read`].
    #[inline]
    pub fn octets(&mut self) -> Result<&'a [u8], Error> {
        self.content(Tag::OCTET_STRING)
    }

    /// Reads an INTEGER, and gives its two's complement in the fewest bytes.
    ///
    /// # Errors
    /// [`rules::INTEGER`] if it takes more, and as [`Reader::read`].
    #[inline]
    pub fn integer(&mut self) -> Result<&'a [u8], Error> {
        let start = self.position;
        let content = self.content(Tag::INTEGER)?;
        self.fewest_octets(start, content)
    }

    /// X.690 §8.3.2: the first octet and the highest bit of the second "shall not all be ones; and
    /// shall not all be zero".
    #[inline]
    fn fewest_octets(&self, start: usize, content: &'a [u8]) -> Result<&'a [u8], Error> {
        match content {
            [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => {
                Err(self.error_at(start, rules::INTEGER))
            }
            content => Ok(content),
        }
    }

    /// Reads an INTEGER that is not negative, and gives its bytes without a leading zero; zero
    /// itself is one byte.
    ///
    /// # Errors
    /// [`rules::NEGATIVE`], and as [`Reader::integer`].
    #[inline]
    pub fn unsigned(&mut self) -> Result<&'a [u8], Error> {
        let start = self.position;
        match self.integer()? {
            [0x80..=0xff, ..] => Err(self.error_at(start, rules::NEGATIVE)),
            [0x00, magnitude @ ..] if !magnitude.is_empty() => Ok(magnitude),
            magnitude => Ok(magnitude),
        }
    }

    /// Reads an INTEGER from 0 to 2^32 - 1.
    ///
    /// # Errors
    /// [`rules::RANGE`], and as [`Reader::unsigned`].
    #[inline]
    pub fn small(&mut self) -> Result<u32, Error> {
        self.small_tagged(Tag::INTEGER)
    }

    /// Reads a value from 0 to 2^32 - 1 of INTEGER's encoding under another tag: ENUMERATED, or an
    /// IMPLICIT one.
    ///
    /// # Errors
    /// As [`Reader::small`].
    pub fn small_tagged(&mut self, tag: Tag) -> Result<u32, Error> {
        let start = self.position;
        let content = self.content(tag)?;
        match *self.fewest_octets(start, content)? {
            [0x80..=0xff, ..] => Err(self.error_at(start, rules::NEGATIVE)),
            [a] => Ok(u32::from(a)),
            [a, b] => Ok(u32::from_be_bytes([0, 0, a, b])),
            [a, b, c] => Ok(u32::from_be_bytes([0, a, b, c])),
            [a, b, c, d] | [0, a, b, c, d] => Ok(u32::from_be_bytes([a, b, c, d])),
            _ => Err(self.error_at(start, rules::RANGE)),
        }
    }

    /// Reads a BOOLEAN.
    ///
    /// # Errors
    /// [`rules::BOOLEAN`], and as [`Reader::read`].
    #[inline]
    pub fn boolean(&mut self) -> Result<bool, Error> {
        let start = self.position;
        // X.690 §11.1: TRUE is "all eight bits set to one".
        match self.content(Tag::BOOLEAN)? {
            [0x00] => Ok(false),
            [0xff] => Ok(true),
            _ => Err(self.error_at(start, rules::BOOLEAN)),
        }
    }

    /// Reads a BOOLEAN DEFAULT FALSE.
    ///
    /// # Errors
    /// [`rules::DEFAULT`] if FALSE is encoded, and as [`Reader::boolean`].
    #[inline]
    pub fn flag(&mut self) -> Result<bool, Error> {
        let start = self.position;
        if self.peek() != Some(Tag::BOOLEAN) {
            return Ok(false);
        }
        // X.690 §11.5: a default value "shall not" be encoded.
        if self.boolean()? { Ok(true) } else { Err(self.error_at(start, rules::DEFAULT)) }
    }

    /// Reads a NULL.
    ///
    /// # Errors
    /// [`rules::NULL`], and as [`Reader::read`].
    pub fn null(&mut self) -> Result<(), Error> {
        let start = self.position;
        let content = self.read(Tag::NULL)?;
        if content.is_at_end() { Ok(()) } else { Err(self.error_at(start, rules::NULL)) }
    }

    /// Reads a BIT STRING.
    ///
    /// # Errors
    /// [`rules::BITS`], and as [`Reader::read`].
    #[inline]
    pub fn bits(&mut self) -> Result<BitString<'a>, Error> {
        self.bits_tagged(Tag::BIT_STRING)
    }

    /// Reads a BIT STRING under an IMPLICIT tag.
    ///
    /// # Errors
    /// As [`Reader::bits`].
    #[inline]
    pub fn bits_tagged(&mut self, tag: Tag) -> Result<BitString<'a>, Error> {
        let start = self.position;
        match self.content(tag)? {
            [unused @ 0..=7, bytes @ ..] if has_padding(*unused, bytes) => {
                Ok(BitString { unused: *unused, bytes })
            }
            _ => Err(self.error_at(start, rules::BITS)),
        }
    }

    /// Reads a BIT STRING of named bits under this tag, which has no zero bits at its end.
    ///
    /// # Errors
    /// [`rules::NAMED_BITS`], and as [`Reader::bits`].
    pub fn named_bits(&mut self, tag: Tag) -> Result<BitString<'a>, Error> {
        let start = self.position;
        let bits = self.bits_tagged(tag)?;
        // X.690 §11.2.2: the encoding has "all trailing 0 bits removed".
        let is_minimal = bits.bytes.last().is_none_or(|last| last & (1 << bits.unused) != 0);
        if is_minimal { Ok(bits) } else { Err(self.error_at(start, rules::NAMED_BITS)) }
    }

    /// Reads an OBJECT IDENTIFIER.
    ///
    /// # Errors
    /// [`rules::OID`], and as [`Reader::read`].
    #[inline]
    pub fn oid(&mut self) -> Result<Oid<'a>, Error> {
        self.oid_tagged(Tag::OID)
    }

    /// Reads an OBJECT IDENTIFIER under an IMPLICIT tag.
    ///
    /// # Errors
    /// As [`Reader::oid`].
    #[inline]
    pub fn oid_tagged(&mut self, tag: Tag) -> Result<Oid<'a>, Error> {
        let start = self.position;
        match Oid::from_content(self.content(tag)?) {
            Some(oid) => Ok(oid),
            None => Err(self.error_at(start, rules::OID)),
        }
    }
}

/// X.690 §11.2.1: "Each unused bit in the final octet of the encoding of a bit string value shall
/// be set to zero."
#[inline]
fn has_padding(unused: u8, bytes: &[u8]) -> bool {
    match bytes.last() {
        Some(last) => u32::from(unused) <= last.trailing_zeros(),
        None => unused == 0,
    }
}

/// Checks the order of a SET OF, given a reader over its content.
///
/// # Errors
/// [`rules::SET_ORDER`], and as [`Reader::any`].
pub fn check_set_order(mut content: Reader<'_>) -> Result<(), Error> {
    let mut previous: &[u8] = &[];
    while !content.is_at_end() {
        let start = content.position();
        let element = content.any()?.whole;
        // X.690 §11.6: the shorter ones are padded with zeros, which no encoding can differ by.
        if element < previous {
            return Err(content.error_at(start, rules::SET_ORDER));
        }
        previous = element;
    }
    Ok(())
}
