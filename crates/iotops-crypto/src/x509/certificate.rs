//! Certificates (RFC 5280 §4.1).

use iotops_wire::Time;

use super::extension::{self, Extension, Extensions};
use super::general_name::is_host;
use super::{AlgorithmIdentifier, BasicConstraints, GeneralName, KeyUsage, Name};
use crate::Error;
use crate::der::{Oid, Reader, Tag};
use crate::rules::x509 as rules;

/// RFC 5280 §4.1.2.2: "CAs MUST NOT use serialNumber values longer than 20 octets".
const SERIAL_NUMBER: usize = 20;
/// The encoded version of certificates with extensions.
const VERSION_3: u32 = 2;

/// A decoded certificate: well formed, and trusted by nobody yet.
///
/// Every known extension was read when it was decoded, so no accessor fails.
#[derive(Clone, Copy, Debug)]
pub struct Certificate<'a> {
    whole: &'a [u8],
    /// What is signed.
    signed: &'a [u8],
    version: u32,
    serial_number: &'a [u8],
    issuer: Name<'a>,
    not_before: Time,
    not_after: Time,
    subject: Name<'a>,
    public_key: &'a [u8],
    extensions: Extensions<'a>,
    algorithm: AlgorithmIdentifier<'a>,
    signature: &'a [u8],
}

impl<'a> Certificate<'a> {
    /// Decodes a certificate that is all of `document`.
    ///
    /// # Errors
    /// The rule of DER or of certificates that it breaks.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(document)?;
        let certificate = Self::read(&mut reader)?;
        reader.end()?;
        Ok(certificate)
    }

    /// Reads a certificate inside of another document.
    ///
    /// # Errors
    /// As [`Certificate::decode`].
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let start = reader.position();
        let mut outer = reader.sequence()?;
        let whole = reader.since(start);
        let signed_start = outer.position();
        let mut tbs = outer.sequence()?;
        let signed = outer.since(signed_start);
        let algorithm = AlgorithmIdentifier::read(&mut outer)?;
        let bits = outer.bits()?;
        outer.end()?;
        if bits.unused != 0 {
            return Err(outer.error(rules::SIGNATURE_BITS));
        }
        let mut certificate = Self::read_signed(&mut tbs, algorithm)?;
        (certificate.whole, certificate.signed) = (whole, signed);
        certificate.signature = bits.bytes;
        Ok(certificate)
    }

    /// Reads what is signed; the caller fills in what is around it.
    #[inline]
    fn read_signed(
        tbs: &mut Reader<'a>,
        algorithm: AlgorithmIdentifier<'a>,
    ) -> Result<Self, Error> {
        let version = version(tbs)?;
        let serial_number = serial_number(tbs)?;
        let start = *tbs;
        if AlgorithmIdentifier::read(tbs)?.as_encoded() != algorithm.as_encoded() {
            return Err(start.error(rules::ALGORITHMS_DIFFER));
        }
        let at_issuer = *tbs;
        let issuer = Name::read(tbs)?;
        if issuer.is_empty() {
            return Err(at_issuer.error(rules::ISSUER_EMPTY));
        }
        let mut validity = tbs.sequence()?;
        let (not_before, not_after) = (validity.time()?, validity.time()?);
        validity.end()?;
        if not_after < not_before {
            return Err(validity.error(rules::VALIDITY));
        }
        let subject = Name::read(tbs)?;
        let at_key = tbs.position();
        tbs.sequence()?;
        let public_key = tbs.since(at_key);
        let extensions = extensions(tbs, version)?;
        let (whole, signed, signature): (&[u8], &[u8], &[u8]) = (&[], &[], &[]);
        Ok(Self {
            whole,
            signed,
            version,
            serial_number,
            issuer,
            not_before,
            not_after,
            subject,
            public_key,
            extensions,
            algorithm,
            signature,
        })
    }

    /// Its encoding.
    #[must_use]
    pub const fn as_encoded(&self) -> &'a [u8] {
        self.whole
    }

    /// The version: 1, 2 or 3.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version.saturating_add(1)
    }

    /// The serial number, most significant byte first, as its encoding has it.
    #[must_use]
    pub const fn serial_number(&self) -> &'a [u8] {
        self.serial_number
    }

    /// Who issued it.
    #[must_use]
    pub const fn issuer(&self) -> &Name<'a> {
        &self.issuer
    }

    /// When it begins to be valid.
    #[must_use]
    pub const fn not_before(&self) -> Time {
        self.not_before
    }

    /// When it ends; `None` for 99991231235959Z, which stands for never (RFC 5280 §4.1.2.5).
    #[must_use]
    pub fn not_after(&self) -> Option<Time> {
        const NEVER: Time = Time::from_unix(253_402_300_799);
        (self.not_after != NEVER).then_some(self.not_after)
    }

    /// Whose it is.
    #[must_use]
    pub const fn subject(&self) -> &Name<'a> {
        &self.subject
    }

    /// The encoded `SubjectPublicKeyInfo`.
    #[must_use]
    pub const fn public_key(&self) -> &'a [u8] {
        self.public_key
    }

    /// What the key may be used for, if the certificate says so.
    #[must_use]
    pub const fn key_usage(&self) -> Option<KeyUsage> {
        self.extensions.key_usage
    }

    /// Whether it is a certification authority, if it says so.
    #[must_use]
    pub const fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.extensions.basic_constraints
    }

    /// The subject key identifier.
    #[must_use]
    pub const fn subject_key_identifier(&self) -> Option<&'a [u8]> {
        self.extensions.subject_key
    }

    /// The key identifier of the issuer.
    #[must_use]
    pub const fn authority_key_identifier(&self) -> Option<&'a [u8]> {
        self.extensions.authority_key
    }

    /// The purposes of the extended key usage; `None` if there is no such extension.
    #[must_use]
    pub fn purposes(&self) -> Option<impl Iterator<Item = Oid<'a>> + use<'a>> {
        let mut list = self.extensions.purposes?;
        Some(core::iter::from_fn(move || list.oid().ok()))
    }

    /// The alternative names of the subject.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn alternative_names(&self) -> impl Iterator<Item = GeneralName<'a>> + use<'a> {
        let mut list = self.extensions.alternative_names.unwrap_or_default();
        core::iter::from_fn(move || GeneralName::read(&mut list).ok())
    }

    /// Where the manufacturer's service for vouchers is (RFC 8995 §2.3.2).
    #[must_use]
    pub const fn masa_url(&self) -> Option<&'a str> {
        self.extensions.masa_url
    }

    /// Where the MUD file of the device is (RFC 8520 §11).
    #[must_use]
    pub const fn mud_url(&self) -> Option<&'a str> {
        self.extensions.mud_url
    }

    /// Who signs the MUD file of the device (RFC 8520 §11).
    #[must_use]
    pub fn mud_signer(&self) -> Option<Name<'a>> {
        Name::read(&mut self.extensions.mud_signer?).ok()
    }

    /// The extensions, in order.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'a>> + use<'a> {
        extension::iterate(self.extensions.all)
    }

    /// Whether it may be taken for this host, by its alternative names alone (RFC 9525 §6).
    ///
    /// Wildcards are not taken: to tell `*.example.com` from `*.com` takes a list that no device
    /// has.
    #[must_use]
    pub fn is_for_host(&self, host: &str) -> bool {
        let is_it = |name: &str| is_host(name.as_bytes()) && name.eq_ignore_ascii_case(host);
        self.alternative_names().any(|name| matches!(name, GeneralName::Dns(name) if is_it(name)))
    }

    /// Whether it may be taken for this IP address, of 4 or 16 bytes.
    #[must_use]
    pub fn is_for_address(&self, address: &[u8]) -> bool {
        self.alternative_names().any(|name| matches!(name, GeneralName::Ip(own) if own == address))
    }

    /// Whether issuer and subject are the same name.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.issuer.matches(&self.subject)
    }

    /// The algorithm of its signature.
    #[must_use]
    pub const fn algorithm(&self) -> &AlgorithmIdentifier<'a> {
        &self.algorithm
    }

    pub(super) const fn known(&self) -> &Extensions<'a> {
        &self.extensions
    }

    /// What is signed, and the signature.
    pub(super) const fn signature(&self) -> (&'a [u8], &'a [u8]) {
        (self.signed, self.signature)
    }
}

