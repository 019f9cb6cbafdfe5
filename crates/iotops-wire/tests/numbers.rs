#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    clippy::cast_lossless,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]
//! Heads and floating-point numbers, exhaustively where that is possible.

mod common;

use common::{float, half_value};
use iotops_wire::cbor::{Cursor, lax};
use iotops_wire::{Error, rules};
use proptest::prelude::*;

fn skip(encoded: &[u8]) -> Result<(), Error> {
    Cursor::new(encoded)?.skip()
}

fn is_refused(encoded: &[u8]) -> bool {
    skip(encoded).is_err_and(|error| error.rule() == rules::FLOAT && error.place().offset() == 0)
}

fn rewritten(encoded: &[u8]) -> Vec<u8> {
    lax::rewrite(encoded, &mut |_| {}).unwrap()
}

fn encoded<const N: usize>(first: u8, bits: [u8; N]) -> Vec<u8> {
    [&[first][..], &bits].concat()
}

#[test]
fn every_half_stands_for_itself_and_no_wider_form_does() {
    for half in 0..=u16::MAX {
        let value = half_value(half);
        let short = encoded(0xf9, half.to_be_bytes());
        let canonical = if value.is_nan() { vec![0xf9, 0x7e, 0x00] } else { short.clone() };
        assert_eq!(skip(&short).is_ok(), short == canonical, "{half:04x}");
        let wider = encoded(0xfa, value.to_be_bytes());
        let widest = encoded(0xfb, f64::from(value).to_be_bytes());
        assert!(is_refused(&wider) && is_refused(&widest), "{half:04x}");
        for form in [short, wider, widest] {
            assert_eq!(rewritten(&form), canonical, "{half:04x}");
        }
    }
}

#[test]
fn every_two_byte_head_is_read_or_refused() {
    for major in 0..8_u8 {
        for info in 0..32_u8 {
            let first = major << 5 | info;
            let body = [&[first][..], &[0xff; 8]].concat();
            let mut cursor = Cursor::new(&body).unwrap();
            let read = match major {
                0 => cursor.unsigned().map(drop),
                6 => cursor.tag().map(drop),
                _ => continue,
            };
            assert_eq!(read.is_ok(), info < 28, "{first:02x}");
        }
    }
    for argument in 0..=u8::MAX {
        assert_eq!(skip(&[0x18, argument]).is_ok(), argument >= 24);
        assert_eq!(skip(&[0xf8, argument]).is_ok(), argument >= 32);
    }
    for argument in 0..=u16::MAX {
        let [high, low] = argument.to_be_bytes();
        assert_eq!(skip(&[0x19, high, low]).is_ok(), argument >= 0x100);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn doubles_are_refused_if_a_single_is_equal(
        bits in prop_oneof![
            any::<u64>(),
            any::<f32>().prop_map(|single| f64::from(single).to_bits()),
            // Singles, their subnormals too, with one more bit of fraction.
            (any::<u32>(), 0..29_u32).prop_map(|(single, bit)| {
                f64::from(f32::from_bits(single)).to_bits() | 1 << bit
            }),
        ],
    ) {
        let number = f64::from_bits(bits);
        let long = encoded(0xfb, bits.to_be_bytes());
        let fits = number.is_nan() || (f64::from(number as f32).to_bits() == bits);
        prop_assert_eq!(is_refused(&long), fits);
        prop_assert_eq!(skip(&long).is_ok(), !fits);
        prop_assert_eq!(rewritten(&long), float(number));
    }

    #[test]
    fn singles_are_refused_if_a_half_is_equal(
        bits in prop_oneof![
            any::<u32>(),
            (any::<u16>(), 0..14_u32).prop_map(|(half, bit)| half_value(half).to_bits() | 1 << bit),
        ],
    ) {
        let number = f32::from_bits(bits);
        let long = encoded(0xfa, bits.to_be_bytes());
        let shortest = float(f64::from(number));
        prop_assert_eq!(skip(&long).is_ok(), shortest == long);
        prop_assert_eq!(rewritten(&long), shortest);
    }

    #[test]
    fn subnormal_singles_have_no_double(fraction in 1..0x80_0000_u32, sign in 0..2_u32) {
        let single = f32::from_bits(sign << 31 | fraction);
        let long = encoded(0xfb, f64::from(single).to_be_bytes());
        prop_assert!(is_refused(&long));
        prop_assert_eq!(rewritten(&long), encoded(0xfa, single.to_be_bytes()));
    }

    #[test]
    fn integers_go_both_ways(number in any::<i64>()) {
        let mut output = Vec::new();
        iotops_wire::cbor::Encoder::new(&mut output).integer(number).unwrap();
        prop_assert_eq!(Cursor::new(&output).unwrap().integer(), Ok(number));
    }
}
