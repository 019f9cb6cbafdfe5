//! Decoding, authenticating, validating and reading take no heap.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    unreachable_pub,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod common;

use std::fs;

use common::{borrowed, decode, trusted};

#[global_allocator]
static ALLOCATOR: test_support::CountingAllocator = test_support::CountingAllocator;

/// One test only: the counter counts the whole process.
#[test]
fn no_allocation_from_bytes_to_manifest() {
    let keys = trusted();
    let keys = borrowed(&keys);
    let folder = test_support::testdata().join("suit");
    let mut checked = 0;
    for path in test_support::files(&folder, &[".suit"]) {
        let document = fs::read(&path).unwrap();
        let (count, _) = test_support::allocations(|| {
            let envelope = decode(&document)?;
            let manifest = envelope.authenticate(&keys)?.validate()?;
            let commands = manifest.shared_sequence().map_or(0, |one| one.commands().count());
            Ok::<_, suit_manifest::Error>(commands)
        });
        assert_eq!(count, 0, "{}", path.display());
        checked += 1;
    }
    assert!(checked > 70);
    let (count, _) = test_support::allocations(|| vec![checked]);
    assert_eq!(count, 1, "the counter counts");
}
