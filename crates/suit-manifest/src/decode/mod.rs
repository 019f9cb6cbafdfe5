//! Bytes → borrowed, well-formed views.

mod block;
mod check;
mod envelope;
#[cfg(any(feature = "update-management", feature = "alloc"))]
mod managed;
#[cfg(not(any(feature = "update-management", feature = "alloc")))]
#[path = "unmanaged.rs"]
mod managed;
mod manifest;
mod parameter;
mod sequence;

pub use block::Block;
pub(crate) use check::check_digest;
#[cfg(feature = "alloc")]
pub(crate) use envelope::is_severable;
pub use envelope::{BLOCKS, Envelope, IntegratedPayload};
pub(crate) use envelope::{MANIFEST, TAG, WRAPPER};
pub(crate) use manifest::COMMON;
pub use manifest::{Limits, Manifest, Member};
#[cfg(feature = "report")]
pub(crate) use parameter::check_measured;
pub use sequence::SEQUENCE_DEPTH;
