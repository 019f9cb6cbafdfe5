//! The DER reader and writer: values, refusals, and the verdict of the `der` crate beside ours.

#![cfg(all(feature = "x509", feature = "alloc"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use std::fs;

use der::{Decode as _, Encode as _};
use iotops_crypto::der::{Oid, Reader, Tag, Writer, check_set_order};
use iotops_crypto::rules::der as rules;
use iotops_crypto::wire::{Rule, Time};

fn reader(bytes: &[u8]) -> Reader<'_> {
    Reader::new(bytes).unwrap()
}

fn rule<T: core::fmt::Debug>(result: Result<T, iotops_crypto::Error>) -> Rule {
    result.unwrap_err().rule()
}

#[test]
fn broken_headers_are_told_apart() {
    let cases: [(&[u8], Rule); 12] = [
        (&[], rules::TRUNCATED),
        (&[0x04], rules::TRUNCATED),
        (&[0x04, 0x01], rules::TRUNCATED),
        (&[0x04, 0x82, 0x01], rules::TRUNCATED),
        (&[0x04, 0x84, 0xff, 0xff, 0xff, 0xff], rules::TRUNCATED),
        (&[0x04, 0x80, 0x00, 0x00], rules::INDEFINITE),
        (&[0x04, 0x81, 0x7f], rules::SHORTEST),
        (&[0x04, 0x82, 0x00, 0xff], rules::SHORTEST),
        (&[0x04, 0x83, 0x00, 0xff, 0xff], rules::SHORTEST),
        (&[0x04, 0x84, 0x00, 0xff, 0xff, 0xff], rules::SHORTEST),
        (&[0x04, 0x85, 0x01, 0x00, 0x00, 0x00, 0x00], rules::LENGTH),
        (&[0x1f, 0x81, 0x01, 0x00], rules::HIGH_TAG),
    ];
    for (bytes, expected) in cases {
        assert_eq!(rule(reader(bytes).any()), expected, "{bytes:02x?}");
    }
    assert_eq!(rule(reader(&[0x05, 0x00]).octets()), rules::TAG);
    assert_eq!(rule(reader(&[0x24, 0x00]).octets()), rules::TAG, "constructed");
}

#[test]
fn offsets_count_from_the_outermost_start() {
    let mut outer = reader(&[0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x80]);
    let mut inner = outer.sequence().unwrap().sequence().unwrap();
    let error = inner.unsigned().unwrap_err();
    assert_eq!((error.rule(), error.place().offset()), (rules::NEGATIVE, 4));
    outer.end().unwrap();
    assert_eq!(rule(reader(&[0x05, 0x00, 0x00]).end()), rules::TRAILING);
}

#[test]
fn values_are_strict() {
    assert_eq!(rule(reader(&[0x02, 0x00]).integer()), rules::INTEGER);
    assert_eq!(rule(reader(&[0x02, 0x02, 0x00, 0x7f]).integer()), rules::INTEGER);
    assert_eq!(rule(reader(&[0x02, 0x02, 0xff, 0x80]).integer()), rules::INTEGER);
    assert_eq!(reader(&[0x02, 0x02, 0x00, 0x80]).unsigned().unwrap(), [0x80]);
    assert_eq!(reader(&[0x02, 0x01, 0x00]).unsigned().unwrap(), [0x00]);
    assert_eq!(reader(&[0x02, 0x05, 0x00, 0xff, 0, 0, 0]).small().unwrap(), 0xff00_0000);
    assert_eq!(rule(reader(&[0x02, 0x05, 0x01, 0xff, 0, 0, 0]).small()), rules::RANGE);
    assert_eq!(rule(reader(&[0x01, 0x01, 0x01]).boolean()), rules::BOOLEAN);
    assert_eq!(rule(reader(&[0x01, 0x00]).boolean()), rules::BOOLEAN);
    assert_eq!(rule(reader(&[0x01, 0x01, 0x00]).flag()), rules::DEFAULT);
    assert!(!reader(&[]).flag().unwrap());
    assert_eq!(rule(reader(&[0x05, 0x01, 0x00]).null()), rules::NULL);
    assert_eq!(rule(reader(&[0x03, 0x00]).bits()), rules::BITS);
    assert_eq!(rule(reader(&[0x03, 0x02, 0x08, 0x00]).bits()), rules::BITS);
    assert_eq!(rule(reader(&[0x03, 0x02, 0x01, 0x01]).bits()), rules::BITS);
    assert_eq!(rule(reader(&[0x03, 0x01, 0x01]).bits()), rules::BITS);
    assert!(reader(&[0x03, 0x01, 0x00]).bits().unwrap().bytes.is_empty());
    let named = |bytes: &[u8]| reader(bytes).named_bits(Tag::BIT_STRING).map(|bits| bits.bit(0));
    assert_eq!(rule(named(&[0x03, 0x02, 0x04, 0xa0])), rules::NAMED_BITS);
    assert!(named(&[0x03, 0x02, 0x05, 0xa0]).unwrap());
    assert_eq!(rule(reader(&[0x06, 0x00]).oid()), rules::OID);
    assert_eq!(rule(reader(&[0x06, 0x02, 0x80, 0x01]).oid()), rules::OID);
    assert_eq!(rule(reader(&[0x06, 0x02, 0x2a, 0x81]).oid()), rules::OID);
    assert_eq!(
        rule(check_set_order(reader(&[0x02, 0x01, 0x02, 0x02, 0x01, 0x01]))),
        rules::SET_ORDER
    );
    check_set_order(reader(&[0x02, 0x01, 0x01, 0x02, 0x01, 0x02])).unwrap();
}

