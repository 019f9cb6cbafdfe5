//! What `COSE_Encrypt0` and `COSE_Encrypt` have in common: the content, its algorithm and its IV.

use iotops_wire::Rule;
use iotops_wire::cbor::Cursor;

use super::Headers;
use super::headers::Place;
use super::structure::lend_encrypt;
use crate::cipher::{AeadParameters, Key, Opening, is_unauthenticated, iv_length, unauthenticated};
use crate::rules::cipher as rules;
use crate::{Algorithm, Error, Purpose, rules as common};

const IV: i64 = 5;
const PARTIAL_IV: i64 = 6;
/// The longest IV: 16 bytes.
const LONGEST_IV: usize = 16;

/// Content that was authenticated and decrypted.
#[derive(Debug)]
pub struct Decrypted<'b> {
    plaintext: &'b mut [u8],
    algorithm: Algorithm,
    key: usize,
}

impl<'b> Decrypted<'b> {
    pub(super) const fn new(plaintext: &'b mut [u8], algorithm: Algorithm, key: usize) -> Self {
        Self { plaintext, algorithm, key }
    }

    /// The plaintext, in the buffer that the caller gave.
    #[must_use]
    pub const fn plaintext(&self) -> &[u8] {
        self.plaintext
    }

    /// The plaintext, for as long as the buffer lives.
    #[must_use]
    pub const fn into_plaintext(self) -> &'b mut [u8] {
        self.plaintext
    }

    /// The algorithm of the content.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Which of the given keys it was.
    #[must_use]
    pub const fn key(&self) -> usize {
        self.key
    }
}

/// The part of an encrypted message that is the same with and without recipients.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content<'a> {
    pub(super) headers: Headers<'a>,
    pub(super) ciphertext: Option<&'a [u8]>,
    pub(super) offset: u32,
    /// The opening of its `Enc_structure`.
    pub(super) opening: &'static [u8],
}

/// An IV of any length that an algorithm has.
pub(super) struct Iv {
    bytes: [u8; LONGEST_IV],
    length: usize,
}

impl Iv {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl<'a> Content<'a> {
    pub(super) fn read(
        cursor: &mut Cursor<'a>,
        offset: u32,
        opening: &'static [u8],
    ) -> Result<Self, Error> {
        let headers = Headers::read_with(cursor, Place::Either)?;
        let ciphertext = if cursor.null_if_next() { None } else { Some(cursor.bytes()?) };
        Ok(Self { headers, ciphertext, offset, opening })
    }

    #[cold]
    pub(super) fn error(&self, rule: Rule) -> Error {
        Error::new(rule, self.offset)
    }

    /// The ciphertext of a message that carries it.
    pub(super) fn attached(&self) -> Result<&'a [u8], Error> {
        self.ciphertext.ok_or_else(|| self.error(rules::CIPHERTEXT_DETACHED))
    }

    pub(super) fn check_detached(&self) -> Result<(), Error> {
        match self.ciphertext {
            None => Ok(()),
            Some(_) => Err(self.error(rules::CIPHERTEXT_ATTACHED)),
        }
    }

    /// The algorithm of the content, whatever its class.
    pub(super) fn algorithm(&self) -> Result<Algorithm, Error> {
        if self.headers.is_critical() {
            return Err(self.error(common::CRITICAL_UNKNOWN));
        }
        let Some(number) = self.headers.algorithm() else {
            return Err(self.error(common::ALGORITHM_MISSING));
        };
        match Algorithm::from_cose(number) {
            Some(algorithm) if algorithm.purpose() == Purpose::Encryption => Ok(algorithm),
            Some(_) => Err(self.error(common::ALGORITHM_PURPOSE)),
            None => Err(self.error(common::ALGORITHM_UNKNOWN)),
        }
    }

    /// The algorithm, if it authenticates what it encrypts.
    pub(super) fn aead(&self) -> Result<Algorithm, Error> {
        let algorithm = self.algorithm()?;
        if is_unauthenticated(algorithm) {
            return Err(self.error(rules::UNAUTHENTICATED));
        }
        // RFC 9052 §3.1: alg "MUST be authenticated where the ability to do so exists."
        if self.headers.is_algorithm_unprotected() {
            return Err(self.error(common::ALGORITHM_UNPROTECTED));
        }
        Ok(algorithm)
    }

