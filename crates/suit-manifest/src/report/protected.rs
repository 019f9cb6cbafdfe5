//! The container of a report, and the proof that it is a device's (SUIT R §8).

use iotops_crypto::cose::{Mac0, Sign1, TAG_MAC0, TAG_SIGN1};
use iotops_crypto::{Algorithm, Purpose, Verifier};
use iotops_wire::cbor::{Cursor, Encoder, Type};

use super::Report;
use crate::{Error, rules};

/// A `COSE_Sign1` or `COSE_Mac0` that carries a report, with its tag or without.
///
/// Nothing of the report can be read before [`ProtectedReport::verify`], but by
/// [`ProtectedReport::unverified`].
#[derive(Clone, Copy, Debug)]
pub struct ProtectedReport<'a> {
    message: Message<'a>,
    /// All before the payload.
    head: &'a [u8],
    payload: Cursor<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Message<'a> {
    Sign1(Sign1<'a>),
    Mac0(Mac0<'a>),
}

impl<'a> ProtectedReport<'a> {
    /// Decodes the container; what is in it is looked at when it was verified.
    ///
    /// # Errors
    /// [`rules::REPORT_CONTAINER`], and the rules of the encoding and of headers.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(document)?;
        let start = cursor.position();
        let other = |cursor: &Cursor<'_>| cursor.error_at(start, rules::REPORT_CONTAINER).into();
        let tag = if cursor.peek() == Some(Type::Tag) { Some(cursor.tag()?) } else { None };
        let content = cursor;
        let message = match tag {
            Some(TAG_SIGN1) => Message::Sign1(Sign1::read(&mut cursor)?),
            Some(TAG_MAC0) => Message::Mac0(Mac0::read(&mut cursor)?),
            Some(_) => return Err(other(&cursor)),
            None if cursor.peek() == Some(Type::Array) => untagged(&mut cursor)?,
            None => return Err(other(&cursor)),
        };
        cursor.end()?;
        let (mut payload, has_payload) = (content, message.has_payload());
        // They were read with the message.
        let _ = (payload.array(), payload.bytes(), payload.skip());
        if !has_payload {
            return Err(other(&cursor));
        }
        let head = payload.since(start);
        Ok(Self { message, head, payload: payload.embedded()? })
    }

    /// Verifies it with the keys of the device, never with one in the message, and decodes the
    /// report.
    ///
    /// # Errors
    /// The rules of signatures of [`iotops_crypto::rules`], then those of the report;
    /// [`rules::REPORT_ENCRYPTED`].
    pub fn verify(&self, keys: &[&dyn Verifier]) -> Result<VerifiedReport<'a>, Error> {
        let verified = match self.message {
            Message::Sign1(message) => message.verify(&[], keys)?,
            Message::Mac0(message) => message.verify(&[], keys)?,
        };
        let signer = Some((verified.key(), verified.algorithm()));
        Ok(VerifiedReport::new(self.unverified()?, signer))
    }

    /// The report without asking any key: whatever it says may be a lie.
    ///
    /// # Errors
    /// The rule that the report breaks, and where.
    pub fn unverified(&self) -> Result<Report<'a>, Error> {
        let mut payload = self.payload;
        let report = Report::read(&mut payload)?;
        payload.end()?;
        Ok(report)
    }

    /// Writes the message, the report in it from the typed view.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`], and the rule that the report breaks.
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let report = self.unverified()?;
        encoder.raw(self.head)?.wrapped(|inner| report.encode(inner))?;
        encoder.bytes(match self.message {
            Message::Sign1(message) => message.signature(),
            Message::Mac0(message) => message.signature(),
        })?;
        Ok(())
    }
}

impl Message<'_> {
    const fn has_payload(&self) -> bool {
        match self {
            Self::Sign1(message) => message.payload().is_some(),
            Self::Mac0(message) => message.payload().is_some(),
        }
    }
}

/// Without a tag, the algorithm tells which message it is.
fn untagged<'a>(cursor: &mut Cursor<'a>) -> Result<Message<'a>, Error> {
    let mut ahead = *cursor;
    let message = Sign1::read(cursor)?;
    let algorithm = message.headers().algorithm().and_then(Algorithm::from_cose);
    if algorithm.is_some_and(|algorithm| algorithm.purpose() == Purpose::Mac) {
        return Ok(Message::Mac0(Mac0::read(&mut ahead)?));
    }
    Ok(Message::Sign1(message))
}

/// The proof that a report is of a device that the caller knows.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedReport<'a> {
    report: Report<'a>,
    signer: Option<(usize, Algorithm)>,
}

impl<'a> VerifiedReport<'a> {
    pub(super) const fn new(report: Report<'a>, signer: Option<(usize, Algorithm)>) -> Self {
        Self { report, signer }
    }

    /// The report.
    #[must_use]
    pub const fn report(&self) -> &Report<'a> {
        &self.report
    }

    /// Which of the given keys signed it; none if a channel vouched for it.
    #[must_use]
    pub const fn key(&self) -> Option<usize> {
        match self.signer {
            Some((key, _)) => Some(key),
            None => None,
        }
    }

    /// By which algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        match self.signer {
            Some((_, algorithm)) => Some(algorithm),
            None => None,
        }
    }
}
