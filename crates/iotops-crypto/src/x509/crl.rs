//! Certificate revocation lists (RFC 5280 §5) as borrowed views.

use iotops_wire::Time;

use super::certificate::Signed;
use super::extensions::Extension;
use super::oids;
use super::{Certificate, Name};
use crate::Error;
use crate::der::{Reader, Tag};
use crate::rules::x509 as rules;

/// A revocation list: well-formed, and not yet trusted in anything.
#[derive(Clone, Copy, Debug)]
pub struct Crl<'a> {
    pub(super) signed: &'a [u8],
    pub(super) signature_algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
    issuer: Name<'a>,
    this_update: Time,
    next_update: Option<Time>,
    entries: Reader<'a>,
    scope: Scope<'a>,
}

/// One entry of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revoked<'a> {
    /// The serial number of the certificate, as the two's complement of an INTEGER.
    pub serial: &'a [u8],
    /// When it was revoked.
    pub time: Time,
    /// Why (`CRLReason`, §5.3.1), if that is told.
    pub reason: Option<u32>,
}

/// Which certificates a list is about.
#[derive(Clone, Copy, Debug, Default)]
struct Scope<'a> {
    /// Names of the distribution point; of a list without them it is about all of its issuer.
    point: Option<Reader<'a>>,
    only_users: bool,
    only_authorities: bool,
    /// It only tells what has changed since another list.
    delta: bool,
    /// Partial or indirect, or with critical extensions that are not known.
    unsupported: bool,
    has_number: bool,
}

/// Of an entry, 2.5.29.21.
const REASON_CODE: &[u8] = &[0x55, 0x1d, 0x15];
/// `removeFromCRL`: of a delta, the certificate is no longer on hold.
const REMOVE: u32 = 8;
const CRL_NUMBER: u8 = 20;
const DELTA_INDICATOR: u8 = 27;
const ISSUING_POINT: u8 = 28;
const AUTHORITY_KEY_ID: u8 = 35;

impl<'a> Crl<'a> {
    /// Decodes the DER of a list of version 2, strictly.
    ///
    /// # Errors
    /// The rule of [`crate::rules::x509`] or [`crate::rules::der`] that it breaks.
    pub fn decode(encoding: &'a [u8]) -> Result<Self, Error> {
        let mut outer = Reader::new(encoding)?;
        let mut fields = outer.sequence()?;
        outer.end()?;
        let signed = Signed::read(&mut fields)?;
        let mut body = signed.body;
        // §5.1.2.1: "this field MUST be present and MUST specify version 2".
        if body.small()? != 1 {
            return Err(signed.body.error(rules::VERSION));
        }
        signed.check_algorithm(&mut body)?;
        let issuer = Name::read(&mut body)?;
        let this_update = body.time()?;
        let has_next = matches!(body.peek(), Some(Tag::UTC_TIME | Tag::GENERALIZED_TIME));
        let next_update = if has_next { Some(body.time()?) } else { None };
        let entries = body.optional(Tag::SEQUENCE)?.unwrap_or_default();
        let mut scope = Scope { unsupported: check_entries(entries)?, ..Scope::default() };
        if let Some(mut explicit) = body.context(0)? {
            scope.read(explicit.sequence()?)?;
            explicit.end()?;
        }
        body.end()?;
        let (signed, signature_algorithm, signature) =
            (signed.bytes, signed.algorithm, signed.signature);
        Ok(Self {
            signed,
            signature_algorithm,
            signature,
            issuer,
            this_update,
            next_update,
            entries,
            scope,
        })
    }

    /// Who issued it.
    #[must_use]
    pub const fn issuer(&self) -> &Name<'a> {
        &self.issuer
    }

    /// When it was issued.
    #[must_use]
    pub const fn this_update(&self) -> Time {
        self.this_update
    }

    /// When there will be another at the latest.
    #[must_use]
    pub const fn next_update(&self) -> Option<Time> {
        self.next_update
    }

    /// Its entries in order.
    pub fn entries(&self) -> impl Iterator<Item = Revoked<'a>> + use<'a> {
        let mut rest = self.entries;
        core::iter::from_fn(move || entry(&mut rest).ok().map(|(revoked, _)| revoked))
    }

    /// Whether it is about this certificate of its issuer.
    pub(super) fn covers(&self, certificate: &Certificate<'_>) -> Result<bool, Error> {
        let scope = &self.scope;
        let is_authority = certificate.basic_constraints().is_some_and(|basic| basic.ca);
        if (scope.only_users && is_authority) || (scope.only_authorities && !is_authority) {
            return Ok(false);
        }
        if scope.unsupported {
            return Err(Error::new(rules::CRL_SCOPE, 0));
        }
        Ok(scope.point.is_none_or(|point| has_point(certificate, point)))
    }

    /// Whether it tells only of changes, so that who is not in it may be revoked all the same.
    pub(super) const fn is_delta(&self) -> bool {
        self.scope.delta
    }

    /// Whether it revokes a certificate. What a delta takes back stands in the list before it.
    pub(super) fn revokes(&self, certificate: &Certificate<'_>) -> bool {
        let is_it = |entry: &Revoked<'_>| entry.serial == certificate.serial();
        let is_back = |entry: &Revoked<'_>| self.scope.delta && entry.reason == Some(REMOVE);
        self.entries().any(|entry| is_it(&entry) && !is_back(&entry))
    }

    /// Whether it has a number, as §5.2.3 asks for.
    pub(super) const fn has_number(&self) -> bool {
        self.scope.has_number
    }
}

