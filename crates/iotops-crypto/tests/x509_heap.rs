//! Reading certificates and verifying paths take no heap.

#![cfg(all(feature = "x509", feature = "es256", feature = "alloc"))]
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

use iotops_crypto::der::{Tag, Writer};
use iotops_crypto::key::{KeyType, SecretKey, VerifyingKey};
use iotops_crypto::wire::{Clock, Time};
use iotops_crypto::x509::build::{Draft, name};
use iotops_crypto::x509::path::{Anchor, Options, verify};
use iotops_crypto::x509::{Certificate, oids};

#[global_allocator]
static ALLOCATOR: test_support::CountingAllocator = test_support::CountingAllocator;

fn draft(issuer: &str, subject: &str, key: &SecretKey) -> Draft {
    let VerifyingKey::Es256(public) = key.verifying_key() else { panic!("P-256") };
    let mut writer = Writer::new();
    writer.sequence(|writer| {
        writer.sequence(|writer| {
            writer.primitive(Tag::OID, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]);
            writer.primitive(Tag::OID, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
        });
        writer.bits(&public.to_sec1());
    });
    let named = |text| name(&[(oids::COMMON_NAME, text)]);
    let (from, to) = (Time::from_unix(0), Time::from_unix(2_000_000_000));
    Draft::new(&named(issuer), &named(subject), writer.as_bytes(), &[1], from, to)
}

/// One test only: the counter counts the whole process.
#[test]
fn no_allocation_from_bytes_to_proof() {
    let key = |seed| SecretKey::from_raw(KeyType::Es256, &[seed; 32]).unwrap();
    let (mut one, mut two, three) = (key(1), key(2), key(3));
    let root = draft("root", "root", &one).authority(None).sign(&mut one).unwrap();
    let middle = draft("root", "middle", &two).authority(Some(0)).sign(&mut one).unwrap();
    let leaf = draft("middle", "leaf", &three).dns_names(&["a.example"]).sign(&mut two).unwrap();
    let (count, found) = test_support::allocations(|| {
        let leaf = Certificate::decode(&leaf)?;
        let middle = [Certificate::decode(&middle)?];
        let anchors = [Anchor::certificate(Certificate::decode(&root)?)];
        let options = Options::new(Clock::Trusted(Time::from_unix(1_000_000_000)));
        verify(&leaf, &middle, &anchors, &options).map(|path| path.anchor())
    });
    assert_eq!((count, found), (0, Ok(0)));
    let (count, _) = test_support::allocations(|| leaf.clone());
    assert_eq!(count, 1, "the counter counts");
}
