//! Ed25519 by the strict rules: EdDSA and Ed25519 (RFC 8032, RFC 9053 §2.2, RFC 9864).

use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use iotops_wire::Unavailable;
use signature::{MultipartSigner as _, MultipartVerifier as _};
#[cfg(feature = "alloc")]
use zeroize::Zeroizing;

use crate::{Algorithm, Error, Refused, Signer, Verifier, rules};

const LENGTH: usize = 32;

/// The canonical encodings of the points of small order.
///
/// A signature whose R is one of them verifies for more messages than the one that was signed.
pub(crate) const SMALL_ORDER: [[u8; LENGTH]; 8] = [
    [
        1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0,
    ],
    [0; LENGTH],
    with_last([0; LENGTH], 0x80),
    with_last(with_first([0xff; LENGTH], 0xec), 0x7f),
    ORDER_8_LOW,
    with_last(ORDER_8_LOW, 0x85),
    ORDER_8_HIGH,
    with_last(ORDER_8_HIGH, 0xfa),
];

const ORDER_8_LOW: [u8; LENGTH] = [
    0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
    0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
];

const ORDER_8_HIGH: [u8; LENGTH] = [
    0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
    0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
];

const fn with_first(mut bytes: [u8; LENGTH], byte: u8) -> [u8; LENGTH] {
    let [first, ..] = &mut bytes;
    *first = byte;
    bytes
}

const fn with_last(mut bytes: [u8; LENGTH], byte: u8) -> [u8; LENGTH] {
    let [.., last] = &mut bytes;
    *last = byte;
    bytes
}

/// An Ed25519 public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ed25519PublicKey(pub(crate) VerifyingKey);

impl Ed25519PublicKey {
    /// The key with this encoding, of 32 bytes.
    ///
    /// # Errors
    /// [`rules::KEY_POINT`] for another length, for what is no point, and for points of small
    /// order: such a key verifies nearly anything.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let key = bytes.try_into().ok().and_then(|bytes| VerifyingKey::from_bytes(bytes).ok());
        match key {
            // RFC 8032 §5.1.3: a y that is not below p is no encoding; one point, one key.
            Some(key) if !key.is_weak() && key.to_edwards().compress().as_bytes() == bytes => {
                Ok(Self(key))
            }
            _ => Err(Error::new(rules::KEY_POINT, 0)),
        }
    }

    #[cfg(feature = "batch")]
    pub(super) const fn backend(&self) -> VerifyingKey {
        self.0
    }

    /// The encoding.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; LENGTH] {
        self.0.to_bytes()
    }
}

impl Verifier for Ed25519PublicKey {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        matches!(algorithm, Algorithm::EdDsa | Algorithm::Ed25519)
    }

    /// The verdict is that of `verify_strict` of the backend, which takes no message in parts:
    /// weak keys are refused when they are imported, R of small order here, and the backend
    /// compares R by its bytes, so that no other encoding of it passes.
    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        let signature = Signature::from_slice(signature).map_err(|_| Refused::Invalid)?;
        if SMALL_ORDER.contains(signature.r_bytes()) {
            return Err(Refused::Invalid);
        }
        self.0.multipart_verify(message, &signature).map_err(|_| Refused::Invalid)
    }
}

/// An Ed25519 private key. It is wiped when dropped.
#[derive(Clone)]
pub struct Ed25519SecretKey(SigningKey);

impl core::fmt::Debug for Ed25519SecretKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Ed25519SecretKey")
    }
}

impl Ed25519SecretKey {
    /// The key of this seed, of 32 bytes (RFC 8032 §5.1.5).
    ///
    /// # Errors
    /// [`rules::KEY_SCALAR`] for another length.
    pub fn from_seed(bytes: &[u8]) -> Result<Self, Error> {
        match bytes.try_into() {
            Ok(seed) => Ok(Self(SigningKey::from_bytes(seed))),
            Err(_) => Err(Error::new(rules::KEY_SCALAR, 0)),
        }
    }

    /// The seed; it wipes itself.
    #[cfg(feature = "alloc")]
    pub(super) fn to_seed(&self) -> Zeroizing<[u8; LENGTH]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public key that belongs to it.
    #[must_use]
    pub fn public_key(&self) -> Ed25519PublicKey {
        Ed25519PublicKey(self.0.verifying_key())
    }
}

impl Signer for Ed25519SecretKey {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Ed25519
    }

    fn sign(&mut self, message: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable> {
        let made = self.0.try_multipart_sign(message).map_err(|_| Unavailable::new())?;
        super::put(&made.to_bytes(), signature)
    }
}
