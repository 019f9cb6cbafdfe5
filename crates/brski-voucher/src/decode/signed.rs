//! The signed document: which container, and what it carries.

#[cfg(feature = "cms")]
use iotops_crypto::cms::{Attributes, DATA, SignedData};
use iotops_crypto::cose::Sign1;
#[cfg(feature = "cms")]
use iotops_crypto::der::Oid;
#[cfg(feature = "jws")]
use iotops_crypto::jws::Jws;
use iotops_wire::cbor::{Cursor, Type};
use iotops_wire::{Finding, Time};

use super::contents::Data;
use super::headers::{self, Bag};
use super::reading::Reading;
use super::view::Contents;
use crate::model::Container;
use crate::{Error, rules};

/// `id-ct-animaJSONVoucher`, 1.2.840.113549.1.9.16.1.40.
#[cfg(feature = "cms")]
pub(crate) const VOUCHER_CONTENT: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x28]);

/// The value of `typ` (JWS-V §3).
#[cfg(feature = "jws")]
pub(crate) const MESSAGE_TYPE: &str = "voucher-jws+json";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Message<'a> {
    #[cfg(feature = "cms")]
    Cms(SignedData<'a>),
    #[cfg(feature = "jws")]
    Jws(Jws<'a>),
    Cose(Sign1<'a>),
}

impl<'a> Message<'a> {
    pub(super) const fn cose(&self) -> Option<&Sign1<'a>> {
        match self {
            Self::Cose(message) => Some(message),
            #[cfg(any(feature = "cms", feature = "jws"))]
            _ => None,
        }
    }
}

/// A decoded document: well formed, and not to be trusted.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    pub(crate) message: Message<'a>,
    pub(crate) data: Data<'a>,
    /// The message does not name its algorithm, or wrongly, and that was tolerated: the key says.
    pub(crate) is_algorithm_open: bool,
    /// When it was signed, as its headers tell.
    pub(crate) issued_at: Option<Time>,
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

    fn cose(message: Sign1<'a>, document: &[u8], mut reading: Reading<'_>) -> Result<Self, Error> {
        let Some(payload) = message.payload() else {
            return Err(Error::new(rules::DETACHED, 0));
        };
        let is_algorithm_open = message.headers().algorithm().is_none();
        if is_algorithm_open {
            reading.deviation(iotops_crypto::rules::ALGORITHM_MISSING, 0)?;
        }
        // Certificates that are no list are refused here, where their place is known.
        if let Some(Bag::One(_)) = Bag::find(message.headers())? {
            reading.deviation(iotops_crypto::rules::CERTIFICATES, 0)?;
        }
        let issued_at = headers::issued_at(message.headers())?;
        let data = super::cbor::read(payload, &mut reading.at(offset_in(document, payload)))?;
        Ok(Self { message: Message::Cose(message), data, is_algorithm_open, issued_at })
    }

    /// Decodes a voucher or request in CMS, in DER. What is in BER is rewritten by
    /// [`iotops_crypto::der::ber`] first.
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
        // RFC 8366 §5.4: the content is signed by one signer.
        let signer = message.signer()?;
        let is_algorithm_open = signer.algorithm().is_err();
        if is_algorithm_open {
            reading.deviation(rules::ALGORITHM_NAME, offset_in(document, signer.signature()))?;
        }
        let issued_at = signer.attributes().and_then(Attributes::signing_time);
        let data = super::json::read(payload, &mut reading.at(offset_in(document, payload)))?;
        Ok(Self { message: Message::Cms(message), data, is_algorithm_open, issued_at })
    }

    /// Decodes a voucher or request in JWS. `scratch` takes what is decoded: as many bytes as
    /// `document` has are always enough. Offsets of the payload are those of the decoded one.
    ///
    /// # Errors
    /// The rule that it breaks.
    #[cfg(feature = "jws")]
    pub fn decode_jws(document: &'a [u8], scratch: &'a mut [u8]) -> Result<Self, Error> {
        let mut reading = Reading::strict();
        check_general(document, &mut reading)?;
        Self::jws(Jws::decode_json(document, scratch)?, reading)
    }

    /// The same, tolerating what other implementations are known to do, other serialisations among
    /// it; each deviation is told.
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
            check_general(document, &mut reading)?;
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
        for signature in message.signatures() {
            // JWS-V §3: "If present, the typ parameter MUST contain the value voucher-jws+json".
            if let Some(other) = signature.headers().message_type().filter(|t| *t != *MESSAGE_TYPE)
            {
                reading.deviation(rules::MESSAGE_TYPE, other.offset())?;
            }
        }
        let data = super::json::read(payload, &mut reading)?;
        let message = Message::Jws(message);
        Ok(Self { message, data, is_algorithm_open: false, issued_at: None })
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

/// JWS-V §3: "The JWS voucher artifact MUST use the general JWS JSON serialization".
#[cfg(feature = "jws")]
fn check_general(document: &[u8], reading: &mut Reading<'_>) -> Result<(), Error> {
    if document.trim_ascii_start().first() != Some(&b'{') {
        return Err(reading.error(rules::COMPACT, 0));
    }
    let root = iotops_wire::json::Value::read(document)?;
    if root.member("signature")?.is_some() && root.member("signatures")?.is_none() {
        reading.deviation(rules::COMPACT, root.offset())?;
    }
    Ok(())
}

impl<'a> Contents<'a> {
    /// Decodes the data of a voucher or request that nobody signed, in CBOR: to look at, and to
    /// make something of, and to act on never.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn decode_cbor(payload: &'a [u8]) -> Result<Self, Error> {
        Ok(Self::of(super::cbor::read(payload, &mut Reading::strict())?))
    }

    /// The same, tolerating what other implementations are known to do; each deviation is told.
    ///
    /// # Errors
    /// The rule that cannot be mended.
    pub fn decode_cbor_lenient(
        payload: &'a [u8],
        tolerated: &mut dyn FnMut(Finding),
    ) -> Result<Self, Error> {
        Ok(Self::of(super::cbor::read(payload, &mut Reading::lenient(tolerated))?))
    }

    /// Decodes the data of a voucher or request that nobody signed, in JSON: to look at, and to
    /// make something of, and to act on never.
    ///
    /// # Errors
    /// The rule that it breaks.
    #[cfg(any(feature = "cms", feature = "jws"))]
    pub fn decode_json(payload: &'a [u8]) -> Result<Self, Error> {
        Ok(Self::of(super::json::read(payload, &mut Reading::strict())?))
    }

    /// The same, tolerating what other implementations are known to do; each deviation is told.
    ///
    /// # Errors
    /// The rule that cannot be mended.
    #[cfg(any(feature = "cms", feature = "jws"))]
    pub fn decode_json_lenient(
        payload: &'a [u8],
        tolerated: &mut dyn FnMut(Finding),
    ) -> Result<Self, Error> {
        Ok(Self::of(super::json::read(payload, &mut Reading::lenient(tolerated))?))
    }
}

/// Where `part`, which was lent from `document`, stands in it.
fn offset_in(document: &[u8], part: &[u8]) -> u32 {
    let distance = part.as_ptr().addr().wrapping_sub(document.as_ptr().addr());
    u32::try_from(distance).unwrap_or(0)
}
