//! From the bytes of a SUIT envelope to a manifest one may act on.
//!
//! Signatures are mocked, except in `suit-p256`. What each does:
//! - `ours`: envelope, digest, COSE decoding and header rules, then every static rule of the
//!   manifest, down to each command and parameter;
//! - `dress-up`: finds wrapper and manifest, compares the digest; no COSE, no look into the manifest;
//! - `suit_validator`: envelope, digest, the maps of manifest and common; no COSE, command sequences
//!   left unread;
//! - `sha256`: the digest of the manifest alone, which all three compute.

use criterion::{Criterion, criterion_group, criterion_main};
use iotops_benches::operations::Bare;
use iotops_benches::{Accept, draft_verifier, example, operations, process};
use suit_manifest::process::Procedure;

fn without_curve(criterion: &mut Criterion) {
    for name in ["0", "1", "4"] {
        let envelope = example(name);
        let hashed = hashed(&envelope);
        let mut group = criterion.benchmark_group(format!("suit-example{name}"));
        group.bench_function("ours", |bencher| {
            bencher.iter(|| operations::suit_ours(&envelope, &Accept));
        });
        group.bench_function("dress-up", |bencher| {
            bencher.iter(|| operations::suit_dress_up(&envelope));
        });
        if operations::suit_validator(&envelope) {
            group.bench_function("suit_validator", |bencher| {
                bencher.iter(|| operations::suit_validator(&envelope));
            });
        } else {
            println!("suit-example{name}: suit_validator refuses this envelope");
        }
        group.bench_function("sha256", |bencher| bencher.iter(|| operations::sha256(&hashed)));
        group.finish();
    }
}

/// The bytes whose digest is signed: the manifest with the head of its byte string.
fn hashed(envelope: &[u8]) -> Vec<u8> {
    let mut cursor = iotops_wire::cbor::Cursor::new(envelope).expect("short");
    cursor.tag().expect("a tag");
    cursor.map().expect("a map");
    for _ in 0..3 {
        cursor.skip().expect("wrapper and key");
    }
    cursor.item().expect("the manifest").to_vec()
}

/// All of it with the real key, beside the bare curve operation on the same signature.
fn with_curve(criterion: &mut Criterion) {
    let envelope = example("0");
    let key = draft_verifier();
    let bare = Bare::of(&envelope, &key);
    let mut group = criterion.benchmark_group("suit-p256");
    group.bench_function("ours", |bencher| {
        bencher.iter(|| operations::suit_ours(&envelope, &key));
    });
    group.bench_function("p256", |bencher| bencher.iter(|| bare.verify()));
    group.finish();
}

/// Verified but for the curve, and run: the same image, the same COSE decoding on both sides.
fn executed(criterion: &mut Criterion) {
    for name in ["0", "1"] {
        let envelope = process::envelope(name, false);
        let mut group = criterion.benchmark_group(format!("suit-process{name}"));
        group.bench_function("ours", |bencher| {
            bencher.iter(|| process::ours(&envelope, &[Procedure::Update]));
        });
        group.bench_function("dress-up", |bencher| bencher.iter(|| process::dress_up(&envelope)));
        group.finish();
    }
}

criterion_group!(benches, without_curve, with_curve, executed);
criterion_main!(benches);
