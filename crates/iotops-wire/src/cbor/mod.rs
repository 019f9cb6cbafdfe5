//! Deterministic CBOR (RFC 8949 §4.2): a strict reader and a writer, both without allocation.

mod cursor;
mod encode;
mod float;
mod head;
#[cfg(feature = "alloc")]
mod item;
#[cfg(feature = "alloc")]
pub mod lax;
mod order;
mod skip;
mod sort;

pub use cursor::{Cursor, Type};
pub use encode::{Count, Encoder, Head, MapEncoder, Output, SliceOutput};
#[cfg(feature = "alloc")]
pub(crate) use item::Item;
pub use order::Ascending;
pub use skip::DEPTH;
pub use sort::sort_maps;
