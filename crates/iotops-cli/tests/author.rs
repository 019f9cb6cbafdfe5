//! The author's and the distributor's side of `iotops suit`, as its user meets it.

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
use std::path::PathBuf;

use common::{Ended, iotops, iotops_with, text};

/// A folder of this test alone.
fn folder(test: &str) -> PathBuf {
    common::folder(&format!("author-{test}"))
}

const PRIVATE: &str = "testdata/keys/suit-example-p256-private.pem";
const KEY: &str = "testdata/keys/suit-example-p256-public.pem";
const MAC: &str = "hmac:testdata/keys/suit-example-hmac256.bin";
const TEMPLATES: &str = "testdata/suit/templates";
const EXAMPLES: &str = "testdata/suit/suit-manifest-37";

fn template(name: &str) -> String {
    format!("{TEMPLATES}/{name}.json")
}

fn create(name: &str) -> Vec<u8> {
    iotops(&["suit", "create", "--template", &template(name), "--out", "-"]).ok()
}

fn sign(envelope: &[u8]) -> Vec<u8> {
    iotops_with(&["suit", "sign", "--key", PRIVATE, "--out", "-", "-"], envelope).ok()
}

fn assert_verifies(envelope: &[u8], key: &str) {
    iotops_with(&["suit", "verify", "--key", key, "-"], envelope).ok();
}

fn refused(ended: &Ended, status: i32, telling: &str) {
    assert_eq!(ended.status, status, "{}", ended.error);
    let last = ended.error.lines().last().unwrap_or_default();
    assert!(last.starts_with("error: "), "{}", ended.error);
    assert!(last.contains(telling), "{} lacks {telling}", ended.error);
    assert!(ended.output.is_empty(), "{:?}", ended.output);
}

#[test]
fn a_template_becomes_a_signed_envelope_that_verifies() {
    let folder = folder("create");
    let (unsigned, signed) = (folder.join("unsigned.suit"), folder.join("update.suit"));
    let arguments =
        ["suit", "create", "--template", &template("integrated-payload"), "--out", text(&unsigned)];
    iotops(&arguments).ok();
    let verified = iotops(&["suit", "verify", "--key", KEY, text(&unsigned)]);
    assert_eq!(verified.status, 1);
    assert!(verified.error.contains("without an authentication block"), "{}", verified.error);
    iotops(&["suit", "sign", "--key", PRIVATE, "--out", text(&signed), text(&unsigned)]).ok();
    assert_verifies(&fs::read(&signed).unwrap(), KEY);
    assert_eq!(fs::read(&unsigned).unwrap(), create("integrated-payload"));
}

#[test]
fn what_exists_is_not_overwritten_and_a_failure_leaves_nothing() {
    let folder = folder("atomic");
    let out = folder.join("update.suit");
    iotops(&["suit", "create", "--template", &template("example1"), "--out", text(&out)]).ok();
    let first = fs::read(&out).unwrap();
    let again =
        iotops(&["suit", "create", "--template", &template("example3"), "--out", text(&out)]);
    refused(&again, 2, "update.suit: ");
    assert_eq!(fs::read(&out).unwrap(), first);
    let bad = folder.join("bad.json");
    fs::write(&bad, "{\"manifest-sequence-number\": 1,\n \"components\": [[\"a\"]],\n \"install\": [{\"directive-set-component-index\": 4}]}").unwrap();
    let other = folder.join("bad.suit");
    let ended = iotops(&["suit", "create", "--template", text(&bad), "--out", text(&other)]);
    refused(
        &ended,
        1,
        "bad.json:3:48: a component index must be below the number of components (SUIT §8.4.10.1), in /install/0/directive-set-component-index",
    );
    let mut left: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["bad.json", "update.suit"]);
    refused(
        &iotops(&["suit", "create", "--template", &template("example1"), "--out", "no/folder/x"]),
        2,
        "no/folder/x",
    );
}

