#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]
//! JSON: every rule once with its place, every damaged sample, and `serde_json` as the judge.

use core::fmt::Write as _;

use iotops_wire::json::{
    Count, MEMBERS, Output, SliceOutput, Text, Type, Value, Writer, pointer, position,
};
use iotops_wire::{Error, Input, Rule, rules};
use proptest::prelude::*;

const CASES: &[(Rule, &[u8], u32)] = &[
    (rules::JSON_TRUNCATED, b"", 0),
    (rules::JSON_TRUNCATED, b" \n", 2),
    (rules::JSON_TRUNCATED, b"[", 1),
    (rules::JSON_TRUNCATED, b"[1", 2),
    (rules::JSON_TRUNCATED, b"[1,", 3),
    (rules::JSON_TRUNCATED, b"{", 1),
    (rules::JSON_TRUNCATED, b"{\"a", 3),
    (rules::JSON_TRUNCATED, b"{\"a\"", 4),
    (rules::JSON_TRUNCATED, b"{\"a\":1,", 7),
    (rules::JSON_TRUNCATED, b"\"\\", 1),
    (rules::JSON_TRUNCATED, b"\"\\u00", 1),
    (rules::JSON_TRUNCATED, b"\"\\ud800", 1),
    (rules::JSON_TRUNCATED, b"\"\\ud800\\udc0", 1),
    (rules::JSON_TRUNCATED, b"tru", 0),
    (rules::JSON_TRUNCATED, b"-", 1),
    (rules::JSON_TRUNCATED, b"1.", 2),
    (rules::JSON_TRUNCATED, b"1e+", 3),
    (rules::JSON_UTF8, b"\"\xc3\x28\"", 1),
    (rules::JSON_UTF8, b"\"\xed\xa0\x80\"", 1),
    (rules::JSON_UTF8, b"\"\xc0\x80\"", 1),
    (rules::JSON_UTF8, b"\xff\xfe1\x00", 0),
    (rules::JSON_BYTE_ORDER_MARK, b"\xef\xbb\xbf1", 0),
    (rules::JSON_VALUE, b"'a'", 0),
    (rules::JSON_VALUE, b"[1,]", 3),
    (rules::JSON_VALUE, b"[,1]", 1),
    (rules::JSON_VALUE, b"// one\n1", 0),
    (rules::JSON_VALUE, b"+1", 0),
    (rules::JSON_VALUE, b".5", 0),
    (rules::JSON_VALUE, b"True", 0),
    (rules::JSON_VALUE, b"nul1", 0),
    (rules::JSON_VALUE, b"NaN", 0),
    (rules::JSON_VALUE, b"\x0b1", 0),
    (rules::JSON_NAME, b"{\"a\":1,}", 7),
    (rules::JSON_NAME, b"{a:1}", 1),
    (rules::JSON_NAME, b"{1:1}", 1),
    (rules::JSON_SEPARATOR, b"{\"a\" 1}", 5),
    (rules::JSON_SEPARATOR, b"[1 2]", 3),
    (rules::JSON_SEPARATOR, b"[1}", 2),
    (rules::JSON_SEPARATOR, b"{\"a\":1]", 6),
    (rules::JSON_SEPARATOR, b"[1 /* */]", 3),
    (rules::JSON_NUMBER, b"01", 1),
    (rules::JSON_NUMBER, b"-01", 2),
    (rules::JSON_NUMBER, b"[-]", 2),
    (rules::JSON_NUMBER, b"[1.]", 3),
    (rules::JSON_NUMBER, b"[1.e3]", 3),
    (rules::JSON_NUMBER, b"[1e]", 3),
    (rules::JSON_CONTROL, b"\"a\x00\"", 2),
    (rules::JSON_CONTROL, b"\"a\nb\"", 2),
    (rules::JSON_CONTROL, b"{\"\x1f\":1}", 2),
    (rules::JSON_ESCAPE, b"\"\\x\"", 1),
    (rules::JSON_ESCAPE, b"\"\\'\"", 1),
    (rules::JSON_ESCAPE, b"\"\\u00g0\"", 1),
    (rules::JSON_ESCAPE, b"\"\\u+041\"", 1),
    (rules::JSON_ESCAPE, b"\"\\U0041\"", 1),
    (rules::JSON_SURROGATE, b"\"\\ud800\"", 1),
    (rules::JSON_SURROGATE, b"\"\\udc00\"", 1),
    (rules::JSON_SURROGATE, b"\"\\ud800\\n\"", 1),
    (rules::JSON_SURROGATE, b"\"\\ud800\\ud800\"", 1),
    (rules::JSON_SURROGATE, b"\"\\ud800a\"", 1),
    (rules::JSON_DEPTH, b"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", 16),
    (rules::JSON_DEPTH, b"[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]", 16),
    (rules::JSON_MEMBER_TWICE, b"{\"a\":1,\"a\":1}", 7),
    (rules::JSON_MEMBER_TWICE, b"{\"\":1,\"\":1}", 6),
    (rules::JSON_MEMBER_TWICE, b"{\"a\":1,\"\\u0061\":1}", 7),
    (rules::JSON_MEMBER_TWICE, b"{\"\\u0061\":1,\"a\":1}", 12),
    (rules::JSON_MEMBER_TWICE, b"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}", 18),
    (rules::JSON_MEMBER_TWICE, b"[{\"a\":{\"b\":1},\"b\":{},\"a\":1}]", 21),
    (rules::JSON_TRAILING, b"1 2", 2),
    (rules::JSON_TRAILING, b"{}}", 2),
    (rules::JSON_TRAILING, b"1\x00", 1),
];

