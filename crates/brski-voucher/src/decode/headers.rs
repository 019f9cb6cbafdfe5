//! What stands beside the payload: certificates, and the time of issue.

use iotops_crypto::cose::{Certificates, Headers, Label};
use iotops_wire::Time;
use iotops_wire::cbor::{Cursor, Type};

use super::signed::{Message, Signed};
use crate::conform::Role;
use crate::model::Binary;
#[cfg(feature = "jws")]
use crate::model::Characters;
use crate::{Error, rules};

/// Labels of certificates (RFC 9360 §2).
pub(crate) const BAG: i64 = 32;
pub(crate) const CHAIN: i64 = 33;
/// The label of claims (RFC 9597 §2), and the claim of the time of issue (RFC 8392 §3.1.6).
pub(crate) const CLAIMS: i64 = 15;
pub(crate) const ISSUED_AT: i64 = 6;

/// The certificates of a message.
#[derive(Clone, Copy)]
pub(super) enum Bag<'a> {
    List(Certificates<'a>),
    /// An array of one, which RFC 9360 §2 does not have.
    One(&'a [u8]),
}

impl<'a> Bag<'a> {
    /// Those of either label.
    pub(super) fn find(headers: &Headers<'a>) -> Result<Option<Self>, Error> {
        let bag = |result: Result<Option<Certificates<'a>>, _>, label| match result {
            Ok(list) => Ok(list.map(Self::List)),
            Err(error) => one(headers, label).map(Self::One).map(Some).ok_or(error),
        };
        let (chain, bag) = (bag(headers.x5chain(), CHAIN)?, bag(headers.x5bag(), BAG)?);
        Ok(chain.or(bag))
    }

    fn iter(self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (list, one) = match self {
            Self::List(list) => (Some(list), None),
            Self::One(one) => (None, Some(one)),
        };
        list.into_iter().flat_map(|list| list.iter()).chain(one)
    }
}

/// The certificate of an array of one.
fn one<'a>(headers: &Headers<'a>, label: i64) -> Option<&'a [u8]> {
    let label = Label::Number(label);
    let value = headers.unprotected(label).or_else(|| headers.protected(label))?;
    let mut cursor = Cursor::new(value).ok()?;
    (cursor.array().ok()? == 1).then(|| cursor.bytes().ok()).flatten()
}

/// cBRSKI §9.2.5: the time of signing as a number, from the protected header only.
pub(crate) fn issued_at(headers: &Headers<'_>) -> Result<Option<Time>, Error> {
    let Some(claims) = headers.protected(Label::Number(CLAIMS)) else { return Ok(None) };
    let broken = Error::new(rules::ISSUED_AT, 0);
    let mut cursor = Cursor::new(claims)?;
    let count = cursor.map().map_err(|_| broken)?;
    for _ in 0..count {
        let is_claim = match cursor.peek() {
            Some(Type::Unsigned | Type::Negative) => cursor.integer()? == ISSUED_AT,
            _ => cursor.skip().map(|()| false)?,
        };
        if is_claim {
            let seconds = cursor.unsigned().map_err(|_| broken)?;
            return Ok(Some(Time::from_unix(seconds)));
        }
        cursor.skip()?;
    }
    Ok(None)
}

impl<'a> Signed<'a> {
    /// How many signatures it has: one, or of a JWS several.
    #[must_use]
    pub fn signatures(&self) -> usize {
        match &self.message {
            #[cfg(feature = "jws")]
            Message::Jws(message) => message.signatures().count(),
            #[cfg(feature = "cms")]
            Message::Cms(_) => 1,
            Message::Cose(_) => 1,
        }
    }

    /// The certificates that came along with a signature, in DER or in base64 of it: material for
    /// paths, never trusted by itself. Of a chain, that of the signer is first; CMS and bags have
    /// no order. `signature` counts from 0, and matters for JWS only.
    pub fn certificates(&self, signature: usize) -> impl Iterator<Item = Binary<'a>> + use<'a> {
        let cose = self.message.cose().and_then(|one| Bag::find(one.headers()).ok().flatten());
        let found = cose.into_iter().flat_map(Bag::iter).map(Binary::bytes);
        #[cfg(feature = "cms")]
        let found = {
            let message = match &self.message {
                Message::Cms(message) => Some(*message),
                _ => None,
            };
            let encoded = message.into_iter().flat_map(|message| message.certificates());
            found.chain(encoded.map(Binary::bytes))
        };
        #[cfg(feature = "jws")]
        let found = {
            let message = match &self.message {
                Message::Jws(message) => message.signatures().nth(signature),
                _ => None,
            };
            let texts = message.into_iter().flat_map(|one| one.headers().certificates());
            found.chain(texts.filter_map(|one| Some(Binary::of_base64(Characters::json(one))?.0)))
        };
        #[cfg(not(feature = "jws"))]
        let _ = signature;
        found
    }

    /// Checks what a role must put into the headers of COSE: registrar and manufacturer add their
    /// chain (cBRSKI §9.2.1, §9.2.3). A device need not.
    ///
    /// # Errors
    /// [`rules::BAG_MISSING`].
    pub fn check_headers(&self, role: Role) -> Result<(), Error> {
        let Some(message) = self.message.cose() else { return Ok(()) };
        let needs_bag = matches!(role, Role::Registrar | Role::Masa);
        match needs_bag && Bag::find(message.headers())?.is_none() {
            true => Err(Error::new(rules::BAG_MISSING, 0)),
            false => Ok(()),
        }
    }

    /// Checks that a registrar took the certificates out of the unprotected header of COSE before
    /// it forwarded this: they would cost the device its memory, and nobody signed them.
    ///
    /// # Errors
    /// [`rules::BAG_FORWARDED`].
    pub fn check_forwarded(&self) -> Result<(), Error> {
        let Some(message) = self.message.cose() else { return Ok(()) };
        let has = |label| message.headers().unprotected(Label::Number(label)).is_some();
        match has(BAG) || has(CHAIN) {
            // cBRSKI §6.8: "it MUST remove any x5bag or x5chain attribute from the unprotected".
            true => Err(Error::new(rules::BAG_FORWARDED, 0)),
            false => Ok(()),
        }
    }
}
