//! `COSE_Sign1` decoded over `minicbor`, with the same checks, errors without rule or place.

#![no_std]
#![no_main]

use core::hint::black_box;

#[path = "../../../src/minicbor_cose.rs"]
#[allow(dead_code)]
mod minicbor_cose;

iotops_size::entry!(|input| match minicbor_cose::strict(input) {
    Some(message) => {
        black_box((message.algorithm, message.key_id, message.protected));
        black_box((message.payload, message.signature));
        1
    }
    None => 0,
});
