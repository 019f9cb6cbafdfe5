//! Whether a certificate is for a host (RFC 9525).

use super::{Certificate, GeneralName};

impl Certificate<'_> {
    /// Whether one of its alternative names is this DNS name, or a wildcard for it.
    ///
    /// RFC 9525 §6.3: the wildcard is the whole left-most label, and stands for one label. The
    /// common name is never asked.
    #[must_use]
    pub fn is_for_dns(&self, host: &str) -> bool {
        if !is_dns_name(host) {
            return false;
        }
        self.alternative_names().any(|name| match name {
            GeneralName::Dns(pattern) => covers(pattern, host),
            _ => false,
        })
    }

    /// Whether one of its alternative names is this address of 4 or 16 bytes.
    #[must_use]
    pub fn is_for_ip(&self, address: &[u8]) -> bool {
        self.alternative_names().any(|name| match name {
            GeneralName::Ip(own) => own == address,
            _ => false,
        })
    }
}

/// A wildcard needs two labels below it: nobody may have all of a top level.
fn covers(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix("*.") {
        None => is_dns_name(pattern) && pattern.eq_ignore_ascii_case(host),
        Some(base) => {
            let above = host.split_once('.').map(|(_, above)| above);
            is_dns_name(base)
                && base.contains('.')
                && above.is_some_and(|above| above.eq_ignore_ascii_case(base))
        }
    }
}

/// The longest name and label (RFC 1035 §2.3.4).
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

/// Whether it is a DNS name of the preferred syntax (RFC 1034 §3.5, RFC 1123 §2.1), and so no
/// address.
pub(super) fn is_dns_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= LONGEST_NAME
        && name.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_label(label: &str) -> bool {
    (1..=LONGEST_LABEL).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
