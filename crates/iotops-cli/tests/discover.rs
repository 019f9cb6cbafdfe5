//! `iotops suit select` and `iotops suit catalogue`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests may panic")]

mod common;

use std::fs;

use common::{folder, iotops, text};

const KEY: &str = "testdata/keys/suit-example-p256-public.pem";
const PRIVATE: &str = "testdata/keys/suit-example-p256-private.pem";
const EXAMPLES: &str = "testdata/suit/suit-manifest-37";
/// The vendor and the class of the draft's examples.
const IDENTITY: &str = r#"{
    "vendor": ["fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe"],
    "class": ["1492af14-2569-5e48-bf42-9b2d51f2ab45"]
}"#;

fn example(number: usize) -> String {
    format!("{EXAMPLES}/example{number}-signed.suit")
}

#[test]
fn the_newest_for_the_device_is_chosen() {
    let device = folder("select");
    fs::write(device.join("device.json"), IDENTITY).unwrap();
    let files = [example(1), example(4), example(3), format!("{EXAMPLES}/example5-noauth.suit")];
    let mut arguments = vec!["suit", "select", "--key", KEY, "--device", text(&device)];
    arguments.extend(files.iter().map(String::as_str));
    let ended = iotops(&arguments);
    let output = ended.text().to_owned();
    assert_eq!(ended.status, 0, "{}", ended.error);
    let lines: Vec<_> = output.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(
        lines.last().unwrap().starts_with(&format!("{EXAMPLES}/example4-signed.suit: number "))
    );
    assert!(output.contains("example5-noauth.suit: not taken: "), "{output}");

    fs::write(device.join("device.json"), "{}").unwrap();
    let ended = iotops(&arguments);
    assert_eq!(ended.status, 1);
    assert!(ended.error.contains("no envelope is for this device"), "{}", ended.error);
}

#[test]
fn a_device_that_is_not_here_is_told_by_its_class() {
    const VENDOR: &str = "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe";
    const CLASS: &str = "1492af14-2569-5e48-bf42-9b2d51f2ab45";
    let files = [example(1), example(0)];
    let select = |options: &[&str]| {
        let mut arguments = vec!["suit", "select", "--key", KEY];
        arguments.extend(options);
        arguments.extend(files.iter().map(String::as_str));
        iotops(&arguments)
    };
    let ended = select(&["--vendor", VENDOR, "--class", CLASS]);
    assert_eq!(ended.status, 0, "{}", ended.error);
    assert_eq!(ended.text().lines().count(), 2);
    // Both have a number; what is installed is above it.
    let newer = select(&["--vendor", VENDOR, "--class", CLASS, "--number", "1000000"]);
    assert_eq!(newer.status, 1);
    assert_eq!(newer.text().matches("not taken: ").count(), 2, "{}", newer.text());
    let other = select(&["--vendor", CLASS, "--class", CLASS]);
    assert_eq!((other.status, other.text().matches("not taken: ").count()), (1, 2));
    // What must be said together, and what is no UUID.
    for wrong in [
        &["--vendor", VENDOR][..],
        &["--class", CLASS],
        &["--device", ".", "--vendor", VENDOR, "--class", CLASS],
        &["--vendor", "x", "--class", CLASS],
        &["--number", "1"],
        &[],
    ] {
        assert_eq!(select(wrong).status, 2, "{wrong:?}");
    }
}

#[test]
fn a_catalogue_is_shown_with_a_warning() {
    let folder = folder("catalogue-show");
    let catalogue = folder.join("catalogue");
    let entry = format!("/fw/a.suit={}", example(1));
    let options = ["--number", "7", "--valid-for", "1000", "--sign", PRIVATE, "--key", KEY];
    let create = ["suit", "catalogue", "create", "--out", text(&catalogue)];
    iotops(&[&create[..], &options, &[entry.as_str()]].concat()).ok();
    let shown = iotops(&["suit", "catalogue", "show", text(&catalogue)]);
    assert_eq!(shown.status, 0, "{}", shown.error);
    assert!(shown.error.contains("NOT VERIFIED"));
    for part in ["number: 7", "vendor: ", "sequence-number: ", "/fw/a.suit"] {
        assert!(shown.text().contains(part), "{part} in {}", shown.text());
    }
    let no_catalogue = iotops(&["suit", "catalogue", "show", KEY]);
    assert_eq!(no_catalogue.status, 1, "{}", no_catalogue.error);
}

#[test]
fn a_catalogue_is_signed_and_checked() {
    let folder = folder("catalogue");
    let [first, second, state] =
        ["1", "2", "state"].map(|name| folder.join(name).to_str().unwrap().to_owned());
    let create = |number: &str, out: &str, example: String| {
        let entry = format!("/fw/a.suit={example}");
        iotops(&[
            "suit",
            "catalogue",
            "create",
            "--number",
            number,
            "--issued",
            "1700000000",
            "--valid-for",
            "1000",
            "--sign",
            PRIVATE,
            "--key",
            KEY,
            "--out",
            out,
            &entry,
        ])
    };
    create("1", &first, example(0)).ok();
    create("2", &second, example(1)).ok();
    let verify = |file: &str, now: &str| {
        iotops(&[
            "suit",
            "catalogue",
            "verify",
            "--key",
            KEY,
            "--state",
            &state,
            "--now",
            now,
            file,
        ])
    };
    let ended = verify(&second, "1700000500");
    assert!(ended.text().contains("catalogue 2, issued 1700000000, expires 1700001000\n"));
    assert!(ended.text().contains("vendor fa6b4a53d5ad5fdfbe9de663e4d41ffe class 1492af14"));
    assert!(ended.text().contains(" at /fw/a.suit\n"));
    assert_eq!(ended.status, 0);
    let older = verify(&first, "1700000500");
    assert_eq!(older.status, 1);
    assert!(older.error.contains("the number of a catalogue must not go down"), "{}", older.error);
    let expired = verify(&second, "1700001001");
    assert!(expired.error.contains("a catalogue must not have expired"), "{}", expired.error);
    let unknown = iotops(&["suit", "catalogue", "verify", "--key", KEY, "--no-clock", &first]);
    assert!(unknown.text().contains("which could not be checked"));
    let unsigned = create("3", "-", format!("{EXAMPLES}/example0-noauth.suit"));
    assert_eq!(unsigned.status, 1);
}
