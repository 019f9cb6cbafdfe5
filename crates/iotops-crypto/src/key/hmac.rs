//! HMAC 256/256, 384/384 and 512/512 (RFC 9053 §3.1).

use hmac::{Hmac, KeyInit as _, Mac as _};
use iotops_wire::Unavailable;
use sha2::Sha256;
#[cfg(feature = "sha512")]
use sha2::{Sha384, Sha512};
use zeroize::Zeroizing;

use crate::{Algorithm, Error, Refused, Signer, Verifier, rules};

/// The longest block of a hash that is built in.
const MOST: usize = if cfg!(feature = "sha512") { 128 } else { 64 };

/// A key for HMAC with one hash. It is wiped when dropped.
///
/// It is at least as long as the hash, and not longer than its block: HMAC would hash a longer one
/// first, and a key with two forms is a trap.
#[derive(Clone)]
pub struct HmacKey {
    algorithm: Algorithm,
    bytes: Zeroizing<[u8; MOST]>,
    length: usize,
}

impl core::fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HmacKey")
    }
}

impl HmacKey {
    /// The key with these bytes for HMAC 256/256: 32 to 64 of them.
    ///
    /// # Errors
    /// [`rules::KEY_SHORT`] below 32 bytes, [`rules::KEY_FORM`] above 64.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::new(Algorithm::Hmac256, bytes)
    }

    /// The key with these bytes for this algorithm: 32 to 64 of them for HMAC 256/256, 48 to 128
    /// for HMAC 384/384, 64 to 128 for HMAC 512/512.
    ///
    /// # Errors
    /// [`rules::KEY_TYPE`] for another algorithm (HMAC 256/64 is never taken: its MACs are too
    /// short) and for one that is not built in, [`rules::KEY_SHORT`] and [`rules::KEY_FORM`] for
    /// fewer and more bytes.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, Error> {
        let (least, most) = match algorithm {
            Algorithm::Hmac256 => (32, 64),
            #[cfg(feature = "sha512")]
            Algorithm::Hmac384 => (48, 128),
            #[cfg(feature = "sha512")]
            Algorithm::Hmac512 => (64, 128),
            _ => return Err(Error::new(rules::KEY_TYPE, 0)),
        };
        if bytes.len() < least {
            return Err(Error::new(rules::KEY_SHORT, 0));
        }
        if bytes.len() > most {
            return Err(Error::new(rules::KEY_FORM, 0));
        }
        let mut key = Zeroizing::new([0; MOST]);
        for (to, from) in key.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(Self { algorithm, bytes: key, length: bytes.len() })
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The algorithm that it is bound to.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

/// The same expression for the MAC of `$message` with every hash.
macro_rules! mac {
    ($key:ident, $message:ident, $mac:ident => $result:expr) => {
        match $key.algorithm {
            #[cfg(feature = "sha512")]
            Algorithm::Hmac384 => mac!(Sha384, $key, $message, $mac => $result),
            #[cfg(feature = "sha512")]
            Algorithm::Hmac512 => mac!(Sha512, $key, $message, $mac => $result),
            _ => mac!(Sha256, $key, $message, $mac => $result),
        }
    };
    ($hash:ident, $key:ident, $message:ident, $mac:ident => $result:expr) => {
        match Hmac::<$hash>::new_from_slice($key.as_bytes()) {
            Ok(mut $mac) => {
                $message.iter().for_each(|part| $mac.update(part));
                Some($result)
            }
            Err(_) => None,
        }
    };
}

impl Verifier for HmacKey {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        algorithm == self.algorithm
    }

    /// The whole MAC is compared, in constant time.
    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        let equal = mac!(self, message, mac => mac.verify_slice(signature));
        equal.ok_or(Refused::Unavailable)?.map_err(|_| Refused::Invalid)
    }
}

impl Signer for HmacKey {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn sign(&mut self, message: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable> {
        let made = mac!(self, message, mac => super::put(&mac.finalize().into_bytes(), signature));
        made.unwrap_or_else(|| Err(Unavailable::new()))
    }
}
