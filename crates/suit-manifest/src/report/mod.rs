//! Reports: what a device did with a manifest, and why it ended (draft-ietf-suit-report-18).
//!
//! On the device, [`Platform::record`](crate::process::Platform::record) hands each record to a
//! [`Recorder`], and [`NewReport`] makes the report of it, without heap:
//!
//! ```
//! use suit_manifest::process::{Failure, Tree};
//! use suit_manifest::report::{NewReport, Recorder};
//! use suit_manifest::{Error, crypto::Signer};
//! use iotops_wire::cbor::Encoder;
//!
//! fn send(
//!     tree: &Tree<'_, '_>,
//!     recorder: &mut Recorder<'_>,
//!     ended: Result<(), Failure>,
//!     key: &mut dyn Signer,
//!     message: &mut Encoder<'_>,
//! ) -> Result<(), Error> {
//!     let mut buffer = [0; 512];
//!     let report = NewReport::of(tree, recorder, ended.into()).write(&mut buffer)?;
//!     report.sign(key, message)
//! }
//! ```
//!
//! On the server, [`ProtectedReport`] is the message; [`VerifiedReport`] is the proof that a key of
//! the caller signed it; and [`Replay`] runs the manifest again by what the report says,
//! and tells where both contradict each other:
//!
//! ```
//! use suit_manifest::process::{Procedure, Tree};
//! use suit_manifest::report::{ProtectedReport, Replay};
//! use suit_manifest::{Error, Manifest, crypto::Verifier};
//!
//! fn is_consistent(
//!     message: &[u8],
//!     device: &dyn Verifier,
//!     manifest: Manifest<'_>,
//! ) -> Result<bool, Error> {
//!     let report = ProtectedReport::decode(message)?.verify(&[device])?;
//!     let mut count = 0_u32;
//!     let replay = Replay::new(Procedure::Update);
//!     replay.run::<8, 8>(&report, &mut Tree::new(manifest), &mut |_| count = count.saturating_add(1))?;
//!     Ok(count == 0)
//! }
//! ```
//!
//! A capability report says what a device can do ([`NewCapabilities`]); an author asks
//! [`Capabilities::check`] whether it can process a manifest.
//!
//! Media type of a protected report: [`MEDIA_TYPE`]. An Entity Attestation Token carries a report in
//! its `measurements` claim (SUIT R §7); it is decoded by [`Report::decode_unverified`] and, when the
//! token was verified, turned into a proof by [`Report::authenticated_by_channel`].

mod able;
mod capabilities;
mod item;
mod measure;
mod oracle;
mod protected;
mod recorder;
mod replay;
mod story;
mod view;
mod write;

pub use capabilities::{Capabilities, ComponentCapability, NewCapabilities};
pub use item::{Claims, Item, Items, ManifestId, ReportRecord};
pub use protected::{ProtectedReport, VerifiedReport};
pub use recorder::Recorder;
pub use replay::Replay;
pub use view::{Outcome, Reference, Report};
pub use write::{Ended, NewReport, UnsignedReport};

/// The media type of a protected report (SUIT R §9).
pub const MEDIA_TYPE: &str = "application/suit-report+cose";

/// The elements of a report.
const NONCE: i64 = 2;
const RECORDS: i64 = 3;
const RESULT: i64 = 4;
const CAPABILITIES: i64 = 8;
const REFERENCE: i64 = 99;
/// The elements of a failure.
const CODE: i64 = 5;
const RECORD: i64 = 6;
const REASON: i64 = 7;
/// Items of a record.
const RECORD_ITEMS: usize = 5;
/// The key of the component in claims.
const COMPONENT: i64 = 0;
/// The custom parameter that, claimed of the component without a name, tells how many items of the
/// list had no room.
const DROPPED: i64 = -256;
