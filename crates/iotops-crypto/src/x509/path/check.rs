//! What is checked of a certificate alone, of a pair, and of a whole path.

use iotops_wire::{Clock, Input};

use super::conformance;
use super::{Anchor, Options, Profile};
use crate::key::{VerifyingKey, import};
use crate::rules::x509 as rules;
use crate::x509::algorithm::{FixedSignature, is_ecdsa};
use crate::x509::constraints::{NameConstraints, Work};
use crate::x509::{Certificate, Crl, KeyUsage, crl, extension};
use crate::{Algorithm, Error, Refused, Verifier as _, rules as shared};

/// Checks that a certificate has a number: old roots have 0, and nobody below them.
pub(super) fn numbered(certificate: &Certificate<'_>, options: &Options<'_>) -> Result<(), Error> {
    // RFC 5280 §4.1.2.2: "The serial number MUST be a positive integer".
    if certificate.serial_number() == [0] && options.profile != Profile::Lenient {
        return Err(Error::new(rules::SERIAL_NUMBER, 0));
    }
    Ok(())
}

/// Checks what concerns a certificate alone: time, critical extensions, and the profile.
pub(super) fn usable(certificate: &Certificate<'_>, options: &Options<'_>) -> Result<(), Error> {
    valid_now(certificate, options.clock)?;
    if certificate.known().has_unknown_critical {
        for one in certificate.extensions().filter(|one| one.is_critical) {
            if !extension::is_known(one.oid) && !(options.handles)(&one) {
                return Err(one.value.error(rules::CRITICAL_UNKNOWN));
            }
        }
    }
    if certificate.known().has_critical_policies {
        return Err(Error::new(rules::POLICY_UNSUPPORTED, 0));
    }
    conformance::check(certificate, options.profile)
}

fn valid_now(certificate: &Certificate<'_>, clock: Clock) -> Result<(), Error> {
    let (begins, ends) = (certificate.not_before(), certificate.not_after());
    let (begun, now) = match clock {
        Clock::Trusted(now) => (begins <= now, now),
        Clock::NotBefore(least) => (true, least),
        _ => return Ok(()),
    };
    if !begun {
        return Err(Error::new(rules::NOT_YET_VALID, 0));
    }
    if ends.is_some_and(|ends| ends < now) {
        return Err(Error::new(rules::EXPIRED, 0));
    }
    Ok(())
}

/// Checks that a certificate is that of an authority (RFC 5280 §6.1.4 (k), (n)).
pub(super) fn authority(certificate: &Certificate<'_>, options: &Options<'_>) -> Result<(), Error> {
    valid_now(certificate, options.clock)?;
    let is_authority = certificate.basic_constraints().is_some_and(|it| it.is_authority);
    if certificate.version() != 3 || !is_authority {
        return Err(Error::new(rules::NOT_AUTHORITY, 0));
    }
    match certificate.key_usage() {
        Some(usage) if !usage.has(KeyUsage::KEY_CERT_SIGN) => {
            return Err(Error::new(rules::KEY_USAGE, 0));
        }
        // RFC 5280 §4.2.1.3: "Conforming CAs MUST include this extension".
        None if options.profile == Profile::Web => return Err(Error::new(rules::KEY_USAGE, 0)),
        _ => {}
    }
    usable(certificate, options)
}

/// Checks what concerns the certificate at the end of the path alone: on the web it must be that
/// of no authority, and say what it is for.
pub(super) fn end(certificate: &Certificate<'_>, options: &Options<'_>) -> Result<(), Error> {
    numbered(certificate, options)?;
    let is_authority = certificate.basic_constraints().is_some_and(|it| it.is_authority);
    let has_purposes = certificate.purposes().is_some();
    if options.profile == Profile::Web && (is_authority || !has_purposes) {
        return Err(Error::new(rules::PURPOSE, 0));
    }
    Ok(())
}

/// The key of a `SubjectPublicKeyInfo`, for signatures of `algorithm`.
pub(super) fn key_for(public_key: &[u8], algorithm: Algorithm) -> Result<VerifyingKey, Error> {
    let key = import(public_key).map(|key| key.verifying_key().with_algorithm(algorithm));
    key.and_then(|bound| bound).map_err(|_| Error::new(rules::KEY, 0))
}

/// Checks the signature of a certificate by the key of its issuer.
pub(super) fn signed_by(certificate: &Certificate<'_>, public_key: &[u8]) -> Result<(), Error> {
    let algorithm = certificate.algorithm().signature()?;
    let (signed, signature) = certificate.signature();
    verify(algorithm, public_key, signed, signature)
}

/// Checks a signature in the form of X.509.
pub(crate) fn verify(
    algorithm: Algorithm,
    public_key: &[u8],
    signed: &[u8],
    signature: &[u8],
) -> Result<(), Error> {
    let key = key_for(public_key, algorithm)?;
    let fixed = FixedSignature::new(algorithm, signature);
    let signature = match &fixed {
        Some(fixed) => fixed.as_bytes(),
        None if is_ecdsa(algorithm) => return Err(Error::new(rules::SIGNATURE, 0)),
        None => signature,
    };
    match key.verify(&[signed], signature) {
        Ok(()) => Ok(()),
        Err(Refused::Unavailable) => Err(Error::new(shared::UNAVAILABLE, 0)),
        Err(Refused::Invalid) => Err(Error::new(rules::SIGNATURE, 0)),
    }
}

