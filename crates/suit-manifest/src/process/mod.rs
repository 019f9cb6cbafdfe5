//! Executing manifests: an engine over a small [`Platform`] trait (SUIT §6).
//!
//! The engine is plain data without heap and without recursion. It is stepped by its caller, can
//! wait at any step, and goes on after a power failure ([`Journal`]).

mod call;
mod command;
mod condition;
#[cfg(feature = "encryption")]
mod decryption;
#[cfg(feature = "trust-domains")]
mod dependency;
mod directive;
mod engine;
mod failure;
#[cfg(feature = "flash")]
mod flash;
mod log;
#[cfg(feature = "update-management")]
mod management;
mod platform;
mod run;
mod state;
mod tree;

pub use call::Call;
pub use engine::{Engine, Options, Procedure, Step};
pub use failure::{Failure, Position, Reason, Record};
#[cfg(feature = "flash")]
pub use flash::{Boot, FlashJournal, Slot, Storage, Trial};
pub use log::{Entry, Journal, RunId};
pub use platform::{Answer, Fault, Identity, Platform, ready, refused};
#[cfg(feature = "trust-domains")]
pub use tree::Branch;
pub use tree::Tree;

/// Bytes of the blocks in which payloads are moved and read.
pub const CHUNK: usize = 256;

/// A length as an offset.
pub(crate) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
