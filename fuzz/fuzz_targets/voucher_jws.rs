//! Vouchers in JWS, with one signature and with several.

#![no_main]

use brski_voucher::Signed;
use iotops_fuzz::voucher;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let (mut one, mut two) = (vec![0; input.len()], vec![0; input.len()]);
    let mut told = 0;
    let lenient = Signed::decode_jws_lenient(input, &mut one, &mut |_| told += 1);
    if Signed::decode_jws(input, &mut two).is_ok() {
        assert!(lenient.is_ok() && told == 0);
    }
    if let Ok(signed) = lenient {
        voucher::signed(&signed);
    }
});
