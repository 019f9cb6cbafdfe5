//! The lenient reader: BER becomes DER, and every deviation is told.

#![cfg(all(feature = "x509", feature = "alloc"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use iotops_crypto::der::{Reader, Tag, Writer, ber};
use iotops_crypto::rules::der as rules;
use proptest::prelude::*;

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
            (rules::SHORTEST, 16),
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
    #[test]
    fn der_goes_through_the_lenient_reader_unchanged(content in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut writer = Writer::new();
        writer.sequence(|inner| {
            inner.octets(&content);
            inner.nested(Tag::context_constructed(0), |deeper| deeper.unsigned(&content));
        });
        let der = writer.into_bytes();
        let mut told = 0;
        prop_assert_eq!(ber::to_der(&der, &mut |_| told += 1).unwrap(), der.clone());
        prop_assert_eq!(told, 0);
        prop_assert!(Reader::new(&der).unwrap().skip().is_ok());
    }
}
