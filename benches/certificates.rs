//! Certificates, CMS messages, and ECDSA by the backend for servers.
//!
//! - `certificate-parse`: a P-256 certificate with six extensions. `ours` checks every known
//!   extension; `x509-parser` and `x509-cert` leave theirs encoded; `openssl` decodes the key, too.
//! - `cms-parse`: a message with one signer and two certificates. `ours` is strict DER and reads the
//!   signed attributes; `cms` reads types alone; `openssl` decodes the keys, too.
//! - `cms-verify`: message and path, against the two bare signature verifications in it.
//! - `es256`: one COSE_Sign1 verified with aws-lc-rs behind our seam, against aws-lc-rs alone, and
//!   the bare verifications of ring and p256.

use criterion::{Criterion, criterion_group, criterion_main};
use iotops_benches::pki::{self, Pki};

fn parse(criterion: &mut Criterion) {
    let pki = Pki::new();
    let mut group = criterion.benchmark_group("certificate-parse");
    group
        .bench_function("ours", |bencher| bencher.iter(|| pki::certificate_ours(&pki.certificate)));
    group.bench_function("x509-parser", |bencher| {
        bencher.iter(|| pki::certificate_x509_parser(&pki.certificate));
    });
    group.bench_function("x509-cert", |bencher| {
        bencher.iter(|| pki::certificate_x509_cert(&pki.certificate));
    });
    group.bench_function("openssl", |bencher| {
        bencher.iter(|| pki::certificate_openssl(&pki.certificate));
    });
    group.finish();
    let mut group = criterion.benchmark_group("cms-parse");
    group.bench_function("ours", |bencher| bencher.iter(|| pki::cms_ours(&pki.message)));
    group.bench_function("cms", |bencher| bencher.iter(|| pki::cms_rustcrypto(&pki.message)));
    group.bench_function("openssl", |bencher| bencher.iter(|| pki::cms_openssl(&pki.message)));
    group.finish();
}

fn verify(criterion: &mut Criterion) {
    let pki = Pki::new();
    let mut group = criterion.benchmark_group("cms-verify");
    group.bench_function("ours", |bencher| bencher.iter(|| pki.verify()));
    group.bench_function("bare", |bencher| bencher.iter(|| pki.bare()));
    group.finish();
    let keys = pki::Keys::new();
    let mut group = criterion.benchmark_group("es256");
    group.bench_function("ours", |bencher| bencher.iter(|| keys.ours()));
    group.bench_function("aws-lc-rs", |bencher| bencher.iter(|| keys.aws_lc()));
    group.bench_function("ring", |bencher| bencher.iter(|| keys.ring()));
    group.bench_function("p256", |bencher| bencher.iter(|| keys.p256()));
    group.finish();
}

criterion_group!(benches, parse, verify);
criterion_main!(benches);
