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
//! The printers, by example.

mod common;

use common::unhex;
use iotops_wire::shape::{Field, LAYERS, Shape, TagName, edn, hex, json, outline, path};

static SEQUENCE: Shape = Shape::Pairs(&[
    Field::new(12, "set-index", &Shape::Any),
    Field::new(20, "override", &Shape::Map(&[Field::new(21, "uri", &Shape::Any)])),
    Field::new(32, "run", &Shape::Wrapped(&SEQUENCE)),
]);

static ENVELOPE: Shape =
    Shape::Either(&[&Shape::Tagged(&[TagName::new(107, "envelope", &ELEMENTS)]), &ELEMENTS]);

static ELEMENTS: Shape = Shape::MapAnd(
    &[
        Field::new(2, "wrapper", &Shape::Wrapped(&DIGESTS)),
        Field::new(3, "manifest", &Shape::Wrapped(&MANIFEST)),
    ],
    &Shape::Utf8OrBytes,
);

static DIGESTS: Shape = Shape::ArrayAnd(
    &[Field::item("algorithm", &Shape::Code(&[(-16, "SHA-256"), (5, "HMAC 256/256")]))],
    &Field::item("block", &Shape::Any),
);

static MANIFEST: Shape = Shape::Map(&[
    Field::new(1, "version", &Shape::Any),
    Field::new(20, "install", &Shape::Wrapped(&SEQUENCE)),
    Field::new(21, "policy", &Shape::Bits(&[(0, "success"), (1, "failure")])),
    Field::new(22, "codes", &Shape::List(&Shape::CodeOf(&SEQUENCE))),
]);

/// Wrapper; manifest with a command sequence, policy and codes; a text key with bytes.
const DOCUMENT: &str = "d86b a3
    02 43 82 2f 05
    03 58 1f a4 01 01 14 53 86 0c 00 14 a1 15 66 23 09 61 62 63 64 1820 43 82 0c 02
              15 03 16 82 0c 18 63
    61 23 42 68 69";

fn document() -> Vec<u8> {
    unhex(DOCUMENT)
}

#[test]
fn notation() {
    assert_eq!(
        edn(&document(), &ENVELOPE),
        "/ envelope / 107({
  / wrapper / 2: << [/ algorithm / -16 / SHA-256 /, / block / 5] >>,
  / manifest / 3: << {
    / version / 1: 1,
    / install / 20: << [
      / set-index / 12, 0,
      / override / 20, {/ uri / 21: \"#\\tabcd\"},
      / run / 32, << [/ set-index / 12, 2] >>
    ] >>,
    / policy / 21: 3,
    / codes / 22: [12 / set-index /, 99]
  } >>,
  \"#\": 'hi'
})"
    );
    assert_eq!(common::edn::parse(&edn(&document(), &ENVELOPE)), document());
    assert_eq!(common::edn::parse(&edn(&document(), &Shape::Any)), document());
}

#[test]
fn plain_text() {
    assert_eq!(
        outline(&document(), &ENVELOPE),
        "tag 107 (envelope)
  wrapper:
    algorithm: -16 (SHA-256)
    block: 5
  manifest:
    version: 1
    install:
      set-index: 0
      override:
        uri: \"#\\tabcd\"
      run:
        set-index: 2
    policy: 3 (success, failure)
    codes: [12 / set-index /, 99]
  \"#\": 'hi'
"
    );
    let long = [&[0x58, 40][..], &[0xab; 40]].concat();
    assert_eq!(outline(&long, &Shape::Any), format!("h'{}'… (40 bytes)\n", "ab".repeat(32)));
}

#[test]
fn json_for_programs() {
    assert_eq!(
        json(&document(), &ENVELOPE),
        concat!(
            r#"{"tag":107,"name":"envelope","value":{"#,
            r##""wrapper":{"algorithm":"SHA-256","block":[5]},"##,
            r##""manifest":{"version":1,"install":[{"set-index":0},{"override":{"uri":"#\tabcd"}},"##,
            r#"{"run":[{"set-index":2}]}],"policy":3,"codes":["set-index",99]},"#,
            r##""#":{"hex":"6869","text":"hi"}}}"##,
        )
    );
    for (encoded, expected) in [
        ("1b001fffffffffffff", "9007199254740991"),
        ("1b0020000000000000", "\"9007199254740992\""),
        ("3bffffffffffffffff", "\"-18446744073709551616\""),
        ("f97c00", "\"Infinity\""),
        ("f97e00", "\"NaN\""),
        ("f93e00", "1.5"),
        ("f7", "{\"simple\":23}"),
        ("a2 01 00 6131 00", "{\"1\":0,\"1 (2)\":0}"),
        ("a1 81 40 00", "{\"[h'']\":0}"),
        ("83f4f5f6", "[false,true,null]"),
    ] {
        assert_eq!(json(&unhex(encoded), &Shape::Any), expected);
    }
}

