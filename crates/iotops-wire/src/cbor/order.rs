//! The order of integer map keys, without comparing encodings.

use super::Cursor;
use crate::{Error, rules};

/// Checks that integer keys come in the order of RFC 8949 §4.2.1, each once.
///
/// That order is 0, 1, 2 … and then -1, -2, -3 …: it is the order of the encodings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ascending {
    /// Rank of the last key. The greatest rank is that of the least `i64`, so that "rank plus
    /// one" would not do: it has no room for what comes after.
    last: Option<u64>,
}

/// Negative keys rank behind all others that fit into an `i64`.
const NEGATIVE: u64 = 1 << 63;

impl Ascending {
    /// No key was seen yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// Reads an integer key and checks that it comes after the last one.
    ///
    /// # Errors
    /// [`rules::KEY_TWICE`], [`rules::KEY_ORDER`], or those of [`Cursor::integer`].
    #[inline(always)]
    pub fn key(&mut self, cursor: &mut Cursor<'_>) -> Result<i64, Error> {
        let start = cursor.position();
        let key = cursor.integer()?;
        if self.accepts(key) { Ok(key) } else { Err(self.out_of_order(cursor, start, key)) }
    }

    #[cold]
    fn out_of_order(&self, cursor: &Cursor<'_>, start: usize, key: i64) -> Error {
        let is_twice = self.last == Some(rank(key));
        cursor.error_at(start, if is_twice { rules::KEY_TWICE } else { rules::KEY_ORDER })
    }

    /// Whether `key` may come next; if so it counts as seen.
    #[must_use]
    #[inline]
    pub const fn accepts(&mut self, key: i64) -> bool {
        let rank = rank(key);
        let ascends = match self.last {
            Some(last) => rank > last,
            None => true,
        };
        if ascends {
            self.last = Some(rank);
        }
        ascends
    }
}

/// The place of a key in the order of all keys.
const fn rank(key: i64) -> u64 {
    if key < 0 { NEGATIVE | (!key).cast_unsigned() } else { key.cast_unsigned() }
}
