//! Sets of trust anchors: their form, their updates, and how they are stored.

#![cfg(all(feature = "anchors", feature = "es256", feature = "ed25519", feature = "hmac"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

#[path = "anchors/actors.rs"]
mod actors;
#[path = "anchors/forms.rs"]
mod forms;
#[path = "anchors/select.rs"]
mod select;
#[path = "anchors/sleepers.rs"]
mod sleepers;
#[path = "anchors/store.rs"]
mod store;
#[path = "anchors/updates.rs"]
mod updates;
