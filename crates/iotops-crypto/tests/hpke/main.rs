//! HPKE and COSE with it: the examples of RFC 9180 and of draft-ietf-cose-hpke-27, and what must be
//! refused.

#![cfg(feature = "hpke-draft")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::unwrap_in_result,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod draft;
mod recipients;
mod refused;
mod rfc9180;

use std::fs;

use iotops_crypto::agreement::{Agreement, Curve, P256SecretKey, PublicKey, X25519SecretKey};
use iotops_crypto::hpke::Suite;
use iotops_crypto::wire::{Random, Unavailable};
use iotops_crypto::{Algorithm, Error};

fn unhex(text: &str) -> Vec<u8> {
    let digits = (0..text.len()).step_by(2).map(|at| &text[at..at + 2]);
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// The blocks of a file: lines of a name and a value.
fn blocks(file: &str) -> Vec<Vec<(String, String)>> {
    let text = fs::read_to_string(test_support::testdata().join("crypto").join(file)).unwrap();
    let pair = |line: &str| {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        (name.to_owned(), value.to_owned())
    };
    text.split("\n\n").map(|block| block.lines().map(pair).collect()).collect()
}

fn value<'b>(block: &'b [(String, String)], name: &str) -> Option<&'b str> {
    block.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

/// Gives these bytes, and then no more.
struct Fixed(Vec<u8>);

impl Random for Fixed {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Unavailable> {
        if buffer.len() > self.0.len() {
            return Err(Unavailable::new());
        }
        let rest = self.0.split_off(buffer.len());
        buffer.copy_from_slice(&self.0);
        self.0 = rest;
        Ok(())
    }
}

/// Numbers that only look random, so that a failure comes again.
struct Counter(u8);

impl Random for Counter {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Unavailable> {
        for byte in buffer {
            self.0 = self.0.wrapping_mul(77).wrapping_add(91);
            *byte = self.0;
        }
        Ok(())
    }
}

/// A private key of either curve.
fn private(curve: Curve, bytes: &[u8]) -> (Box<dyn Agreement>, PublicKey) {
    match curve {
        Curve::P256 => {
            let key = P256SecretKey::from_scalar(bytes).unwrap();
            let public = key.public_key();
            (Box::new(key), public)
        }
        Curve::X25519 => {
            let key = X25519SecretKey::from_bytes(bytes).unwrap();
            let public = key.public_key();
            (Box::new(key), public)
        }
        _ => panic!("{curve:?}"),
    }
}

fn drawn(curve: Curve, seed: u8) -> (Box<dyn Agreement>, PublicKey) {
    let mut bytes = [0; 32];
    Counter(seed).fill(&mut bytes).unwrap();
    private(curve, &bytes)
}

fn suites() -> impl Iterator<Item = Suite> {
    let aeads = [Algorithm::A128Gcm, Algorithm::A256Gcm, Algorithm::ChaCha20Poly1305];
    [Curve::P256, Curve::X25519]
        .into_iter()
        .flat_map(move |curve| aeads.map(|aead| Suite::new(curve, aead).unwrap()))
}

fn rule<T: core::fmt::Debug>(made: Result<T, Error>) -> iotops_crypto::wire::Rule {
    made.unwrap_err().rule()
}
