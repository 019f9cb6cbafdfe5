//! Updates: what each rule lets through and refuses.

use iotops_crypto::anchor::{
    Anchor, AnchorSet, AnchorState, Change, Material, Prefixes, Purpose, Purposes, Update,
    encode_set, sign_update,
};
use iotops_crypto::cose::{Payload, Sign1, Unsigned};
use iotops_crypto::key::KeyType;
use iotops_crypto::rules::{self, anchor as own};
use iotops_crypto::{Algorithm, Signer, key::SecretKey};
use iotops_wire::cbor::Encoder;
use iotops_wire::rules as wire;

use super::actors::*;

fn add(number: u8) -> Change<'static> {
    Change::Add(ruler(number))
}

fn revoke(number: u8) -> Change<'static> {
    Change::Revoke(id(number))
}

fn replace(lost: u8, by: u8) -> Change<'static> {
    Change::Replace { lost: id(lost), by: ruler(by) }
}

fn limit(number: u8, first: u64, last: Option<u64>) -> Change<'static> {
    Change::Limit { id: id(number), first, last }
}

fn purposes(list: &[Purpose]) -> Purposes {
    Purposes::of(list)
}

#[test]
fn a_rotation_adds_then_the_new_key_revokes_the_old_one() {
    let state = fresh(&[ruler(1)]);
    let state = change(&state, &[add(2)], 1).unwrap();
    assert_eq!(members(&state), [1, 2]);
    let told = AnchorState::decode(&state).unwrap();
    assert_eq!(told.set().number(), 1);
    assert!(told.is_confirmed(id(1)), "it signed");
    assert!(!told.is_confirmed(id(2)), "it did nothing yet");
    let state = change(&state, &[revoke(1)], 2).unwrap();
    assert_eq!(members(&state), [2]);
    assert!(AnchorState::decode(&state).unwrap().is_confirmed(id(2)));
}

#[test]
fn a_key_goes_only_behind_a_confirmed_successor() {
    let state = fresh(&[ruler(1)]);
    let state = change(&state, &[add(2)], 1).unwrap();
    refused(change(&state, &[revoke(1)], 1), own::UNCONFIRMED);
    refused(change(&state, &[limit(1, 0, Some(9))], 1), own::UNCONFIRMED);
    refused(change(&state, &[replace(1, 4)], 1), own::UNCONFIRMED);
    refused(change(&state, &[add(4), revoke(1)], 1), own::UNCONFIRMED);
    // Put back at once, the key is a new one that has verified nothing.
    refused(change(&state, &[revoke(1), add(1)], 1), own::UNCONFIRMED);
    let state = confirmed(&state, 2);
    assert_eq!(members(&change(&state, &[revoke(1)], 1).unwrap()), [2]);
    assert!(change(&state, &[limit(1, 0, Some(9))], 1).is_ok());
}

#[test]
fn a_successor_needs_every_purpose_and_right() {
    let old = anchor(1, purposes(&[Purpose::SuitAuthor, Purpose::MudSigner]))
        .with_updates(purposes(&[Purpose::SuitAuthor, Purpose::MudSigner]));
    let state = confirmed(&fresh(&[old, ruler(2)]), 2);
    refused(change(&state, &[revoke(1)], 1), own::LAST_ANCHOR);
    let mud = anchor(3, purposes(&[Purpose::MudSigner]));
    let state = change(&state, &[Change::Add(mud)], 1).unwrap();
    let state = confirmed(&state, 3);
    // Nobody else may change MUD signers.
    refused(change(&state, &[revoke(1)], 1), own::LAST_ANCHOR);
    let mud = anchor(4, Purposes::NONE).with_updates(purposes(&[Purpose::MudSigner]));
    let state = confirmed(&change(&state, &[Change::Add(mud)], 1).unwrap(), 4);
    assert_eq!(members(&change(&state, &[revoke(1)], 1).unwrap()), [2, 3, 4]);
}

