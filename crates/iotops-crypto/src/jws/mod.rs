//! JWS (RFC 7515): compact and JSON, strict, verified without a heap.
//!
//! A text is decoded into a scratch buffer of the caller; [`Jws`] is the view of both. Its `verify`
//! takes keys of the caller, never one that a header carries or points to, and gives [`Verified`],
//! the proof. What is verified are the received characters.
//!
//! ```
//! use iotops_crypto::{Error, jws::Jws, key::import};
//!
//! fn payload(token: &[u8], trusted: &[u8], read: impl FnOnce(&[u8])) -> Result<(), Error> {
//!     let key = import(trusted)?.verifying_key();
//!     let mut scratch = [0; 1024];
//!     let message = Jws::decode_compact(token, &mut scratch)?;
//!     read(message.verify(&[&key])?.payload());
//!     Ok(())
//! }
//! ```
//!
//! # Stricter than RFC 7515
//! - `alg` must be in the protected header; `none` is never accepted.
//! - base64url in JSON must not be written with escapes.
//! - An unencoded payload (RFC 7797) must be detached, and has an entry of its own.

mod headers;
mod message;
mod signature;
#[cfg(feature = "alloc")]
mod write;

pub use headers::Headers;
pub use message::{Jws, SIGNERS, Signatures};
pub use signature::{Signature, Verified};
#[cfg(feature = "alloc")]
pub use write::{Signed, Unsigned, write_json};

pub use crate::cose::Payload;