#[test]
fn every_rule_is_broken_at_its_place() {
    for (rule, document, offset) in CASES {
        let error = Value::read(document).unwrap_err();
        let name = String::from_utf8_lossy(document);
        assert_eq!((error.rule(), error.place().offset()), (*rule, *offset), "{name}");
        assert!(
            serde_json::from_slice::<serde_json::Value>(document).is_err()
                || matches!(*rule, rules::JSON_MEMBER_TWICE | rules::JSON_DEPTH),
            "{name}"
        );
    }
}

#[test]
fn no_rule_of_json_is_left_out() {
    let elsewhere = [
        rules::JSON_MEMBERS,
        rules::JSON_INTEGER,
        rules::JSON_EXPECT_OBJECT,
        rules::JSON_EXPECT_ARRAY,
        rules::JSON_EXPECT_STRING,
        rules::JSON_EXPECT_NUMBER,
        rules::JSON_EXPECT_BOOL,
        rules::JSON_EXPECT_NULL,
    ];
    for row in rules::ROWS.iter().filter(|row| row.rule.number() >= 150) {
        let is_case = CASES.iter().any(|case| case.0 == row.rule);
        assert!(is_case || elsewhere.contains(&row.rule), "{} is tested", row.name);
    }
}

#[test]
fn the_same_name_may_stand_in_different_objects() {
    for good in [
        &b"{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}"[..],
        b"[{\"a\":1},{\"a\":1}]",
        b"{\"a\":1,\"A\":1,\"a \":1,\"ab\":1,\"\\u0062\":1}",
        b"{\"a\":\"a\",\"b\":\"a\"}",
    ] {
        Value::read(good).unwrap();
    }
}

#[test]
fn members_are_bounded_over_all_open_objects() {
    let object = |count: usize, last: &str| {
        let mut text = String::from("{");
        for name in 0..count {
            write!(text, "\"{name}\":{},", if name + 1 == count { last } else { "0" }).unwrap();
        }
        text.truncate(text.len() - 1);
        text + "}"
    };
    let inner = object(MEMBERS / 2, "0");
    Value::read(object(MEMBERS, "0").as_bytes()).unwrap();
    Value::read(object(MEMBERS / 2, &inner).as_bytes()).unwrap();
    Value::read(format!("[{inner},{inner},{inner}]").as_bytes()).unwrap();
    for bad in [object(MEMBERS + 1, "0"), object(MEMBERS / 2 + 1, &inner)] {
        assert_eq!(Value::read(bad.as_bytes()).unwrap_err().rule(), rules::JSON_MEMBERS);
    }
}

