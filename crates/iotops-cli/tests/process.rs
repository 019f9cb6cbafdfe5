//! `iotops suit process`: a folder that plays the device, and power that fails.

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

use iotops_crypto::key::{KeyType, SecretKey};
use iotops_crypto::{Algorithm, digest};
use suit_manifest::model::{Action, Condition, ReportingPolicy, Section};
use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder};

const VENDOR: [u8; 16] = [0x11; 16];
const CLASS: [u8; 16] = [0x22; 16];
const IDENTITY: &str = r#"{
    "vendor": ["11111111-1111-1111-1111-111111111111"],
    "class": ["22222222222222222222222222222222"]
}"#;
const NONE: ReportingPolicy = ReportingPolicy::NONE;

fn image() -> Vec<u8> {
    b"firmware ".repeat(100)
}

/// Fetches to "staging" and swaps it with "active".
fn envelope(sequence_number: u64) -> Vec<u8> {
    let image_digest = digest(Algorithm::Sha256, &[&image()]).unwrap();
    let image_digest: [u8; 32] = image_digest.as_bytes().try_into().unwrap();
    let wanted = || ParametersBuilder::new().image_digest(&image_digest).image_size(900);
    let at = |index| SequenceBuilder::new().set_component(index);
    let identity = ParametersBuilder::new().vendor_identifier(&VENDOR).class_identifier(&CLASS);
    let swap = SequenceBuilder::new()
        .condition(Condition::ImageNotMatch, NONE)
        .override_parameters(&ParametersBuilder::new().source_component(1))
        .action(Action::Swap, NONE);
    let draft = ManifestBuilder::new(sequence_number)
        .component(&[b"active"])
        .component(&[b"staging"])
        .shared_sequence(
            at(0)
                .override_parameters(&identity)
                .condition(Condition::VendorIdentifier, NONE)
                .condition(Condition::ClassIdentifier, NONE),
        )
        .section(
            Section::PayloadFetch,
            &at(1)
                .override_parameters(&wanted().uri("https://example.com/?v=2"))
                .action(Action::Fetch, NONE)
                .condition(Condition::ImageMatch, NONE),
        )
        .section(
            Section::Install,
            &at(0).override_parameters(&wanted()).try_each_or_nothing(&[swap.clone(), swap]),
        )
        .section(
            Section::Validate,
            &at(0).override_parameters(&wanted()).condition(Condition::ImageMatch, NONE),
        )
        .section(Section::Invoke, &at(0).action(Action::Invoke, NONE));
    let seed = fs::read(test_support::testdata().join("keys/generated-ed25519-seed.bin")).unwrap();
    let mut key = SecretKey::from_raw(KeyType::Ed25519, &seed).unwrap();
    let mut draft = draft.build().unwrap();
    draft.sign(&mut key).unwrap();
    draft.envelope().unwrap()
}

/// A device with an old image, an update, and the payload.
fn device(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("components")).unwrap();
    fs::write(folder.join("device.json"), IDENTITY).unwrap();
    fs::write(folder.join("components/active"), b"old").unwrap();
    fs::write(folder.join("update.suit"), envelope(7)).unwrap();
    fs::write(folder.join("image.bin"), image()).unwrap();
    folder
}

/// Exit status, output and error.
fn process(folder: &Path, more: &[&str]) -> (i32, String, String) {
    let image = folder.join("image.bin");
    let ended = Command::new(env!("CARGO_BIN_EXE_iotops"))
        .args(["suit", "process", "--key"])
        .arg(test_support::testdata().join("keys/generated-ed25519-public.bin"))
        .arg("--device")
        .arg(folder)
        .arg(format!("--payload=https://example.com/?v=2={}", image.display()))
        .args(more)
        .arg(folder.join("update.suit"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ended.status.code().unwrap(), text(ended.stdout), text(ended.stderr))
}

fn active(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("components/active")).unwrap_or_default()
}

#[test]
fn an_update_is_installed_and_invoked() {
    let folder = device("process-update");
    let (status, output, error) = process(&folder, &[]);
    assert_eq!((status, error.as_str()), (0, ""), "{output}");
    let commands: Vec<&str> =
        output.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    let fetch = ["vendor-identifier", "class-identifier", "fetch", "image-match"];
    assert_eq!(commands[..4], fetch);
    assert!(commands.contains(&"swap"));
    assert_eq!(active(&folder), image());
    assert_eq!(fs::read(folder.join("components/staging")).unwrap(), b"old");
    assert_eq!(fs::read_to_string(folder.join("state/sequence-number")).unwrap(), "7\n");
    let (status, output, _) = process(&folder, &["--procedure", "invocation"]);
    assert_eq!(status, 0);
    assert!(output.contains("invoked: active"), "{output}");
}

#[test]
fn an_interrupted_update_goes_on() {
    let mut cuts = 0;
    for changes in 0_u32.. {
        let folder = device("process-cut");
        let (status, _, error) = process(&folder, &["--cut-power-after", &changes.to_string()]);
        if status == 0 {
            break;
        }
        assert_eq!(status, 1);
        let sentence =
            format!("error: the power failed after {changes} changes; run again to go on\n");
        assert_eq!(error, sentence);
        assert!(active(&folder) == b"old" || active(&folder) == image(), "a mixture is active");
        let (status, output, error) = process(&folder, &[]);
        assert_eq!((status, error.as_str()), (0, ""), "{output}");
        assert_eq!(output.contains("going on after an interruption"), changes > 0);
        assert_eq!(active(&folder), image());
        assert_eq!(fs::read(folder.join("components/staging")).unwrap(), b"old");
        cuts += 1;
    }
    assert!(cuts > 8, "{cuts}");
}

