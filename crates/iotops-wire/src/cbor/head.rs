//! Heads: the first byte of a data item and the argument behind it.

use super::Cursor;
use crate::{Error, rules};

/// A major type, as the three high bits of the first byte (RFC 8949 §3.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Major(pub(super) u8);

pub(super) const UNSIGNED: Major = Major(0x00);
pub(super) const NEGATIVE: Major = Major(0x20);
pub(super) const BYTES: Major = Major(0x40);
pub(super) const TEXT: Major = Major(0x60);
pub(super) const ARRAY: Major = Major(0x80);
pub(super) const MAP: Major = Major(0xa0);
pub(super) const TAG: Major = Major(0xc0);
pub(super) const SIMPLE: Major = Major(0xe0);

pub(super) const FALSE: u8 = 0xf4;
pub(super) const TRUE: u8 = 0xf5;
pub(super) const NULL: u8 = 0xf6;

const MAJOR_BITS: u8 = 0xe0;
const INFO_BITS: u8 = 0x1f;
/// Additional information below this is the argument itself.
const ONE_BYTE: u8 = 24;

impl<'a> Cursor<'a> {
    /// The argument of a head of this major type; `otherwise` is broken by another one.
    #[inline]
    pub(super) fn expect(&mut self, major: Major, otherwise: crate::Rule) -> Result<u64, Error> {
        if let Some((first, rest)) = self.rest.split_first() {
            let argument = first ^ major.0;
            if argument < ONE_BYTE {
                self.rest = rest;
                return Ok(u64::from(argument));
            }
        }
        self.expect_long(major, otherwise)
    }

    #[inline(never)]
    fn expect_long(&mut self, major: Major, otherwise: crate::Rule) -> Result<u64, Error> {
        let start = *self;
        let (found, argument) = self.head()?;
        if found == major { Ok(argument) } else { Err(start.error(otherwise)) }
    }

    /// Any head, strictly: shortest form, definite length.
    ///
    /// For simple values and floats the argument is the bits behind the first byte.
    #[inline]
    pub(super) fn head(&mut self) -> Result<(Major, u64), Error> {
        let Some((first, rest)) = self.rest.split_first() else {
            return Err(self.error(rules::TRUNCATED));
        };
        let (major, info) = (Major(first & MAJOR_BITS), first & INFO_BITS);
        if info < ONE_BYTE {
            self.rest = rest;
            return Ok((major, u64::from(info)));
        }
        let argument = self.long_argument(rest, info)?;
        Ok((major, argument))
    }

    /// The argument in the 1, 2, 4 or 8 bytes of `rest`; steps over them.
    fn long_argument(&mut self, rest: &'a [u8], info: u8) -> Result<u64, Error> {
        let start = *self;
        let (argument, least) = match info {
            24 => (self.big_endian::<1>(rest)?, u64::from(ONE_BYTE)),
            25 => (self.big_endian::<2>(rest)?, 0x100),
            26 => (self.big_endian::<4>(rest)?, 0x1_0000),
            27 => (self.big_endian::<8>(rest)?, 0x1_0000_0000),
            31 => return Err(start.error(rules::INDEFINITE)),
            _ => return Err(start.error(rules::RESERVED)),
        };
        // RFC 8949 §4.2.1: "Preferred serialization MUST be used". Floats are told apart later.
        if argument < least && !start.is_simple() {
            return Err(start.error(rules::SHORTEST));
        }
        Ok(argument)
    }

    #[inline]
    fn big_endian<const N: usize>(&mut self, rest: &'a [u8]) -> Result<u64, Error> {
        let Some((bytes, rest)) = rest.split_first_chunk::<N>() else {
            return Err(self.error(rules::TRUNCATED));
        };
        self.rest = rest;
        Ok(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    fn is_simple(self) -> bool {
        self.rest.first().is_some_and(|first| first & MAJOR_BITS == SIMPLE.0)
    }
}
