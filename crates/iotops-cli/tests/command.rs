//! The command as its user meets it: what it prints, and with which exit status it ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod common;

use std::fs;

use common::{Ended, folder, iotops, iotops_with, text};

const KEY: &str = "testdata/keys/suit-example-p256-public.pem";
const EXAMPLE: &str = "testdata/suit/suit-manifest-37/example1-signed.suit";

fn example() -> Vec<u8> {
    fs::read(test_support::testdata().join("suit/suit-manifest-37/example1-signed.suit")).unwrap()
}

#[test]
fn verify_accepts_with_every_form_of_the_key() {
    for key in [
        KEY,
        "testdata/keys/suit-example-p256-private.pem",
        "testdata/keys/suit-example-p256-public.cosekey.cbor",
    ] {
        let ended = iotops(&["suit", "verify", "--key", key, EXAMPLE]);
        assert_eq!(ended.status, 0, "{}", ended.error);
        assert!(ended.text().ends_with("\nverified\n"), "{}", ended.text());
        assert!(ended.text().contains(&format!("ES256 by {key}")));
        assert_eq!(ended.error, "");
    }
}

#[test]
fn verify_lists_the_checks_made_and_those_skipped() {
    let severed = "testdata/suit/suit-manifest-37/example2-severed-signed.suit";
    let ended = iotops(&["suit", "verify", "--key", KEY, severed]);
    let names: Vec<&str> =
        ended.text().lines().map(|line| line.get(..25).unwrap_or(line)).collect();
    assert_eq!(
        names,
        [
            "passed   envelope        ",
            "passed   manifest digest ",
            "passed   signature       ",
            "passed   static rules    ",
            "skipped  severed elements",
            "skipped  rollback        ",
            "skipped  identity        ",
            "skipped  images          ",
            "verified",
        ]
    );
}

#[test]
fn verify_reports_as_json() {
    let ended = iotops(&["suit", "verify", "--format", "json", "--key", KEY, EXAMPLE]);
    let report: serde_json::Value = serde_json::from_str(ended.text()).unwrap();
    assert_eq!(report["schema_version"], 1);
    assert_eq!(report["verified"], true);
    assert_eq!(report["checks"][2]["name"], "signature");
    let bad = "testdata/suit/generated-negative/cmd-zero.suit";
    let ended = iotops(&["suit", "verify", "--format", "json", "--key", KEY, bad]);
    assert_eq!(ended.status, 1);
    let report: serde_json::Value = serde_json::from_str(ended.text()).unwrap();
    assert_eq!(report["verified"], false);
    assert_eq!(report["checks"][3]["result"], "failed");
}

#[test]
fn verify_reads_standard_input_and_untagged_envelopes() {
    let ended = iotops_with(&["suit", "verify", "--key", KEY, "-"], &example());
    assert_eq!(ended.status, 0, "{}", ended.error);
    let untagged = &example()[2..];
    let ended = iotops_with(&["suit", "verify", "--key", KEY, "-"], untagged);
    assert_eq!(ended.status, 1);
    assert!(ended.error.contains("tag 107"), "{}", ended.error);
    let ended = iotops_with(&["suit", "verify", "--untagged", "--key", KEY, "-"], untagged);
    assert_eq!(ended.status, 0, "{}", ended.error);
}

#[test]
fn policies_are_taken_from_the_command_line() {
    let two = "testdata/suit/generated-positive/ex1-two-blocks-esp256+ed25519.suit";
    let other = "testdata/keys/generated-ed25519-public.bin";
    let verify = |policy: &str, keys: &[&str]| {
        let mut arguments = vec!["suit", "verify", "--policy", policy, two];
        keys.iter().for_each(|key| arguments.extend(["--key", key]));
        iotops(&arguments).status
    };
    assert_eq!(verify("any", &[KEY]), 0);
    assert_eq!(verify("all", &[KEY]), 1);
    assert_eq!(verify("all", &[KEY, other]), 0);
    assert_eq!(verify("2", &[KEY, other]), 0);
    assert_eq!(verify("2", &[KEY]), 1);
    assert_eq!(verify("0", &[KEY]), 2);
    assert_eq!(verify("most", &[KEY]), 2);
}

/// One sentence on standard error, with a place where there is one.
fn refused(ended: &Ended, status: i32, telling: &str) {
    assert_eq!(ended.status, status, "{}", ended.error);
    assert_eq!(ended.error.lines().count(), 1, "{}", ended.error);
    assert!(ended.error.starts_with("error: "), "{}", ended.error);
    assert!(ended.error.contains(telling), "{} lacks {telling}", ended.error);
    assert!(!ended.text().contains("\nverified"), "{}", ended.text());
}

#[test]
fn bad_envelopes_are_rejected_with_rule_and_place() {
    let verify = |bytes: &[u8]| iotops_with(&["suit", "verify", "--key", KEY, "-"], bytes);
    let example = example();
    refused(&verify(&example[..200]), 1, "(RFC 8949 §3) at byte 122, in envelope / manifest");
    refused(&verify(b""), 1, "at byte 0");
    refused(&verify(b"this is not CBOR"), 1, "tag 107");
    refused(&verify(&[0xd8, 0x6b, 0xff]), 1, "at byte 2");
    refused(&verify(&[&example[..], &[0]].concat()), 1, "(RFC 8949 §5.3.1) at byte 272");
    let mut other_tag = example.clone();
    other_tag[1] = 0x6c;
    refused(&verify(&other_tag), 1, "(SUIT §8.2, App. A) at byte 0");
    let mut flipped = example.clone();
    flipped[100] ^= 1;
    refused(&verify(&flipped), 1, "the signature must verify with a key that was given");
}

