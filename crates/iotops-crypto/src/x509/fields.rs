//! The values of the extensions that path validation knows (RFC 5280 §4.2).

use super::{GeneralName, GeneralNames};
use crate::Error;
use crate::der::{Oid, Reader, Tag};
use crate::rules::x509 as rules;

/// Basic constraints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BasicConstraints {
    /// Whether the subject is a CA.
    pub ca: bool,
    /// How many intermediate certificates may follow it in a path.
    pub path_length: Option<u32>,
}

impl BasicConstraints {
    pub(super) fn read(value: &mut Reader<'_>) -> Result<Self, Error> {
        let mut fields = value.sequence()?;
        let ca = fields.flag()?;
        let start = fields.position();
        let path_length = if fields.is_at_end() { None } else { Some(fields.small()?) };
        fields.end()?;
        // §4.2.1.9: "CAs MUST NOT include the pathLenConstraint field unless the cA boolean is
        // asserted".
        if path_length.is_some() && !ca {
            return Err(fields.error_at(start, rules::PATH_LENGTH_WITHOUT_CA));
        }
        Ok(Self { ca, path_length })
    }
}

/// What a key is for: nine bits, of which the first is highest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// `digitalSignature`.
    pub const DIGITAL_SIGNATURE: Self = Self(0x8000);
    /// `nonRepudiation`, now called `contentCommitment`.
    pub const CONTENT_COMMITMENT: Self = Self(0x4000);
    /// `keyEncipherment`.
    pub const KEY_ENCIPHERMENT: Self = Self(0x2000);
    /// `dataEncipherment`.
    pub const DATA_ENCIPHERMENT: Self = Self(0x1000);
    /// `keyAgreement`.
    pub const KEY_AGREEMENT: Self = Self(0x0800);
    /// `keyCertSign`.
    pub const CERT_SIGN: Self = Self(0x0400);
    /// `cRLSign`.
    pub const CRL_SIGN: Self = Self(0x0200);

    /// All uses of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it has all uses of `wanted`.
    #[must_use]
    pub const fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// The bits, the first one highest.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }

    pub(super) fn read(value: &mut Reader<'_>) -> Result<Self, Error> {
        let start = value.position();
        match *value.named_bits(Tag::BIT_STRING)?.bytes {
            [first] => Ok(Self(u16::from_be_bytes([first, 0]))),
            [first, second] => Ok(Self(u16::from_be_bytes([first, second]))),
            // §4.2.1.3: "at least one of the bits MUST be set to 1".
            _ => Err(value.error_at(start, rules::EXTENSION_VALUE)),
        }
    }
}

/// The authority key identifier.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct AuthorityKeyId<'a> {
    /// The identifier of the issuer's key.
    pub key_id: Option<&'a [u8]>,
    /// Names of the issuer's issuer.
    pub issuer: Option<GeneralNames<'a>>,
    /// The serial number of the issuer's certificate.
    pub serial: Option<&'a [u8]>,
}

impl<'a> AuthorityKeyId<'a> {
    pub(super) fn read(value: &mut Reader<'a>) -> Result<Self, Error> {
        let mut fields = value.sequence()?;
        let key_id = fields.optional(Tag::context(0))?.map(|content| content.rest());
        let issuer = fields.context(1)?.map(GeneralNames::check).transpose()?;
        let serial = fields.optional(Tag::context(2))?.map(|content| content.rest());
        fields.end()?;
        Ok(Self { key_id, issuer, serial })
    }
}

/// Name constraints.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NameConstraints<'a> {
    /// The subtrees in which names must be.
    pub permitted: Subtrees<'a>,
    /// The subtrees in which names must not be.
    pub excluded: Subtrees<'a>,
}

impl<'a> NameConstraints<'a> {
    pub(super) fn read(value: &mut Reader<'a>) -> Result<Self, Error> {
        let mut fields = value.sequence()?;
        // §4.2.1.10: "either the permittedSubtrees field or the excludedSubtrees MUST be present".
        if fields.is_at_end() {
            return Err(fields.error(rules::EXTENSION_VALUE));
        }
        let permitted = fields.context(0)?.map(Subtrees::check).transpose()?;
        let excluded = fields.context(1)?.map(Subtrees::check).transpose()?;
        fields.end()?;
        Ok(Self {
            permitted: permitted.unwrap_or_default(),
            excluded: excluded.unwrap_or_default(),
        })
    }
}

/// Subtrees of name constraints, each told by its base.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subtrees<'a>(Reader<'a>);

impl<'a> Subtrees<'a> {
    fn check(content: Reader<'a>) -> Result<Self, Error> {
        let mut subtrees = filled(content)?;
        loop {
            Self::base(&mut subtrees)?;
            if subtrees.is_at_end() {
                return Ok(Self(content));
            }
        }
    }

