//! Certificate revocation lists (RFC 5280 §5).

use iotops_wire::{Clock, Time};

use super::path::verify;
use super::{AlgorithmIdentifier, Certificate, KeyUsage, Name};
use crate::Error;
use crate::der::{Oid, Reader, Tag};
use crate::rules::x509 as rules;

/// The encoded version of lists with extensions.
const VERSION_2: u32 = 1;
const CRL_NUMBER: Oid<'static> = Oid::known(&[0x55, 0x1d, 0x14]);
const AUTHORITY_KEY_IDENTIFIER: Oid<'static> = Oid::known(&[0x55, 0x1d, 0x23]);
const FRESHEST_CRL: Oid<'static> = Oid::known(&[0x55, 0x1d, 0x2e]);
const REASON_CODE: Oid<'static> = Oid::known(&[0x55, 0x1d, 0x15]);
const INVALIDITY_DATE: Oid<'static> = Oid::known(&[0x55, 0x1d, 0x18]);

/// A decoded revocation list, not yet verified. Only whole lists by the issuer of the certificates
/// themselves are read: no deltas, no indirect ones.
#[derive(Clone, Copy, Debug)]
pub struct Crl<'a> {
    signed: &'a [u8],
    algorithm: AlgorithmIdentifier<'a>,
    signature: &'a [u8],
    issuer: Name<'a>,
    this_update: Time,
    next_update: Option<Time>,
    revoked: Reader<'a>,
    /// Whether newer entries are in lists that are not read here.
    has_deltas: bool,
}

impl<'a> Crl<'a> {
    /// Decodes a list that is all of `document`.
    ///
    /// # Errors
    /// [`rules::CRL`], [`rules::CRITICAL_UNKNOWN`], and the rules of DER and of certificates.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(document)?;
        let mut outer = reader.sequence()?;
        reader.end()?;
        let start = outer.position();
        let mut tbs = outer.sequence()?;
        let signed = outer.since(start);
        let algorithm = AlgorithmIdentifier::read(&mut outer)?;
        let bits = outer.bits()?;
        outer.end()?;
        let at_version = tbs;
        if tbs.small()? != VERSION_2 || bits.unused != 0 {
            return Err(at_version.error(rules::CRL));
        }
        if AlgorithmIdentifier::read(&mut tbs)?.as_encoded() != algorithm.as_encoded() {
            return Err(at_version.error(rules::ALGORITHMS_DIFFER));
        }
        let issuer = Name::read(&mut tbs)?;
        let this_update = tbs.time()?;
        let has_next = tbs.is_next(Tag::UTC_TIME) || tbs.is_next(Tag::GENERALIZED_TIME);
        let next_update = if has_next { Some(tbs.time()?) } else { None };
        let revoked = tbs.optional(Tag::SEQUENCE)?.unwrap_or_default();
        check_entries(revoked)?;
        let has_deltas = check_extensions(&mut tbs)?;
        let signature = bits.bytes;
        Ok(Self {
            signed,
            algorithm,
            signature,
            issuer,
            this_update,
            next_update,
            revoked,
            has_deltas,
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

    /// When the next one comes at the latest.
    #[must_use]
    pub const fn next_update(&self) -> Option<Time> {
        self.next_update
    }

    /// The serial numbers of the certificates that are revoked.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn revoked(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.revoked;
        core::iter::from_fn(move || rest.sequence().ok()?.integer().ok())
    }

    /// Whether it can be relied on: signed by the issuer of the certificates, who may do that, and
    /// neither old nor to be completed by another list.
    pub(super) fn is_by(&self, key: &[u8], usage: Option<KeyUsage>, clock: Clock) -> bool {
        // RFC 5280 §6.3.3 (f): "If a key usage extension is present in the CRL issuer's certificate,
        // verify that the cRLSign bit is set."
        let may_sign = usage.is_none_or(|usage| usage.has(KeyUsage::CRL_SIGN));
        may_sign
            && !self.has_deltas
            && self.is_current(clock)
            && self
                .algorithm
                .signature()
                .is_ok_and(|algorithm| verify(algorithm, key, self.signed, self.signature).is_ok())
    }

    fn is_current(&self, clock: Clock) -> bool {
        let ends = |now: Time| self.next_update.is_none_or(|next| now <= next);
        match clock {
            Clock::Trusted(now) => self.this_update <= now && ends(now),
            Clock::NotBefore(least) => ends(least),
            _ => true,
        }
    }
}

/// Whether the list of its issuer names a certificate; `None` if no list is there. `is_reliable`
/// tells whether the issuer made a list.
///
/// # Errors
/// [`rules::REVOCATION_UNKNOWN`] if there is a list of the issuer, and it cannot be relied on.
pub(super) fn check(
    certificate: &Certificate<'_>,
    lists: &[Crl<'_>],
    is_reliable: impl Fn(&Crl<'_>) -> bool,
) -> Result<Option<bool>, Error> {
    let mut verdict = None;
    let mut is_unknown = false;
    for list in lists.iter().filter(|list| list.issuer.matches(certificate.issuer())) {
        if is_reliable(list) {
            let is_revoked = list.revoked().any(|number| number == certificate.serial_number());
            verdict = Some(is_revoked || verdict == Some(true));
        } else {
            is_unknown = true;
        }
    }
    if verdict.is_none() && is_unknown {
        return Err(Error::new(rules::REVOCATION_UNKNOWN, 0));
    }
    Ok(verdict)
}

fn check_entries(mut list: Reader<'_>) -> Result<(), Error> {
    while !list.is_at_end() {
        let mut entry = list.sequence()?;
        entry.integer()?;
        entry.time()?;
        if let Some(mut extensions) = entry.optional(Tag::SEQUENCE)? {
            while !extensions.is_at_end() {
                known_or_ignorable(&mut extensions, &[REASON_CODE, INVALIDITY_DATE])?;
            }
        }
        entry.end()?;
    }
    Ok(())
}

/// RFC 5280 §5.2.3: the number of the list is there, and not critical. Whether the list names where
/// its deltas are (§5.2.6).
fn check_extensions(tbs: &mut Reader<'_>) -> Result<bool, Error> {
    let start = *tbs;
    let mut explicit = tbs.read(Tag::constructed(0))?;
    tbs.end()?;
    let mut list = explicit.sequence()?;
    explicit.end()?;
    let (mut has_number, mut has_deltas) = (false, false);
    while !list.is_at_end() {
        let (oid, is_critical) =
            known_or_ignorable(&mut list, &[AUTHORITY_KEY_IDENTIFIER, CRL_NUMBER])?;
        has_number |= oid == CRL_NUMBER && !is_critical;
        has_deltas |= oid == FRESHEST_CRL;
    }
    if has_number { Ok(has_deltas) } else { Err(start.error(rules::CRL)) }
}

fn known_or_ignorable<'a>(
    list: &mut Reader<'a>,
    known: &[Oid<'_>],
) -> Result<(Oid<'a>, bool), Error> {
    let start = *list;
    let mut content = list.sequence()?;
    let oid = content.oid()?;
    let is_critical = content.boolean_or_false()?;
    content.read(Tag::OCTET_STRING)?;
    content.end()?;
    if is_critical && !known.contains(&oid) {
        return Err(start.error(rules::CRITICAL_UNKNOWN));
    }
    Ok((oid, is_critical))
}
