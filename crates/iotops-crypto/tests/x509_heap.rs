//! Reading a certificate and verifying its path take no heap.

#![cfg(all(feature = "x509", feature = "alloc", feature = "es256"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may panic and index"
)]

mod made;

use iotops_crypto::wire::{Clock, Time};
use iotops_crypto::x509::path::{Anchor, Options};
use iotops_crypto::x509::{Certificate, GeneralName, SERIAL_NUMBER};
use made::Made;

#[global_allocator]
static ALLOCATOR: test_support::CountingAllocator = test_support::CountingAllocator;

#[test]
fn a_device_and_its_path_without_a_heap() {
    let (root, device) = (Made::root().encode(), Made::device().encode());
    let options = Options::new(Clock::Trusted(Time::from_unix(1_800_000_000)));
    let (count, ()) = test_support::allocations(|| {
        let anchor = Anchor::of_certificate(Certificate::decode(&root).unwrap());
        let device = Certificate::decode(&device).unwrap();
        let path = device.verify(&[], &[anchor], &options).unwrap();
        assert_eq!((path.anchor(), path.intermediates().count()), (0, 0));
        assert_eq!(device.subject().text(SERIAL_NUMBER), Some("device"));
        assert_eq!(device.masa_url(), Some("masa.example.com"));
        assert_eq!(device.mud_url(), Some("https://example.com/a.json"));
        assert_eq!(device.mud_signer().unwrap().text(SERIAL_NUMBER), Some("mud signer"));
        assert_eq!(device.not_after(), None);
        let module = device.alternative_names().find_map(|name| name.hardware_module()).unwrap();
        assert_eq!(module.serial_number, b"SN-42");
        assert!(!device.alternative_names().any(|name| matches!(name, GeneralName::Dns(_))));
    });
    assert_eq!(count, 0);
}
