//! Validating one path (RFC 5280 §6.1), the cheap checks first and signatures last.

use iotops_wire::{Clock, Input, Rule, Time};

use super::build::Budget;
use super::{Anchor, MOST_INTERMEDIATES, Options, constraints, profile, revocation, web};
use crate::Error;
use crate::rules::x509 as rules;
use crate::x509::{Certificate, Extension, KeyUsage, Version, oids, signature};

/// A path from the leaf up to below the anchor.
#[derive(Debug)]
pub(super) struct Chain<'p, 'a, 'o> {
    pub(super) links: [Option<Link<'p, 'a>>; MOST_INTERMEDIATES.wrapping_add(1)],
    pub(super) length: usize,
    /// None if the leaf itself is trusted.
    pub(super) anchor: Option<(&'p Anchor<'o>, Input)>,
    pub(super) options: &'p Options<'o>,
}

/// A certificate of a path, and which input it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link<'p, 'a> {
    pub(super) certificate: &'p Certificate<'a>,
    pub(super) input: Input,
}

impl Link<'_, '_> {
    #[cold]
    pub(super) fn error(&self, rule: Rule) -> Error {
        Error::new(rule, 0).of(self.input)
    }
}

/// 9999-12-31T23:59:59Z: RFC 5280 §4.1.2.5, "no well-defined expiration date".
const NO_EXPIRY: Time = Time::from_unix(253_402_300_799);

impl<'p, 'a, 'o> Chain<'p, 'a, 'o> {
    pub(super) fn new(
        leaf: &'p Certificate<'a>,
        options: &'p Options<'o>,
        anchor: &'p Anchor<'o>,
        input: Input,
    ) -> Self {
        Self { anchor: Some((anchor, input)), ..Self::pinned(leaf, options) }
    }

    pub(super) fn pinned(leaf: &'p Certificate<'a>, options: &'p Options<'o>) -> Self {
        let mut links = [None; MOST_INTERMEDIATES.wrapping_add(1)];
        if let Some(first) = links.first_mut() {
            *first = Some(Link { certificate: leaf, input: Input::Certificate(0) });
        }
        Self { links, length: 1, anchor: None, options }
    }

    /// Adds the issuer of the last certificate.
    pub(super) fn push(&mut self, certificate: &'p Certificate<'a>, input: Input) {
        if let Some(slot) = self.links.get_mut(self.length) {
            *slot = Some(Link { certificate, input });
            self.length = self.length.saturating_add(1);
        }
    }