#[test]
fn nobody_takes_the_last_anchor_of_a_purpose() {
    let mud = anchor(3, purposes(&[Purpose::MudSigner]));
    let root =
        anchor(1, author()).with_updates(purposes(&[Purpose::SuitAuthor, Purpose::MudSigner]));
    let state = confirmed(&fresh(&[root, mud]), 3);
    refused(change(&state, &[revoke(3)], 1), own::LAST_ANCHOR);
    refused(change(&state, &[limit(3, 0, Some(5))], 1), own::LAST_ANCHOR);
    refused(change(&state, &[limit(3, u64::MAX, None)], 1), own::LAST_ANCHOR);
    // One that ends is none that stays.
    let ending = anchor(5, purposes(&[Purpose::MudSigner])).with_sequence(0, Some(8));
    refused(change(&state, &[Change::Add(ending), revoke(3)], 1), own::LAST_ANCHOR);
    let staying = anchor(5, purposes(&[Purpose::MudSigner]));
    let next = change(&state, &[Change::Add(staying), revoke(3)], 1).unwrap();
    assert_eq!(members(&next), [1, 5]);
    // Both at once is one too many.
    let state = change(&state, &[Change::Add(staying)], 1).unwrap();
    refused(change(&state, &[limit(5, 1, None), revoke(3)], 1), own::LAST_ANCHOR);
}

#[test]
fn an_old_update_and_the_other_branch_of_a_fork_are_refused() {
    let start = fresh(&[ruler(1)]);
    let first = update(&start, &[add(2)], 1);
    let fork = update(&start, &[add(4)], 1);
    let state = apply(&start, &first).unwrap();
    refused(apply(&state, &first), own::UPDATE_NUMBER);
    refused(apply(&state, &fork), own::UPDATE_NUMBER);
    // The second one of the other branch has the right number and another past.
    let other = apply(&start, &fork).unwrap();
    let second = update(&other, &[add(6)], 1);
    refused(apply(&state, &second), own::UPDATE_BEFORE);
    assert!(apply(&other, &second).is_ok());
    // One too far ahead: the updates between are missing.
    let third = update(&apply(&other, &second).unwrap(), &[add(8)], 1);
    refused(apply(&other, &third), own::UPDATE_NUMBER);
}

#[test]
fn an_update_for_another_set_is_refused() {
    let (state, anchors) = (fresh(&[ruler(1)]), &mut [ruler(1)]);
    let mut other = Vec::new();
    let encoder = &mut Encoder::new(&mut other);
    encode_set(b"other", 0, anchors, encoder).unwrap();
    let other = AnchorSet::decode(&other).unwrap();
    let mut buffer = [0; 4096];
    let other = AnchorState::new(other).encode(&mut buffer).unwrap();
    refused(apply(&state, &update(other, &[add(2)], 1)), own::UPDATE_SET);
}

#[test]
fn only_a_right_over_all_of_an_anchor_changes_it() {
    let plain = anchor(2, author());
    let mud = purposes(&[Purpose::MudSigner]);
    let state = fresh(&[ruler(1), plain, rescuer(3), anchor(4, mud).with_updates(mud)]);
    // In the set, but without a right: it is no key for updates at all.
    refused(change(&state, &[add(6)], 2), rules::SIGNATURE);
    // Ed25519 without a right beside Ed25519 with one, and a stranger.
    refused(change(&state, &[add(6)], 8), rules::SIGNATURE);
    refused(change(&state, &[add(6)], 4), own::NO_RIGHT);
    refused(change(&state, &[revoke(2)], 4), own::NO_RIGHT);
    refused(change(&state, &[limit(2, 3, None)], 4), own::NO_RIGHT);
    refused(change(&state, &[replace(2, 6)], 4), own::NO_RIGHT);
    // Its own purpose, but with more than it may give.
    let more = anchor(6, mud).with_updates(author());
    refused(change(&state, &[Change::Add(more)], 4), own::NO_RIGHT);
    let more = anchor(6, purposes(&[Purpose::MudSigner, Purpose::Masa]));
    refused(change(&state, &[Change::Add(more)], 4), own::NO_RIGHT);
    assert!(change(&state, &[Change::Add(anchor(6, mud))], 4).is_ok());
    // An author neither takes away nor makes those who recover authors.
    refused(change(&state, &[revoke(3)], 1), own::NO_RIGHT);
    refused(change(&state, &[Change::Add(rescuer(7))], 1), own::NO_RIGHT);
}

