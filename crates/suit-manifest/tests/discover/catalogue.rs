//! Catalogues: what they must find out, and what breaks them.

use iotops_crypto::key::Es256SecretKey;
use iotops_crypto::wire::{Clock, Rule, Time};
use iotops_crypto::{Algorithm, Signer as _, rules as crypto};
use proptest::prelude::*;
use suit_manifest::discover::{
    Catalogue, CatalogueBuilder, Freshness, Seen, VerifiedCatalogue, identities,
};
use suit_manifest::{Envelope, Error, Manifest, rules};

use crate::{CLASS, OTHER, VENDOR, author, author_key, envelope};

const ISSUED: Time = Time::from_unix(1_700_000_000);
const EXPIRES: Time = Time::from_unix(1_701_000_000);
const NOW: Clock = Clock::Trusted(Time::from_unix(1_700_500_000));
const LATE: Time = Time::from_unix(1_701_000_001);

fn manifest(bytes: &[u8]) -> Manifest<'_> {
    let key = author_key();
    Envelope::decode(bytes).unwrap().authenticate(&[&key]).unwrap().validate().unwrap()
}

fn builder(number: u64, envelopes: &[(&[u8], [u8; 16])]) -> CatalogueBuilder {
    let empty = CatalogueBuilder::new(number, ISSUED, EXPIRES);
    envelopes.iter().fold(empty, |builder, (bytes, class)| {
        builder
            .entry(VENDOR, *class, &manifest(bytes), &["/fw/app.suit", "coap://[::1]/a"])
            .unwrap()
    })
}

fn catalogue(number: u64, envelopes: &[(&[u8], [u8; 16])]) -> Vec<u8> {
    builder(number, envelopes).sign(&mut author()).unwrap()
}

fn verify<'a>(
    bytes: &'a [u8],
    seen: Option<&Seen>,
    clock: Clock,
) -> Result<VerifiedCatalogue<'a>, Error> {
    Catalogue::decode(bytes)?.verify(&[&author_key()], seen, clock)
}

fn refused(bytes: &[u8], seen: Option<&Seen>, clock: Clock) -> Rule {
    verify(bytes, seen, clock).unwrap_err().rule()
}

#[test]
fn what_is_written_is_read() {
    let (old, new) = (envelope(3, &CLASS, &mut author()), envelope(9, &OTHER, &mut author()));
    let bytes = catalogue(5, &[(&new, OTHER), (&old, CLASS)]);
    let catalogue = verify(&bytes, None, NOW).unwrap();
    assert_eq!((catalogue.number(), catalogue.issued(), catalogue.expires()), (5, ISSUED, EXPIRES));
    let entries: Vec<_> = catalogue.entries().collect();
    assert_eq!(entries.len(), 2);
    let entry = catalogue.entries_for(&VENDOR, &CLASS).next().unwrap();
    assert_eq!((entry.sequence_number, entry.size), (3, old.len() as u64));
    assert!(entry.component.parts().eq([b"app"]));
    assert!(entry.uris().eq(["/fw/app.suit", "coap://[::1]/a"]));
    entry.check(&manifest(&old)).unwrap();
    assert_eq!(identities(&manifest(&old)), [(VENDOR, CLASS)]);
    assert!(catalogue.entries_for(&CLASS, &VENDOR).next().is_none());
    assert_eq!(Seen::from_bytes(&catalogue.seen().to_bytes()), Some(catalogue.seen()));
}

