//! The strict reader beside another one, the lax reader, and the printers.

#![no_main]

use iotops_wire::cbor::{Cursor, lax};
use iotops_wire::shape::{Shape, edn, hex, json, outline, path};
use iotops_wire::{Finding, rules};
use libfuzzer_sys::fuzz_target;
use suit_manifest::shape::{COSE, ENVELOPE, MANIFEST, REPORT, SEQUENCE};

static SHAPES: [&Shape; 6] = [&Shape::Any, &ENVELOPE, &MANIFEST, &SEQUENCE, &COSE, &REPORT];

fuzz_target!(|input: &[u8]| {
    skip(input);
    rewrite(input);
    // One shape for each input: all of them would be most of the time.
    let sum = input.iter().fold(0_usize, |sum, byte| sum.wrapping_add(usize::from(*byte)));
    print(input, SHAPES[sum % SHAPES.len()]);
});

/// What the strict reader takes, the other takes too and ends at the same byte.
fn skip(input: &[u8]) {
    let Ok(mut cursor) = Cursor::new(input) else { return };
    if cursor.skip().is_err() {
        return;
    }
    let mut decoder = minicbor::Decoder::new(input);
    decoder.skip().expect("minicbor takes what we take");
    assert_eq!(decoder.position(), cursor.position());
}

/// What was rewritten is strict, and rewriting it again changes nothing and tells nothing. What is
/// strict already stays as it is.
fn rewrite(input: &[u8]) {
    let mut found = Vec::new();
    let result = lax::rewrite(input, &mut |finding: Finding| found.push(finding));
    let Ok(strict) = result else {
        assert!(!is_strict(input), "strict input is refused by the lax reader");
        return;
    };
    assert!(is_strict(&strict), "the result is strict");
    assert_eq!(found.is_empty(), is_strict(input), "every deviation is told, and no other");
    assert_eq!(found.is_empty(), strict == input, "a change is told");
    let again = lax::rewrite(&strict, &mut |finding| panic!("{finding:?}"));
    assert_eq!(again.as_deref(), Ok(strict.as_slice()));
    let known = [rules::SHORTEST, rules::INDEFINITE, rules::KEY_ORDER, rules::FLOAT];
    assert!(found.iter().all(|finding| known.contains(&finding.rule())));
}

fn is_strict(bytes: &[u8]) -> bool {
    Cursor::new(bytes).is_ok_and(|mut cursor| cursor.skip().is_ok() && cursor.is_at_end())
}

fn print(input: &[u8], shape: &Shape) {
    let _ = (edn(input, shape), hex(input, shape), json(input, shape), outline(input, shape));
    let last = u32::try_from(input.len()).unwrap_or(u32::MAX);
    for offset in [0, last / 3, last / 2, last, u32::MAX] {
        let _ = path(input, shape, offset);
    }
}
