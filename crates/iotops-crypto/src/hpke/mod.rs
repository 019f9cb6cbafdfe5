//! Hybrid public key encryption (RFC 9180): to encrypt to the holder of a private key, and nothing
//! else, in base mode or with a pre-shared key.
//!
//! The KEM is DHKEM with P-256 or X25519, the KDF is HKDF with SHA-256 in it and around it, and
//! the AEAD is AES-128-GCM, AES-256-GCM or ChaCha20/Poly1305. [`Sending`] and [`Receiving`] are
//! the two sides of a context; one message is a context that is used once. COSE is built on them
//! in [`crate::cose`].
//!
//! In base mode nothing says who encrypted: sign around it, or use a [`Psk`].
//!
//! ```
//! use iotops_crypto::agreement::{Curve, X25519SecretKey};
//! use iotops_crypto::hpke::{Receiving, ReceiverKey, Sending, Suite};
//! use iotops_crypto::{Algorithm, Error, wire::Random};
//!
//! fn there_and_back(random: &mut dyn Random) -> Result<(), Error> {
//!     let private = X25519SecretKey::generate(random)?;
//!     let public = private.public_key();
//!     let suite = Suite::new(Curve::X25519, Algorithm::A128Gcm)?;
//!
//!     let (encapsulated, mut sending) = Sending::new(suite, &public, None, &[b"info"], random)?;
//!     let (mut content, mut tag) = (*b"content", [0; 16]);
//!     sending.seal(&[b"aad"], &mut content, &mut tag)?;
//!
//!     let key = ReceiverKey::new(&private, &public)?;
//!     let mut receiving = Receiving::new(suite, encapsulated.as_bytes(), &key, &[b"info"])?;
//!     receiving.open(&[b"aad"], &mut content, &tag)?;
//!     assert_eq!(&content, b"content");
//!     Ok(())
//! }
//! # struct Counter;
//! # impl Random for Counter {
//! #     fn fill(&mut self, buffer: &mut [u8]) -> Result<(), iotops_crypto::wire::Unavailable> {
//! #         buffer.fill(7);
//! #         Ok(())
//! #     }
//! # }
//! # there_and_back(&mut Counter).unwrap();
//! ```

mod context;
mod kem;
mod schedule;

pub use context::{Receiving, Sending};
pub use kem::ReceiverKey;

use crate::agreement::Curve;
use crate::rules::cipher as rules;
use crate::{Algorithm, Error, rules as common};

/// The curve of the KEM, and the AEAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Suite {
    curve: Curve,
    aead: Algorithm,
}

impl Suite {
    /// The suite with DHKEM on `curve`, HKDF with SHA-256, and this AEAD.
    ///
    /// # Errors
    /// [`common::ALGORITHM_PURPOSE`] for an algorithm that is no AEAD of RFC 9180 §7.3.
    pub const fn new(curve: Curve, aead: Algorithm) -> Result<Self, Error> {
        match aead {
            Algorithm::A128Gcm | Algorithm::A256Gcm | Algorithm::ChaCha20Poly1305 => {
                Ok(Self { curve, aead })
            }
            _ => Err(Error::new(common::ALGORITHM_PURPOSE, 0)),
        }
    }

    /// The curve.
    #[must_use]
    pub const fn curve(self) -> Curve {
        self.curve
    }

    /// The AEAD.
    #[must_use]
    pub const fn aead(self) -> Algorithm {
        self.aead
    }
}

/// RFC 9180 §5.1.2: "The PSK MUST have at least 32 bytes of entropy".
const SHORTEST_PSK: usize = 32;

/// A pre-shared key and its identifier: proof that the sender has it too.
#[derive(Clone, Copy)]
pub struct Psk<'k> {
    key: &'k [u8],
    id: &'k [u8],
}

impl core::fmt::Debug for Psk<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Psk").field("id", &self.id).finish_non_exhaustive()
    }
}

impl<'k> Psk<'k> {
    /// A key of 32 bytes at least, which are random; a password will not do.
    ///
    /// # Errors
    /// [`rules::PSK`] for a shorter key, or an identifier of no bytes.
    pub const fn new(key: &'k [u8], id: &'k [u8]) -> Result<Self, Error> {
        // §5.1: a key without an identifier, or the other way round, is "Inconsistent PSK inputs".
        if key.len() < SHORTEST_PSK || id.is_empty() {
            return Err(Error::new(rules::PSK, 0));
        }
        Ok(Self { key, id })
    }

    /// Its identifier, which is no secret.
    #[must_use]
    pub const fn id(&self) -> &'k [u8] {
        self.id
    }
}
