//! The generated vouchers: each has the fate that its index tells, and the published set of cBRSKI
//! does not fit together.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    unreachable_pub,
    missing_docs,
    reason = "tests may panic and index"
)]

extern crate alloc;

mod common;

use alloc::collections::BTreeMap;
use std::fs;

use brski_voucher::model::{Assertion, Profile};
use brski_voucher::roles::{IssuerForm, Pin, PinKind, Pledge};
use brski_voucher::{Signed, rules};
use common::{certificate_key, from_hex};
use iotops_crypto::{Verifier, key::import};
use iotops_wire::{Clock, Finding, Rule};

const NONCE: [u8; 8] = [0x23, 0xbf, 0xbb, 0xc9, 0xc2, 0xbc, 0xf2, 0x13];
const SERIAL: &str = "JADA123456789";
/// The authority key identifier of the published device certificate.
const ISSUER: &str = "041830168014cb8d98ca74c51b58dde7acef869a9443a8d666a6";

/// What becomes of one of the generated vouchers, by how far it comes.
enum Fate {
    Accepted,
    /// Read leniently, and accepted.
    Tolerated(Rule),
    /// Read leniently, and refused by the device all the same.
    ToleratedRefused(Rule, Rule),
    Unread(Rule),
    Unverified(Rule),
    Refused(Rule),
}

fn fates() -> BTreeMap<&'static str, Fate> {
    use Fate::{Accepted, Refused, Tolerated, ToleratedRefused, Unread, Unverified};
    use iotops_crypto::rules as crypto;
    use iotops_wire::rules as wire;
    BTreeMap::from([
        ("ok_voucher_nonce_matches_pvr.vch", Accepted),
        ("ok_voucher_untagged.vch", Tolerated(rules::UNTAGGED)),
        ("ok_voucher_rpk.vch", Accepted),
        ("ok_voucher_rpk_sha256.vch", Accepted),
        ("bad_voucher_expires_after_pinned.vch", Refused(rules::PIN_OUTLIVED)),
        ("ok_voucher_idevid_issuer.vch", Accepted),
        // The form of the issuer is for the device to tolerate, not for the reader.
        ("compat_voucher_idevid_issuer_seq.vch", Refused(rules::IDEVID_ISSUER)),
        ("ok_voucher_mixed_keys.vch", Accepted),
        ("ok_voucher_abs_sid_tag47.vch", Accepted),
        ("compat_voucher_extension_delta17.vch", Accepted),
        ("ok_voucher_unknown_sid.vch", Accepted),
        ("compat_voucher_date_tag1.vch", Tolerated(rules::DATE_TAG)),
        ("ok_voucher_eddsa.vch", Accepted),
        ("ok_voucher_es384.vch", Accepted),
        ("bad_voucher_sig_flipped.vch", Unverified(crypto::SIGNATURE)),
        ("bad_voucher_nonce_tampered.vch", Unverified(crypto::SIGNATURE)),
        ("bad_voucher_other_nonce.vch", Refused(rules::NONCE)),
        ("bad_voucher_no_pin.vch", Refused(rules::PIN_MISSING)),
        ("bad_voucher_nonce_long.vch", Unread(rules::NONCE_LENGTH)),
        // Good in the revised edition; see below for RFC 8366.
        ("bad_voucher_nonce_and_expires.vch", Accepted),
        ("bad_voucher_last_renewal_no_expires.vch", Unread(rules::RENEWAL)),
        ("bad_voucher_alg_unprotected.vch", Unread(crypto::ALGORITHM_UNPROTECTED)),
        ("bad_voucher_alg_missing.vch", Tolerated(crypto::ALGORITHM_MISSING)),
        ("compat_voucher_prot_a0.vch", Tolerated(crypto::ALGORITHM_MISSING)),
        ("bad_voucher_crit_unknown.vch", Unverified(crypto::CRITICAL_UNKNOWN)),
        ("bad_voucher_request_top.vch", Refused(rules::KIND)),
        ("bad_voucher_both_tops.vch", Unread(rules::CONTAINER)),
        ("bad_voucher_dup_key.vch", Unread(rules::LEAF_TWICE)),
        ("bad_voucher_trailing.vch", Unread(wire::TRAILING)),
        // It pins nothing.
        ("ok_voucher_indef_map.vch", ToleratedRefused(wire::INDEFINITE, rules::PIN_MISSING)),
        ("bad_deep_nesting.vch", Unread(wire::EXPECT_BYTES)),
    ])
}