    /// The certificates from the leaf up.
    pub(super) fn links(&self) -> impl DoubleEndedIterator<Item = Link<'p, 'a>> + '_ {
        self.links.iter().take(self.length).flatten().copied()
    }

    /// The certificates from the anchor down, each with how many stand below it.
    pub(super) fn downwards(&self) -> impl Iterator<Item = (usize, Link<'p, 'a>)> + '_ {
        (0..self.length).rev().zip(self.links().rev())
    }

    /// The anchor as a certificate, if it is one.
    pub(super) fn anchor_link(&self) -> Option<Link<'p, 'o>> {
        let (anchor, input) = self.anchor?;
        Some(Link { certificate: anchor.certificate.as_ref()?, input })
    }

    /// All checks of the path.
    pub(super) fn check(&self, budget: &mut Budget) -> Result<(), Error> {
        let mut left = self.options.depth;
        if let Some(anchor) = self.anchor_link() {
            self.check_any(&anchor)?;
            check_authority(&anchor)?;
            shorten(&mut left, anchor.certificate);
        }
        for (below, link) in self.downwards() {
            self.check_any(&link)?;
            if below > 0 {
                check_issuer(&link, &mut left)?;
            }
        }
        self.check_leaf()?;
        self.check_policies()?;
        constraints::check(self, budget)?;
        if self.options.conforming {
            profile::check(self)?;
        }
        if self.options.web {
            web::check(self)?;
        }
        self.check_signatures(budget)?;
        match self.options.crls {
            Some(crls) => revocation::check(self, crls, budget),
            None => Ok(()),
        }
    }

    /// What holds for each certificate, wherever it stands.
    fn check_any(&self, link: &Link<'_, '_>) -> Result<(), Error> {
        let certificate = link.certificate;
        check_time(self.options.clock, certificate).map_err(|rule| link.error(rule))?;
        for extension in certificate.extensions().filter(|extension| extension.critical) {
            // §4.2: "MUST reject the certificate if it encounters a critical extension it does not
            // recognize".
            if !self.understands(&extension) {
                let offset = extension.value.offset();
                return Err(Error::new(rules::CRITICAL_UNKNOWN, offset).of(link.input));
            }
        }
        if !self.is_for_purpose(certificate) {
            return Err(link.error(rules::PURPOSE));
        }
        Ok(())
    }

    fn understands(&self, extension: &Extension<'_>) -> bool {
        let is_known = match extension.oid.as_bytes().strip_prefix(&oids::CE) {
            Some([14 | 15 | 17 | 19 | 30 | 32 | 33 | 35 | 36 | 37 | 54]) => true,
            // Distribution points: told by the lists that are given.
            Some([31]) => self.options.crls.is_some(),
            _ => false,
        };
        is_known || self.options.handler.is_some_and(|handler| handler(extension))
    }

    /// A certificate without purposes is for all; one of a CA limits what it issues.
    fn is_for_purpose(&self, certificate: &Certificate<'_>) -> bool {
        let (Some(wanted), Some(mut purposes)) = (self.options.purpose, certificate.purposes())
        else {
            return true;
        };
        purposes.any(|purpose| [wanted, oids::ANY_PURPOSE].contains(&purpose.as_bytes()))
    }

    fn check_leaf(&self) -> Result<(), Error> {
        let Some(leaf) = self.links().next() else { return Ok(()) };
        match leaf.certificate.key_usage() {
            Some(usage) if !usage.has(self.options.key_usage) => Err(leaf.error(rules::PURPOSE)),
            _ => Ok(()),
        }
    }

    #[cfg(feature = "x509-policies")]
    fn check_policies(&self) -> Result<(), Error> {
        super::policy::check(self)
    }

    /// Without policies nothing fails for them as long as nobody requires one.
    #[cfg(not(feature = "x509-policies"))]
    fn check_policies(&self) -> Result<(), Error> {
        let requires = |certificate: &Certificate<'_>| {
            certificate.policy_constraints().is_some_and(|own| own.require_explicit.is_some())
        };
        if let Some(anchor) = self.anchor_link().filter(|anchor| requires(anchor.certificate)) {
            return Err(anchor.error(rules::POLICY_UNSUPPORTED));
        }
        match self.links().find(|link| requires(link.certificate)) {
            Some(link) => Err(link.error(rules::POLICY_UNSUPPORTED)),
            None => Ok(()),
        }
    }

    /// From the anchor down, so that who cannot sign for it has one signature checked.
    fn check_signatures(&self, budget: &mut Budget) -> Result<(), Error> {
        let Some((anchor, _)) = self.anchor else { return Ok(()) };
        let mut public_key = anchor.public_key;
        for link in self.links().rev() {
            budget.signature()?;
            let own = link.certificate;
            let (identifier, signed) = (own.signature_algorithm(), own.signed());
            signature::verify(public_key, identifier, signed, own.signature())
                .map_err(|rule| link.error(rule))?;
            public_key = own.public_key();
        }
        Ok(())
    }
}

/// §4.1.2.5: "The validity period for a certificate is the period of time from notBefore through
/// notAfter, inclusive."
fn check_time(clock: Clock, certificate: &Certificate<'_>) -> Result<(), Rule> {
    let last = certificate.not_after();
    let is_over = |now| last != NO_EXPIRY && last < now;
    match clock {
        Clock::Trusted(now) if certificate.not_before() > now => Err(rules::NOT_YET_VALID),
        Clock::Trusted(now) | Clock::NotBefore(now) if is_over(now) => Err(rules::EXPIRED),
        _ => Ok(()),
    }
}

/// §6.1.4 (k) and (n). An anchor of version 1 has no extensions, and is one because the caller
/// says so.
fn check_authority(link: &Link<'_, '_>) -> Result<(), Error> {
    let certificate = link.certificate;
    let is_ca = certificate.basic_constraints().is_some_and(|basic| basic.ca);
    let is_old_anchor = certificate.version() < Version::V3 && matches!(link.input, Input::Key(_));
    if !is_ca && !is_old_anchor {
        return Err(link.error(rules::NOT_CA));
    }
    // "If a key usage extension is present, verify that the keyCertSign bit is set."
    match certificate.key_usage() {
        Some(usage) if !usage.has(KeyUsage::CERT_SIGN) => Err(link.error(rules::NO_CERT_SIGN)),
        _ => Ok(()),
    }
}

/// §6.1.4 (k) to (n), for a certificate that issued another of the path.
fn check_issuer(link: &Link<'_, '_>, left: &mut u32) -> Result<(), Error> {
    check_authority(link)?;
    // (l): "If the certificate was not self-issued, verify that max_path_length is greater than
    // zero and decrement".
    if !link.certificate.is_self_issued() {
        match left.checked_sub(1) {
            Some(less) => *left = less,
            None => return Err(link.error(rules::PATH_LENGTH)),
        }
    }
    shorten(left, link.certificate);
    Ok(())
}

/// §6.1.4 (m).
fn shorten(left: &mut u32, certificate: &Certificate<'_>) {
    if let Some(most) = certificate.basic_constraints().and_then(|basic| basic.path_length) {
        *left = most.min(*left);
    }
}
