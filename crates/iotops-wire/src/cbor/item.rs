//! One data item of any type, strictly: what the printers read.

use super::head;
use super::{Cursor, float};
use crate::{Error, rules};

/// A data item without what is in it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    Unsigned(u64),
    /// The argument: the number is -1 minus it.
    Negative(u64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(u64),
    Map(u64),
    Tag(u64),
    Simple(u8),
    Float(f64),
}

impl<'a> Cursor<'a> {
    /// Reads a leaf, or the head of what holds others; does not move on an error.
    pub(crate) fn next_item(&mut self) -> Result<Item<'a>, Error> {
        let mut ahead = *self;
        let item = ahead.any_item()?;
        *self = ahead;
        Ok(item)
    }

    fn any_item(&mut self) -> Result<Item<'a>, Error> {
        let start = self.position;
        if self.peek() == Some(super::Type::Text) {
            return self.text().map(Item::Text);
        }
        let Some((major, argument)) = self.head() else {
            return Err(self.broken(start));
        };
        Ok(match major {
            head::UNSIGNED => Item::Unsigned(argument),
            head::NEGATIVE => Item::Negative(argument),
            head::BYTES => Item::Bytes(
                self.take(argument).ok_or_else(|| self.error_at(start, rules::TRUNCATED))?,
            ),
            head::ARRAY => Item::Array(argument),
            head::MAP => Item::Map(argument),
            head::TAG => Item::Tag(argument),
            _ => {
                let encoded = self.since(start);
                if let Some(rule) = float::broken(encoded.first(), argument) {
                    return Err(self.error_at(start, rule));
                }
                simple(encoded, argument)
            }
        })
    }
}

fn simple<'a>(encoded: &[u8], bits: u64) -> Item<'a> {
    let narrow = || u32::try_from(bits).unwrap_or(0);
    match encoded.first().copied() {
        Some(float::HALF) => Item::Float(half(bits)),
        Some(float::SINGLE) => Item::Float(f64::from(f32::from_bits(narrow()))),
        Some(float::DOUBLE) => Item::Float(f64::from_bits(bits)),
        _ => Item::Simple(u8::try_from(bits).unwrap_or(0)),
    }
}

/// The value of a half-precision number.
fn half(bits: u64) -> f64 {
    let bits = u32::try_from(bits & 0xffff).unwrap_or(0);
    let (exponent, fraction) = (bits >> 10 & 0x1f, bits & 0x03ff);
    let magnitude = match exponent {
        0 => f64::from(fraction) / 16_777_216.0,
        0x1f if fraction == 0 => f64::INFINITY,
        0x1f => f64::NAN,
        // 112 is the difference of the biases of single and half precision.
        _ => f64::from(f32::from_bits(exponent.saturating_add(112) << 23 | fraction << 13)),
    };
    if bits & 0x8000 == 0 { magnitude } else { -magnitude }
}
