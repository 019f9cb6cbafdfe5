//! Verifying messages that are not in memory: the signature first, then the message in parts.

#[cfg(feature = "hmac")]
use hmac::{KeyInit as _, Mac as _};
#[cfg(feature = "es256")]
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;

#[cfg(feature = "es256")]
use crate::key::Es256PublicKey;
#[cfg(feature = "hmac")]
use crate::key::HmacKey;
#[cfg(feature = "ed25519")]
use crate::key::{Ed25519PublicKey, SMALL_ORDER};
use crate::{Refused, Verifier};

/// The check of one signature at work. The verdict is that of [`Verifier::verify`].
pub trait StreamVerify {
    /// Takes the next part of the message in.
    fn update(&mut self, part: &[u8]);

    /// Whether the signature is one of all that came.
    ///
    /// # Errors
    /// [`Refused::Invalid`] or [`Refused::Unavailable`].
    fn finish(self) -> Result<(), Refused>;
}

/// A key that checks a signature over a message in parts that come one after the other.
pub trait StreamKey: Verifier {
    /// What checks one signature.
    type Stream: StreamVerify;

    /// Begins with the signature, which comes before the message.
    ///
    /// # Errors
    /// [`Refused::Invalid`] if it can be no signature, [`Refused::Unavailable`].
    fn begin(&self, signature: &[u8]) -> Result<Self::Stream, Refused>;
}

/// An ECDSA signature being checked.
#[cfg(feature = "es256")]
#[derive(Debug)]
pub struct Es256Stream {
    key: Es256PublicKey,
    signature: p256::ecdsa::Signature,
    hasher: sha2::Sha256,
}

#[cfg(feature = "es256")]
impl StreamKey for Es256PublicKey {
    type Stream = Es256Stream;

    fn begin(&self, signature: &[u8]) -> Result<Es256Stream, Refused> {
        let signature =
            p256::ecdsa::Signature::from_slice(signature).map_err(|_| Refused::Invalid)?;
        Ok(Es256Stream { key: *self, signature, hasher: sha2::Digest::new() })
    }
}

#[cfg(feature = "es256")]
impl StreamVerify for Es256Stream {
    fn update(&mut self, part: &[u8]) {
        sha2::Digest::update(&mut self.hasher, part);
    }

    fn finish(self) -> Result<(), Refused> {
        let hash = sha2::Digest::finalize(self.hasher);
        self.key.0.verify_prehash(&hash, &self.signature).map_err(|_| Refused::Invalid)
    }
}

/// An Ed25519 signature being checked.
#[cfg(feature = "ed25519")]
pub struct Ed25519Stream(ed25519_dalek::StreamVerifier);

#[cfg(feature = "ed25519")]
impl core::fmt::Debug for Ed25519Stream {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Ed25519Stream")
    }
}

#[cfg(feature = "ed25519")]
impl StreamKey for Ed25519PublicKey {
    type Stream = Ed25519Stream;

    /// Strict like [`Verifier::verify`]: R of small order is refused here, weak keys were when
    /// they were imported, and the backend compares R by its bytes.
    fn begin(&self, signature: &[u8]) -> Result<Ed25519Stream, Refused> {
        let signature =
            ed25519_dalek::Signature::from_slice(signature).map_err(|_| Refused::Invalid)?;
        if SMALL_ORDER.contains(signature.r_bytes()) {
            return Err(Refused::Invalid);
        }
        self.0.verify_stream(&signature).map(Ed25519Stream).map_err(|_| Refused::Invalid)
    }
}

#[cfg(feature = "ed25519")]
impl StreamVerify for Ed25519Stream {
    fn update(&mut self, part: &[u8]) {
        self.0.update(part);
    }

    fn finish(self) -> Result<(), Refused> {
        self.0.finalize_and_verify().map_err(|_| Refused::Invalid)
    }
}

/// The longest MAC that a stream keeps until the end.
#[cfg(feature = "hmac")]
const MAC: usize = 32;

/// An HMAC being checked.
#[cfg(feature = "hmac")]
pub struct HmacStream {
    mac: hmac::Hmac<sha2::Sha256>,
    expected: [u8; MAC],
}

#[cfg(feature = "hmac")]
impl core::fmt::Debug for HmacStream {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HmacStream")
    }
}

#[cfg(feature = "hmac")]
impl StreamKey for HmacKey {
    type Stream = HmacStream;

    fn begin(&self, signature: &[u8]) -> Result<HmacStream, Refused> {
        let expected = signature.try_into().map_err(|_| Refused::Invalid)?;
        let mac = hmac::Hmac::new_from_slice(self.as_bytes()).map_err(|_| Refused::Unavailable)?;
        Ok(HmacStream { mac, expected })
    }
}

#[cfg(feature = "hmac")]
impl StreamVerify for HmacStream {
    fn update(&mut self, part: &[u8]) {
        self.mac.update(part);
    }

    fn finish(self) -> Result<(), Refused> {
        self.mac.verify_slice(&self.expected).map_err(|_| Refused::Invalid)
    }
}
