//! Heads: the first byte of a data item and the argument behind it.

use super::Cursor;
use crate::{Error, Rule, rules};

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

pub(super) const MAJOR_BITS: u8 = 0xe0;
pub(super) const INFO_BITS: u8 = 0x1f;
/// Additional information below this is the argument itself.
pub(super) const ONE_BYTE: u8 = 24;

impl Cursor<'_> {
    /// The argument of a head of this major type; `None` for all else, which
    /// [`Cursor::refuse`] explains.
    #[inline]
    pub(super) fn argument(&mut self, major: Major) -> Option<u64> {
        let info = *self.document.get(self.position)? ^ major.0;
        let next = self.position.wrapping_add(1);
        if info < ONE_BYTE {
            self.position = next;
            return Some(u64::from(info));
        }
        if info == ONE_BYTE {
            let argument = *self.document.get(next)?;
            self.position = next.wrapping_add(1);
            return (argument >= ONE_BYTE).then_some(u64::from(argument));
        }
        let argument = long_argument(self.document, next, major, info)?;
        self.position = next.wrapping_add(length_of_argument(info));
        Some(argument)
    }

    /// Steps over an unsigned integer below 24 if that is next, and gives it.
    #[inline]
    #[must_use]
    pub fn small(&mut self) -> Option<i64> {
        let first = *self.document.get(self.position)?;
        if first >= ONE_BYTE {
            return None;
        }
        self.position = self.position.wrapping_add(1);
        Some(i64::from(first))
    }

    /// Any head, strictly: shortest form, definite length. `None` if it is broken; then
    /// [`Cursor::broken`] tells how. (Errors are made where they cost the hot path nothing.)
    ///
    /// For simple values and floats the argument is the bits behind the first byte.
    #[inline]
    pub(super) fn head(&mut self) -> Option<(Major, u64)> {
        let first = *self.document.get(self.position)?;
        let (major, info) = (Major(first & MAJOR_BITS), first & INFO_BITS);
        // No position overflows: each is at most the length of the document.
        self.position = self.position.wrapping_add(1);
        if info < ONE_BYTE {
            return Some((major, u64::from(info)));
        }
        if info == ONE_BYTE && major != SIMPLE {
            let argument = *self.document.get(self.position)?;
            self.position = self.position.wrapping_add(1);
            return (argument >= ONE_BYTE).then_some((major, u64::from(argument)));
        }
        let argument = long_argument(self.document, self.position, major, info)?;
        self.position = self.position.wrapping_add(length_of_argument(info));
        Some((major, argument))
    }

    /// Steps over the first byte of a head; only behind a look at it.
    #[cfg(feature = "alloc")]
    pub(super) fn step(&mut self) {
        self.position = self.position.wrapping_add(1);
    }

    /// The next bytes as a number.
    #[cfg(feature = "alloc")]
    pub(super) fn big_endian<const N: usize>(&mut self) -> Option<u64> {
        let number = big_endian::<N>(self.rest())?;
        self.position = self.position.wrapping_add(N);
        Some(number)
    }

    /// Why the item at `start` is not one of this major type, or not all there; `otherwise` is
    /// broken by another type.
    #[cold]
    #[inline(never)]
    pub(super) fn refuse(&self, start: usize, major: Major, otherwise: Rule) -> Error {
        let mut cursor = Self { position: start, ..*self };
        match cursor.head() {
            None => self.broken(start),
            Some((found, _)) if found != major => self.error_at(start, otherwise),
            Some(_) => self.error_at(start, rules::TRUNCATED),
        }
    }

    /// Why there is no head at `start`.
    #[cold]
    #[inline(never)]
    pub(super) fn broken(&self, start: usize) -> Error {
        let Some((first, rest)) = self.document.get(start..).and_then(<[u8]>::split_first) else {
            return self.error_at(start, rules::TRUNCATED);
        };
        let length = match first & INFO_BITS {
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            31 if has_indefinite(*first) => return self.error_at(start, rules::INDEFINITE),
            _ => return self.error_at(start, rules::RESERVED),
        };
        let is_cut = rest.len() < length;
        self.error_at(start, if is_cut { rules::TRUNCATED } else { rules::SHORTEST })
    }
}

/// Whether items of this first byte may be of indefinite length: strings, arrays and maps.
pub(super) const fn has_indefinite(first: u8) -> bool {
    matches!(Major(first & MAJOR_BITS), BYTES | TEXT | ARRAY | MAP)
}

/// An argument of two bytes or more, or the bits of a simple value.
///
/// It takes the cursor in parts, so that the caller can keep that in registers.
#[inline(never)]
fn long_argument(document: &[u8], position: usize, major: Major, info: u8) -> Option<u64> {
    let rest = document.get(position..)?;
    let (argument, least) = match info {
        24 => (big_endian::<1>(rest)?, 0),
        25 => (big_endian::<2>(rest)?, 0x100),
        26 => (big_endian::<4>(rest)?, 0x1_0000),
        27 => (big_endian::<8>(rest)?, 0x1_0000_0000),
        _ => return None,
    };
    // RFC 8949 §4.2.1: "Preferred serialization MUST be used". Floats are checked elsewhere.
    (argument >= least || major == SIMPLE).then_some(argument)
}

/// 1, 2, 4 or 8 bytes for additional information 24 to 27.
#[inline]
fn length_of_argument(info: u8) -> usize {
    1_usize.wrapping_shl(u32::from(info & 3))
}

#[inline]
fn big_endian<const N: usize>(bytes: &[u8]) -> Option<u64> {
    let bytes = bytes.first_chunk::<N>()?;
    Some(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}