/// A path that reached an anchor, every signature in it checked.
pub(super) struct Chain<'s, 'a> {
    pub(super) certificate: &'s Certificate<'a>,
    pub(super) intermediates: &'s [Certificate<'a>],
    /// Places of the intermediates, from the certificate upwards.
    pub(super) authorities: &'s [u8],
    pub(super) anchor: &'s Anchor<'a>,
}

impl<'a> Chain<'_, 'a> {
    /// Checks what concerns the whole path (RFC 5280 §6.1.3, §6.1.4, §6.1.5).
    pub(super) fn check(&self, options: &Options<'_>, names: &mut Work) -> Result<(), Error> {
        self.check_lengths(options)?;
        self.check_purposes(options)?;
        self.check_names(names)?;
        self.check_revocation(options)
    }

    /// The authorities from the anchor downwards, with their places.
    fn downwards(&self) -> impl Iterator<Item = (u8, &Certificate<'a>)> {
        self.authorities.iter().rev().filter_map(|place| {
            let certificate = self.intermediates.get(usize::from(*place))?;
            Some((place.saturating_add(1), certificate))
        })
    }

    fn check_lengths(&self, options: &Options<'_>) -> Result<(), Error> {
        let mut left = u32::try_from(options.depth).unwrap_or(u32::MAX);
        let own = self.anchor.certificate.and_then(|it| it.basic_constraints()?.path_length);
        left = left.min(own.unwrap_or(u32::MAX));
        for (place, authority) in self.downwards() {
            if !authority.is_self_issued() {
                let Some(behind) = left.checked_sub(1) else {
                    let error = Error::new(rules::PATH_LENGTH, 0);
                    return Err(error.of(Input::Certificate(place)));
                };
                left = behind;
            }
            let own = authority.basic_constraints().and_then(|it| it.path_length);
            left = left.min(own.unwrap_or(u32::MAX));
        }
        Ok(())
    }

    /// The purpose must be named by the certificate, and not be left out by an authority.
    fn check_purposes(&self, options: &Options<'_>) -> Result<(), Error> {
        let Some(purpose) = options.purpose else { return Ok(()) };
        let failed = |place| Err(Error::new(rules::PURPOSE, 0).of(Input::Certificate(place)));
        let named =
            self.certificate.purposes().map(|mut purposes| purposes.any(|one| one == purpose));
        if !named.unwrap_or(!options.is_purpose_required) {
            return failed(0);
        }
        for (place, authority) in self.downwards() {
            let allows = |one| one == purpose || one == conformance::ANY_PURPOSE;
            if authority.purposes().is_some_and(|mut purposes| !purposes.any(allows)) {
                return failed(place);
            }
        }
        Ok(())
    }

    /// The constraints of each authority hold for all that is below it, but for self-issued
    /// authorities.
    fn check_names(&self, work: &mut Work) -> Result<(), Error> {
        let anchor = self.anchor.certificate.as_ref().map(|anchor| (0, anchor));
        for (above, (_, authority)) in anchor.into_iter().chain(self.downwards()).enumerate() {
            let Some(content) = authority.known().name_constraints else { continue };
            let constraints = NameConstraints::read(content)?;
            let skipped = above.saturating_add(usize::from(self.anchor.certificate.is_none()));
            for (place, below) in self.downwards().skip(skipped) {
                if !below.is_self_issued() {
                    let of = |error: Error| error.of(Input::Certificate(place));
                    constraints.check(below, work).map_err(of)?;
                }
            }
            let of = |error: Error| error.of(Input::Certificate(0));
            constraints.check(self.certificate, work).map_err(of)?;
        }
        Ok(())
    }

    fn check_revocation(&self, options: &Options<'_>) -> Result<(), Error> {
        if options.crls.is_empty() && !options.is_revocation_required {
            return Ok(());
        }
        for (place, one) in self.downwards().chain([(0, self.certificate)]) {
            let of = |rule| Err(Error::new(rule, 0).of(Input::Certificate(place)));
            match crl::check(one, options.crls, |list| self.made(list, options.clock))? {
                None if options.is_revocation_required => return of(rules::REVOCATION_UNKNOWN),
                Some(true) => return of(rules::REVOKED),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether an authority of the path made a list. One that changed its key has the same name
    /// there more than once, and may have made it with any of the keys.
    fn made(&self, list: &Crl<'_>, clock: Clock) -> bool {
        let anchor = self.anchor;
        let usage = anchor.certificate.and_then(|it| it.key_usage());
        if anchor.name.matches(list.issuer()) && list.is_by(anchor.public_key, usage, clock) {
            return true;
        }
        self.downwards().any(|(_, authority)| {
            authority.subject().matches(list.issuer())
                && list.is_by(authority.public_key(), authority.key_usage(), clock)
        })
    }
}