#[test]
fn values_are_lent_by_type() {
    let document = br#" {"text":"plain","escaped":"a\u00e9\n\ud83d\ude00\"","list":[ 1 , -2,3e2,[],{}],
        "great":18446744073709551615,"least":-9223372036854775808,"yes":true,"no":false,"nil":null} "#;
    let root = Value::read(document).unwrap();
    let get = |name| root.member(name).unwrap().unwrap();
    assert_eq!(get("text").text().unwrap().as_str(), Some("plain"));
    let escaped = get("escaped").text().unwrap();
    assert_eq!(escaped.as_str(), None);
    assert!(escaped == *"aé\n😀\"" && escaped != *"aé\n😀");
    assert_eq!(escaped.to_string(), "aé\n😀\"");
    let mut buffer = [0; 9];
    assert_eq!(escaped.read_into(&mut buffer).unwrap(), "aé\n😀\"");
    let short = escaped.read_into(&mut buffer[..8]).unwrap_err();
    assert_eq!((short.rule(), short.place().input()), (rules::OUT_OF_SPACE, Input::Output));
    let items: Vec<_> = get("list").items().unwrap().map(|item| item.as_json()).collect();
    assert_eq!(items, ["1", "-2", "3e2", "[]", "{}"]);
    assert_eq!(get("great").unsigned().unwrap(), u64::MAX);
    assert_eq!(get("great").integer().unwrap_err().rule(), rules::JSON_INTEGER);
    assert_eq!(get("least").integer().unwrap(), i64::MIN);
    assert_eq!(get("least").unsigned().unwrap_err().rule(), rules::JSON_INTEGER);
    assert!(get("yes").boolean().unwrap() && !get("no").boolean().unwrap());
    get("nil").null().unwrap();
    assert!(root.member("none").unwrap().is_none());
    assert_eq!(root.members().unwrap().count(), 8);
    let kinds: Vec<_> = root.members().unwrap().map(|(_, value)| value.kind()).collect();
    let expected = [
        Type::String,
        Type::String,
        Type::Array,
        Type::Number,
        Type::Number,
        Type::Bool,
        Type::Bool,
        Type::Null,
    ];
    assert_eq!(kinds, expected);
}

