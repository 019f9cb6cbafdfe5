//! Name constraints (RFC 5280 §4.2.1.10): which names an authority may certify.

use super::general_name::is_host;
use super::name::EMAIL_ADDRESS;
use super::{Certificate, GeneralName};
use crate::Error;
use crate::der::{Reader, Tag};
use crate::rules::x509 as rules;

/// The constraints of one authority, well formed.
#[derive(Clone, Copy, Debug)]
pub(super) struct NameConstraints<'a> {
    permitted: Reader<'a>,
    excluded: Reader<'a>,
}

/// How many names may still be compared with constraints: a bound on hostile work.
#[derive(Debug)]
pub(super) struct Work(pub(super) u32);

impl Work {
    fn spend(&mut self, place: Reader<'_>) -> Result<(), Error> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => Err(place.error(rules::BUDGET)),
        }
    }
}

impl<'a> NameConstraints<'a> {
    /// Reads the content of the extension.
    pub(super) fn read(mut content: Reader<'a>) -> Result<Self, Error> {
        let start = content;
        let permitted = content.optional(Tag::constructed(0))?;
        let excluded = content.optional(Tag::constructed(1))?;
        content.end()?;
        for list in [permitted, excluded].into_iter().flatten() {
            check_list(list)?;
        }
        // RFC 5280 §4.2.1.10: "either the permittedSubtrees field or the excludedSubtrees MUST be
        // present".
        if permitted.is_none() && excluded.is_none() {
            return Err(start.error(rules::EXTENSION_VALUE));
        }
        Ok(Self {
            permitted: permitted.unwrap_or_default(),
            excluded: excluded.unwrap_or_default(),
        })
    }

    /// Checks all names of a certificate.
    pub(super) fn check(
        &self,
        certificate: &Certificate<'_>,
        work: &mut Work,
    ) -> Result<(), Error> {
        let subject = certificate.subject();
        if !subject.is_empty() {
            self.check_name(&GeneralName::Directory(*subject), work)?;
        }
        let mut has_mail = false;
        for name in certificate.alternative_names() {
            has_mail |= matches!(name, GeneralName::Rfc822(_));
            self.check_name(&name, work)?;
        }
        // "the rfc822Name constraint MUST be applied to the attribute of type emailAddress in the
        // subject distinguished name" of certificates without such an alternative name.
        let addresses = subject.attributes().filter(|(kind, _)| *kind == EMAIL_ADDRESS);
        for (_, value) in addresses.filter(|_| !has_mail) {
            let address = super::general_name::ascii(value.content)?;
            self.check_name(&GeneralName::Rfc822(address), work)?;
        }
        Ok(())
    }

    fn check_name(&self, name: &GeneralName<'_>, work: &mut Work) -> Result<(), Error> {
        let mut excluded = self.excluded;
        while let Ok(base) = base(&mut excluded) {
            work.spend(excluded)?;
            if relation(name, &base, true) == Relation::Within {
                return Err(excluded.error(rules::NAME_CONSTRAINTS));
            }
        }
        let (mut permitted, mut is_permitted) = (self.permitted, None);
        while let Ok(base) = base(&mut permitted) {
            work.spend(permitted)?;
            match relation(name, &base, false) {
                Relation::OtherForm => {}
                Relation::Within => is_permitted = Some(true),
                Relation::Outside => is_permitted = is_permitted.or(Some(false)),
            }
        }
        if is_permitted == Some(false) {
            return Err(permitted.error(rules::NAME_CONSTRAINTS));
        }
        Ok(())
    }
}

/// Reads one subtree, and gives its base. "Minimum" and "maximum" are not used with any form.
fn base<'a>(list: &mut Reader<'a>) -> Result<GeneralName<'a>, Error> {
    let mut subtree = list.sequence()?;
    let base = GeneralName::read(&mut subtree)?;
    subtree.end()?;
    Ok(base)
}

fn check_list(mut list: Reader<'_>) -> Result<(), Error> {
    loop {
        let start = list;
        if !is_usable(&base(&mut list)?) {
            return Err(start.error(rules::EXTENSION_VALUE));
        }
        if list.is_at_end() {
            return Ok(());
        }
    }
}

/// Whether a base is one that names can be compared with.
fn is_usable(base: &GeneralName<'_>) -> bool {
    match base {
        GeneralName::Dns(domain) => domain.is_empty() || is_host(domain.as_bytes()),
        GeneralName::Ip(range) => match range.split_at(range.len() >> 1) {
            (address, mask) if matches!(address.len(), 4 | 16) => is_mask(mask),
            _ => false,
        },
        _ => true,
    }
}

