//! Devices that slept: what they accept when they wake, case by case.

use iotops_crypto::anchor::{AnchorState, Change, Purpose, Wanted};
use iotops_crypto::cose::{Payload, Sign1, Unsigned};
use iotops_crypto::rules::{self, anchor as own};
use iotops_crypto::{Error, Signer};
use iotops_wire::cbor::Encoder;
use iotops_wire::{Clock, Rule};

use super::actors::*;

/// What happens to a device, in order.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The manufacturer's updates up to this number arrive, in order.
    Wakes(usize),
    /// This one alone arrives, and is refused.
    Misses(usize, Rule),
    /// The holder of this key tries this, and is refused.
    Tries(u8, Attempt, Rule),
    /// A document of this key with this sequence number is accepted.
    Accepts(u8, u64),
    /// It is refused.
    Refuses(u8, u64),
}

use Step::{Accepts, Misses, Refuses, Tries, Wakes};

#[derive(Clone, Copy, Debug)]
enum Attempt {
    /// Adds key 10.
    Add,
    /// Revokes this key.
    Revoke(u8),
}

/// Key 1 is the first author, 3 can recover. 1 is rotated to 2, and 2 to 5, whose predecessor 2
/// stays for documents up to 20. Then 5 is stolen, and 3 puts 6 in its place. Last, 6 is lost
/// with the house it was kept in, and 3 puts 7 in its place.
fn history() -> Vec<Vec<u8>> {
    let steps: [(u8, Vec<Change<'static>>); 6] = [
        (1, vec![Change::Add(ruler(2))]),
        (2, vec![Change::Revoke(id(1))]),
        (2, vec![Change::Add(ruler(5))]),
        (5, vec![Change::Limit { id: id(2), first: 0, last: Some(20) }]),
        (3, vec![Change::Replace { lost: id(5), by: ruler(6) }]),
        (3, vec![Change::Replace { lost: id(6), by: ruler(7) }]),
    ];
    let mut state = factory();
    let mut updates = Vec::new();
    for (signer, changes) in steps {
        updates.push(update(&state, &changes, signer));
        state = apply(&state, updates.last().unwrap()).unwrap();
    }
    updates
}

fn factory() -> Vec<u8> {
    fresh(&[ruler(1), rescuer(3)])
}

const CASES: &[(&str, &[Step])] = &[
    ("as it left the factory", &[Accepts(1, 1), Refuses(2, 1), Refuses(3, 1), Refuses(10, 1)]),
    (
        "awake all the time",
        &[
            Wakes(1),
            Accepts(1, 5),
            Accepts(2, 5),
            Wakes(2),
            Refuses(1, 5),
            Accepts(2, 6),
            Wakes(3),
            Accepts(5, 7),
            Wakes(4),
            Accepts(2, 20),
            Refuses(2, 21),
            Accepts(5, 21),
            Wakes(5),
            Refuses(5, 22),
            Accepts(6, 23),
            Wakes(6),
            Refuses(6, 24),
            Accepts(7, 25),
        ],
    ),
    (
        "slept through two rotations and a compromise",
        &[
            Accepts(1, 1),
            Refuses(6, 30),
            Misses(5, own::UPDATE_NUMBER),
            Misses(2, own::UPDATE_NUMBER),
            Wakes(5),
            Accepts(6, 30),
            Accepts(2, 20),
            Refuses(2, 30),
            Refuses(1, 30),
            Refuses(5, 30),
        ],
    ),
    (
        "the thief of a key is too late",
        &[
            Wakes(5),
            Tries(5, Attempt::Add, rules::SIGNATURE),
            Tries(1, Attempt::Revoke(6), rules::SIGNATURE),
            Misses(5, own::UPDATE_NUMBER),
            Accepts(6, 31),
        ],
    ),
    (
        "the thief of a retired key has nothing to say",
        &[Wakes(4), Tries(2, Attempt::Revoke(5), rules::NO_KEY), Accepts(2, 20), Accepts(5, 21)],
    ),
    (
        "the thief of an author key cannot take away the recovery",
        &[
            Wakes(4),
            Tries(5, Attempt::Revoke(3), own::NO_RIGHT),
            Tries(5, Attempt::Revoke(5), own::LAST_ANCHOR),
            Wakes(5),
            Accepts(6, 31),
            Refuses(5, 31),
        ],
    ),
    (
        "the author key is lost, the recovery anchor survives",
        &[
            Wakes(5),
            Tries(3, Attempt::Add, own::RECOVERY_ONLY),
            Tries(3, Attempt::Revoke(6), own::RECOVERY_ONLY),
            Wakes(6),
            Accepts(7, 32),
            Refuses(6, 32),
            Refuses(3, 32),
        ],
    ),
    (
        "slept until after the loss",
        &[Wakes(6), Accepts(7, 40), Accepts(2, 20), Refuses(6, 40), Refuses(5, 40)],
    ),
];

fn document(key: u8) -> Vec<u8> {
    let mut key = secret(key);
    let mut bytes = Vec::new();
    let unsigned = Unsigned::new(Signer::algorithm(&key)).unwrap();
    let payload = Payload::Attached(b"manifest");
    unsigned.sign(&mut key, payload, b"", &mut Encoder::new(&mut bytes)).unwrap();
    bytes
}

fn verify(state: &[u8], key: u8, sequence: u64) -> Result<(), Error> {
    let state = AnchorState::decode(state)?;
    let wanted = Wanted::new(Purpose::SuitAuthor, Clock::Unknown)
        .with_sequence(sequence)
        .with_component(&[b"main"]);
    let message = document(key);
    let message = Sign1::decode(&message)?;
    state.set().keys_for(&wanted).lend(|keys| message.verify(b"", keys)).map(drop)
}

/// A device: its stored state, and how many updates it has taken.
struct Device {
    state: Vec<u8>,
    taken: usize,
}

impl Device {
    fn step(&mut self, step: Step, updates: &[Vec<u8>]) {
        match step {
            Wakes(to) => {
                for update in &updates[self.taken..to] {
                    self.state = apply(&self.state, update).unwrap();
                }
                self.taken = to;
            }
            Misses(number, rule) => refused(apply(&self.state, &updates[number - 1]), rule),
            Tries(key, attempt, rule) => {
                let wish = match attempt {
                    Attempt::Add => Change::Add(ruler(10)),
                    Attempt::Revoke(number) => Change::Revoke(id(number)),
                };
                refused(change(&self.state, &[wish], key), rule);
            }
            Accepts(key, sequence) => verify(&self.state, key, sequence).unwrap(),
            Refuses(key, sequence) => {
                let rule = verify(&self.state, key, sequence).unwrap_err().rule();
                assert!(rule == rules::SIGNATURE || rule == rules::NO_KEY, "{rule:?}");
            }
        }
    }
}

#[test]
fn every_case_accepts_exactly_what_it_should() {
    let updates = history();
    for (name, steps) in CASES {
        println!("{name}");
        let mut device = Device { state: factory(), taken: 0 };
        for step in *steps {
            println!("  {step:?}");
            device.step(*step, &updates);
        }
    }
}

/// Wherever a device slept, it ends with the same set, byte by byte.
#[test]
fn all_devices_end_with_the_same_set() {
    let updates = history();
    let mut ends = Vec::new();
    for confirmed_at in 0..=updates.len() {
        let mut device = Device { state: factory(), taken: 0 };
        device.step(Wakes(confirmed_at), &updates);
        if let Some(member) = members(&device.state).first() {
            device.state = confirmed(&device.state, *member);
        }
        device.step(Wakes(updates.len()), &updates);
        let state = AnchorState::decode(&device.state).unwrap();
        ends.push(state.set().as_bytes().to_vec());
    }
    ends.dedup();
    assert_eq!(ends.len(), 1);
}
