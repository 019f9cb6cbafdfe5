//! Symmetric keys, each bound to its algorithm.

use iotops_wire::Random;
use zeroize::Zeroizing;

use super::parameters::{derived_length, key_lengths};
use crate::rules::cipher as rules;
use crate::{Algorithm, Error};

/// The longest symmetric key: 64 bytes.
pub const LONGEST_KEY: usize = 64;

/// A symmetric key for one algorithm, and for no other. It is wiped when dropped.
///
/// The algorithm is that of an AEAD, of a cipher without authentication, of a MAC, of key
/// wrapping, or direct+HKDF. A key that two sides share for `direct` is bound to the algorithm of
/// the content.
#[derive(Clone)]
pub struct Key {
    pub(super) algorithm: Algorithm,
    bytes: Zeroizing<[u8; LONGEST_KEY]>,
    length: usize,
    #[cfg(feature = "aws-lc-rs")]
    is_in_backend: bool,
}

impl core::fmt::Debug for Key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Key").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl Key {
    /// The key with these bytes.
    ///
    /// # Errors
    /// [`rules::KEY_LENGTH`] if the algorithm takes no key of this length, or none at all.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, Error> {
        if !key_lengths(algorithm).contains(&bytes.len()) {
            return Err(Error::new(rules::KEY_LENGTH, 0));
        }
        let mut key = Zeroizing::new([0; LONGEST_KEY]);
        for (to, from) in key.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(Self {
            algorithm,
            bytes: key,
            length: bytes.len(),
            #[cfg(feature = "aws-lc-rs")]
            is_in_backend: false,
        })
    }

    /// A new key of random bytes.
    ///
    /// # Errors
    /// [`crate::rules::UNAVAILABLE`] if `random` does not answer, [`rules::KEY_LENGTH`] if the
    /// algorithm takes no symmetric key.
    pub fn generate(algorithm: Algorithm, random: &mut dyn Random) -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; LONGEST_KEY]);
        let bytes = bytes.get_mut(..derived_length(algorithm)).unwrap_or_default();
        if random.fill(bytes).is_err() {
            return Err(Error::new(crate::rules::UNAVAILABLE, 0));
        }
        Self::new(algorithm, bytes)
    }

    /// What it is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    #[cfg(feature = "aws-lc-rs")]
    pub(crate) fn into_backend(self) -> Self {
        Self { is_in_backend: true, ..self }
    }

    /// Whether content in memory is encrypted by the backend for servers.
    #[cfg(feature = "aws-lc-rs")]
    pub(crate) const fn is_in_backend(&self) -> bool {
        self.is_in_backend
    }

    /// The bytes; they are secret.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}
