//! General names (RFC 5280 §4.2.1.6): what alternative names and name constraints are made of.

use super::Name;
use crate::Error;
use crate::der::{Oid, Reader, Tag};
use crate::rules::x509 as rules;

/// `id-on-hardwareModuleName` (RFC 4108 §5).
const HARDWARE_MODULE_NAME: Oid<'static> =
    Oid::known(&[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x08, 0x04]);

/// A general name.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum GeneralName<'a> {
    /// `otherName`: its type, and its encoded value.
    Other(Oid<'a>, &'a [u8]),
    /// `rfc822Name`: an address for mail.
    Rfc822(&'a str),
    /// `dNSName`.
    Dns(&'a str),
    /// `directoryName`.
    Directory(Name<'a>),
    /// `uniformResourceIdentifier`.
    Uri(&'a str),
    /// `iPAddress`: 4 or 16 bytes, in constraints with a mask of as many.
    Ip(&'a [u8]),
    /// `registeredID`.
    RegisteredId(Oid<'a>),
    /// `x400Address` or `ediPartyName`, by its tag: not read here.
    Unread(u8),
}

/// The name of a hardware module, as an `IDevID` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HardwareModuleName<'a> {
    /// The type of the module.
    pub hardware_type: Oid<'a>,
    /// The serial number of the module.
    pub serial_number: &'a [u8],
}

impl<'a> GeneralName<'a> {
    /// Reads a general name.
    ///
    /// # Errors
    /// [`rules::GENERAL_NAME`], and the rules of DER.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let start = *reader;
        let any = reader.any()?;
        let mut content = any.content;
        Ok(match any.tag.byte() {
            0xa0 => {
                let kind = content.oid()?;
                let mut explicit = content.read(Tag::constructed(0))?;
                content.end()?;
                let value = explicit.any()?.whole;
                explicit.end()?;
                Self::Other(kind, value)
            }
            0x81 => Self::Rfc822(ascii(content)?),
            0x82 => Self::Dns(ascii(content)?),
            0xa4 => {
                let name = content.any()?;
                content.end()?;
                if name.tag != Tag::SEQUENCE {
                    return Err(start.error(rules::GENERAL_NAME));
                }
                Self::Directory(Name::of(name)?)
            }
            0x86 => Self::Uri(ascii(content)?),
            0x87 => Self::Ip(content.rest()),
            0x88 => match Oid::from_content(content.rest()) {
                Some(oid) => Self::RegisteredId(oid),
                None => return Err(start.error(rules::GENERAL_NAME)),
            },
            0xa3 | 0xa5 => Self::Unread(any.tag.byte()),
            _ => return Err(start.error(rules::GENERAL_NAME)),
        })
    }

    /// The hardware module that it names, if it is of that kind and well formed.
    #[must_use]
    pub fn hardware_module(&self) -> Option<HardwareModuleName<'a>> {
        let Self::Other(HARDWARE_MODULE_NAME, value) = self else { return None };
        let mut outer = Reader::new(value).ok()?;
        let mut content = outer.sequence().ok()?;
        let hardware_type = content.oid().ok()?;
        let serial_number = content.octets().ok()?;
        content.end().ok()?;
        Some(HardwareModuleName { hardware_type, serial_number })
    }
}

/// `IA5String`: characters of ASCII.
pub(super) fn ascii(content: Reader<'_>) -> Result<&str, Error> {
    let text = core::str::from_utf8(content.rest()).ok().filter(|text| text.is_ascii());
    text.ok_or_else(|| content.error(rules::GENERAL_NAME))
}

/// Whether a name is labels of letters, digits and hyphens, with dots between them.
pub(super) fn is_host(name: &[u8]) -> bool {
    let is_label = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
            && label.first() != Some(&b'-')
            && label.last() != Some(&b'-')
    };
    name.len() <= 253 && name.split(|byte| *byte == b'.').all(is_label)
}
