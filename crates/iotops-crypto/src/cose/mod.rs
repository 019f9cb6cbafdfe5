//! COSE (RFC 9052): strict, borrowed reading and verifying without allocation, and writing.
//!
//! A message is decoded to a view; the view's `verify` takes keys of the caller, never one from
//! the message, and gives [`Verified`], the proof.
//!
//! Deviation by choice: COSE itself does not ask for deterministic encoding. This reader does, as
//! the protocols built on it do; [`iotops_wire::cbor::lax::rewrite`] turns other encodings of the
//! message around the (byte string) protected header and payload into what is read here.

#[cfg(feature = "coset")]
mod convert;
mod headers;
mod sign;
mod single;
mod structure;
mod verify;
mod write;

pub use headers::{Headers, Label};
pub use sign::{SIGNERS, Sign, Signature};
pub use single::{Context, Mac0, Mac0Context, Sign1, Sign1Context, Single};
pub use verify::Verified;
pub use write::{Payload, Unsigned};

/// The tag of a `COSE_Mac0` message.
pub const TAG_MAC0: u64 = 17;
/// The tag of a `COSE_Sign1` message.
pub const TAG_SIGN1: u64 = 18;
/// The tag of a `COSE_Encrypt` message.
pub const TAG_ENCRYPT: u64 = 96;
/// The tag of a `COSE_Mac` message.
pub const TAG_MAC: u64 = 97;
/// The tag of a `COSE_Sign` message.
pub const TAG_SIGN: u64 = 98;