/// Each case: what the device knows, and what must come of it.
#[test]
fn freeze_rollback_and_mixtures_are_found() {
    let (old, new) = (envelope(3, &CLASS, &mut author()), envelope(4, &CLASS, &mut author()));
    let (fourth, fifth) = (catalogue(4, &[(&old, CLASS)]), catalogue(5, &[(&new, CLASS)]));
    let fork = catalogue(5, &[(&old, CLASS)]);
    let seen = verify(&fifth, None, NOW).unwrap().seen();
    // Freeze: a server goes on serving what has expired. A clock that may be behind can tell it too.
    assert_eq!(refused(&fifth, None, Clock::Trusted(LATE)), rules::CATALOGUE_EXPIRED);
    assert_eq!(refused(&fifth, None, Clock::NotBefore(LATE)), rules::CATALOGUE_EXPIRED);
    let freshness = |clock| verify(&fifth, None, clock).unwrap().freshness();
    assert_eq!(freshness(Clock::Trusted(EXPIRES)), Freshness::Fresh);
    assert_eq!(freshness(Clock::NotBefore(EXPIRES)), Freshness::Unknown);
    assert_eq!(freshness(Clock::Unknown), Freshness::Unknown);
    // Rollback, of the catalogue and of an entry.
    assert_eq!(refused(&fourth, Some(&seen), NOW), rules::CATALOGUE_ROLLBACK);
    assert!(verify(&fifth, Some(&seen), NOW).is_ok(), "the same again");
    let entry = verify(&fifth, None, NOW).unwrap().entries().next().unwrap();
    assert_eq!(entry.is_update(3), Ok(true));
    assert_eq!(entry.is_update(4), Ok(false));
    assert_eq!(entry.is_update(5).unwrap_err().rule(), rules::CATALOGUE_BEHIND);
    // Mixtures: two catalogues with one number, an envelope of another time.
    assert_eq!(refused(&fork, Some(&seen), NOW), rules::CATALOGUE_FORKED);
    assert_eq!(entry.check(&manifest(&old)).unwrap_err().rule(), rules::CATALOGUE_MISMATCH);
    entry.check(&manifest(&new)).unwrap();
}

#[test]
fn what_went_back_since_the_last_one_is_told() {
    let [a, b, c] = [3, 4, 5].map(|number| envelope(number, &CLASS, &mut author()));
    let regressions = |before: &[(&[u8], [u8; 16])], after: &[(&[u8], [u8; 16])]| {
        let (before, after) = (catalogue(1, before), catalogue(2, after));
        let (before, after) =
            (verify(&before, None, NOW).unwrap(), verify(&after, None, NOW).unwrap());
        let mut found = Vec::new();
        after.regressions(&before, &mut |finding| found.push(finding.rule()));
        found
    };
    assert_eq!(regressions(&[(&a, CLASS), (&b, OTHER)], &[(&b, CLASS), (&b, OTHER)]), []);
    let lower = regressions(&[(&b, CLASS), (&c, OTHER)], &[(&b, CLASS), (&a, OTHER)]);
    assert_eq!(lower, [rules::CATALOGUE_REGRESSION]);
    let gone = regressions(&[(&a, CLASS), (&c, OTHER)], &[(&c, OTHER)]);
    assert_eq!(gone, [rules::CATALOGUE_WITHDRAWN]);
}

#[test]
fn only_keys_of_the_caller_and_only_catalogues_count() {
    let bytes = catalogue(1, &[]);
    let message = Catalogue::decode(&bytes).unwrap();
    assert_eq!(message.verify(&[], None, NOW).unwrap_err().rule(), crypto::NO_KEY);
    let stranger = Es256SecretKey::from_scalar(&[9; 32]).unwrap().public_key();
    assert_eq!(message.verify(&[&stranger], None, NOW).unwrap_err().rule(), crypto::SIGNATURE);
    // The same content, signed by the right key for something else.
    let content = message.unverified_content();
    let mut other = Vec::new();
    let mut key = author();
    iotops_crypto::cose::Unsigned::new(key.algorithm())
        .unwrap()
        .sign(
            &mut key,
            iotops_crypto::cose::Payload::Attached(content),
            b"",
            &mut iotops_crypto::wire::cbor::Encoder::new(&mut other),
        )
        .unwrap();
    assert_eq!(refused(&other, None, NOW), crypto::SIGNATURE);
}

