//! SUIT firmware manifests: decode, authenticate, validate and execute them on a microcontroller
//! without a heap; build and sign them on a release server.
//!
//! ```
//! use suit_manifest::crypto::key::import;
//! use suit_manifest::{Envelope, Error, model::Section};
//!
//! fn check(envelope: &[u8], author: &[u8]) -> Result<u64, Error> {
//!     let key = import(author)?.verifying_key();
//!     let manifest = Envelope::decode(envelope)?.authenticate(&[&key])?.validate()?;
//!     if let Some(install) = manifest.section(Section::Install).present() {
//!         install.commands().for_each(|command| println!("{command:?}"));
//!     }
//!     Ok(manifest.sequence_number())
//! }
//! ```
//!
//! # The way from bytes to trust
//! [`Envelope`] is well formed; [`Authenticated`] was signed by keys of the caller; [`Manifest`]
//! obeys every static rule. Each is made only from the one before, and nothing of a manifest can be
//! read before its signature was checked (SUIT §6.2). After validation no reading can fail.
//!
//! # What it does
//! - reads every element, command and parameter of draft-ietf-suit-manifest-37, -trust-domains-12
//!   and -update-management-14, and the encryption info of -firmware-encryption-24, to typed
//!   borrowed views that encode back to the same bytes;
//! - checks signatures by ES256, ESP256, EdDSA, Ed25519 and HMAC 256, in COSE_Sign1, COSE_Sign and
//!   COSE_Mac0, any of, all of, or a number of different keys ([`Policy`]);
//! - checks severed elements against their digests, indices, nesting, the shared sequence, the
//!   places of soft-failure and set-component-index, text, and the deterministic encoding of all;
//! - executes all conditions and directives of these drafts ([`process`]), also of dependencies
//!   (feature `trust-domains`), decrypts payloads (feature `encryption`), and survives power cuts
//!   at any moment;
//! - tells each failure as a rule with its section and the byte where it was broken;
//! - records what a run did in a fixed buffer, writes and signs the report of it
//!   (draft-ietf-suit-report-18), verifies reports, replays them against the manifest and finds what
//!   contradicts it ([`report`], feature `report`);
//! - builds manifests ([`ManifestBuilder`]), which cannot be invalid, and signs them at once or in
//!   two steps ([`Draft`]);
//! - makes manifests of templates in JSON and templates of manifests, severs, integrates and wraps
//!   again, finds faults that no rule forbids, lists what a device will fetch and what changed
//!   between two manifests ([`author`]);
//! - chooses the newest manifest that is for a device, checks a signed catalogue against servers
//!   that hold back, mix or go back, downloads with resumption, and takes blocks of multicast in any
//!   order (module `discover`).
//!
//! # What it does not
//! It has no transport and no storage but what [`process::Platform`] gives it. COSE_Mac with
//! recipients is refused as unsupported.
//!
//! # Where the drafts are silent
//! | question | decision | why |
//! |---|---|---|
//! | a component listed twice | refused | it would have two sets of parameters |
//! | a component as its own source | refused, where the index is plain | copying erases the source on most flash |
//! | index of a dependency | in or behind the component list | the text of SUIT TD says in, its examples behind |
//! | custom codes | -256 and below | SUIT §11; §8.4.9 says "less than" |
//! | unknown elements, parameters and commands | refused | SUIT §6.1: unsupported means invalid |
//! | nesting of sequences | [`SEQUENCE_DEPTH`] | the drafts give no bound |
//! | parameters that a command needs | not checked | a dependent manifest may set them |
//! | order inside encryption info and CoSWID | not checked | SUIT §8.1 orders the manifest's own maps; published examples have others there |
//! | a failed try-each or run-sequence | fails as the condition in it did: soft failure of the sequence around it decides | SUIT §8.4.8.15: it "fails with the condition failure code" |
//! | soft-failure set to false in try-each | a failed condition ends the run | SUIT §8.4.8.15: "to force an Abort" |
//! | the current component behind a nested sequence | stays as that chose it, unless it was run for several | SUIT §6.4 knows one current component |
//! | parameters set in a sequence that failed | stay set | no draft undoes them |
//! | encryption info and fetch | not used: only write and copy decrypt | SUIT FE §4 names these two |
//! | AES-CTR without a digest of the ciphertext | refused, unless the manifest holds the ciphertext | RFC 9459 §8; SUIT FE §7 only recommends it |
//! | a dependency without integrity check | refused; [`process::Options::implicit_integrity`] checks it then | SUIT TD §5.6.2 says abort, its example 2 leaves the check out |
//! | sections that only a dependency has | refused; [`process::Options::needs_all_sections`] off takes them | SUIT TD §5.1, against the example of SUIT FE |
//! | prefix of a dependency | put before its components; [`process::Tree::without_prefixes`] ignores it | SUIT TD §5.2.2 leaves it open; SUIT FE's example needs the second |
//! | versions of different length | missing numbers are 0 | else 2.0 would not be above 2.0-rc |
//! | a clock that may be behind | does not meet use-before | it cannot tell that it is early |
//! | authentication blocks | at most [`BLOCKS`], each well formed, also those not needed | strictness that does not depend on the keys |
//! | an unsigned report | [`report::Report::decode_unverified`]; it becomes a proof when the caller vouches for the channel or token that brought it | SUIT R §8 allows these beside COSE |
//! | a report encrypted in its container | refused as unsupported | SUIT R §8; send it over an encrypted channel |
//! | encoding of a report, elements that are not registered | deterministic, refused | as those of a manifest |
//! | URI of a manifest without reference URI | empty text | SUIT R §4 requires one |
//! | report of a manifest that was refused | the digest that its envelope claims, and no URI | SUIT §6.2: nothing of it may be read |
//! | offset of a record | from the head of the section's array, also for nested commands | SUIT R §3: "bytes into the current Command Sequence" |
//! | section of a record in the shared sequence | 4, its key in common | SUIT R §3 lists none for it |
//! | a failure before or between commands | section, offset and component 0 | SUIT R §4.2 requires a record |
//! | manifest id of a record | component indices | SUIT R §3 says "integers"; later revisions say which |
//! | records that no reporting policy asks for | every failed condition; [`report::Recorder::only_by_policy`] keeps them out | SUIT R §3 needs them, §5 allows them, SUIT §8.4.7 makes policies hints |
//! | the failure that ends a run | in the result alone | SUIT R §4.2; a reader takes it in both places |
//! | how a record tells success from failure | by the measured value, or else by there being one; a value that a power failure made forget is the bound by which the condition held | SUIT R §3: "can be inferred" |
//! | more records than room | the first are kept; a claim of custom parameter -256 for the component without a name says how many are missing | SUIT R has no word for it |
//! | result code | the number of the rule | SUIT R §4.2: "not intended for interoperability" |
//!
//! # Features
//! `es256` and `ed25519` (default), `hmac`, `hss-lms`, `sha512`, `shake` add algorithms; without one,
//! input that needs it is refused as unsupported. `trust-domains`, `update-management` and
//! `encryption` add commands to the engine; without one, its commands are refused when they are run,
//! and what update management alone has already when the manifest is validated, unless `alloc` reads
//! it for authors. `transform` lets a platform unpack what is fetched. `report` adds reports,
//! `discovery` the module `discover`, `flash` storage over `embedded-storage`. `alloc` adds the
//! author's side and the tables for printing, `std` (default) includes it, `defmt` formats errors for
//! embedded logs.
//!
//! Minimum Rust version 1.89. No unsafe code; no panic on any input; no allocation without `alloc`.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(feature = "alloc")]
pub mod author;
mod decode;
#[cfg(feature = "discovery")]
pub mod discover;
mod encode;
mod error;
pub mod model;
pub mod process;
#[cfg(feature = "report")]
pub mod report;
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
