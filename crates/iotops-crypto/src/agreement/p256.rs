//! ECDH on P-256 (RFC 9053 §6.3.1).

use ::p256::ecdh::diffie_hellman;
use ::p256::elliptic_curve::sec1::ToSec1Point as _;
use ::p256::{PublicKey as Point, SecretKey};
use iotops_wire::Random;
use zeroize::Zeroizing;

use super::{Agreement, Curve, PublicKey, put};
use crate::{Error, Refused, rules};

const SCALAR: usize = 32;

/// A private key on P-256 for key agreement. It is wiped when dropped.
#[derive(Clone)]
pub struct P256SecretKey(SecretKey);

impl core::fmt::Debug for P256SecretKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("P256SecretKey")
    }
}

impl P256SecretKey {
    /// The key with this scalar, of 32 bytes.
    ///
    /// # Errors
    /// [`rules::KEY_SCALAR`] if it is 0, too great, or of another length.
    pub fn from_scalar(bytes: &[u8]) -> Result<Self, Error> {
        match SecretKey::from_slice(bytes) {
            Ok(key) if bytes.len() == SCALAR => Ok(Self(key)),
            _ => Err(Error::new(rules::KEY_SCALAR, 0)),
        }
    }

    /// A new key.
    ///
    /// # Errors
    /// [`rules::UNAVAILABLE`] if `random` does not answer, [`rules::KEY_SCALAR`] in the one case
    /// of 2^32 that its bytes are no key: call again.
    pub fn generate(random: &mut dyn Random) -> Result<Self, Error> {
        let mut bytes = Zeroizing::new([0; SCALAR]);
        match random.fill(bytes.as_mut_slice()) {
            Ok(()) => Self::from_scalar(bytes.as_slice()),
            Err(_) => Err(Error::new(rules::UNAVAILABLE, 0)),
        }
    }

    /// The public key that belongs to it.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        PublicKey::of(Curve::P256, &[self.0.public_key().to_sec1_point(false).as_bytes()])
    }
}

/// A public key with both its coordinates; `None` if the bytes are no point.
#[cfg(feature = "hpke-draft")]
pub(super) fn decompress(bytes: &[u8]) -> Option<PublicKey> {
    let point = Point::from_sec1_bytes(bytes).ok()?;
    Some(PublicKey::of(Curve::P256, &[point.to_sec1_point(false).as_bytes()]))
}

impl Agreement for P256SecretKey {
    fn curve(&self) -> Curve {
        Curve::P256
    }

    fn agree(&self, peer: &[u8], shared: &mut [u8]) -> Result<usize, Refused> {
        // Hybrid and other forms of SEC 1 are not for the wire.
        let is_form = matches!((peer.first(), peer.len()), (Some(4), 65) | (Some(2 | 3), 33));
        let Some(point) = Point::from_sec1_bytes(peer).ok().filter(|_| is_form) else {
            return Err(Refused::Invalid);
        };
        let secret = diffie_hellman(self.0.to_nonzero_scalar(), point.as_affine());
        put(secret.raw_secret_bytes(), shared)
    }
}