#[test]
fn what_must_not_be_installed_is_not() {
    let folder = device("process-refused");
    let refused = |sentence: &str| {
        let (status, _, error) = process(&folder, &[]);
        assert_eq!(status, 1, "{error}");
        assert!(error.contains(sentence), "{error}");
        assert_eq!(active(&folder), b"old");
    };
    fs::write(folder.join("image.bin"), b"another image").unwrap();
    refused("in image-match of section payload-fetch, component 1");
    fs::write(folder.join("image.bin"), [0; 901]).unwrap();
    refused("a payload must not be longer than the image size");
    fs::remove_file(folder.join("image.bin")).unwrap();
    refused("No such file");
    fs::create_dir_all(folder.join("state")).unwrap();
    fs::write(folder.join("state/sequence-number"), "8").unwrap();
    refused("a manifest must not be older than the one that was installed");
    fs::write(folder.join("device.json"), "{}").unwrap();
    fs::remove_file(folder.join("state/sequence-number")).unwrap();
    refused("in vendor-identifier of section shared-sequence");
}

#[test]
fn unusable_devices_are_told_apart() {
    let folder = device("process-unusable");
    fs::write(folder.join("device.json"), "{").unwrap();
    let (status, _, error) = process(&folder, &[]);
    assert_eq!(status, 2);
    assert!(error.contains("device.json"), "{error}");
    let (status, _, _) = process(&folder.join("missing"), &[]);
    assert_eq!(status, 2);
}

/// `iotops suit report`: exit status, output and error.
fn report(folder: &Path, more: &[&str]) -> (i32, String, String) {
    let ended = Command::new(env!("CARGO_BIN_EXE_iotops"))
        .args(["suit", "report"])
        .args(more)
        .arg(folder.join("report.cbor"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (ended.status.code().unwrap(), text(ended.stdout), text(ended.stderr))
}

fn key(name: &str) -> String {
    test_support::testdata().join("keys").join(name).display().to_string()
}

#[test]
fn runs_are_reported_and_replayed() {
    let folder = device("process-report");
    let file = folder.join("report.cbor").display().to_string();
    let seed = format!("ed25519-seed:{}", key("generated-ed25519-seed.bin"));
    let reported = ["--report", &file, "--report-key", &seed];
    assert_eq!(process(&folder, &reported).0, 0);
    let public = key("generated-ed25519-public.bin");
    let envelope = folder.join("update.suit").display().to_string();
    let all = ["--key", &public, "--manifest", &envelope, "--manifest-key", &public];
    let (status, output, error) = report(&folder, &all);
    assert_eq!((status, error.as_str()), (0, ""), "{output}");
    assert!(output.contains("verified by") && output.contains("manifest-digest"), "{output}");
    assert!(output.ends_with("nothing in it contradicts the manifest\n"), "{output}");
    let json = [&all[..], &["--format", "json"]].concat();
    let (status, output, _) = report(&folder, &json);
    assert_eq!(status, 0);
    for part in ["\"verified\": true", "\"contradictions\": []", "\"document\": {"] {
        assert!(output.contains(part), "{output}");
    }
    for format in ["edn", "hex"] {
        assert_eq!(report(&folder, &["--key", &public, "--format", format]).0, 0);
    }

    // A device that tells what it can do.
    fs::remove_file(&file).unwrap();
    assert_eq!(process(&folder, &["--report", &file, "--report-capabilities"]).0, 0);
    let (status, output, _) = report(&folder, &json[2..]);
    assert!(status == 0 && output.contains("command-capabilities"), "{output}");
    assert!(output.contains("\"lacks\": []"), "{output}");
    fs::remove_file(&file).unwrap();
    assert_eq!(process(&folder, &reported).0, 0);

    // Without a key nothing is verified, and by another key nothing is right.
    let (status, _, error) = report(&folder, &[]);
    assert!(status == 0 && error.contains("NOT VERIFIED"), "{error}");
    let (status, _, error) = report(&folder, &["--key", &key("suit-example-p256-public.pem")]);
    assert!(status == 1 && error.contains("error"), "{error}");

    // Of another procedure.
    let other = [&all[..], &["--procedure", "uninstall"]].concat();
    let (status, output, _) = report(&folder, &other);
    assert!(status == 1 && output.contains("\nreplay-order: "), "nothing to swap again: {output}");
    // A report is never overwritten.
    assert_eq!(process(&folder, &reported).0, 2);
    assert_eq!(report(&folder, &["--manifest", &envelope]).0, 2, "without a key of the author");
}

#[test]
fn failed_and_refused_runs_are_reported() {
    let folder = device("process-report-failed");
    let file = folder.join("report.cbor").display().to_string();
    fs::write(folder.join("image.bin"), b"another image").unwrap();
    let (status, _, _) = process(&folder, &["--report", &file]);
    assert_eq!(status, 1);
    let public = key("generated-ed25519-public.bin");
    let envelope = folder.join("update.suit").display().to_string();
    let (status, output, error) =
        report(&folder, &["--manifest", &envelope, "--manifest-key", &public]);
    assert!(status == 0 && error.contains("NOT VERIFIED"), "{output} {error}");
    for part in ["condition-failed", "payload-fetch", "image-digest", "section-offset"] {
        assert!(output.contains(part), "{part}: {output}");
    }
    // A report without a container has no signature to verify.
    assert_eq!(report(&folder, &["--key", &public]).0, 1);

    fs::remove_file(&file).unwrap();
    let mut other = fs::read(&envelope).unwrap();
    *other.last_mut().unwrap() ^= 1;
    fs::write(&envelope, other).unwrap();
    assert_eq!(process(&folder, &["--report", &file]).0, 1);
    let (status, output, _) = report(&folder, &[]);
    assert!(status == 0 && output.contains("unauthorised"), "{output}");
}
