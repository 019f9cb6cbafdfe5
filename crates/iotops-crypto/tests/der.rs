//! The DER reader against the `der` crate, rule by rule; the lenient reader; the writer.

#![cfg(all(feature = "x509", feature = "alloc"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use der::{Decode as _, Encode as _};
use iotops_crypto::der::{Oid, Reader, Tag, Writer, ber, write};
use iotops_crypto::rules::der as rules;
use iotops_crypto::wire::{Rule, Time};
use iotops_crypto::{Error, rules as all};
use proptest::prelude::*;

fn refused<'a, T: core::fmt::Debug>(
    bytes: &'a [u8],
    read: impl Fn(&mut Reader<'a>) -> Result<T, Error>,
) -> (Rule, u32) {
    let error = read(&mut Reader::new(bytes).unwrap()).unwrap_err();
    assert!(all::row(error.rule()).is_some());
    (error.rule(), error.place().offset())
}

#[test]
fn each_rule_is_refused_in_its_place() {
    let nested = [0x30, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01];
    assert_eq!(refused(&nested, |r| r.sequence().map(drop)), (rules::TRUNCATED, 0));
    assert_eq!(refused(&[], Reader::any), (rules::TRUNCATED, 0));
    assert_eq!(refused(&[0x02], Reader::any), (rules::TRUNCATED, 0));
    assert_eq!(refused(&[0x30, 0x80, 0, 0], Reader::any), (rules::INDEFINITE, 0));
    assert_eq!(refused(&[0x02, 0x81, 0x01, 0x05], Reader::any), (rules::LENGTH, 0));
    assert_eq!(refused(&[0x02, 0x82, 0x00, 0x80], Reader::any), (rules::LENGTH, 0));
    assert_eq!(refused(&[0x1f, 0x1f, 0x00], Reader::any), (rules::TAG_NUMBER, 0));
    assert_eq!(refused(&[0x04, 0x00], Reader::integer), (rules::EXPECT_TAG, 0));
    for integer in [&[0x02, 0x00][..], &[0x02, 0x02, 0x00, 0x7f], &[0x02, 0x02, 0xff, 0x80]] {
        assert_eq!(refused(integer, Reader::integer), (rules::INTEGER, 0));
    }
    assert_eq!(refused(&[0x02, 0x01, 0xff], Reader::unsigned), (rules::INTEGER_RANGE, 0));
    assert_eq!(refused(&[0x02, 0x05, 1, 0, 0, 0, 0], Reader::small), (rules::INTEGER_RANGE, 0));
    assert_eq!(refused(&[0x01, 0x01, 0x01], Reader::boolean), (rules::BOOLEAN, 0));
    assert_eq!(refused(&[0x01, 0x01, 0x00], Reader::boolean_or_false), (rules::DEFAULT, 0));
    assert_eq!(refused(&[0x05, 0x01, 0x00], Reader::null), (rules::NULL, 0));
    for bits in
        [&[0x03, 0x00][..], &[0x03, 0x02, 0x08, 0], &[0x03, 0x01, 0x01], &[0x03, 0x02, 1, 1]]
    {
        assert_eq!(refused(bits, Reader::bits).0, rules::BIT_STRING);
    }
    for oid in [&[0x06, 0x00][..], &[0x06, 0x02, 0x80, 0x01], &[0x06, 0x02, 0x2a, 0x86]] {
        assert_eq!(refused(oid, Reader::oid), (rules::OID, 0));
    }
    let unordered = [0x31, 0x06, 0x02, 0x01, 0x02, 0x02, 0x01, 0x01];
    assert_eq!(refused(&unordered, |r| r.set()?.check_set_order()), (rules::SET_ORDER, 5));
    let trailing = [0x30, 0x03, 0x02, 0x01, 0x05, 0x00];
    assert_eq!(refused(&trailing, |r| r.sequence().and_then(|_| r.end())), (rules::TRAILING, 5));
}

