//! One walk over the seven signed envelopes of the draft, byte strings not opened.
//!
//! `ours` checks the deterministic encoding, key order, UTF-8 and depth; `minicbor` steps over the
//! items and checks UTF-8 alone.

use criterion::{Criterion, criterion_group, criterion_main};
use iotops_benches::{examples, operations};

fn walk(criterion: &mut Criterion) {
    let documents = examples();
    let mut group = criterion.benchmark_group("walk");
    group.bench_function("ours", |bencher| bencher.iter(|| operations::walk_ours(&documents)));
    group.bench_function("minicbor", |bencher| {
        bencher.iter(|| operations::walk_minicbor(&documents));
    });
    group.finish();
}

criterion_group!(benches, walk);
criterion_main!(benches);
