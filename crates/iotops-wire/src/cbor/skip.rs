//! The strict walk: one item of any kind, all checks, no typed reading.

use super::head::{self, Major};
use super::{Cursor, float};
use crate::{Error, rules};

/// How deep [`Cursor::skip`] follows arrays, maps and tags.
///
/// Byte strings that hold CBOR are not followed, so this bounds one encoding layer only. The
/// walk recurses; the counter is this constant and no input raises it.
pub const DEPTH: u8 = 16;

impl<'a> Cursor<'a> {
    /// Steps over one item of any kind, with every check of the deterministic encoding.
    ///
    /// # Errors
    /// Any rule of the encoding; [`rules::DEPTH`] beyond [`DEPTH`] levels.
    #[inline]
    pub fn skip(&mut self) -> Result<(), Error> {
        self.walk(DEPTH)
    }

    fn walk(&mut self, depth: u8) -> Result<(), Error> {
        let start = *self;
        let (major, argument) = self.head()?;
        match major {
            head::UNSIGNED | head::NEGATIVE => Ok(()),
            head::BYTES => self.take(argument, start).map(drop),
            head::TEXT => {
                let bytes = self.take(argument, start)?;
                core::str::from_utf8(bytes).map(drop).map_err(|_| start.error(rules::UTF8))
            }
            head::SIMPLE => float::check(start, argument),
            _ => self.walk_inside(major, argument, start, depth),
        }
    }

    fn walk_inside(
        &mut self,
        major: Major,
        argument: u64,
        start: Self,
        depth: u8,
    ) -> Result<(), Error> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(start.error(rules::DEPTH));
        };
        match major {
            head::ARRAY => (0..argument).try_for_each(|_| self.walk(depth)),
            head::MAP => self.walk_map(argument, depth),
            _ => self.walk(depth),
        }
    }

    fn walk_map(&mut self, entries: u64, depth: u8) -> Result<(), Error> {
        let mut previous: &[u8] = &[];
        for _ in 0..entries {
            let start = *self;
            self.walk(depth)?;
            previous = start.ascending(self, previous)?;
            self.walk(depth)?;
        }
        Ok(())
    }
}
