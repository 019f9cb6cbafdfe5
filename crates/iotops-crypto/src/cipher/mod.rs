//! Ciphers: AEADs in parts, ciphers without authentication, key wrapping and MACs.
//!
//! An AEAD ([`Opening`], [`Sealing`], and [`Key::open`] over a whole buffer) is one thing, and a
//! cipher without authentication ([`unauthenticated`]) is another: no function takes both.

mod aead;
mod aes;
mod blocks;
mod key;
mod mac;
mod parameters;
pub mod unauthenticated;
mod wrap;

pub use aead::{Opening, Sealing};
pub use key::{Key, LONGEST_KEY};
pub use parameters::{AeadParameters, iv_length};
pub use wrap::{LONGEST_WRAPPED, Unwrapper, Wrapper};

pub(crate) use aes::Aes;
pub(crate) use mac::CbcMac;
pub(crate) use parameters::{derived_length, is_unauthenticated};
