//! `COSE_Sign1` decoded and verified by a key that lies in hardware.

#![no_std]
#![no_main]

use core::hint::black_box;
use iotops_crypto::cose::Sign1;
use iotops_size::Hardware;

iotops_size::entry!(|input| {
    match Sign1::decode(input).and_then(|message| message.verify(b"", &[&Hardware])) {
        Ok(verified) => black_box(verified.payload()).len(),
        Err(error) => usize::from(error.rule().number()),
    }
});
