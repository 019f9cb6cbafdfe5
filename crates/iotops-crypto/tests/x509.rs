//! Certificates: beside the `x509-cert` crate, bent rule by rule, cut and flipped.

#![cfg(all(feature = "x509", feature = "alloc", feature = "es256"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

extern crate alloc;

use alloc::collections::BTreeMap;
use std::fs;
use std::path::Path;

use der::{Decode as _, Encode as _};
use iotops_crypto::Error;
use iotops_crypto::der::{Oid, Reader};
use iotops_crypto::rules::{self, der as der_rules, x509 as x509_rules};
use iotops_crypto::wire::{Clock, Input, Rule, Time};
use iotops_crypto::x509::path::{Anchor, Options, Profile};
use iotops_crypto::x509::{Certificate, Crl, KeyUsage};

mod made;

use made::{Made, extension};

/// A certificate in DER, whichever form the file has; nothing if it is none.
fn certificate(path: &Path) -> Option<Vec<u8>> {
    let bytes = fs::read(path).ok()?;
    if !bytes.starts_with(b"-----") {
        return Some(bytes);
    }
    let (label, content) = pem_rfc7468::decode_vec(&bytes).ok()?;
    (label == "CERTIFICATE").then_some(content)
}

fn name(error: Error) -> &'static str {
    rules::row(error.rule()).unwrap().name
}

#[test]
fn what_we_take_the_other_reader_takes_and_reads_the_same() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let (mut taken, mut checked) = (0, 0);
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for area in ["pkits/certs", "x509-rustcrypto", "x509-pyca-custom"] {
        for path in test_support::files(&folder.join(area), &[".crt", ".der", ".pem", ".cer"]) {
            let Some(bytes) = certificate(&path) else { continue };
            checked += 1;
            let ours = match Certificate::decode(&bytes) {
                Ok(ours) => ours,
                Err(error) => {
                    *refused.entry(name(error)).or_default() += 1;
                    continue;
                }
            };
            let theirs = x509_cert::Certificate::from_der(&bytes);
            // The other reader knows no time before 1970.
            let is_old = path.to_string_lossy().contains("pre2000UTC");
            let theirs = match theirs {
                Err(_) if is_old => continue,
                theirs => theirs.unwrap_or_else(|error| panic!("{}: {error}", path.display())),
            };
            let tbs = theirs.tbs_certificate();
            assert_eq!(ours.issuer().as_encoded(), tbs.issuer().to_der().unwrap());
            assert_eq!(ours.subject().as_encoded(), tbs.subject().to_der().unwrap());
            assert_eq!(ours.public_key(), tbs.subject_public_key_info().to_der().unwrap());
            assert_eq!(ours.serial_number(), tbs.serial_number().as_bytes());
            let seconds = tbs.validity().not_before.to_unix_duration().as_secs();
            assert_eq!(ours.not_before().unix(), seconds, "{}", path.display());
            assert_eq!(ours.extensions().count(), tbs.extensions().map_or(0, Vec::len));
            taken += 1;
        }
    }
    println!("taken: {taken}; refused: {refused:?}");
    assert!(taken > 400, "{taken}");
    test_support::report("certificates beside x509-cert", checked);
}

fn now(seconds: u64) -> Options<'static> {
    Options::new(Clock::Trusted(Time::from_unix(seconds)))
}

#[test]
fn an_anchor_of_its_own_needs_no_authority() {
    let device = Made::device().encode();
    let device = Certificate::decode(&device).unwrap();
    let anchor = [Anchor::of_certificate(device)];
    assert!(device.verify(&[], &anchor, &now(1_800_000_000)).is_ok());
    let early = device.verify(&[], &anchor, &now(1_600_000_000)).unwrap_err();
    assert_eq!(
        (early.rule(), early.place().input()),
        (x509_rules::NOT_YET_VALID, Input::Certificate(0))
    );
    // Without a clock, or with a lower bound of the time, that cannot be known.
    for clock in [Clock::Unknown, Clock::NotBefore(Time::from_unix(1_600_000_000))] {
        assert!(device.verify(&[], &anchor, &Options::new(clock)).is_ok());
    }
}

/// The rule that a device is refused by, below the root.
fn refusal(root: &Made, device: &Made, options: &Options<'_>) -> Rule {
    let (root, device) = (root.encode(), device.encode());
    let verified = Certificate::decode(&device).and_then(|device| {
        let anchor = Anchor::of_certificate(Certificate::decode(&root)?);
        device.verify(&[], &[anchor], options).map(drop)
    });
    verified.unwrap_err().rule()
}