#[test]
fn a_key_elsewhere_signs_in_two_steps() {
    let builder = builder(1, &[]);
    let mut signature = [0; 64];
    let mut key = author();
    builder
        .to_be_signed(Algorithm::Esp256, |parts| key.sign(parts, &mut signature).unwrap())
        .unwrap();
    let bytes = builder.finish(Algorithm::Esp256, &signature).unwrap();
    assert_eq!(bytes, builder.sign(&mut author()).unwrap());
}

/// Content that breaks one rule each; `content` is what `CatalogueBuilder` would not write.
#[test]
fn each_rule_is_refused_by_its_name() {
    let entry = |class: u8, rest: &[u8]| {
        let start = [&[0x87, 0x50][..], &[1; 16], &[0x50], &[class; 16], &[0x81, 0x41, 7, 3]];
        let digest = [&[0x82, 0x2f, 0x58, 0x20][..], &[5; 32], &[0x18, 99], rest];
        [start.concat(), digest.concat()].concat()
    };
    let uri = &[0x81, 0x61, b'/'][..];
    let content = |head: &[u8], entries: &[Vec<u8>]| {
        let count = 0x80 + entries.len() as u8;
        [head, &[5, count], &entries.concat()].concat()
    };
    let head = [0xa5, 1, 1, 2, 7, 3, 10, 4, 11];
    let good = content(&head, &[entry(2, uri), entry(3, uri)]);
    let cases: &[(Vec<u8>, Option<Rule>)] = &[
        (good, None),
        (content(&[0xa4, 1, 1, 2, 7, 3, 10], &[]), Some(rules::CATALOGUE_FORM)),
        (content(&[0xa5, 1, 2, 2, 7, 3, 10, 4, 11], &[]), Some(rules::CATALOGUE_VERSION)),
        (content(&[0xa5, 1, 1, 2, 7, 4, 10, 5, 11], &[]), Some(rules::CATALOGUE_FORM)),
        (content(&[0xa5, 1, 1, 2, 7, 3, 11, 4, 10], &[]), Some(rules::CATALOGUE_DATES)),
        (content(&head, &[entry(3, uri), entry(2, uri)]), Some(rules::CATALOGUE_ORDER)),
        (content(&head, &[entry(2, uri), entry(2, uri)]), Some(rules::CATALOGUE_ORDER)),
        (content(&head, &[entry(2, &[0x80])]), Some(rules::CATALOGUE_URI)),
        (content(&head, &[entry(2, &[0x81, 0x60])]), Some(rules::CATALOGUE_URI)),
        (content(&head, &[entry(2, &[0x81, 0x41, 1])]), Some(rules::CATALOGUE_URI)),
        (content(&head, &[vec![0x81, 0]]), Some(rules::CATALOGUE_FORM)),
    ];
    for (content, expected) in cases {
        let head = iotops_crypto::wire::cbor::Head::of_bytes(content.len());
        let start = [&[0xd2, 0x84, 0x43, 0xa1, 1, 0x28, 0xa0][..], head.as_bytes()];
        let message = [&start.concat()[..], content, &[0x40]].concat();
        let rule = Catalogue::decode(&message).err().map(|error| error.rule());
        assert_eq!(rule, *expected, "{content:02x?}");
    }
}

#[test]
fn no_truncation_or_bit_flip_verifies() {
    let envelope = envelope(3, &CLASS, &mut author());
    let bytes = catalogue(5, &[(&envelope, CLASS)]);
    for length in 0..bytes.len() {
        assert!(verify(&bytes[..length], None, NOW).is_err());
    }
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(&flipped, None, NOW).is_err(), "bit {bit}");
    }
}

proptest! {
    #[test]
    fn any_bytes_end_in_a_verdict(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Catalogue::decode(&bytes);
        let head = iotops_crypto::wire::cbor::Head::of_bytes(bytes.len());
        let start = [&[0xd2, 0x84, 0x43, 0xa1, 1, 0x28, 0xa0][..], head.as_bytes()].concat();
        let _ = Catalogue::decode(&[&start[..], &bytes, &[0x40]].concat());
    }
}
