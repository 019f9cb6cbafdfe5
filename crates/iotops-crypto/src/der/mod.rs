//! DER (X.690), strictly and without a heap: what certificates and CMS messages are read with.
//!
//! [`Reader`] is to DER what [`Cursor`](iotops_wire::cbor::Cursor) is to CBOR: a document and a
//! position in it, so that a failure tells its byte offset in the outermost input. A reader of our
//! own because that offset, the speed and the size are not to be had otherwise; the `der` crate is
//! the oracle in the tests.

#[cfg(feature = "alloc")]
pub mod ber;
mod oid;
mod reader;
mod time;
mod value;
#[cfg(feature = "alloc")]
mod write;

pub use oid::Oid;
pub use reader::{Any, Reader, Tag};
pub use value::BitString;
#[cfg(feature = "alloc")]
pub use write::{Writer, write};

/// The bit of a tag that says that its content is values.
#[cfg(feature = "alloc")]
const CONSTRUCTED: u8 = 0x20;
/// The low bits of a tag, all set in tags of more bytes.
const NUMBER_BITS: u8 = 0x1f;
