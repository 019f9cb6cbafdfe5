//! The form of sets and states: one encoding, bounded, and understood as a whole.

use iotops_crypto::anchor::{Anchor, AnchorSet, AnchorState, Material, Purpose, Purposes, Update};
use iotops_crypto::rules::{self, anchor as own};
use iotops_wire::cbor::{Cursor, Encoder};
use iotops_wire::{Rule, Time, rules as wire};
use proptest::prelude::*;

use super::actors::*;

/// A set around these encoded anchors.
fn around(anchors: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let mut map = encoder.map(4).unwrap();
    map.key(0).unwrap().unsigned(1).unwrap();
    map.key(1).unwrap().bytes(SET).unwrap();
    map.key(2).unwrap().unsigned(0).unwrap();
    let mut list = map.key(3).unwrap();
    list.array(anchors.len()).unwrap();
    for anchor in anchors {
        list.raw(anchor).unwrap();
    }
    map.end().unwrap();
    bytes
}

/// Labels and encoded values.
type Fields<'f> = &'f [(i64, &'f [u8])];

/// An anchor of key 1 with these purposes and further fields.
fn raw(purposes: u64, fields: Fields<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let mut map = encoder.map(3 + fields.len()).unwrap();
    map.key(1).unwrap().bytes(id(1).as_bytes()).unwrap();
    map.key(2).unwrap().array(2).unwrap().unsigned(1).unwrap().bytes(public(1)).unwrap();
    map.key(3).unwrap().unsigned(purposes).unwrap();
    for (label, value) in fields {
        map.key(*label).unwrap().raw(value).unwrap();
    }
    map.end().unwrap();
    bytes
}

#[test]
fn a_set_comes_back_as_it_was_written() {
    let time = |seconds| Some(Time::from_unix(seconds));
    let all = anchor(1, author().with(Purpose::Recovery))
        .with_updates(author())
        .with_recovers(author())
        .with_sequence(3, None)
        .with_time(time(1_700_000_000), time(4_000_000_000));
    let name = Material::Authority { name: b"name", spki: b"spki" };
    let anchors = [
        all,
        anchor(2, author()).with_sequence(0, Some(1000)),
        Anchor::new(Material::Certificate(b"certificate"), Purposes::of(&[Purpose::Masa])).unwrap(),
        Anchor::new(name, Purposes::of(&[Purpose::IdevidIssuer])).unwrap(),
        Anchor::new(Material::SpkiHash(id(9)), Purposes::of(&[Purpose::Owner])).unwrap(),
    ];
    let bytes = set(7, &anchors);
    let decoded = AnchorSet::decode(&bytes).unwrap();
    assert_eq!((decoded.identifier(), decoded.number(), decoded.as_bytes()), (SET, 7, &bytes[..]));
    let found: Vec<_> = decoded.anchors().collect();
    assert_eq!(found.len(), anchors.len());
    assert!(found.is_sorted_by_key(Anchor::id));
    anchors.iter().for_each(|anchor| assert_eq!(decoded.find(anchor.id()).as_ref(), Some(anchor)));
}

#[test]
fn each_rule_of_an_anchor_is_broken_once() {
    let author = 1;
    let cases: &[(Rule, u64, Fields<'_>)] = &[
        (own::PURPOSE, 1 << 9, &[]),
        (own::PURPOSE, u64::MAX, &[]),
        (own::PURPOSE, author, &[(5, &[0x19, 0x02, 0x00])]),
        (own::NO_PURPOSE, 0, &[]),
        (own::FIELD, author, &[(5, &[0x00])]),
        (own::FIELD, author, &[(6, &[0x00])]),
        (own::FIELD, author, &[(7, &[0x00])]),
        (own::FIELD, author, &[(11, &[0x00])]),
        (own::FIELD, author, &[(-1, &[0x00])]),
        (own::RIGHT, author, &[(6, &[0x01])]),
        (own::RIGHT, 1 << 8, &[]),
        (own::RIGHT, author, &[(5, &[0x01]), (8, &[0x09])]),
        (own::PREFIX, 2, &[(4, &[0x81, 0x81, 0x41, 0x00])]),
        (own::PREFIX, author, &[(4, &[0x80])]),
        (own::PREFIX, author, &[(4, &[0x81, 0x80])]),
        (own::PREFIX, author, &[(4, &[0x82, 0x81, 0x41, 0x01, 0x81, 0x41, 0x00])]),
        (own::PREFIX, author, &[(4, &[0x82, 0x81, 0x41, 0x00, 0x81, 0x41, 0x00])]),
        (own::VALIDITY, author, &[(7, &[0x05]), (8, &[0x04])]),
        (own::VALIDITY, author, &[(9, &[0x05]), (10, &[0x04])]),
        (wire::EXPECT_UNSIGNED, author, &[(8, &[0x20])]),
        (wire::SHORTEST, author, &[(8, &[0x18, 0x05])]),
    ];
    assert!(AnchorSet::decode(&around(&[&raw(author, &[])])).is_ok());
    for (rule, purposes, fields) in cases {
        let bytes = around(&[&raw(*purposes, fields)]);
        let error = AnchorSet::decode(&bytes).unwrap_err();
        assert_eq!(error.rule(), *rule, "{purposes} {fields:x?}: {error}");
    }
}

#[test]
fn material_is_what_its_identifier_says() {
    let one = |material: &[u8]| {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes);
        let mut map = encoder.map(3).unwrap();
        map.key(1).unwrap().bytes(id(1).as_bytes()).unwrap();
        map.key(2).unwrap().raw(material).unwrap();
        map.key(3).unwrap().unsigned(1).unwrap();
        map.end().unwrap();
        AnchorSet::decode(&around(&[&bytes])).map(drop)
    };
    let key = |key: &[u8]| {
        let mut bytes = Vec::new();
        Encoder::new(&mut bytes).array(2).unwrap().unsigned(1).unwrap().bytes(key).unwrap();
        bytes
    };
    assert!(one(&key(public(1))).is_ok());
    assert!(one(&[0x81, 0x02]).is_ok());
    refused(one(&key(public(3))), own::ID);
    refused(one(&[0x82, 0x03, 0x41, 0x00]), own::ID);
    refused(one(&[0x83, 0x04, 0x41, 0x00, 0x41, 0x00]), own::ID);
    refused(one(&[0x82, 0x02, 0x00]), own::MATERIAL);
    refused(one(&[0x81, 0x05]), own::MATERIAL);
    refused(one(&key(secret(1).to_cose_key().unwrap().as_bytes())), own::MATERIAL);
    // A key in another form is no COSE_Key, even if its bytes are known otherwise.
    refused(one(&key(secret(2).verifying_key().to_raw().as_bytes())), wire::EXPECT_MAP);
    refused(one(&key(secret(1).verifying_key().to_raw().as_bytes())), wire::EXPECT_MAP);
    refused(one(&key(&[0xa1, 0x01, 0x02])), rules::KEY_PARAMETER);
}

#[test]
fn sets_are_bounded_and_ordered() {
    let encoded = |number| {
        let bytes = set(0, &[ruler(number)]);
        let mut cursor = Cursor::new(&bytes).unwrap();
        cursor.map().unwrap();
        (0..7).for_each(|_| cursor.skip().unwrap());
        cursor.array().unwrap();
        cursor.item().unwrap().to_vec()
    };
    let (one, two) = (encoded(1), encoded(2));
    let (low, high) = if id(1) < id(2) { (&one, &two) } else { (&two, &one) };
    assert!(AnchorSet::decode(&around(&[low, high])).is_ok());
    refused(AnchorSet::decode(&around(&[high, low])), own::ORDER);
    refused(AnchorSet::decode(&around(&[low, low])), own::ORDER);
    refused(AnchorSet::decode(&around(&[])), own::COUNT);
    let many: Vec<_> = (1..18).map(encoded).collect();
    let many: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    refused(AnchorSet::decode(&around(&many)), own::COUNT);
    let nine: Vec<_> = (1..10).map(|number| anchor(number, author())).collect();
    refused(AnchorSet::decode(&set(0, &nine)), own::COUNT);
    assert!(AnchorSet::decode(&set(0, &nine[..8])).is_ok());
    let managers: Vec<_> =
        (1..10).map(|number| anchor(number, Purposes::NONE).with_updates(author())).collect();
    refused(AnchorSet::decode(&set(0, &managers)), own::COUNT);
    let mut newer = around(&[low]);
    newer[2] = 2;
    refused(AnchorSet::decode(&newer), own::FORMAT);
}

#[test]
fn a_state_is_a_set_and_the_confirmations_of_its_anchors() {
    let bytes = confirmed(&fresh(&[ruler(1), ruler(2)]), 2);
    let state = AnchorState::decode(&bytes).unwrap();
    assert!(!state.is_confirmed(id(1)) && state.is_confirmed(id(2)));
    refused(state.confirm(id(3)), own::UNKNOWN_ANCHOR);
    let mut more = bytes.clone();
    *more.last_mut().unwrap() = 4;
    refused(AnchorState::decode(&more), own::CONFIRMED);
    refused(AnchorState::decode(&[bytes.as_slice(), &[0]].concat()), wire::TRAILING);
    for length in 0..bytes.len() {
        assert!(AnchorState::decode(&bytes[..length]).is_err(), "{length}");
    }
}

proptest! {
    #[test]
    fn nothing_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = AnchorSet::decode(&bytes);
        let _ = AnchorState::decode(&bytes);
        let _ = Update::decode(&bytes);
    }

    /// What decodes is the one encoding of what it says.
    #[test]
    fn one_flipped_bit_is_refused_or_another_set(at in 0_usize..300, bit in 0_u8..8) {
        let time = Some(Time::from_unix(77));
        let mut bytes = set(5, &[anchor(1, author()).with_sequence(2, Some(9)), rescuer(2).with_time(time, None)]);
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        if let Ok(decoded) = AnchorSet::decode(&bytes) {
            let anchors: Vec<_> = decoded.anchors().collect();
            let mut again = Vec::new();
            let encoder = &mut Encoder::new(&mut again);
            let (identifier, number) = (decoded.identifier(), decoded.number());
            iotops_crypto::anchor::encode_set(identifier, number, &mut anchors.clone(), encoder)
                .unwrap();
            prop_assert_eq!(again, bytes);
        }
    }
}