#[test]
fn another_type_is_refused_where_it_stands() {
    type Read = fn(&Value<'_>) -> Result<(), Error>;
    let readers: [(Rule, Type, Read); 8] = [
        (rules::JSON_EXPECT_OBJECT, Type::Object, |value| value.members().map(drop)),
        (rules::JSON_EXPECT_OBJECT, Type::Object, |value| value.member("a").map(drop)),
        (rules::JSON_EXPECT_ARRAY, Type::Array, |value| value.items().map(drop)),
        (rules::JSON_EXPECT_STRING, Type::String, |value| value.text().map(drop)),
        (rules::JSON_EXPECT_NUMBER, Type::Number, |value| value.number().map(drop)),
        (rules::JSON_EXPECT_NUMBER, Type::Number, |value| value.integer().map(drop)),
        (rules::JSON_EXPECT_BOOL, Type::Bool, |value| value.boolean().map(drop)),
        (rules::JSON_EXPECT_NULL, Type::Null, |value| value.null().map(drop)),
    ];
    let root = Value::read(br#"[{}, [], "", 0, true, null]"#).unwrap();
    for item in root.items().unwrap() {
        for (rule, kind, read) in &readers {
            match read(&item) {
                Ok(()) => assert_eq!(item.kind(), *kind),
                Err(error) => {
                    assert_ne!(item.kind(), *kind);
                    assert_eq!((error.rule(), error.place().offset()), (*rule, item.offset()));
                }
            }
        }
    }
    for number in ["1.0", "1e2", "-0.0", "18446744073709551616", "-9223372036854775809"] {
        let value = Value::read(number.as_bytes()).unwrap();
        assert_eq!(value.number().unwrap(), number);
        assert_eq!(value.integer().unwrap_err().rule(), rules::JSON_INTEGER);
        assert_eq!(value.unsigned().unwrap_err().rule(), rules::JSON_INTEGER);
    }
}

const SAMPLES: [&str; 4] = [
    r#"{"alg":"ES256","crit":["b64"],"b64":false,"n":-12.5e+3,"x":{"y":[{},[null]]}}"#,
    r#" [ "\ud83d\ude00\\\"\/\b\f\n\r\t\u0041é😀" , true ,false,null , 0, -0 , 1E9 ] "#,
    r#"{"":{"":{"":[[[]]]}},"a":"\u0000","\u0061b":1}"#,
    "\"\u{10ffff}\u{80}\"",
];

#[test]
fn damage_never_panics_and_what_is_accepted_is_json() {
    for sample in SAMPLES {
        let bytes = sample.as_bytes();
        judge(bytes);
        for end in 0..bytes.len() {
            judge(&bytes[..end]);
            for at in 0..=end + 1 {
                let _ = (pointer(&bytes[..end], at as u32), position(&bytes[..end], at as u32));
            }
        }
        for at in 0..bytes.len() {
            for byte in 0..=u8::MAX {
                let mut damaged = bytes.to_vec();
                damaged[at] = byte;
                judge(&damaged);
            }
        }
    }
}

/// Our verdict against that of `serde_json`, and what was read, value by value.
fn judge(document: &[u8]) {
    let theirs = serde_json::from_slice::<serde_json::Value>(document);
    let name = String::from_utf8_lossy(document);
    let ours = Value::read(document);
    if let Err(error) = ours {
        let at = error.place().offset();
        let _ = (pointer(document, at), position(document, at));
    }
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => same(&ours, &theirs),
        (Err(_), Err(_)) => {}
        // It takes the last of two members; ours has a bound of its own for depth and members.
        (Err(error), Ok(_)) => assert!(
            matches!(
                error.rule(),
                rules::JSON_MEMBER_TWICE | rules::JSON_DEPTH | rules::JSON_MEMBERS
            ),
            "{name}: {error}"
        ),
        // It holds numbers as floating-point numbers.
        (Ok(_), Err(error)) => {
            assert!(error.to_string().contains("out of range"), "{name}: {error}");
        }
    }
}

fn same(ours: &Value<'_>, theirs: &serde_json::Value) {
    use serde_json::Value as Theirs;
    match theirs {
        Theirs::Null => ours.null().unwrap(),
        Theirs::Bool(is_true) => assert_eq!(ours.boolean().unwrap(), *is_true),
        Theirs::Number(number) => {
            let written = ours.number().unwrap();
            // Its default reader of numbers may miss the last digit.
            let (a, b) = (written.parse::<f64>().unwrap(), number.as_f64().unwrap());
            assert!((a - b).abs() <= a.abs() * 1e-14, "{a} {b}");
            assert_eq!(ours.unsigned().ok(), number.as_u64());
            if written != "-0" {
                assert_eq!(ours.integer().ok(), number.as_i64());
            }
        }
        Theirs::String(text) => assert_eq!(ours.text().unwrap().to_string(), *text),
        Theirs::Array(items) => {
            assert_eq!(ours.items().unwrap().count(), items.len());
            ours.items().unwrap().zip(items).for_each(|(ours, theirs)| same(&ours, theirs));
        }
        Theirs::Object(members) => {
            // As many as theirs: so none was twice.
            assert_eq!(ours.members().unwrap().count(), members.len());
            for (name, theirs) in members {
                same(&ours.member(name).unwrap().unwrap(), theirs);
            }
        }
    }
}

fn write(value: &serde_json::Value, writer: Writer<'_>) -> Result<(), Error> {
    use serde_json::Value as Theirs;
    match value {
        Theirs::Null => writer.null(),
        Theirs::Bool(is_true) => writer.boolean(*is_true),
        Theirs::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => writer.unsigned(number),
            (None, number) => writer.integer(number.unwrap()),
        },
        Theirs::String(text) => writer.string(text),
        Theirs::Array(items) => {
            writer.array(|array| items.iter().try_for_each(|item| write(item, array.item()?)))
        }
        Theirs::Object(members) => writer.object(|object| {
            members.iter().try_for_each(|(name, value)| write(value, object.member(name)?))
        }),
    }
}

