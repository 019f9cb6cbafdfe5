//! Revocation (RFC 5280 §6.3): complete lists of the issuer itself, signed with the same key.

use iotops_wire::{Clock, Kind};

use super::build::Budget;
use super::validate::{Chain, Link};
use crate::Error;
use crate::rules::x509 as rules;
use crate::x509::{Certificate, Crl, KeyUsage, signature};

/// Checks each certificate below the anchor.
pub(super) fn check(
    chain: &Chain<'_, '_, '_>,
    crls: &[Crl<'_>],
    budget: &mut Budget,
) -> Result<(), Error> {
    let Some((anchor, _)) = chain.anchor else { return Ok(()) };
    let own = anchor.certificate.as_ref().and_then(Certificate::key_usage);
    let mut issuer = Issuer { public_key: anchor.public_key, key_usage: own };
    for link in chain.links().rev() {
        check_one(chain, &link, &issuer, crls, budget)?;
        let certificate = link.certificate;
        issuer =
            Issuer { public_key: certificate.public_key(), key_usage: certificate.key_usage() };
    }
    Ok(())
}

/// Who issued a certificate, and so its lists.
struct Issuer<'i> {
    public_key: &'i [u8],
    key_usage: Option<KeyUsage>,
}

/// One list that covers the certificate is enough, and one that names it too.
fn check_one(
    chain: &Chain<'_, '_, '_>,
    link: &Link<'_, '_>,
    issuer: &Issuer<'_>,
    crls: &[Crl<'_>],
    budget: &mut Budget,
) -> Result<(), Error> {
    let mut is_covered = false;
    let mut failure = link.error(rules::CRL_MISSING);
    for crl in crls.iter().filter(|crl| crl.issuer().is(link.certificate.issuer())) {
        budget.signature()?;
        match ask(chain, link.certificate, issuer, crl) {
            Ok(true) => is_covered = true,
            Ok(false) => {}
            Err(error) if error.rule() == rules::REVOKED => return Err(error.of(link.input)),
            Err(error) if failure.kind() == Kind::Unavailable => failure = error.of(link.input),
            Err(error) => failure = error.of(link.input),
        }
    }
    if is_covered { Ok(()) } else { Err(failure) }
}

/// Whether a list covers the certificate and does not name it.
fn ask(
    chain: &Chain<'_, '_, '_>,
    certificate: &Certificate<'_>,
    issuer: &Issuer<'_>,
    crl: &Crl<'_>,
) -> Result<bool, Error> {
    if !crl.covers(certificate)? || !is_current(chain.options.clock, crl) {
        return Ok(false);
    }
    // §5.2.3: "CRL issuers conforming to this profile MUST include this extension in all CRLs".
    if chain.options.conforming && !crl.has_number() {
        return Err(Error::new(rules::CRL_NUMBER, 0));
    }
    // §6.3.3 (f): "If a key usage extension is present in the CRL issuer's certificate, verify that
    // the cRLSign bit is set."
    if issuer.key_usage.is_some_and(|usage| !usage.has(KeyUsage::CRL_SIGN)) {
        return Err(Error::new(rules::CRL_SIGN, 0));
    }
    signature::verify(issuer.public_key, crl.signature_algorithm, crl.signed, crl.signature)
        .map_err(|rule| Error::new(rule, 0))?;
    if crl.entries().any(|entry| entry.serial == certificate.serial()) {
        return Err(Error::new(rules::REVOKED, 0));
    }
    Ok(true)
}

/// A list that does not say when the next one comes is never current.
fn is_current(clock: Clock, crl: &Crl<'_>) -> bool {
    let Some(next) = crl.next_update() else { return false };
    match clock {
        Clock::Trusted(now) => crl.this_update() <= now && now <= next,
        Clock::NotBefore(now) => now <= next,
        _ => true,
    }
}
