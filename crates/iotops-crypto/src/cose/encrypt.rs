//! Encrypted messages: `COSE_Encrypt0` and `COSE_Encrypt` (RFC 9052 §5).

use iotops_wire::cbor::{Cursor, Encoder};

use super::content::{Content, Decrypted};
use super::document::{tagged, untagged};
use super::keyring::Keyring;
use super::recipient::Recipients;
use super::unlock::{Unlock, Use};
use super::{Headers, TAG_ENCRYPT, TAG_ENCRYPT0};
use crate::cipher::{Key, Opening, unauthenticated::Decrypting};
use crate::rules::cipher as rules;
use crate::{Algorithm, Error, rules as common};

const ITEMS0: usize = 3;
const ITEMS: usize = 4;

pub(super) const OPENING0: &[u8] = b"\x83\x68Encrypt0";
pub(super) const OPENING: &[u8] = b"\x83\x67Encrypt";

/// A decoded `COSE_Encrypt0` message, not yet decrypted.
#[derive(Clone, Copy, Debug)]
pub struct Encrypt0<'a> {
    content: Content<'a>,
}

/// A decoded `COSE_Encrypt` message, not yet decrypted.
#[derive(Clone, Copy, Debug)]
pub struct Encrypt<'a> {
    content: Content<'a>,
    recipients: Recipients<'a>,
}

