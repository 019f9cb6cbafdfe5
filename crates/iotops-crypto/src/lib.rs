//! x
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;

mod algorithm;
pub mod cose;
mod digest;
mod error;
pub mod key;
pub mod rules;
mod seam;

pub use algorithm::{Algorithm, Purpose};
pub use digest::{Digest, Hasher, digest};
pub use error::Error;
pub use iotops_wire as wire;
pub use seam::{Refused, Signer, Verifier};
