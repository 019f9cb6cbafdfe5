//! What ES256 takes by itself: a raw key, SHA-256, `verify_prehash`.

#![no_std]
#![no_main]

use core::hint::black_box;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use sha2::{Digest as _, Sha256};

const KEY: [u8; 65] = [4; 65];

iotops_size::entry!(|input| {
    let Ok(key) = VerifyingKey::from_sec1_bytes(black_box(&KEY)) else { return 0 };
    let Ok(signature) = Signature::from_slice(input) else { return 1 };
    usize::from(key.verify_prehash(&Sha256::digest(input), &signature).is_ok())
});
