//! `COSE_Sign1` decoded by our own reader, every check made, errors with rule and place.

#![no_std]
#![no_main]

use core::hint::black_box;
use iotops_crypto::cose::Sign1;

iotops_size::entry!(|input| match Sign1::decode(input) {
    Ok(message) => {
        let headers = message.headers();
        black_box((headers.algorithm(), headers.key_id(), headers.protected_bytes()));
        black_box((message.payload(), message.signature()));
        1
    }
    Err(error) => usize::from(error.rule().number()),
});