fn values() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value as Theirs;
    let leaf = prop_oneof![
        Just(Theirs::Null),
        any::<bool>().prop_map(Theirs::Bool),
        any::<u64>().prop_map(Theirs::from),
        any::<i64>().prop_map(Theirs::from),
        (0..20_u64).prop_map(Theirs::from),
        "[a-c\"\\\\/\u{0}-\u{1f}\u{7f}é\u{10ffff}]{0,8}".prop_map(Theirs::String),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Theirs::Array),
            prop::collection::vec(("[a-b\\\\\"\n]{0,3}", inner), 0..6)
                .prop_map(|members| Theirs::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_again_and_serde_writes_the_same(value in values()) {
        let mut bytes = Vec::new();
        write(&value, Writer::new(&mut bytes)).unwrap();
        prop_assert_eq!(&bytes, &serde_json::to_vec(&value).unwrap());
        same(&Value::read(&bytes).unwrap(), &value);
        let mut count = Count::new();
        write(&value, Writer::new(&mut count)).unwrap();
        prop_assert_eq!(count.position(), bytes.len());
        let mut buffer = vec![0; bytes.len()];
        let mut output = SliceOutput::new(&mut buffer);
        write(&value, Writer::new(&mut output)).unwrap();
        prop_assert_eq!(output.written(), &bytes[..]);
        let short = bytes.len() - 1;
        let refused = write(&value, Writer::new(&mut SliceOutput::new(&mut buffer[..short])));
        prop_assert_eq!(refused.unwrap_err().rule(), rules::OUT_OF_SPACE);
    }

    #[test]
    fn any_bytes_have_the_verdict_of_serde(document: Vec<u8>) {
        judge(&document);
    }

    #[test]
    fn text_like_json_has_the_verdict_of_serde(document in "[\\[\\]{}:,\"\\\\u0d8c1a.eE+\\- tfn\n]{0,24}") {
        judge(document.as_bytes());
    }

    #[test]
    fn damaged_values_have_the_verdict_of_serde(
        value in values(), at: prop::sample::Index, byte: u8, is_pretty: bool,
    ) {
        let print = if is_pretty { serde_json::to_vec_pretty } else { serde_json::to_vec };
        let mut bytes = print(&value).unwrap();
        judge(&bytes);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        judge(&bytes);
    }

    #[test]
    fn names_are_compared_by_what_they_mean(names in prop::collection::vec("[ab]|\\\\u006[12]", 1..4)) {
        let members: Vec<_> = names.iter().map(|name| format!("\"{name}\":0")).collect();
        let document = format!("{{{}}}", members.join(","));
        let theirs: serde_json::Value = serde_json::from_str(&document).unwrap();
        let is_unique = theirs.as_object().unwrap().len() == names.len();
        prop_assert_eq!(Value::read(document.as_bytes()).is_ok(), is_unique);
    }
}

#[test]
fn offsets_lead_to_pointers_and_lines() {
    let document = "{\"a\":[1,{\"b/~\":tru\n}], \"\\u0063\": {\"é\": 1}}";
    let bytes = document.as_bytes();
    let at = |needle: &str| document.find(needle).unwrap() as u32;
    for (needle, expected) in [
        ("{\"a\"", ""),
        ("\"a\"", "/a"),
        ("[1", "/a"),
        ("1,", "/a/0"),
        ("{\"b", "/a/1"),
        ("\"b", "/a/1/b~1~0"),
        ("tru", "/a/1/b~1~0"),
        ("\"\\u", "/c"),
        ("{\"é", "/c"),
        ("1}}", "/c/é"),
    ] {
        assert_eq!(pointer(bytes, at(needle)), expected, "{needle}");
    }
    let twice = br#"{"x":{"k":1,"k":2}}"#;
    let error = Value::read(twice).unwrap_err();
    assert_eq!(pointer(twice, error.place().offset()), "/x/k");
    assert_eq!(position(bytes, at("tru")).to_string(), "1:16");
    assert_eq!(position(bytes, at("}],")).to_string(), "2:1");
    assert_eq!(position(bytes, at("1}}")).to_string(), "2:21");
    assert_eq!(position(bytes, u32::MAX).line, 2);
}

#[test]
fn the_name_of_a_string_is_its_meaning() {
    let root = Value::read(br#"["a","\u0061","b"]"#).unwrap();
    let texts: Vec<Text<'_>> = root.items().unwrap().map(|item| item.text().unwrap()).collect();
    assert_eq!(texts[0], texts[1]);
    assert_ne!(texts[0], texts[2]);
    assert_eq!(texts[1].raw(), "\\u0061");
    assert_eq!((texts[1].offset(), root.error(rules::JSON_VALUE).place().offset()), (5, 0));
}

/// Work is bounded by the document: a megabyte of the worst that the rules allow.
#[test]
fn hostile_names_cost_little() {
    let prefix = "x".repeat(4000);
    let mut text = String::from("{");
    for name in 0..MEMBERS {
        write!(text, "\"{prefix}{name:03}\":0,").unwrap();
    }
    text.truncate(text.len() - 1);
    text.push('}');
    let start = std::time::Instant::now();
    Value::read(text.as_bytes()).unwrap();
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
    let deep = "[".repeat(1 << 20);
    assert_eq!(Value::read(deep.as_bytes()).unwrap_err().rule(), rules::JSON_DEPTH);
}
