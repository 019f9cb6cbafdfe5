//! What the CA/Browser Forum asks for beyond RFC 5280 (Baseline Requirements §7.1.2).

use core::fmt::{self, Write as _};
use core::net::{Ipv4Addr, Ipv6Addr};

use super::conformance::ANY_PURPOSE;
use crate::Error;
use crate::key::import;
use crate::rules::x509 as rules;
use crate::x509::extension::{self, Extension};
use crate::x509::{COMMON_NAME, Certificate, GeneralName};

/// The longest textual form of an address.
const ADDRESS: usize = 48;

pub(super) fn check(certificate: &Certificate<'_>, is_authority: bool) -> Result<(), Error> {
    if !has_whole_bytes(certificate) {
        return Err(Error::new(rules::KEY, 0));
    }
    let rule = if is_authority { authority(certificate) } else { subscriber(certificate) };
    rule.map_or(Ok(()), |rule| Err(Error::new(rule, 0)))
}

/// Whether the key is of a type that is built in; the modulus of RSA must be of whole bytes (§6.1.5).
fn has_whole_bytes(certificate: &Certificate<'_>) -> bool {
    match import(certificate.public_key()).map(|key| key.verifying_key()) {
        #[cfg(feature = "rsa")]
        Ok(crate::key::VerifyingKey::Rsa(key)) => {
            key.modulus().first().is_some_and(|first| *first >= 0x80)
        }
        key => key.is_ok(),
    }
}

/// A root says nothing of what it is for, and names its own key as that of its issuer.
fn authority(certificate: &Certificate<'_>) -> Option<crate::wire::Rule> {
    if !certificate.is_self_issued() {
        return None;
    }
    if certificate.purposes().is_some() {
        return Some(rules::PURPOSE);
    }
    let is_own = !certificate.known().has_authority_key
        || certificate.authority_key_identifier() == certificate.subject_key_identifier();
    if certificate.known().names_authority || !is_own {
        return Some(rules::EXTENSION_VALUE);
    }
    None
}

fn subscriber(certificate: &Certificate<'_>) -> Option<crate::wire::Rule> {
    let mut purposes = certificate.purposes()?;
    if purposes.any(|one| one == ANY_PURPOSE) {
        return Some(rules::PURPOSE);
    }
    let has_subject = !certificate.subject().is_empty();
    let is_wrong = |one: Extension<'_>| {
        one.is_critical
            && (extension::is_purpose(one.oid)
                || (has_subject && extension::is_alternative_name(one.oid)))
    };
    if certificate.extensions().any(is_wrong) {
        return Some(rules::CRITICALITY);
    }
    let common_name = certificate.subject().text(COMMON_NAME)?;
    let is_alternative = certificate.alternative_names().any(|name| is_text(&name, common_name));
    if is_alternative { None } else { Some(rules::SUBJECT_NAME) }
}

/// Whether `text` is exactly how a name is written.
fn is_text(name: &GeneralName<'_>, text: &str) -> bool {
    match name {
        GeneralName::Dns(name) => *name == text,
        GeneralName::Ip(bytes) => {
            let mut written = Written { bytes: [0; ADDRESS], length: 0 };
            let result = if let Ok(octets) = <[u8; 4]>::try_from(*bytes) {
                write!(written, "{}", Ipv4Addr::from(octets))
            } else if let Ok(octets) = <[u8; 16]>::try_from(*bytes) {
                write!(written, "{}", Ipv6Addr::from(octets))
            } else {
                Err(fmt::Error)
            };
            result.is_ok() && written.bytes.get(..written.length) == Some(text.as_bytes())
        }
        _ => false,
    }
}

/// A text without a heap.
struct Written {
    bytes: [u8; ADDRESS],
    length: usize,
}

impl fmt::Write for Written {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length.saturating_add(text.len());
        let space = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        space.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}
