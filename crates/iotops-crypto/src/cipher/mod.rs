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

#[cfg(feature = "aws-lc-rs")]
pub(crate) use aead::check_lengths;
pub(crate) use aes::Aes;
pub(crate) use mac::CbcMac;
pub(crate) use parameters::{derived_length, is_unauthenticated};

/// What holds a key, or a state that it makes, wipes itself when dropped: a build in which a feature
/// of a dependency is missing stops here. (GHASH and Poly1305 do so too, and do not say it.)
const _: () = {
    const fn is_wiped<T: zeroize::ZeroizeOnDrop>() {}
    is_wiped::<::aes::Aes128>();
    is_wiped::<::aes::Aes192>();
    is_wiped::<::aes::Aes256>();
    is_wiped::<cbc::Decryptor<::aes::Aes128>>();
    is_wiped::<cbc::Encryptor<::aes::Aes128>>();
    is_wiped::<chacha20::ChaCha20>();
    is_wiped::<ctr::Ctr128BE<::aes::Aes128>>();
    is_wiped::<sha2::Sha256>();
};
