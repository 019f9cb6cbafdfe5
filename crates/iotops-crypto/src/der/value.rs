//! Reading the values of the types that certificates and messages are made of.

use super::{Oid, Reader, Tag};
use crate::Error;
use crate::rules::der as rules;

/// A `BIT STRING`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BitString<'a> {
    /// How many bits of the last byte do not count: 0 to 7.
    pub unused: u8,
    /// The bytes.
    pub bytes: &'a [u8],
}

impl BitString<'_> {
    /// Whether bit `number` is set; the first is 0. Bits that are not there are not set.
    #[must_use]
    pub fn has(&self, number: u8) -> bool {
        let byte = self.bytes.get(usize::from(number >> 3)).copied().unwrap_or(0);
        byte & (0x80 >> (number & 7)) != 0
    }
}

impl<'a> Reader<'a> {
    /// Reads a `SET` or `SET OF`; the order of its items is checked by [`Reader::check_set_order`].
    ///
    /// # Errors
    /// As [`Reader::read`].
    #[inline]
    pub fn set(&mut self) -> Result<Self, Error> {
        self.read(Tag::SET)
    }

    /// Reads an `OCTET STRING`.
    ///
    /// # Errors
    /// As [`Reader::read`].
    #[inline]
    pub fn octets(&mut self) -> Result<&'a [u8], Error> {
        Ok(self.read(Tag::OCTET_STRING)?.rest())
    }

    /// Reads an `OBJECT IDENTIFIER`.
    ///
    /// # Errors
    /// As [`Reader::read`], and [`rules::OID`].
    #[inline]
    pub fn oid(&mut self) -> Result<Oid<'a>, Error> {
        let start = self.position();
        let content = self.read(Tag::OID)?.rest();
        Oid::from_content(content).ok_or_else(|| self.error_at(start, rules::OID))
    }

    /// Reads an `INTEGER`, and gives its content in two's complement.
    ///
    /// # Errors
    /// As [`Reader::read`], and [`rules::INTEGER`].
    #[inline]
    pub fn integer(&mut self) -> Result<&'a [u8], Error> {
        let start = self.position();
        let content = self.read(Tag::INTEGER)?.rest();
        match content {
            [] | [0, 0..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => {
                Err(self.error_at(start, rules::INTEGER))
            }
            _ => Ok(content),
        }
    }

    /// Reads an `INTEGER` that is not negative, and gives it without leading zero bytes: nothing
    /// for 0.
    ///
    /// # Errors
    /// As [`Reader::integer`], and [`rules::INTEGER_RANGE`] for a negative one.
    #[inline]
    pub fn unsigned(&mut self) -> Result<&'a [u8], Error> {
        let start = self.position();
        match self.integer()? {
            [0, rest @ ..] => Ok(rest),
            [0x80..=0xff, ..] => Err(self.error_at(start, rules::INTEGER_RANGE)),
            content => Ok(content),
        }
    }

    /// Reads an `INTEGER` between 0 and `u32::MAX`.
    ///
    /// # Errors
    /// As [`Reader::unsigned`], and [`rules::INTEGER_RANGE`] for a greater one.
    pub fn small(&mut self) -> Result<u32, Error> {
        let start = self.position();
        let bytes = self.unsigned()?;
        if bytes.len() > size_of::<u32>() {
            return Err(self.error_at(start, rules::INTEGER_RANGE));
        }
        Ok(bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }

    /// Reads a `BOOLEAN`.
    ///
    /// # Errors
    /// As [`Reader::read`], and [`rules::BOOLEAN`].
    pub fn boolean(&mut self) -> Result<bool, Error> {
        let start = self.position();
        match self.read(Tag::BOOLEAN)?.rest() {
            [0x00] => Ok(false),
            [0xff] => Ok(true),
            _ => Err(self.error_at(start, rules::BOOLEAN)),
        }
    }

    /// Reads a `BOOLEAN DEFAULT FALSE`, which is there only if it is true.
    ///
    /// # Errors
    /// As [`Reader::boolean`], and [`rules::DEFAULT`] for a false that is there.
    pub fn boolean_or_false(&mut self) -> Result<bool, Error> {
        if !self.is_next(Tag::BOOLEAN) {
            return Ok(false);
        }
        let start = self.position();
        if self.boolean()? { Ok(true) } else { Err(self.error_at(start, rules::DEFAULT)) }
    }

    /// Reads a `NULL`.
    ///
    /// # Errors
    /// As [`Reader::read`], and [`rules::NULL`].
    pub fn null(&mut self) -> Result<(), Error> {
        let start = self.position();
        if self.read(Tag::NULL)?.is_at_end() {
            return Ok(());
        }
        Err(self.error_at(start, rules::NULL))
    }

    /// Reads a `BIT STRING`.
    ///
    /// # Errors
    /// As [`Reader::read`], and [`rules::BIT_STRING`].
    pub fn bits(&mut self) -> Result<BitString<'a>, Error> {
        let content = self.read(Tag::BIT_STRING)?;
        content.as_bits()
    }

    /// The content of a `BIT STRING` with another tag.
    ///
    /// # Errors
    /// [`rules::BIT_STRING`].
    pub fn as_bits(&self) -> Result<BitString<'a>, Error> {
        match self.rest() {
            [0, bytes @ ..] => Ok(BitString { unused: 0, bytes }),
            [unused @ 1..=7, bytes @ ..]
                if bytes.last().is_some_and(|last| is_padded(*last, *unused)) =>
            {
                Ok(BitString { unused: *unused, bytes })
            }
            _ => Err(self.error(rules::BIT_STRING)),
        }
    }

    /// Checks that the items of this `SET OF` ascend; two may be equal.
    ///
    /// # Errors
    /// [`rules::SET_ORDER`], and as [`Reader::any`].
    pub fn check_set_order(mut self) -> Result<(), Error> {
        let mut previous: &[u8] = &[];
        while !self.is_at_end() {
            let start = self.position();
            let item = self.any()?.whole;
            // X.690 §11.6: the shorter one is padded with zeros, which no tag begins with.
            if item < previous {
                return Err(self.error_at(start, rules::SET_ORDER));
            }
            previous = item;
        }
        Ok(())
    }
}

/// Whether the low `unused` bits are 0.
const fn is_padded(last: u8, unused: u8) -> bool {
    last & (0xff_u8 >> (8_u8.saturating_sub(unused))) == 0
}
