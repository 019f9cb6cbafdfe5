//! BRSKI vouchers (RFC 8366, its revision, RFC 8995, cBRSKI): the document by which a manufacturer
//! tells a device whose it is. Decoded, verified and accepted on the device without a heap; built
//! and signed on servers.
//!
//! ```
//! use brski_voucher::crypto::key::import;
//! use brski_voucher::roles::Pledge;
//! use brski_voucher::wire::Clock;
//! use brski_voucher::{Error, Signed};
//!
//! fn accept(document: &[u8], manufacturer: &[u8], nonce: &[u8]) -> Result<bool, Error> {
//!     let key = import(manufacturer)?.verifying_key();
//!     let voucher = Signed::decode_cose(document)?.verify(&[&key])?;
//!     let pledge = Pledge::new("JADA123456789", Clock::Unknown).sent_nonce(nonce);
//!     let accepted = pledge.accept(&voucher, &mut [])?;
//!     Ok(accepted.voucher().est_domain().is_none())
//! }
//! ```
//!
//! # The way from bytes to trust
//! [`Signed`] is well formed; [`Authenticated`] was signed by somebody whom the caller trusts;
//! [`AcceptedVoucher`](roles::AcceptedVoucher) is for this device and this attempt. Each is made
//! only from the one before.
//!
//! # What it does
//! - reads all leaves of draft-ietf-anima-rfc8366bis, with names, differences of identifiers and
//!   absolute identifiers, from JSON in CMS and JWS and from CBOR in COSE, to one view; extensions
//!   and unknown leaves are kept ([`Unknown`]);
//! - reads strictly, or leniently with a list of what was tolerated, each with its clause;
//! - checks the rules between leaves by edition and by role ([`Role`]);
//! - checks the signature by keys of the caller, or by a path to an anchor together with what
//!   tells signers of vouchers from others; several signatures of a JWS one by one;
//! - checks what a device, a registrar and a manufacturer must check ([`roles`]), and gives a registrar
//!   its request and a manufacturer its voucher and log entry only for what passed;
//! - builds vouchers and requests, anew or from what was read, and signs them at once or in two
//!   steps ([`Draft`]); adds the signature of a registrar to a JWS, and takes certificates out of
//!   COSE before it is forwarded ([`strip_certificates`]);
//! - knows media types, content formats and endings of file names ([`Container`]).
//!
//! # What it does not
//! It has no transport, no storage and no enrolment. Of BRSKI-PRM it has the documents, and not the
//! checks of what an agent signed. CMS in BER is rewritten by [`crypto::der::ber`] first. Keys of P-384
//! that sign over SHA-256 are not known.
//!
//! # What lenient reading tolerates
//! | deviation | rule |
//! |---|---|
//! | CMS with content of type `id-data`, as all that are published | [`rules::CONTENT_TYPE`] |
//! | CMS whose algorithm has parameters or is that of the key | [`rules::ALGORITHM_NAME`] |
//! | JWS in the compact or flattened serialisation, or of another type | [`rules::COMPACT`], [`rules::MESSAGE_TYPE`] |
//! | COSE without its tag, without an algorithm (ES256 is meant), with a list of one certificate | [`rules::UNTAGGED`], [`crypto::rules::ALGORITHM_MISSING`], [`crypto::rules::CERTIFICATES`] |
//! | maps of indefinite length, identifiers and names of earlier drafts | [`wire::rules::INDEFINITE`], [`rules::OLD_SID`], [`rules::OLD_NAME`] |
//! | dates with tag 1 or without a time; enumerations, binary and flags as text | [`rules::DATE_TAG`], [`rules::DATE`], [`rules::ENUMERATION`], [`rules::BINARY_TEXT`], [`rules::LEAF_TYPE`] |
//! | base64 in its other forms; nonces and prior requests that are none | [`rules::BASE64`] |
//! | serial numbers as bytes, or none; nonces of another length | [`rules::SERIAL_BYTES`], [`rules::SERIAL_MISSING`], [`rules::NONCE_LENGTH`] |
//!
//! # Where the specifications are silent
//! | question | decision | why |
//! |---|---|---|
//! | order of keys in CBOR | any | RFC 9254 does not ask for deterministic encoding |
//! | unknown leaves | ignored and kept; the same key twice is refused | RFC 8995 §5.6.1 |
//! | a clock that may be behind | finds expiry, and not creation in the future | it knows no later bound |
//! | several pins and a nonce, none as it was sent | the first that the device understands | bis §8.1 only ranks them |
//!
//! # Features
//! `cms` and `jws` (default) add the containers with JSON, `x509` paths and pinned certificates;
//! without any of them only COSE with keys is left. `es256` and `ed25519` (default) add
//! algorithms. `alloc` adds building and signing, `std` (default) includes it, `defmt` formats
//! errors for embedded logs.
//!
//! Minimum Rust version 1.89. No unsafe code; no panic on any input; no allocation without `alloc`.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod conform;
mod decode;
#[cfg(feature = "alloc")]
mod encode;
mod error;
mod forward;
pub mod model;
pub mod roles;
pub mod rules;
#[cfg(feature = "alloc")]
mod sign;
mod verify;

pub use conform::Role;
pub use decode::{Contents, Encoded, LeafKey, List, Request, Signed, Unknown, Voucher};
#[cfg(feature = "alloc")]
pub use encode::{Extension, KeyForm, RequestBuilder, VoucherBuilder};
pub use error::Error;
pub use forward::strip_certificates;
pub use iotops_crypto as crypto;
pub use iotops_wire as wire;
pub use model::Container;
#[cfg(feature = "alloc")]
pub use sign::{CoseHeaders, Draft};
pub use verify::Authenticated;
#[cfg(feature = "x509")]
pub use verify::{Authority, Trust};
