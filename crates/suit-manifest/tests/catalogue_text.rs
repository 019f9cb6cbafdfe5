//! The text that describes catalogues: its CDDL is the file beside the code, its example is what
//! this crate writes.

#![cfg(all(feature = "discovery", feature = "alloc", feature = "es256"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may panic and index"
)]

use std::fs;

use iotops_crypto::key::import;
use iotops_wire::{Clock, Time};
use suit_manifest::Envelope;
use suit_manifest::discover::{Catalogue, CatalogueBuilder, identities};

const ISSUED: Time = Time::from_unix(1_700_000_000);
const EXPIRES: Time = Time::from_unix(1_700_604_800);

/// What stands between the fences of this language.
fn fenced(language: &str) -> String {
    let path = test_support::testdata().join("../docs/catalogue.md");
    let text = fs::read_to_string(path).unwrap();
    let (_, behind) = text.split_once(&format!("```{language}\n")).unwrap();
    behind.split_once("```").unwrap().0.to_owned()
}

fn testdata(name: &str) -> Vec<u8> {
    fs::read(test_support::testdata().join(name)).unwrap()
}

#[test]
fn the_text_has_the_cddl_of_the_file() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue.cddl");
    assert_eq!(fenced("cddl"), fs::read_to_string(file).unwrap());
}

#[test]
fn the_text_has_the_example_that_is_written() {
    let imported = import(&testdata("keys/suit-example-p256-private.pem")).unwrap();
    let (public, mut key) = (imported.verifying_key(), imported.secret_key().unwrap());
    let document = testdata("suit/suit-manifest-37/example1-signed.suit");
    let envelope = Envelope::decode(&document).unwrap();
    let manifest = envelope.authenticate(&[&public]).unwrap().validate().unwrap();
    let [(vendor, class)] = identities(&manifest)[..] else { panic!("one vendor and class") };
    let builder = CatalogueBuilder::new(12, ISSUED, EXPIRES);
    let builder = builder.entry(vendor, class, &manifest, &["/fw/example1.suit"]).unwrap();
    let catalogue = builder.sign(&mut key).unwrap();
    let hex: String = catalogue.iter().map(|byte| format!("{byte:02x}")).collect();
    let lines: Vec<&str> =
        hex.as_bytes().chunks(80).map(|line| str::from_utf8(line).unwrap()).collect();
    assert_eq!(fenced("hex"), lines.join("\n") + "\n");
    let catalogue = Catalogue::decode(&catalogue).unwrap();
    let verified = catalogue.verify(&[&public], None, Clock::Trusted(EXPIRES)).unwrap();
    verified.entries().next().unwrap().check(&manifest).unwrap();
}
