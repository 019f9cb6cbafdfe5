//! Selecting, verifying, updating and storing anchors take no heap.

#![cfg(all(feature = "anchors", feature = "es256", feature = "alloc"))]
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

use iotops_crypto::anchor::{
    Anchor, AnchorSet, AnchorState, Change, Material, Purpose, Purposes, Slot, Slots, Wanted,
    encode_set, load, save, sign_update,
};
use iotops_crypto::key::{KeyId, KeyIdKind, KeyType, SecretKey};
use iotops_wire::cbor::{Encoder, SliceOutput};
use iotops_wire::{Clock, Unavailable};

#[global_allocator]
static ALLOCATOR: test_support::CountingAllocator = test_support::CountingAllocator;

struct Memory([[u8; 1024]; 2]);

impl Slots for Memory {
    fn capacity(&self) -> u32 {
        1024
    }

    fn read(&mut self, slot: Slot, offset: u32, buffer: &mut [u8]) -> Result<(), Unavailable> {
        let start = offset as usize;
        let end = start + buffer.len();
        buffer.copy_from_slice(&self.0[usize::from(slot == Slot::B)][start..end]);
        Ok(())
    }

    fn erase(&mut self, _: Slot) -> Result<(), Unavailable> {
        Ok(())
    }

    fn write(&mut self, slot: Slot, offset: u32, bytes: &[u8]) -> Result<(), Unavailable> {
        let start = offset as usize;
        self.0[usize::from(slot == Slot::B)][start..start + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }
}

/// One test only: the counter counts the whole process.
#[test]
fn no_allocation_from_the_factory_to_the_next_set() {
    let purposes = Purposes::of(&[Purpose::SuitAuthor]);
    let mut secrets = [3, 5].map(|byte| SecretKey::from_raw(KeyType::Es256, &[byte; 32]).unwrap());
    let keys = [0, 1].map(|index| secrets[index].verifying_key().to_cose_key().unwrap());
    let anchors = [0, 1].map(|index| {
        let material = Material::Key(keys[index].as_bytes());
        Anchor::new(material, purposes).unwrap().with_updates(purposes)
    });
    let verifying = secrets[0].verifying_key();
    let (count, ()) = test_support::allocations(|| {
        let (mut set, mut stored) = ([0; 512], [0; 512]);
        let mut output = SliceOutput::new(&mut set);
        encode_set(b"s", 0, &mut [anchors[0]], &mut Encoder::new(&mut output)).unwrap();
        let set = AnchorSet::decode(output.written()).unwrap();
        let stored = AnchorState::new(set).encode(&mut stored).unwrap();
        let mut memory = Memory([[0; 1024]; 2]);
        save(&mut memory, stored).unwrap();

        let (mut message, mut scratch) = ([0; 512], [0; 512]);
        let mut output = SliceOutput::new(&mut message);
        let (changes, encoder) = ([Change::Add(anchors[1])], &mut Encoder::new(&mut output));
        sign_update(&set, &changes, &mut secrets[0], &mut scratch, encoder).unwrap();

        let (mut buffer, mut next) = ([0; 512], [0; 1024]);
        let (stored, _) = load(&mut memory, 0, &mut buffer).unwrap();
        let state = AnchorState::decode(stored).unwrap();
        let next = state.apply(output.written(), &mut next).unwrap();
        save(&mut memory, next).unwrap();
        let wanted = Wanted::new(Purpose::SuitAuthor, Clock::Unknown);
        assert_eq!(AnchorState::decode(next).unwrap().set().keys_for(&wanted).count(), 2);
        for kind in KeyIdKind::ALL {
            KeyId::of(*kind, &verifying).unwrap();
        }
    });
    assert_eq!(count, 0);
    let (count, _) = test_support::allocations(|| vec![1_u8; 10]);
    assert_eq!(count, 1, "the counter counts");
}
