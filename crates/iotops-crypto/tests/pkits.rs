//! Path validation beside NIST's PKITS, with its CRLs.

#![cfg(all(feature = "x509-policies", feature = "rsa"))]
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
use std::path::Path;

use iotops_crypto::Error;
use iotops_crypto::rules::x509 as rules;
use iotops_crypto::wire::{Clock, Rule, Time};
use iotops_crypto::x509::path::{Anchor, Options, verify};
use iotops_crypto::x509::{Certificate, Crl};

/// 2012-01-01.
const NOW: Time = Time::from_unix(1_325_376_000);

/// The policies `NIST-test-policy-n`.
const P1: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x02, 0x01, 0x30, 1];
const P2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x02, 0x01, 0x30, 2];
const P3: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x02, 0x01, 0x30, 3];
const P6: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x02, 0x01, 0x30, 6];

/// Settings other than the usual ones: acceptable policies, a policy required, mapping inhibited,
/// the special policy inhibited; and whether the path is then valid.
type Setting = (&'static str, &'static [&'static [u8]], bool, bool, bool, bool);

const SETTINGS: [Setting; 50] = [
    ("ValidCertificatePathTest1", &[], true, false, false, true),
    ("ValidCertificatePathTest1", &[P1], true, false, false, true),
    ("ValidCertificatePathTest1", &[P2], true, false, false, false),
    ("ValidCertificatePathTest1", &[P1, P2], true, false, false, true),
    ("AllCertificatesNoPoliciesTest2", &[], false, false, false, true),
    ("AllCertificatesNoPoliciesTest2", &[], true, false, false, false),
    ("DifferentPoliciesTest3", &[], false, false, false, true),
    ("DifferentPoliciesTest3", &[], true, false, false, false),
    ("DifferentPoliciesTest3", &[P1, P2], true, false, false, false),
    ("DifferentPoliciesTest4", &[], false, false, false, false),
    ("DifferentPoliciesTest5", &[], false, false, false, false),
    ("OverlappingPoliciesTest6", &[], false, false, false, true),
    ("OverlappingPoliciesTest6", &[P1], false, false, false, true),
    ("OverlappingPoliciesTest6", &[P2], false, false, false, false),
    ("DifferentPoliciesTest7", &[], false, false, false, false),
    ("DifferentPoliciesTest8", &[], false, false, false, false),
    ("DifferentPoliciesTest9", &[], false, false, false, false),
    ("AllCertificatesSamePoliciesTest10", &[], false, false, false, true),
    ("AllCertificatesSamePoliciesTest10", &[P1], false, false, false, true),
    ("AllCertificatesSamePoliciesTest10", &[P2], false, false, false, true),
    ("AllCertificatesanyPolicyTest11", &[], false, false, false, true),
    ("AllCertificatesanyPolicyTest11", &[P1], false, false, false, true),
    ("DifferentPoliciesTest12", &[], false, false, false, false),
    ("AllCertificatesSamePoliciesTest13", &[P1], false, false, false, true),
    ("AllCertificatesSamePoliciesTest13", &[P2], false, false, false, true),
    ("AllCertificatesSamePoliciesTest13", &[P3], false, false, false, true),
    ("AnyPolicyTest14", &[P1], false, false, false, true),
    ("AnyPolicyTest14", &[P2], false, false, false, false),
    ("UserNoticeQualifierTest15", &[], false, false, false, true),
    ("UserNoticeQualifierTest16", &[], false, false, false, true),
    ("UserNoticeQualifierTest17", &[], false, false, false, true),
    ("UserNoticeQualifierTest18", &[P1], false, false, false, true),
    ("UserNoticeQualifierTest18", &[P2], false, false, false, true),
    ("UserNoticeQualifierTest19", &[], false, false, false, true),
    ("CPSPointerQualifierTest20", &[], true, false, false, true),
    ("CPSPointerQualifierTest20", &[P1], true, false, false, true),
    ("ValidPolicyMappingTest1", &[P1], false, false, false, true),
    ("ValidPolicyMappingTest1", &[P2], false, false, false, false),
    ("ValidPolicyMappingTest1", &[], false, true, false, false),
    ("InvalidPolicyMappingTest2", &[], false, true, false, false),
    ("ValidPolicyMappingTest3", &[P1], false, false, false, false),
    ("ValidPolicyMappingTest3", &[P2], false, false, false, true),
    ("ValidPolicyMappingTest5", &[P1], false, false, false, true),
    ("ValidPolicyMappingTest5", &[P6], false, false, false, false),
    ("ValidPolicyMappingTest6", &[P1], false, false, false, true),
    ("ValidPolicyMappingTest6", &[P6], false, false, false, false),
    ("ValidPolicyMappingTest12", &[P1], false, false, false, true),
    ("ValidPolicyMappingTest12", &[P2], false, false, false, true),
    ("inhibitAnyPolicyTest3", &[], false, false, false, true),
    ("inhibitAnyPolicyTest3", &[], false, false, true, false),
];

/// Why paths are refused, by how the names of the tests begin.
const REASONS: [(&str, Rule); 21] = [
    ("InvalidCAnotAfterDate", rules::EXPIRED),
    ("InvalidEEnotAfterDate", rules::EXPIRED),
    ("Invalidpre2000UTCEEnotAfter", rules::EXPIRED),
    ("InvalidCAnotBeforeDate", rules::NOT_YET_VALID),
    ("InvalidEEnotBeforeDate", rules::NOT_YET_VALID),
    ("InvalidEESignature", rules::SIGNATURE),
    ("InvalidNameChaining", rules::NO_PATH),
    ("InvalidMissingCRL", rules::CRL_MISSING),
    ("InvalidRevoked", rules::REVOKED),
    ("InvaliddeltaCRLTest3", rules::REVOKED),
    ("InvaliddeltaCRLTest4", rules::REVOKED),
    ("InvalidkeyUsageCriticalcRLSign", rules::CRL_SIGN),
    ("InvalidkeyUsageCriticalkeyCertSign", rules::NO_CERT_SIGN),
    ("InvalidkeyUsageNotCriticalkeyCertSign", rules::NO_CERT_SIGN),
    ("InvalidMissingbasicConstraints", rules::NOT_CA),
    ("InvalidcAFalse", rules::NOT_CA),
    ("InvalidpathLenConstraint", rules::PATH_LENGTH),
    ("InvalidUnknownCriticalCertificate", rules::CRITICAL_UNKNOWN),
    ("InvalidMapping", rules::POLICY_MAPPING),
    ("InvalidrequireExplicitPolicy", rules::POLICY),
    ("InvalidinhibitAnyPolicy", rules::POLICY),
];

const OTHER_PATH: &str = "the list is signed by an authority that is not on the path";
const INDIRECT: &str = "indirect lists are not processed";
const RELATIVE: &str = "distribution points are compared by their full names only";
const PARTIAL: &str = "lists of some reasons are not put together";

/// Valid for PKITS, refused by us: nothing that is not processed counts as not revoked.
const REFUSED: [(&str, &str); 18] = [
    ("ValidBasicSelfIssuedCRLSigningKeyTest6", OTHER_PATH),
    ("ValidBasicSelfIssuedNewWithOldTest4", OTHER_PATH),
    ("ValidSeparateCertificateandCRLKeysTest19", OTHER_PATH),
    ("ValidDSAParameterInheritanceTest5", "no DSA"),
    ("ValidDSASignaturesTest4", "no DSA"),
    ("ValiddeltaCRLTest5", "what a delta takes back stays revoked by the list before it"),
    ("ValidIDPwithindirectCRLTest22", INDIRECT),
    ("ValidIDPwithindirectCRLTest24", INDIRECT),
    ("ValidIDPwithindirectCRLTest25", INDIRECT),
    ("ValidcRLIssuerTest28", INDIRECT),
    ("ValidcRLIssuerTest29", INDIRECT),
    ("ValidcRLIssuerTest30", INDIRECT),
    ("ValidcRLIssuerTest33", INDIRECT),
    ("ValiddistributionPointTest4", RELATIVE),
    ("ValiddistributionPointTest5", RELATIVE),
    ("ValiddistributionPointTest7", RELATIVE),
    ("ValidonlySomeReasonsTest18", PARTIAL),
    ("ValidonlySomeReasonsTest19", PARTIAL),
];

fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = test_support::files(folder, &[".crt", ".crl"]);
    let name = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
}

struct Suite<'a> {
    certificates: &'a BTreeMap<String, Vec<u8>>,
    intermediates: Vec<Certificate<'a>>,
    anchor: Anchor<'a>,
    crls: Vec<Crl<'a>>,
}

