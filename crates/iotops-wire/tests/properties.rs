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
//! What holds for all inputs.

mod common;

use common::{Wild, canonical, values};
use iotops_wire::cbor::{Cursor, lax};
use iotops_wire::shape::{Field, Shape, TagName, edn, hex, json, outline, path};
use iotops_wire::{Error, Finding, Kind};
use proptest::prelude::*;

static NAMES: Shape = Shape::MapAnd(
    &[
        Field::new(0, "same", &Shape::Wrapped(&LIST)),
        Field::new(1, "same", &Shape::Code(&[(1, "one"), (-1, "minus / one")])),
        Field::new(2, "bits", &Shape::Bits(&[(0, "first"), (63, "last")])),
        Field::new(3, "pairs", &Shape::Pairs(&[Field::new(1, "command", &NAMES)])),
    ],
    &ANY_SHAPE,
);
static LIST: Shape = Shape::ArrayAnd(&[Field::item("first", &NAMES)], &Field::item("more", &NAMES));
static ANY_SHAPE: Shape = Shape::Either(&[
    &NAMES,
    &LIST,
    &Shape::Tagged(&[TagName::new(1, "tag", &LIST)]),
    &Shape::Wrapped(&NAMES),
]);

fn skip(input: &[u8]) -> Result<(), Error> {
    let mut cursor = Cursor::new(input)?;
    cursor.skip()?;
    cursor.end()
}

fn rewrite(input: &[u8]) -> (Result<Vec<u8>, Error>, Vec<Finding>) {
    let mut found = Vec::new();
    (lax::rewrite(input, &mut |finding| found.push(finding)), found)
}

/// All printers, on any bytes: nothing panics, and JSON is JSON without duplicate members.
fn print(input: &[u8], shape: &Shape) {
    let text = json(input, shape);
    assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
    assert_no_duplicate_members(&text);
    let lines = hex(input, shape);
    for printed in [edn(input, shape), outline(input, shape), lines.clone(), text] {
        assert!(printed.chars().all(|c| c == '\n' || !c.is_control()), "{printed:?}");
    }
    assert_eq!(bytes_of(&lines), input);
    for offset in 0..=input.len() {
        let _ = path(input, shape, offset as u32);
    }
}

/// The bytes that an annotated print shows.
fn bytes_of(lines: &str) -> Vec<u8> {
    let before_comment = |line: &str| line[8..].split('#').next().unwrap().to_owned();
    common::unhex(&lines.lines().map(before_comment).collect::<String>())
}

fn assert_no_duplicate_members(text: &str) {
    // serde_json keeps the last of two members, so that its print would be shorter.
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let members = |text: &str| {
        let mut quoted = false;
        let mut escaped = false;
        text.chars()
            .filter(|c| {
                let is_colon = !quoted && *c == ':';
                match c {
                    '"' if !escaped => quoted = !quoted,
                    _ => {}
                }
                escaped = quoted && *c == '\\' && !escaped;
                is_colon
            })
            .count()
    };
    assert_eq!(members(text), members(&value.to_string()), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn deterministic_encodings_are_read(value in values()) {
        let bytes = canonical(&value);
        prop_assert_eq!(skip(&bytes), Ok(()));
        let mut decoder = minicbor::Decoder::new(&bytes);
        decoder.skip().unwrap();
        prop_assert_eq!(decoder.position(), bytes.len());
        prop_assert_eq!(rewrite(&bytes), (Ok(bytes), vec![]));
    }

    #[test]
    fn other_encodings_are_rewritten(value in values(), seed in any::<u64>()) {
        let (strict, wild) = (canonical(&value), Wild::new(seed).encode(&value));
        let (rewritten, found) = rewrite(&wild);
        prop_assert_eq!(rewritten.as_deref(), Ok(&strict[..]));
        prop_assert_eq!(found.is_empty(), wild == strict);
        prop_assert!(found.iter().all(|f| (f.place().offset() as usize) < wild.len()));
        // The strict reader stops at the first thing that the lax one tolerates, if not earlier.
        prop_assert_eq!(skip(&wild).is_ok(), wild == strict);
        if let Err(error) = skip(&wild) {
            prop_assert!(found.iter().any(|f| (f.rule(), f.place()) == (error.rule(), error.place())),
                "{} among {:?}", error, found);
        }
    }

    #[test]
    fn every_cut_is_refused(value in values(), seed in any::<u64>()) {
        for bytes in [canonical(&value), Wild::new(seed).encode(&value)] {
            for end in 0..bytes.len() {
                prop_assert!(skip(&bytes[..end]).is_err());
                prop_assert!(rewrite(&bytes[..end]).0.is_err());
            }
        }
    }

    #[test]
    fn any_bytes_get_one_verdict(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut cursor = Cursor::new(&bytes).unwrap();
        let mut decoder = minicbor::Decoder::new(&bytes);
        match cursor.skip() {
            Ok(()) => {
                prop_assert!(decoder.skip().is_ok());
                prop_assert_eq!(decoder.position(), cursor.position());
            }
            Err(error) if error.kind() == Kind::Truncated => prop_assert!(decoder.skip().is_err()),
            Err(error) => prop_assert!((error.place().offset() as usize) < bytes.len()),
        }
        let (rewritten, found) = rewrite(&bytes);
        if let Ok(rewritten) = rewritten {
            prop_assert_eq!(skip(&rewritten), Ok(()));
            prop_assert_eq!(found.is_empty(), rewritten == bytes);
        } else {
            prop_assert!(skip(&bytes).is_err());
        }
    }

    #[test]
    fn notation_means_the_same_bytes(value in values()) {
        let bytes = canonical(&value);
        for shape in [&Shape::Any, &ANY_SHAPE, &NAMES] {
            let text = edn(&bytes, shape);
            prop_assert_eq!(common::edn::parse(&text), &bytes[..], "{}", text);
        }
    }

    #[test]
    fn printers_take_anything(
        value in values(),
        seed in any::<u64>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        for mut bytes in [canonical(&value), Wild::new(seed).encode(&value)] {
            print(&bytes, &ANY_SHAPE);
            *at.get_mut(&mut bytes) = byte;
            print(&bytes, &ANY_SHAPE);
        }
    }

    #[test]
    fn printers_take_noise(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        print(&bytes, &ANY_SHAPE);
        print(&bytes, &Shape::Any);
    }
}
