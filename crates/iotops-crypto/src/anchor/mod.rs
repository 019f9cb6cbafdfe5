//! Trust anchors: a bounded, deterministic set of them, changed only by signed updates in sequence.
//!
//! ```
//! use iotops_crypto::anchor::{AnchorState, Purpose, Wanted};
//! use iotops_crypto::wire::Clock;
//! use iotops_crypto::{Error, cose::Sign1};
//!
//! fn check<'a>(stored: &[u8], message: &'a [u8]) -> Result<&'a [u8], Error> {
//!     let state = AnchorState::decode(stored)?;
//!     let wanted = Wanted::new(Purpose::SnapshotSigner, Clock::Unknown).with_sequence(7);
//!     let keys = state.set().keys_for(&wanted);
//!     let verified = keys.lend(|keys| Sign1::decode(message)?.verify(b"", keys))?;
//!     Ok(verified.payload())
//! }
//! ```
//!
//! # The documents
//! All are deterministic CBOR (RFC 8949 §4.2), in this CDDL (RFC 8610):
//!
//! ```cddl
//! anchor-set = {
//!   0 => 1,                        ; version of the format
//!   1 => bstr .size (1..32),       ; identifier of the set: an update is for one set
//!   2 => uint,                     ; number of the set: one more with each update
//!   3 => [ 1*16 anchor ],          ; ascending by identifier
//! }
//!
//! anchor = {
//!   1 => anchor-id,
//!   2 => material,
//!   3 => purposes,                 ; what documents it is trusted for
//!   ? 4 => [ 1*8 prefix ],         ; SUIT authors: the components; without it, all
//!   ? 5 => purposes,               ; whose anchors it may add, take away and limit
//!   ? 6 => purposes,               ; whose lost keys it may replace
//!   ? 7 => uint,                   ; first sequence number of documents
//!   ? 8 => uint,                   ; last sequence number of documents; not with 5 or 6
//!   ? 9 => uint,                   ; not before, seconds since 1970
//!   ? 10 => uint,                  ; not after
//! }
//! anchor-id = bstr .size 32
//! material = [1, bstr .cbor COSE_Key]    ; id: COSE Key Thumbprint (RFC 9679)
//!          / [2]                         ; id: SHA-256 of the SPKI, which comes with documents
//!          / [3, bstr]                   ; a certificate; id: its SHA-256
//!          / [4, bstr, bstr]             ; a Name and an SPKI in DER; id: SHA-256 of both
//! purposes = uint .bits purpose
//! purpose = &( suit-author: 0, masa: 1, idevid-issuer: 2, owner: 3, mud-signer: 4,
//!              snapshot-signer: 5, escrow: 6, verifier: 7, recovery: 8 )
//! prefix = [ + bstr ]              ; the first parts of a component identifier
//!
//! signed-update = #6.18(COSE_Sign1) ; payload: bstr .cbor anchor-update
//!                                   ; external_aad: 'iotops anchor-update 1'
//! anchor-update = {
//!   0 => 1,
//!   1 => bstr .size (1..32),       ; the set
//!   2 => uint,                     ; the number that the set has afterwards
//!   3 => bstr .size 32,            ; SHA-256 of the set before
//!   4 => [ 1*16 change ],          ; made in this order, all or none
//! }
//! change = [1, anchor]                    ; add
//!        / [2, anchor-id]                 ; revoke
//!        / [3, anchor-id, anchor]         ; replace
//!        / [4, anchor-id, uint, uint / null]  ; limit to these sequence numbers
//!
//! anchor-state = [ bstr .cbor anchor-set, confirmed: uint ] ; bit n: the nth anchor has
//!                                                           ; verified something here
//! ```
//!
//! The set is the same on every device that took the same updates; what one device has seen is
//! kept beside it, in `anchor-state`.
//!
//! # The rules of an update
//! - It is for this set, has the next number, and names the digest of the set before it. So a
//!   device that slept takes the missed updates one after the other, and an old one, or the other
//!   branch of a fork, is refused.
//! - A key of the set signs it that holds the *right* over all that a changed anchor is for:
//!   purposes and rights, before and after. Whoever is limited to component prefixes changes only
//!   anchors within them.
//! - A key with a right to *recover* may only replace, by a key with the same purposes and rights,
//!   for no more sequence numbers. The right itself is guarded by the purpose `recovery`: an author cannot take it away.
//! - No purpose and no right loses its last anchor; an anchor whose sequence numbers end, or were
//!   limited by the same update, does not count as one that stays.
//! - A key takes itself away, or limits itself, only when another that has verified something
//!   stays for each of its purposes and rights. The usual rotation: the old key adds the new one,
//!   and the new one revokes the old one. The update that a key signs confirms it.
//! - Who is given a last sequence number loses its rights: a retired key that is stolen changes
//!   nothing.
//! - What is not known is refused as a whole.
//!
//! Dates and sequence numbers bind documents, not updates: a device that slept must take the
//! updates of keys that have expired since; nor do dates tell whether an anchor stays. Dates exclude only what the clock proves
//! ([`Wanted`]), so a device without a clock is protected by sequence numbers alone.
//!
//! # What it does not
//! It cannot tell which branch of a fork is the right one: a device takes the first that comes.
//! It does not read certificates; anchors of that kind are handed out as bytes.

mod apply;
mod change;
mod entry;
mod material;
mod prefixes;
mod purpose;
mod select;
mod set;
mod state;
mod store;

pub use change::{Change, Update, sign_update};
pub use entry::Anchor;
pub use material::{AnchorId, Material};
pub use prefixes::Prefixes;
pub use purpose::{Purpose, Purposes};
pub use select::{Keys, Wanted};
pub use set::{AnchorSet, encode_set};
pub use state::AnchorState;
pub use store::{Slot, Slots, load, save};

/// The most anchors of a set, and the most changes of an update.
pub const ANCHORS: usize = 16;

/// The most anchors of one purpose, and the most that hold rights: each may cost one public-key
/// operation for one document.
pub const KEYS: usize = 8;

/// The version of the formats.
const VERSION: u64 = 1;

/// The longest identifier of a set.
const LONGEST_IDENTIFIER: usize = 32;