fn pledge(issuer: &[u8]) -> Pledge<'_> {
    Pledge::new(SERIAL, Clock::Unknown)
        .issued_by(issuer, IssuerForm::Exact)
        .sent_nonce(&NONCE)
        .sent_proximity(PinKind::PublicKey)
}

#[test]
fn generated_vouchers_have_the_fate_of_their_index() {
    let Some(folder) = test_support::vectors("brski") else { return };
    let masa = certificate_key(&folder.join("cbrski/cose-examples/masa_ca.pem"));
    let edwards = from_hex(&folder.join("generated/ed25519_masa_pub.hex"));
    let edwards = import(&edwards).unwrap().verifying_key();
    let p384 = fs::read(folder.join("generated/es384_masa_pub.pem")).unwrap();
    let p384 = import(&p384).unwrap().verifying_key();
    let keys: [&dyn Verifier; 3] = [&masa, &edwards, &p384];
    let (fates, issuer) = (fates(), common::hex(ISSUER));
    let mut checked = 0;
    for path in test_support::files(&folder.join("generated"), &[".vch"]) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let document = fs::read(&path).unwrap();
        let fate = fates.get(&*name).unwrap_or_else(|| panic!("{name} has no fate"));
        check(&name, &document, fate, &keys, &issuer);
        checked += 1;
    }
    assert_eq!(checked, fates.len());
    test_support::report("brski generated COSE", checked);
}

fn check(name: &str, document: &[u8], fate: &Fate, keys: &[&dyn Verifier], issuer: &[u8]) {
    let strict = Signed::decode_cose(document);
    let signed = match (fate, strict) {
        (Fate::Unread(rule), result) => {
            assert_eq!(result.map(drop).unwrap_err().rule(), *rule, "{name}");
            return;
        }
        (Fate::Tolerated(rule) | Fate::ToleratedRefused(rule, _), result) => {
            assert!(result.is_err(), "{name}: strict");
            let mut found = Vec::new();
            let signed = Signed::decode_cose_lenient(document, &mut |one| found.push(one));
            // Each map with indefinite length is told.
            let mut told: Vec<Rule> = found.iter().map(Finding::rule).collect();
            told.dedup();
            assert_eq!(told, [*rule], "{name}");
            signed.unwrap()
        }
        (_, result) => result.unwrap_or_else(|error| panic!("{name}: {error}")),
    };
    let verified = match (fate, signed.verify(keys)) {
        (Fate::Unverified(rule), result) => {
            assert_eq!(result.map(drop).unwrap_err().rule(), *rule, "{name}");
            return;
        }
        (_, result) => result.unwrap_or_else(|error| panic!("{name}: {error}")),
    };
    let accepted = pledge(issuer).taking_nonceless().accept(&verified, &mut []);
    match fate {
        Fate::Refused(rule) | Fate::ToleratedRefused(_, rule) => {
            assert_eq!(accepted.map(drop).unwrap_err().rule(), *rule, "{name}");
        }
        _ => drop(accepted.unwrap_or_else(|error| panic!("{name}: {error}"))),
    }
}

/// The index names every file, with its length, and none that is not here.
#[test]
fn the_index_and_the_files_agree() {
    let Some(folder) = test_support::vectors("brski") else { return };
    let folder = folder.join("generated");
    let index = fs::read_to_string(folder.join("INDEX.tsv")).unwrap();
    let fates = fates();
    let mut count = 0;
    for line in index.lines() {
        let [name, length, _] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let document = fs::read(folder.join(name)).unwrap();
        assert_eq!(document.len().to_string(), length, "{name}");
        assert!(fates.contains_key(name) || name.ends_with(".vcj"), "{name}");
        count += 1;
    }
    assert_eq!(count, fates.len() + 2);
    test_support::report("brski index", count);
}

#[test]
fn generated_vouchers_in_cms() {
    let Some(folder) = test_support::vectors("brski") else { return };
    let folder = folder.join("generated");
    let masa = certificate_key(&folder.join("cms_masa.pem"));
    let vendor = certificate_key(&folder.join("cms_vendor_ca.pem"));
    let strict = fs::read(folder.join("ok_strict_id-ct-animaJSONVoucher.vcj")).unwrap();
    let signed = Signed::decode_cms(&strict).unwrap();
    assert!(signed.verify(&[&masa]).is_ok());
    let refused = signed.verify(&[&vendor]).unwrap_err();
    assert_eq!(refused.rule(), iotops_crypto::rules::NO_KEY);

    let ber = fs::read(folder.join("compat_ber_indefinite.vcj")).unwrap();
    assert!(Signed::decode_cms(&ber).is_err());
    assert!(Signed::decode_cms_lenient(&ber, &mut |_| {}).is_err());
    let mut told = Vec::new();
    let der = iotops_crypto::der::ber::to_der(&ber, &mut |one| told.push(one)).unwrap();
    assert!(!told.is_empty());
    assert_eq!(Signed::decode_cms(&der).unwrap_err().rule(), rules::CONTENT_TYPE);
    let signed = Signed::decode_cms_lenient(&der, &mut |one| told.push(one)).unwrap();
    assert!(signed.verify(&[&masa]).is_ok());
    assert_eq!(told.last().unwrap().rule(), rules::CONTENT_TYPE);
    test_support::report("brski generated CMS", 2);
}

