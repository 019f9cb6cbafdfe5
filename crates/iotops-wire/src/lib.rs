//! Strict CBOR and JSON, and the small types that all iotops protocol crates share.
//!
//! ```
//! use iotops_wire::{Kind, cbor::Cursor};
//!
//! let mut cursor = Cursor::new(&[0xa2, 0x01, 0x05, 0x01, 0x06])?;
//! let error = cursor.skip().unwrap_err();
//! assert_eq!(error.kind(), Kind::Malformed);
//! assert_eq!(
//!     error.to_string(),
//!     "a map key must not occur twice (RFC 8949 §5.6) at byte 3"
//! );
//! # Ok::<(), iotops_wire::Error>(())
//! ```
//!
//! # What it does
//! - reads CBOR in its one deterministic encoding (RFC 8949 §4.2) and refuses every other:
//!   shortest heads, definite lengths, sorted and unique keys, nothing behind the item, bounded
//!   depth; nothing is allocated, least of all by a declared length;
//! - tells each failure as a [`Rule`] (number, name, section, sentence) and a [`Place`] (input and
//!   byte offset in the outermost document) in 8 bytes;
//! - writes the same encoding into a caller's buffer or a `Vec`;
//! - reads JSON as strictly, with unique members and borrowed strings, and writes it ([`json`]);
//! - reads laxly by name ([`cbor::lax`]), with a list of what it tolerated;
//! - prints any document as diagnostic notation, annotated hexadecimal, JSON or an outline, with
//!   the field names of a [`shape`] table.
//!
//! # What it does not
//! No cryptography, no input or output, no serde, no indefinite lengths outside of the lax reader.
//!
//! # Features
//! `alloc` adds what returns strings and lists; `std` (default) adds nothing but `alloc`; `defmt`
//! formats errors for embedded logs. Nothing changes what a function does.
//!
//! # Why a reader of our own
//! The device path needs heads, order and bounds, and no more. The measured figures beside
//! `minicbor` stand in the repository's `BENCHMARKS.md`; `minicbor` is the oracle in the tests.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod cbor;
mod error;
pub mod json;
pub mod rule;
pub mod rules;
#[cfg(feature = "alloc")]
pub mod shape;
mod shared;

pub use error::{Error, Fault, Input, Kind, Place, describe};
pub use rule::{Row, Rule};
pub use shared::{Clock, Finding, Random, Time, Unavailable};
