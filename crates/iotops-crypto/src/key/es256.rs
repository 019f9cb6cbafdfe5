//! ECDSA with P-256 and SHA-256: ES256 and ESP256 (RFC 9053 §2.1, RFC 9864).

use iotops_wire::Unavailable;
use p256::ecdsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
#[cfg(feature = "alloc")]
use zeroize::Zeroizing;

use crate::{Algorithm, Error, Refused, Signer, Verifier, rules};

const COORDINATE: usize = 32;
const UNCOMPRESSED: usize = 65;
const COMPRESSED: usize = 33;
const TAG_UNCOMPRESSED: u8 = 4;

/// A public key on P-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Es256PublicKey(pub(crate) VerifyingKey);

impl Es256PublicKey {
    /// The key of a point as SEC 1 encodes it: 65 bytes uncompressed or 33 compressed.
    ///
    /// # Errors
    /// [`rules::KEY_POINT`] for any other length or tag, and for what is no point of the curve.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, Error> {
        let is_form = matches!(
            (bytes.first(), bytes.len()),
            (Some(&TAG_UNCOMPRESSED), UNCOMPRESSED) | (Some(2 | 3), COMPRESSED)
        );
        if !is_form {
            return Err(Error::new(rules::KEY_POINT, 0));
        }
        match VerifyingKey::from_sec1_bytes(bytes) {
            Ok(key) => Ok(Self(key)),
            Err(_) => Err(Error::new(rules::KEY_POINT, 0)),
        }
    }

    /// The key of a point with these coordinates, of 32 bytes each.
    ///
    /// # Errors
    /// [`rules::KEY_POINT`] if it is no point of the curve.
    pub fn from_coordinates(x: &[u8; COORDINATE], y: &[u8; COORDINATE]) -> Result<Self, Error> {
        let mut bytes = [TAG_UNCOMPRESSED; UNCOMPRESSED];
        let coordinates = x.iter().chain(y);
        for (to, from) in bytes.iter_mut().skip(1).zip(coordinates) {
            *to = *from;
        }
        Self::from_sec1(&bytes)
    }

    /// The point, uncompressed.
    #[must_use]
    pub fn to_sec1(&self) -> [u8; UNCOMPRESSED] {
        let mut bytes = [0; UNCOMPRESSED];
        for (to, from) in bytes.iter_mut().zip(self.0.to_sec1_point(false).as_bytes()) {
            *to = *from;
        }
        bytes
    }
}

impl Verifier for Es256PublicKey {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        matches!(algorithm, Algorithm::Es256 | Algorithm::Esp256)
    }

    /// A signature is r and s of 32 bytes each. Both values of s are taken, as RFC 9053 does not
    /// choose: a signature is never the name of a message.
    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        let signature = Signature::from_slice(signature).map_err(|_| Refused::Invalid)?;
        self.0.verify_prehash(&hash(message), &signature).map_err(|_| Refused::Invalid)
    }
}

fn hash(message: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in message {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// A private key on P-256. It is wiped when dropped, and signs deterministically (RFC 6979).
#[derive(Clone)]
pub struct Es256SecretKey(SigningKey);

impl core::fmt::Debug for Es256SecretKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Es256SecretKey")
    }
}

impl Es256SecretKey {
    /// The key with this scalar, of 32 bytes.
    ///
    /// # Errors
    /// [`rules::KEY_SCALAR`] if it is 0, too great, or of another length.
    pub fn from_scalar(bytes: &[u8]) -> Result<Self, Error> {
        match SigningKey::from_slice(bytes) {
            Ok(key) if bytes.len() == COORDINATE => Ok(Self(key)),
            _ => Err(Error::new(rules::KEY_SCALAR, 0)),
        }
    }

    /// The scalar; it wipes itself.
    #[cfg(feature = "alloc")]
    pub(super) fn to_scalar(&self) -> Zeroizing<[u8; COORDINATE]> {
        Zeroizing::new(self.0.to_bytes().into())
    }

    /// The public key that belongs to it.
    #[must_use]
    pub fn public_key(&self) -> Es256PublicKey {
        Es256PublicKey(*self.0.verifying_key())
    }
}

impl Signer for Es256SecretKey {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Esp256
    }

    fn sign(&mut self, message: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable> {
        let made: Signature =
            self.0.sign_prehash(&hash(message)).map_err(|_| Unavailable::new())?;
        super::put(&made.to_bytes(), signature)
    }
}
