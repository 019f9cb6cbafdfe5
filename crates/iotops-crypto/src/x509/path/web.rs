//! What the CA/Browser Forum asks of certificates for the web beyond RFC 5280 (Baseline
//! Requirements §7.1), for callers who meet such.

use core::fmt::{self, Write as _};
use core::net::{Ipv4Addr, Ipv6Addr};

use iotops_wire::Rule;

use super::validate::{Chain, Link};
use crate::Error;
use crate::rules::x509 as rules;
use crate::x509::{Certificate, GeneralName, oids, verifying_key};

/// The longest textual form of an address.
const ADDRESS: usize = 48;

/// Checks all certificates of a path, and the anchor if it is one.
pub(super) fn check(chain: &Chain<'_, '_, '_>) -> Result<(), Error> {
    if let Some(anchor) = chain.anchor_link() {
        told(&anchor, key(anchor.certificate).and_then(|()| root(anchor.certificate)))?;
    }
    chain.links().try_for_each(|link| told(&link, key(link.certificate)))?;
    // The leaf is the first of them.
    chain.links().take(1).try_for_each(|link| told(&link, leaf(link.certificate)))
}

fn told(link: &Link<'_, '_>, verdict: Result<(), Rule>) -> Result<(), Error> {
    verdict.map_err(|rule| link.error(rule))
}

const fn must(holds: bool, rule: Rule) -> Result<(), Rule> {
    if holds { Ok(()) } else { Err(rule) }
}

/// The key is of a type that is built in; the modulus of RSA is of whole octets (§6.1.5).
fn key(certificate: &Certificate<'_>) -> Result<(), Rule> {
    match verifying_key(certificate.public_key()) {
        #[cfg(feature = "rsa")]
        Ok(crate::key::VerifyingKey::Rsa(key)) => {
            must(key.modulus().first().is_some_and(|first| *first >= 0x80), rules::KEY)
        }
        key => must(key.is_ok(), rules::KEY),
    }
}

/// A root says nothing of what it is for, and names the key of its issuer, which is its own, alone.
fn root(certificate: &Certificate<'_>) -> Result<(), Rule> {
    if !certificate.is_self_issued() {
        return Ok(());
    }
    must(certificate.purposes().is_none(), rules::PURPOSE)?;
    let names = certificate.authority_key_id().is_some_and(|authority| authority.issuer.is_some());
    must(!names, rules::PROFILE_KEY_ID)
}

/// The certificate of a subscriber is that of no CA, says what it is for, and every name in it is
/// among its alternative names. Wildcards are refused: nobody here knows the public suffixes.
fn leaf(certificate: &Certificate<'_>) -> Result<(), Rule> {
    let is_ca = certificate.basic_constraints().is_some_and(|basic| basic.ca);
    must(!is_ca, rules::PROFILE_CA)?;
    let purposes = certificate.purposes().ok_or(rules::PURPOSE)?;
    let mut any = purposes;
    must(!any.any(|purpose| purpose.as_bytes() == oids::ANY_PURPOSE), rules::PURPOSE)?;
    let is_critical = |offset| certificate.known(offset).is_some_and(|found| found.critical);
    must(!is_critical(certificate.known.purposes), rules::PROFILE_CRITICAL)?;
    let may_be_critical = certificate.subject().is_empty();
    let names = certificate.known.alternative_names;
    must(may_be_critical || !is_critical(names), rules::PROFILE_CRITICAL)?;
    let is_wildcard = |name| matches!(name, GeneralName::Dns(name) if name.starts_with('*'));
    must(!certificate.alternative_names().any(is_wildcard), rules::PROFILE_NAME)?;
    let Some(common_name) = certificate.subject().text(oids::COMMON_NAME) else {
        return Ok(());
    };
    let is_listed = certificate.alternative_names().any(|name| is_text(&name, common_name));
    must(is_listed, rules::PROFILE_NAME)
}

/// Whether `text` is exactly how a name is written.
fn is_text(name: &GeneralName<'_>, text: &str) -> bool {
    match name {
        GeneralName::Dns(name) => *name == text,
        GeneralName::Ip(octets) => {
            let mut written = Written { octets: [0; ADDRESS], length: 0 };
            let result = if let Ok(octets) = <[u8; 4]>::try_from(*octets) {
                write!(written, "{}", Ipv4Addr::from(octets))
            } else if let Ok(octets) = <[u8; 16]>::try_from(*octets) {
                write!(written, "{}", Ipv6Addr::from(octets))
            } else {
                Err(fmt::Error)
            };
            result.is_ok() && written.octets.get(..written.length) == Some(text.as_bytes())
        }
        _ => false,
    }
}

/// A text without a heap.
struct Written {
    octets: [u8; ADDRESS],
    length: usize,
}

impl fmt::Write for Written {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length.saturating_add(text.len());
        let space = self.octets.get_mut(self.length..end).ok_or(fmt::Error)?;
        space.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}
