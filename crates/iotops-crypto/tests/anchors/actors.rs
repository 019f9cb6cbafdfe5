//! Keys by their numbers, and short ways to sets, updates and states.

use iotops_crypto::Error;
use iotops_crypto::anchor::{
    Anchor, AnchorId, AnchorSet, AnchorState, Change, Material, Purpose, Purposes, encode_set,
    sign_update,
};
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_wire::Rule;
use iotops_wire::cbor::Encoder;

pub(crate) const SET: &[u8] = b"product";

pub(crate) fn author() -> Purposes {
    Purposes::of(&[Purpose::SuitAuthor])
}

/// Key `number`: odd ones are P-256, even ones Ed25519.
pub(crate) fn secret(number: u8) -> SecretKey {
    let key_type = if number % 2 == 1 { KeyType::Es256 } else { KeyType::Ed25519 };
    SecretKey::from_raw(key_type, &[number; 32]).unwrap()
}

/// Its `COSE_Key`, which lives as long as the test.
pub(crate) fn public(number: u8) -> &'static [u8] {
    let key = secret(number).verifying_key().to_cose_key().unwrap();
    Box::leak(key.as_bytes().to_vec().into_boxed_slice())
}

/// An anchor of key `number` for these purposes.
pub(crate) fn anchor(number: u8, purposes: Purposes) -> Anchor<'static> {
    Anchor::new(Material::Key(public(number)), purposes).unwrap()
}

/// A SUIT author that may change SUIT authors.
pub(crate) fn ruler(number: u8) -> Anchor<'static> {
    anchor(number, author()).with_updates(author())
}

/// An anchor that can replace lost SUIT authors, and nothing else.
pub(crate) fn rescuer(number: u8) -> Anchor<'static> {
    anchor(number, Purposes::of(&[Purpose::Recovery])).with_recovers(author())
}

pub(crate) fn id(number: u8) -> AnchorId {
    anchor(number, author()).id()
}

pub(crate) fn set(number: u64, anchors: &[Anchor<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_set(SET, number, &mut anchors.to_vec(), &mut Encoder::new(&mut bytes)).unwrap();
    bytes
}

/// The state of a device that comes from the factory.
pub(crate) fn fresh(anchors: &[Anchor<'_>]) -> Vec<u8> {
    let set = set(0, anchors);
    let mut buffer = [0; 4096];
    AnchorState::new(AnchorSet::decode(&set).unwrap()).encode(&mut buffer).unwrap().to_vec()
}

/// An update of the set in `state`, signed by key `signer`.
pub(crate) fn update(state: &[u8], changes: &[Change<'_>], signer: u8) -> Vec<u8> {
    let state = AnchorState::decode(state).unwrap();
    let (mut bytes, mut scratch) = (Vec::new(), [0; 4096]);
    let encoder = &mut Encoder::new(&mut bytes);
    sign_update(state.set(), changes, &mut secret(signer), &mut scratch, encoder).unwrap();
    bytes
}

pub(crate) fn apply(state: &[u8], update: &[u8]) -> Result<Vec<u8>, Error> {
    let mut buffer = [0; 4096];
    AnchorState::decode(state)?.apply(update, &mut buffer).map(<[u8]>::to_vec)
}

/// Makes an update and applies it.
pub(crate) fn change(state: &[u8], changes: &[Change<'_>], signer: u8) -> Result<Vec<u8>, Error> {
    apply(state, &update(state, changes, signer))
}

#[track_caller]
pub(crate) fn refused<T: core::fmt::Debug>(result: Result<T, Error>, rule: Rule) {
    assert_eq!(result.unwrap_err().rule(), rule, "{rule:?}");
}

pub(crate) fn confirmed(state: &[u8], number: u8) -> Vec<u8> {
    let state = AnchorState::decode(state).unwrap().confirm(id(number)).unwrap();
    let mut buffer = [0; 4096];
    state.encode(&mut buffer).unwrap().to_vec()
}

/// The numbers of the keys in the set.
pub(crate) fn members(state: &[u8]) -> Vec<u8> {
    let state = AnchorState::decode(state).unwrap();
    (1..40).filter(|number| state.set().find(id(*number)).is_some()).collect()
}
