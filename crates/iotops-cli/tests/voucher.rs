//! Vouchers and requests for them, as the user of the command meets them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic and index"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use brski_voucher::VoucherBuilder;
use brski_voucher::model::{Assertion, Profile};
use common::{iotops, iotops_with, text};
use iotops_crypto::key::{KeyType, SecretKey, import};
use iotops_crypto::x509::build::{Draft, name};
use iotops_wire::Time;

fn folder(test: &str) -> PathBuf {
    common::folder(&format!("voucher-{test}"))
}

fn key(folder: &Path, name: &str) -> String {
    let file = folder.join(name);
    iotops(&["key", "generate", "--out", text(&file)]).ok();
    text(&file).to_owned()
}

#[test]
fn a_request_is_made_shown_and_verified() {
    let folder = folder("request");
    let (own, other) = (key(&folder, "idevid.pem"), key(&folder, "other.pem"));
    let (registrar, out) = (folder.join("registrar.der"), folder.join("request.vch"));
    fs::write(&registrar, b"a certificate").unwrap();
    let arguments = ["voucher", "request", "--serial-number", "S-1", "--key", &own];
    let more = ["--registrar", text(&registrar), "--out", text(&out)];
    iotops(&[&arguments[..], &more].concat()).ok();
    let shown = iotops(&["voucher", "inspect", text(&out)]);
    assert_eq!(shown.status, 0, "{}", shown.error);
    assert!(shown.error.contains("NOT VERIFIED"));
    let shown = shown.into_text();
    assert!(shown.starts_with("voucher request in Cose, application/voucher+cose\n"), "{shown}");
    for part in ["\"serial-number\": \"S-1\"", "\"assertion\": \"proximity\"", "\"nonce\": \""] {
        assert!(shown.contains(part), "{shown} lacks {part}");
    }
    assert!(!shown.contains("deviation"), "{shown}");
    let verified = iotops(&["voucher", "verify", "--key", &own, text(&out)]);
    assert_eq!((verified.status, verified.text()), (0, "signed: voucher request\n"));
    assert_eq!(iotops(&["voucher", "verify", "--key", &other, text(&out)]).status, 1);
    // A request is no voucher, whoever signed it.
    let as_device = ["voucher", "verify", "--key", &own, "--serial-number", "S-1", text(&out)];
    let ended = iotops(&as_device);
    assert_eq!(ended.status, 1);
    assert!(ended.error.contains("must not be taken for"), "{}", ended.error);
    assert_eq!(iotops(&["voucher", "verify", text(&out)]).status, 2);
}

#[test]
fn deviations_are_listed_and_refused_strictly() {
    let folder = folder("deviations");
    let mut signer = SecretKey::from_raw(KeyType::Ed25519, &[7; 32]).unwrap();
    let public = folder.join("masa.cbor");
    fs::write(&public, signer.verifying_key().to_cose_key().unwrap().as_bytes()).unwrap();
    let draft = VoucherBuilder::new("S-1")
        .assertion(Assertion::Logged)
        .nonce(b"12345678")
        .pinned_domain_pubk_sha256(&[1; 32])
        .build(Profile::Rfc8366bis)
        .unwrap();
    let voucher = draft.sign_cose(&mut signer).unwrap();
    let verify = |document: &[u8], serial: &str, nonce: &str| {
        let own = ["--serial-number", serial, "--nonce", nonce, "-"];
        iotops_with(&[&["voucher", "verify", "--key", text(&public)], &own[..]].concat(), document)
    };
    let nonce = "3132333435363738";
    let accepted = verify(&voucher, "S-1", nonce);
    assert_eq!(accepted.text(), "accepted by S-1: the digest of a public key is pinned\n");
    assert_eq!(verify(&voucher, "S-2", nonce).status, 1);
    assert_eq!(verify(&voucher, "S-1", "00").status, 1);
    assert_eq!(verify(&voucher, "S-1", "0").status, 2);
    // Without its tag it is read, and not accepted.
    let untagged = &voucher[1..];
    let shown = iotops_with(&["voucher", "inspect", "-"], untagged);
    assert_eq!(shown.status, 0, "{}", shown.error);
    assert!(shown.text().contains("deviation: untagged: "), "{}", shown.text());
    assert_eq!(verify(untagged, "S-1", nonce).status, 1);
    let cut = iotops_with(&["voucher", "inspect", "-"], &voucher[..40]);
    assert_eq!((cut.status, cut.text()), (1, ""));
    assert_eq!(iotops_with(&["voucher", "inspect", "-"], b"hello").status, 1);
}

/// A certificate that this key gives itself, valid for a long time.
fn certificate(folder: &Path, key: &str, called: &str) -> String {
    let mut signer = import(&fs::read(key).unwrap()).unwrap().secret_key().unwrap();
    let (subject, spki) = (name(&[(&[0x55, 4, 3], called)]), signer.verifying_key());
    let spki = spki.to_spki_der().unwrap();
    let end = Time::from_unix(4_000_000_000);
    let draft = Draft::new(&subject, &subject, &spki, &[1], Time::from_unix(0), end);
    let file = folder.join(format!("{called}.der"));
    fs::write(&file, draft.authority(None).sign(&mut signer).unwrap()).unwrap();
    text(&file).to_owned()
}

#[test]
fn a_delivery_gets_its_vouchers_and_goes_on_after_an_interruption() {
    let folder = folder("bulk");
    let (own, domain) = (key(&folder, "masa.pem"), key(&folder, "domain.pem"));
    let (signer, pin) =
        (certificate(&folder, &own, "masa"), certificate(&folder, &domain, "domain"));
    let (list, out) = (folder.join("delivery.txt"), folder.join("vouchers"));
    fs::write(&list, "S-1\nS-2\n\n  S-3\n").unwrap();
    let bulk = |days: &str| {
        let files = ["--serial-numbers", text(&list), "--pin", &pin, "--key", &own];
        let more = ["--certificate", &signer, "--days", days, "--out", text(&out)];
        iotops(&[&["voucher", "bulk"], &files[..], &more].concat())
    };
    let told = format!("3 vouchers in {}\n", text(&out));
    assert_eq!(bulk("30").ok(), told.as_bytes());
    for serial in ["S-1", "S-2", "S-3"] {
        let voucher = out.join(format!("{serial}.vcj"));
        let verify = ["voucher", "verify", "--certificate", &signer, "--serial-number", serial];
        let accepted = iotops(&[&verify[..], &[text(&voucher)]].concat());
        assert_eq!(accepted.status, 0, "{}", accepted.error);
        assert!(accepted.text().ends_with("a certificate is pinned\n"));
    }
    let first = fs::read(out.join("S-1.vcj")).unwrap();
    fs::remove_file(out.join("S-2.vcj")).unwrap();
    assert_eq!(bulk("60").ok(), told.as_bytes());
    assert!(out.join("S-2.vcj").exists());
    assert_eq!(fs::read(out.join("S-1.vcj")).unwrap(), first);
    // Not behind the certificate that is pinned, and nowhere else than in the folder.
    fs::remove_file(out.join("S-3.vcj")).unwrap();
    assert_eq!(bulk("99999").status, 1);
    assert!(!out.join("S-3.vcj").exists());
    fs::write(&list, "../S-4\n").unwrap();
    assert_eq!(bulk("30").status, 2);
}