/// Ones, and then zeros.
fn is_mask(mask: &[u8]) -> bool {
    let mut tail = mask.iter().skip_while(|byte| **byte == 0xff);
    let is_edge = tail
        .next()
        .is_none_or(|edge| edge.leading_ones().saturating_add(edge.trailing_zeros()) >= 8);
    is_edge && tail.all(|byte| *byte == 0)
}

/// How a name lies to the base of a subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// The base says nothing about names of this form.
    OtherForm,
    Within,
    Outside,
}

/// What is not understood counts against the name, whichever list the base is in.
fn relation(name: &GeneralName<'_>, base: &GeneralName<'_>, is_excluded: bool) -> Relation {
    let is_within = match (name, base) {
        (GeneralName::Dns(name), GeneralName::Dns(base)) => match dns(name, base, is_excluded) {
            Some(is_within) => is_within,
            None => is_excluded,
        },
        (GeneralName::Ip(address), GeneralName::Ip(range)) => ip(address, range),
        (GeneralName::Rfc822(address), GeneralName::Rfc822(base)) => {
            mail(address, base).unwrap_or(is_excluded)
        }
        (GeneralName::Uri(uri), GeneralName::Uri(base)) => match host_of(uri) {
            Some(host) => domain_or_host(host, base),
            None => is_excluded,
        },
        (GeneralName::Directory(name), GeneralName::Directory(base)) => name.is_within(base),
        (GeneralName::Other(kind, _), GeneralName::Other(base, _)) if kind == base => is_excluded,
        (GeneralName::RegisteredId(_), GeneralName::RegisteredId(_)) => is_excluded,
        (GeneralName::Unread(form), GeneralName::Unread(base)) if form == base => is_excluded,
        _ => return Relation::OtherForm,
    };
    if is_within { Relation::Within } else { Relation::Outside }
}

/// "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand
/// side of the name satisfies the name constraint." `None` for what is no DNS name.
///
/// A wildcard is within an excluded base if any name that it stands for is, and within a permitted
/// one if all are.
fn dns(name: &str, base: &str, is_excluded: bool) -> Option<bool> {
    match name.strip_prefix("*.") {
        Some(rest) if is_host(rest.as_bytes()) => {
            let may_stand_for_base =
                base.split_once('.').is_some_and(|(_, parent)| parent.eq_ignore_ascii_case(rest));
            Some(is_below(rest, base) || (is_excluded && may_stand_for_base))
        }
        None if is_host(name.as_bytes()) => Some(is_below(name, base)),
        _ => None,
    }
}

/// Whether `name` is `base`, or `base` with labels in front.
fn is_below(name: &str, base: &str) -> bool {
    if base.is_empty() {
        return true;
    }
    let (name, base) = (name.as_bytes(), base.as_bytes());
    let Some((front, tail)) = name.len().checked_sub(base.len()).map(|at| name.split_at(at)) else {
        return false;
    };
    tail.eq_ignore_ascii_case(base) && matches!(front.last(), None | Some(b'.'))
}

fn ip(address: &[u8], range: &[u8]) -> bool {
    let (base, mask) = range.split_at(range.len() >> 1);
    let pairs = address.iter().zip(base).zip(mask);
    address.len() == base.len() && pairs.fold(true, |same, ((a, b), m)| same & (a & m == b & m))
}

/// A base with `@` is one mailbox; else it is a host, or with a leading dot a domain.
fn mail(address: &str, base: &str) -> Option<bool> {
    let (local, host) = address.rsplit_once('@')?;
    if local.is_empty() || local.contains('@') || !is_host(host.as_bytes()) {
        return None;
    }
    Some(match base.rsplit_once('@') {
        Some((mailbox, at)) => mailbox == local && at.eq_ignore_ascii_case(host),
        None => domain_or_host(host, base),
    })
}

/// "When the constraint begins with a period, it MAY be expanded with one or more labels."
fn domain_or_host(host: &str, base: &str) -> bool {
    match base.strip_prefix('.') {
        Some(domain) => !host.eq_ignore_ascii_case(domain) && is_below(host, domain),
        None => host.eq_ignore_ascii_case(base),
    }
}

/// The host of a URI; `None` if it has none or is an IP address, which no constraint can allow.
fn host_of(uri: &str) -> Option<&str> {
    let (_, behind) = uri.split_once("://")?;
    let authority = behind.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let is_address = host.split('.').next_back()?.bytes().all(|byte| byte.is_ascii_digit());
    (is_host(host.as_bytes()) && !is_address).then_some(host)
}
