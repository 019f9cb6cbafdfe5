//! Strict JSON (RFC 8259): a reader that lends what it reads, and a deterministic writer, both
//! without allocation.
//!
//! [`Value::read`] walks a document once and checks all of it: UTF-8 without a byte order mark,
//! the grammar to the letter, escapes that mean a character, no member twice, bounded depth. The
//! [`Value`] it gives is a position in a document that is known to be good, so that what is asked
//! of it later can only fail by being of another type.
//!
//! ```
//! use iotops_wire::json::Value;
//!
//! let header = Value::read(br#"{"alg": "ES256", "crit": ["b64"]}"#)?;
//! assert_eq!(header.member("alg")?.map(|alg| alg.text()).transpose()?.unwrap(), *"ES256");
//! let twice = Value::read(br#"{"alg": "none", "\u0061lg": "ES256"}"#).unwrap_err();
//! assert_eq!(
//!     twice.to_string(),
//!     "a member must not occur twice in an object (RFC 8259 §4) at byte 16"
//! );
//! # Ok::<(), iotops_wire::Error>(())
//! ```
//!
//! # Bounds
//! Depth [`DEPTH`]; less than 4 GiB; [`MEMBERS`] members in all objects that are open at one time.
//! Each member name is compared with those before it in its object: a hostile document has each
//! byte of its names read less than four times [`MEMBERS`] times. The positions of the names are
//! on the stack, 1 KiB.

#[cfg(feature = "alloc")]
mod place;
mod text;
mod value;
mod walk;
mod write;

pub use crate::cbor::{Count, Output, SliceOutput};
#[cfg(feature = "alloc")]
pub use place::{Position, pointer, position};
pub use text::{Chars, Text};
pub use value::{Items, Members, Type, Value};
pub use walk::{DEPTH, MEMBERS};
pub use write::{ArrayWriter, ObjectWriter, Writer};
