//! Extensions (RFC 5280 §4.2): the known ones are read when a certificate is.

use super::GeneralName;
use super::general_name::ascii;
use crate::Error;
use crate::der::{BitString, Oid, Reader, Tag};
use crate::rules::x509 as rules;

/// The most extensions of a certificate: each is compared with those before it.
const MOST: usize = 48;

macro_rules! oids {
    ($($(#[$meta:meta])* $name:ident = $($byte:literal)*;)*) => {
        $($(#[$meta])* const $name: &[u8] = &[$($byte),*];)*
    };
}

oids! {
    SUBJECT_KEY_IDENTIFIER = 0x55 0x1d 0x0e;
    KEY_USAGE = 0x55 0x1d 0x0f;
    SUBJECT_ALTERNATIVE_NAME = 0x55 0x1d 0x11;
    ISSUER_ALTERNATIVE_NAME = 0x55 0x1d 0x12;
    BASIC_CONSTRAINTS = 0x55 0x1d 0x13;
    NAME_CONSTRAINTS = 0x55 0x1d 0x1e;
    CERTIFICATE_POLICIES = 0x55 0x1d 0x20;
    POLICY_MAPPINGS = 0x55 0x1d 0x21;
    AUTHORITY_KEY_IDENTIFIER = 0x55 0x1d 0x23;
    POLICY_CONSTRAINTS = 0x55 0x1d 0x24;
    EXTENDED_KEY_USAGE = 0x55 0x1d 0x25;
    INHIBIT_ANY_POLICY = 0x55 0x1d 0x36;
    AUTHORITY_INFORMATION = 0x2b 0x06 0x01 0x05 0x05 0x07 0x01 0x01;
    /// RFC 8520 §11.
    MUD_URL = 0x2b 0x06 0x01 0x05 0x05 0x07 0x01 0x19;
    /// RFC 8520 §11.
    MUD_SIGNER = 0x2b 0x06 0x01 0x05 0x05 0x07 0x01 0x1e;
    /// RFC 8995 §2.3.2.
    MASA_URL = 0x2b 0x06 0x01 0x05 0x05 0x07 0x01 0x20;
}

/// One extension.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Extension<'a> {
    /// Its type.
    pub oid: Oid<'a>,
    /// Whether who does not understand it must refuse the certificate.
    pub is_critical: bool,
    /// Its value, a reader over what the octet string holds.
    pub value: Reader<'a>,
}

/// What a key may be used for (RFC 5280 §4.2.1.3), by the numbers of its bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// `digitalSignature`.
    pub const DIGITAL_SIGNATURE: Self = Self(1);
    /// `keyEncipherment`.
    pub const KEY_ENCIPHERMENT: Self = Self(1 << 2);
    /// `keyAgreement`.
    pub const KEY_AGREEMENT: Self = Self(1 << 4);
    /// `keyCertSign`.
    pub const KEY_CERT_SIGN: Self = Self(1 << 5);
    /// `cRLSign`.
    pub const CRL_SIGN: Self = Self(1 << 6);

    /// Whether all of `other` is allowed.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    fn read(value: &mut Reader<'_>) -> Result<Self, Error> {
        let bits: BitString<'_> = value.bits()?;
        let set = (0..9_u8).filter(|number| bits.has(*number));
        let usage = set.fold(0_u16, |sum, number| sum | 1_u16.wrapping_shl(u32::from(number)));
        // RFC 5280 §4.2.1.3: "at least one of the bits MUST be set to 1".
        if usage == 0 { Err(value.error(rules::EXTENSION_VALUE)) } else { Ok(Self(usage)) }
    }
}

/// Whether the subject is a certification authority (RFC 5280 §4.2.1.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BasicConstraints {
    /// Whether it is one.
    pub is_authority: bool,
    /// How many authorities may follow it in a path; `None` for any number.
    pub path_length: Option<u32>,
}

