//! The rules of DER (numbers 1000 to 1019, and 1079).

iotops_wire::rules! {
    1000 TRUNCATED Truncated "der-truncated", "X.690 §8.1.3", "the input must not end inside an element";
    1001 HIGH_TAG Unsupported "der-high-tag", "X.690 §8.1.2.4", "tag numbers above 30 are not read";
    1002 INDEFINITE NotDeterministic "der-definite-length", "X.690 §10.1", "indefinite lengths must not be used";
    1003 SHORTEST NotDeterministic "der-shortest-length", "X.690 §10.1", "a length must take the fewest octets";
    1004 LENGTH Limit "der-length", "iotops", "a length must fit into 4 octets";
    1005 TRAILING Structure "der-trailing-bytes", "X.690 §8.1", "nothing may follow the last element";
    1006 TAG Structure "der-tag", "X.690 §8.1.2", "an element of another type belongs here";
    1007 INTEGER NotDeterministic "der-integer", "X.690 §8.3", "an integer must take the fewest octets, and one at least";
    1008 NEGATIVE Constraint "der-negative", "iotops", "an integer must not be negative here";
    1009 RANGE Limit "der-range", "iotops", "an integer must fit into 32 bits here";
    1010 BOOLEAN NotDeterministic "der-boolean", "X.690 §11.1", "a boolean must be one octet, 0x00 or 0xff";
    1011 NULL Malformed "der-null", "X.690 §8.8", "a null must be empty";
    1012 OID Malformed "der-oid", "X.690 §8.19", "an object identifier must consist of whole arcs of the fewest octets";
    1013 BITS Malformed "der-bits", "X.690 §11.2", "a bit string must tell its unused bits, from 0 to 7, and they must be zero";
    1014 TIME Malformed "der-time", "RFC 5280 §4.1.2.5", "a time must be an existing one, in UTC, with seconds and without a fraction";
    1015 SET_ORDER NotDeterministic "der-set-order", "X.690 §11.6", "the elements of a SET OF must be sorted by their encoding";
    1016 DEFAULT NotDeterministic "der-default", "X.690 §11.5", "a default value must not be encoded";
    1017 SIZE Limit "der-size", "iotops", "an input must be shorter than 4 GiB";
    1018 NAMED_BITS NotDeterministic "der-named-bits", "X.690 §11.2.2", "a list of named bits must not end with zero bits";
    1019 CONSTRUCTED_STRING NotDeterministic "der-constructed-string", "X.690 §10.2", "a string must not be in pieces";
    1079 DEPTH Limit "ber-depth", "iotops", "values must not be nested deeper than this reader follows";
}
