//! Strict DER (X.690): a reader over borrowed bytes, and a writer.
//!
//! ```
//! use iotops_crypto::der::Reader;
//!
//! let mut reader = Reader::new(&[0x30, 0x06, 0x02, 0x01, 0x05, 0x04, 0x01, 0xff])?;
//! let mut sequence = reader.sequence()?;
//! reader.end()?;
//! assert_eq!(sequence.small()?, 5);
//! assert_eq!(sequence.octets()?, [0xff]);
//! sequence.end()?;
//! # Ok::<(), iotops_crypto::Error>(())
//! ```

#[cfg(feature = "alloc")]
pub mod ber;
mod oid;
mod reader;
mod tag;
mod time;
mod value;
#[cfg(feature = "alloc")]
mod write;

pub use oid::Oid;
pub use reader::{Any, Reader};
pub use tag::Tag;
pub use value::{BitString, check_set_order};
#[cfg(feature = "alloc")]
pub use write::Writer;
