//! Vouchers in COSE: strict and lenient; what is stripped verifies as before; copies say the same.

#![no_main]

use brski_voucher::{Contents, Signed, strip_certificates};
use iotops_fuzz::{Anyone, voucher};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut told = 0;
    let lenient = Signed::decode_cose_lenient(input, &mut |_| told += 1);
    if let Ok(signed) = Signed::decode_cose(input) {
        assert!(lenient.is_ok() && told == 0);
        let mut stripped = Vec::new();
        strip_certificates(input, &mut stripped).expect("well formed");
        let again = Signed::decode_cose(&stripped).expect("well formed");
        assert!(again.check_forwarded().is_ok());
        assert_eq!(signed.verify(&[&Anyone]).is_ok(), again.verify(&[&Anyone]).is_ok());
    }
    if let Ok(signed) = lenient {
        voucher::signed(&signed);
    }
    if let Ok(contents) = Contents::decode_cbor_lenient(input, &mut |_| {}) {
        voucher::contents(&contents);
    }
});
