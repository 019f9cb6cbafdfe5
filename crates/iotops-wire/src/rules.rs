//! The rules of this crate: numbers 100 to 199.

use crate::{Row, Rule, rule};

crate::rules! {
    100 TRUNCATED Truncated "truncated", "RFC 8949 §3", "the input must not end inside a data item";
    101 RESERVED Malformed "reserved-head", "RFC 8949 §3", "additional information 28 to 30 is reserved, and 31 belongs to strings, arrays and maps";
    102 INDEFINITE NotDeterministic "definite-length", "RFC 8949 §4.2.1", "indefinite lengths must not be used";
    103 SHORTEST NotDeterministic "shortest-form", "RFC 8949 §4.2.1", "a number or length must take its shortest form";
    104 KEY_ORDER NotDeterministic "key-order", "RFC 8949 §4.2.1", "map keys must be sorted bytewise by their encoding";
    105 KEY_TWICE Malformed "key-twice", "RFC 8949 §5.6", "a map key must not occur twice";
    106 TRAILING Structure "trailing-bytes", "RFC 8949 §5.3.1", "nothing may follow the data item";
    107 DEPTH Limit "nesting-depth", "RFC 8949 §10", "data items are nested deeper than this reader follows";
    108 UTF8 Malformed "utf-8", "RFC 8949 §3.1", "a text string must be valid UTF-8";
    109 SIMPLE Malformed "simple-value", "RFC 8949 §3.3", "a simple value must not be 24 to 31 and below 32 takes no extra byte";
    110 FLOAT NotDeterministic "shortest-float", "RFC 8949 §4.2.2", "a floating-point number must take its shortest form";
    111 SIZE Limit "input-size", "iotops", "an input must be shorter than 4 GiB";
    112 RANGE Limit "integer-range", "iotops", "an integer must fit into 64 bits with its sign, and be greater than -2^63 as a key";
    113 EXPECT_UNSIGNED Structure "unsigned-integer", "RFC 8949 §3.1", "an unsigned integer belongs here";
    114 EXPECT_INTEGER Structure "integer", "RFC 8949 §3.1", "an integer belongs here";
    115 EXPECT_BYTES Structure "byte-string", "RFC 8949 §3.1", "a byte string belongs here";
    116 EXPECT_TEXT Structure "text-string", "RFC 8949 §3.1", "a text string belongs here";
    117 EXPECT_ARRAY Structure "array", "RFC 8949 §3.1", "an array belongs here";
    118 EXPECT_MAP Structure "map", "RFC 8949 §3.1", "a map belongs here";
    119 EXPECT_TAG Structure "tag", "RFC 8949 §3.4", "a tag belongs here";
    120 EXPECT_BOOL Structure "boolean", "RFC 8949 §3.3", "true or false belongs here";
    121 EXPECT_NULL Structure "null", "RFC 8949 §3.3", "null belongs here";
    122 OUT_OF_SPACE OutOfSpace "out-of-space", "iotops", "the output buffer is too small";
    123 MAP_COUNT Argument "map-count", "iotops", "a map must be given as many entries as were announced";
    150 JSON_TRUNCATED Truncated "json-truncated", "RFC 8259 §2", "the input must not end inside a JSON value";
    151 JSON_UTF8 Malformed "json-utf-8", "RFC 8259 §8.1", "a JSON text must be valid UTF-8";
    152 JSON_BYTE_ORDER_MARK Malformed "json-byte-order-mark", "RFC 8259 §8.1", "a JSON text must not begin with a byte order mark";
    153 JSON_VALUE Malformed "json-value", "RFC 8259 §3", "an object, array, string, number, true, false or null belongs here";
    154 JSON_NAME Malformed "json-name", "RFC 8259 §4", "a member must begin with its name, a string";
    155 JSON_SEPARATOR Malformed "json-separator", "RFC 8259 §2", "a comma stands between values, a colon behind a name, and a closing bracket at the end";
    156 JSON_NUMBER Malformed "json-number", "RFC 8259 §6", "a number must have digits in each of its parts and no leading zero";
    157 JSON_CONTROL Malformed "json-control", "RFC 8259 §7", "a control character in a string must be escaped";
    158 JSON_ESCAPE Malformed "json-escape", "RFC 8259 §7", "a reverse solidus must begin one of the known escapes";
    159 JSON_SURROGATE Malformed "json-surrogate", "RFC 8259 §8.2", "escaped surrogates must come in pairs";
    160 JSON_DEPTH Limit "json-depth", "RFC 8259 §9", "objects and arrays are nested deeper than this reader follows";
    161 JSON_MEMBERS Limit "json-members", "RFC 8259 §9", "the open objects have more members than this reader compares";
    162 JSON_MEMBER_TWICE Malformed "json-member-twice", "RFC 8259 §4", "a member must not occur twice in an object";
    163 JSON_TRAILING Structure "json-trailing", "RFC 8259 §2", "nothing but white space may follow the value";
    164 JSON_INTEGER Limit "json-integer", "RFC 8259 §6", "the number must be written as an integer, and fit into 64 bits";
    165 JSON_EXPECT_OBJECT Structure "json-object", "RFC 8259 §4", "an object belongs here";
    166 JSON_EXPECT_ARRAY Structure "json-array", "RFC 8259 §5", "an array belongs here";
    167 JSON_EXPECT_STRING Structure "json-string", "RFC 8259 §7", "a string belongs here";
    168 JSON_EXPECT_NUMBER Structure "json-expect-number", "RFC 8259 §6", "a number belongs here";
    169 JSON_EXPECT_BOOL Structure "json-boolean", "RFC 8259 §3", "true or false belongs here";
    170 JSON_EXPECT_NULL Structure "json-null", "RFC 8259 §3", "null belongs here";
}

/// The row of a rule of this crate.
#[must_use]
pub fn row(of: Rule) -> Option<&'static Row> {
    rule::find(ROWS, of)
}
