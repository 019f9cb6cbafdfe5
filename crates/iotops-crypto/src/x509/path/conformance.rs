//! What issuers must do, beyond what the algorithm of RFC 5280 §6 looks at.

use super::{Profile, web};
use crate::Error;
use crate::der::Oid;
use crate::rules::x509 as rules;
use crate::x509::{Certificate, KeyUsage, extension};

/// `anyExtendedKeyUsage`.
pub(super) const ANY_PURPOSE: Oid<'static> = Oid::known(&[0x55, 0x1d, 0x25, 0x00]);

/// Checks a certificate by a profile.
pub(super) fn check(certificate: &Certificate<'_>, profile: Profile) -> Result<(), Error> {
    if profile == Profile::Lenient {
        return Ok(());
    }
    let is_authority = certificate.basic_constraints().is_some_and(|it| it.is_authority);
    check_place(certificate, is_authority)?;
    check_identifiers(certificate, is_authority)?;
    check_criticality(certificate, is_authority, profile)?;
    if is_authority && certificate.subject().is_empty() {
        return Err(Error::new(rules::ISSUER_EMPTY, 0));
    }
    if profile == Profile::Web { web::check(certificate, is_authority) } else { Ok(()) }
}

/// RFC 5280 §4.2.1.3: "If the keyCertSign bit is asserted, then the cA bit in the basic constraints
/// extension MUST also be asserted"; §4.2.1.10: name constraints "MUST be used only in a CA
/// certificate".
fn check_place(certificate: &Certificate<'_>, is_authority: bool) -> Result<(), Error> {
    let signs = certificate.key_usage().is_some_and(|usage| usage.has(KeyUsage::KEY_CERT_SIGN));
    if !is_authority && (signs || certificate.known().name_constraints.is_some()) {
        return Err(Error::new(rules::CONSTRAINTS_PLACE, 0));
    }
    Ok(())
}

/// RFC 5280 §4.2.1.1: the authority key identifier "MUST be included in all certificates" but
/// self-signed ones; §4.2.1.2: the subject key identifier in those of all authorities.
fn check_identifiers(certificate: &Certificate<'_>, is_authority: bool) -> Result<(), Error> {
    let has_authority_key = certificate.authority_key_identifier().is_some();
    let has_subject_key = certificate.subject_key_identifier().is_some();
    let is_complete =
        (has_authority_key || certificate.is_self_issued()) && (has_subject_key || !is_authority);
    if is_complete { Ok(()) } else { Err(Error::new(rules::CRITICALITY, 0)) }
}

/// RFC 5280 §4.2.1.9, §4.2.1.10, §4.2.1.6: basic constraints and name constraints of authorities are
/// critical, and alternative names of certificates without a subject.
fn check_criticality(
    certificate: &Certificate<'_>,
    is_authority: bool,
    profile: Profile,
) -> Result<(), Error> {
    let has_subject = !certificate.subject().is_empty();
    for one in certificate.extensions().filter(|one| !one.is_critical) {
        // On the web name constraints may be not critical, for readers that do not know them.
        let is_free = profile == Profile::Web && extension::is_name_constraints(one.oid);
        let must_be_critical = (is_authority && extension::is_critical_in_authorities(one.oid))
            || (!has_subject && extension::is_alternative_name(one.oid));
        if must_be_critical && !is_free {
            return Err(one.value.error(rules::CRITICALITY));
        }
    }
    Ok(())
}
