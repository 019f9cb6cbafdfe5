//! AES key wrap (RFC 3394), and the seams to keys that wrap and unwrap elsewhere.

use aes_kw::{KeyInit as _, KwAes128, KwAes192, KwAes256};
use iotops_wire::Unavailable;

use super::{Key, LONGEST_KEY};
use crate::{Algorithm, Refused};

/// The longest wrapped key, in bytes.
pub const LONGEST_WRAPPED: usize = LONGEST_KEY + STEP;

/// RFC 3394 §2: keys are multiples of 64 bits, and wrapping adds one.
const STEP: usize = 8;
/// RFC 3394 §2.2.1: "two or more" blocks are wrapped.
const SHORTEST_WRAPPED: usize = 24;

/// A key that unwraps keys: the value *is* the key, whoever holds it.
pub trait Unwrapper {
    /// Whether this key is for `algorithm`.
    fn accepts(&self, algorithm: Algorithm) -> bool;

    /// Unwraps `wrapped` into `key`, and gives the length. Nothing of a key that does not unwrap
    /// may be left in `key`.
    ///
    /// # Errors
    /// [`Refused::Invalid`] or [`Refused::Unavailable`].
    fn unwrap_key(&self, wrapped: &[u8], key: &mut [u8]) -> Result<usize, Refused>;
}

/// A key that wraps keys.
pub trait Wrapper {
    /// The algorithm that it wraps with.
    fn algorithm(&self) -> Algorithm;

    /// Wraps `key` into `wrapped`, and gives the length.
    ///
    /// # Errors
    /// [`Unavailable`] when the key cannot be used now, or `wrapped` is too short.
    fn wrap_key(&mut self, key: &[u8], wrapped: &mut [u8]) -> Result<usize, Unavailable>;
}

const fn is_wrap(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::A128Kw | Algorithm::A192Kw | Algorithm::A256Kw)
}

impl Unwrapper for Key {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        algorithm == self.algorithm() && is_wrap(algorithm)
    }

    fn unwrap_key(&self, wrapped: &[u8], key: &mut [u8]) -> Result<usize, Refused> {
        let is_length = (SHORTEST_WRAPPED..=LONGEST_WRAPPED).contains(&wrapped.len());
        let length = wrapped.len().saturating_sub(STEP);
        let Some(space) = key.get_mut(..length).filter(|_| is_length) else {
            return Err(Refused::Invalid);
        };
        let own = self.as_bytes();
        let unwrapped =
            match self.algorithm() {
                Algorithm::A128Kw => KwAes128::new_from_slice(own)
                    .is_ok_and(|kw| kw.unwrap_key(wrapped, space).is_ok()),
                Algorithm::A192Kw => KwAes192::new_from_slice(own)
                    .is_ok_and(|kw| kw.unwrap_key(wrapped, space).is_ok()),
                Algorithm::A256Kw => KwAes256::new_from_slice(own)
                    .is_ok_and(|kw| kw.unwrap_key(wrapped, space).is_ok()),
                _ => false,
            };
        if unwrapped { Ok(length) } else { Err(Refused::Invalid) }
    }
}

impl Wrapper for Key {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn wrap_key(&mut self, key: &[u8], wrapped: &mut [u8]) -> Result<usize, Unavailable> {
        let own = self.as_bytes();
        let made = match self.algorithm {
            _ if key.len() < 2 * STEP => None,
            Algorithm::A128Kw => KwAes128::new_from_slice(own)
                .ok()
                .and_then(|kw| kw.wrap_key(key, wrapped).map(<[u8]>::len).ok()),
            Algorithm::A192Kw => KwAes192::new_from_slice(own)
                .ok()
                .and_then(|kw| kw.wrap_key(key, wrapped).map(<[u8]>::len).ok()),
            Algorithm::A256Kw => KwAes256::new_from_slice(own)
                .ok()
                .and_then(|kw| kw.wrap_key(key, wrapped).map(<[u8]>::len).ok()),
            _ => None,
        };
        made.ok_or_else(Unavailable::new)
    }
}