    fn base(subtrees: &mut Reader<'a>) -> Result<GeneralName<'a>, Error> {
        let mut subtree = subtrees.sequence()?;
        let base = GeneralName::read(&mut subtree)?;
        // §4.2.1.10: "the minimum MUST be zero, and maximum MUST be absent"; zero is the default.
        if !subtree.is_at_end() {
            return Err(subtree.error(rules::SUBTREE));
        }
        Ok(base)
    }
}

impl<'a> Iterator for Subtrees<'a> {
    type Item = GeneralName<'a>;

    fn next(&mut self) -> Option<GeneralName<'a>> {
        Self::base(&mut self.0).ok()
    }
}

/// Purposes of a key (extended key usage).
#[derive(Clone, Copy, Debug)]
pub struct Purposes<'a>(Reader<'a>);

impl<'a> Purposes<'a> {
    pub(super) fn read(value: &mut Reader<'a>) -> Result<Self, Error> {
        let content = filled(value.sequence()?)?;
        let mut oids = content;
        loop {
            oids.oid()?;
            if oids.is_at_end() {
                return Ok(Self(content));
            }
        }
    }
}

impl<'a> Iterator for Purposes<'a> {
    type Item = Oid<'a>;

    fn next(&mut self) -> Option<Oid<'a>> {
        self.0.oid().ok()
    }
}

/// Certificate policies, without their qualifiers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policies<'a>(Reader<'a>);

impl<'a> Policies<'a> {
    pub(super) fn read(value: &mut Reader<'a>) -> Result<Self, Error> {
        let content = filled(value.sequence()?)?;
        let mut policies = content;
        loop {
            Self::policy(&mut policies)?;
            if policies.is_at_end() {
                return Ok(Self(content));
            }
        }
    }

    fn policy(policies: &mut Reader<'a>) -> Result<Oid<'a>, Error> {
        let mut policy = policies.sequence()?;
        let oid = policy.oid()?;
        if !policy.is_at_end() {
            let mut qualifiers = policy.sequence()?;
            policy.end()?;
            loop {
                let mut qualifier = qualifiers.sequence()?;
                qualifier.oid()?;
                qualifier.skip()?;
                qualifier.end()?;
                if qualifiers.is_at_end() {
                    break;
                }
            }
        }
        Ok(oid)
    }
}

impl<'a> Iterator for Policies<'a> {
    type Item = Oid<'a>;

    fn next(&mut self) -> Option<Oid<'a>> {
        Self::policy(&mut self.0).ok()
    }
}

/// Policy mappings: the policy of the issuer, and that of the subject which is equivalent to it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mappings<'a>(Reader<'a>);

impl<'a> Mappings<'a> {
    pub(super) fn read(value: &mut Reader<'a>) -> Result<Self, Error> {
        let content = filled(value.sequence()?)?;
        let mut pairs = content;
        loop {
            Self::pair(&mut pairs)?;
            if pairs.is_at_end() {
                return Ok(Self(content));
            }
        }
    }

    fn pair(pairs: &mut Reader<'a>) -> Result<(Oid<'a>, Oid<'a>), Error> {
        let mut pair = pairs.sequence()?;
        let policies = (pair.oid()?, pair.oid()?);
        pair.end()?;
        Ok(policies)
    }
}

impl<'a> Iterator for Mappings<'a> {
    type Item = (Oid<'a>, Oid<'a>);

    fn next(&mut self) -> Option<(Oid<'a>, Oid<'a>)> {
        Self::pair(&mut self.0).ok()
    }
}

/// Policy constraints: after how many certificates they begin to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyConstraints {
    /// From when on a policy is required.
    pub require_explicit: Option<u32>,
    /// From when on no mapping is allowed.
    pub inhibit_mapping: Option<u32>,
}

impl PolicyConstraints {
    pub(super) fn read(value: &mut Reader<'_>) -> Result<Self, Error> {
        let mut fields = value.sequence()?;
        // §4.2.1.11: "CAs MUST NOT issue certificates where policy constraints is an empty
        // sequence."
        if fields.is_at_end() {
            return Err(fields.error(rules::EXTENSION_VALUE));
        }
        let require_explicit = skip_certificates(&mut fields, 0)?;
        let inhibit_mapping = skip_certificates(&mut fields, 1)?;
        fields.end()?;
        Ok(Self { require_explicit, inhibit_mapping })
    }
}

fn skip_certificates(fields: &mut Reader<'_>, number: u8) -> Result<Option<u32>, Error> {
    let tag = Tag::context(number);
    if fields.peek() == Some(tag) { fields.small_tagged(tag).map(Some) } else { Ok(None) }
}

/// The content of a list that must have one element at least (`SIZE (1..MAX)`).
pub(super) fn filled(content: Reader<'_>) -> Result<Reader<'_>, Error> {
    if content.is_at_end() { Err(content.error(rules::EXTENSION_VALUE)) } else { Ok(content) }
}