#[test]
fn a_key_for_other_documents_signs_no_update() {
    // The same bytes under another context are no update.
    let state = fresh(&[ruler(1)]);
    let message = update(&state, &[add(2)], 1);
    let payload = Sign1::decode(&message).unwrap().payload().unwrap();
    let mut key = secret(1);
    let mut bytes = Vec::new();
    Unsigned::new(Signer::algorithm(&key))
        .unwrap()
        .sign(&mut key, Payload::Attached(payload), b"", &mut Encoder::new(&mut bytes))
        .unwrap();
    refused(apply(&state, &bytes), rules::SIGNATURE);
    let mut bytes = Vec::new();
    Unsigned::new(Algorithm::Esp256)
        .unwrap()
        .sign(&mut key, Payload::Detached(payload), b"", &mut Encoder::new(&mut bytes))
        .unwrap();
    refused(apply(&state, &bytes), rules::PAYLOAD_DETACHED);
}

#[test]
fn recovery_replaces_like_by_like_and_nothing_else() {
    let state = fresh(&[ruler(1), rescuer(3)]);
    let next = change(&state, &[replace(1, 2)], 3).unwrap();
    assert_eq!(members(&next), [2, 3]);
    let told = AnchorState::decode(&next).unwrap();
    assert!(told.is_confirmed(id(3)) && !told.is_confirmed(id(2)));
    refused(change(&state, &[add(2)], 3), own::RECOVERY_ONLY);
    refused(change(&state, &[revoke(1)], 3), own::RECOVERY_ONLY);
    refused(change(&state, &[limit(1, 4, None)], 3), own::RECOVERY_ONLY);
    let more = anchor(2, purposes(&[Purpose::SuitAuthor, Purpose::Masa])).with_updates(author());
    let less = anchor(2, author());
    let narrow = Prefixes::decode(&[0x81, 0x81, 0x41, 0x00]).unwrap();
    for by in [more, less, ruler(2).with_prefixes(narrow)] {
        let changes = [Change::Replace { lost: id(1), by }];
        refused(change(&state, &changes, 3), own::RECOVERY_ONLY);
    }
    // Neither itself, nor what it has no right to recover.
    let own_heir = Change::Replace { lost: id(3), by: rescuer(5) };
    refused(change(&state, &[own_heir], 3), own::NO_RIGHT);
    let masa = anchor(4, purposes(&[Purpose::Masa]));
    let state = fresh(&[ruler(1), rescuer(3), masa]);
    let by = anchor(6, purposes(&[Purpose::Masa]));
    refused(change(&state, &[Change::Replace { lost: id(4), by }], 3), own::NO_RIGHT);
    refused(change(&state, &[replace(9, 2)], 3), own::UNKNOWN_ANCHOR);
    // By itself is lawful, and takes only its confirmation.
    let next = change(&confirmed(&state, 1), &[replace(1, 1)], 3).unwrap();
    assert!(!AnchorState::decode(&next).unwrap().is_confirmed(id(1)));
}

#[test]
fn recovery_stays_within_its_components_and_with_keys() {
    let a = Prefixes::decode(&[0x81, 0x81, 0x41, b'a']).unwrap();
    let rescuer = anchor(3, purposes(&[Purpose::SuitAuthor, Purpose::Recovery]))
        .with_recovers(author())
        .with_prefixes(a);
    let pin = |number| Anchor::new(Material::SpkiHash(id(number)), author()).unwrap();
    let state = fresh(&[ruler(1), ruler(2).with_prefixes(a), rescuer, pin(9).with_prefixes(a)]);
    refused(change(&state, &[replace(1, 4)], 3), own::NO_RIGHT);
    let within = Change::Replace { lost: id(2), by: ruler(4).with_prefixes(a) };
    assert!(change(&state, &[within], 3).is_ok());
    let pinned = Change::Replace { lost: id(9), by: pin(11).with_prefixes(a) };
    refused(change(&state, &[pinned], 3), own::RECOVERY_ONLY);
}

#[test]
fn an_anchor_that_ends_stays_as_it_was() {
    let ending = anchor(2, purposes(&[Purpose::Masa])).with_sequence(0, Some(9));
    let root = anchor(1, author()).with_updates(purposes(&[Purpose::SuitAuthor, Purpose::Masa]));
    let state = fresh(&[root, ending]);
    assert!(change(&state, &[Change::Add(anchor(4, author()))], 1).is_ok());
    refused(change(&state, &[limit(2, 0, Some(8))], 1), own::LAST_ANCHOR);
}

