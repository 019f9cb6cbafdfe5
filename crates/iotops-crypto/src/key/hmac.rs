//! HMAC 256/256 (RFC 9053 §3.1).

use hmac::{Hmac, KeyInit as _, Mac as _};
use iotops_wire::Unavailable;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Algorithm, Error, Refused, Signer, Verifier, rules};

/// A key is at least as long as the hash, and not longer than its block.
const LEAST: usize = 32;
const MOST: usize = 64;

/// A key of 32 to 64 bytes for HMAC with SHA-256. It is wiped when dropped.
///
/// Longer keys are refused: HMAC would hash them first, and a key with two forms is a trap.
#[derive(Clone)]
pub struct HmacKey {
    bytes: Zeroizing<[u8; MOST]>,
    length: usize,
}

impl core::fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HmacKey")
    }
}

impl HmacKey {
    /// The key with these bytes.
    ///
    /// # Errors
    /// [`rules::KEY_SHORT`] below 32 bytes, [`rules::KEY_FORM`] above 64.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() < LEAST {
            return Err(Error::new(rules::KEY_SHORT, 0));
        }
        if bytes.len() > MOST {
            return Err(Error::new(rules::KEY_FORM, 0));
        }
        let mut key = Zeroizing::new([0; MOST]);
        for (to, from) in key.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(Self { bytes: key, length: bytes.len() })
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    fn mac(&self, message: &[&[u8]]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.as_bytes()).ok()?;
        for part in message {
            mac.update(part);
        }
        Some(mac)
    }
}

impl Verifier for HmacKey {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        algorithm == Algorithm::Hmac256
    }

    /// The whole MAC is compared, in constant time.
    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        let mac = self.mac(message).ok_or(Refused::Unavailable)?;
        mac.verify_slice(signature).map_err(|_| Refused::Invalid)
    }
}

impl Signer for HmacKey {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Hmac256
    }

    fn sign(&mut self, message: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable> {
        let mac = self.mac(message).ok_or_else(Unavailable::new)?;
        super::put(&mac.finalize().into_bytes(), signature)
    }
}
