//! Lists of integers, as views over their encoding.

use iotops_wire::Rule;
use iotops_wire::cbor::{Cursor, Encoder};

use crate::Error;

/// Steps over a map that was checked before; gives its entries and their number.
pub(super) fn map_entries<'a>(cursor: &mut Cursor<'a>) -> Option<(Cursor<'a>, usize)> {
    let count = cursor.map().ok()?;
    let entries = *cursor;
    for _ in 0..count.saturating_mul(2) {
        cursor.pass().ok()?;
    }
    Some((entries, count))
}

macro_rules! integer_list {
    ($(#[$meta:meta])* $name:ident, $item:ty, $read:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a> {
            items: Cursor<'a>,
            count: usize,
        }

        impl<'a> $name<'a> {
            /// Reads an array; `empty` is broken by one without items, `rule` by an item that
            /// `accepts` does not take.
            pub(crate) fn read(
                cursor: &mut Cursor<'a>,
                empty: Rule,
                rule: Rule,
                accepts: impl Fn($item) -> bool,
            ) -> Result<Self, Error> {
                let start = cursor.position();
                let count = cursor.array()?;
                let items = *cursor;
                for _ in 0..count {
                    let item = cursor.position();
                    if !accepts(cursor.$read()?) {
                        return Err(cursor.error_at(item, rule).into());
                    }
                }
                if count == 0 { Err(cursor.error_at(start, empty).into()) } else { Ok(Self { items, count }) }
            }

            /// Reads an array of any integers; `empty` is broken by one without items.
            pub(crate) fn read_any(cursor: &mut Cursor<'a>, empty: Rule) -> Result<Self, Error> {
                Self::read(cursor, empty, empty, |_| true)
            }

            /// The number of items; never 0.
            #[must_use]
            #[expect(clippy::len_without_is_empty, reason = "such a list is never empty")]
            pub const fn len(&self) -> usize {
                self.count
            }

            /// The items, in order.
            #[must_use = "iterators do nothing unless consumed"]
            pub fn iter(&self) -> impl Iterator<Item = $item> + use<'a> {
                let mut cursor = self.items;
                (0..self.count).map_while(move |_| cursor.$read().ok())
            }

            pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
                encoder.array(self.count)?;
                for item in self.iter() {
                    encoder.integer_like(item)?;
                }
                Ok(())
            }
        }
    };
}

/// Writing an item of either list.
trait IntegerLike<T> {
    fn integer_like(&mut self, item: T) -> Result<(), Error>;
}

impl IntegerLike<i64> for Encoder<'_> {
    fn integer_like(&mut self, item: i64) -> Result<(), Error> {
        self.integer(item)?;
        Ok(())
    }
}

impl IntegerLike<u64> for Encoder<'_> {
    fn integer_like(&mut self, item: u64) -> Result<(), Error> {
        self.unsigned(item)?;
        Ok(())
    }
}

integer_list! {
    /// A non-empty list of integers.
    Integers, i64, integer
}

integer_list! {
    /// A non-empty list of unsigned integers.
    Unsigneds, u64, unsigned
}
