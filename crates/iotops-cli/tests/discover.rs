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
fn a_device_may_be_described_instead() {
    let files = [example(1), example(4), example(3)];
    let select = |more: &[&str]| {
        let mut arguments = vec!["suit", "select", "--key", KEY];
        arguments.extend(more);
        arguments.extend(files.iter().map(String::as_str));
        iotops(&arguments)
    };
    let vendor = ["--vendor", "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe"];
    let class = ["--class", "1492af1425695e48bf429b2d51f2ab45"];
    let ended = select(&[vendor, class].concat());
    assert_eq!(ended.status, 0, "{}", ended.error);
    assert!(ended.text().contains("example4-signed.suit: number "), "{}", ended.text());
    let newer = select(&[vendor, class, ["--number", "1000"]].concat());
    assert_eq!(newer.status, 1);
    assert_eq!(newer.text().matches("not taken").count(), 3);
    let other = ["--class", "1492af1425695e48bf429b2d51f2ab46"];
    assert_eq!(select(&[vendor, other].concat()).status, 1);
    for unusable in [&vendor[..], &class, &[], &["--vendor", "fa6b", "--class", "00"]] {
        assert_eq!(select(unusable).status, 2, "{unusable:?}");
    }
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
    let shown = iotops(&["suit", "catalogue", "show", &second]);
    assert!(shown.error.contains("NOT VERIFIED"), "{}", shown.error);
    for part in ["number", "expires", "1700001000", "vendor", "/fw/a.suit", "ESP256"] {
        assert!(shown.text().contains(part), "{part}: {}", shown.text());
    }
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
