//! The strict walk: one item of any kind, all checks, no typed reading.

use super::head::{self, Major};
use super::{Cursor, float};
use crate::{Error, rules};

/// How deep [`Cursor::skip`] follows arrays, maps and tags.
///
/// Byte strings that hold CBOR are not followed, so this bounds one encoding layer only. The
/// walk recurses; the counter is this constant and no input raises it.
pub const DEPTH: u8 = 16;

impl Cursor<'_> {
    /// Steps over one item of any kind, with every check of the deterministic encoding.
    ///
    /// # Errors
    /// Any rule of the encoding; [`rules::DEPTH`] beyond [`DEPTH`] levels.
    #[inline]
    pub fn skip(&mut self) -> Result<(), Error> {
        let mut walk = Walk { document: self.document, error: None };
        match walk.item(self.position, DEPTH) {
            Some(end) => {
                self.position = end;
                Ok(())
            }
            None => Err(walk.error.unwrap_or_else(|| self.error(rules::TRUNCATED))),
        }
    }
}

impl Cursor<'_> {
    /// Steps over one item of a document that [`Cursor::skip`] or typed reading has seen: strings
    /// are stepped over without a look at what is in them.
    ///
    /// # Errors
    /// As [`Cursor::skip`], but for what is in a string.
    #[inline]
    pub fn pass(&mut self) -> Result<(), Error> {
        let start = *self;
        match self.head() {
            Some((head::UNSIGNED | head::NEGATIVE, _)) => return Ok(()),
            Some((head::BYTES | head::TEXT, length)) if self.take(length).is_some() => {
                return Ok(());
            }
            _ => *self = start,
        }
        self.skip()
    }
}

/// A walk over one document. Positions go in and come out in registers; an error is left behind.
struct Walk<'a> {
    document: &'a [u8],
    error: Option<Error>,
}

impl Walk<'_> {
    /// Walks over the item at `position`, and gives the position behind it.
    fn item(&mut self, position: usize, depth: u8) -> Option<usize> {
        let mut cursor = Cursor { document: self.document, position };
        let Some((major, argument)) = cursor.head() else {
            return self.stop(cursor.broken(position));
        };
        let rule = match major {
            head::UNSIGNED | head::NEGATIVE => return Some(cursor.position),
            head::BYTES | head::TEXT => match cursor.take(argument) {
                Some(bytes) if major == head::BYTES || is_text(bytes) => {
                    return Some(cursor.position);
                }
                Some(_) => rules::UTF8,
                None => rules::TRUNCATED,
            },
            head::SIMPLE => match float::broken(self.document.get(position), argument) {
                Some(rule) => rule,
                None => return Some(cursor.position),
            },
            _ => match depth.checked_sub(1) {
                Some(depth) => return self.inside(cursor.position, major, argument, depth),
                None => rules::DEPTH,
            },
        };
        self.stop(cursor.error_at(position, rule))
    }

    #[inline]
    fn inside(&mut self, start: usize, major: Major, count: u64, depth: u8) -> Option<usize> {
        match major {
            head::MAP => self.map(start, count, depth),
            head::TAG => self.item(start, depth),
            _ => {
                let mut position = start;
                for _ in 0..count {
                    position = self.item(position, depth)?;
                }
                Some(position)
            }
        }
    }

    fn map(&mut self, mut position: usize, entries: u64, depth: u8) -> Option<usize> {
        let mut previous: &[u8] = &[];
        for _ in 0..entries {
            let start = position;
            position = self.item(start, depth)?;
            let cursor = Cursor { document: self.document, position };
            match cursor.ascending(start, previous) {
                Ok(key) => previous = key,
                Err(error) => return self.stop(error),
            }
            position = self.item(position, depth)?;
        }
        Some(position)
    }

    #[cold]
    const fn stop(&mut self, error: Error) -> Option<usize> {
        self.error = Some(error);
        None
    }
}

fn is_text(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes).is_ok()
}