impl Suite<'_> {
    fn run(&self, name: &str, setting: &Setting) -> Result<(), Error> {
        let (_, policies, require, mapping, any, _) = *setting;
        let mut options =
            Options::new(Clock::Trusted(NOW)).crls(&self.crls).policies(policies).signatures(1000);
        if require {
            options = options.require_policy();
        }
        if mapping {
            options = options.inhibit_mapping();
        }
        if any {
            options = options.inhibit_any_policy();
        }
        let leaf = Certificate::decode(&self.certificates[&format!("{name}EE")])?;
        verify(&leaf, &self.intermediates, &[self.anchor], &options).map(drop)
    }
}

#[test]
fn verdicts_are_those_of_pkits() {
    let Some(folder) = test_support::vectors("crypto") else { return };
    let certificates = read(&folder.join("pkits/certs"));
    let lists = read(&folder.join("pkits/crls"));
    let is_leaf = |name: &str| name.ends_with("EE");
    let mut undecoded = Vec::new();
    let mut intermediates = Vec::new();
    for (name, bytes) in certificates.iter().filter(|(name, _)| !is_leaf(name)) {
        match Certificate::decode(bytes) {
            Ok(_) if name == "TrustAnchorRootCertificate" => {}
            Ok(certificate) => intermediates.push(certificate),
            Err(error) => undecoded.push(format!("{name}: {error}")),
        }
    }
    let mut crls = Vec::new();
    for (name, bytes) in &lists {
        match Crl::decode(bytes) {
            Ok(crl) => crls.push(crl),
            Err(error) => undecoded.push(format!("{name}: {error}")),
        }
    }
    println!("not decoded: {undecoded:?}");
    let root = Certificate::decode(&certificates["TrustAnchorRootCertificate"]).unwrap();
    let anchor = Anchor::certificate(root);
    let suite = Suite { certificates: &certificates, intermediates, anchor, crls };
    let (mut counts, mut differences) = (BTreeMap::<_, usize>::new(), Vec::new());
    let mut check = |name: &str, setting: &Setting| {
        let ours = suite.run(name, setting);
        let listed = REFUSED.iter().any(|(known, _)| *known == name);
        let reason = REASONS.iter().find(|(prefix, _)| name.starts_with(prefix));
        if let (Err(error), Some((_, expected))) = (ours, reason) {
            assert_eq!(error.rule(), *expected, "{name}");
        }
        *counts.entry((setting.5, ours.is_ok())).or_default() += 1;
        if ours.is_ok() != (setting.5 && !listed) {
            let ours = ours.map_err(|error| error.to_string());
            differences.push(format!("{name} {setting:?}: {ours:?}"));
        }
    };
    for (name, _) in certificates.iter().filter(|(name, _)| is_leaf(name)) {
        let name = name.strip_suffix("EE").unwrap();
        let expected = name.starts_with("Valid");
        if expected || name.starts_with("Invalid") {
            check(name, &("", &[], false, false, false, expected));
        }
    }
    for setting in &SETTINGS {
        check(setting.0, setting);
    }
    println!("(expected, ours): {counts:?}");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    test_support::report("pkits", counts.values().sum());
}
