//! Decoding a COSE_Sign1 of 336 bytes, no cryptography.
//!
//! `ours` and `minicbor-strict` make the same checks; `minicbor-plain` looks at types alone; `coset`
//! builds an owned tree and checks neither encoding nor order.

use criterion::{Criterion, criterion_group, criterion_main};
use iotops_benches::{operations, sign1};

fn decode(criterion: &mut Criterion) {
    let message = sign1();
    let mut group = criterion.benchmark_group("cose-decode");
    group.bench_function("ours", |bencher| bencher.iter(|| operations::cose_ours(&message)));
    group.bench_function("coset", |bencher| bencher.iter(|| operations::cose_coset(&message)));
    group.bench_function("minicbor-strict", |bencher| {
        bencher.iter(|| operations::cose_minicbor_strict(&message));
    });
    group.bench_function("minicbor-plain", |bencher| {
        bencher.iter(|| operations::cose_minicbor_plain(&message));
    });
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
