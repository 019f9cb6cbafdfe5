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
//! - COSE ([`cose`], RFC 9052): Sign1, Sign, Mac0, and with `encrypt` Mac, Encrypt0 and Encrypt with
//!   recipients; countersignatures (RFC 9338) and certificates in headers (RFC 9360); attached,
//!   detached, or in parts ([`StreamKey`]);
//! - with `hpke-draft` HPKE (RFC 9180) by itself and in COSE;
//! - with `jws` JWS (RFC 7515), compact and JSON, and JWK;
//! - with `cms` CMS `SignedData` (RFC 5652), with `x509` certificates and paths to anchors of the
//!   caller (RFC 5280), on a strict DER reader;
//! - keys from PEM, DER (SPKI, PKCS#8, SEC 1), `COSE_Key`, JWK and raw bytes, told apart by content;
//!   a key is bound to its type, and accepts no algorithm of another ([`Verifier`]);
//! - ES256, ES384, Ed25519 (by the strict rules), HMAC, ML-DSA; verifying alone HSS/LMS and RSA;
//!   over messages in parts, so that nothing is copied to be hashed;
//! - signs in one step or in two ([`cose::Unsigned`]), for keys that lie in an HSM or a service;
//! - names of keys (`key-id`), and sets of trust anchors that only signed updates change
//!   (`anchors`);
//! - tells "invalid" from "could not be checked" ([`Refused`]).
//!
//! All reading and verifying is strict, gives the rule that is broken and the place, and takes no
//! heap; but RSA needs one, and so does a [`key::VerifyingKey`] that holds an ML-DSA key (without
//! it the types of ML-DSA are used by themselves).
//!
//! # What it does not
//! It never verifies with a key found in a message, knows no global provider, and reads no clock,
//! file or random source: they are arguments.
//!
//! # Features
//! Algorithms: `es256` and `ed25519` (default), `es384`, `hmac`, `hss-lms`, `ml-dsa`, `rsa`,
//! `sha512`, `shake`. Containers: `encrypt` and `ecdh` for COSE, `jws`, `x509`, `cms`. Beside them:
//! `key-id`, `anchors`, `hardened` (verifies twice, for devices under fault attack), `batch` (a
//! filter over many Ed25519 signatures), `aws-lc-rs` (keys that compute with that library). None
//! changes what another does. `alloc` adds what returns strings and vectors, `std` (default)
//! includes it; `coset` and `x509-cert` add conversions to the types of those crates; `defmt`
//! formats errors for embedded logs.
//!
//! `hpke-draft` follows draft-ietf-cose-hpke-27: until it is an RFC, its numbers may change, and so
//! may what this feature adds, in any release.
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

#[cfg(feature = "encrypt")]
pub mod agreement;
mod algorithm;
#[cfg(all(feature = "anchors", any(feature = "es256", feature = "ed25519")))]
pub mod anchor;
#[cfg(feature = "aws-lc-rs")]
pub mod backend;
#[cfg(feature = "jws")]
#[allow(dead_code, reason = "a build may have no keys to name or to write")]
mod base64;
#[cfg(feature = "encrypt")]
pub mod cipher;
#[cfg(feature = "cms")]
pub mod cms;
pub mod cose;
#[cfg(feature = "x509")]
pub mod der;
mod digest;
mod error;
#[cfg(feature = "hardened")]
pub mod hardened;
#[cfg(feature = "hpke-draft")]
pub mod hpke;
#[cfg(feature = "jws")]
pub mod jws;
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
mod stream;
#[cfg(feature = "x509")]
pub mod x509;

pub use algorithm::{Algorithm, Purpose};
pub use digest::{Digest, Hasher, digest, is_digest};
pub use error::Error;
pub use iotops_wire as wire;
pub use seam::{Refused, Signer, Verifier};
#[cfg(feature = "ed25519")]
pub use stream::Ed25519Stream;
#[cfg(feature = "es256")]
pub use stream::Es256Stream;
#[cfg(feature = "hmac")]
pub use stream::HmacStream;
pub use stream::{StreamKey, StreamVerify};
