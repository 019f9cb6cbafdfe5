//! `COSE_Sign1` decoded and verified with ES256 by a raw key.

#![no_std]
#![no_main]

use core::hint::black_box;
use iotops_crypto::cose::Sign1;
use iotops_crypto::key::Es256PublicKey;

const KEY: [u8; 65] = [4; 65];

iotops_size::entry!(|input| {
    let Ok(key) = Es256PublicKey::from_sec1(black_box(&KEY)) else { return 0 };
    match Sign1::decode(input).and_then(|message| message.verify(b"", &[&key])) {
        Ok(verified) => black_box(verified.payload()).len(),
        Err(error) => usize::from(error.rule().number()),
    }
});