#[test]
fn identifiers_print_with_dots() {
    let print = |content: &[u8]| Oid::from_content(content).unwrap().to_string();
    assert_eq!(print(&[0x2b, 0x65, 0x70]), "1.3.101.112");
    assert_eq!(print(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]), "1.2.840.10045.2.1");
    assert_eq!(print(&[0x00]), "0.0");
    assert_eq!(print(&[0x88, 0x37]), "2.999");
    assert_eq!(print(&[&[0x2a][..], &[0xff; 30], &[0x7f]].concat()), "1.2.?");
}

fn time(tag: u8, text: &str) -> Result<Time, iotops_crypto::Error> {
    let bytes = [&[tag, text.len() as u8], text.as_bytes()].concat();
    reader(&bytes).time()
}

#[test]
fn times_are_those_of_the_calendar() {
    let utc = |text| time(0x17, text).map(Time::unix);
    let generalized = |text| time(0x18, text).map(Time::unix);
    assert_eq!(utc("700101000000Z").unwrap(), 0);
    assert_eq!(utc("500101000000Z").unwrap(), 0, "before the epoch");
    assert_eq!(utc("491231235959Z").unwrap(), 2_524_607_999);
    assert_eq!(utc("000229120000Z").unwrap(), 951_825_600);
    assert_eq!(generalized("20500101000000Z").unwrap(), 2_524_608_000);
    assert_eq!(generalized("99991231235959Z").unwrap(), 253_402_300_799);
    assert_eq!(generalized("00000101000000Z").unwrap(), 0);
    let broken = [
        "250229000000Z",
        "251301000000Z",
        "250001000000Z",
        "250100000000Z",
        "250132000000Z",
        "250101240000Z",
        "250101006000Z",
        "250101000060Z",
        "2501010000Z",
        "250101000000",
        "250101000000+0000",
        "250101000000.5Z",
        "2501010000 0Z",
        "",
    ];
    for text in broken {
        assert_eq!(rule(utc(text)), rules::TIME, "{text}");
    }
    assert_eq!(rule(generalized("21000229000000Z")), rules::TIME);
    assert_eq!(rule(generalized("20250101000000.1Z")), rules::TIME);
    assert_eq!(rule(time(0x04, "250101000000Z")), rules::TAG);
}

/// Days of 8000 years, and some times of the day: written, read, and read by `der`.
#[test]
fn written_times_are_read_back() {
    for day in (0..2_932_896_u64).step_by(29) {
        let unix = day * 86_400 + day % 86_400;
        let mut writer = Writer::new();
        writer.time(Time::from_unix(unix));
        let bytes = writer.into_bytes();
        assert_eq!(reader(&bytes).time().unwrap().unix(), unix);
        if day % 17 == 0 {
            let theirs = match bytes[0] {
                0x17 => der::asn1::UtcTime::from_der(&bytes).unwrap().to_unix_duration(),
                _ => der::asn1::GeneralizedTime::from_der(&bytes).unwrap().to_unix_duration(),
            };
            assert_eq!(theirs.as_secs(), unix);
        }
    }
}

