//! Certificates as borrowed views.

use iotops_wire::Time;

use super::extensions::{Extension, Known};
use super::fields::{
    AuthorityKeyId, BasicConstraints, KeyUsage, Mappings, NameConstraints, Policies,
    PolicyConstraints, Purposes,
};
use super::{GeneralName, GeneralNames, HardwareModule, Name, oids};
use crate::Error;
use crate::der::{Reader, Tag};
use crate::rules::x509 as rules;

/// The version of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Version {
    /// Without extensions.
    V1,
    /// With unique identifiers.
    V2,
    /// With extensions.
    V3,
}

/// A certificate: well-formed, and not yet trusted in anything.
///
/// Only [`super::path::verify`] gives a proof.
#[derive(Clone, Copy, Debug)]
pub struct Certificate<'a> {
    encoding: &'a [u8],
    signed: &'a [u8],
    signature_algorithm: &'a [u8],
    signature: &'a [u8],
    serial: &'a [u8],
    issuer: Name<'a>,
    subject: Name<'a>,
    public_key: &'a [u8],
    not_before: Time,
    not_after: Time,
    extensions: Reader<'a>,
    pub(super) known: Known,
    version: Version,
}

/// §4.1.2.2: "Conforming CAs MUST NOT use serialNumber values longer than 20 octets."
const LONGEST_SERIAL: usize = 20;

impl<'a> Certificate<'a> {
    /// Decodes the DER of a certificate, strictly.
    ///
    /// # Errors
    /// The rule of [`crate::rules::x509`] or [`crate::rules::der`] that it breaks.
    pub fn decode(encoding: &'a [u8]) -> Result<Self, Error> {
        let mut outer = Reader::new(encoding)?;
        let mut fields = outer.sequence()?;
        outer.end()?;
        let signed = Signed::read(&mut fields)?;
        let mut body = signed.body;
        let version = version(&mut body)?;
        let serial = serial(&mut body)?;
        signed.check_algorithm(&mut body)?;
        let issuer = Name::read(&mut body)?;
        let (not_before, not_after) = validity(&mut body)?;
        let subject = Name::read(&mut body)?;
        let start = body.position();
        body.sequence()?;
        let public_key = body.since(start);
        let extensions = tail(&mut body, version)?;
        Ok(Self {
            encoding,
            signed: signed.bytes,
            signature_algorithm: signed.algorithm,
            signature: signed.signature,
            serial,
            issuer,
            subject,
            public_key,
            not_before,
            not_after,
            known: Known::read(extensions)?,
            extensions,
            version,
        })
    }

    /// The encoding.
    #[must_use]
    pub const fn encoding(&self) -> &'a [u8] {
        self.encoding
    }

    /// What the issuer signed: the encoding of the `TBSCertificate`.
    #[must_use]
    pub const fn signed(&self) -> &'a [u8] {
        self.signed
    }

    /// The encoding of the `AlgorithmIdentifier` of the signature.
    #[must_use]
    pub const fn signature_algorithm(&self) -> &'a [u8] {
        self.signature_algorithm
    }

    /// The signature.
    #[must_use]
    pub const fn signature(&self) -> &'a [u8] {
        self.signature
    }

    /// The version.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The serial number, as the two's complement of an INTEGER.
    #[must_use]
    pub const fn serial(&self) -> &'a [u8] {
        self.serial
    }

    /// The issuer.
    #[must_use]
    pub const fn issuer(&self) -> &Name<'a> {
        &self.issuer
    }

    /// The subject.
    #[must_use]
    pub const fn subject(&self) -> &Name<'a> {
        &self.subject
    }

    /// From when on it is valid.
    #[must_use]
    pub const fn not_before(&self) -> Time {
        self.not_before
    }

    /// The last second in which it is valid.
    #[must_use]
    pub const fn not_after(&self) -> Time {
        self.not_after
    }

    /// The encoding of the `SubjectPublicKeyInfo`.
    #[must_use]
    pub const fn public_key(&self) -> &'a [u8] {
        self.public_key
    }

    /// Whether issuer and subject are the same name (§3.2).
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer.is(&self.subject)
    }

    /// All extensions in order.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'a>> + use<'a> {
        let mut rest = self.extensions;
        core::iter::from_fn(move || Extension::read(&mut rest).ok())
    }

    /// The extension of this type.
    #[must_use]
    pub fn extension(&self, oid: &[u8]) -> Option<Extension<'a>> {
        self.extensions().find(|extension| extension.oid.as_bytes() == oid)
    }

    /// The known extension at this place.
    pub(super) fn known(&self, offset: u32) -> Option<Extension<'a>> {
        if offset == 0 {
            return None;
        }
        Extension::read(&mut Reader::at(self.encoding, offset)).ok()
    }

    fn value<T>(
        &self,
        offset: u32,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Error>,
    ) -> Option<T> {
        read(&mut self.known(offset)?.value).ok()
    }

    /// The subject key identifier.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&'a [u8]> {
        self.value(self.known.subject_key_id, Reader::octets)
    }

    /// The authority key identifier.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<AuthorityKeyId<'a>> {
        self.value(self.known.authority_key_id, AuthorityKeyId::read)
    }

    /// The key usage.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.value(self.known.key_usage, KeyUsage::read)
    }

    /// The basic constraints.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.value(self.known.basic_constraints, BasicConstraints::read)
    }

    /// The purposes (extended key usage).
    #[must_use]
    pub fn purposes(&self) -> Option<Purposes<'a>> {
        self.value(self.known.purposes, Purposes::read)
    }

    /// The alternative names of the subject; none without the extension.
    #[must_use]
    pub fn alternative_names(&self) -> GeneralNames<'a> {
        let names = self.value(self.known.alternative_names, Reader::sequence);
        GeneralNames::checked(names.unwrap_or_default())
    }

    /// The name constraints.
    #[must_use]
    pub fn name_constraints(&self) -> Option<NameConstraints<'a>> {
        self.value(self.known.name_constraints, NameConstraints::read)
    }

    /// The policies.
    #[must_use]
    pub fn policies(&self) -> Option<Policies<'a>> {
        self.value(self.known.policies, Policies::read)
    }

    /// The policy mappings; none without the extension.
    #[must_use]
    pub fn policy_mappings(&self) -> Mappings<'a> {
        self.value(self.known.mappings, Mappings::read).unwrap_or_default()
    }

    /// The policy constraints.
    #[must_use]
    pub fn policy_constraints(&self) -> Option<PolicyConstraints> {
        self.value(self.known.policy_constraints, PolicyConstraints::read)
    }

    /// After how many certificates the special policy counts no longer.
    #[must_use]
    pub fn inhibit_any_policy(&self) -> Option<u32> {
        self.value(self.known.inhibit_any_policy, Reader::small)
    }

    /// The MUD URL (RFC 8520 §11).
    #[must_use]
    pub fn mud_url(&self) -> Option<&'a str> {
        self.uri(self.known.mud_url)
    }

    /// The subject of the certificate that signs the MUD file (RFC 8520 §11).
    #[must_use]
    pub fn mud_signer(&self) -> Option<Name<'a>> {
        self.value(self.known.mud_signer, Name::read)
    }

    /// The MASA URL (RFC 8995 §2.3.2).
    #[must_use]
    pub fn masa_url(&self) -> Option<&'a str> {
        self.uri(self.known.masa_url)
    }

    fn uri(&self, offset: u32) -> Option<&'a str> {
        core::str::from_utf8(self.value(offset, |value| value.content(Tag::IA5_STRING))?).ok()
    }

    /// The attribute `serialNumber` of the subject: what BRSKI calls a device by.
    #[must_use]
    pub fn device_serial_number(&self) -> Option<&'a str> {
        self.subject.text(oids::SERIAL_NUMBER)
    }

    /// The hardware module name among the alternative names.
    #[must_use]
    pub fn hardware_module(&self) -> Option<HardwareModule<'a>> {
        self.alternative_names().find_map(|name: GeneralName<'a>| name.hardware_module())
    }
}

