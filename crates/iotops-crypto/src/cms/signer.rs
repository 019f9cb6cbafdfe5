//! One signer (RFC 5652 §5.3).

use super::Attributes;
use super::algorithm::AlgorithmIdentifier;
use crate::der::{Oid, Reader, Tag};
use crate::rules::cms as rules;
use crate::x509::Certificate;
use crate::{Algorithm, Error};

/// Which certificate a signer says to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignerIdentifier<'a> {
    /// The one that this issuer gave this serial number.
    IssuerAndSerialNumber {
        /// The encoded name.
        issuer: &'a [u8],
        /// The content of the encoded number.
        serial_number: &'a [u8],
    },
    /// The one with this subject key identifier.
    SubjectKeyIdentifier(&'a [u8]),
}

impl SignerIdentifier<'_> {
    /// Whether this certificate is meant.
    #[must_use]
    pub fn names(&self, certificate: &Certificate<'_>) -> bool {
        match self {
            Self::IssuerAndSerialNumber { issuer, serial_number } => {
                *issuer == certificate.issuer().encoding() && *serial_number == certificate.serial()
            }
            Self::SubjectKeyIdentifier(key) => certificate.subject_key_id() == Some(*key),
        }
    }
}

/// A decoded signer, not yet verified.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'a> {
    identifier: SignerIdentifier<'a>,
    digest: AlgorithmIdentifier<'a>,
    attributes: Option<Attributes<'a>>,
    algorithm: AlgorithmIdentifier<'a>,
    signature: &'a [u8],
    offset: u32,
}

impl<'a> Signer<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let offset = reader.offset();
        let mut content = reader.sequence()?;
        let start = content;
        let version = content.small()?;
        let identifier = identifier(&mut content)?;
        let expected = match identifier {
            SignerIdentifier::IssuerAndSerialNumber { .. } => 1,
            SignerIdentifier::SubjectKeyIdentifier(_) => 3,
        };
        if version != expected {
            return Err(start.error(rules::SIGNER_VERSION));
        }
        let digest = AlgorithmIdentifier::read(&mut content)?;
        let tag = Tag::context_constructed(0);
        let attributes = match content.peek() == Some(tag) {
            true => Some(Attributes::read(&mut content, tag)?),
            false => None,
        };
        let algorithm = AlgorithmIdentifier::read(&mut content)?;
        let signature = content.octets()?;
        if let Some(unsigned) = content.optional(Tag::context_constructed(1))? {
            check_unsigned(unsigned)?;
        }
        content.end()?;
        Ok(Self { identifier, digest, attributes, algorithm, signature, offset })
    }

    /// Which certificate it says to have: a hint, never a key.
    #[must_use]
    pub const fn identifier(&self) -> SignerIdentifier<'a> {
        self.identifier
    }

    /// The signed attributes, as yet unverified.
    #[must_use]
    pub const fn attributes(&self) -> Option<&Attributes<'a>> {
        self.attributes.as_ref()
    }

    /// The digest algorithm.
    ///
    /// # Errors
    /// [`rules::ALGORITHM`] for one that is not known.
    pub fn digest(&self) -> Result<Algorithm, Error> {
        self.digest.digest()
    }

    /// The signature algorithm.
    ///
    /// # Errors
    /// [`rules::ALGORITHM`] for one that is not known.
    pub fn algorithm(&self) -> Result<Algorithm, Error> {
        self.algorithm.signature(self.digest()?)
    }

    /// The signature.
    #[must_use]
    pub const fn signature(&self) -> &'a [u8] {
        self.signature
    }

    pub(super) const fn identifiers(&self) -> (&AlgorithmIdentifier<'a>, &AlgorithmIdentifier<'a>) {
        (&self.digest, &self.algorithm)
    }

    pub(super) const fn digest_oid(&self) -> Oid<'a> {
        self.digest.oid()
    }

    pub(super) const fn offset(&self) -> u32 {
        self.offset
    }
}

fn identifier<'a>(content: &mut Reader<'a>) -> Result<SignerIdentifier<'a>, Error> {
    let tag = Tag::context(0);
    if content.peek() == Some(tag) {
        return Ok(SignerIdentifier::SubjectKeyIdentifier(content.read(tag)?.rest()));
    }
    let mut both = content.sequence()?;
    let start = both.position();
    both.sequence()?;
    let issuer = both.since(start);
    let serial_number = both.integer()?;
    both.end()?;
    Ok(SignerIdentifier::IssuerAndSerialNumber { issuer, serial_number })
}

/// Unsigned attributes are not read; they must be values all the same.
fn check_unsigned(mut items: Reader<'_>) -> Result<(), Error> {
    while !items.is_at_end() {
        let mut attribute = items.sequence()?;
        attribute.oid()?;
        attribute.set()?;
        attribute.end()?;
    }
    Ok(())
}