#[test]
fn each_rule_is_refused_by_its_name() {
    let options = now(1_800_000_000);
    let bent = |bend: &dyn Fn(&mut Made)| {
        let mut device = Made::device();
        bend(&mut device);
        refusal(&Made::root(), &device, &options)
    };
    let unknown = extension(&[0x2b, 0x06, 0x63], true, &[0x05, 0x00]);
    assert_eq!(bent(&|it| it.issuer_key = 3), x509_rules::SIGNATURE);
    assert_eq!(bent(&|it| it.issuer = "else"), x509_rules::NO_PATH);
    assert_eq!(bent(&|it| it.serial = vec![0]), x509_rules::SERIAL_NUMBER);
    assert_eq!(bent(&|it| it.serial = vec![0x80]), x509_rules::SERIAL_NUMBER);
    assert_eq!(bent(&|it| it.serial = vec![1; 21]), x509_rules::SERIAL_NUMBER);
    assert_eq!(bent(&|it| it.serial = vec![0, 1]), der_rules::INTEGER);
    assert_eq!(bent(&|it| it.extensions.push(unknown.clone())), x509_rules::CRITICAL_UNKNOWN);
    assert_eq!(
        bent(&|it| it.extensions.push(it.extensions[0].clone())),
        x509_rules::EXTENSION_TWICE
    );
    assert_eq!(bent(&|it| drop(it.extensions.remove(0))), x509_rules::CRITICALITY);
    assert_eq!(
        bent(&|it| it.extensions.push(extension(
            &[0x55, 0x1d, 0x0f],
            true,
            &[0x03, 0x02, 0x02, 0x04]
        ))),
        x509_rules::CONSTRAINTS_PLACE
    );
    let mut leaf = Made::root();
    leaf.extensions.remove(0);
    leaf.extensions.remove(1);
    assert_eq!(refusal(&leaf, &Made::device(), &options), x509_rules::NOT_AUTHORITY);
    let purpose = Oid::known(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x1c]);
    let required = options.with_required_purpose(purpose);
    assert_eq!(refusal(&Made::root(), &Made::device(), &required), x509_rules::PURPOSE);
    let revocation = options.with_required_revocation();
    let rule = refusal(&Made::root(), &Made::device(), &revocation);
    assert_eq!(rule, x509_rules::REVOCATION_UNKNOWN);
    let none = options.with_budget(0);
    assert_eq!(refusal(&Made::root(), &Made::device(), &none), x509_rules::BUDGET);
}

#[test]
fn a_handler_may_understand_and_the_lenient_profile_forgives() {
    let (root, mut device) = (Made::root(), Made::device());
    let oid = [0x2b, 0x06, 0x63];
    device.extensions.push(extension(&oid, true, &[0x05, 0x00]));
    device.extensions.remove(0);
    let (root, device) = (root.encode(), device.encode());
    let anchor = [Anchor::of_certificate(Certificate::decode(&root).unwrap())];
    let device = Certificate::decode(&device).unwrap();
    let handles = |one: &iotops_crypto::x509::Extension<'_>| one.oid.as_content() == oid;
    let options = now(1_800_000_000).with_handler(&handles);
    let strict = device.verify(&[], &anchor, &options).unwrap_err();
    assert_eq!(strict.rule(), x509_rules::CRITICALITY);
    assert!(device.verify(&[], &anchor, &options.with_profile(Profile::Lenient)).is_ok());
}

#[test]
fn no_truncation_or_bit_flip_is_taken() {
    let (root, device) = (Made::root().encode(), Made::device().encode());
    let anchor = [Anchor::of_certificate(Certificate::decode(&root).unwrap())];
    assert!(anchor_usage(&root).has(KeyUsage::KEY_CERT_SIGN));
    for length in 0..device.len() {
        assert!(Certificate::decode(&device[..length]).is_err(), "{length}");
        let _ = Crl::decode(&device[..length]);
    }
    for bit in 0..device.len() * 8 {
        let mut bytes = device.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(certificate) = Certificate::decode(&bytes) else { continue };
        let verified = certificate.verify(&[], &anchor, &now(1_800_000_000));
        assert!(verified.is_err(), "bit {bit}");
    }
    assert_eq!(Reader::new(&device).unwrap().sequence().map(|_| ()), Ok(()));
}

fn anchor_usage(root: &[u8]) -> KeyUsage {
    Certificate::decode(root).unwrap().key_usage().unwrap()
}
