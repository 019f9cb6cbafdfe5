//! Power-fail-safe records over NOR flash.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "model")]
extern crate alloc;

mod area;
mod crc;
mod error;
mod flash;
mod journal;
#[cfg(feature = "model")]
pub mod model;
mod record;
pub mod rules;

pub use error::Error;
pub use journal::Journal;
