//! Path validation by the Public Key Interoperability Test Suite of NIST.
//!
//! Each `Valid…EE.crt` and `Invalid…EE.crt` is verified with all authorities of the suite as
//! intermediates, all its revocation lists, and its trust anchor. No certificate that must fail may
//! pass; those that should pass and do not are listed with the reason.

#![cfg(all(feature = "x509", feature = "alloc", feature = "rsa", feature = "es256"))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may panic and index"
)]

extern crate alloc;

use alloc::collections::BTreeMap;
use std::fs;
use std::path::Path;

use iotops_crypto::Error;
use iotops_crypto::rules;
use iotops_crypto::wire::{Clock, Time};
use iotops_crypto::x509::path::{Anchor, Options, Profile};
use iotops_crypto::x509::{Certificate, Crl};

/// Why certificates that should pass are refused, by the rule that they are refused by.
const WHY: [(&str, &str); 4] = [
    ("x509-algorithm", "DSA"),
    ("x509-policy-unsupported", "critical policy constraints and mappings are not processed"),
    ("x509-revocation-unknown", "deltas, indirect lists and distribution points are not read"),
    ("x509-no-path", "the authority of the list or its key is not in the path"),
];

/// 2026-11-23.
const NOW: u64 = 1_795_392_000;

fn read(folder: &Path, ending: &str) -> BTreeMap<String, Vec<u8>> {
    test_support::files(folder, &[ending])
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect()
}

#[test]
fn nothing_is_taken_that_must_fail() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let certificates = read(&folder.join("pkits/certs"), ".crt");
    let lists = read(&folder.join("pkits/crls"), ".crl");
    let anchor = &certificates["TrustAnchorRootCertificate"];
    let anchor = [Anchor::of_certificate(Certificate::decode(anchor).unwrap())];
    let (ends, authorities): (Vec<_>, Vec<_>) =
        certificates.iter().partition(|(name, _)| name.contains("Test") && name.ends_with("EE"));
    let authorities: Vec<_> =
        authorities.iter().filter_map(|(_, bytes)| Certificate::decode(bytes).ok()).collect();
    let lists: Vec<_> = lists.values().filter_map(|bytes| Crl::decode(bytes).ok()).collect();
    let options = Options::new(Clock::Trusted(Time::from_unix(NOW)))
        .with_profile(Profile::Lenient)
        .with_required_revocation()
        .with_crls(&lists);
    let (mut checked, mut wrong) = (0, Vec::new());
    let mut refused: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut by_policy = Vec::new();
    for (name, bytes) in ends {
        let ours = Certificate::decode(bytes)
            .and_then(|end| end.verify(&authorities, &anchor, &options).map(drop));
        let told = |error: Error| rules::row(error.rule()).unwrap().name;
        // The names of the others do not tell: their results depend on the policies asked for.
        let must_fail = name.starts_with("Invalid");
        let must_pass = name.starts_with("Valid");
        match ours {
            Ok(()) if must_fail => wrong.push(name),
            Err(error) if must_pass => {
                let why = told(error);
                assert!(WHY.iter().any(|(rule, _)| *rule == why), "{name}: {error}");
                refused.entry(why).or_default().push(name);
            }
            _ if !must_fail && !must_pass => by_policy.push(name),
            _ => {}
        }
        checked += 1;
    }
    println!("without a result to compare, as it depends on policies: {by_policy:?}");
    println!("{} lists, {} authorities", lists.len(), authorities.len());
    for (rule, names) in &refused {
        let why = WHY.iter().find(|(known, _)| known == rule).map(|(_, why)| *why);
        println!("valid but refused, {}: {}: {}", why.unwrap(), names.len(), names.join(" "));
    }
    assert!(wrong.is_empty(), "taken, and must fail: {wrong:#?}");
    test_support::report("PKITS", checked);
}
