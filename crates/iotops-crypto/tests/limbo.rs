//! Path validation by x509-limbo. Its cases of the group `webpki` are judged by the profile for the
//! web, all others by the strict one.

#![cfg(all(
    feature = "x509",
    feature = "alloc",
    feature = "es256",
    feature = "es384",
    feature = "rsa"
))]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may panic and index"
)]

use std::fs;

use iotops_crypto::Error;
use iotops_crypto::der::{Oid, Reader};
use iotops_crypto::rules::{self, x509};
use iotops_crypto::wire::{Clock, Rule, Time};
use iotops_crypto::x509::path::{Anchor, Options, Profile};
use iotops_crypto::x509::{Certificate, Crl};
use serde_json::Value;

const SERVER: Oid<'static> = Oid::known(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01]);
const CLIENT: Oid<'static> = Oid::known(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02]);
/// The suite was made to be judged at this time where a case has none: 2026-06-29.
const NOW: u64 = 1_782_691_200;

/// What we refuse although the suite takes it, and why.
const REFUSED: &[(&str, &str)] = &[
    ("webpki::san::leftmost-wildcard-san", "wildcards are not taken"),
    ("webpki::nc::nc-permits-dns-san-pattern", "wildcards are not taken"),
    ("online::docs.python.org", "wildcards are not taken"),
    (
        "webpki::san::exact-localhost-ip-san",
        "its common name is none of its alternative names, as in webpki::cn::not-in-san, which \
         must fail",
    ),
    (
        "cve::cve-2024-0567",
        "its anchor is cross-signed without a key identifier of its issuer, as in \
         rfc5280::aki::cross-signed-root-missing-aki, which must fail",
    ),
];

fn pem(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap();
    let (_, content) = pem_rfc7468::decode_vec(text.as_bytes()).unwrap();
    content
}

fn all(list: &Value) -> Vec<Vec<u8>> {
    list.as_array().unwrap().iter().map(pem).collect()
}

fn time(text: &Value) -> Time {
    let Some(text) = text.as_str() else { return Time::from_unix(NOW) };
    // 2024-01-01T00:00:00+00:00, perhaps with a fraction: as a GeneralizedTime or UTCTime.
    let digits: String = text.chars().take(19).filter(char::is_ascii_digit).collect();
    let der = [&[0x17, 13][..], &digits.as_bytes()[2..], b"Z"].concat();
    Reader::new(&der).unwrap().time().unwrap()
}

fn address(text: &str) -> Option<Vec<u8>> {
    match text.parse().ok()? {
        core::net::IpAddr::V4(address) => Some(address.octets().to_vec()),
        core::net::IpAddr::V6(address) => Some(address.octets().to_vec()),
    }
}

fn judge(case: &Value) -> Result<(), Error> {
    let (leaf, anchors) = (pem(&case["peer_certificate"]), all(&case["trusted_certs"]));
    let (between, lists) = (all(&case["untrusted_intermediates"]), all(&case["crls"]));
    let leaf = Certificate::decode(&leaf)?;
    // A certificate that cannot be read can be no part of a path, and no reason to refuse another.
    let anchors: Vec<_> = anchors
        .iter()
        .filter_map(|bytes| Certificate::decode(bytes).ok().map(Anchor::of_certificate))
        .collect();
    let between: Vec<_> =
        between.iter().filter_map(|bytes| Certificate::decode(bytes).ok()).collect();
    let lists = lists.iter().map(|bytes| Crl::decode(bytes)).collect::<Result<Vec<_>, _>>()?;
    let id = case["id"].as_str().unwrap();
    let profile = if id.starts_with("webpki") { Profile::Web } else { Profile::Strict };
    let mut options = Options::new(Clock::Trusted(time(&case["validation_time"])))
        .with_profile(profile)
        .with_crls(&lists);
    if let Some(depth) = case["max_chain_depth"].as_u64() {
        options = options.with_depth(usize::try_from(depth).unwrap_or(usize::MAX));
    }
    let purpose = if case["validation_kind"] == "CLIENT" { CLIENT } else { SERVER };
    let purposes = case["extended_key_usage"].as_array().unwrap();
    options = if purposes.is_empty() {
        options.with_purpose(purpose)
    } else {
        options.with_required_purpose(purpose)
    };
    leaf.verify(&between, &anchors, &options)?;
    match case["expected_peer_name"]["value"].as_str() {
        Some(name) if case["validation_kind"] == "SERVER" => {
            let fits = match address(name) {
                Some(address) => leaf.is_for_address(&address),
                None => leaf.is_for_host(name),
            };
            if fits { Ok(()) } else { Err(Error::new(x509::SUBJECT_NAME, 0)) }
        }
        _ => Ok(()),
    }
}

fn name(rule: Rule) -> &'static str {
    rules::row(rule).unwrap().name
}

#[test]
fn nothing_is_taken_that_must_fail() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let text = fs::read_to_string(folder.join("x509-limbo.json")).unwrap();
    let suite: Value = serde_json::from_str(&text).unwrap();
    let (mut checked, mut wrongly_taken, mut wrongly_refused) = (0, Vec::new(), Vec::new());
    for case in suite["testcases"].as_array().unwrap() {
        let id = case["id"].as_str().unwrap();
        let must_pass = case["expected_result"] == "SUCCESS";
        let ours = judge(case);
        let told = ours.map_or_else(
            |error| format!("{} {}", name(error.rule()), error.place()),
            |()| "taken".into(),
        );
        println!("{} {id}: {told}", case["expected_result"]);
        match (must_pass, ours) {
            (false, Ok(())) => wrongly_taken.push(id),
            (true, Err(error)) => match REFUSED.iter().find(|(known, _)| *known == id) {
                Some((_, why)) => println!("{id}: refused, as {why}"),
                None => wrongly_refused.push((id, name(error.rule()))),
            },
            (true, Ok(())) => assert!(!REFUSED.iter().any(|(known, _)| *known == id), "{id}"),
            _ => {}
        }
        checked += 1;
    }
    assert!(wrongly_taken.is_empty(), "{wrongly_taken:#?} and {wrongly_refused:#?}");
    assert!(wrongly_refused.is_empty(), "{wrongly_refused:#?}");
    test_support::report("x509-limbo", checked);
}
