//! `iotops anchors` and the names of keys, as their user meets them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use iotops_crypto::anchor::{AnchorSet, AnchorState};

/// A folder of one test alone, in which the command runs.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("anchors-{test}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// A folder with keys 1 and 2 of SUIT authors, a recovery key, and their first set.
    fn with_set(test: &str) -> Self {
        let folder = Self::new(test);
        for (name, kind) in [("one", "es256"), ("two", "ed25519"), ("vault", "es256")] {
            folder.run(&format!("key generate --type {kind} --out {name}.pem"));
        }
        folder.run(
            "anchors create --set product-7 --out 0.set \
             --anchor one.pem,purposes=suit-author,updates=suit-author \
             --anchor vault.pem,purposes=recovery,recovers=suit-author",
        );
        folder
    }

    /// Status, output, error.
    fn try_run(&self, line: &str) -> (i32, String, String) {
        let ended = Command::new(env!("CARGO_BIN_EXE_iotops"))
            .args(line.split_whitespace())
            .current_dir(&self.0)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (ended.status.code().unwrap(), text(ended.stdout), text(ended.stderr))
    }

    fn run(&self, line: &str) -> String {
        let (status, output, error) = self.try_run(line);
        assert_eq!(status, 0, "{line}: {error}");
        output
    }

    #[track_caller]
    fn refused(&self, line: &str, status: i32, telling: &str) {
        let (found, _, error) = self.try_run(line);
        assert_eq!(found, status, "{line}: {error}");
        assert!(error.contains(telling), "{line}: {error}");
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    fn json(&self, name: &str) -> serde_json::Value {
        let shown = self.run(&format!("anchors show --format json {name}"));
        serde_json::from_str(&shown).unwrap()
    }

    /// The identifier of the first anchor with this purpose that is not one of `others`.
    fn id(&self, set: &str, purpose: &str, others: &[&str]) -> String {
        let report = self.json(set);
        let anchors = report["anchors"].as_array().unwrap();
        let found = anchors.iter().find(|anchor| {
            anchor["purposes"] == serde_json::json!([purpose])
                && !others.contains(&anchor["id"].as_str().unwrap())
        });
        found.unwrap()["id"].as_str().unwrap().into()
    }
}

const TWO: &str = "two.pem,purposes=suit-author,updates=suit-author";

#[test]
fn a_rotation_from_the_command_line_is_what_a_device_takes() {
    let folder = Folder::with_set("rotation");
    folder.run(&format!(
        "anchors update 0.set --sign one.pem --add {TWO} --out 1.update --out-set 1.set"
    ));
    let one = folder.id("0.set", "suit-author", &[]);
    let revoke = format!("--revoke {}", &one[..10]);
    let (status, _, error) =
        folder.try_run(&format!("anchors update 1.set --sign one.pem {revoke} --out x.update"));
    assert_eq!(status, 0, "{error}");
    assert!(error.starts_with("note: "), "the successor is not known to work: {error}");
    folder.run(&format!(
        "anchors update 1.set --sign two.pem {revoke} --out 2.update --out-set 2.set"
    ));
    let (mut first, mut second) = ([0; 2048], [0; 2048]);
    let set = folder.bytes("0.set");
    let state = AnchorState::new(AnchorSet::decode(&set).unwrap());
    let state = state.apply(&folder.bytes("1.update"), &mut first).unwrap();
    let state = AnchorState::decode(state).unwrap();
    assert_eq!(state.set().as_bytes(), folder.bytes("1.set"));
    let error = state.apply(&folder.bytes("x.update"), &mut [0; 2048]).unwrap_err();
    assert_eq!(error.rule(), iotops_crypto::rules::anchor::UNCONFIRMED);
    let state = state.apply(&folder.bytes("2.update"), &mut second).unwrap();
    assert_eq!(AnchorState::decode(state).unwrap().set().as_bytes(), folder.bytes("2.set"));
    let report = folder.json("2.set");
    assert_eq!((&report["number"], &report["set"]), (&2.into(), &"product-7".into()));
    assert_eq!(report["anchors"].as_array().unwrap().len(), 2);
}

#[test]
fn what_devices_would_refuse_is_not_written() {
    let folder = Folder::with_set("refused");
    let one = folder.id("0.set", "suit-author", &[]);
    let update = |rest: &str| format!("anchors update 0.set --out bad.update {rest}");
    folder.refused(&update(&format!("--sign one.pem --revoke {one}")), 1, "last anchor");
    folder.refused(&update(&format!("--sign vault.pem --add {TWO}")), 1, "may only be replaced");
    folder.refused(&update(&format!("--sign two.pem --add {TWO}")), 1, "no key that was given");
    folder.refused(&update("--sign one.pem"), 2, "1 to 16 changes");
    folder.refused(&update("--sign one.pem --revoke zz"), 2, "no anchor of the set");
    folder.refused(&update("--sign one.pem --limit 5"), 2, "and = must come first");
    folder.refused(&update(&format!("--sign one.pem --limit {one}=5")), 2, "FIRST..LAST");
    folder.refused(&update("--sign missing.pem --revoke 0"), 2, "");
    assert!(!folder.0.join("bad.update").exists());
    let lost = format!("--sign vault.pem --replace {one}={TWO} --out-set 1.set");
    folder.run(&format!("anchors update 0.set --out 1.update {lost}"));
    assert_ne!(folder.id("1.set", "suit-author", &[]), one);
}

