//! Path validation beside x509-limbo, its group `webpki` by the rules for the web: nothing that must
//! fail is accepted, and every valid path
//! that is refused is listed with the reason.

#![cfg(all(
    feature = "x509-policies",
    feature = "es256",
    feature = "es384",
    feature = "rsa",
    feature = "alloc"
))]
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
use std::fs;

use base64ct::Encoding as _;
use iotops_crypto::Error;
use iotops_crypto::wire::{Clock, Time};
use iotops_crypto::x509::path::{Anchor, Options, verify};
use iotops_crypto::x509::{Certificate, Crl, oids, verifying_key};
use serde_json::Value;

fn pem(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    base64ct::Base64::decode_vec(&body).unwrap()
}

fn pems(list: &Value) -> Vec<Vec<u8>> {
    list.as_array().unwrap().iter().map(pem).collect()
}

/// Days and seconds of an ISO time in UTC, without its fraction, read as a `GeneralizedTime`.
fn time(text: &str) -> Time {
    let digits: String = text[..19].chars().filter(char::is_ascii_digit).collect();
    let bytes = [&[0x18, 15], digits.as_bytes(), b"Z"].concat();
    iotops_crypto::der::Reader::new(&bytes).unwrap().time().unwrap()
}

/// The time at which cases without one are meant to be run: when they were made.
const NOW: &str = "2026-09-20T00:00:00";

#[derive(Debug)]
#[allow(dead_code, reason = "shown in the list of differences")]
enum Refusal {
    Certificate(Error),
    Crl(Error),
    Path(Error),
    Key(Error),
    Name,
}

fn run(case: &Value, is_strict: bool) -> Result<(), Refusal> {
    let leaf = pem(&case["peer_certificate"]);
    let leaf = Certificate::decode(&leaf).map_err(Refusal::Certificate)?;
    let others = pems(&case["untrusted_intermediates"]);
    let intermediates: Vec<_> =
        others.iter().filter_map(|one| Certificate::decode(one).ok()).collect();
    let trusted = pems(&case["trusted_certs"]);
    let mut anchors = Vec::new();
    let mut broken = None;
    for one in &trusted {
        match Certificate::decode(one) {
            Ok(anchor) => anchors.push(Anchor::certificate(anchor)),
            Err(error) => broken = Some(error),
        }
    }
    let crls = pems(&case["crls"]);
    let crls: Vec<_> =
        crls.iter().map(|crl| Crl::decode(crl)).collect::<Result<_, _>>().map_err(Refusal::Crl)?;
    let now = time(case["validation_time"].as_str().unwrap_or(NOW));
    let purpose = match case["validation_kind"].as_str().unwrap() {
        "SERVER" => oids::SERVER_AUTH,
        _ => oids::CLIENT_AUTH,
    };
    let mut options = Options::new(Clock::Trusted(now)).purpose(purpose);
    let is_web = case["id"].as_str().unwrap().starts_with("webpki");
    if is_strict {
        options = if is_web { options.web() } else { options.conforming() };
    }
    if let Some(depth) = case["max_chain_depth"].as_u64() {
        options = options.depth(depth as u32);
    }
    if !crls.is_empty() {
        options = options.crls(&crls);
    }
    let verified = verify(&leaf, &intermediates, &anchors, &options)
        .map_err(|error| broken.map_or(Refusal::Path(error), Refusal::Certificate))?;
    // Who has a proof wants the key.
    verifying_key(verified.leaf().public_key()).map_err(Refusal::Key)?;
    let name = &case["expected_peer_name"];
    let value = name["value"].as_str().unwrap_or_default();
    let is_for = match name["kind"].as_str() {
        Some("DNS") => verified.leaf().is_for_dns(value),
        Some("IP") => {
            let address: core::net::IpAddr = value.parse().map_err(|_| Refusal::Name)?;
            match address {
                core::net::IpAddr::V4(four) => verified.leaf().is_for_ip(&four.octets()),
                core::net::IpAddr::V6(six) => verified.leaf().is_for_ip(&six.octets()),
            }
        }
        _ => true,
    };
    if is_for { Ok(()) } else { Err(Refusal::Name) }
}

/// Valid for limbo, refused when asked for certificates that conform.
const REFUSED: [(&str, &str); 6] = [
    ("cve::cve-2024-0567", "a root without key identifier"),
    ("webpki::nc::permitted-dns-match-noncritical", "name constraints that are not critical"),
    ("online::fastly.com", "the serial number of the root is 0"),
    ("webpki::san::leftmost-wildcard-san", "a wildcard on the web"),
    ("webpki::nc::nc-permits-dns-san-pattern", "a wildcard on the web"),
    (
        "webpki::san::exact-localhost-ip-san",
        "its common name is no alternative name, as in webpki::cn::not-in-san, which must fail",
    ),
];

#[test]
fn verdicts_are_those_of_limbo() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let text = fs::read_to_string(folder.join("x509-limbo.json")).unwrap();
    let limbo: Value = serde_json::from_str(&text).unwrap();
    let mut counts: BTreeMap<(&str, bool, bool), usize> = BTreeMap::new();
    let mut differences = Vec::new();
    let mut checked = 0;
    for case in limbo["testcases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let expected = case["expected_result"].as_str().unwrap();
        let (plain, strict) = (run(case, false), run(case, true));
        checked += 1;
        *counts.entry((expected, plain.is_ok(), strict.is_ok())).or_default() += 1;
        let is_in = |list: &[(&str, &str)]| list.iter().any(|(known, _)| *known == id);
        let is_fine = if expected == "SUCCESS" {
            plain.is_ok() && strict.is_err() == is_in(&REFUSED)
        } else {
            strict.is_err()
        };
        if !is_fine {
            differences.push(format!("{id}: expected {expected}, {plain:?}, {strict:?}"));
        }
        if expected != "SUCCESS" && plain.is_ok() && strict.is_err() {
            println!("refused only as not conforming: {id}: {strict:?}");
        }
    }
    println!("(expected, plain, strict): {counts:?}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    test_support::report("x509-limbo", checked);
}
