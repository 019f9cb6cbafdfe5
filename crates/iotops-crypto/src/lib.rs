//! COSE, keys and exchangeable signers and verifiers: strict, and without a heap to verify.
//!
//! ```
//! use iotops_crypto::{Error, cose::Sign1, key::import};
//!
//! fn payload<'a>(message: &'a [u8], trusted: &[u8]) -> Result<&'a [u8], Error> {
//!     let key = import(trusted)?.verifying_key();
//!     let verified = Sign1::decode(message)?.verify(b"", &[&key])?;
//!     Ok(verified.payload())
//! }
//! ```
//!
//! # What it does
//! - decodes COSE_Sign1, COSE_Sign and COSE_Mac0 (RFC 9052) to borrowed views with every check of
//!   the deterministic encoding and of the headers, and verifies them, attached or detached;
//! - imports keys from PEM, DER (SPKI, PKCS#8, SEC 1), COSE_Key and raw bytes, told apart by
//!   content; a key is bound to its type, and accepts no algorithm of another ([`Verifier`]);
//! - verifies and signs ES256/ESP256, EdDSA/Ed25519 (by the strict rules) and HMAC 256/256, over
//!   messages in parts, so that nothing is copied to be hashed;
//! - signs in one step or in two ([`cose::Unsigned`]), for keys that lie in an HSM or a service;
//! - tells "invalid" from "could not be checked" ([`Refused`]).
//!
//! # What it does not
//! It never verifies with a key found in a message, knows no global provider, and reads no clock,
//! file or random source: they are arguments. Encryption, JWS, CMS and X.509 are not here yet.
//!
//! # Features
//! `es256` and `ed25519` (default), `hmac`, `sha512`, `shake` add algorithms and change nothing
//! else; `alloc` adds what returns strings and vectors, `std` (default) includes it; `coset` adds
//! conversions to the types of that crate; `defmt` formats errors for embedded logs.
//!
//! # Bringing a key of your own
//! Implement [`Verifier`] or [`Signer`] for hardware, a service, or another library: everything in
//! this family takes `&dyn Verifier`. The value is the key, so key and algorithm cannot part.
//!
//! # Security
//! Secrets are wiped when dropped and never shown by `Debug`; MACs are compared in constant time;
//! ECDSA is deterministic (RFC 6979). An ECDSA signature is malleable and so must never be used to
//! name a message.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;

mod algorithm;
pub mod cose;
#[cfg(any(feature = "x509", feature = "cms"))]
pub mod der;
mod digest;
mod error;
#[cfg(any(
    feature = "x509",
    feature = "es256",
    feature = "es384",
    feature = "ed25519",
    feature = "hmac",
    feature = "hss-lms",
    feature = "ml-dsa",
    feature = "rsa"
))]
pub mod key;
pub mod rules;
mod seam;
#[cfg(feature = "x509")]
pub mod x509;

pub use algorithm::{Algorithm, Purpose};
pub use digest::{Digest, Hasher, digest, is_digest};
pub use error::Error;
pub use iotops_wire as wire;
pub use seam::{Refused, Signer, Verifier};