#[test]
fn times_are_those_of_rfc_5280() {
    let time = |tag: u8, text: &str| {
        let mut bytes = vec![tag, u8::try_from(text.len()).unwrap()];
        bytes.extend_from_slice(text.as_bytes());
        Reader::new(&bytes).unwrap().time().map(Time::unix)
    };
    for (tag, text, seconds) in [
        (0x17, "700101000000Z", 0),
        (0x17, "691231235959Z", 0x7fff_ffff),
        (0x17, "000229120000Z", 951_825_600),
        (0x17, "491231235959Z", 2_524_607_999),
        (0x18, "20491231235959Z", 2_524_607_999),
        (0x18, "20500101000000Z", 2_524_608_000),
        (0x18, "99991231235959Z", 253_402_300_799),
        (0x18, "21000301000000Z", 4_107_542_400),
        (0x17, "500101000000Z", 0),
    ] {
        // 691231235959Z is 1969: before the epoch.
        let expected = if text.starts_with("6912") { 0 } else { seconds };
        assert_eq!(time(tag, text), Ok(expected), "{text}");
    }
    for (tag, text) in [
        (0x17, "700101000000"),
        (0x17, "7001010000Z"),
        (0x17, "700101000000+0000"),
        (0x17, "700132000000Z"),
        (0x17, "010229000000Z"),
        (0x17, "700101240000Z"),
        (0x17, "700101006000Z"),
        (0x17, "700101000060Z"),
        (0x17, "70010100000 Z"),
        (0x18, "21000229000000Z"),
        (0x18, "20500101000000.0Z"),
        (0x18, "205001010000Z"),
        (0x18, "20500001000000Z"),
        (0x18, "20500100000000Z"),
    ] {
        assert_eq!(time(tag, text).unwrap_err().rule(), rules::TIME, "{text}");
    }
}

#[test]
fn object_identifiers_are_printed_in_dots() {
    for (content, dotted) in [
        (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02][..], "1.2.840.10045.4.3.2"),
        (&[0x55, 0x1d, 0x0f], "2.5.29.15"),
        (&[0x88, 0x37], "2.999"),
        (&[0x2b, 0x65, 0x70], "1.3.101.112"),
        (&[0x00], "0.0"),
    ] {
        assert_eq!(Oid::from_content(content).unwrap().to_string(), dotted);
        // The other reader takes one byte for the first two arcs, and so refuses 2.999.
        if let Ok(theirs) = der::asn1::ObjectIdentifier::from_bytes(content) {
            assert_eq!(theirs.to_string(), dotted);
        }
    }
}

/// Walks over everything that is constructed.
fn walk(mut reader: Reader<'_>, depth: u8) -> Result<(), Error> {
    while !reader.is_at_end() {
        let any = reader.any()?;
        if any.tag.byte() & 0x20 != 0 && depth > 0 {
            walk(any.content, depth - 1)?;
        }
    }
    Ok(())
}

#[test]
fn what_is_written_is_read_and_is_der() {
    let der = write(|writer| {
        writer.nested(Tag::SEQUENCE, |inner: &mut Writer| {
            inner.small(0);
            inner.small(128);
            inner.unsigned(&[0, 0, 0xff]);
            inner.oid(Oid::known(&[0x2b, 0x65, 0x70]));
            inner.bits(&[1, 2, 3]);
            inner.value(Tag::OCTET_STRING, &[7; 300]);
            inner.set_of(Tag::SET, vec![vec![2, 1, 9], vec![2, 1, 3]]);
        });
    });
    let mut reader = Reader::new(&der).unwrap();
    let mut sequence = reader.sequence().unwrap();
    assert_eq!((sequence.small(), sequence.small()), (Ok(0), Ok(128)));
    assert_eq!(sequence.unsigned(), Ok(&[0xff; 1][..]));
    assert_eq!(sequence.oid().unwrap().to_string(), "1.3.101.112");
    assert_eq!(sequence.bits().unwrap().bytes, [1, 2, 3]);
    assert_eq!(sequence.octets(), Ok(&[7; 300][..]));
    sequence.set().unwrap().check_set_order().unwrap();
    assert_eq!(sequence.end(), Ok(()));
    for length in 0..der.len() {
        let cut = Reader::new(&der[..length]).unwrap().sequence();
        assert_eq!(cut.unwrap_err().rule(), rules::TRUNCATED, "{length}");
    }
    assert!(der::Any::from_der(&der).is_ok());
}

