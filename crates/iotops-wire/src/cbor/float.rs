//! Simple values and floating-point numbers: their shortest forms, without floating point.

use super::Cursor;
use crate::{Error, Rule, rules};

const HALF: u8 = 0xf9;
const SINGLE: u8 = 0xfa;
const DOUBLE: u8 = 0xfb;
const SIMPLE_BYTE: u8 = 0xf8;

/// The one lawful not-a-number: RFC 8949 §4.2.2 prefers the half-precision quiet one.
const HALF_NAN: u64 = 0x7e00;

/// Checks the item of major type 7 that began at `start`; `bits` follow its first byte.
pub(super) fn check(start: Cursor<'_>, bits: u64) -> Result<(), Error> {
    let broken = match start.rest().first().copied() {
        Some(SIMPLE_BYTE) => (bits < 32).then_some(rules::SIMPLE),
        Some(HALF) => half(bits),
        Some(SINGLE) => single(bits),
        Some(DOUBLE) => double(bits),
        _ => None,
    };
    broken.map_or(Ok(()), |rule| Err(start.error(rule)))
}

fn half(bits: u64) -> Option<Rule> {
    let is_nan = bits & 0x7c00 == 0x7c00 && bits & 0x03ff != 0;
    (is_nan && bits != HALF_NAN).then_some(rules::FLOAT)
}

/// Sign, exponent and fraction of a binary format.
struct Format {
    fraction_bits: u32,
    exponent_mask: u64,
    bias: i64,
}

const SINGLE_FORMAT: Format = Format { fraction_bits: 23, exponent_mask: 0xff, bias: 127 };
const DOUBLE_FORMAT: Format = Format { fraction_bits: 52, exponent_mask: 0x7ff, bias: 1023 };

/// The next smaller format: how many fraction bits, and which exponents are normal.
struct Smaller {
    fraction_bits: u32,
    least: i64,
    greatest: i64,
}

const AS_HALF: Smaller = Smaller { fraction_bits: 10, least: -14, greatest: 15 };
const AS_SINGLE: Smaller = Smaller { fraction_bits: 23, least: -126, greatest: 127 };

fn single(bits: u64) -> Option<Rule> {
    SINGLE_FORMAT.fits(bits, &AS_HALF).then_some(rules::FLOAT)
}

fn double(bits: u64) -> Option<Rule> {
    DOUBLE_FORMAT.fits(bits, &AS_SINGLE).then_some(rules::FLOAT)
}

impl Format {
    /// Whether the value has an equal in the smaller format, and so must have used that.
    fn fits(&self, bits: u64, smaller: &Smaller) -> bool {
        let low_bits = |n: u32| 1_u64.checked_shl(n).unwrap_or(0).wrapping_sub(1);
        let fraction = bits & low_bits(self.fraction_bits);
        let exponent = bits.checked_shr(self.fraction_bits).unwrap_or(0) & self.exponent_mask;
        // Zero, infinity and not-a-number all have a shorter form.
        if exponent == self.exponent_mask || (exponent == 0 && fraction == 0) {
            return true;
        }
        if exponent == 0 {
            return false; // subnormal here lies below the smaller format's subnormals
        }
        let Ok(biased) = i64::try_from(exponent) else { return false };
        let exponent = biased.saturating_sub(self.bias);
        let spare = self.fraction_bits.saturating_sub(smaller.fraction_bits);
        // A subnormal of the smaller format loses one bit of fraction per exponent step.
        let lost = u32::try_from(smaller.least.saturating_sub(exponent)).unwrap_or(0);
        let spare = spare.saturating_add(lost);
        exponent <= smaller.greatest
            && lost <= smaller.fraction_bits
            && fraction & low_bits(spare) == 0
    }
}
