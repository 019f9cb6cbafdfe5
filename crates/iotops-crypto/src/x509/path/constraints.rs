//! Name constraints (RFC 5280 §4.2.1.10): what cannot be compared is refused.

use core::str;

use iotops_wire::Rule;

use super::build::Budget;
use super::validate::{Chain, Link};
use crate::Error;
use crate::rules::x509 as rules;
use crate::x509::identity::is_dns_name;
use crate::x509::{Certificate, GeneralName, NameConstraints, oids};

/// Checks the names of each certificate against the constraints of all above it.
pub(super) fn check(chain: &Chain<'_, '_, '_>, budget: &mut Budget) -> Result<(), Error> {
    for (below, link) in chain.links().enumerate() {
        // §6.1.3 (b): not "if certificate i is self-issued and it is not the final certificate".
        if below > 0 && link.certificate.is_self_issued() {
            continue;
        }
        let above = chain.links().skip(below.saturating_add(1));
        for constraints in above.filter_map(|issuer| issuer.certificate.name_constraints()) {
            check_names(&link, &constraints, budget)?;
        }
        let anchor = chain.anchor_link().and_then(|anchor| anchor.certificate.name_constraints());
        if let Some(constraints) = anchor {
            check_names(&link, &constraints, budget)?;
        }
    }
    Ok(())
}

fn check_names(
    link: &Link<'_, '_>,
    constraints: &NameConstraints<'_>,
    budget: &mut Budget,
) -> Result<(), Error> {
    let certificate = link.certificate;
    let subject = *certificate.subject();
    if !subject.is_empty() {
        check_name(link, &GeneralName::Directory(subject), constraints, budget)?;
    }
    for name in certificate.alternative_names() {
        check_name(link, &name, constraints, budget)?;
    }
    if certificate.alternative_names().next().is_none() {
        check_subject_emails(link, certificate, constraints, budget)?;
    }
    Ok(())
}

/// "When the subject alternative name extension is not present, the rfc822Name constraint MUST be
/// applied to the attribute of type emailAddress in the subject distinguished name".
fn check_subject_emails(
    link: &Link<'_, '_>,
    certificate: &Certificate<'_>,
    constraints: &NameConstraints<'_>,
    budget: &mut Budget,
) -> Result<(), Error> {
    let attributes = certificate.subject().attributes();
    for email in attributes.filter(|attribute| attribute.oid.as_bytes() == oids::EMAIL_ADDRESS) {
        let Ok(text) = str::from_utf8(email.value) else {
            return Err(link.error(rules::NAME_FORM));
        };
        check_name(link, &GeneralName::Email(text), constraints, budget)?;
    }
    Ok(())
}

fn check_name(
    link: &Link<'_, '_>,
    name: &GeneralName<'_>,
    constraints: &NameConstraints<'_>,
    budget: &mut Budget,
) -> Result<(), Error> {
    let is_of_kind = |base: &GeneralName<'_>| base.kind() == name.kind();
    for base in constraints.excluded {
        budget.name()?;
        if is_of_kind(&base) && touches(name, &base).map_err(|rule| link.error(rule))? {
            return Err(link.error(rules::NAME_EXCLUDED));
        }
    }
    let (mut is_constrained, mut is_permitted) = (false, false);
    for base in constraints.permitted {
        budget.name()?;
        if is_of_kind(&base) {
            is_constrained = true;
            is_permitted |= is_within(name, &base).map_err(|rule| link.error(rule))?;
        }
    }
    if is_constrained && !is_permitted {
        return Err(link.error(rules::NAME_NOT_PERMITTED));
    }
    Ok(())
}

/// Whether a name stands in a subtree, or is a wildcard for one that does.
fn touches(name: &GeneralName<'_>, base: &GeneralName<'_>) -> Result<bool, Rule> {
    if is_within(name, base)? {
        return Ok(true);
    }
    let (GeneralName::Dns(name), GeneralName::Dns(base)) = (name, base) else { return Ok(false) };
    let above = base.split_once('.').map(|(_, above)| above);
    Ok(name
        .strip_prefix("*.")
        .is_some_and(|name| above.is_some_and(|a| a.eq_ignore_ascii_case(name))))
}