#[test]
fn what_the_editions_and_forms_decide() {
    let Some(folder) = test_support::vectors("brski") else { return };
    let masa = certificate_key(&folder.join("cbrski/cose-examples/masa_ca.pem"));
    let read = |name: &str| fs::read(folder.join("generated").join(name)).unwrap();
    let issuer = common::hex(ISSUER);
    let both = read("bad_voucher_nonce_and_expires.vch");
    let both = Signed::decode_cose(&both).unwrap().verify(&[&masa]).unwrap();
    let old = pledge(&issuer).in_profile(Profile::Rfc8366);
    assert_eq!(old.accept(&both, &mut []).unwrap_err().rule(), rules::NONCE_EXPIRES);
    let form = read("compat_voucher_idevid_issuer_seq.vch");
    let form = Signed::decode_cose(&form).unwrap().verify(&[&masa]).unwrap();
    let lenient = pledge(&issuer).issued_by(&issuer, IssuerForm::WithoutHead);
    assert!(lenient.accept(&form, &mut []).is_ok());
}

/// The published set of cBRSKI: its voucher answers another request.
#[test]
fn the_published_set_of_cbrski_does_not_fit_together() {
    let Some(folder) = test_support::vectors("brski") else { return };
    let folder = folder.join("cbrski/cose-examples");
    let key = |name: &str| certificate_key(&folder.join(name));
    let (pledge_key, registrar, masa) =
        (key("pledge.pem"), key("registrar.pem"), key("masa_ca.pem"));
    let [pvr, rvr, voucher] =
        ["pvr.hex", "rvr.hex", "voucher.hex"].map(|name| from_hex(&folder.join(name)));
    assert_eq!([pvr.len(), rvr.len(), voucher.len()], [201, 1604, 724]);
    let pvr_view = Signed::decode_cose(&pvr).unwrap().verify(&[&pledge_key]).unwrap();
    let rvr_view = Signed::decode_cose(&rvr).unwrap().verify(&[&registrar]).unwrap();
    let request = rvr_view.request().unwrap();
    assert!(request.prior_signed_voucher_request().unwrap().is(&pvr));
    let own = fs::read(folder.join("registrar.der")).unwrap();
    let own = iotops_crypto::x509::Certificate::decode(&own).unwrap();
    brski_voucher::roles::check_request(&pvr_view, SERIAL, own.encoding(), own.public_key())
        .unwrap();
    let other =
        brski_voucher::roles::check_request(&pvr_view, "X", own.encoding(), own.public_key());
    assert_eq!(other.unwrap_err().rule(), rules::SERIAL_NUMBER);
    let stranger = brski_voucher::roles::check_request(&pvr_view, SERIAL, &[], &[]);
    assert_eq!(stranger.unwrap_err().rule(), rules::PROXIMITY);
    let prior = brski_voucher::roles::Prior::new(&pvr_view, SERIAL);
    let given =
        brski_voucher::roles::check_prior(&rvr_view, Some(&prior), &[], &[own.public_key()]);
    assert_eq!(given.unwrap(), Assertion::Proximity);
    let unseen = brski_voucher::roles::check_prior(&rvr_view, Some(&prior), &[], &[]);
    assert_eq!(unseen.unwrap_err().rule(), rules::PROXIMITY);
    let signed = Signed::decode_cose(&voucher).unwrap();
    assert!(signed.verify(&[&key("masa.pem")]).is_err());
    let verified = signed.verify(&[&masa]).unwrap();
    let refused = pledge(&[]).accept(&verified, &mut []).unwrap_err();
    assert_eq!(refused.rule(), rules::NONCE);
    let nonce = [0x57, 0xee, 0xd7, 0x86, 0xad, 0x40, 0x49, 0x07];
    let accepted = pledge(&[]).sent_nonce(&nonce).accept(&verified, &mut []).unwrap();
    assert!(matches!(accepted.pin(), Pin::Certificate(_)));
    test_support::report("brski cBRSKI set", 3);
}
