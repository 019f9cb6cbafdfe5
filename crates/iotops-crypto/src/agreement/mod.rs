//! Key agreement and key derivation: ECDH, HKDF, and the context that keys are bound to.

mod context;
mod derive;
#[cfg(feature = "ecdh")]
mod ephemeral;
#[cfg(feature = "ecdh")]
mod p256;
mod public;
#[cfg(feature = "ecdh")]
mod x25519;

#[cfg(feature = "ecdh")]
pub use self::p256::P256SecretKey;
#[cfg(feature = "ecdh")]
pub use self::x25519::X25519SecretKey;
pub(crate) use context::context_field;
#[cfg(feature = "hpke-draft")]
pub(crate) use context::{INTEGER, integer};
pub use context::{KdfContext, KdfInfo, Party};
pub use derive::{Kdf, derive, expand};
#[cfg(feature = "ecdh")]
pub(crate) use ephemeral::ephemeral;
pub use public::PublicKey;

use crate::Refused;

/// The longest shared secret: 32 bytes.
pub const LONGEST_SECRET: usize = 32;

/// A curve for key agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Curve {
    /// P-256; public keys are points as SEC 1 encodes them, 65 bytes or 33 compressed.
    P256,
    /// X25519; public keys are 32 bytes.
    X25519,
}

/// A private key for key agreement, whoever holds it: here, or in an HSM by its handle.
pub trait Agreement {
    /// Its curve.
    fn curve(&self) -> Curve;

    /// Writes the secret that is shared with the holder of `peer` to `shared`, and gives its
    /// length, at most [`LONGEST_SECRET`].
    ///
    /// # Errors
    /// [`Refused::Invalid`] if `peer` is no public key of the curve, or leads to a secret of
    /// zeros; [`Refused::Unavailable`].
    fn agree(&self, peer: &[u8], shared: &mut [u8]) -> Result<usize, Refused>;
}

/// Puts a secret into the caller's buffer.
#[cfg(feature = "ecdh")]
fn put(secret: &[u8], shared: &mut [u8]) -> Result<usize, Refused> {
    let space = shared.get_mut(..secret.len()).ok_or(Refused::Unavailable)?;
    space.copy_from_slice(secret);
    Ok(secret.len())
}
