//! X25519 (RFC 7748).

use iotops_wire::Random;
use x25519_dalek::{PublicKey as Point, StaticSecret};
use zeroize::Zeroizing;

use super::{Agreement, Curve, PublicKey, put};
use crate::{Error, Refused, rules};

const LENGTH: usize = 32;

/// An X25519 private key. It is wiped when dropped.
#[derive(Clone)]
pub struct X25519SecretKey(StaticSecret);

impl core::fmt::Debug for X25519SecretKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("X25519SecretKey")
    }
}

impl X25519SecretKey {
    /// The key with these bytes, of 32.
    ///
    /// # Errors
    /// [`rules::KEY_SCALAR`] for another length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        match <[u8; LENGTH]>::try_from(bytes) {
            Ok(bytes) => Ok(Self(StaticSecret::from(bytes))),
            Err(_) => Err(Error::new(rules::KEY_SCALAR, 0)),
        }
    }

    /// A new key.
    ///
    /// # Errors
    /// [`rules::UNAVAILABLE`] if `random` does not answer.
    pub fn generate(random: &mut dyn Random) -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        match random.fill(bytes.as_mut_slice()) {
            Ok(()) => Self::from_bytes(bytes.as_slice()),
            Err(_) => Err(Error::new(rules::UNAVAILABLE, 0)),
        }
    }

    /// The public key that belongs to it.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey::of(Curve::X25519, &[Point::from(&self.0).as_bytes()])
    }
}

impl Agreement for X25519SecretKey {
    fn curve(&self) -> Curve {
        Curve::X25519
    }

    fn agree(&self, peer: &[u8], shared: &mut [u8]) -> Result<usize, Refused> {
        let peer: [u8; LENGTH] = peer.try_into().map_err(|_| Refused::Invalid)?;
        let secret = self.0.diffie_hellman(&Point::from(peer));
        // RFC 7748 §6.1: both sides "MAY check, without leaking extra information about the value
        // of K, whether K is the all-zero value and abort if so".
        if !secret.was_contributory() {
            return Err(Refused::Invalid);
        }
        put(secret.as_bytes(), shared)
    }
}
