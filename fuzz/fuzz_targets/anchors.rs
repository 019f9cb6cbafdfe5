//! Sets of trust anchors: one encoding each, and no update takes away what must stay.

#![no_main]

use iotops_crypto::anchor::{
    Anchor, AnchorSet, AnchorState, Change, Material, Purpose, Purposes, Update, encode_set,
    sign_update,
};
use iotops_crypto::key::{KeyType, SecretKey};
use iotops_wire::cbor::Encoder;
use libfuzzer_sys::fuzz_target;

const ROOM: usize = 1 << 16;

fuzz_target!(|input: &[u8]| {
    set(input);
    let _ = AnchorState::decode(input).map(|state| format!("{state:?}"));
    let Some((first, payload)) = input.split_first() else { return };
    let Ok(update) = Update::decode(payload) else { return };
    let changes: Vec<Change<'_>> = update.changes().collect();
    change(&changes, *first);
});

/// What decodes is the one encoding of what it says.
fn set(input: &[u8]) {
    let Ok(set) = AnchorSet::decode(input) else { return };
    let mut anchors: Vec<Anchor<'_>> = set.anchors().collect();
    let mut bytes = Vec::new();
    let encoder = &mut Encoder::new(&mut bytes);
    encode_set(set.identifier(), set.number(), &mut anchors, encoder).expect("it was decoded");
    assert_eq!(bytes, input);
}

fn secret(number: u8) -> SecretKey {
    SecretKey::from_raw(KeyType::Ed25519, &[number; 32]).expect("any seed")
}

/// Two authors who rule over all but recovery, one who recovers, and a key for MUD files.
fn factory() -> Vec<u8> {
    let author = Purposes::of(&[Purpose::SuitAuthor]);
    let all = author.with(Purpose::MudSigner).with(Purpose::Masa);
    let keys: Vec<_> = (1..5)
        .map(|number| secret(number).verifying_key().to_cose_key().expect("it has this form"))
        .collect();
    let anchor = |index: usize, purposes| {
        Anchor::new(Material::Key(keys[index].as_bytes()), purposes).expect("a public key")
    };
    let mut anchors = [
        anchor(0, author).with_updates(all),
        anchor(1, author).with_updates(all),
        anchor(2, Purposes::of(&[Purpose::Recovery])).with_recovers(all),
        anchor(3, Purposes::of(&[Purpose::MudSigner])),
    ];
    let mut bytes = Vec::new();
    encode_set(b"fuzz", 0, &mut anchors, &mut Encoder::new(&mut bytes)).expect("a good set");
    bytes
}

/// Signs the changes and applies them; `choice` is who signs and who is confirmed.
fn change(changes: &[Change<'_>], choice: u8) {
    let bytes = factory();
    let set = AnchorSet::decode(&bytes).expect("our own set");
    let mut state = AnchorState::new(set);
    for (index, anchor) in set.anchors().enumerate() {
        if choice >> (4 + index) & 1 == 1 {
            state = state.confirm(anchor.id()).expect("it is there");
        }
    }
    let (mut update, mut scratch, mut next) = (Vec::new(), vec![0; ROOM], vec![0; ROOM]);
    let encoder = &mut Encoder::new(&mut update);
    let mut signer = secret(1 + choice % 5);
    sign_update(&set, changes, &mut signer, &mut scratch, encoder).expect("space");
    let Ok(next) = state.apply(&update, &mut next) else { return };
    let next = AnchorState::decode(next).expect("what we wrote");
    assert!(choice % 5 < 3, "without a right");
    assert_eq!(next.set().number(), 1);
    kept(&set, next.set());
}

fn kept(before: &AnchorSet<'_>, after: &AnchorSet<'_>) {
    let fields = [Anchor::purposes, Anchor::updates, Anchor::recovers];
    for field in fields {
        for purpose in before.anchors().flat_map(|anchor| field(&anchor).iter().collect::<Vec<_>>())
        {
            let mut left = after.anchors().filter(|anchor| field(anchor).contains(purpose));
            assert!(left.any(|anchor| anchor.sequence().1.is_none()), "{purpose:?} is lost");
        }
    }
    let recovers = |anchor: &Anchor<'_>| !anchor.recovers().is_empty();
    let guard = |set: &AnchorSet<'_>| set.anchors().find(recovers).map(|anchor| anchor.id());
    assert_eq!(guard(before), guard(after), "nobody has a right over recovery");
}