#[test]
fn files_of_a_template_are_found_beside_it_or_as_they_are_given() {
    let folder = folder("files");
    let image = folder.join("other.bin");
    fs::write(&image, b"another image").unwrap();
    let given = format!("file.bin={}", text(&image));
    let name = template("integrated-payload");
    let ours =
        iotops(&["suit", "create", "--template", &name, "--payload", &given, "--out", "-"]).ok();
    assert!(ours.windows(13).any(|part| part == b"another image"));
    let missing = iotops(&[
        "suit",
        "create",
        "--template",
        &name,
        "--payload",
        "file.bin=none",
        "--out",
        "-",
    ]);
    refused(&missing, 2, "none: ");
    let usage =
        iotops(&["suit", "create", "--template", &name, "--payload", "file.bin", "--out", "-"]);
    assert_eq!(usage.status, 2);
    let from_input =
        fs::read(test_support::testdata().join("suit/templates/example1.json")).unwrap();
    let ended = iotops_with(&["suit", "create", "--template", "-", "--out", "-"], &from_input);
    assert_eq!(ended.ok(), create("example1"));
}

#[test]
fn a_printed_template_makes_the_same_manifest() {
    for number in 0..6 {
        let name = format!("{EXAMPLES}/example{number}-signed.suit");
        let printed = iotops(&["suit", "template", &name]).ok();
        let again =
            iotops_with(&["suit", "create", "--template", "-", "--out", "-"], &printed).ok();
        assert_eq!(again, create(&format!("example{number}")));
        let same = iotops_with(&["suit", "diff", &name, "-"], &again);
        assert_eq!((same.status, same.text()), (0, ""), "{}", same.error);
    }
}

#[test]
fn signing_in_two_steps_and_with_several_keys() {
    let folder = folder("sign");
    let unsigned = folder.join("unsigned.suit");
    fs::write(&unsigned, create("example1")).unwrap();
    let begin =
        ["suit", "sign", "--algorithm", "esp256", "--to-be-signed", "--out", "-", text(&unsigned)];
    let to_be_signed = iotops(&begin).ok();
    let signature = folder.join("signature.bin");
    fs::write(&signature, p256(&to_be_signed)).unwrap();
    let finish = [
        "suit",
        "sign",
        "--algorithm",
        "ESP256",
        "--signature",
        text(&signature),
        "--out",
        "-",
        text(&unsigned),
    ];
    assert_verifies(&iotops(&finish).ok(), KEY);
    fs::write(&signature, b"short").unwrap();
    refused(&iotops(&finish), 2, "signature: ");
    let both =
        iotops(&["suit", "sign", "--key", PRIVATE, "--key", MAC, "--out", "-", text(&unsigned)])
            .ok();
    assert_verifies(&both, KEY);
    assert_verifies(&both, MAC);
    let public = iotops(&["suit", "sign", "--key", KEY, "--out", "-", text(&unsigned)]);
    refused(&public, 2, "key");
    for usage in [
        &["suit", "sign", "--out", "-", "x"][..],
        &["suit", "sign", "--algorithm", "SHA-256", "--to-be-signed", "--out", "-", "x"],
        &["suit", "sign", "--algorithm", "ESP256", "--out", "-", "x"],
    ] {
        assert_eq!(iotops(usage).status, 2);
    }
}

/// What a signing service does.
fn p256(message: &[u8]) -> Vec<u8> {
    use iotops_crypto::Signer as _;
    let pem =
        fs::read(test_support::testdata().join("keys/suit-example-p256-private.pem")).unwrap();
    let mut key = iotops_crypto::key::import(&pem).unwrap().secret_key().unwrap();
    let mut signature = [0; 64];
    let length = key.sign(&[message], &mut signature).unwrap();
    signature[..length].to_vec()
}

#[test]
fn a_bootloader_gets_a_mac_for_what_was_verified() {
    let name = format!("{EXAMPLES}/example1-signed.suit");
    let wrap = |key: &str, mac: &str| {
        iotops(&["suit", "wrap", "--key", key, "--mac", mac, "--out", "-", &name])
    };
    let wrapped = wrap(KEY, MAC).ok();
    assert_verifies(&wrapped, MAC);
    assert_eq!(iotops_with(&["suit", "verify", "--key", KEY, "-"], &wrapped).status, 1);
    refused(&wrap(MAC, MAC), 1, "no key that was given is for the algorithm");
    refused(&wrap(KEY, PRIVATE), 2, "with a MAC");
}

