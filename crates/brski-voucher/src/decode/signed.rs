//! The signed document: which container, and what it carries.

#[cfg(feature = "cms")]
use iotops_crypto::cms::{DATA, SignedData};
use iotops_crypto::cose::Sign1;
#[cfg(feature = "cms")]
use iotops_crypto::der::Oid;
#[cfg(feature = "jws")]
use iotops_crypto::jws::Jws;
use iotops_wire::Finding;
use iotops_wire::cbor::{Cursor, Type};

use super::contents::{Contents, Data};
use super::reading::Reading;
use crate::{Error, rules};

/// `id-ct-animaJSONVoucher`, 1.2.840.113549.1.9.16.1.40.
#[cfg(feature = "cms")]
pub(crate) const VOUCHER_CONTENT: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x28]);

/// How a document is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Container {
    /// JSON in CMS (RFC 8366).
    Cms,
    /// JSON in JWS (draft-ietf-anima-jws-voucher).
    Jws,
    /// CBOR in COSE (draft-ietf-anima-constrained-voucher).
    Cose,
}

impl Container {
    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Cms => "application/voucher-cms+json",
            Self::Jws => "application/voucher-jws+json",
            Self::Cose => "application/voucher+cose",
        }
    }

    /// The usual ending of file names.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Cms => "vcj",
            Self::Jws => "vjj",
            Self::Cose => "vch",
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Message<'a> {
    #[cfg(feature = "cms")]
    Cms(SignedData<'a>),
    #[cfg(feature = "jws")]
    Jws(Jws<'a>),
    Cose(Sign1<'a>),
}

/// A decoded document: well formed, and not to be trusted.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    pub(crate) message: Message<'a>,
    pub(crate) data: Data<'a>,
}

impl<'a> Signed<'a> {
    /// Decodes a voucher or request in COSE, with its tag.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn decode_cose(document: &'a [u8]) -> Result<Self, Error> {
        Self::cose(Sign1::decode(document)?, document, Reading::strict())
    }

    /// The same, tolerating what other implementations are known to do; each deviation is told.
    ///
    /// # Errors
    /// The rule that cannot be mended.
    pub fn decode_cose_lenient(
        document: &'a [u8],
        tolerated: &mut dyn FnMut(Finding),
    ) -> Result<Self, Error> {
        let mut reading = Reading::lenient(tolerated);
        let is_tagged = Cursor::new(document)?.peek() == Some(Type::Tag);
        let message = if is_tagged {
            Sign1::decode(document)?
        } else {
            reading.deviation(rules::UNTAGGED, 0)?;
            Sign1::decode_untagged(document)?
        };
        Self::cose(message, document, reading)
    }

    fn cose(message: Sign1<'a>, document: &[u8], reading: Reading<'_>) -> Result<Self, Error> {
        let Some(payload) = message.payload() else {
            return Err(Error::new(rules::DETACHED, 0));
        };
        let data = super::cbor::read(payload, &mut reading.at(offset_in(document, payload)))?;
        Ok(Self { message: Message::Cose(message), data })
    }

    /// Decodes a voucher or request in CMS, in DER.
    ///
    /// # Errors
    /// The rule that it breaks.
    #[cfg(feature = "cms")]
    pub fn decode_cms(document: &'a [u8]) -> Result<Self, Error> {
        Self::cms(document, Reading::strict())
    }

    /// The same, tolerating what other implementations are known to do; each deviation is told.
    ///
    /// # Errors
    /// The rule that cannot be mended.
    #[cfg(feature = "cms")]
    pub fn decode_cms_lenient(
        document: &'a [u8],
        tolerated: &mut dyn FnMut(Finding),
    ) -> Result<Self, Error> {
        Self::cms(document, Reading::lenient(tolerated))
    }

    #[cfg(feature = "cms")]
    fn cms(document: &'a [u8], mut reading: Reading<'_>) -> Result<Self, Error> {
        let message = SignedData::decode(document)?;
        // RFC 8366 §5.4: "eContentType" is id-ct-animaJSONVoucher.
        if message.content_type() != VOUCHER_CONTENT {
            if message.content_type() != DATA {
                return Err(Error::new(rules::CONTENT_TYPE, 0));
            }
            reading.deviation(rules::CONTENT_TYPE, 0)?;
        }
        let Some(payload) = message.content() else {
            return Err(Error::new(rules::DETACHED, 0));
        };
        let data = super::json::read(payload, &mut reading.at(offset_in(document, payload)))?;
        Ok(Self { message: Message::Cms(message), data })
    }

    /// Decodes a voucher or request in JWS. `scratch` takes what is decoded: as many bytes as
    /// `document` has are always enough. Offsets of the payload are those of the decoded one.
    ///
    /// # Errors
    /// The rule that it breaks.
    #[cfg(feature = "jws")]
    pub fn decode_jws(document: &'a [u8], scratch: &'a mut [u8]) -> Result<Self, Error> {
        // JWS-V §3: "The JWS voucher artifact MUST use the general JWS JSON serialization".
        let root = iotops_wire::json::Value::read(document)?;
        if root.member("signatures")?.is_none() {
            return Err(Error::new(rules::COMPACT, 0));
        }
        Self::jws(Jws::decode_json(document, scratch)?, Reading::strict())
    }

    /// The same, tolerating what other implementations are known to do, compact serialisation
    /// among it; each deviation is told.
    ///
    /// # Errors
    /// The rule that cannot be mended.
    #[cfg(feature = "jws")]
    pub fn decode_jws_lenient(
        document: &'a [u8],
        scratch: &'a mut [u8],
        tolerated: &mut dyn FnMut(Finding),
    ) -> Result<Self, Error> {
        let mut reading = Reading::lenient(tolerated);
        if document.trim_ascii_start().starts_with(b"{") {
            return Self::jws(Jws::decode_json(document, scratch)?, reading);
        }
        reading.deviation(rules::COMPACT, 0)?;
        Self::jws(Jws::decode_compact(document.trim_ascii(), scratch)?, reading)
    }

    #[cfg(feature = "jws")]
    fn jws(message: Jws<'a>, mut reading: Reading<'_>) -> Result<Self, Error> {
        let Some(payload) = message.payload() else {
            return Err(Error::new(rules::DETACHED, 0));
        };
        let data = super::json::read(payload, &mut reading)?;
        Ok(Self { message: Message::Jws(message), data })
    }

    /// How it is signed.
    #[must_use]
    pub const fn container(&self) -> Container {
        match self.message {
            #[cfg(feature = "cms")]
            Message::Cms(_) => Container::Cms,
            #[cfg(feature = "jws")]
            Message::Jws(_) => Container::Jws,
            Message::Cose(_) => Container::Cose,
        }
    }

    /// What it says, whoever said it: to look at, and to act on never.
    #[must_use]
    pub const fn unverified(&self) -> Contents<'a> {
        Contents::of(self.data)
    }
}

/// Where `part`, which was lent from `document`, stands in it.
fn offset_in(document: &[u8], part: &[u8]) -> u32 {
    let distance = part.as_ptr().addr().wrapping_sub(document.as_ptr().addr());
    u32::try_from(distance).unwrap_or(0)
}