/// The known extensions of a certificate, read; and all of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extensions<'a> {
    pub(super) all: Reader<'a>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) subject_key: Option<&'a [u8]>,
    pub(super) authority_key: Option<&'a [u8]>,
    pub(super) has_authority_key: bool,
    /// Whether the issuer is also named by its own issuer and serial number.
    pub(super) names_authority: bool,
    pub(super) purposes: Option<Reader<'a>>,
    pub(super) alternative_names: Option<Reader<'a>>,
    pub(super) name_constraints: Option<Reader<'a>>,
    pub(super) masa_url: Option<&'a str>,
    pub(super) mud_url: Option<&'a str>,
    pub(super) mud_signer: Option<Reader<'a>>,
    /// A critical extension that is not known here.
    pub(super) has_unknown_critical: bool,
    pub(super) has_critical_policies: bool,
}

impl<'a> Extensions<'a> {
    pub(super) fn read(all: Reader<'a>) -> Result<Self, Error> {
        let mut extensions = Self { all, ..Self::default() };
        let mut rest = all;
        let mut count = 0_usize;
        while !rest.is_at_end() {
            let start = rest;
            let extension = next(&mut rest)?;
            count = count.saturating_add(1);
            if count > MOST {
                return Err(start.error(rules::EXTENSION_COUNT));
            }
            if is_before(all, start.position(), extension.oid) {
                return Err(start.error(rules::EXTENSION_TWICE));
            }
            extensions.take(&extension)?;
        }
        Ok(extensions)
    }

    #[inline]
    fn take(&mut self, extension: &Extension<'a>) -> Result<(), Error> {
        let mut value = extension.value;
        match extension.oid.as_content() {
            KEY_USAGE => self.key_usage = Some(KeyUsage::read(&mut value)?),
            BASIC_CONSTRAINTS => self.basic_constraints = Some(basic_constraints(&mut value)?),
            SUBJECT_KEY_IDENTIFIER => {
                self.subject_key = Some(value.octets()?);
                must_not_be_critical(extension)?;
            }
            AUTHORITY_KEY_IDENTIFIER => {
                (self.authority_key, self.names_authority) = authority_key(&mut value)?;
                self.has_authority_key = true;
                must_not_be_critical(extension)?;
            }
            EXTENDED_KEY_USAGE => self.purposes = Some(purposes(&mut value)?),
            SUBJECT_ALTERNATIVE_NAME => self.alternative_names = Some(general_names(&mut value)?),
            ISSUER_ALTERNATIVE_NAME => drop(general_names(&mut value)?),
            NAME_CONSTRAINTS => self.name_constraints = Some(value.sequence()?),
            AUTHORITY_INFORMATION => {
                must_not_be_critical(extension)?;
                access_descriptions(&mut value)?;
            }
            CERTIFICATE_POLICIES | POLICY_MAPPINGS | POLICY_CONSTRAINTS | INHIBIT_ANY_POLICY => {
                self.has_critical_policies |= extension.is_critical;
                value.skip()?;
            }
            MASA_URL => self.masa_url = Some(ascii(value.read(Tag::IA5_STRING)?)?),
            MUD_URL => self.mud_url = Some(ascii(value.read(Tag::IA5_STRING)?)?),
            MUD_SIGNER => {
                self.mud_signer = Some(value);
                value.sequence()?;
            }
            _ => {
                self.has_unknown_critical |= extension.is_critical;
                return Ok(());
            }
        }
        if value.is_at_end() { Ok(()) } else { Err(value.error(rules::EXTENSION_VALUE)) }
    }
}

/// All extensions, in order.
pub(super) fn iterate<'a>(mut all: Reader<'a>) -> impl Iterator<Item = Extension<'a>> + use<'a> {
    core::iter::from_fn(move || next(&mut all).ok())
}

/// Whether an extension is one that [`Extensions::read`] understands.
pub(super) fn is_known(oid: Oid<'_>) -> bool {
    matches!(
        oid.as_content(),
        KEY_USAGE
            | BASIC_CONSTRAINTS
            | SUBJECT_KEY_IDENTIFIER
            | AUTHORITY_KEY_IDENTIFIER
            | EXTENDED_KEY_USAGE
            | SUBJECT_ALTERNATIVE_NAME
            | ISSUER_ALTERNATIVE_NAME
            | NAME_CONSTRAINTS
            | AUTHORITY_INFORMATION
            | CERTIFICATE_POLICIES
            | POLICY_MAPPINGS
            | POLICY_CONSTRAINTS
            | INHIBIT_ANY_POLICY
            | MASA_URL
            | MUD_URL
            | MUD_SIGNER
    )
}

