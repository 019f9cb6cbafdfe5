//! Simple values and floating-point numbers: their shortest forms, without floating point.

use crate::{Rule, rules};

pub(super) const HALF: u8 = 0xf9;
pub(super) const SINGLE: u8 = 0xfa;
pub(super) const DOUBLE: u8 = 0xfb;
pub(super) const SIMPLE_BYTE: u8 = 0xf8;

/// The one lawful not-a-number: RFC 8949 §4.2.2 prefers the half-precision quiet one.
const HALF_NAN: u64 = 0x7e00;

/// The rule that an item of major type 7 breaks, by its first byte and the bits behind it.
pub(super) fn broken(first: Option<&u8>, bits: u64) -> Option<Rule> {
    match first {
        Some(&SIMPLE_BYTE) => (bits < 32).then_some(rules::SIMPLE),
        Some(&HALF) => half(bits),
        Some(&SINGLE) => single(bits),
        Some(&DOUBLE) => double(bits),
        _ => None,
    }
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

/// The shortest form of a floating-point number, as first byte and the bits behind it.
///
/// What a not-a-number carries in its fraction is lost: deterministic encodings have only one.
#[cfg(feature = "alloc")]
pub(super) fn shortest(first: u8, bits: u64) -> (u8, u64) {
    match first {
        DOUBLE if DOUBLE_FORMAT.is_nan(bits) => (HALF, HALF_NAN),
        DOUBLE if double(bits).is_some() => {
            shortest(SINGLE, DOUBLE_FORMAT.narrow(bits, &AS_SINGLE, 1 << 31))
        }
        SINGLE if SINGLE_FORMAT.is_nan(bits) => (HALF, HALF_NAN),
        SINGLE if single(bits).is_some() => (HALF, SINGLE_FORMAT.narrow(bits, &AS_HALF, 1 << 15)),
        HALF if half(bits).is_some() => (HALF, HALF_NAN),
        _ => (first, bits),
    }
}

#[cfg(feature = "alloc")]
impl Format {
    fn is_nan(&self, bits: u64) -> bool {
        let (exponent, fraction) = self.parts(bits);
        exponent == self.exponent_mask && fraction != 0
    }

    /// Exponent with its bias, and fraction.
    fn parts(&self, bits: u64) -> (u64, u64) {
        let fraction = bits & 1_u64.unbounded_shl(self.fraction_bits).wrapping_sub(1);
        (bits.unbounded_shr(self.fraction_bits) & self.exponent_mask, fraction)
    }

    /// The equal number in the smaller format; it must fit and be none of the not-a-numbers.
    fn narrow(&self, bits: u64, smaller: &Smaller, sign: u64) -> u64 {
        let (biased, fraction) = self.parts(bits);
        let sign = if self.is_negative(bits) { sign } else { 0 };
        let spare = self.fraction_bits.saturating_sub(smaller.fraction_bits);
        let above_least = i64::try_from(biased)
            .unwrap_or(i64::MAX)
            .saturating_sub(self.bias)
            .saturating_sub(smaller.least);
        let magnitude = if biased == self.exponent_mask {
            smaller.infinity()
        } else if biased == 0 {
            0 // only zero fits
        } else if let Ok(above_least) = u64::try_from(above_least) {
            let exponent = above_least.saturating_add(1).unbounded_shl(smaller.fraction_bits);
            exponent | fraction.unbounded_shr(spare)
        } else {
            let lost = u32::try_from(above_least.unsigned_abs()).unwrap_or(u32::MAX);
            let significand = fraction | 1_u64.unbounded_shl(self.fraction_bits);
            significand.unbounded_shr(spare.saturating_add(lost))
        };
        sign | magnitude
    }

    fn is_negative(&self, bits: u64) -> bool {
        let behind_sign = self.exponent_mask.unbounded_shl(self.fraction_bits);
        bits > behind_sign | 1_u64.unbounded_shl(self.fraction_bits).wrapping_sub(1)
    }
}

#[cfg(feature = "alloc")]
impl Smaller {
    fn infinity(&self) -> u64 {
        let exponent = self.greatest.saturating_mul(2).saturating_add(1);
        u64::try_from(exponent).unwrap_or(0).unbounded_shl(self.fraction_bits)
    }
}
