//! Which anchors are for which document.

use iotops_crypto::anchor::{Anchor, AnchorSet, Material, Prefixes, Purpose, Purposes, Wanted};
use iotops_crypto::key::{KeyId, KeyIdKind};
use iotops_crypto::rules;
use iotops_wire::{Clock, Time};

use super::actors::*;

/// Which of the keys 1 to 39 are selected.
fn selected(set: &[u8], wanted: &Wanted<'_>) -> Vec<u8> {
    let keys = AnchorSet::decode(set).unwrap().keys_for(wanted);
    let ids: Vec<_> = (0..keys.count()).map(|index| keys.id(index).unwrap()).collect();
    assert!(ids.is_sorted(), "the order is that of the set");
    assert_eq!(keys.lend(|keys| keys.len()), ids.len());
    assert_eq!(keys.id(keys.count()), None);
    (1..40).filter(|number| ids.contains(&id(*number))).collect()
}

fn wanted(purpose: Purpose) -> Wanted<'static> {
    Wanted::new(purpose, Clock::Unknown)
}

#[test]
fn by_purpose() {
    let masa = Purposes::of(&[Purpose::Masa]);
    let both = masa.with(Purpose::MudSigner);
    let bytes = set(0, &[anchor(1, masa), anchor(2, both), rescuer(3), ruler(4)]);
    assert_eq!(selected(&bytes, &wanted(Purpose::Masa)), [1, 2]);
    assert_eq!(selected(&bytes, &wanted(Purpose::MudSigner)), [2]);
    assert_eq!(selected(&bytes, &wanted(Purpose::SuitAuthor)), [4]);
    assert_eq!(selected(&bytes, &wanted(Purpose::Owner)), []);
    assert_eq!(selected(&bytes, &wanted(Purpose::Recovery)), [], "it verifies no document");
}

#[test]
fn by_sequence_number() {
    let masa = Purposes::of(&[Purpose::Masa]);
    let bytes = set(
        0,
        &[
            anchor(1, masa),
            anchor(2, masa).with_sequence(5, None),
            anchor(3, masa).with_sequence(0, Some(9)),
            anchor(4, masa).with_sequence(7, Some(7)),
        ],
    );
    let with = |sequence| selected(&bytes, &wanted(Purpose::Masa).with_sequence(sequence));
    assert_eq!(selected(&bytes, &wanted(Purpose::Masa)), [1], "no number, no limited anchor");
    assert_eq!(with(4), [1, 3]);
    assert_eq!(with(5), [1, 2, 3]);
    assert_eq!(with(7), [1, 2, 3, 4]);
    assert_eq!(with(9), [1, 2, 3]);
    assert_eq!(with(10), [1, 2]);
    assert_eq!(with(u64::MAX), [1, 2]);
}

#[test]
fn by_date_as_far_as_the_clock_proves_it() {
    let masa = Purposes::of(&[Purpose::Masa]);
    let time = |seconds| Some(Time::from_unix(seconds));
    let bytes = set(
        0,
        &[
            anchor(1, masa),
            anchor(2, masa).with_time(time(100), None),
            anchor(3, masa).with_time(None, time(200)),
            anchor(4, masa).with_time(time(150), time(150)),
        ],
    );
    let at = |clock| selected(&bytes, &Wanted::new(Purpose::Masa, clock));
    let trusted = |seconds| at(Clock::Trusted(Time::from_unix(seconds)));
    let later = |seconds| at(Clock::NotBefore(Time::from_unix(seconds)));
    assert_eq!(trusted(99), [1, 3]);
    assert_eq!(trusted(100), [1, 2, 3]);
    assert_eq!(trusted(150), [1, 2, 3, 4]);
    assert_eq!(trusted(200), [1, 2, 3]);
    assert_eq!(trusted(201), [1, 2]);
    assert_eq!(later(99), [1, 2, 3, 4], "it may be later");
    assert_eq!(later(151), [1, 2, 3]);
    assert_eq!(later(201), [1, 2], "over is over");
    assert_eq!(at(Clock::Unknown), [1, 2, 3, 4]);
}