#[test]
fn whoever_is_limited_to_components_changes_only_within_them() {
    // [["a"]] and [["a", "b"]] and [["c"]].
    let prefix = |bytes: &'static [u8]| Prefixes::decode(bytes).unwrap();
    let a = prefix(&[0x81, 0x81, 0x41, b'a']);
    let ab = prefix(&[0x81, 0x82, 0x41, b'a', 0x41, b'b']);
    let c = prefix(&[0x81, 0x81, 0x41, b'c']);
    let state = fresh(&[ruler(1), ruler(2).with_prefixes(a)]);
    assert!(change(&state, &[Change::Add(ruler(3).with_prefixes(ab))], 2).is_ok());
    assert!(change(&state, &[Change::Add(ruler(3).with_prefixes(c))], 1).is_ok());
    for wide in [ruler(3), ruler(3).with_prefixes(c)] {
        refused(change(&state, &[Change::Add(wide)], 2), own::NO_RIGHT);
    }
    let manager = anchor(3, Purposes::NONE).with_updates(author());
    refused(change(&state, &[Change::Add(manager)], 2), own::NO_RIGHT);
    refused(change(&state, &[revoke(1)], 2), own::NO_RIGHT);
    // An anchor of one prefix does not stay for one of all.
    refused(change(&confirmed(&state, 2), &[revoke(1)], 1), own::LAST_ANCHOR);
    assert!(change(&state, &[revoke(2)], 1).is_ok(), "all covers one");
}

#[test]
fn a_limit_only_narrows() {
    let limited = anchor(2, author()).with_sequence(5, Some(9));
    let state = fresh(&[ruler(1), limited]);
    for (first, last) in [(4, Some(9)), (5, Some(10)), (5, None)] {
        refused(change(&state, &[limit(2, first, last)], 1), own::WIDENED);
    }
    refused(change(&state, &[limit(2, 8, Some(7))], 1), own::VALIDITY);
    // It ended before, so it may end earlier only with another that stays.
    assert!(change(&state, &[limit(2, 6, Some(8))], 1).is_ok());
}

#[test]
fn whoever_ends_loses_its_rights() {
    let state = fresh(&[ruler(1), ruler(2), rescuer(3)]);
    refused(change(&state, &[limit(3, 0, Some(9))], 1), own::NO_RIGHT);
    let limited = change(&state, &[limit(2, 0, Some(9))], 1).unwrap();
    let told = AnchorState::decode(&limited).unwrap().set().find(id(2)).unwrap();
    assert_eq!((told.purposes(), told.updates()), (author(), Purposes::NONE));
    refused(change(&limited, &[add(4)], 2), rules::NO_KEY);
    // Who has nothing but rights goes altogether, or not at all.
    let manager = anchor(2, Purposes::NONE).with_updates(author());
    let state = fresh(&[ruler(1), manager]);
    refused(change(&state, &[limit(2, 0, Some(9))], 1), own::NO_PURPOSE);
    assert!(change(&state, &[limit(2, 7, None)], 1).is_ok());
    // What is recovered is for no more documents than what was lost.
    let lost = ruler(1).with_sequence(5, None);
    let state = fresh(&[lost, rescuer(3)]);
    refused(change(&state, &[replace(1, 2)], 3), own::RECOVERY_ONLY);
    let by = ruler(2).with_sequence(6, None);
    assert!(change(&state, &[Change::Replace { lost: id(1), by }], 3).is_ok());
}

#[test]
fn changes_name_what_is_there_and_stay_within_bounds() {
    let state = fresh(&[ruler(1), ruler(2)]);
    refused(change(&state, &[add(2)], 1), own::KNOWN_ANCHOR);
    refused(change(&state, &[revoke(7)], 1), own::UNKNOWN_ANCHOR);
    refused(change(&state, &[replace(2, 1)], 1), own::KNOWN_ANCHOR);
    // Eight rights are the most, and sixteen anchors.
    let six: Vec<Change<'_>> = (3..9).map(add).collect();
    let state = change(&state, &six, 1).unwrap();
    refused(change(&state, &[add(9)], 1), own::COUNT);
    let all = Purpose::all().filter(|one| *one != Purpose::Recovery);
    let root = anchor(1, author()).with_updates(Purposes::of(&all.collect::<Vec<_>>()));
    let other = |number: u8, purpose| Change::Add(anchor(number, purposes(&[purpose])));
    let many: Vec<Change<'_>> = (3..11)
        .map(|number| other(number, Purpose::Masa))
        .chain((11..18).map(|number| other(number, Purpose::Owner)))
        .collect();
    let state = change(&fresh(&[root]), &many, 1).unwrap();
    assert_eq!(members(&state).len(), 16);
    refused(change(&state, &[other(20, Purpose::Escrow)], 1), own::COUNT);
}

