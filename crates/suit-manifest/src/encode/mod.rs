//! Values → deterministic bytes.

#[cfg(feature = "alloc")]
mod manifest;
#[cfg(feature = "alloc")]
mod map;
#[cfg(feature = "alloc")]
mod parameters;
#[cfg(feature = "alloc")]
mod sequence;
#[cfg(feature = "alloc")]
mod text;
mod view;

#[cfg(feature = "alloc")]
pub use manifest::ManifestBuilder;
#[cfg(feature = "alloc")]
pub(crate) use map::{SortedMap, Written, written};
#[cfg(feature = "alloc")]
pub use parameters::ParametersBuilder;
#[cfg(feature = "alloc")]
pub use sequence::SequenceBuilder;
#[cfg(feature = "alloc")]
pub use text::TextBuilder;
