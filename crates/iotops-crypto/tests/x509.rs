//! Certificates: what is read, what is refused and by which rule, and `x509-cert` beside us.

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

extern crate alloc;

use alloc::collections::BTreeMap;
#[cfg(feature = "x509-cert")]
use alloc::collections::BTreeSet;
use std::fs;

use base64ct::Encoding as _;
use der::{Decode as _, Encode as _};
use iotops_crypto::rules;
use iotops_crypto::x509::{Certificate, Crl};

/// DER of the certificates of other projects, by file name.
fn certificates() -> BTreeMap<String, Vec<u8>> {
    let Some(folder) = test_support::vectors("crypto") else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for area in ["pkits/certs", "x509-pyca-custom", "x509-rustcrypto"] {
        let files = test_support::files(&folder.join(area), &[".crt", ".der", ".pem"]);
        for path in files {
            let name = path.strip_prefix(&folder).unwrap().display().to_string();
            let bytes = fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if !text.trim_start().starts_with("-----") && !text.contains("-----BEGIN") {
                found.insert(name, bytes);
                continue;
            }
            let Some(start) = text.find("-----BEGIN CERTIFICATE-----") else { continue };
            let body: String =
                text[start..].lines().skip(1).take_while(|line| !line.starts_with('-')).collect();
            found.insert(name, base64ct::Base64::decode_vec(&body).unwrap());
        }
    }
    found
}

/// What both readers have in common.
fn compare(name: &str, ours: &Certificate<'_>, theirs: &x509_cert::Certificate) {
    let body = theirs.tbs_certificate();
    assert_eq!(ours.serial(), body.serial_number().as_bytes(), "{name}");
    assert_eq!(ours.issuer().encoding(), body.issuer().to_der().unwrap(), "{name}");
    assert_eq!(ours.subject().encoding(), body.subject().to_der().unwrap(), "{name}");
    let key = body.subject_public_key_info().to_der().unwrap();
    assert_eq!(ours.public_key(), key, "{name}");
    let validity = body.validity();
    assert_eq!(ours.not_after().unix(), validity.not_after.to_unix_duration().as_secs(), "{name}");
    let extensions = body.extensions().map_or(0, Vec::len);
    assert_eq!(ours.extensions().count(), extensions, "{name}");
}

/// What our reader refuses does not come in by their crate either.
#[cfg(feature = "x509-cert")]
fn refuse(theirs: &x509_cert::Certificate) {
    assert!(Certificate::from_x509_cert(theirs, &mut Vec::new()).is_err());
}

#[cfg(not(feature = "x509-cert"))]
fn refuse(_theirs: &x509_cert::Certificate) {}

/// Whether it comes back as it was, there and back again: their certificate made of our view is the one that they read themselves.
#[cfg(feature = "x509-cert")]
fn convert(name: &str, ours: &Certificate<'_>, theirs: &x509_cert::Certificate) -> bool {
    let made = x509_cert::Certificate::try_from(ours).unwrap();
    assert_eq!(&made, theirs, "{name}");
    let mut space = b"what was here before".to_vec();
    let again = Certificate::from_x509_cert(theirs, &mut space).unwrap();
    compare(name, &again, theirs);
    again.encoding() == ours.encoding()
}

/// Certificates that `x509-cert` does not write as it read them: with a time before 2050 that is a
/// `GeneralizedTime` against RFC 5280 §4.1.2.5, which it makes a `UTCTime`.
const WRITTEN_OTHERWISE: [&str; 3] = [
    "pkits/certs/Invalidpre2000UTCEEnotAfterDateTest7EE.crt",
    "pkits/certs/ValidGeneralizedTimenotBeforeDateTest4EE.crt",
    "x509-pyca-custom/unsupported_subject_public_key_info.pem",
];

#[cfg(not(feature = "x509-cert"))]
fn convert(name: &str, _: &Certificate<'_>, _: &x509_cert::Certificate) -> bool {
    !WRITTEN_OTHERWISE.contains(&name)
}

/// Certificates that `x509-cert` reads and we refuse, by rule. Most are made to be refused; of real
/// ones there are two, with a space behind a DNS name and with a negative serial number.
const REFUSED: [(u16, usize); 9] = [
    (rules::der::NEGATIVE.number(), 1),
    (rules::der::NAMED_BITS.number(), 1),
    (rules::x509::SERIAL.number(), 3),
    (rules::x509::ALGORITHMS_DIFFER.number(), 4),
    (rules::x509::NAME.number(), 1),
    (rules::x509::EXTENSION_TWICE.number(), 1),
    (rules::x509::EXTENSION_VALUE.number(), 1),
    (rules::x509::SIGNATURE_ENCODING.number(), 2),
    (rules::x509::GENERAL_NAME.number(), 4),
];

