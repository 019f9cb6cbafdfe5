//! The order of integer map keys, without comparing encodings.

use super::Cursor;
use crate::{Error, rules};

/// Checks that integer keys come in the order of RFC 8949 §4.2.1, each once.
///
/// That order is 0, 1, 2 … and then -1, -2, -3 …: it is the order of the encodings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ascending {
    /// Rank of the last key plus one; 0 before the first.
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

    /// Reads an integer key and checks that it comes after the last one.
    ///
    /// # Errors
    /// [`rules::KEY_TWICE`], [`rules::KEY_ORDER`], or those of [`Cursor::integer`].
    #[inline]
    pub fn key(&mut self, cursor: &mut Cursor<'_>) -> Result<i64, Error> {
        let start = *cursor;
        let key = cursor.integer()?;
        let rank = rank(key);
        if rank < self.next {
            let twice = rank.wrapping_add(1) == self.next;
            return Err(start.error(if twice { rules::KEY_TWICE } else { rules::KEY_ORDER }));
        }
        self.next = rank.wrapping_add(1);
        Ok(key)
    }

    /// Whether `key` may come next; if so it counts as seen.
    #[must_use]
    pub const fn accepts(&mut self, key: i64) -> bool {
        let rank = rank(key);
        let ascends = rank >= self.next;
        if ascends {
            self.next = rank.wrapping_add(1);
        }
        ascends
    }
}

/// The place of a key in the order of all keys.
const fn rank(key: i64) -> u64 {
    if key < 0 { NEGATIVE | (!key).cast_unsigned() } else { key.cast_unsigned() }
}
