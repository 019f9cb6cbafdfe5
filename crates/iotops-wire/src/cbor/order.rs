//! The order of integer map keys, without comparing encodings.

use super::Cursor;
use crate::{Error, rules};

/// Checks that integer keys come in the order of RFC 8949 §4.2.1, each once.
///
/// That order is 0, 1, 2 … and then -1, -2, -3 …: it is the order of the encodings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ascending {
    /// The least rank that may come next.
    next: u64,
}

/// Negative keys rank behind all others that fit into an `i64`.
const NEGATIVE: u64 = 1 << 63;

impl Ascending {
    /// No key was seen yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { next: 0 }
    }

    /// Key `last` was seen, and nothing may come before it.
    #[must_use]
    pub const fn after(last: u8) -> Self {
        Self { next: u64::from_be_bytes([0, 0, 0, 0, 0, 0, 0, last]).wrapping_add(1) }
    }

    /// Reads an integer key and checks that it comes after the last one.
    ///
    /// # Errors
    /// [`rules::KEY_TWICE`], [`rules::KEY_ORDER`], those of [`Cursor::integer`], and
    /// [`rules::RANGE`] for the one key that has none behind it, -2^63.
    #[inline]
    pub fn key(&mut self, cursor: &mut Cursor<'_>) -> Result<i64, Error> {
        let start = *cursor;
        match cursor.small() {
            Some(key) if self.accepts(key) => Ok(key),
            _ => {
                *cursor = start;
                self.other_key(cursor)
            }
        }
    }

    /// A key of more than one byte, or one that is not in order.
    #[inline(never)]
    fn other_key(&mut self, cursor: &mut Cursor<'_>) -> Result<i64, Error> {
        let start = cursor.position();
        let key = cursor.integer()?;
        if self.accepts(key) { Ok(key) } else { Err(self.out_of_order(cursor, start, key)) }
    }

    #[cold]
    fn out_of_order(self, cursor: &Cursor<'_>, start: usize, key: i64) -> Error {
        let rule = match rank(key).checked_add(1) {
            None => rules::RANGE,
            Some(behind) if behind == self.next => rules::KEY_TWICE,
            Some(_) => rules::KEY_ORDER,
        };
        cursor.error_at(start, rule)
    }

    /// Whether `key` may come next; if so it counts as seen.
    #[must_use]
    #[inline]
    pub const fn accepts(&mut self, key: i64) -> bool {
        let rank = rank(key);
        match rank.checked_add(1) {
            Some(behind) if rank >= self.next => {
                self.next = behind;
                true
            }
            _ => false,
        }
    }
}

/// The place of a key in the order of all keys.
const fn rank(key: i64) -> u64 {
    if key < 0 { NEGATIVE | (!key).cast_unsigned() } else { key.cast_unsigned() }
}
