//! Records in NOR flash that survive a power cut at any moment: a journal with one commit point
//! for each record, numbers, and a bitmap of received blocks.
//!
//! ```
//! use iotops_journal::{Journal, model::Flash};
//!
//! // Any `embedded_storage::nor_flash::NorFlash`; here a model with writes of 8 bytes.
//! let mut flash = Flash::<8, 4096>::new(3, 1);
//! let mut journal = Journal::format(&mut flash, 0..3 * 4096)?;
//! journal.append(&mut flash, 1, b"swap of component 0 done")?;
//! // The device restarts.
//! let journal = Journal::open(&mut flash, 0..3 * 4096)?;
//! let mut buffer = [0; 64];
//! assert_eq!(journal.read(&mut flash, 1, &mut buffer)?, Some(&b"swap of component 0 done"[..]));
//! # Ok::<(), iotops_journal::Error>(())
//! ```
//!
//! # What it does
//! - keeps, for each key of one byte, the value that was appended last: state of an engine as it
//!   is, steps, sequence numbers ([`Journal::raise_number`]), states of a trial. What must change
//!   together belongs into one record;
//! - loses nothing that was acknowledged, and never says one thing now and another after the next
//!   restart: a value is told only when it no longer hangs on a word that a cut may have torn;
//! - programs no word twice, whatever it reads as; takes what cannot be read as erased;
//! - spreads wear: the areas take turns. A run that appends erases one area at its first record
//!   and one whenever an area is full; restarts without records and without cuts erase none;
//! - remembers which blocks of an image were received ([`Bitmap`]);
//! - lends its tests to others: [`model`](https://docs.rs/iotops-journal) (feature) is flash whose
//!   power is cut at every operation, in nine ways.
//!
//! # What it does not
//! No cryptography: CRC-32 finds accidents, and who can write the flash can write the journal; a
//! rollback of the whole flash is found by nobody who has no counter elsewhere. No filesystem, no
//! wear levelling beyond its own region. An area must hold the newest value of every key and one
//! record more; a value has at most 65,535 bytes. A journal does not grow.
//!
//! # Why torn words do no harm
//! The flash may leave any bits in a word, or in a page, whose writing was cut, and may read them
//! otherwise each time, or not at all. A write that was completed before the next one was begun
//! is not torn. From that alone:
//!
//! 1. *A record* is head, value, commit word, seal, in this order. If the seal reads as anything
//!    but erased, the commit word is complete, and so is the record: it is told. If the head reads
//!    as erased, no more than it was written, and so there is no record, now or later. In between,
//!    the commit word may be torn: then opening copies all values to another area, with the record
//!    if it reads as whole *while it is copied*, without it otherwise, and tells of it only then.
//! 2. *What follows a record* may have been touched although it reads as erased. So the first
//!    record after opening goes to a freshly erased area; within a run it goes to the end.
//! 3. *An area* begins with a head, written when all copied values were read back, then a seal.
//!    The whole area with the highest epoch holds. Without a seal the head may be torn: opening
//!    copies once more, and spares the area's *guard*, the last one that was complete before it.
//!    This takes a third area. With two, the torn one and the only good one would be left, and
//!    nothing could tell which of them may be erased.
//! 4. *An area that reads as none* may turn out to have a torn head with a high epoch: copying
//!    erases all such areas first.
//!
//! Every single cut is tried in the tests, with writes of 1, 4, 8, 16 and 32 bytes, and in a short
//! history every cut after a cut, with writes of 8, 16 and 32. No number of areas holds
//! against cuts without end in successive runs, each in the one word or page that the run before
//! hangs on, each reading otherwise at the worst moment. Drawn at random close together: none of
//! 4.5 million chains of three cuts broke a promise, of 450,000 of eight two did.
//!
//! # Why records of our own
//! `sequential-storage` 8.0.2 (MSRV 1.87) was tried first. Its map is async only; store and fetch
//! take 8.2 KB on a Cortex-M4 (opt-level z) and a buffer for the largest value, open, append and
//! read here 5.7 KB and 32 bytes (`.ci/sizes`). After each of 882 cuts with writes of 8 bytes, it
//! could not read at all after 102 (whatever the cut left unreadable), told two different values
//! after 70, refused the next store after 148 and programmed a word twice after 70; here none
//! (`cargo run --manifest-path benches/Cargo.toml --bin journal-peer`).

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
