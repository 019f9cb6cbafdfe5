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
//! Every rule is broken once: number, place and sentence.

mod common;

use common::unhex;
use iotops_wire::cbor::{Ascending, Cursor, Encoder, SliceOutput, lax};
use iotops_wire::{Error, Finding, Input, Kind, Rule, rules};

type Read = fn(&mut Cursor<'_>) -> Result<(), Error>;

const SKIP: Read = |cursor| cursor.skip();
const WHOLE: Read = |cursor| cursor.skip().and_then(|()| cursor.end());

const CASES: &[(Rule, &str, Read, u32)] = &[
    (rules::TRUNCATED, "", SKIP, 0),
    (rules::TRUNCATED, "820018", SKIP, 2),
    (rules::TRUNCATED, "820043 0102", SKIP, 2),
    (rules::TRUNCATED, "82", |cursor| cursor.array().map(drop), 0),
    (rules::TRUNCATED, "8200", SKIP, 2),
    (rules::TRUNCATED, "9bffffffffffffffff 00", SKIP, 10),
    (rules::TRUNCATED, "9bffffffffffffffff 00", |cursor| cursor.array().map(drop), 0),
    (rules::TRUNCATED, "", |cursor| cursor.boolean().map(drop), 0),
    (rules::TRUNCATED, "", |cursor| cursor.null(), 0),
    (rules::RESERVED, "811c", SKIP, 1),
    (rules::RESERVED, "fd", SKIP, 0),
    (rules::RESERVED, "1f", SKIP, 0),
    (rules::RESERVED, "81ff", SKIP, 1),
    (rules::INDEFINITE, "815f", SKIP, 1),
    (rules::SHORTEST, "811817", SKIP, 1),
    (rules::SHORTEST, "1900ff", SKIP, 0),
    (rules::SHORTEST, "1a0000ffff", SKIP, 0),
    (rules::SHORTEST, "1b00000000ffffffff", SKIP, 0),
    (rules::KEY_ORDER, "a202000100", SKIP, 3),
    (rules::KEY_TWICE, "a201000100", SKIP, 3),
    (rules::RANGE, "a2 3b7fffffffffffffff 00 3b7fffffffffffffff 00", keys, 1),
    (rules::KEY_TWICE, "a2 3b7ffffffffffffffe 00 3b7ffffffffffffffe 00", keys, 11),
    (rules::KEY_ORDER, "a2 3b7ffffffffffffffe 00 00 00", keys, 11),
    (rules::KEY_TWICE, "a2 00 00 00 00", keys, 3),
    (rules::TRAILING, "0000", WHOLE, 1),
    (rules::DEPTH, "8181818181818181 8181818181818181 81 00", SKIP, 16),
    (rules::UTF8, "8161ff", SKIP, 1),
    (rules::UTF8, "61ff", |cursor| cursor.text().map(drop), 0),
    (rules::SIMPLE, "81f81f", SKIP, 1),
    (rules::SIMPLE, "f800", SKIP, 0),
    (rules::FLOAT, "81fa47000000", SKIP, 1),
    (rules::FLOAT, "f97e01", SKIP, 0),
    (rules::RANGE, "3b8000000000000000", |cursor| cursor.integer().map(drop), 0),
    (rules::RANGE, "1b8000000000000000", |cursor| cursor.integer().map(drop), 0),
    (rules::EXPECT_UNSIGNED, "20", |cursor| cursor.unsigned().map(drop), 0),
    (rules::EXPECT_INTEGER, "5bffffffffffffffff", |cursor| cursor.integer().map(drop), 0),
    (rules::EXPECT_BYTES, "60", |cursor| cursor.bytes().map(drop), 0),
    (rules::EXPECT_TEXT, "40", |cursor| cursor.text().map(drop), 0),
    (rules::EXPECT_ARRAY, "a0", |cursor| cursor.array().map(drop), 0),
    (rules::EXPECT_MAP, "80", |cursor| cursor.map().map(drop), 0),
    (rules::EXPECT_TAG, "00", |cursor| cursor.tag().map(drop), 0),
    (rules::EXPECT_BOOL, "f6", |cursor| cursor.boolean().map(drop), 0),
    (rules::EXPECT_NULL, "f4", |cursor| cursor.null(), 0),
];

/// Reads a map with integer keys and integer values.
fn keys(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    let mut order = Ascending::new();
    for _ in 0..cursor.map()? {
        order.key(cursor)?;
        cursor.integer()?;
    }
    Ok(())
}

/// The sentence as `Display` has it.
fn sentence(rule: Rule, place: &str) -> String {
    let row = rules::row(rule).unwrap();
    format!("{} ({}) {place}", row.sentence, row.section)
}

#[test]
fn each_is_told_with_its_place() {
    for (rule, encoded, read, offset) in CASES {
        let bytes = unhex(encoded);
        let error = read(&mut Cursor::new(&bytes).unwrap()).unwrap_err();
        assert_eq!((error.rule(), error.place().offset()), (*rule, *offset), "{encoded}: {error}");
        assert_eq!(error.place().input(), Input::Document);
        assert_eq!(error.to_string(), sentence(*rule, &format!("at byte {offset}")));
    }
}

#[test]
fn inside_byte_strings_offsets_count_from_the_outermost_byte() {
    let bytes = unhex("82 00 43 82 00 1c");
    let mut outer = Cursor::new(&bytes).unwrap();
    outer.array().unwrap();
    outer.skip().unwrap();
    let error = outer.embedded().unwrap().skip().unwrap_err();
    assert_eq!((error.rule(), error.place().offset()), (rules::RESERVED, 5));
}

#[test]
fn size_is_checked_before_anything_is_read() {
    let huge = vec![0; 1 << 32];
    let error = Cursor::new(&huge).unwrap_err();
    assert_eq!(error.rule(), rules::SIZE);
    assert_eq!(error.to_string(), sentence(rules::SIZE, "at byte 0"));
}

#[test]
fn writing_breaks_rules_in_the_output() {
    let mut buffer = [0; 3];
    let mut output = SliceOutput::new(&mut buffer);
    let mut encoder = Encoder::new(&mut output);
    let error = encoder.array(2).unwrap().bytes(&[1, 2, 3]).map(drop).unwrap_err();
    assert_eq!(error.to_string(), sentence(rules::OUT_OF_SPACE, "at byte 2 of the output"));
    let mut output = Vec::new();
    let mut encoder = Encoder::new(&mut output);
    let error = encoder.map(1).unwrap().end().unwrap_err();
    assert_eq!(error.to_string(), sentence(rules::MAP_COUNT, "at byte 1 of the output"));
}

/// The rules of JSON, which `json.rs` tests.
const JSON: core::ops::RangeInclusive<u16> = 150..=179;

#[test]
fn no_rule_is_left_out() {
    let elsewhere = [rules::SIZE, rules::OUT_OF_SPACE, rules::MAP_COUNT];
    for row in rules::ROWS {
        let is_case =
            CASES.iter().any(|case| case.0 == row.rule) || JSON.contains(&row.rule.number());
        assert!(is_case || elsewhere.contains(&row.rule), "{} is tested", row.name);
        assert!(!row.sentence.ends_with('.') && row.name == row.name.to_lowercase());
        assert!((100..200).contains(&row.rule.number()));
    }
    assert!(rules::ROWS.is_sorted_by_key(|row| row.rule.number()));
}

/// A rule and the offset at which it is broken.
type Broken = (Rule, u32);

#[test]
fn lax_reading_tolerates_only_what_can_be_mended() {
    let cases: &[(&str, Result<&str, Broken>, &[Broken])] = &[
        ("1817", Ok("17"), &[(rules::SHORTEST, 0)]),
        ("a20200 0100", Ok("a201000200"), &[(rules::KEY_ORDER, 3)]),
        (
            "a3 03 00 02 00 01 00",
            Ok("a3 0100 0200 0300"),
            &[(rules::KEY_ORDER, 3), (rules::KEY_ORDER, 5)],
        ),
        ("fb3ff8000000000000", Ok("f93e00"), &[(rules::FLOAT, 0)]),
        ("f97e01", Ok("f97e00"), &[(rules::FLOAT, 0)]),
        ("5f 42 1817 ff", Ok("42 1817"), &[(rules::INDEFINITE, 0)]),
        ("5f 5801 aa ff", Ok("41 aa"), &[(rules::INDEFINITE, 0), (rules::SHORTEST, 1)]),
        ("42 1817", Ok("42 1817"), &[]),
        ("a2 01 00 1801 00", Err((rules::KEY_TWICE, 3)), &[(rules::SHORTEST, 3)]),
        ("a3 01 00 00 00 01 00", Err((rules::KEY_TWICE, 5)), &[(rules::KEY_ORDER, 3)]),
        ("9f", Err((rules::TRUNCATED, 1)), &[(rules::INDEFINITE, 0)]),
        ("5f 61 61 ff", Err((rules::RESERVED, 1)), &[(rules::INDEFINITE, 0)]),
        (
            "5f 5f ff ff",
            Err((rules::RESERVED, 1)),
            &[(rules::INDEFINITE, 0), (rules::INDEFINITE, 1)],
        ),
        ("7f 61 c3 61 bc ff", Err((rules::UTF8, 1)), &[(rules::INDEFINITE, 0)]),
        ("bf 01 ff", Err((rules::RESERVED, 2)), &[(rules::INDEFINITE, 0)]),
        ("1c", Err((rules::RESERVED, 0)), &[]),
        ("1f", Err((rules::RESERVED, 0)), &[]),
        ("ff", Err((rules::RESERVED, 0)), &[]),
        ("f81f", Err((rules::SIMPLE, 0)), &[]),
        ("61ff", Err((rules::UTF8, 0)), &[]),
        ("0000", Err((rules::TRAILING, 1)), &[]),
        ("fb00", Err((rules::TRUNCATED, 0)), &[]),
        ("8181818181818181 8181818181818181 81 00", Err((rules::DEPTH, 16)), &[]),
        ("9bffffffffffffffff 00", Err((rules::TRUNCATED, 10)), &[]),
        ("5bffffffffffffffff 00", Err((rules::TRUNCATED, 0)), &[]),
    ];
    for (encoded, expected, tolerated) in cases {
        let mut found = Vec::new();
        let rewritten = lax::rewrite(&unhex(encoded), &mut |finding: Finding| {
            found.push((finding.rule(), finding.place().offset()));
        });
        let rewritten = rewritten.map_err(|error| (error.rule(), error.place().offset()));
        assert_eq!(rewritten, expected.map(unhex), "{encoded}");
        assert_eq!(found, *tolerated, "{encoded}");
    }
}

#[test]
fn depth_is_bounded_at_sixteen_containers_of_any_kind() {
    for head in ["81", "a100", "c1"] {
        let nested = |levels: usize| unhex(&(head.repeat(levels) + "00"));
        assert_eq!(Cursor::new(&nested(16)).unwrap().skip(), Ok(()));
        let error = Cursor::new(&nested(17)).unwrap().skip().unwrap_err();
        assert_eq!(error.kind(), Kind::Limit);
        // A million levels cost no more than seventeen.
        assert_eq!(Cursor::new(&nested(1_000_000)).unwrap().skip().unwrap_err(), error);
        assert_eq!(lax::rewrite(&nested(1_000_000), &mut |_| {}).unwrap_err(), error);
    }
}
