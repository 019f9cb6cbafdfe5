//! Reading and verifying take nothing from the heap.

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
    reason = "tests may panic and index"
)]

mod common;

use brski_voucher::{Container, Contents, Error, Signed};
use common::Key;

#[global_allocator]
static ALLOCATOR: test_support::CountingAllocator = test_support::CountingAllocator;

fn read(document: &[u8], scratch: &mut [u8], key: &Key) -> Result<bool, Error> {
    let mut tell = |_| {};
    let signed = match Container::of_document(document) {
        Some(Container::Cms) => Signed::decode_cms_lenient(document, &mut tell)?,
        Some(Container::Jws) => Signed::decode_jws_lenient(document, scratch, &mut tell)?,
        _ => Signed::decode_cose_lenient(document, &mut tell)?,
    };
    let verified = signed.verify(&[key]).is_ok();
    let Contents::Voucher(voucher) = signed.unverified() else { return Ok(verified) };
    let mut space = [0; 1024];
    if let Some(pin) = voucher.pinned_domain_cert() {
        pin.read_into(&mut space)?;
    }
    let is_named = voucher.serial_number().is_some_and(|serial| serial.is("JADA123456789"));
    Ok(verified && (is_named || voucher.unknown_leaves().count() == 0))
}

#[test]
fn reading_and_verifying_allocate_nothing() {
    let Some(folder) = test_support::vectors("brski") else { return };
    let cases = [
        ("cbrski/cose-examples/voucher.hex", "cbrski/cose-examples/masa_ca.pem"),
        ("generated/ok_voucher_rpk.vch", "cbrski/cose-examples/masa_ca.pem"),
        ("generated/ok_strict_id-ct-animaJSONVoucher.vcj", "generated/cms_masa.pem"),
        ("rfc8366/voucher_00-D0-E5-F2-00-02.pkcs", "rfc8366/masa-00-D0-E5-F2-00-02.crt"),
        (
            "jws-voucher/draft_example_03_Example_Voucher_Response.json",
            "jws-voucher/draft_pem_08_certificate.pem",
        ),
    ];
    let mut checked = 0;
    for (document, key) in cases {
        let (document, key) =
            (common::document(&folder.join(document)), common::certificate_key(&folder.join(key)));
        let mut scratch = vec![0; document.len()];
        let (allocations, verified) =
            test_support::allocations(|| read(&document, &mut scratch, &key));
        assert!(verified.unwrap());
        assert_eq!(allocations, 0);
        checked += 1;
    }
    assert_eq!(checked, cases.len());
    // The counter counts.
    let (allocations, _) = test_support::allocations(|| vec![1_u8; 100]);
    assert_eq!(allocations, 1);
    test_support::report("brski heap", checked);
}