#[test]
fn certificates_of_other_projects_read_as_by_x509_cert() {
    let (mut refused, mut names) = (BTreeMap::<u16, usize>::new(), Vec::new());
    let (mut checked, mut accepted, mut written_otherwise) = (0, 0, Vec::new());
    for (name, bytes) in certificates() {
        let theirs = x509_cert::Certificate::from_der(&bytes);
        checked += 1;
        match (Certificate::decode(&bytes), theirs) {
            (Ok(ours), Ok(theirs)) => {
                compare(&name, &ours, &theirs);
                if !convert(&name, &ours, &theirs) {
                    written_otherwise.push(name);
                }
                accepted += 1;
            }
            (Ok(_), Err(error)) => names.push(format!("only we read {name}: {error}")),
            (Err(error), Ok(theirs)) => {
                refuse(&theirs);
                *refused.entry(error.rule().number()).or_default() += 1;
                names.push(format!("refused {name}: {error}"));
            }
            (Err(_), Err(_)) => {}
        }
    }
    println!("{}", names.join("\n"));
    println!("{accepted} of {checked} read by both");
    if checked > 0 {
        assert_eq!(refused, BTreeMap::from(REFUSED));
        assert!(accepted > 400);
        assert_eq!(written_otherwise, WRITTEN_OTHERWISE);
        test_support::report("x509 certificates", checked);
    }
}

/// The certificates of x509-limbo, each once.
#[cfg(feature = "x509-cert")]
#[test]
fn certificates_of_limbo_convert() {
    fn collect(value: &serde_json::Value, found: &mut BTreeSet<Vec<u8>>) {
        match value {
            serde_json::Value::String(text) if text.starts_with("-----BEGIN CERTIFICATE") => {
                let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
                found.insert(base64ct::Base64::decode_vec(&body).unwrap());
            }
            serde_json::Value::Array(list) => list.iter().for_each(|one| collect(one, found)),
            serde_json::Value::Object(map) => map.values().for_each(|one| collect(one, found)),
            _ => {}
        }
    }
    let Some(folder) = test_support::vectors("crypto") else { return };
    let text = fs::read_to_string(folder.join("x509-limbo.json")).unwrap();
    let mut found = BTreeSet::new();
    collect(&serde_json::from_str(&text).unwrap(), &mut found);
    let (mut both, mut differ) = (0, 0);
    for bytes in &found {
        let (ours, theirs) = (Certificate::decode(bytes), x509_cert::Certificate::from_der(bytes));
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            both += 1;
            differ += usize::from(!convert("limbo", &ours, &theirs));
        }
    }
    println!("{both} of {} read by both, {differ} written otherwise", found.len());
    assert_eq!((found.len(), both, differ), (918, 906, 0));
    test_support::report("x509-limbo converted", both);
}

#[test]
fn every_truncation_and_bit_flip_ends_in_a_verdict() {
    let all = certificates();
    let small =
        all.iter().filter(|(_, bytes)| bytes.len() < 1200 && Certificate::decode(bytes).is_ok());
    let mut checked = 0;
    for (name, bytes) in small.step_by(40) {
        for length in 0..bytes.len() {
            assert!(Certificate::decode(&bytes[..length]).is_err(), "{name} {length}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            if let Ok(certificate) = Certificate::decode(&flipped) {
                walk(&certificate);
            }
            let _ = Crl::decode(&flipped);
        }
        checked += 1;
    }
    println!("{checked} certificates cut and flipped");
}

/// Calls every accessor.
fn walk(certificate: &Certificate<'_>) -> usize {
    let texts = [certificate.mud_url(), certificate.masa_url(), certificate.device_serial_number()];
    let _ =
        (certificate.subject_key_id(), certificate.authority_key_id(), certificate.mud_signer());
    let _ =
        (certificate.key_usage(), certificate.basic_constraints(), certificate.hardware_module());
    let _ = (certificate.policy_constraints(), certificate.inhibit_any_policy());
    let constraints = certificate.name_constraints();
    texts.iter().flatten().count()
        + certificate.extensions().count()
        + certificate.alternative_names().count()
        + certificate.subject().attributes().count()
        + certificate.purposes().into_iter().flatten().count()
        + certificate.policies().into_iter().flatten().count()
        + certificate.policy_mappings().count()
        + constraints.map_or(0, |own| own.permitted.count() + own.excluded.count())
        + usize::from(certificate.is_self_issued())
}

/// Files whose names tell what is wrong with them.
#[test]
fn broken_certificates_are_refused_by_the_rule_that_they_break() {
    let all = certificates();
    let cases = [
        ("invalid_version.pem", rules::x509::VERSION),
        ("negative_serial.pem", rules::x509::SERIAL),
        ("mismatch_inner_outer_sig_algorithm.der", rules::x509::ALGORITHMS_DIFFER),
        ("two_basic_constraints.pem", rules::x509::EXTENSION_TWICE),
        ("invalid_utf8_common_name.pem", rules::x509::NAME),
        ("empty-eku.pem", rules::x509::EXTENSION_VALUE),
    ];
    for (name, expected) in cases {
        let Some(bytes) = all.get(&format!("x509-pyca-custom/{name}")) else { continue };
        assert_eq!(Certificate::decode(bytes).unwrap_err().rule(), expected, "{name}");
    }
}
