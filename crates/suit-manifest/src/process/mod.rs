//! Executing manifests: an engine over a small [`Platform`] trait (SUIT §6).
//!
//! ```
//! use suit_manifest::Manifest;
//! use suit_manifest::process::*;
//!
//! fn update(
//!     manifest: Manifest<'_>,
//!     device: &mut dyn Platform,
//!     journal: &mut dyn Journal,
//! ) -> Result<Step, Failure> {
//!     let (mut tree, mut engine) = (Tree::new(manifest), Engine::<2, 4>::new());
//!     engine.start(&tree, Procedure::Update, Options::default(), device, journal)?;
//!     engine.run(&mut tree, device, journal)
//! }
//! ```
//!
//! # How it runs
//! The engine is plain data, without heap and without recursion: 688 bytes for one component and
//! sequences four deep. Each [`Engine::step`] runs one command for one component, or moves one
//! block of [`CHUNK`] bytes; a platform that needs time answers pending and is asked again. Fuel
//! bounds the work of a whole procedure.
//!
//! # How it survives
//! Before anything changes the device, the results of the conditions so far are in the
//! [`Journal`]; behind it, a mark that it is done. After a power failure the same manifest is
//! started again: what was done is stepped over, what was begun is repeated with the same token.
//! With feature `flash`, [`Storage`] keeps journal, sequence number and two slots in NOR flash,
//! exchanges these by one record, and goes back to the old image if the new one is not confirmed.
//!
//! # What is changed on its way
//! With feature `transform`, a platform may say that what is written, fetched or copied into a
//! component is compressed, or a difference to something that it has; the manifest tells it so by a
//! parameter of the platform's own. The engine lends it block after block and writes what comes out,
//! never more than the image size, and compares the digest before the component is finished. After a
//! power failure it begins anew.
//!
//! # Who may do what
//! Whoever signed, everything; or, with [`Grant`]s, what these allow by key, prefix of the
//! component, command and parameter (SUIT §9). A dependency is copied into memory of the caller,
//! authenticated there with the keys of the [`Tree`], and may do what its own signers may.

mod access;
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
#[cfg(feature = "report")]
mod place;
mod platform;
mod run;
mod state;
#[cfg(feature = "transform")]
mod transform;
mod tree;

pub use access::Grant;
pub use call::Call;
pub use engine::{Engine, Options, Procedure, Step};
#[cfg(feature = "report")]
pub use failure::Measured;
pub use failure::{Failure, Position, Reason, Record};
#[cfg(all(feature = "flash", feature = "discovery"))]
#[cfg(all(feature = "flash", feature = "discovery"))]
pub use flash::SlotBlocks;
#[cfg(all(feature = "flash", feature = "discovery"))]
pub(crate) use flash::read_bytes;
#[cfg(feature = "flash")]
pub use flash::{Boot, FlashJournal, Slot, Storage, Trial};
pub use log::{Entry, Journal, RunId};
#[cfg(feature = "report")]
pub(crate) use place::CommandPlace;
pub use platform::{Answer, Fault, Identity, Platform, ready, refused};
#[cfg(feature = "transform")]
pub use transform::Transformed;
#[cfg(feature = "trust-domains")]
pub use tree::Branch;
pub use tree::Tree;

/// Bytes of the blocks in which payloads are moved and read.
pub const CHUNK: usize = 256;

/// A length as an offset.
pub(crate) fn wide(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
