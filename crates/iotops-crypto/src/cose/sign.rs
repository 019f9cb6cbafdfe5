//! Messages with several signatures: `COSE_Sign` (RFC 9052 §4.1).

use iotops_wire::cbor::{Cursor, Encoder};

use super::document::tagged;
use super::verify::Claim;
use super::{Headers, TAG_SIGN, Verified, structure};
use crate::{Error, Purpose, Verifier, rules};

const ITEMS: usize = 4;
const SIGNATURE_ITEMS: usize = 3;

/// The most signatures that a message may have: each may cost a public-key operation per key.
pub const SIGNERS: usize = 16;

/// A decoded `COSE_Sign` message, not yet verified.
#[derive(Clone, Copy, Debug)]
pub struct Sign<'a> {
    headers: Headers<'a>,
    payload: Option<&'a [u8]>,
    signatures: Cursor<'a>,
    count: usize,
}

/// One signature of a `COSE_Sign` message.
#[derive(Clone, Copy, Debug)]
pub struct Signature<'a> {
    pub(super) headers: Headers<'a>,
    pub(super) signature: &'a [u8],
    pub(super) offset: u32,
}

impl<'a> Sign<'a> {
    /// Decodes a tagged message that is all of `document`.
    ///
    /// # Errors
    /// [`rules::COSE_TAG`] for another tag or none, and the rules of the encoding and of headers.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        tagged(document, TAG_SIGN, Self::read)
    }

    /// Reads the array of a message inside of another document.
    ///
    /// # Errors
    /// [`rules::SIGNERS`] for none or more than [`SIGNERS`], and the rules of the encoding and of
    /// headers.
    pub fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        if cursor.array()? != ITEMS {
            return Err(cursor.error_at(start, rules::COSE_ITEMS).into());
        }
        let headers = Headers::read(cursor)?;
        let payload = if cursor.null_if_next() { None } else { Some(cursor.bytes()?) };
        let list = cursor.position();
        let count = cursor.array()?;
        if count == 0 || count > SIGNERS {
            return Err(cursor.error_at(list, rules::SIGNERS).into());
        }
        let signatures = *cursor;
        for _ in 0..count {
            Signature::read(cursor)?;
        }
        Ok(Self { headers, payload, signatures, count })
    }

    /// The headers of the body.
    #[must_use]
    pub const fn headers(&self) -> &Headers<'a> {
        &self.headers
    }

    /// The payload, as yet unverified; `None` if it is detached.
    #[must_use]
    pub const fn payload(&self) -> Option<&'a [u8]> {
        self.payload
    }

    /// The signatures, in order.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn signatures(&self) -> impl Iterator<Item = Signature<'a>> + use<'a> {
        let mut cursor = self.signatures;
        (0..self.count).map_while(move |_| Signature::read(&mut cursor).ok())
    }

    /// Verifies one signature of this message. `payload` is the attached one, or came another way.
    ///
    /// # Errors
    /// [`rules::NO_KEY`], [`rules::SIGNATURE`], [`rules::UNAVAILABLE`], and the rules of the
    /// algorithm header.
    pub fn verify<'p>(
        &self,
        signature: &Signature<'_>,
        payload: &'p [u8],
        aad: &[u8],
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'p>, Error> {
        let claim = Claim {
            headers: &signature.headers,
            signature: signature.signature,
            purpose: Purpose::Signature,
            refused: rules::SIGNATURE,
            offset: signature.offset,
        };
        let body = self.headers.protected_bytes();
        let own = signature.headers.protected_bytes();
        let by = structure::lend_sign(body, own, aad, payload, |parts| claim.settle(keys, parts))?;
        Ok(Verified::new(payload, by))
    }

    /// Writes the message with its tag.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.tag(TAG_SIGN)?.array(ITEMS)?;
        self.headers.encode(encoder)?;
        match self.payload {
            Some(payload) => encoder.bytes(payload)?,
            None => encoder.null()?,
        };
        encoder.array(self.count)?;
        self.signatures().try_for_each(|signature| {
            encoder.array(SIGNATURE_ITEMS)?;
            signature.headers.encode(encoder)?;
            encoder.bytes(signature.signature)?;
            Ok(())
        })
    }
}

impl<'a> Signature<'a> {
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let (start, offset) = (cursor.position(), cursor.offset());
        if cursor.array()? != SIGNATURE_ITEMS {
            return Err(cursor.error_at(start, rules::COSE_ITEMS).into());
        }
        let headers = Headers::read(cursor)?;
        let signature = cursor.bytes()?;
        Ok(Self { headers, signature, offset })
    }

    /// The headers of this signature.
    #[must_use]
    pub const fn headers(&self) -> &Headers<'a> {
        &self.headers
    }

    /// The bytes of this signature.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.signature
    }
}