#[test]
fn elements_are_severed_and_put_back() {
    let whole = format!("{EXAMPLES}/example2-signed.suit");
    let small = iotops(&["suit", "sever", "--out", "-", &whole]).ok();
    let severed =
        test_support::testdata().join("suit/suit-manifest-37/example2-severed-signed.suit");
    assert_eq!(small, fs::read(severed).unwrap());
    let back = iotops_with(&["suit", "unsever", "--from", &whole, "--out", "-", "-"], &small).ok();
    assert_eq!(back, fs::read(test_support::testdata().join("..").join(&whole)).unwrap());
    let text_only = iotops(&["suit", "sever", "--element", "text", "--out", "-", &whole]).ok();
    assert_verifies(&text_only, KEY);
    let twice = iotops_with(&["suit", "sever", "--element", "text", "--out", "-", "-"], &text_only);
    refused(&twice, 1, "text: what is taken out of an envelope must be in it");
    assert_eq!(iotops(&["suit", "sever", "--element", "validate", "--out", "-", &whole]).status, 2);
    let other = format!("{EXAMPLES}/example1-signed.suit");
    let stranger = iotops_with(&["suit", "unsever", "--from", &other, "--out", "-", "-"], &small);
    refused(&stranger, 1, "another manifest");
}

#[test]
fn payloads_are_put_in_and_taken_out() {
    let signed = sign(&create("component-download"));
    let uri = "https://example.com/file.bin";
    let integrate = |file: &str| {
        let payload = format!("{uri}={TEMPLATES}/{file}");
        iotops_with(&["suit", "integrate", "--payload", &payload, "--out", "-", "-"], &signed)
    };
    let needs = |envelope: &[u8]| iotops_with(&["suit", "needs", "-"], envelope).ok();
    let told = String::from_utf8(needs(&signed)).unwrap();
    assert!(
        told.starts_with(
            "suit-install component 0: https://example.com/file.bin, 33 bytes, SHA-256 "
        ),
        "{told}"
    );
    let whole = integrate("file.bin").ok();
    assert_verifies(&whole, KEY);
    assert_eq!(needs(&whole), b"");
    refused(&integrate("file-b.bin"), 1, "the digest and size that the manifest gives");
    let wrong = format!("https://example.com/={TEMPLATES}/file.bin");
    let ended =
        iotops_with(&["suit", "integrate", "--payload", &wrong, "--out", "-", "-"], &signed);
    refused(&ended, 1, "under a URI that the manifest fetches from");
    let removed = iotops_with(&["suit", "sever", "--payload", uri, "--out", "-", "-"], &whole).ok();
    assert_eq!(removed, signed);
    let json = iotops_with(&["suit", "needs", "--format", "json", "-"], &signed).ok();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["needs"][0]["size"], 33);
}

#[test]
fn the_mud_element_needs_its_codes_on_both_sides() {
    let folder = folder("mud");
    let (template, unsigned) = (folder.join("mud.json"), folder.join("unsigned.suit"));
    let digest = "01".repeat(32);
    let mud = format!(
        r#"{{"url": "http://example.com/lamp.json", "thumbprint": {{"SHA-256": "{digest}"}}}}"#
    );
    let content = format!(
        r#"{{"manifest-sequence-number": 1, "components": [["a"]], "mud": {mud},
            "validate": ["condition-abort"]}}"#
    );
    fs::write(&template, content).unwrap();
    let create = ["suit", "create", "--template", text(&template), "--out", text(&unsigned)];
    refused(&iotops(&create), 1, "mud");
    let codes = ["--mud-codes", "21,1,2"];
    iotops(&[&create[..], &codes].concat()).ok();
    let sign = ["suit", "sign", "--key", PRIVATE, "--out", "-", text(&unsigned)];
    refused(&iotops(&sign), 1, "a manifest element must be registered");
    let signed = iotops(&[&sign[..], &codes].concat()).ok();
    let verify = ["suit", "verify", "--key", KEY, "-"];
    assert_eq!(iotops_with(&verify, &signed).status, 1);
    iotops_with(&[&verify[..], &codes].concat(), &signed).ok();
    let found = iotops_with(&[&["suit", "lint", "-"], &codes[..]].concat(), &signed);
    assert_eq!(found.status, 1, "{}", found.error);
    assert!(found.text().contains("lint-mud-scheme"), "{}", found.text());
    let wrong = iotops(&["suit", "lint", "--mud-codes", "21,1", "-"]);
    assert_eq!(wrong.status, 2, "{}", wrong.error);
}