#[test]
fn written_values_are_read_back() {
    for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000] {
        let content = vec![0xab; length];
        let mut writer = Writer::new();
        writer.sequence(|writer| {
            writer.octets(&content);
            writer.nested(Tag::context_constructed(1), |writer| writer.bits(&content));
            writer.unsigned(&content);
            writer.boolean(true);
            writer.null();
            writer.oid(Oid::from_content(&[0x2b, 0x65, 0x70]).unwrap());
            writer.small(u32::MAX);
            writer.named_bits(0x8080);
            writer.named_bits(0x0400);
            writer.named_bits(0);
            writer.set_of(Tag::SET, &mut [vec![5, 0], vec![2, 1, 1]]);
        });
        let bytes = writer.into_bytes();
        let mut inner = reader(&bytes).sequence().unwrap();
        assert_eq!(inner.octets().unwrap(), content);
        let bits = inner.context(1).unwrap().unwrap().bits().unwrap();
        assert_eq!(bits.octets().unwrap(), content);
        let integer = inner.unsigned().unwrap();
        assert_eq!(integer, if length == 0 { &[0] } else { &content[..] });
        assert!(inner.boolean().unwrap());
        inner.null().unwrap();
        assert_eq!(inner.oid().unwrap().to_string(), "1.3.101.112");
        assert_eq!(inner.small().unwrap(), u32::MAX);
        for expected in [vec![0, 8], vec![5], vec![]] {
            let bits = inner.named_bits(Tag::BIT_STRING).unwrap();
            let set: Vec<_> = (0..24).filter(|bit| bits.bit(*bit)).collect();
            assert_eq!(set, expected);
        }
        check_set_order(inner.set().unwrap()).unwrap();
        inner.end().unwrap();
        der::Any::from_der(&bytes).unwrap();
    }
}

/// Reads everything there is, and says whether it is DER as far as the types below are checked.
fn walk(mut reader: Reader<'_>, depth: u8) -> Result<usize, iotops_crypto::Error> {
    let mut count = 0;
    while let Some(tag) = reader.peek() {
        let mut ahead = reader;
        let any = reader.any()?;
        count += 1;
        match tag {
            Tag::INTEGER => drop(ahead.integer()?),
            Tag::BOOLEAN => drop(ahead.boolean()?),
            Tag::OID => drop(ahead.oid()?),
            Tag::BIT_STRING => drop(ahead.bits()?),
            Tag::UTC_TIME => drop(ahead.time()?),
            _ if tag.octet() & 0x20 != 0 && depth > 0 => count += walk(any.content, depth - 1)?,
            _ => {}
        }
    }
    Ok(count)
}

fn vectors() -> Vec<(String, Vec<u8>)> {
    let Some(folder) = test_support::vectors("crypto") else { return Vec::new() };
    let files = test_support::files(&folder, &[".der", ".crt", ".crl", ".bin"]);
    files.into_iter().map(|path| (path.display().to_string(), fs::read(path).unwrap())).collect()
}

/// Each element at each level has the same header in both readers, or is refused by both.
#[test]
fn headers_are_those_of_the_der_crate() {
    let (mut checked, mut accepted) = (0, 0);
    for (name, bytes) in vectors() {
        for at in 0..bytes.len().min(200) {
            let rest = &bytes[at..];
            let ours = reader(rest).any();
            let theirs = (|| {
                use der::Reader as _;
                let mut reader = der::SliceReader::new(rest)?;
                let any: der::asn1::AnyRef<'_> = reader.decode()?;
                Ok::<_, der::Error>((any.header().length(), any.value().len()))
            })();
            checked += 1;
            match (ours, theirs) {
                (Ok(ours), Ok((_, length))) => {
                    assert_eq!(ours.content.rest().len(), length, "{name} {at}");
                    accepted += 1;
                }
                (Err(_), Err(_)) => {}
                // `der` knows no private and odd tags, and bounds lengths to 256 MiB.
                (Ok(_), Err(error)) => assert!(
                    matches!(
                        error.kind(),
                        der::ErrorKind::TagUnknown { .. }
                            | der::ErrorKind::TagNumberInvalid
                            | der::ErrorKind::Noncanonical { .. }
                            | der::ErrorKind::Length { .. }
                    ),
                    "{name} {at} {error:?}"
                ),
                (Err(error), Ok(_)) => assert_eq!(error.rule(), rules::HIGH_TAG, "{name} {at}"),
            }
        }
    }
    println!("{accepted} of {checked} accepted by both");
    if checked > 0 {
        test_support::report("der headers", checked);
    }
}

#[test]
fn every_truncation_and_bit_flip_ends_in_a_verdict() {
    for (_, bytes) in vectors().into_iter().filter(|(_, bytes)| bytes.len() < 1000).take(12) {
        let whole = walk(reader(&bytes), 8).is_ok();
        for length in 0..bytes.len() {
            let cut = walk(reader(&bytes[..length]), 8);
            assert!(!whole || length == 0 || cut.is_err());
        }
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let _ = walk(reader(&flipped), 8);
        }
    }
    let integer = der::asn1::UintRef::new(&[0x80]).unwrap().to_der().unwrap();
    assert_eq!(reader(&integer).unsigned().unwrap(), [0x80]);
}