#[test]
fn annotated_bytes() {
    let lines = hex(&unhex("82 2f 52 00010203040506070809 0a0b0c0d0e0f1011"), &DIGESTS);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        lines.lines().map(words).collect::<Vec<_>>(),
        [
            "000000 82 # array of 2",
            "000001 2f # algorithm: -16 (SHA-256)",
            "000002 52 # block: bytes of 18",
            "000003 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f",
            "000013 10 11",
        ]
    );
}

#[test]
fn paths() {
    let at = |offset| path(&document(), &ENVELOPE, offset);
    assert_eq!(at(0), "envelope");
    assert_eq!(at(2), "envelope");
    assert_eq!(at(3), "envelope / wrapper");
    assert_eq!(at(6), "envelope / wrapper / algorithm");
    assert_eq!(at(7), "envelope / wrapper / [1] block");
    assert_eq!(at(15), "envelope / manifest / install");
    assert_eq!(at(19), "envelope / manifest / install / [2] override");
    assert_eq!(at(22), "envelope / manifest / install / [2] override / uri");
    assert_eq!(at(33), "envelope / manifest / install / [4] run / [0] set-index");
    assert_eq!(at(40), "envelope / manifest / codes / [1]");
    assert_eq!(at(43), "envelope / \"#\"");
    assert_eq!(at(999), "");
    // Where the reading stops, the path tells what could not be read.
    let cut = &document()[..18];
    assert_eq!(path(cut, &ENVELOPE, 9), "envelope / manifest");
    assert_eq!(path(&unhex("83 00 1c"), &Shape::Any, 2), "[1]");
    assert_eq!(path(&unhex("a1 03 44 a1 14 41 84"), &ENVELOPE, 7), "manifest / install / [0]");
}

#[test]
fn errors_are_told_where_they_are() {
    let sentence = "the input must not end inside a data item (RFC 8949 §3) at byte 3";
    let cut = unhex("8201 81");
    assert_eq!(edn(&cut, &Shape::Any), format!("[\n  1,\n  [\n    / error: {sentence} /\n  ]\n]"));
    assert_eq!(outline(&cut, &Shape::Any), format!("[0]: 1\n[1]: []\n  error: {sentence}\n"));
    assert!(hex(&cut, &Shape::Any).ends_with(&format!("# error: {sentence}\n")));
    assert_eq!(
        json(&cut, &Shape::Any),
        format!(
            r#"{{"error":{{"rule":100,"name":"truncated","offset":3,"message":"{sentence}"}},"read":[1,[]]}}"#
        )
    );
    // Content that is no CBOR stays what it is.
    let broken = unhex("a1 03 41 1c");
    assert!(edn(&broken, &ENVELOPE).starts_with("{\n  / manifest / 3: h'1c' / error: "));
    assert!(json(&broken, &ENVELOPE).starts_with(r#"{"manifest":{"hex":"1c","error":{"rule":101"#));
    // Keys out of order are told, and read on.
    let unsorted = unhex("a2 02 00 01 00");
    let text = edn(&unsorted, &Shape::Any);
    assert!(text.starts_with("{\n  2: 0,\n  / error: map keys must be sorted"), "{text}");
    assert!(text.ends_with("at byte 3 /\n  1: 0\n}"), "{text}");
}

#[test]
fn terminals_are_safe() {
    // ESC, DEL, a C1 control, a right-to-left override and a zero-width space.
    let text = "\u{1b}[31m\u{7f}\u{9b}\u{202e}\u{200b}é";
    let encoded = [&[0x60 | text.len() as u8][..], text.as_bytes()].concat();
    for printed in [edn(&encoded, &Shape::Any), json(&encoded, &Shape::Any)] {
        assert_eq!(printed, "\"\\u001b[31m\\u007f\\u009b\\u202e\\u200bé\"");
    }
    assert_eq!(serde_json::from_str::<String>(&json(&encoded, &Shape::Any)).unwrap(), text);
    assert_eq!(common::edn::parse(&edn(&encoded, &Shape::Any)), encoded);
}

#[test]
fn nesting_costs_little() {
    static ONION: Shape = Shape::Either(&[&Shape::Wrapped(&ONION), &Shape::List(&ONION)]);
    // Byte strings in byte strings, and arrays in arrays, far beyond the bounds.
    let mut wrapped = vec![0x00];
    for _ in 0..200 {
        let mut outer = Vec::new();
        let _ = iotops_wire::cbor::Encoder::new(&mut outer).bytes(&wrapped).unwrap();
        wrapped = outer;
    }
    assert_eq!(edn(&wrapped, &ONION).matches("<<").count(), usize::from(LAYERS));
    let arrays = vec![0x81; 100_000];
    for printed in [edn(&arrays, &ONION), json(&arrays, &ONION), outline(&arrays, &ONION)] {
        assert!(printed.len() < 2_000, "{}", printed.len());
    }
    // Wide documents: output grows with input and not faster.
    let wide = [&[0x9a, 0x00, 0x01, 0x86, 0xa0][..], &[0x80; 100_000]].concat();
    assert!(edn(&wide, &ONION).len() < 10 * wide.len());
    assert!(hex(&wide, &ONION).len() < 100 * wide.len());
}
