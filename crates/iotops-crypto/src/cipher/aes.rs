//! AES of the three key lengths behind one type, by blocks and as a counter stream.

use aes::cipher::{
    BlockCipherEncrypt as _, KeyInit as _, KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _,
};
use aes::{Aes128, Aes192, Aes256};
use ctr::Ctr128BE;

pub(crate) const BLOCK: usize = 16;

/// AES that encrypts single blocks.
pub(crate) enum Aes {
    Aes128(Aes128),
    Aes192(Aes192),
    Aes256(Aes256),
}

impl Aes {
    /// `None` for a key of another length.
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        Some(match key.len() {
            16 => Self::Aes128(Aes128::new_from_slice(key).ok()?),
            24 => Self::Aes192(Aes192::new_from_slice(key).ok()?),
            32 => Self::Aes256(Aes256::new_from_slice(key).ok()?),
            _ => return None,
        })
    }

    pub(crate) fn encrypt(&self, block: &mut [u8; BLOCK]) {
        match self {
            Self::Aes128(aes) => aes.encrypt_block(block.into()),
            Self::Aes192(aes) => aes.encrypt_block(block.into()),
            Self::Aes256(aes) => aes.encrypt_block(block.into()),
        }
    }
}

/// AES in counter mode; the whole block counts.
pub(super) enum Counter {
    Aes128(Ctr128BE<Aes128>),
    Aes192(Ctr128BE<Aes192>),
    Aes256(Ctr128BE<Aes256>),
}

impl Counter {
    /// `None` for a key of another length.
    pub(super) fn new(key: &[u8], first: &[u8; BLOCK]) -> Option<Self> {
        Some(match key.len() {
            16 => Self::Aes128(Ctr128BE::new_from_slices(key, first).ok()?),
            24 => Self::Aes192(Ctr128BE::new_from_slices(key, first).ok()?),
            32 => Self::Aes256(Ctr128BE::new_from_slices(key, first).ok()?),
            _ => return None,
        })
    }

    pub(super) fn apply(&mut self, bytes: &mut [u8]) {
        match self {
            Self::Aes128(counter) => counter.apply_keystream(bytes),
            Self::Aes192(counter) => counter.apply_keystream(bytes),
            Self::Aes256(counter) => counter.apply_keystream(bytes),
        }
    }

    /// Goes to a byte of the stream; `false` if the stream does not reach so far.
    pub(super) fn seek(&mut self, place: u64) -> bool {
        match self {
            Self::Aes128(counter) => counter.try_seek(place).is_ok(),
            Self::Aes192(counter) => counter.try_seek(place).is_ok(),
            Self::Aes256(counter) => counter.try_seek(place).is_ok(),
        }
    }
}
