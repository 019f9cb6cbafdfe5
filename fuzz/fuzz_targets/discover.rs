//! Catalogues, links and TXT records of anybody.

#![no_main]

use iotops_crypto::wire::cbor::Head;
use libfuzzer_sys::fuzz_target;
use suit_manifest::discover::link::links;
use suit_manifest::discover::service::{Location, Text};
use suit_manifest::discover::{AAD, Catalogue};

/// `{1: -9}`, an empty map: what stands before the content of a catalogue.
const START: &[u8] = &[0xd2, 0x84, 0x43, 0xa1, 1, 0x28, 0xa0];

fuzz_target!(|input: &[u8]| {
    let _ = Catalogue::decode(input);
    let wrapped = [START, Head::of_bytes(input.len()).as_bytes(), input, &[0x40]].concat();
    if let Ok(catalogue) = Catalogue::decode(&wrapped) {
        assert_eq!(catalogue.unverified_content(), input);
        // Nobody signed it, for this or for anything.
        assert!(catalogue.verify(&[], None, iotops_crypto::wire::Clock::Unknown).is_err());
        assert!(!AAD.is_empty());
    }
    if let Ok(text) = Text::read(input) {
        let _ = text.get("path");
    }
    if let Ok(location) = Location::read(input) {
        let bytes: usize = location.target.labels().map(|label| label.len() + 1).sum();
        assert_eq!(bytes + 7, input.len());
    }
    if let Ok(document) = core::str::from_utf8(input) {
        let mut length = 0;
        for link in links(document).flatten() {
            length += link.target().len();
            assert!(link.attribute("rt").is_none_or(|value| value.len() < document.len()));
        }
        assert!(length < document.len().max(1));
    }
});
