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
//! The writer, beside minicbor's, and its bounds.

mod common;

use common::{Value, canonical, values};
use iotops_wire::cbor::{Count, Encoder, Head, Output, SliceOutput};
use iotops_wire::{Error, Input, rules};
use proptest::prelude::*;

fn write(encoder: &mut Encoder<'_>, value: &Value) -> Result<(), Error> {
    match value {
        Value::Unsigned(number) => encoder.unsigned(*number).map(drop),
        Value::Bytes(bytes) => encoder.bytes(bytes).map(drop),
        Value::Text(text) => encoder.text(text).map(drop),
        Value::Array(items) => {
            encoder.array(items.len())?;
            items.iter().try_for_each(|item| write(encoder, item))
        }
        Value::Tag(number, item) => {
            encoder.tag(*number)?;
            encoder.wrapped(|inner| write(inner, item)).map(drop)
        }
        Value::Simple(20 | 21) => encoder.boolean(matches!(value, Value::Simple(21))).map(drop),
        Value::Simple(22) => encoder.null().map(drop),
        Value::Negative(argument) if *argument <= i64::MAX as u64 => {
            encoder.integer(!(*argument as i64)).map(drop)
        }
        other => encoder.raw(&canonical(other)).map(drop),
    }
}

/// What a call of minicbor gives back is of no use.
fn same(_encoder: &mut minicbor::Encoder<&mut Vec<u8>>) {}

/// The same by minicbor.
fn reference(encoder: &mut minicbor::Encoder<&mut Vec<u8>>, value: &Value) {
    match value {
        Value::Unsigned(number) => same(encoder.u64(*number).unwrap()),
        Value::Bytes(bytes) => same(encoder.bytes(bytes).unwrap()),
        Value::Text(text) => same(encoder.str(text).unwrap()),
        Value::Array(items) => {
            encoder.array(items.len() as u64).unwrap();
            items.iter().for_each(|item| reference(encoder, item));
        }
        Value::Tag(number, item) => {
            let mut inner = Vec::new();
            reference(&mut minicbor::Encoder::new(&mut inner), item);
            encoder.tag(minicbor::data::Tag::new(*number)).unwrap().bytes(&inner).unwrap();
        }
        Value::Simple(20 | 21) => same(encoder.bool(matches!(value, Value::Simple(21))).unwrap()),
        Value::Simple(22) => same(encoder.null().unwrap()),
        Value::Negative(argument) if *argument <= i64::MAX as u64 => {
            same(encoder.i64(!(*argument as i64)).unwrap());
        }
        other => encoder.writer_mut().extend(canonical(other)),
    }
}

proptest! {
    #[test]
    fn minicbor_writes_the_same(value in values()) {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        write(&mut Encoder::new(&mut ours), &value).unwrap();
        reference(&mut minicbor::Encoder::new(&mut theirs), &value);
        prop_assert_eq!(&ours, &theirs);

        let mut count = Count::new();
        write(&mut Encoder::new(&mut count), &value).unwrap();
        prop_assert_eq!(count.position(), ours.len());
    }

    #[test]
    fn a_buffer_of_any_size_is_enough_or_refused(value in values()) {
        let mut whole = Vec::new();
        write(&mut Encoder::new(&mut whole), &value).unwrap();
        for size in 0..=whole.len() {
            let mut buffer = vec![0xaa; size + 1];
            let (space, guard) = buffer.split_at_mut(size);
            let mut output = SliceOutput::new(space);
            let written = write(&mut Encoder::new(&mut output), &value);
            if size == whole.len() {
                prop_assert_eq!(written, Ok(()));
                prop_assert_eq!(output.written(), &whole[..]);
            } else {
                let error = written.unwrap_err();
                prop_assert_eq!(error.rule(), rules::OUT_OF_SPACE);
                prop_assert_eq!(error.place().input(), Input::Output);
                prop_assert!(error.place().offset() as usize <= size);
            }
            prop_assert_eq!(guard[0], 0xaa);
        }
    }

    #[test]
    fn heads_of_byte_strings_are_those_of_byte_strings(length in 0..70_000_usize) {
        let whole = canonical(&Value::Bytes(vec![0; length]));
        let head = Head::of_bytes(length);
        prop_assert_eq!(head.as_bytes(), &whole[..whole.len() - length]);
    }
}

fn in_map(entries: usize, keys: &[i64]) -> Result<Vec<u8>, Error> {
    let mut output = Vec::new();
    let mut encoder = Encoder::new(&mut output);
    let mut map = encoder.map(entries)?;
    for key in keys {
        map.key(*key)?.unsigned(0)?;
    }
    map.end()?;
    Ok(output)
}

#[test]
fn maps_have_as_many_keys_as_announced_in_order() {
    assert_eq!(in_map(3, &[0, 24, -1]).unwrap(), [0xa3, 0, 0, 0x18, 24, 0, 0x20, 0]);
    let rule = |entries, keys: &[i64]| in_map(entries, keys).unwrap_err().rule();
    for keys in [&[1, 0][..], &[-1, 0], &[5, 5], &[-2, -1], &[i64::MIN, 0], &[i64::MIN, i64::MIN]] {
        assert_eq!(rule(2, keys), rules::KEY_ORDER, "{keys:?}");
    }
    assert_eq!(rule(2, &[1]), rules::MAP_COUNT);
    assert_eq!(rule(1, &[1, 2]), rules::MAP_COUNT);
    assert_eq!(rule(0, &[1]), rules::MAP_COUNT);
}

#[test]
fn entries_with_other_keys_count_too() {
    let mut output = Vec::new();
    let mut encoder = Encoder::new(&mut output);
    let mut map = encoder.map(2).unwrap();
    map.key(1).unwrap().boolean(true).unwrap();
    map.entry().unwrap().text("a").unwrap().null().unwrap();
    assert_eq!(map.entry().map(drop).unwrap_err().rule(), rules::MAP_COUNT);
    map.end().unwrap();
    assert_eq!(output, [0xa2, 0x01, 0xf5, 0x61, b'a', 0xf6]);
}

#[test]
fn a_head_longer_than_its_placeholder_moves_the_content() {
    for length in [0, 23, 24, 255, 256, 65_535, 65_536] {
        let text = "x".repeat(length);
        let mut output = Vec::new();
        Encoder::new(&mut output).wrapped(|inner| inner.raw(text.as_bytes()).map(drop)).unwrap();
        assert_eq!(output, canonical(&Value::Bytes(text.into_bytes())));
    }
}
