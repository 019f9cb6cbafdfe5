//! DNS-SD (RFC 6763): how a local repository is found, and what its TXT record tells.

use core::fmt::Write;

use super::location::{LABEL, NAME};
use crate::{Error, rules};

pub use super::location::{Location, Name, write_location};

/// The longest string of a TXT record.
const STRING: usize = 255;

/// Keys of the TXT record of a repository.
pub mod key {
    /// The version of these keys: 1.
    pub const VERSION: &str = "txtvers";
    /// The path of the catalogue.
    pub const PATH: &str = "path";
    /// The number of the catalogue: who has seen it need not ask.
    pub const NUMBER: &str = "number";
}

/// A TXT record that is well formed (RFC 6763 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// Reads the data of a record.
    ///
    /// # Errors
    /// [`rules::SERVICE_TEXT`] if a string is longer than what is left, or a key is not printable.
    pub fn read(data: &'a [u8]) -> Result<Self, Error> {
        let (mut rest, broken) = (data, Error::new(rules::SERVICE_TEXT, 0));
        while !rest.is_empty() {
            let (string, behind) = split(rest).ok_or(broken)?;
            let (name, _) = pair(string);
            if !name.iter().all(|byte| matches!(byte, 0x20..=0x7e)) {
                return Err(broken);
            }
            rest = behind;
        }
        Ok(Self(data))
    }

    /// The value of a key, whatever its case; empty for one without a value.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a [u8]> {
        let mut rest = self.0;
        while let Some((string, behind)) = split(rest) {
            let (name, value) = pair(string);
            // "Strings beginning with an '=' character MUST be silently ignored"; "If a client
            // receives a TXT record containing the same key more than once, then the client MUST
            // silently ignore all but the first occurrence".
            if !name.is_empty() && name.eq_ignore_ascii_case(key.as_bytes()) {
                return Some(value);
            }
            rest = behind;
        }
        None
    }
}

/// A string, and what is behind it.
fn split(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = data.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

/// A key, and the value behind the first equals sign.
fn pair(string: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = string.splitn(2, |byte| *byte == b'=');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// Writes pairs as the data of a TXT record to `space`, and gives its length.
///
/// # Errors
/// [`rules::SERVICE_TEXT`] for a key that is empty, not printable or has an equals sign, and for a
/// pair of more than 255 bytes; [`iotops_wire::rules::OUT_OF_SPACE`].
pub fn write_text(pairs: &[(&str, &[u8])], space: &mut [u8]) -> Result<usize, Error> {
    let length = space.len();
    let mut rest = space;
    for (name, value) in pairs {
        let is_key = |byte: u8| matches!(byte, 0x20..=0x7e) && byte != b'=';
        let total = name.len().saturating_add(value.len()).saturating_add(1);
        let Some(total) = u8::try_from(total).ok().filter(|total| usize::from(*total) <= STRING)
        else {
            return Err(Error::new(rules::SERVICE_TEXT, 0));
        };
        if name.is_empty() || !name.bytes().all(is_key) {
            return Err(Error::new(rules::SERVICE_TEXT, 0));
        }
        for part in [&[total][..], name.as_bytes(), b"=", value] {
            let Some((to, behind)) = rest.split_at_mut_checked(part.len()) else {
                return Err(Error::new(iotops_wire::rules::OUT_OF_SPACE, 0));
            };
            to.copy_from_slice(part);
            rest = behind;
        }
    }
    Ok(length.saturating_sub(rest.len()))
}

/// A repository as DNS-SD announces it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::exhaustive_structs, reason = "arguments by name")]
pub struct Service<'a> {
    /// What a person sees: `Updates of the third floor`.
    pub instance: &'a str,
    /// The service and its transport: `_suit._tcp` (HTTP) or `_suit._udp` (CoAP). No name is
    /// registered.
    pub service: &'a str,
    /// The domain: `local`.
    pub domain: &'a str,
    /// The host, without the domain: `gateway`.
    pub host: &'a str,
    /// The port.
    pub port: u16,
    /// The path of the catalogue.
    pub path: &'a str,
    /// The number of the catalogue.
    pub number: u64,
}

/// A label that zone files hold as it is.
fn is_label(label: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=LABEL).contains(&label.len()) && label.bytes().all(plain)
}

/// Whether these parts of a name, a length byte for each label, and the root fit into it.
fn fits(parts: [&str; 3]) -> bool {
    let bytes = |part: &str| if part.is_empty() { 0 } else { part.len().saturating_add(1) };
    parts.map(bytes).iter().sum::<usize>() < NAME
}

impl Service<'_> {
    /// Writes the PTR, SRV and TXT records in the form of zone files (RFC 1035 §5).
    ///
    /// # Errors
    /// [`rules::SERVICE_NAME`] for labels and names that are empty or too long, and for what is no
    /// letter, digit, hyphen or underscore in them but for the instance; [`rules::SERVICE_TEXT`] for
    /// a path that is too long or not printable, [`iotops_wire::rules::OUT_OF_SPACE`] if `out` fails.
    pub fn write_zone(&self, ttl: u32, out: &mut dyn Write) -> Result<(), Error> {
        let Self { instance, service, domain, host, .. } = *self;
        // Only the instance is escaped; anything else in a zone file could end a record.
        let are_labels = [service, domain, host].iter().all(|name| name.split('.').all(is_label));
        let is_instance = (1..=LABEL).contains(&instance.len()) && !instance.contains('\n');
        let fit = fits([instance, service, domain]) && fits([host, domain, ""]);
        if !are_labels || !is_instance || !fit {
            return Err(Error::new(rules::SERVICE_NAME, 0));
        }
        let path = key::PATH.len().saturating_add(self.path.len());
        if path >= STRING || !self.path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::new(rules::SERVICE_TEXT, 0));
        }
        self.write(ttl, out).map_err(|_| Error::new(iotops_wire::rules::OUT_OF_SPACE, 0))
    }

    fn write(&self, ttl: u32, out: &mut dyn Write) -> core::fmt::Result {
        let Self { service, domain, host, port, .. } = self;
        write!(out, "{service}.{domain}. {ttl} IN PTR ")?;
        self.name(out)?;
        out.write_str("\n")?;
        self.name(out)?;
        writeln!(out, " {ttl} IN SRV 0 0 {port} {host}.{domain}.")?;
        self.name(out)?;
        write!(out, " {ttl} IN TXT \"{}=1\" \"{}=", key::VERSION, key::PATH)?;
        for character in self.path.chars() {
            if matches!(character, '"' | '\\') {
                out.write_str("\\")?;
            }
            out.write_char(character)?;
        }
        writeln!(out, "\" \"{}={}\"", key::NUMBER, self.number)
    }

    /// The name of the instance: bytes that are not letters, digits or hyphens as `\DDD`.
    fn name(&self, out: &mut dyn Write) -> core::fmt::Result {
        for byte in self.instance.bytes() {
            if byte.is_ascii_alphanumeric() || byte == b'-' {
                out.write_char(char::from(byte))?;
            } else {
                write!(out, "\\{byte:03}")?;
            }
        }
        write!(out, ".{}.{}.", self.service, self.domain)
    }
}
