//! Extensions: each at most once, and those that are known with the type that they must have.

use super::fields::{
    AuthorityKeyId, BasicConstraints, KeyUsage, Mappings, NameConstraints, Policies,
    PolicyConstraints, Purposes, filled,
};
use super::{GeneralName, GeneralNames, oids};
use crate::Error;
use crate::der::{Oid, Reader, Tag};
use crate::rules::x509 as rules;

/// One extension.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Extension<'a> {
    /// Its type.
    pub oid: Oid<'a>,
    /// Whether who does not understand it must refuse the certificate.
    pub critical: bool,
    /// A reader over its value.
    pub value: Reader<'a>,
}

impl<'a> Extension<'a> {
    /// Reads one.
    ///
    /// # Errors
    /// Those of [`Reader`].
    #[inline]
    pub(super) fn read(extensions: &mut Reader<'a>) -> Result<Self, Error> {
        let mut fields = extensions.sequence()?;
        let oid = fields.oid()?;
        let critical = fields.flag()?;
        let value = fields.read(Tag::OCTET_STRING)?;
        fields.end()?;
        Ok(Self { oid, critical, value })
    }
}

/// More extensions than any certificate has: finding one that occurs twice compares each with all.
const MOST: u32 = 64;

/// Where the values of the known extensions stand in the certificate; 0 for none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    pub(super) subject_key_id: u32,
    pub(super) key_usage: u32,
    pub(super) alternative_names: u32,
    pub(super) issuer_alternative_names: u32,
    pub(super) basic_constraints: u32,
    pub(super) name_constraints: u32,
    pub(super) distribution_points: u32,
    pub(super) policies: u32,
    pub(super) mappings: u32,
    pub(super) authority_key_id: u32,
    pub(super) policy_constraints: u32,
    pub(super) purposes: u32,
    pub(super) inhibit_any_policy: u32,
    pub(super) freshest_crl: u32,
    pub(super) authority_access: u32,
    pub(super) mud_url: u32,
    pub(super) mud_signer: u32,
    pub(super) masa_url: u32,
}

impl Known {
    /// Reads all extensions, and checks them.
    pub(super) fn read(extensions: Reader<'_>) -> Result<Self, Error> {
        let mut known = Self::default();
        let mut rest = extensions;
        let mut count = 0_u32;
        while !rest.is_at_end() {
            let before = rest;
            let extension = Extension::read(&mut rest)?;
            count = count.saturating_add(1);
            if count > MOST {
                return Err(before.error(rules::EXTENSION_LIMIT));
            }
            let is_twice = match known.slot(extension.oid) {
                Some((slot, check)) => {
                    check_value(extension.value, check)?;
                    core::mem::replace(slot, before.offset()) != 0
                }
                None => occurs(extensions, before.position(), extension.oid),
            };
            // §4.2: "A certificate MUST NOT include more than one instance of a particular
            // extension."
            if is_twice {
                return Err(before.error(rules::EXTENSION_TWICE));
            }
        }
        Ok(known)
    }

    /// The place of a known extension, and the check of its value.
    fn slot(&mut self, oid: Oid<'_>) -> Option<(&mut u32, Check)> {
        if let Some([last]) = oid.as_bytes().strip_prefix(&oids::CE) {
            return Some(match last {
                14 => (&mut self.subject_key_id, octets),
                15 => (&mut self.key_usage, |value| KeyUsage::read(value).map(drop)),
                17 => (&mut self.alternative_names, names),
                18 => (&mut self.issuer_alternative_names, names),
                19 => {
                    (&mut self.basic_constraints, |value| BasicConstraints::read(value).map(drop))
                }
                30 => (&mut self.name_constraints, |value| NameConstraints::read(value).map(drop)),
                31 => (&mut self.distribution_points, distribution_points),
                32 => (&mut self.policies, |value| Policies::read(value).map(drop)),
                33 => (&mut self.mappings, |value| Mappings::read(value).map(drop)),
                35 => (&mut self.authority_key_id, |value| AuthorityKeyId::read(value).map(drop)),
                36 => {
                    (&mut self.policy_constraints, |value| PolicyConstraints::read(value).map(drop))
                }
                37 => (&mut self.purposes, |value| Purposes::read(value).map(drop)),
                46 => (&mut self.freshest_crl, distribution_points),
                54 => (&mut self.inhibit_any_policy, |value| value.small().map(drop)),
                _ => return None,
            });
        }
        Some(match oid.as_bytes().strip_prefix(&oids::PE)? {
            [1] => (&mut self.authority_access, access),
            [25] => (&mut self.mud_url, uri),
            [30] => (&mut self.mud_signer, |value| super::Name::read(value).map(drop)),
            [32] => (&mut self.masa_url, uri),
            _ => return None,
        })
    }
}

type Check = fn(&mut Reader<'_>) -> Result<(), Error>;

fn check_value(mut value: Reader<'_>, check: Check) -> Result<(), Error> {
    check(&mut value)?;
    value.end()
}

/// Whether an extension of this type stands before `position`.
fn occurs(mut extensions: Reader<'_>, position: usize, oid: Oid<'_>) -> bool {
    while extensions.position() < position {
        match Extension::read(&mut extensions) {
            Ok(extension) if extension.oid == oid => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

fn octets(value: &mut Reader<'_>) -> Result<(), Error> {
    value.octets().map(drop)
}

fn names(value: &mut Reader<'_>) -> Result<(), Error> {
    GeneralNames::check(value.sequence()?).map(drop)
}

/// RFC 8520 §11 and RFC 8995 §2.3.2: the value is an `IA5String`.
fn uri(value: &mut Reader<'_>) -> Result<(), Error> {
    let start = value.position();
    let text = value.content(Tag::IA5_STRING)?;
    let is_uri = !text.is_empty() && text.iter().all(u8::is_ascii_graphic);
    if is_uri { Ok(()) } else { Err(value.error_at(start, rules::EXTENSION_VALUE)) }
}

/// §4.2.2.1: `SEQUENCE SIZE (1..MAX) OF AccessDescription`.
fn access(value: &mut Reader<'_>) -> Result<(), Error> {
    let mut descriptions = filled(value.sequence()?)?;
    loop {
        let mut description = descriptions.sequence()?;
        description.oid()?;
        GeneralName::read(&mut description)?;
        description.end()?;
        if descriptions.is_at_end() {
            return Ok(());
        }
    }
}

/// §4.2.1.13: `SEQUENCE SIZE (1..MAX) OF DistributionPoint`.
fn distribution_points(value: &mut Reader<'_>) -> Result<(), Error> {
    let mut points = filled(value.sequence()?)?;
    loop {
        let mut point = points.sequence()?;
        // What is in them is read where it is compared.
        point.context(0)?;
        point.optional(Tag::context(1))?;
        point.context(2)?.map(GeneralNames::check).transpose()?;
        point.end()?;
        if points.is_at_end() {
            return Ok(());
        }
    }
}