/// What certificates and CRLs have in common: a signed body, an algorithm and a signature.
pub(super) struct Signed<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) body: Reader<'a>,
    pub(super) algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl<'a> Signed<'a> {
    pub(super) fn read(fields: &mut Reader<'a>) -> Result<Self, Error> {
        let start = fields.position();
        let body = fields.sequence()?;
        let bytes = fields.since(start);
        let start = fields.position();
        fields.sequence()?;
        let algorithm = fields.since(start);
        let start = fields.position();
        let Some(signature) = fields.bits()?.octets() else {
            return Err(fields.error_at(start, rules::SIGNATURE_ENCODING));
        };
        fields.end()?;
        Ok(Self { bytes, body, algorithm, signature })
    }

    /// §4.1.1.2: "This field MUST contain the same algorithm identifier as the signature field in
    /// the sequence tbsCertificate".
    pub(super) fn check_algorithm(&self, body: &mut Reader<'a>) -> Result<(), Error> {
        let start = body.position();
        body.sequence()?;
        if body.since(start) == self.algorithm {
            return Ok(());
        }
        Err(body.error_at(start, rules::ALGORITHMS_DIFFER))
    }
}

fn version(body: &mut Reader<'_>) -> Result<Version, Error> {
    let start = body.position();
    let Some(mut explicit) = body.context(0)? else { return Ok(Version::V1) };
    let number = explicit.small()?;
    explicit.end()?;
    match number {
        0 => Err(body.error_at(start, crate::rules::der::DEFAULT)),
        1 => Ok(Version::V2),
        2 => Ok(Version::V3),
        _ => Err(body.error_at(start, rules::VERSION)),
    }
}

fn serial<'a>(body: &mut Reader<'a>) -> Result<&'a [u8], Error> {
    let start = body.position();
    match body.integer()? {
        [0x80..=0xff, ..] => Err(body.error_at(start, rules::SERIAL)),
        octets if octets.len() > LONGEST_SERIAL => Err(body.error_at(start, rules::SERIAL)),
        octets => Ok(octets),
    }
}

fn validity(body: &mut Reader<'_>) -> Result<(Time, Time), Error> {
    let start = body.position();
    let mut fields = body.sequence()?;
    let (not_before, not_after) = (fields.time()?, fields.time()?);
    fields.end()?;
    if not_before > not_after {
        return Err(body.error_at(start, rules::VALIDITY));
    }
    Ok((not_before, not_after))
}

/// Reads what follows the public key, and gives the extensions.
fn tail<'a>(body: &mut Reader<'a>, version: Version) -> Result<Reader<'a>, Error> {
    if version > Version::V1 {
        for number in [1, 2] {
            let tag = Tag::context(number);
            if body.peek() == Some(tag) {
                body.bits_tagged(tag)?;
            }
        }
    }
    let mut extensions = Reader::default();
    if version == Version::V3
        && let Some(mut explicit) = body.context(3)?
    {
        extensions = explicit.sequence()?;
        explicit.end()?;
        // §4.1.2.9: "If present, this field is a SEQUENCE of one or more certificate extensions."
        if extensions.is_at_end() {
            return Err(extensions.error(rules::EXTENSIONS));
        }
    }
    if body.is_at_end() { Ok(extensions) } else { Err(body.error(rules::EXTENSIONS)) }
}