    /// The algorithm, if it does not authenticate.
    pub(super) fn unauthenticated(&self) -> Result<Algorithm, Error> {
        let algorithm = self.algorithm()?;
        if !is_unauthenticated(algorithm) {
            return Err(self.error(rules::UNAUTHENTICATED));
        }
        // RFC 9459 §4 and §5: "The 'protected' header MUST be a zero-length byte string."
        if !self.headers.is_algorithm_unprotected() {
            return Err(self.error(rules::ALGORITHM_PLACE));
        }
        if !self.headers.protected_bytes().is_empty() {
            return Err(self.error(rules::PROTECTED_EMPTY));
        }
        Ok(algorithm)
    }

    /// RFC 9052 §3.1: the IV; or the Partial IV, padded on the left and added to the Base IV.
    pub(super) fn iv(&self, algorithm: Algorithm, base: Option<&[u8]>) -> Result<Iv, Error> {
        let length = iv_length(algorithm).unwrap_or_default();
        let mut iv = Iv { bytes: [0; LONGEST_IV], length };
        let space = iv.bytes.get_mut(..length).unwrap_or_default();
        if let Some(mut value) = self.headers.find(IV) {
            let sent = value.bytes()?;
            if sent.len() != length {
                return Err(self.error(rules::IV_LENGTH));
            }
            space.copy_from_slice(sent);
            return Ok(iv);
        }
        let Some(base) = base else {
            return Err(self.error(rules::IV_MISSING));
        };
        let partial = match self.headers.find(PARTIAL_IV) {
            Some(mut value) => value.bytes()?,
            // Both sides know the whole IV without the message.
            None => &[],
        };
        if base.len() != length || partial.len() > length {
            return Err(self.error(rules::IV_LENGTH));
        }
        space.copy_from_slice(base);
        for (to, from) in space.iter_mut().rev().zip(partial.iter().rev()) {
            *to ^= *from;
        }
        Ok(iv)
    }

    /// Lends the `Enc_structure` (RFC 9052 §5.3).
    pub(super) fn structure<R>(&self, aad: &[u8], read: impl FnOnce(&[&[u8]]) -> R) -> R {
        lend_encrypt(self.opening, self.headers.protected_bytes(), aad, read)
    }

    /// Begins to decrypt content that is not in memory, of `length` bytes without its tag.
    pub(super) fn opening(
        &self,
        key: &Key,
        base_iv: Option<&[u8]>,
        aad: &[u8],
        length: u64,
    ) -> Result<Opening, Error> {
        self.check_detached()?;
        let iv = self.iv(key.algorithm(), base_iv)?;
        self.structure(aad, |aad| Opening::new(key, iv.as_bytes(), aad, length))
    }

    /// Decrypts `ciphertext` into the start of `plaintext`, and gives the length.
    pub(super) fn open(
        &self,
        key: &Key,
        iv: &Iv,
        aad: &[u8],
        ciphertext: &[u8],
        plaintext: &mut [u8],
    ) -> Result<usize, Error> {
        let tag = AeadParameters::of(key.algorithm()).map_or(0, |parameters| parameters.tag);
        let split = ciphertext.len().checked_sub(tag);
        let parts = split.and_then(|length| ciphertext.split_at_checked(length));
        let Some((content, tag)) = parts else {
            return Err(self.error(rules::TAG));
        };
        let Some(space) = plaintext.get_mut(..content.len()) else {
            return Err(self.error(iotops_wire::rules::OUT_OF_SPACE));
        };
        space.copy_from_slice(content);
        let opened = self.structure(aad, |aad| key.open(iv.as_bytes(), aad, space, tag));
        opened.map_err(|error| self.error(error.rule()))?;
        Ok(content.len())
    }

    /// The same without authentication.
    pub(super) fn decrypt_unauthenticated(
        &self,
        key: &Key,
        iv: &Iv,
        ciphertext: &[u8],
        plaintext: &mut [u8],
    ) -> Result<usize, Error> {
        let Some(space) = plaintext.get_mut(..ciphertext.len()) else {
            return Err(self.error(iotops_wire::rules::OUT_OF_SPACE));
        };
        space.copy_from_slice(ciphertext);
        unauthenticated::decrypt(key, iv.as_bytes(), space)
            .map_err(|error| self.error(error.rule()))
    }
}
