//! Encrypted payloads: made, signed, and run on a folder that plays the device.

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

use common::{Ended, iotops, text};

const SIGNER: &str = "testdata/keys/suit-example-p256-private.pem";
const TRUSTED: &str = "testdata/keys/suit-example-p256-public.pem";
const IMAGE: &[u8] = b"This is the image that nobody else shall read.";
const UUID: &str = "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe";

/// The ciphertext goes to one component, and from there, decrypted, to another.
fn template() -> String {
    format!(
        r#"{{
  "manifest-sequence-number": 1,
  "components": [["encrypted"], ["app"]],
  "shared-sequence": [
    {{"directive-set-component-index": 1}},
    {{"directive-override-parameters": {{
        "vendor-identifier": "{UUID}",
        "class-identifier": "{UUID}",
        "image-digest": {{"SHA-256": {{"file": "app.bin"}}}},
        "image-size": {{"file": "app.bin"}}
    }}}},
    {{"condition-vendor-identifier": "all"}},
    {{"condition-class-identifier": "all"}}
  ],
  "install": [
    {{"directive-set-component-index": 0}},
    {{"directive-override-parameters": {{
        "image-digest": {{"SHA-256": {{"file": "app.enc"}}}},
        "uri": "https://example.com/app.enc"
    }}}},
    "directive-fetch",
    "condition-image-match",
    {{"directive-set-component-index": 1}},
    {{"directive-override-parameters": {{
        "encryption-info": {{"file": "app.info"}},
        "source-component": 0
    }}}},
    "directive-copy",
    "condition-image-match"
  ]
}}"#
    )
}

fn folder(test: &str) -> PathBuf {
    let folder = common::folder(&format!("encrypt-{test}"));
    fs::create_dir_all(folder.join("device")).unwrap();
    let identity = format!(r#"{{"vendor": ["{UUID}"], "class": ["{UUID}"]}}"#);
    fs::write(folder.join("device/device.json"), identity).unwrap();
    fs::write(folder.join("app.bin"), IMAGE).unwrap();
    fs::write(folder.join("template.json"), template()).unwrap();
    folder
}

fn encrypt(folder: &Path, to: &[&str], algorithm: &str) -> Ended {
    let [info, out, file] = ["app.info", "app.enc", "app.bin"].map(|name| folder.join(name));
    let mut arguments = vec!["suit", "encrypt", "--algorithm", algorithm];
    to.iter().for_each(|key| arguments.extend(["--to", key]));
    arguments.extend(["--info", text(&info), "--out", text(&out), text(&file)]);
    iotops(&arguments)
}

fn process(folder: &Path, own: &str) -> Ended {
    let [template, unsigned, signed, device, payload] =
        ["template.json", "unsigned.suit", "update.suit", "device", "app.enc"]
            .map(|name| folder.join(name));
    if !signed.exists() {
        iotops(&["suit", "create", "--template", text(&template), "--out", text(&unsigned)]).ok();
        iotops(&["suit", "sign", "--key", SIGNER, "--out", text(&signed), text(&unsigned)]).ok();
    }
    let payload = format!("https://example.com/app.enc={}", payload.display());
    let device = ["--device", text(&device), "--payload", &payload, "--decryption-key", own];
    iotops(&[&["suit", "process", "--key", TRUSTED], &device[..], &[text(&signed)]].concat())
}

/// A private key and its public part on P-256, as files.
fn pair(folder: &Path, name: &str) -> [String; 2] {
    let [private, public] =
        ["private", "public"].map(|part| folder.join(format!("{name}-{part}.pem")));
    iotops(&["key", "generate", "--out", text(&private)]).ok();
    let shown = iotops(&["key", "show", "--format", "pem", text(&private)]).ok();
    fs::write(&public, shown).unwrap();
    [text(&private).to_owned(), text(&public).to_owned()]
}

#[test]
fn what_is_encrypted_is_installed_as_plaintext() {
    for algorithm in ["a128gcm", "a256gcm", "chacha20-poly1305", "a128ctr", "a256ctr"] {
        let folder = folder(algorithm);
        let [private, public] = pair(&folder, "device");
        let kek = folder.join("kek.bin");
        fs::write(&kek, [7; 16]).unwrap();
        let kek = format!("kek:{}", kek.display());
        encrypt(&folder, &[&public, &kek], algorithm).ok();
        let ciphertext = fs::read(folder.join("app.enc")).unwrap();
        assert!(!ciphertext.windows(8).any(|window| window == &IMAGE[..8]), "{algorithm}");
        for own in [&private, &kek] {
            process(&folder, own).ok();
            let app = folder.join("device/components/app");
            assert_eq!(fs::read(&app).unwrap(), IMAGE, "{algorithm} {own}");
            fs::remove_file(app).unwrap();
        }
    }
}

#[test]
fn others_cannot_read_it_and_install_nothing() {
    let folder = folder("others");
    let [_, public] = pair(&folder, "device");
    let [other, _] = pair(&folder, "other");
    encrypt(&folder, &[&public], "a128gcm").ok();
    let ended = process(&folder, &other);
    assert_eq!(ended.status, 1);
    assert!(ended.error.contains("encrypted for a key of this device"), "{}", ended.error);
    assert!(!folder.join("device/components/app").exists());
}

#[test]
fn x25519_and_long_keys_are_taken_and_others_told() {
    let folder = folder("keys");
    let (private, public) = ([9; 32], "x25519.pub");
    // RFC 7748 §5: the base point times the clamped scalar.
    let key = iotops_crypto::agreement::X25519SecretKey::from_bytes(&private).unwrap();
    fs::write(folder.join(public), key.public_key().as_bytes()).unwrap();
    fs::write(folder.join("x25519.key"), private).unwrap();
    let name = |file: &str| format!("x25519:{}", folder.join(file).display());
    encrypt(&folder, &[&name(public)], "a256gcm").ok();
    process(&folder, &name("x25519.key")).ok();
    assert_eq!(fs::read(folder.join("device/components/app")).unwrap(), IMAGE);
    let short = folder.join("short.bin");
    fs::write(&short, [1; 15]).unwrap();
    let wrong = encrypt(&folder, &[&format!("kek:{}", short.display())], "a128gcm");
    assert_eq!(wrong.status, 2, "{}", wrong.error);
    let wrong = encrypt(&folder, &["testdata/keys/generated-ed25519-public.bin"], "a128gcm");
    assert_eq!(wrong.status, 2);
    assert!(wrong.error.contains("it is not on P-256"), "{}", wrong.error);
}

#[test]
fn long_fetches_tell_how_far_they_are() {
    let folder = folder("progress");
    let [private, public] = pair(&folder, "device");
    fs::write(folder.join("app.bin"), IMAGE.repeat(5000)).unwrap();
    encrypt(&folder, &[&public], "a128gcm").ok();
    let ended = process(&folder, &private);
    for part in
        ["https://example.com/app.enc: 65536 bytes", "https://example.com/app.enc: 196608 bytes"]
    {
        assert!(ended.error.contains(part), "{} lacks {part}", ended.error);
    }
    ended.ok();
    assert_eq!(fs::read(folder.join("device/components/app")).unwrap(), IMAGE.repeat(5000));
}
