//! Classes of failures that other implementations had, one module each.
//!
//! `table.rs` says which module is which: some are here, others are test files of their own.

#![cfg(all(
    feature = "es256",
    feature = "ed25519",
    feature = "hmac",
    feature = "x509",
    feature = "key-id",
    feature = "alloc"
))]
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
mod embedded;
mod public_keys;
mod secrets;
mod table;
#[path = "../vectors/mod.rs"]
mod vectors;