/// Whether all that a name stands for is in a subtree of the same kind.
fn is_within(name: &GeneralName<'_>, base: &GeneralName<'_>) -> Result<bool, Rule> {
    match (name, base) {
        (GeneralName::Directory(name), GeneralName::Directory(base)) => Ok(name.is_within(base)),
        (GeneralName::Dns(name), GeneralName::Dns(base)) => dns(name, base),
        (GeneralName::Email(name), GeneralName::Email(base)) => email(name, base),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => uri(name, base),
        (GeneralName::Ip(address), GeneralName::Ip(network)) => ip(address, network),
        _ => Err(rules::NAME_FORM),
    }
}

/// "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side
/// of the name satisfies the name constraint."
fn dns(name: &str, base: &str) -> Result<bool, Rule> {
    let is_base = base.is_empty() || is_dns_name(base);
    if !is_base || !is_dns_name(name.strip_prefix("*.").unwrap_or(name)) {
        return Err(rules::GENERAL_NAME);
    }
    Ok(base.is_empty() || name.eq_ignore_ascii_case(base) || is_below(name, base))
}

/// Whether `name` has more labels before `base`.
fn is_below(name: &str, base: &str) -> bool {
    let split = name.len().checked_sub(base.len()).and_then(|at| name.split_at_checked(at));
    split.is_some_and(|(labels, end)| {
        labels.len() > 1 && labels.ends_with('.') && end.eq_ignore_ascii_case(base)
    })
}

/// "a particular mailbox, all addresses at a particular host, or all mailboxes in a domain".
fn email(name: &str, base: &str) -> Result<bool, Rule> {
    let (local, host) = mailbox(name)?;
    if let Ok((base_local, base_host)) = mailbox(base) {
        return Ok(local == base_local && host.eq_ignore_ascii_case(base_host));
    }
    host_in(host, base)
}

fn mailbox(name: &str) -> Result<(&str, &str), Rule> {
    match name.rsplit_once('@') {
        Some((local, host)) if !local.is_empty() && !local.contains('@') && is_dns_name(host) => {
            Ok((local, host))
        }
        _ => Err(rules::GENERAL_NAME),
    }
}

/// A host itself, or with a leading period all hosts below it.
fn host_in(host: &str, base: &str) -> Result<bool, Rule> {
    match base.strip_prefix('.') {
        Some(domain) if is_dns_name(domain) => Ok(is_below(host, domain)),
        None if base.is_empty() => Ok(true),
        None if is_dns_name(base) => Ok(host.eq_ignore_ascii_case(base)),
        _ => Err(rules::GENERAL_NAME),
    }
}

/// "The constraint MUST be specified as a fully qualified domain name", and a URI without one "MUST
/// reject the certificate".
fn uri(name: &str, base: &str) -> Result<bool, Rule> {
    let Some((_, rest)) = name.split_once("://") else { return Err(rules::NAME_FORM) };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    if is_dns_name(host) { host_in(host, base) } else { Err(rules::NAME_FORM) }
}

/// An address, and a network with its mask behind it. Addresses of the other length are outside.
fn ip(address: &[u8], network: &[u8]) -> Result<bool, Rule> {
    let (base, mask) = match network.len() {
        8 | 32 => network.split_at(network.len() >> 1),
        _ => return Err(rules::GENERAL_NAME),
    };
    if !is_prefix_mask(mask) {
        return Err(rules::GENERAL_NAME);
    }
    let masked = address.iter().zip(base).zip(mask);
    Ok(address.len() == base.len() && masked.into_iter().all(|((a, b), m)| a & m == b & m))
}

/// RFC 4632: ones, and then zeros.
fn is_prefix_mask(mask: &[u8]) -> bool {
    let mut rest = mask.iter().skip_while(|byte| **byte == 0xff);
    let is_prefix = rest.next().is_none_or(|byte| byte.leading_ones() == byte.count_ones());
    is_prefix && rest.all(|byte| *byte == 0)
}
