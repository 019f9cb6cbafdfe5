//! Choosing the newest manifest that is for a device.

use iotops_crypto::key::Es256SecretKey;
use iotops_crypto::rules as crypto;
use iotops_crypto::wire::Rule;
use suit_manifest::discover::{CANDIDATES, select_latest};
use suit_manifest::model::{ComponentIdentifier, Uuid, VendorIdentifier};
use suit_manifest::process::{Answer, Call, Engine, Fault, Identity, Platform, refused};
use suit_manifest::{Policy, rules};

use crate::{CLASS, OTHER, VENDOR, author, author_key, envelope};

struct Device {
    class: Uuid,
    installed: Option<u64>,
}

impl Platform for Device {
    fn has(&mut self, call: &Call<'_>) -> bool {
        call.path().eq([&b"app"[..]])
    }

    fn is(&mut self, _: &Call<'_>, identity: Identity<'_>) -> bool {
        match identity {
            Identity::Vendor(vendor) => matches!(vendor, VendorIdentifier::Uuid(&VENDOR)),
            Identity::Class(class) => *class == self.class,
            _ => false,
        }
    }

    fn read(&mut self, _: &Call<'_>, _: u64, _: &mut [u8]) -> Answer<usize> {
        refused(Fault::Absent)
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        Ok(self.installed)
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        _: u64,
    ) -> Result<(), Fault> {
        panic!("choosing stores nothing")
    }
}

/// The place of what was chosen, and why the others were not.
fn choose(envelopes: &[Vec<u8>], device: &mut Device) -> (Option<usize>, Vec<(usize, Rule)>) {
    let mut others = Vec::new();
    let key = author_key();
    let selected = select_latest(
        envelopes.iter().map(Vec::as_slice),
        Policy::Any,
        &[&key],
        &mut Engine::<4, 4>::new(),
        device,
        &mut |place, error| others.push((place, error.rule())),
    );
    let place = selected.map(|selected| {
        let number = selected.manifest.sequence_number();
        assert!(device.installed.is_none_or(|installed| number >= installed));
        selected.place
    });
    (place, others)
}

#[test]
fn the_newest_that_is_authentic_valid_and_for_this_device_is_chosen() {
    let (mut own, mut stranger) = (author(), Es256SecretKey::from_scalar(&[8; 32]).unwrap());
    let mut damaged = envelope(30, &CLASS, &mut own);
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    let envelopes = [
        envelope(3, &CLASS, &mut own),
        envelope(7, &CLASS, &mut own),
        envelope(5, &CLASS, &mut own),
        envelope(20, &OTHER, &mut own),
        envelope(25, &CLASS, &mut stranger),
        damaged,
        vec![0xff],
        envelope(7, &CLASS, &mut own),
    ];
    let mut device = Device { class: CLASS, installed: Some(2) };
    let (chosen, others) = choose(&envelopes, &mut device);
    assert_eq!(chosen, Some(1));
    let expected = [
        (0, rules::SELECT_OLDER),
        (2, rules::SELECT_OLDER),
        (3, rules::CONDITION),
        (4, crypto::SIGNATURE),
        (5, rules::MANIFEST_DIGEST),
        (6, rules::ENVELOPE_TAG),
        (7, rules::SELECT_OLDER),
    ];
    assert_eq!(others, expected);

    let (chosen, others) = choose(&envelopes, &mut Device { class: CLASS, installed: Some(8) });
    assert_eq!(chosen, None);
    assert!(others.contains(&(0, rules::ROLLBACK)) && others.contains(&(1, rules::ROLLBACK)));
    let (chosen, _) = choose(&envelopes, &mut Device { class: OTHER, installed: None });
    assert_eq!(chosen, Some(3));
    assert_eq!(choose(&[], &mut device), (None, vec![]));
}

#[test]
fn no_more_are_looked_at_than_fit() {
    let one = envelope(3, &OTHER, &mut author());
    let many = vec![one; CANDIDATES + 2];
    let (chosen, others) = choose(&many, &mut Device { class: CLASS, installed: None });
    assert_eq!((chosen, others.len()), (None, CANDIDATES + 2));
    assert_eq!(others[CANDIDATES - 1].1, rules::CONDITION);
    assert_eq!(others[CANDIDATES].1, rules::SELECT_COUNT);
}
