//! Envelopes, and manifests behind a digest that fits.

#![no_main]

use iotops_fuzz::{check, wrap};
use iotops_wire::cbor::Cursor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    check(input, true);
    check(input, false);
    check(&wrap(input), true);
    if let Some(manifest) = manifest_of(input) {
        check(&wrap(manifest), true);
    }
});

/// What stands where the manifest is in a tagged envelope, so that mutations inside of it are not
/// lost to the digest.
fn manifest_of(input: &[u8]) -> Option<&[u8]> {
    let mut cursor = Cursor::new(input).ok()?;
    cursor.tag().ok()?;
    cursor.map().ok()?;
    cursor.integer().ok()?;
    cursor.bytes().ok()?;
    cursor.integer().ok()?;
    cursor.bytes().ok()
}
