//! Revocation (RFC 5280 §6.3): lists of the issuer itself, signed with a key that the path has.

use iotops_wire::{Clock, Kind};

use super::build::Budget;
use super::validate::{Chain, Link};
use crate::Error;
use crate::rules::x509 as rules;
use crate::x509::{Certificate, Crl, KeyUsage, Name, signature};

/// Checks each certificate below the anchor.
pub(super) fn check(
    chain: &Chain<'_, '_, '_>,
    crls: &[Crl<'_>],
    budget: &mut Budget,
) -> Result<(), Error> {
    if chain.anchor.is_none() {
        return Ok(());
    }
    chain.downwards().try_for_each(|(below, link)| check_one(chain, below, &link, crls, budget))
}

/// Whom the path trusts to issue lists.
struct Issuer<'i> {
    name: Name<'i>,
    public_key: &'i [u8],
    key_usage: Option<KeyUsage>,
}

/// The authorities above a certificate, the nearest first. A CA that changes its key has several
/// certificates on a path, and signs its lists with one of them.
fn issuers<'c>(chain: &'c Chain<'_, '_, '_>, below: usize) -> impl Iterator<Item = Issuer<'c>> {
    let links = chain.links().skip(below.saturating_add(1)).map(|link| Issuer {
        name: *link.certificate.subject(),
        public_key: link.certificate.public_key(),
        key_usage: link.certificate.key_usage(),
    });
    links.chain(chain.anchor.map(|(anchor, _)| Issuer {
        name: anchor.name,
        public_key: anchor.public_key,
        key_usage: anchor.certificate.as_ref().and_then(Certificate::key_usage),
    }))
}

/// One list that covers the certificate is enough, and one that names it too.
fn check_one(
    chain: &Chain<'_, '_, '_>,
    below: usize,
    link: &Link<'_, '_>,
    crls: &[Crl<'_>],
    budget: &mut Budget,
) -> Result<(), Error> {
    let mut is_covered = false;
    let mut failure = link.error(rules::CRL_MISSING);
    for crl in crls.iter().filter(|crl| crl.issuer().is(link.certificate.issuer())) {
        match ask(chain, below, link.certificate, crl, budget) {
            Ok(covers) => is_covered |= covers,
            Err(error) if matches!(error.rule(), rules::REVOKED | rules::BUDGET) => {
                return Err(error.of(link.input));
            }
            Err(_) if failure.kind() == Kind::Unavailable => {}
            Err(error) => failure = error.of(link.input),
        }
    }
    if is_covered { Ok(()) } else { Err(failure) }
}

/// Whether a list covers the certificate and does not name it.
fn ask(
    chain: &Chain<'_, '_, '_>,
    below: usize,
    certificate: &Certificate<'_>,
    crl: &Crl<'_>,
    budget: &mut Budget,
) -> Result<bool, Error> {
    if !crl.covers(certificate)? || !is_current(chain.options.clock, crl) {
        return Ok(false);
    }
    // §5.2.3: "CRL issuers conforming to this profile MUST include this extension in all CRLs".
    if chain.options.conforming && !crl.has_number() {
        return Err(Error::new(rules::CRL_NUMBER, 0));
    }
    check_signature(chain, below, crl, budget)?;
    if crl.revokes(certificate) {
        return Err(Error::new(rules::REVOKED, 0));
    }
    Ok(!crl.is_delta())
}

fn check_signature(
    chain: &Chain<'_, '_, '_>,
    below: usize,
    crl: &Crl<'_>,
    budget: &mut Budget,
) -> Result<(), Error> {
    let mut failure = Error::new(rules::SIGNATURE, 0);
    for issuer in issuers(chain, below).filter(|issuer| issuer.name.is(crl.issuer())) {
        // §6.3.3 (f): "If a key usage extension is present in the CRL issuer's certificate, verify
        // that the cRLSign bit is set."
        if issuer.key_usage.is_some_and(|usage| !usage.has(KeyUsage::CRL_SIGN)) {
            failure = Error::new(rules::CRL_SIGN, 0);
            continue;
        }
        budget.signature()?;
        let (identifier, key) = (crl.signature_algorithm, issuer.public_key);
        match signature::verify(key, identifier, crl.signed, crl.signature) {
            Ok(()) => return Ok(()),
            Err(rule) => failure = Error::new(rule, 0),
        }
    }
    Err(failure)
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