#[test]
fn every_flipped_bit_and_every_cut_of_an_update_is_refused() {
    let state = fresh(&[ruler(2)]);
    let good = update(&state, &[add(4)], 2);
    assert!(apply(&state, &good).is_ok());
    let mut tried = 0;
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(apply(&state, &bad).is_err(), "bit {bit}");
        tried += 1;
    }
    for length in 0..good.len() {
        assert!(apply(&state, &good[..length]).is_err(), "{length} bytes");
        tried += 1;
    }
    assert_eq!(tried, good.len() * 9);
}

#[test]
fn each_rule_of_an_update_is_broken_once() {
    let state = fresh(&[ruler(1)]);
    let message = update(&state, &[limit(1, 0, None)], 1);
    let good = Sign1::decode(&message).unwrap().payload().unwrap().to_vec();
    let decoded = Update::decode(&good).unwrap();
    assert_eq!((decoded.identifier(), decoded.number()), (SET, 1));
    assert_eq!(decoded.changes().collect::<Vec<_>>(), [limit(1, 0, None)]);
    let decode = |bytes: &[u8]| Update::decode(bytes).map(drop);
    refused(decode(&[&good[..], &[0]].concat()), wire::TRAILING);
    // The last bytes: the head of the change, its number, the identifier, 0 and null.
    let list = good.len() - 39;
    let with = |at: usize, byte| {
        let mut bad = good.clone();
        bad[at] = byte;
        decode(&bad)
    };
    assert_eq!(good[list..list + 3], [0x81, 0x84, 0x04]);
    refused(with(0, 0xa4), own::FIELD);
    refused(with(2, 2), own::FORMAT);
    refused(with(list, 0x80), own::COUNT);
    refused(with(list + 1, 0x83), own::FIELD);
    refused(with(list + 2, 0x05), own::FIELD);
    let none = update_of(&state, &[]);
    refused(none, own::COUNT);
    refused(update_of(&state, &[limit(1, 0, None); 17]), own::COUNT);
}

/// Signs these changes, however many.
fn update_of(state: &[u8], changes: &[Change<'_>]) -> Result<(), iotops_crypto::Error> {
    let state = AnchorState::decode(state)?;
    let (mut bytes, mut scratch) = (Vec::new(), [0; 4096]);
    let encoder = &mut Encoder::new(&mut bytes);
    sign_update(state.set(), changes, &mut secret(1), &mut scratch, encoder)
}

#[test]
fn a_buffer_that_is_too_small_is_told() {
    let state = fresh(&[ruler(1)]);
    let message = update(&state, &[add(2)], 1);
    let decoded = AnchorState::decode(&state).unwrap();
    let needed = apply(&state, &message).unwrap().len();
    for length in 0..needed {
        let error = decoded.apply(&message, &mut vec![0; length]).unwrap_err();
        assert_eq!(error.rule(), wire::OUT_OF_SPACE, "{length}");
    }
    assert!(decoded.apply(&message, &mut vec![0; needed]).is_ok());
}

#[test]
fn other_material_holds_no_rights_but_comes_and_goes() {
    let certificate = [0x30, 0x03, 0x02, 0x01, 0x00];
    let masa = purposes(&[Purpose::Masa]);
    let root = anchor(1, author()).with_updates(purposes(&[Purpose::SuitAuthor, Purpose::Masa]));
    let ca = Anchor::new(Material::Certificate(&certificate), masa).unwrap();
    let state = change(&fresh(&[root]), &[Change::Add(ca)], 1).unwrap();
    assert!(AnchorState::decode(&state).unwrap().set().find(ca.id()).is_some());
    let secret = SecretKey::from_raw(KeyType::Es256, &[9; 32]).unwrap().to_cose_key().unwrap();
    let mac = SecretKey::from_raw(KeyType::Hmac, &[9; 32]).unwrap().to_cose_key().unwrap();
    for private in [secret.as_bytes(), mac.as_bytes()] {
        let made = Anchor::new(Material::Key(private), author());
        refused(made, own::MATERIAL);
    }
}
