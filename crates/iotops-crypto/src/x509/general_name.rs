//! General names (RFC 5280 §4.2.1.6).

use super::{Name, oids};
use crate::Error;
use crate::der::{Oid, Reader, Tag};
use crate::rules::x509 as rules;

/// A name of one of nine kinds.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum GeneralName<'a> {
    /// A name of a kind that `oid` tells, and its value.
    Other {
        /// The kind.
        oid: Oid<'a>,
        /// A reader over the value.
        value: Reader<'a>,
    },
    /// A mailbox.
    Email(&'a str),
    /// A DNS name.
    Dns(&'a str),
    /// An X.400 address, unread.
    X400(Reader<'a>),
    /// A distinguished name.
    Directory(Name<'a>),
    /// An EDI party name, unread.
    EdiParty(Reader<'a>),
    /// A URI.
    Uri(&'a str),
    /// An address of 4 or 16 bytes; in a constraint twice as many, as a mask follows.
    Ip(&'a [u8]),
    /// An object identifier.
    Registered(Oid<'a>),
}

/// `hardwareModuleName` (RFC 4108 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HardwareModule<'a> {
    /// The type of the hardware.
    pub hardware_type: Oid<'a>,
    /// Its serial number.
    pub serial_number: &'a [u8],
}

impl<'a> GeneralName<'a> {
    /// Reads one.
    ///
    /// # Errors
    /// [`rules::GENERAL_NAME`], and those of [`Reader`].
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let start = reader.position();
        let any = reader.any()?;
        let mut content = any.content;
        Ok(match any.tag.octet() {
            0xa0 => {
                let oid = content.oid()?;
                let Some(value) = content.context(0)? else {
                    return Err(content.error(rules::GENERAL_NAME));
                };
                content.end()?;
                Self::Other { oid, value }
            }
            0x81 => Self::Email(text(content)?),
            0x82 => Self::Dns(text(content)?),
            0xa3 => Self::X400(content),
            0xa4 => {
                let name = Name::read(&mut content)?;
                content.end()?;
                Self::Directory(name)
            }
            0xa5 => Self::EdiParty(content),
            0x86 => Self::Uri(text(content)?),
            0x87 => Self::Ip(content.rest()),
            0x88 => {
                let mut again = Reader::at(any.whole, 0);
                match again.oid_tagged(Tag::context(8)) {
                    Ok(oid) => Self::Registered(oid),
                    Err(_) => return Err(reader.error_at(start, rules::GENERAL_NAME)),
                }
            }
            _ => return Err(reader.error_at(start, rules::GENERAL_NAME)),
        })
    }

    /// The number of its kind: two names of different kinds are never compared.
    pub(super) const fn kind(&self) -> u8 {
        match self {
            Self::Other { .. } => 0,
            Self::Email(_) => 1,
            Self::Dns(_) => 2,
            Self::X400(_) => 3,
            Self::Directory(_) => 4,
            Self::EdiParty(_) => 5,
            Self::Uri(_) => 6,
            Self::Ip(_) => 7,
            Self::Registered(_) => 8,
        }
    }

    /// The hardware module that it names, if it does.
    #[must_use]
    pub fn hardware_module(&self) -> Option<HardwareModule<'a>> {
        let Self::Other { oid, mut value } = *self else { return None };
        if oid.as_bytes() != oids::HARDWARE_MODULE_NAME {
            return None;
        }
        let mut fields = value.sequence().ok()?;
        let hardware_type = fields.oid().ok()?;
        let serial_number = fields.octets().ok()?;
        (value.is_at_end() && fields.is_at_end())
            .then_some(HardwareModule { hardware_type, serial_number })
    }

    /// An address of a host has 4 or 16 bytes; other kinds are checked as they are read.
    fn check_value(&self, reader: &Reader<'_>) -> Result<(), Error> {
        match self {
            Self::Ip(bytes) if !matches!(bytes.len(), 4 | 16) => {
                Err(reader.error(rules::GENERAL_NAME))
            }
            Self::Other { oid, .. } if oid.as_bytes() == oids::HARDWARE_MODULE_NAME => {
                match self.hardware_module() {
                    Some(_) => Ok(()),
                    None => Err(reader.error(rules::GENERAL_NAME)),
                }
            }
            _ => Ok(()),
        }
    }
}

/// The text of an `IA5String` that is printable: what a mailbox, host or URI consists of.
fn text<'a>(content: Reader<'a>) -> Result<&'a str, Error> {
    let bytes = content.rest();
    match core::str::from_utf8(bytes) {
        Ok(text) if bytes.iter().all(u8::is_ascii_graphic) => Ok(text),
        _ => Err(content.error(rules::GENERAL_NAME)),
    }
}

/// A list of general names, well-formed.
#[derive(Clone, Copy, Debug)]
pub struct GeneralNames<'a>(Reader<'a>);

impl<'a> GeneralNames<'a> {
    /// The names that `content` holds: a SEQUENCE OF, of one at least.
    pub(super) fn check(content: Reader<'a>) -> Result<Self, Error> {
        let mut names = super::fields::filled(content)?;
        loop {
            let before = names;
            GeneralName::read(&mut names)?.check_value(&before)?;
            if names.is_at_end() {
                return Ok(Self(content));
            }
        }
    }

    /// The names that `content` holds, which has been checked.
    pub(super) const fn checked(content: Reader<'a>) -> Self {
        Self(content)
    }
}

impl<'a> Iterator for GeneralNames<'a> {
    type Item = GeneralName<'a>;

    fn next(&mut self) -> Option<GeneralName<'a>> {
        GeneralName::read(&mut self.0).ok()
    }
}
