//! Classes of failures that other implementations had, one module each.
//!
//! Those of HSS/LMS (wrong types, levels, lengths and leaves) are in `hss_lms.rs`.

#![cfg(all(feature = "es256", feature = "ed25519", feature = "hmac", feature = "alloc"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod algorithms;
mod ecdsa;
mod ed25519;
mod public_keys;
mod secrets;
#[path = "../vectors/mod.rs"]
mod vectors;
