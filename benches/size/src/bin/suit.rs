//! A SUIT envelope decoded, authenticated by a key in hardware, and validated; SHA-256 included.

#![no_std]
#![no_main]

use core::hint::black_box;
use iotops_size::Hardware;
use suit_manifest::Envelope;

iotops_size::entry!(|input| {
    let manifest = Envelope::decode(input)
        .and_then(|envelope| envelope.authenticate(&[&Hardware]))
        .and_then(|authenticated| authenticated.validate());
    match manifest {
        Ok(manifest) => usize::try_from(black_box(manifest.sequence_number())).unwrap_or(0),
        Err(error) => usize::from(error.rule().number()),
    }
});
