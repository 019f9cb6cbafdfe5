//! Messages with one signature or MAC: `COSE_Sign1` and `COSE_Mac0`.

use core::marker::PhantomData;

use iotops_wire::Rule;
use iotops_wire::cbor::{Cursor, Encoder};

use super::document::{tagged, untagged};
use super::verify::{By, Claim};
use super::{Headers, TAG_MAC0, TAG_SIGN1, Verified, structure};
use crate::{Algorithm, Error, Purpose, Verifier, rules};

const ITEMS: usize = 4;

mod sealed {
    #[expect(unnameable_types, reason = "that nobody can name it is what seals the trait")]
    pub trait Sealed {}
}

/// What tells `COSE_Sign1` from `COSE_Mac0`.
pub trait Context: sealed::Sealed {
    /// The tag of the message.
    const TAG: u64;
    /// The head of the signed array, and the context string in it.
    const OPENING: &'static [u8];
    /// What its algorithm must be for.
    const PURPOSE: Purpose;
    /// The rule that a wrong signature breaks.
    const REFUSED: Rule;
}

/// The context of `COSE_Sign1`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Sign1Context;

/// The context of `COSE_Mac0`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Mac0Context;

impl sealed::Sealed for Sign1Context {}
impl sealed::Sealed for Mac0Context {}

impl Context for Sign1Context {
    const TAG: u64 = TAG_SIGN1;
    const OPENING: &'static [u8] = b"\x84\x6aSignature1";
    const PURPOSE: Purpose = Purpose::Signature;
    const REFUSED: Rule = rules::SIGNATURE;
}

impl Context for Mac0Context {
    const TAG: u64 = TAG_MAC0;
    const OPENING: &'static [u8] = b"\x84\x64MAC0";
    const PURPOSE: Purpose = Purpose::Mac;
    const REFUSED: Rule = rules::MAC;
}

/// A `COSE_Sign1` message (RFC 9052 §4.2).
pub type Sign1<'a> = Single<'a, Sign1Context>;

/// A `COSE_Mac0` message (RFC 9052 §6.2).
pub type Mac0<'a> = Single<'a, Mac0Context>;

/// A decoded message with one signature or MAC, not yet verified.
///
/// ```
/// use iotops_crypto::cose::Sign1;
///
/// let message = Sign1::decode(&[0xd2, 0x84, 0x43, 0xa1, 0x01, 0x28, 0xa0, 0xf6, 0x41, 0x00])?;
/// assert_eq!(message.headers().algorithm(), Some(-9));
/// assert_eq!(message.payload(), None);
/// # Ok::<(), iotops_crypto::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Single<'a, C> {
    headers: Headers<'a>,
    payload: Option<&'a [u8]>,
    signature: &'a [u8],
    offset: u32,
    context: PhantomData<C>,
}

impl<'a, C: Context> Single<'a, C> {
    /// Decodes a tagged message that is all of `document`.
    ///
    /// # Errors
    /// [`rules::COSE_TAG`] for another tag or none, and the rules of the encoding and of headers.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        tagged(document, C::TAG, Self::read)
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
        if cursor.array()? != ITEMS {
            return Err(cursor.error_at(start, rules::COSE_ITEMS).into());
        }
        let headers = Headers::read(cursor)?;
        let payload = if cursor.null_if_next() { None } else { Some(cursor.bytes()?) };
        let signature = cursor.bytes()?;
        Ok(Self { headers, payload, signature, offset, context: PhantomData })
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &Headers<'a> {
        &self.headers
    }

    /// The payload, as yet unverified; `None` if it is detached.
    #[must_use]
    pub const fn payload(&self) -> Option<&'a [u8]> {
        self.payload
    }

    /// The signature or MAC.
    #[must_use]
    pub const fn signature(&self) -> &'a [u8] {
        self.signature
    }

    pub(super) const fn offset(&self) -> u32 {
        self.offset
    }

    /// Verifies a message that carries its payload. `aad` is the external data of the protocol.
    ///
    /// # Errors
    /// [`rules::PAYLOAD_DETACHED`], [`rules::NO_KEY`], [`rules::SIGNATURE`] or [`rules::MAC`],
    /// [`rules::UNAVAILABLE`], and the rules of the algorithm header.
    pub fn verify(&self, aad: &[u8], keys: &[&dyn Verifier]) -> Result<Verified<'a>, Error> {
        let Some(payload) = self.payload else {
            return Err(Error::new(rules::PAYLOAD_DETACHED, self.offset));
        };
        Ok(Verified::new(payload, self.check(payload, aad, keys)?))
    }

    /// Verifies a message that carries its payload and does not name its algorithm, which the
    /// caller knows by other means. The protected bucket may be signed as it is written, even if
    /// it holds an empty map.
    ///
    /// # Errors
    /// [`rules::NO_KEY`] if it names another, and as [`Single::verify`].
    pub fn verify_as(
        &self,
        algorithm: Algorithm,
        aad: &[u8],
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'a>, Error> {
        let failed = |rule| Err(Error::new(rule, self.offset));
        let Some(payload) = self.payload else { return failed(rules::PAYLOAD_DETACHED) };
        if self.headers.is_critical() {
            return failed(rules::CRITICAL_UNKNOWN);
        }
        if self.headers.algorithm().is_some_and(|named| named != algorithm.to_cose()) {
            return failed(rules::NO_KEY);
        }
        if algorithm.purpose() != C::PURPOSE {
            return failed(rules::ALGORITHM_PURPOSE);
        }
        let settle = |protected| {
            structure::lend(C::OPENING, protected, aad, payload, |parts| {
                self.claim().settle_as(algorithm, keys, parts)
            })
        };
        // Those who leave the algorithm out also sign an empty map as it is written.
        let by = settle(self.headers.protected_bytes())
            .or_else(|error| settle(self.headers.written_protected()).map_err(|_| error));
        Ok(Verified::new(payload, by?))
    }

    /// Verifies a message whose payload came another way.
    ///
    /// # Errors
    /// [`rules::PAYLOAD_ATTACHED`], and as [`Single::verify`].
    pub fn verify_detached<'p>(
        &self,
        payload: &'p [u8],
        aad: &[u8],
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'p>, Error> {
        if self.payload.is_some() {
            return Err(Error::new(rules::PAYLOAD_ATTACHED, self.offset));
        }
        Ok(Verified::new(payload, self.check(payload, aad, keys)?))
    }

    fn check(&self, payload: &[u8], aad: &[u8], keys: &[&dyn Verifier]) -> Result<By, Error> {
        let protected = self.headers.protected_bytes();
        structure::lend(C::OPENING, protected, aad, payload, |parts| {
            self.claim().settle(keys, parts)
        })
    }

    const fn claim(&self) -> Claim<'_> {
        Claim {
            headers: &self.headers,
            signature: self.signature,
            purpose: C::PURPOSE,
            refused: C::REFUSED,
            offset: self.offset,
        }
    }

    /// Writes the message with its tag.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.tag(C::TAG)?.array(ITEMS)?;
        self.headers.encode(encoder)?;
        match self.payload {
            Some(payload) => encoder.bytes(payload)?,
            None => encoder.null()?,
        };
        encoder.bytes(self.signature)?;
        Ok(())
    }
}
