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
#[cfg(feature = "alloc")]
pub mod shape;
#[cfg(feature = "alloc")]
mod sign;
mod verify;

pub use decode::{
    BLOCKS, Block, Envelope, IntegratedPayload, Limits, Manifest, Member, SEQUENCE_DEPTH,
};
#[cfg(feature = "alloc")]
pub use encode::{ManifestBuilder, ParametersBuilder, SequenceBuilder, TextBuilder};
pub use error::Error;
pub use iotops_crypto as crypto;
#[cfg(feature = "alloc")]
pub use sign::Draft;
pub use verify::{Authenticated, Policy, Signers};
