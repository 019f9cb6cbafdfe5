//! Certificates in headers (RFC 9360): lent as DER, and never trusted for being there.

use iotops_wire::cbor::{Cursor, Type};

use super::{Headers, SIGNERS};
use crate::{Algorithm, Error, digest, rules};

const X5BAG: i64 = 32;
const X5CHAIN: i64 = 33;
const X5T: i64 = 34;

/// SHA-256 cut to 64 bits (RFC 9054 §3.2), which only names what is looked up.
const SHA256_64: i64 = -15;
const SHA256_64_LENGTH: usize = 8;

/// Certificates as a header lists them, each in DER.
#[derive(Clone, Copy, Debug)]
pub struct Certificates<'a> {
    cursor: Cursor<'a>,
    count: usize,
}

impl<'a> Certificates<'a> {
    /// RFC 9360 §2: one byte string, or an array of "2\*certs". As many as a message may have
    /// signatures.
    fn read(mut cursor: Cursor<'a>) -> Result<Self, Error> {
        let error = cursor.error(rules::CERTIFICATES);
        let (count, least) = match cursor.peek() {
            Some(Type::Bytes) => (1, 1),
            Some(Type::Array) => (cursor.array()?, 2),
            _ => return Err(error.into()),
        };
        let start = cursor;
        for _ in 0..count {
            match cursor.peek() {
                Some(Type::Bytes) => cursor.skip()?,
                _ => return Err(error.into()),
            }
        }
        let is_count = (least..=SIGNERS).contains(&count);
        if is_count { Ok(Self { cursor: start, count }) } else { Err(error.into()) }
    }

    /// How many there are; one at least.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// The certificates, in order: of a chain, that of the signer first.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut cursor = self.cursor;
        (0..self.count).map_while(move |_| cursor.bytes().ok())
    }
}

/// The name of a certificate: the hash of its DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thumbprint<'a> {
    algorithm: i64,
    hash: &'a [u8],
}

impl<'a> Thumbprint<'a> {
    fn read(mut cursor: Cursor<'a>) -> Result<Self, Error> {
        let error = cursor.error(rules::THUMBPRINT);
        if cursor.peek() != Some(Type::Array) || cursor.array()? != 2 {
            return Err(error.into());
        }
        let algorithm = match cursor.peek() {
            Some(Type::Unsigned | Type::Negative) => cursor.integer()?,
            // A text would be a private name of a hash.
            Some(Type::Text) => return Err(cursor.error(rules::DIGEST_UNSUPPORTED).into()),
            _ => return Err(error.into()),
        };
        match cursor.peek() {
            Some(Type::Bytes) => Ok(Self { algorithm, hash: cursor.bytes()? }),
            _ => Err(error.into()),
        }
    }

    /// The number of the hash algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> i64 {
        self.algorithm
    }

    /// The hash.
    #[must_use]
    pub const fn hash(&self) -> &'a [u8] {
        self.hash
    }

    /// Whether it is the hash of this certificate; `None` if the algorithm is not built in.
    #[must_use]
    pub fn is_of(&self, certificate: &[u8]) -> Option<bool> {
        let (algorithm, length) = match self.algorithm {
            SHA256_64 => (Algorithm::Sha256, Some(SHA256_64_LENGTH)),
            number => (Algorithm::from_cose(number)?, None),
        };
        let made = digest(algorithm, &[certificate])?;
        let made = made.as_bytes();
        Some(made.get(..length.unwrap_or(made.len())) == Some(self.hash))
    }
}

impl<'a> Headers<'a> {
    /// The chain of certificates of the signer (x5chain), from either bucket: to be validated up
    /// to a trust anchor of the caller, and until then no more than a hint.
    ///
    /// # Errors
    /// [`rules::CERTIFICATES`] if it is no such list.
    pub fn x5chain(&self) -> Result<Option<Certificates<'a>>, Error> {
        self.find(X5CHAIN).map(Certificates::read).transpose()
    }

    /// Certificates in no order (x5bag), from either bucket.
    ///
    /// # Errors
    /// [`rules::CERTIFICATES`] if it is no such list.
    pub fn x5bag(&self) -> Result<Option<Certificates<'a>>, Error> {
        self.find(X5BAG).map(Certificates::read).transpose()
    }

    /// The thumbprint of the certificate of the signer (x5t), from either bucket.
    ///
    /// # Errors
    /// [`rules::THUMBPRINT`] if it is none, [`rules::DIGEST_UNSUPPORTED`] if its hash has a name.
    pub fn x5t(&self) -> Result<Option<Thumbprint<'a>>, Error> {
        self.find(X5T).map(Thumbprint::read).transpose()
    }
}
