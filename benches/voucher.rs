//! Vouchers: decoded, verified, issued and checked, beside OpenSSL where it does the same.

use criterion::{Criterion, criterion_group, criterion_main};
use iotops_benches::voucher::Vouchers;

fn vouchers(criterion: &mut Criterion) {
    let all = Vouchers::new();
    let mut group = criterion.benchmark_group("voucher");
    group.bench_function("COSE decode", |bencher| bencher.iter(|| all.decode_cose()));
    group.bench_function("CMS decode", |bencher| bencher.iter(|| all.decode_cms()));
    group.bench_function("JSON parse", |bencher| bencher.iter(|| all.decode_json()));
    group.bench_function("COSE verify", |bencher| bencher.iter(|| all.verify_cose()));
    group.bench_function("COSE issue", |bencher| bencher.iter(|| all.issue_cose()));
    group.bench_function("CMS verify with chain", |bencher| bencher.iter(|| all.verify_cms()));
    group.bench_function("CMS verify with chain: OpenSSL", |bencher| {
        bencher.iter(|| all.verify_cms_openssl());
    });
    group.bench_function("MASA check of a request", |bencher| bencher.iter(|| all.check_request()));
    group.finish();
}

criterion_group!(benches, vouchers);
criterion_main!(benches);
