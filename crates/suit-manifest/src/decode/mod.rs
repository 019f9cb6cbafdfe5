//! Bytes → borrowed, well-formed views.

mod block;
mod envelope;
mod manifest;
mod parameter;
mod sequence;

pub use block::Block;
pub use envelope::{BLOCKS, Envelope, IntegratedPayload};
pub(crate) use envelope::{MANIFEST, TAG, WRAPPER};
pub(crate) use manifest::{COMMON, check_digest};
pub use manifest::{Limits, Manifest, Member};
pub use sequence::SEQUENCE_DEPTH;