impl<'a> Encrypt0<'a> {
    /// Decodes a tagged message that is all of `document`.
    ///
    /// # Errors
    /// [`common::COSE_TAG`] for another tag or none, and the rules of the encoding and of headers.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        tagged(document, TAG_ENCRYPT0, Self::read)
    }

    /// Decodes a message without a tag, where the protocol says by itself what it is.
    ///
    /// # Errors
    /// The rules of the encoding and of headers.
    pub fn decode_untagged(document: &'a [u8]) -> Result<Self, Error> {
        untagged(document, Self::read)
    }

    /// Reads the array of a message inside of another document.
    ///
    /// # Errors
    /// The rules of the encoding and of headers.
    pub fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let (start, offset) = (cursor.position(), cursor.offset());
        if cursor.array()? != ITEMS0 {
            return Err(cursor.error_at(start, common::COSE_ITEMS).into());
        }
        Ok(Self { content: Content::read(cursor, offset, OPENING0)? })
    }

    #[cfg(feature = "hpke-draft")]
    pub(super) const fn content(&self) -> &Content<'a> {
        &self.content
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &Headers<'a> {
        &self.content.headers
    }

    /// The ciphertext with its tag; `None` if it is detached.
    #[must_use]
    pub const fn ciphertext(&self) -> Option<&'a [u8]> {
        self.content.ciphertext
    }

    /// Decrypts a message that carries its ciphertext, into `plaintext`, which is as long at
    /// least. If no key fits, nothing of it is left there. `base_iv` is what a Partial IV
    /// completes; of a message with neither, it is the IV.
    ///
    /// # Errors
    /// [`rules::CIPHERTEXT_DETACHED`], [`common::NO_KEY`], [`rules::TAG`],
    /// [`rules::UNAUTHENTICATED`] for algorithms that only
    /// [`Encrypt0::decrypt_unauthenticated`] takes, and the rules of headers and IVs.
    pub fn decrypt<'b>(
        &self,
        aad: &[u8],
        keys: &[&Key],
        base_iv: Option<&[u8]>,
        plaintext: &'b mut [u8],
    ) -> Result<Decrypted<'b>, Error> {
        self.decrypt_any(self.content.attached()?, aad, keys, base_iv, plaintext)
    }

    /// Decrypts a message whose ciphertext came another way.
    ///
    /// # Errors
    /// [`rules::CIPHERTEXT_ATTACHED`], and as [`Encrypt0::decrypt`].
    pub fn decrypt_detached<'b>(
        &self,
        ciphertext: &[u8],
        aad: &[u8],
        keys: &[&Key],
        base_iv: Option<&[u8]>,
        plaintext: &'b mut [u8],
    ) -> Result<Decrypted<'b>, Error> {
        self.content.check_detached()?;
        self.decrypt_any(ciphertext, aad, keys, base_iv, plaintext)
    }

    fn decrypt_any<'b>(
        &self,
        ciphertext: &[u8],
        aad: &[u8],
        keys: &[&Key],
        base_iv: Option<&[u8]>,
        plaintext: &'b mut [u8],
    ) -> Result<Decrypted<'b>, Error> {
        let algorithm = self.content.aead()?;
        let iv = self.content.iv(algorithm, base_iv)?;
        let (key, length) = try_keys(&self.content, algorithm, keys, |key| {
            self.content.open(key, &iv, aad, ciphertext, plaintext)
        })?;
        let plaintext = plaintext.get_mut(..length).unwrap_or_default();
        Ok(Decrypted::new(plaintext, algorithm, key))
    }

    /// Begins to decrypt a detached ciphertext that is not in memory, of `length` bytes without
    /// its tag. Mind what [`Opening`] says of content that is not authenticated yet.
    ///
    /// # Errors
    /// [`common::NO_KEY`] if `key` is for another algorithm, and as [`Encrypt0::decrypt_detached`].
    pub fn opening(
        &self,
        key: &Key,
        base_iv: Option<&[u8]>,
        aad: &[u8],
        length: u64,
    ) -> Result<Opening, Error> {
        if self.content.aead()? != key.algorithm() {
            return Err(self.content.error(common::NO_KEY));
        }
        self.content.opening(key, base_iv, aad, length)
    }

    /// Lends the `Enc_structure`, the data that the content is authenticated with, in parts.
    pub fn enc_structure<R>(&self, aad: &[u8], read: impl FnOnce(&[&[u8]]) -> R) -> R {
        self.content.structure(aad, read)
    }

    /// Decrypts an attached ciphertext **that nothing authenticates** (RFC 9459) into `plaintext`,
    /// and gives the length. There is no external data: nothing could authenticate it.
    ///
    /// # Errors
    /// [`common::NO_KEY`], [`rules::PADDING`], [`rules::UNAUTHENTICATED`] for an AEAD, and the
    /// rules of headers and IVs.
    pub fn decrypt_unauthenticated(
        &self,
        key: &Key,
        base_iv: Option<&[u8]>,
        plaintext: &mut [u8],
    ) -> Result<usize, Error> {
        let ciphertext = self.content.attached()?;
        let algorithm = self.content.unauthenticated()?;
        let iv = self.content.iv(algorithm, base_iv)?;
        let (_, length) = try_keys(&self.content, algorithm, &[key], |key| {
            self.content.decrypt_unauthenticated(key, &iv, ciphertext, plaintext)
        })?;
        Ok(length)
    }

    /// Writes the message with its tag.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.tag(TAG_ENCRYPT0)?.array(ITEMS0)?;
        encode_content(&self.content, encoder)
    }
}