/// RFC 5280 §4.2.1.9, §4.2.1.10, §4.2.1.11: "MUST mark this extension as critical".
pub(super) fn is_critical_in_authorities(oid: Oid<'_>) -> bool {
    matches!(oid.as_content(), BASIC_CONSTRAINTS | NAME_CONSTRAINTS | POLICY_CONSTRAINTS)
}

/// Whether it is the subject alternative name.
pub(super) fn is_alternative_name(oid: Oid<'_>) -> bool {
    oid.as_content() == SUBJECT_ALTERNATIVE_NAME
}

/// Whether it is the name constraints.
pub(super) fn is_name_constraints(oid: Oid<'_>) -> bool {
    oid.as_content() == NAME_CONSTRAINTS
}

/// Whether it is the extended key usage.
pub(super) fn is_purpose(oid: Oid<'_>) -> bool {
    oid.as_content() == EXTENDED_KEY_USAGE
}

fn next<'a>(rest: &mut Reader<'a>) -> Result<Extension<'a>, Error> {
    let mut content = rest.sequence()?;
    let oid = content.oid()?;
    let is_critical = content.boolean_or_false()?;
    let value = content.read(Tag::OCTET_STRING)?;
    content.end()?;
    Ok(Extension { oid, is_critical, value })
}

/// Whether an extension of this type stands before `position`.
fn is_before(mut all: Reader<'_>, position: usize, oid: Oid<'_>) -> bool {
    while all.position() < position {
        match next(&mut all) {
            Ok(earlier) if earlier.oid != oid => {}
            _ => return true,
        }
    }
    false
}

/// RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.2.1: "Conforming CAs MUST mark this extension as
/// non-critical."
fn must_not_be_critical(extension: &Extension<'_>) -> Result<(), Error> {
    if extension.is_critical { Err(extension.value.error(rules::CRITICALITY)) } else { Ok(()) }
}

fn basic_constraints(value: &mut Reader<'_>) -> Result<BasicConstraints, Error> {
    let mut content = value.sequence()?;
    let is_authority = content.boolean_or_false()?;
    let path_length = if content.is_at_end() { None } else { Some(content.small()?) };
    content.end()?;
    Ok(BasicConstraints { is_authority, path_length })
}

/// The key identifier, which is optional, and whether there is more.
fn authority_key<'a>(value: &mut Reader<'a>) -> Result<(Option<&'a [u8]>, bool), Error> {
    let mut content = value.sequence()?;
    let key = content.optional(Tag::context(0))?.map(|key| key.rest());
    let names = content.optional(Tag::constructed(1))?.is_some();
    let number = content.optional(Tag::context(2))?.is_some();
    content.end()?;
    Ok((key, names || number))
}

fn purposes<'a>(value: &mut Reader<'a>) -> Result<Reader<'a>, Error> {
    let list = value.sequence()?;
    let mut rest = list;
    rest.oid()?;
    while !rest.is_at_end() {
        rest.oid()?;
    }
    Ok(list)
}

/// A list of general names that is not empty.
fn general_names<'a>(value: &mut Reader<'a>) -> Result<Reader<'a>, Error> {
    let list = value.sequence()?;
    let mut rest = list;
    GeneralName::read(&mut rest)?;
    while !rest.is_at_end() {
        GeneralName::read(&mut rest)?;
    }
    Ok(list)
}

fn access_descriptions(value: &mut Reader<'_>) -> Result<(), Error> {
    let mut list = value.sequence()?;
    loop {
        let mut description = list.sequence()?;
        description.oid()?;
        GeneralName::read(&mut description)?;
        description.end()?;
        if list.is_at_end() {
            return Ok(());
        }
    }
}