fn version(tbs: &mut Reader<'_>) -> Result<u32, Error> {
    let start = *tbs;
    let Some(mut explicit) = tbs.optional(Tag::constructed(0))? else {
        return Ok(0);
    };
    let version = explicit.small()?;
    explicit.end()?;
    match version {
        1 | VERSION_3 => Ok(version),
        // The default must not be encoded.
        0 => Err(start.error(crate::rules::der::DEFAULT)),
        _ => Err(start.error(rules::VERSION)),
    }
}

fn serial_number<'a>(tbs: &mut Reader<'a>) -> Result<&'a [u8], Error> {
    let start = *tbs;
    match tbs.integer()? {
        [0x80..=0xff, ..] => Err(start.error(rules::SERIAL_NUMBER)),
        number if number.len() > SERIAL_NUMBER => Err(start.error(rules::SERIAL_NUMBER)),
        number => Ok(number),
    }
}

/// The unique identifiers, which nobody uses, and the extensions.
fn extensions<'a>(tbs: &mut Reader<'a>, version: u32) -> Result<Extensions<'a>, Error> {
    let start = *tbs;
    let mut has_identifiers = false;
    for number in [1, 2] {
        has_identifiers |= tbs.optional(Tag::context(number))?.is_some();
    }
    let explicit = tbs.optional(Tag::constructed(3))?;
    tbs.end()?;
    if (has_identifiers && version == 0) || (explicit.is_some() && version != VERSION_3) {
        return Err(start.error(rules::VERSION));
    }
    let Some(mut explicit) = explicit else {
        return Ok(Extensions::default());
    };
    let list = explicit.sequence()?;
    explicit.end()?;
    if list.is_at_end() {
        return Err(list.error(rules::EXTENSION_VALUE));
    }
    Extensions::read(list)
}