#[test]
fn by_component() {
    // [["a", "b"], ["c"]], in the order of the encodings: ["c"] first.
    let encoded = [0x82, 0x81, 0x41, b'c', 0x82, 0x41, b'a', 0x41, b'b'];
    let prefixes = Prefixes::decode(&encoded).unwrap();
    let bytes = set(0, &[ruler(1), ruler(2).with_prefixes(prefixes)]);
    let of = |component: &[&[u8]]| {
        selected(&bytes, &wanted(Purpose::SuitAuthor).with_component(component))
    };
    assert_eq!(of(&[b"a", b"b"]), [1, 2]);
    assert_eq!(of(&[b"a", b"b", b"x"]), [1, 2]);
    assert_eq!(of(&[b"c"]), [1, 2]);
    assert_eq!(of(&[b"a"]), [1], "shorter than the prefix");
    assert_eq!(of(&[b"a", b"c"]), [1]);
    assert_eq!(of(&[b"ab"]), [1], "parts are compared whole");
    assert_eq!(of(&[]), [1]);
    assert_eq!(selected(&bytes, &wanted(Purpose::SuitAuthor)), [1], "no component is told");
}

#[test]
fn a_pinned_key_comes_with_the_document() {
    let masa = Purposes::of(&[Purpose::Masa]);
    let spki = |number| secret(number).verifying_key().to_spki().unwrap();
    let hash = KeyId::of_spki(KeyIdKind::SpkiSha256, spki(1).as_bytes()).unwrap();
    let pin = iotops_crypto::anchor::AnchorId::from_bytes(hash.as_bytes()).unwrap();
    let pin = Anchor::new(Material::SpkiHash(pin), masa).unwrap();
    let bytes = set(0, &[pin, anchor(2, masa)]);
    let set = AnchorSet::decode(&bytes).unwrap();
    let found = |number, purpose| {
        set.pinned(&wanted(purpose), spki(number).as_bytes()).unwrap().map(|one| one.id())
    };
    assert_eq!(found(1, Purpose::Masa), Some(pin.id()));
    assert_eq!(found(1, Purpose::Owner), None);
    assert_eq!(found(2, Purpose::Masa), None, "a key of the set is no pin");
    let error = set.pinned(&wanted(Purpose::Masa), b"no SPKI").unwrap_err();
    assert_eq!(error.rule(), rules::KEY_ENCODING);
    assert_eq!(set.keys_for(&wanted(Purpose::Masa)).count(), 1);
    assert_eq!(set.anchors_for(&wanted(Purpose::Masa)).count(), 2);
}

#[cfg(feature = "hardened")]
#[test]
fn keys_can_be_lent_to_verify_twice() {
    use iotops_crypto::cose::{Payload, Sign1, Unsigned};

    let mut message = Vec::new();
    let payload = Payload::Attached(b"manifest");
    let encoder = &mut iotops_wire::cbor::Encoder::new(&mut message);
    let unsigned = Unsigned::new(iotops_crypto::Algorithm::Ed25519).unwrap();
    unsigned.sign(&mut secret(2), payload, b"", encoder).unwrap();
    let bytes = set(0, &[ruler(1), ruler(2)]);
    let keys = AnchorSet::decode(&bytes).unwrap().keys_for(&wanted(Purpose::SuitAuthor));
    let verify = |message: &[u8]| {
        let message = Sign1::decode(message)?;
        keys.lend_hardened(|keys| message.verify(b"", keys)).map(|verified| verified.key())
    };
    assert_eq!(keys.id(verify(&message).unwrap()), Some(id(2)));
    *message.last_mut().unwrap() ^= 1;
    assert_eq!(verify(&message).unwrap_err().rule(), rules::SIGNATURE);
}