#[test]
fn oversized_input_is_refused() {
    let file = folder("oversized").join("large.suit");
    fs::File::create(&file).unwrap().set_len((256 << 20) + 1).unwrap();
    let ended = iotops(&["suit", "verify", "--key", KEY, text(&file)]);
    refused(&ended, 2, "longer than 268435456 bytes");
    fs::remove_file(&file).unwrap();
}

#[test]
fn missing_files_and_unusable_keys_are_told() {
    let verify = |key: &str, file: &str| iotops(&["suit", "verify", "--key", key, file]);
    refused(&verify(KEY, "missing.suit"), 2, "missing.suit: ");
    refused(&verify("missing.pem", EXAMPLE), 2, "missing.pem: ");
    refused(&verify(EXAMPLE, EXAMPLE), 2, "a key must be PEM, DER, a COSE_Key, or the raw bytes");
    refused(
        &verify("hmac:testdata/suit/trust-domains-11/example0_dependent.suit", EXAMPLE),
        2,
        "of key 0",
    );
    let other = "testdata/keys/generated-ed25519-public.cosekey.cbor";
    refused(
        &verify(other, EXAMPLE),
        1,
        "no key that was given is for the algorithm of the message",
    );
    let folder = folder("unusable");
    let cut = folder.join("cut.pem");
    let pem = fs::read(test_support::testdata().join("keys/suit-example-p256-public.pem")).unwrap();
    fs::write(&cut, &pem[..60]).unwrap();
    refused(&verify(text(&cut), EXAMPLE), 2, "RFC 7468");
    refused(&verify(text(&folder), EXAMPLE), 2, "directory");
}

/// The public bytes of a signing key must never become a MAC key.
#[test]
fn raw_public_keys_are_no_mac_keys() {
    let mac = "testdata/suit/generated-positive/ex1-hmac256.suit";
    let raw = "testdata/keys/suit-example-hmac256.bin";
    let ended = iotops(&["suit", "verify", "--key", raw, mac]);
    assert_ne!(ended.status, 0);
    let ended = iotops(&["suit", "verify", "--key", &format!("hmac:{raw}"), mac]);
    assert_eq!(ended.status, 0, "{}", ended.error);
}

#[test]
fn usage_errors_end_with_2() {
    assert_eq!(iotops(&[]).status, 2);
    assert_eq!(iotops(&["suit", "verify", EXAMPLE]).status, 2);
    assert_eq!(iotops(&["suit", "bake"]).status, 2);
    assert_eq!(iotops(&["--help"]).status, 0);
}

#[test]
fn inspect_says_that_nothing_was_verified() {
    for format in ["text", "json", "edn", "hex"] {
        let ended = iotops(&["suit", "inspect", "--format", format, EXAMPLE]);
        assert_eq!(ended.status, 0);
        assert!(ended.error.starts_with("NOT VERIFIED"), "{}", ended.error);
        assert!(ended.text().contains("manifest"), "{}", ended.text());
    }
    let ended = iotops(&["suit", "inspect", "--format", "json", EXAMPLE]);
    let shown: serde_json::Value = serde_json::from_str(ended.text()).unwrap();
    assert!(shown["verified"].is_null());
    let ended = iotops_with(&["suit", "inspect", "-"], &example()[..100]);
    assert_eq!(ended.status, 1);
    assert!(ended.error.contains("at byte"), "{}", ended.error);
}

fn prefix(kind: &str, format: &str) -> &'static str {
    match (kind, format) {
        ("es256", "raw") => "es256-scalar:",
        ("ed25519", "raw") => "ed25519-seed:",
        ("hmac", "raw") => "hmac:",
        _ => "",
    }
}

#[test]
fn keys_are_made_shown_and_never_overwritten() {
    let folder = folder("keys");
    for kind in ["es256", "ed25519", "hmac"] {
        for format in ["pem", "cose", "raw"] {
            let file = folder.join(format!("{kind}.{format}"));
            let generate = ["key", "generate", "--type", kind, "--format", format, "--out"];
            let ended = iotops(&[&generate[..], &[text(&file)]].concat());
            if (kind, format) == ("hmac", "pem") {
                refused(&ended, 2, "a key must be PEM");
                assert!(!file.exists());
                continue;
            }
            assert_eq!(ended.status, 0, "{}", ended.error);
            let before = fs::read(&file).unwrap();
            assert_eq!(iotops(&[&generate[..], &[text(&file)]].concat()).status, 2);
            assert_eq!(fs::read(&file).unwrap(), before, "nothing is overwritten");
            let name = format!("{}{}", prefix(kind, format), text(&file));
            let ended = iotops(&["key", "show", "--secret", &name]);
            assert_eq!(ended.status, 0, "{name}: {}", ended.error);
        }
    }
    let hmac = format!("{}", folder.join("hmac.cose").display());
    refused(&iotops(&["key", "show", &hmac]), 2, "--secret");
}

#[test]
fn keys_are_shown_as_source() {
    let c = iotops(&["key", "show", "--format", "c", "--name", "AUTHOR", KEY]).into_text();
    assert!(c.contains("static const uint8_t AUTHOR[65] = {\n    0x04, 0x84,"), "{c}");
    let rust = iotops(&["key", "show", "--format", "rust", KEY]).into_text();
    assert!(rust.starts_with("pub const PUBLIC_KEY: [u8; 65] = [\n    0x04,"), "{rust}");
    let pem = iotops(&["key", "show", "--format", "pem", KEY]).into_text();
    let file =
        fs::read_to_string(test_support::testdata().join("keys/suit-example-p256-public.pem"));
    assert_eq!(pem.trim(), file.unwrap().trim());
    assert_eq!(iotops(&["key", "show", "--format", "c", "--name", "0; evil", KEY]).status, 2);
}
