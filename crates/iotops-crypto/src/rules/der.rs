//! The rules of DER (numbers 1000 to 1019).

iotops_wire::rules! {
    1000 TRUNCATED Truncated "der-truncated", "X.690 §8.1.3", "the input must not end inside a value";
    1001 TRAILING Malformed "der-trailing", "X.690 §8.1.1", "nothing may follow a value that is the whole input or content";
    1002 LENGTH NotDeterministic "der-length", "X.690 §10.1", "a length must be encoded in the fewest bytes";
    1003 INDEFINITE NotDeterministic "der-indefinite", "X.690 §10.1", "a length must be definite";
    1004 TAG_NUMBER Unsupported "der-tag-number", "X.690 §8.1.2.4", "a tag must have a number below 31";
    1005 EXPECT_TAG Structure "der-tag", "X.680", "another type belongs here";
    1006 INTEGER NotDeterministic "der-integer", "X.690 §8.3.2", "an integer must be encoded in the fewest bytes, and in one at least";
    1007 INTEGER_RANGE Constraint "der-integer-range", "X.680", "the integer must be within the range that is meant here";
    1008 BOOLEAN NotDeterministic "der-boolean", "X.690 §11.1", "a boolean must be 00 or FF";
    1009 BIT_STRING Malformed "der-bit-string", "X.690 §8.6.2, §11.2", "a bit string must name 0 to 7 unused bits, all of them 0";
    1010 OID Malformed "der-oid", "X.690 §8.19", "an object identifier must be of whole numbers in the fewest bytes";
    1011 NULL Malformed "der-null", "X.690 §8.8", "NULL must be empty";
    1012 TIME Malformed "der-time", "RFC 5280 §4.1.2.5", "a time must be a date that exists, with seconds and Z";
    1013 SET_ORDER NotDeterministic "der-set-order", "X.690 §11.6", "the items of a SET OF must ascend by their encodings";
    1014 DEFAULT NotDeterministic "der-default", "X.690 §11.5", "a default value must be left out";
    1015 SIZE Limit "der-size", "iotops", "the input must be smaller than 4 GiB";
    1016 DEPTH Limit "der-depth", "iotops", "values must not be nested deeper than this reader follows";
    1017 CONSTRUCTED_STRING NotDeterministic "der-constructed-string", "X.690 §10.2", "a string must not be in pieces";
    1018 STRING Malformed "der-string", "X.680 §41", "a character string must hold the characters of its type";
}
