//! Power-fail-safe records over NOR flash.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "model")]
extern crate alloc;

mod area;
pub mod bitmap;
mod crc;
mod error;
mod flash;
mod journal;
#[cfg(feature = "model")]
pub mod model;
mod number;
mod record;
pub mod rules;

pub use bitmap::Bitmap;
pub use error::Error;
pub use journal::Journal;
