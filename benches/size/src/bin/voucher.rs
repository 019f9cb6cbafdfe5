//! A voucher in COSE decoded, verified by a key in hardware, and accepted: a device without
//! certificates, JSON and heap.

#![no_std]
#![no_main]

use core::hint::black_box;

use brski_voucher::Signed;
use brski_voucher::roles::Pledge;
use brski_voucher::wire::Clock;
use iotops_size::Hardware;

iotops_size::entry!(|input| {
    let nonce = black_box([7; 16]);
    let pledge = Pledge::new(black_box("JADA123456789"), Clock::Unknown).sent_nonce(&nonce);
    let accepted = Signed::decode_cose(input)
        .and_then(|document| document.verify(&[&Hardware]))
        .and_then(|voucher| pledge.accept(&voucher, &mut []).map(|accepted| *accepted.pin()));
    match accepted {
        Ok(pin) => usize::from(black_box(pin).check_key(black_box(input)).is_ok()),
        Err(error) => usize::from(error.rule().number()),
    }
});