#[test]
fn every_field_goes_in_and_is_shown() {
    let folder = Folder::with_set("fields");
    fs::write(folder.0.join("ca.der"), [0x30, 0x00]).unwrap();
    fs::write(folder.0.join("ca.pem"), "-----BEGIN CERTIFICATE-----").unwrap();
    let hash = "ab".repeat(32);
    folder.run(&format!(
        "anchors create --set s --out all.set \
         --anchor one.pem,purposes=suit-author+mud-signer,prefix=6d61696e.01,prefix=00,first=3,last=9,not-before=100,not-after=200 \
         --anchor certificate:ca.der,purposes=masa \
         --anchor authority:ca.der:ca.der,purposes=idevid-issuer \
         --anchor spki-sha256:{hash},purposes=owner"
    ));
    let text = folder.run("anchors show all.set");
    for line in [
        "purposes    suit-author mud-signer",
        "prefixes    00 6d61696e.01",
        "first       3",
        "last        9",
        "not_before  100",
        "not_after   200",
        "kind        certificate",
        "kind        authority",
        "kind        SPKI hash",
        &format!("id          {hash}"),
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} in\n{text}");
    }
    let create = |anchor: &str| format!("anchors create --set s --out bad.set --anchor {anchor}");
    folder.refused(&create("one.pem"), 2, "must have a purpose");
    folder.refused(&create("one.pem,purposes=king"), 2, "no field and its value");
    folder.refused(&create("one.pem,colour=red"), 2, "no field and its value");
    folder.refused(&create("certificate:ca.pem,purposes=masa"), 2, "not DER");
    folder.refused(&create("certificate:ca.der,updates=masa"), 2, "only a key");
    folder.refused(&create("spki-sha256:00,purposes=masa"), 2, "64 digits");
    assert!(!folder.0.join("bad.set").exists());
}

#[test]
fn source_code_holds_the_bytes_of_the_set() {
    let folder = Folder::with_set("source");
    let bytes = folder.bytes("0.set");
    let listed = |source: &str| -> Vec<u8> {
        let items = source.split("0x").skip(1).map(|item| item.get(..2).unwrap());
        items.map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect()
    };
    let c = folder.run("anchors show --format c 0.set");
    assert!(c.contains(&format!("TRUST_ANCHORS[{}] = {{", bytes.len())), "{c}");
    assert_eq!(listed(&c), bytes);
    let rust = folder.run("anchors show --format rust --name SET 0.set");
    assert!(rust.starts_with(&format!("pub const SET: [u8; {}] = [", bytes.len())), "{rust}");
    assert_eq!(listed(&rust), bytes);
    fs::write(folder.0.join("cut.set"), &bytes[..40]).unwrap();
    folder.refused("anchors show cut.set", 1, "must not end inside a data item");
    folder.refused("anchors show one.pem", 1, "an array belongs here");
    // The state of a device is shown too.
    let mut buffer = [0; 1024];
    let state = AnchorState::new(AnchorSet::decode(&bytes).unwrap());
    let confirmed = state.set().anchors().next().unwrap().id();
    let state = state.confirm(confirmed).unwrap();
    fs::write(folder.0.join("state"), state.encode(&mut buffer).unwrap()).unwrap();
    let report = folder.json("state");
    assert_eq!(report["anchors"][0]["confirmed"], true);
    assert_eq!(report["anchors"][1]["confirmed"], false);
}

/// The answers are those of the tests of the library.
#[test]
fn key_show_prints_every_name() {
    let key = test_support::testdata().join("keys/suit-example-p256-public.pem");
    let shown = Folder::new("names").run(&format!("key show {}", key.display()));
    for line in [
        "COSE        ca9e35f23b2b525fb4fc83f512b0dcac4ac29e457e873a5d6a7313f71690b33c (",
        "JWK         Wuofcv80LILfve81FbjxTlOQJHI4LgXnWJVK59xrgHA (",
        "SPKI        ade2dad611717e910e295db3ba086fc40490b0daacfc23aace9348077b839b17 (",
        "SKI         55e837f0501b318e2c3dc57056a204685acb722d (",
    ] {
        assert!(shown.lines().any(|shown| shown.starts_with(line)), "{line} in\n{shown}");
    }
}