#[test]
fn ber_becomes_der_and_every_deviation_is_told() {
    // An indefinite sequence of a string in pieces and a number with a long length.
    let ber = [
        0x30, 0x80, 0x24, 0x80, 0x04, 0x02, 1, 2, 0x24, 0x03, 0x04, 0x01, 3, 0x00, 0x00, 0x02,
        0x81, 0x01, 5, 0x00, 0x00,
    ];
    let mut told = Vec::new();
    let der =
        ber::to_der(&ber, &mut |finding| told.push((finding.rule(), finding.place().offset())));
    assert_eq!(der.unwrap(), [0x30, 0x08, 0x04, 0x03, 1, 2, 3, 0x02, 0x01, 5]);
    assert_eq!(
        told,
        [
            (rules::INDEFINITE, 1),
            (rules::INDEFINITE, 3),
            (rules::CONSTRUCTED_STRING, 2),
            (rules::LENGTH, 16),
        ]
    );
    for length in 0..ber.len() {
        assert!(ber::to_der(&ber[..length], &mut |_| ()).is_err(), "{length}");
    }
    let deep = [0x30, 0x80].repeat(60);
    assert_eq!(ber::to_der(&deep, &mut |_| ()).unwrap_err().rule(), rules::DEPTH);
    let huge = [0x04, 0x84, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(ber::to_der(&huge, &mut |_| ()).unwrap_err().rule(), rules::TRUNCATED);
}

proptest! {
    /// The same head is accepted by both readers, with the same content.
    #[test]
    fn heads_are_read_as_the_der_crate_reads_them(
        tag in prop::sample::select(vec![0x01_u8, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x30, 0x31, 0xa0, 0x80]),
        length in prop::collection::vec(any::<u8>(), 1..4),
        content in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = [&[tag][..], &length, &content].concat();
        let mut reader = Reader::new(&bytes).unwrap();
        let ours = reader.any().ok().filter(|_| reader.is_at_end());
        let theirs = der::asn1::AnyRef::from_der(&bytes).ok();
        prop_assert_eq!(ours.map(|any| any.content.rest()), theirs.map(|any: der::asn1::AnyRef<'_>| any.value()));
    }

    #[test]
    fn integers_are_read_as_the_der_crate_reads_them(content in prop::collection::vec(any::<u8>(), 0..6)) {
        let mut bytes = vec![0x02, u8::try_from(content.len()).unwrap()];
        bytes.extend_from_slice(&content);
        let ours = Reader::new(&bytes).unwrap().integer().map(<[u8]>::to_vec).ok();
        let theirs = der::asn1::IntRef::from_der(&bytes).ok().map(|int| int.to_der().unwrap()[2..].to_vec());
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn der_goes_through_the_lenient_reader_unchanged(content in prop::collection::vec(any::<u8>(), 0..400)) {
        let der = write(|writer| writer.nested(Tag::SEQUENCE, |inner| {
            inner.value(Tag::OCTET_STRING, &content);
            inner.nested(Tag::constructed(0), |deeper| deeper.unsigned(&content));
        }));
        let mut told = 0;
        prop_assert_eq!(ber::to_der(&der, &mut |_| told += 1).unwrap(), der.clone());
        prop_assert_eq!(told, 0);
        prop_assert!(walk(Reader::new(&der).unwrap(), 8).is_ok());
    }
}