impl<'a> Encrypt<'a> {
    /// Decodes a tagged message that is all of `document`.
    ///
    /// # Errors
    /// [`common::COSE_TAG`] for another tag or none, the rules of recipients, and those of the
    /// encoding and of headers.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        tagged(document, TAG_ENCRYPT, Self::read)
    }

    /// Decodes a message without a tag, where the protocol says by itself what it is.
    ///
    /// # Errors
    /// The rules of recipients, and those of the encoding and of headers.
    pub fn decode_untagged(document: &'a [u8]) -> Result<Self, Error> {
        untagged(document, Self::read)
    }

    /// Reads the array of a message inside of another document.
    ///
    /// # Errors
    /// [`rules::RECIPIENTS`], [`rules::RECIPIENT_COUNT`], [`rules::RECIPIENT_DEPTH`], and the
    /// rules of the encoding and of headers.
    pub fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let (start, offset) = (cursor.position(), cursor.offset());
        if cursor.array()? != ITEMS {
            return Err(cursor.error_at(start, common::COSE_ITEMS).into());
        }
        let content = Content::read(cursor, offset, OPENING)?;
        Ok(Self { content, recipients: Recipients::read(cursor)? })
    }

    /// The headers of the content.
    #[must_use]
    pub const fn headers(&self) -> &Headers<'a> {
        &self.content.headers
    }

    /// The ciphertext with its tag; `None` if it is detached.
    #[must_use]
    pub const fn ciphertext(&self) -> Option<&'a [u8]> {
        self.content.ciphertext
    }

    /// The recipients.
    #[must_use]
    pub const fn recipients(&self) -> Recipients<'a> {
        self.recipients
    }

    /// Decrypts a message that carries its ciphertext, into `plaintext`, which is as long at
    /// least. If no key fits, nothing of it is left there.
    ///
    /// # Errors
    /// [`rules::CIPHERTEXT_DETACHED`], [`rules::NO_RECIPIENT`], [`rules::UNWRAP`],
    /// [`rules::TAG`], [`rules::UNAUTHENTICATED`] for algorithms that only
    /// [`Encrypt::decrypt_unauthenticated`] takes, [`common::UNAVAILABLE`], and the rules of
    /// headers, IVs and recipients.
    pub fn decrypt<'b>(
        &self,
        aad: &[u8],
        keyring: &Keyring<'_>,
        plaintext: &'b mut [u8],
    ) -> Result<Decrypted<'b>, Error> {
        self.decrypt_any(self.content.attached()?, aad, keyring, plaintext)
    }

    /// Decrypts a message whose ciphertext came another way.
    ///
    /// # Errors
    /// [`rules::CIPHERTEXT_ATTACHED`], and as [`Encrypt::decrypt`].
    pub fn decrypt_detached<'b>(
        &self,
        ciphertext: &[u8],
        aad: &[u8],
        keyring: &Keyring<'_>,
        plaintext: &'b mut [u8],
    ) -> Result<Decrypted<'b>, Error> {
        self.content.check_detached()?;
        self.decrypt_any(ciphertext, aad, keyring, plaintext)
    }

    fn decrypt_any<'b>(
        &self,
        ciphertext: &[u8],
        aad: &[u8],
        keyring: &Keyring<'_>,
        plaintext: &'b mut [u8],
    ) -> Result<Decrypted<'b>, Error> {
        let algorithm = self.content.aead()?;
        let iv = self.content.iv(algorithm, keyring.base_iv)?;
        let mut found = (0, 0);
        self.with_keys(algorithm, keyring, &mut |key, index| {
            found = (index, self.content.open(key, &iv, aad, ciphertext, plaintext)?);
            Ok(())
        })?;
        let (key, length) = found;
        let plaintext = plaintext.get_mut(..length).unwrap_or_default();
        Ok(Decrypted::new(plaintext, algorithm, key))
    }

    /// Begins to decrypt a detached ciphertext that is not in memory, of `length` bytes without
    /// its tag, with the first key that a recipient leads to. Mind what [`Opening`] says of
    /// content that is not authenticated yet.
    ///
    /// # Errors
    /// As [`Encrypt::decrypt_detached`].
    pub fn opening(
        &self,
        keyring: &Keyring<'_>,
        aad: &[u8],
        length: u64,
    ) -> Result<Opening, Error> {
        self.content.aead()?;
        self.content.opening(&self.content_key(keyring)?, keyring.base_iv, aad, length)
    }

    /// The same with the key that [`Encrypt::content_key`] gave, for a ciphertext that is read
    /// twice: first to authenticate it, then to decrypt it.
    ///
    /// # Errors
    /// [`rules::UNAUTHENTICATED`], [`rules::CONTENT_LENGTH`], and the rules of headers.
    pub fn opening_with(
        &self,
        key: &Key,
        base_iv: Option<&[u8]>,
        aad: &[u8],
        length: u64,
    ) -> Result<Opening, Error> {
        self.content.aead()?;
        self.content.opening(key, base_iv, aad, length)
    }

    /// The key of the content: the first that a recipient leads to. Whether it is the right one
    /// shows when the content authenticates, except that a wrapped key authenticates itself.
    ///
    /// # Errors
    /// [`rules::NO_RECIPIENT`], [`rules::UNWRAP`], [`common::UNAVAILABLE`], and the rules of
    /// headers and recipients.
    pub fn content_key(&self, keyring: &Keyring<'_>) -> Result<Key, Error> {
        let mut found = None;
        self.with_keys(self.content.algorithm()?, keyring, &mut |key, _| {
            found = Some(key.clone());
            Ok(())
        })?;
        found.ok_or_else(|| self.content.error(rules::NO_RECIPIENT))
    }

    /// Whether the algorithm of the content is one that authenticates nothing (RFC 9459).
    #[must_use]
    pub fn is_unauthenticated(&self) -> bool {
        self.content.unauthenticated().is_ok()
    }

    /// Lends the `Enc_structure`, the data that the content is authenticated with, in parts.
    pub fn enc_structure<R>(&self, aad: &[u8], read: impl FnOnce(&[&[u8]]) -> R) -> R {
        self.content.structure(aad, read)
    }

    /// Decrypts an attached ciphertext **that nothing authenticates** (RFC 9459) into `plaintext`,
    /// and gives the length.
    ///
    /// # Errors
    /// [`rules::PADDING`], [`rules::UNAUTHENTICATED`] for an AEAD, and as [`Encrypt::decrypt`].
    pub fn decrypt_unauthenticated(
        &self,
        keyring: &Keyring<'_>,
        plaintext: &mut [u8],
    ) -> Result<usize, Error> {
        let ciphertext = self.content.attached()?;
        let algorithm = self.content.unauthenticated()?;
        let iv = self.content.iv(algorithm, keyring.base_iv)?;
        let mut length = 0;
        self.with_keys(algorithm, keyring, &mut |key, _| {
            length = self.content.decrypt_unauthenticated(key, &iv, ciphertext, plaintext)?;
            Ok(())
        })?;
        Ok(length)
    }

    /// Begins to decrypt a detached ciphertext **that nothing authenticates**, with the first key
    /// that a recipient leads to. RFC 9459 §8: check a digest of the ciphertext first.
    ///
    /// # Errors
    /// [`rules::CIPHERTEXT_ATTACHED`], and as [`Encrypt::decrypt_unauthenticated`].
    pub fn decrypting_unauthenticated(&self, keyring: &Keyring<'_>) -> Result<Decrypting, Error> {
        self.content.check_detached()?;
        let algorithm = self.content.unauthenticated()?;
        let iv = self.content.iv(algorithm, keyring.base_iv)?;
        Decrypting::new(&self.content_key(keyring)?, iv.as_bytes())
    }

    fn with_keys(
        &self,
        target: Algorithm,
        keyring: &Keyring<'_>,
        use_key: &mut Use<'_>,
    ) -> Result<(), Error> {
        Unlock { keyring, target }.any(&self.recipients, use_key)
    }

    /// Writes the message with its tag.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.tag(TAG_ENCRYPT)?.array(ITEMS)?;
        encode_content(&self.content, encoder)?;
        self.recipients.encode(encoder)
    }
}

fn encode_content(content: &Content<'_>, encoder: &mut Encoder<'_>) -> Result<(), Error> {
    content.headers.encode(encoder)?;
    match content.ciphertext {
        Some(ciphertext) => encoder.bytes(ciphertext)?,
        None => encoder.null()?,
    };
    Ok(())
}

/// Tries each key that is for `algorithm`, until one opens the content.
fn try_keys(
    content: &Content<'_>,
    algorithm: Algorithm,
    keys: &[&Key],
    mut open: impl FnMut(&Key) -> Result<usize, Error>,
) -> Result<(usize, usize), Error> {
    let mut failure = content.error(common::NO_KEY);
    for (index, key) in keys.iter().enumerate() {
        if key.algorithm() != algorithm {
            continue;
        }
        match open(key) {
            Ok(length) => return Ok((index, length)),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}