#[test]
fn lint_tells_rule_and_place_and_ends_with_one() {
    let clean = iotops(&["suit", "lint", &format!("{EXAMPLES}/example1-signed.suit")]);
    assert_eq!((clean.status, clean.text()), (0, ""));
    assert_eq!(clean.error, "NOT VERIFIED: nothing of this was checked against any key\n");
    let example = format!("{EXAMPLES}/example4-signed.suit");
    let found = iotops(&["suit", "lint", &example]);
    assert_eq!(found.status, 1);
    assert_eq!(
        found.text(),
        "lint-size: the size of an image that is fetched should be set (SUIT §7.3) at byte 386, in \
         envelope / manifest / payload-fetch / [4] directive-fetch\n"
    );
    let json = iotops(&["suit", "lint", "--format", "json", &example]);
    let json: serde_json::Value = serde_json::from_slice(&json.output).unwrap();
    assert_eq!(json["findings"][0]["rule"], 1338);
    assert_eq!(json["findings"][0]["offset"], 386);
    let bad = "testdata/suit/generated-negative/cmd-unknown.suit";
    refused(&iotops(&["suit", "lint", bad]), 1, "a command must be registered");
    refused(&iotops(&["suit", "lint", "missing.suit"]), 2, "missing.suit");
    assert_eq!(iotops(&["suit", "lint"]).status, 2);
}

#[test]
fn diff_tells_what_changed() {
    let name = |number: u8| format!("{EXAMPLES}/example{number}-signed.suit");
    let ended = iotops(&["suit", "diff", &name(0), &name(1)]);
    assert_eq!(ended.status, 1);
    assert_eq!(
        ended.text(),
        "~ /manifest-sequence-number: 0 -> 1\n\
         - /invoke: [{\"directive-invoke\": [\"record-on-failure\"]}]\n\
         + /install: [{\"directive-override-parameters\": {\"uri\": \"http://example.com/file.bin\"}}, \
         {\"directive-fetch\": [\"record-on-failure\"]}, {\"condition-image-match\": \"all\"}]\n"
    );
    let json = iotops(&["suit", "diff", "--format", "json", &name(0), &name(1)]);
    let json: serde_json::Value = serde_json::from_slice(&json.output).unwrap();
    assert_eq!(json["changes"][0]["after"], 1);
    assert_eq!(json["changes"][1]["after"], serde_json::Value::Null);
    let bad = "testdata/suit/generated-negative/version-2.suit";
    refused(
        &iotops(&["suit", "diff", bad, &name(1)]),
        1,
        "version-2.suit: the manifest version must be 1",
    );
}

/// No registry has codes for it: they are given, or the element is refused.
#[test]
fn mud_is_carried_by_codes_that_are_given() {
    let template = format!(
        r#"{{"manifest-sequence-number": 1, "components": [["a"]],
            "mud": {{"url": "http://example.com/a", "thumbprint": {{"SHA-256": "{}"}}}}}}"#,
        "07".repeat(32)
    );
    let create = ["suit", "create", "--template", "-", "--out", "-"];
    refused(&iotops_with(&create, template.as_bytes()), 1, "/mud");
    let codes = ["--mud-codes", "25,-1,-2"];
    let envelope = iotops_with(&[&create[..], &codes].concat(), template.as_bytes()).ok();
    let printed = iotops_with(&[&["suit", "template", "-"][..], &codes].concat(), &envelope).ok();
    assert!(String::from_utf8(printed).unwrap().contains("http://example.com/a"));
    refused(&iotops_with(&["suit", "template", "-"], &envelope), 1, "element");
    let linted = iotops_with(&[&["suit", "lint", "-"][..], &codes].concat(), &envelope);
    assert_eq!(linted.status, 1);
    let told = String::from_utf8(linted.output).unwrap();
    assert!(told.contains("lint-mud-scheme") && !told.contains("lint-mud-thumbprint"), "{told}");
    refused(&iotops_with(&["suit", "lint", "-"], &envelope), 1, "element");
    let taken = iotops_with(&[&create[..], &["--mud-codes", "20,1,2"]].concat(), &[]);
    assert_eq!(taken.status, 1, "{}", taken.error);
    let two = iotops_with(&[&create[..], &["--mud-codes", "25,1"]].concat(), &[]);
    assert_eq!(two.status, 2, "{}", two.error);
}
