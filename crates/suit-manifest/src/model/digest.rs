//! The digest container (SUIT §10).

use iotops_crypto::{Algorithm, Digest, Hasher};
use iotops_wire::cbor::{Cursor, Encoder};

use crate::{Error, rules};

const ITEMS: usize = 2;

/// `SUIT_Digest`: an algorithm, and a digest of the length that it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuitDigest<'a> {
    algorithm: Algorithm,
    bytes: &'a [u8],
}

impl<'a> SuitDigest<'a> {
    /// A digest of `algorithm`.
    ///
    /// # Errors
    /// [`rules::DIGEST_ALGORITHM`] if it is not one that SUIT names, [`rules::DIGEST_LENGTH`].
    pub fn new(algorithm: Algorithm, bytes: &'a [u8]) -> Result<Self, Error> {
        match length_of(algorithm.to_cose()) {
            None => Err(Error::new(rules::DIGEST_ALGORITHM, 0)),
            Some(length) if length != bytes.len() => Err(Error::new(rules::DIGEST_LENGTH, 0)),
            Some(_) => Ok(Self { algorithm, bytes }),
        }
    }

    /// Reads a digest.
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let mut ahead = *cursor;
        Self::check(cursor)?;
        Ok(Self::read_checked(&mut ahead))
    }

    /// Reads a digest that [`SuitDigest::check`] has seen.
    pub(crate) fn read_checked(cursor: &mut Cursor<'a>) -> Self {
        if let Some(bytes) = cursor.shortcut(sha_256) {
            return Self { algorithm: Algorithm::Sha256, bytes };
        }
        let _ = cursor.array();
        let number = cursor.integer().unwrap_or_default();
        let algorithm = Algorithm::from_cose(number).unwrap_or(Algorithm::Sha256);
        Self { algorithm, bytes: cursor.bytes().unwrap_or_default() }
    }

    /// Checks and steps over a digest.
    #[inline]
    pub(crate) fn check(cursor: &mut Cursor<'_>) -> Result<(), Error> {
        if cursor.shortcut(sha_256).is_some() { Ok(()) } else { Self::check_any(cursor) }
    }

    #[inline(never)]
    fn check_any(cursor: &mut Cursor<'_>) -> Result<(), Error> {
        let start = cursor.position();
        // "These can be added following the digest": no algorithm of the registry has any.
        if cursor.array()? != ITEMS {
            return Err(cursor.error_at(start, rules::DIGEST_ITEMS).into());
        }
        let number = cursor.position();
        let length = length_of(cursor.integer()?);
        let at = cursor.position();
        let bytes = cursor.bytes()?;
        match length {
            None => Err(cursor.error_at(number, rules::DIGEST_ALGORITHM).into()),
            Some(length) if length != bytes.len() => {
                Err(cursor.error_at(at, rules::DIGEST_LENGTH).into())
            }
            Some(_) => Ok(()),
        }
    }

    /// The digest algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The digest.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether `computed` is this digest.
    #[must_use]
    pub fn matches(&self, computed: &Digest) -> bool {
        self.bytes == computed.as_bytes()
    }

    /// Begins to compute a digest that [`SuitDigest::matches`] can take; `None` if the algorithm
    /// is not built in.
    #[must_use]
    pub fn hasher(&self) -> Option<Hasher> {
        Hasher::new(self.algorithm)
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.array(ITEMS)?.integer(self.algorithm.to_cose())?.bytes(self.bytes)?;
        Ok(())
    }
}

/// The digest in what most of them are: two items, SHA-256 (-16), 32 bytes.
#[inline]
fn sha_256(encoded: &[u8; 36]) -> Option<&[u8]> {
    match encoded {
        [0x82, 0x2f, 0x58, 0x20, bytes @ ..] => Some(bytes),
        _ => None,
    }
}

/// Bytes of a digest of the algorithm with this number; `None` for what is none of SUIT §10.
#[inline]
const fn length_of(number: i64) -> Option<usize> {
    const SHA_256: i64 = Algorithm::Sha256.to_cose();
    const SHAKE_128: i64 = Algorithm::Shake128.to_cose();
    const SHA_384: i64 = Algorithm::Sha384.to_cose();
    const SHA_512: i64 = Algorithm::Sha512.to_cose();
    const SHAKE_256: i64 = Algorithm::Shake256.to_cose();
    match number {
        SHA_256 | SHAKE_128 => Some(32),
        SHA_384 => Some(48),
        SHA_512 | SHAKE_256 => Some(64),
        _ => None,
    }
}
