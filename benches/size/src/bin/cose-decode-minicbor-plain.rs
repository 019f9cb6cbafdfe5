//! `COSE_Sign1` decoded over `minicbor`, types alone.

#![no_std]
#![no_main]

use core::hint::black_box;

#[path = "../../../src/minicbor_cose.rs"]
#[allow(dead_code)]
mod minicbor_cose;

iotops_size::entry!(|input| match minicbor_cose::plain(input) {
    Some(message) => {
        black_box((message.algorithm, message.key_id, message.protected));
        black_box((message.payload, message.signature));
        1
    }
    None => 0,
});
