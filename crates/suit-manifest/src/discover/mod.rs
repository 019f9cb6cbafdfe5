//! Discovery and distribution: which manifest is for this device, where it is found, and how it and
//! its payloads come here.
//!
//! - [`select_latest`]: of many envelopes, the newest that is authentic, valid, and for this device;
//! - [`Catalogue`]: a signed list of what is current, against which a server that holds updates
//!   back, mixes them or goes back to old ones is found out;
//! - [`link`] and [`service`]: how a server says where manifests are, by CoRE link-format and DNS-SD;
//! - [`Download`]: a transfer that goes on where it was interrupted;
//! - [`Blocks`]: an image that comes in blocks, in any order, by multicast;
//! - [`status`]: how LwM2M and hawkBit name the states and failures of the engine.
//!
//! The format of the catalogue is described in `docs/catalogue.md` of the repository.

mod blocks;
#[cfg(feature = "alloc")]
mod build;
mod catalogue;
mod download;
#[cfg(feature = "flash")]
mod flash;
pub mod link;
mod location;
mod select;
pub mod service;
pub mod status;

pub use blocks::{BlockCheck, BlockStore, Blocks, Received};
#[cfg(feature = "alloc")]
pub use build::{CatalogueBuilder, identities};
pub use catalogue::{AAD, Catalogue, Entry, Freshness, LENGTH_OF_SEEN, Seen, VerifiedCatalogue};
pub use download::{Checkpoint, Download, Fetcher, Limits, Part, Progress, Store};
#[cfg(feature = "flash")]
pub use flash::{BlockPlace, FlashBlocks};
pub use select::{CANDIDATES, Selected, select_latest};

/// Where a server has its catalogue, unless somebody configured another path (RFC 8615).
pub const WELL_KNOWN: &str = "/.well-known/suit-catalogue";
