//! Templates: what can be composed is a valid manifest, which encodes to the same bytes, and which a
//! template printed of it makes again.

#![no_main]

use iotops_fuzz::{Anyone, read_and_encode};
use libfuzzer_sys::fuzz_target;
use suit_manifest::author::{compose_within, decompose_within, diff, lint_within, needs};
use suit_manifest::model::MudCodes;
use suit_manifest::{Envelope, Limits};

/// What a template finds under a name that looks like that of an envelope.
const ENVELOPE: &[u8] = include_bytes!("../../testdata/suit/templates/dependency.suit");

fuzz_target!(|input: &[u8]| {
    let limits = Limits::default().with_mud(MudCodes::new(25, 1, 2));
    let Ok(draft) = compose_within(input, limits, &mut file) else { return };
    let envelope = draft.envelope().expect("it was valid");
    let mut signed = draft;
    signed.sign(&mut Anyone).expect("it signs all");
    let signed = signed.envelope().expect("it was valid");
    let manifest = Envelope::decode(&signed)
        .and_then(|envelope| envelope.authenticate(&[&Anyone])?.validate_within(limits))
        .expect("it was valid");
    read_and_encode(&manifest, &signed);
    lint_within(&envelope, limits, &mut |_| ()).expect("it was valid");
    let printed = decompose_within(&envelope, limits).expect("it was valid");
    let again = compose_within(printed.as_bytes(), limits, &mut file);
    let again = again.and_then(|draft| draft.envelope());
    assert_eq!(again.as_deref(), Ok(envelope.as_slice()), "{printed}");
    let _ = needs(&envelope);
    if let Ok(changes) = diff(&envelope, &envelope) {
        assert!(changes.is_empty());
    }
});

/// Files whose names do not begin with "no".
fn file(name: &str) -> Option<Vec<u8>> {
    if name.ends_with(".suit") {
        return Some(ENVELOPE.to_vec());
    }
    (!name.starts_with("no")).then(|| name.as_bytes().to_vec())
}
