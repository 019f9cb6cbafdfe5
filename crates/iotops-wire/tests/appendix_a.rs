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
//! The examples of RFC 8949, Appendix A.

mod common;

use common::unhex;
use iotops_wire::cbor::{Cursor, lax};
use iotops_wire::shape::{Shape, edn};
use iotops_wire::{Rule, rules};

/// Encoding, its notation by this crate's printer. All of these are deterministic.
const DETERMINISTIC: &[(&str, &str)] = &[
    ("00", "0"),
    ("01", "1"),
    ("0a", "10"),
    ("17", "23"),
    ("1818", "24"),
    ("1819", "25"),
    ("1864", "100"),
    ("1903e8", "1000"),
    ("1a000f4240", "1000000"),
    ("1b000000e8d4a51000", "1000000000000"),
    ("1bffffffffffffffff", "18446744073709551615"),
    ("c249010000000000000000", "2(h'010000000000000000')"),
    ("3bffffffffffffffff", "-18446744073709551616"),
    ("c349010000000000000000", "3(h'010000000000000000')"),
    ("20", "-1"),
    ("29", "-10"),
    ("3863", "-100"),
    ("3903e7", "-1000"),
    ("f90000", "0.0"),
    ("f98000", "-0.0"),
    ("f93c00", "1.0"),
    ("fb3ff199999999999a", "1.1"),
    ("f93e00", "1.5"),
    ("f97bff", "65504.0"),
    ("fa47c35000", "100000.0"),
    ("fa7f7fffff", "3.4028234663852886e38"),
    ("fb7e37e43c8800759c", "1e300"),
    ("f90001", "5.960464477539063e-8"),
    ("f90400", "6.103515625e-5"),
    ("f9c400", "-4.0"),
    ("fbc010666666666666", "-4.1"),
    ("f97c00", "Infinity"),
    ("f97e00", "NaN"),
    ("f9fc00", "-Infinity"),
    ("f4", "false"),
    ("f5", "true"),
    ("f6", "null"),
    ("f7", "undefined"),
    ("f0", "simple(16)"),
    ("f8ff", "simple(255)"),
    ("c074323031332d30332d32315432303a30343a30305a", "0(\"2013-03-21T20:04:00Z\")"),
    ("c11a514b67b0", "1(1363896240)"),
    ("c1fb41d452d9ec200000", "1(1363896240.5)"),
    ("d74401020304", "23(h'01020304')"),
    ("d818456449455446", "24(h'6449455446')"),
    ("d82076687474703a2f2f7777772e6578616d706c652e636f6d", "32(\"http://www.example.com\")"),
    ("40", "h''"),
    ("4401020304", "h'01020304'"),
    ("60", "\"\""),
    ("6161", "\"a\""),
    ("6449455446", "\"IETF\""),
    ("62225c", "\"\\\"\\\\\""),
    ("62c3bc", "\"ü\""),
    ("63e6b0b4", "\"水\""),
    ("64f0908591", "\"𐅑\""),
    ("80", "[]"),
    ("83010203", "[1, 2, 3]"),
    ("8301820203820405", "[1, [2, 3], [4, 5]]"),
    ("a0", "{}"),
    ("a201020304", "{1: 2, 3: 4}"),
    ("a26161016162820203", "{\"a\": 1, \"b\": [2, 3]}"),
    ("826161a161626163", "[\"a\", {\"b\": \"c\"}]"),
    (
        "a56161614161626142616361436164614461656145",
        "{\"a\": \"A\", \"b\": \"B\", \"c\": \"C\", \"d\": \"D\", \"e\": \"E\"}",
    ),
    ("98190102030405060708090a0b0c0d0e0f101112131415161718181819", ""),
];

/// Encoding, what the strict reader says of it, where, and what it is rewritten to.
const OTHERS: &[(&str, Rule, u32, &str)] = &[
    ("fa7f800000", rules::FLOAT, 0, "f97c00"),
    ("fa7fc00000", rules::FLOAT, 0, "f97e00"),
    ("faff800000", rules::FLOAT, 0, "f9fc00"),
    ("fb7ff0000000000000", rules::FLOAT, 0, "f97c00"),
    ("fb7ff8000000000000", rules::FLOAT, 0, "f97e00"),
    ("fbfff0000000000000", rules::FLOAT, 0, "f9fc00"),
    ("5f42010243030405ff", rules::INDEFINITE, 0, "450102030405"),
    ("7f657374726561646d696e67ff", rules::INDEFINITE, 0, "6973747265616d696e67"),
    ("9fff", rules::INDEFINITE, 0, "80"),
    ("9f018202039f0405ffff", rules::INDEFINITE, 0, "8301820203820405"),
    ("9f01820203820405ff", rules::INDEFINITE, 0, "8301820203820405"),
    ("83018202039f0405ff", rules::INDEFINITE, 5, "8301820203820405"),
    ("83019f0203ff820405", rules::INDEFINITE, 2, "8301820203820405"),
    (
        "9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff",
        rules::INDEFINITE,
        0,
        "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
    ),
    ("bf61610161629f0203ffff", rules::INDEFINITE, 0, "a26161016162820203"),
    ("826161bf61626163ff", rules::INDEFINITE, 3, "826161a161626163"),
    ("bf6346756ef563416d7421ff", rules::INDEFINITE, 0, "a263416d74216346756ef5"),
];

#[test]
fn deterministic_examples_are_read_and_printed() {
    for (encoded, notation) in DETERMINISTIC {
        let bytes = unhex(encoded);
        assert_eq!(Cursor::new(&bytes).unwrap().item(), Ok(&bytes[..]), "{encoded}");
        let rewritten = lax::rewrite(&bytes, &mut |found| panic!("{found:?} in {encoded}"));
        assert_eq!(rewritten.unwrap(), bytes);
        let printed = edn(&bytes, &Shape::Any);
        if !notation.is_empty() {
            assert_eq!(printed, *notation);
        }
        assert_eq!(common::edn::parse(&printed), bytes);
    }
}

#[test]
fn other_examples_are_refused_and_rewritten() {
    for (encoded, rule, offset, deterministic) in OTHERS {
        let bytes = unhex(encoded);
        let error = Cursor::new(&bytes).unwrap().skip().unwrap_err();
        assert_eq!((error.rule(), error.place().offset()), (*rule, *offset), "{encoded}");
        let mut found = Vec::new();
        let rewritten = lax::rewrite(&bytes, &mut |finding| found.push(finding)).unwrap();
        assert_eq!(rewritten, unhex(deterministic), "{encoded}");
        assert_eq!((found[0].rule(), found[0].place()), (*rule, error.place()));
    }
}
