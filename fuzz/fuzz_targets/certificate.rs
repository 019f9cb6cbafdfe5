//! Certificates and revocation lists: no panic in any accessor, and paths are bounded.

#![no_main]

use iotops_crypto::wire::{Clock, Time};
use iotops_crypto::x509::path::{Anchor, Options, verify};
use iotops_crypto::x509::{Certificate, Crl};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    // Several certificates one after the other: the first is the leaf, the last the anchor.
    let mut certificates = Vec::new();
    let mut reader = iotops_crypto::der::Reader::new(input).expect("short");
    while let Ok(one) = reader.any() {
        if let Ok(certificate) = Certificate::decode(one.whole) {
            read(&certificate);
            certificates.push(certificate);
        }
        if let Ok(list) = Crl::decode(one.whole) {
            let _ = list.issuer().attributes().count();
        }
    }
    let [leaf, between @ .., last] = certificates.as_slice() else { return };
    let anchors = [Anchor::certificate(*last)];
    for options in [Options::new(Clock::Unknown), options().conforming(), options().web()] {
        let _ = verify(leaf, between, &anchors, &options);
    }
});

fn options() -> Options<'static> {
    Options::new(Clock::Trusted(Time::from_unix(1_800_000_000)))
}

fn read(certificate: &Certificate<'_>) {
    let _ = certificate.extensions().count();
    let _ = certificate.alternative_names().count();
    let _ = (certificate.key_usage(), certificate.basic_constraints(), certificate.purposes());
    let _ = (certificate.mud_url(), certificate.mud_signer(), certificate.masa_url());
    let _ = (certificate.hardware_module(), certificate.is_for_dns("device.example.com"));
    let _ = certificate.subject().attributes().count();
    assert!(certificate.subject().is(certificate.subject()));
}