/// Reads one entry, and says whether it has a critical extension.
fn entry<'a>(entries: &mut Reader<'a>) -> Result<(Revoked<'a>, bool), Error> {
    let mut fields = entries.sequence()?;
    let (serial, time) = (fields.integer()?, fields.time()?);
    let (mut is_critical, mut reason) = (false, None);
    if !fields.is_at_end() {
        let mut extensions = fields.sequence()?;
        while !extensions.is_at_end() {
            let mut extension = Extension::read(&mut extensions)?;
            is_critical |= extension.critical;
            if extension.oid.as_bytes() == REASON_CODE {
                reason = Some(extension.value.small_tagged(Tag::ENUMERATED)?);
                extension.value.end()?;
            }
        }
    }
    fields.end()?;
    Ok((Revoked { serial, time, reason }, is_critical))
}

/// Reads all entries. §5.3: with a critical extension that is not processed, "the application MUST
/// NOT use that CRL to determine the status of any certificates".
fn check_entries(mut entries: Reader<'_>) -> Result<bool, Error> {
    let mut is_critical = false;
    while !entries.is_at_end() {
        is_critical |= entry(&mut entries)?.1;
    }
    Ok(is_critical)
}

impl<'a> Scope<'a> {
    fn read(&mut self, mut extensions: Reader<'a>) -> Result<(), Error> {
        let mut seen = 0_u64;
        while !extensions.is_at_end() {
            let before = extensions;
            let extension = Extension::read(&mut extensions)?;
            let number = match extension.oid.as_bytes().strip_prefix(&oids::CE) {
                Some([number @ 0..=63]) => *number,
                _ => {
                    self.unsupported |= extension.critical;
                    continue;
                }
            };
            let bit = 1_u64.wrapping_shl(u32::from(number));
            if seen & bit != 0 {
                return Err(before.error(rules::EXTENSION_TWICE));
            }
            seen |= bit;
            self.know(number, extension)?;
        }
        Ok(())
    }

    fn know(&mut self, number: u8, extension: Extension<'a>) -> Result<(), Error> {
        let mut value = extension.value;
        match number {
            // §5.2.3: "a non-critical extension".
            CRL_NUMBER => {
                value.unsigned()?;
                value.end()?;
                self.has_number = !extension.critical;
            }
            ISSUING_POINT => {
                self.issuing_point(value.sequence()?)?;
                value.end()?;
            }
            DELTA_INDICATOR => self.delta = true,
            AUTHORITY_KEY_ID => {}
            _ => self.unsupported |= extension.critical,
        }
        Ok(())
    }

    /// §5.2.5.
    fn issuing_point(&mut self, mut fields: Reader<'a>) -> Result<(), Error> {
        if let Some(mut point) = fields.context(0)? {
            // Of the two forms of a distribution point only full names are compared.
            match point.context(0)? {
                Some(names) => self.point = Some(names),
                None => self.unsupported = true,
            }
        }
        self.only_users = flag(&mut fields, 1)?;
        self.only_authorities = flag(&mut fields, 2)?;
        self.unsupported |= fields.optional(Tag::context(3))?.is_some();
        self.unsupported |= flag(&mut fields, 4)?;
        self.unsupported |= flag(&mut fields, 5)?;
        fields.end()
    }
}

/// A BOOLEAN DEFAULT FALSE under an IMPLICIT tag.
fn flag(fields: &mut Reader<'_>, number: u8) -> Result<bool, Error> {
    let start = fields.position();
    match fields.optional(Tag::context(number))?.map(|content| content.rest()) {
        None => Ok(false),
        Some([0xff]) => Ok(true),
        Some(_) => Err(fields.error_at(start, crate::rules::der::BOOLEAN)),
    }
}

/// Whether a distribution point of the certificate has a name of `point`, byte by byte.
fn has_point(certificate: &Certificate<'_>, point: Reader<'_>) -> bool {
    let points = certificate.known(certificate.known.distribution_points);
    let Some(Ok(mut points)) = points.map(|mut extension| extension.value.sequence()) else {
        return false;
    };
    core::iter::from_fn(|| points.sequence().ok()).any(|mut fields| {
        let Ok(Some(mut name)) = fields.context(0) else { return false };
        let Ok(Some(mut names)) = name.context(0) else { return false };
        core::iter::from_fn(|| names.any().ok()).any(|own| {
            let mut others = point;
            core::iter::from_fn(|| others.any().ok()).any(|other| other.whole == own.whole)
        })
    })
}
