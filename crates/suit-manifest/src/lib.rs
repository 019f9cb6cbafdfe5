//! x
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;

mod decode;
mod encode;
mod error;
pub mod model;
pub mod rules;
mod verify;

pub use decode::{
    BLOCKS, Block, Envelope, IntegratedPayload, Limits, Manifest, Member, SEQUENCE_DEPTH,
};
pub use error::Error;
pub use iotops_crypto as crypto;
pub use verify::{Authenticated, Policy, Signers};
