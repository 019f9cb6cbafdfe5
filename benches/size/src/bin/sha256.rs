//! SHA-256 alone, as `suit` uses it.

#![no_std]
#![no_main]

use core::hint::black_box;
use iotops_crypto::{Algorithm, digest};

iotops_size::entry!(|input| {
    digest(black_box(Algorithm::Sha256), &[input]).map_or(0, |digest| digest.as_bytes().len())
});
