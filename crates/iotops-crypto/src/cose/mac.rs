//! MACed messages with recipients: `COSE_Mac` (RFC 9052 §6.1).

use iotops_wire::cbor::{Cursor, Encoder};

use super::document::{tagged, untagged};
use super::keyring::Keyring;
use super::recipient::Recipients;
use super::unlock::Unlock;
use super::verify::{By, Claim};
use super::{Headers, TAG_MAC, Verified, structure};
use crate::cipher::Key;
use crate::{Error, Purpose, rules};

const ITEMS: usize = 5;

pub(super) const OPENING: &[u8] = b"\x84\x63MAC";

/// A decoded `COSE_Mac` message, not yet verified.
#[derive(Clone, Copy, Debug)]
pub struct Mac<'a> {
    headers: Headers<'a>,
    payload: Option<&'a [u8]>,
    mac: &'a [u8],
    recipients: Recipients<'a>,
    offset: u32,
}

impl<'a> Mac<'a> {
    /// Decodes a tagged message that is all of `document`.
    ///
    /// # Errors
    /// [`rules::COSE_TAG`] for another tag or none, the rules of recipients, and those of the
    /// encoding and of headers.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        tagged(document, TAG_MAC, Self::read)
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
    /// [`rules::cipher::RECIPIENTS`], [`rules::cipher::RECIPIENT_COUNT`],
    /// [`rules::cipher::RECIPIENT_DEPTH`], and the rules of the encoding and of headers.
    pub fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let (start, offset) = (cursor.position(), cursor.offset());
        if cursor.array()? != ITEMS {
            return Err(cursor.error_at(start, rules::COSE_ITEMS).into());
        }
        let headers = Headers::read(cursor)?;
        let payload = if cursor.null_if_next() { None } else { Some(cursor.bytes()?) };
        let mac = cursor.bytes()?;
        Ok(Self { headers, payload, mac, recipients: Recipients::read(cursor)?, offset })
    }

    /// The headers of the payload.
    #[must_use]
    pub const fn headers(&self) -> &Headers<'a> {
        &self.headers
    }

    /// The payload, as yet unverified; `None` if it is detached.
    #[must_use]
    pub const fn payload(&self) -> Option<&'a [u8]> {
        self.payload
    }

    /// The MAC.
    #[must_use]
    pub const fn mac(&self) -> &'a [u8] {
        self.mac
    }

    /// The recipients.
    #[must_use]
    pub const fn recipients(&self) -> Recipients<'a> {
        self.recipients
    }

    /// Verifies a message that carries its payload. `aad` is the external data of the protocol.
    ///
    /// # Errors
    /// [`rules::PAYLOAD_DETACHED`], [`rules::MAC`], [`rules::UNAVAILABLE`],
    /// [`rules::cipher::NO_RECIPIENT`], [`rules::cipher::UNWRAP`], and the rules of headers and
    /// recipients.
    pub fn verify(&self, aad: &[u8], keyring: &Keyring<'_>) -> Result<Verified<'a>, Error> {
        let Some(payload) = self.payload else {
            return Err(Error::new(rules::PAYLOAD_DETACHED, self.offset));
        };
        Ok(Verified::new(payload, self.check(payload, aad, keyring)?))
    }

    /// Verifies a message whose payload came another way.
    ///
    /// # Errors
    /// [`rules::PAYLOAD_ATTACHED`], and as [`Mac::verify`].
    pub fn verify_detached<'p>(
        &self,
        payload: &'p [u8],
        aad: &[u8],
        keyring: &Keyring<'_>,
    ) -> Result<Verified<'p>, Error> {
        if self.payload.is_some() {
            return Err(Error::new(rules::PAYLOAD_ATTACHED, self.offset));
        }
        Ok(Verified::new(payload, self.check(payload, aad, keyring)?))
    }

    /// The key of the MAC: the first that a recipient leads to.
    ///
    /// # Errors
    /// As [`Mac::verify`].
    pub fn mac_key(&self, keyring: &Keyring<'_>) -> Result<Key, Error> {
        let mut found = None;
        let target = self.claim().algorithm()?;
        Unlock { keyring, target }.any(&self.recipients, &mut |key, _| {
            found = Some(key.clone());
            Ok(())
        })?;
        found.ok_or_else(|| Error::new(rules::cipher::NO_RECIPIENT, self.offset))
    }

    /// Lends the `MAC_structure` in parts.
    pub fn mac_structure<R>(
        &self,
        payload: &[u8],
        aad: &[u8],
        read: impl FnOnce(&[&[u8]]) -> R,
    ) -> R {
        structure::lend(OPENING, self.headers.protected_bytes(), aad, payload, read)
    }

    const fn claim(&self) -> Claim<'_> {
        Claim {
            headers: &self.headers,
            signature: self.mac,
            purpose: Purpose::Mac,
            refused: rules::MAC,
            offset: self.offset,
        }
    }

    fn check(&self, payload: &[u8], aad: &[u8], keyring: &Keyring<'_>) -> Result<By, Error> {
        let claim = self.claim();
        let target = claim.algorithm()?;
        let mut by = By::new(target, 0);
        Unlock { keyring, target }.any(&self.recipients, &mut |key, index| {
            self.mac_structure(payload, aad, |parts| claim.settle(&[key], parts))?;
            by = By::new(target, index);
            Ok(())
        })?;
        Ok(by)
    }

    /// Writes the message with its tag.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.tag(TAG_MAC)?.array(ITEMS)?;
        self.headers.encode(encoder)?;
        match self.payload {
            Some(payload) => encoder.bytes(payload)?,
            None => encoder.null()?,
        };
        encoder.bytes(self.mac)?;
        self.recipients.encode(encoder)
    }
}
