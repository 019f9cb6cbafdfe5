//! Vouchers in CMS, and their data in JSON.

#![no_main]

use brski_voucher::{Contents, Signed};
use iotops_fuzz::voucher;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut told = 0;
    let lenient = Signed::decode_cms_lenient(input, &mut |_| told += 1);
    if Signed::decode_cms(input).is_ok() {
        assert!(lenient.is_ok() && told == 0);
    }
    if let Ok(signed) = lenient {
        voucher::signed(&signed);
    }
    if let Ok(contents) = Contents::decode_json_lenient(input, &mut |_| {}) {
        voucher::contents(&contents);
    }
});
