//! Writing messages with one signer, in one step or in two.

use alloc::vec;
use alloc::vec::Vec;

use iotops_wire::Time;

use super::algorithm::digest_oid;
use super::{CONTENT_TYPE, MESSAGE_DIGEST, SIGNED_DATA, SIGNING_TIME, SignerIdentifier};
use crate::der::{Oid, Tag, Writer};
use crate::rules::cms as cms_rules;
use crate::x509::signature;
use crate::{Algorithm, Error, Signer, digest, rules};

/// The longest signature that [`Unsigned::sign`] makes, in fixed form.
const LONGEST_SIGNATURE: usize = 5120;

/// The content of a message, and whether the message carries it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Content<'c> {
    /// The message carries it.
    Attached(&'c [u8]),
    /// The receiver gets it another way.
    Detached(&'c [u8]),
}

impl<'c> Content<'c> {
    /// The bytes that are digested.
    #[must_use]
    pub const fn bytes(&self) -> &'c [u8] {
        match self {
            Self::Attached(bytes) | Self::Detached(bytes) => bytes,
        }
    }
}

/// A message that is not signed yet: who will sign, what kind of content, and what is said of it.
///
/// What is signed follows from it and the content alone, so it may wait while a signing service is
/// asked: [`Unsigned::to_be_signed`] first, [`Unsigned::finish`] with the signature later.
#[derive(Clone, Debug)]
pub struct Unsigned<'k> {
    algorithm: Algorithm,
    digest: Algorithm,
    content_type: Oid<'k>,
    identifier: SignerIdentifier<'k>,
    certificates: Vec<&'k [u8]>,
    signing_time: Option<Time>,
}

impl<'k> Unsigned<'k> {
    /// A message to be signed with `algorithm` by the owner of the certificate that `identifier`
    /// names.
    ///
    /// # Errors
    /// [`cms_rules::ALGORITHM`] if the algorithm has no place in CMS here.
    pub fn new(
        algorithm: Algorithm,
        content_type: Oid<'k>,
        identifier: SignerIdentifier<'k>,
    ) -> Result<Self, Error> {
        // RFC 8419 §3 for Ed25519, RFC 9882 §3.3 for ML-DSA: SHA-512.
        let digest = algorithm.hash().unwrap_or(Algorithm::Sha512);
        if signature::identifier(algorithm).is_none() {
            return Err(Error::new(cms_rules::ALGORITHM, 0));
        }
        let (certificates, signing_time) = (Vec::new(), None);
        Ok(Self { algorithm, digest, content_type, identifier, certificates, signing_time })
    }

    /// The same carrying these certificates, each encoded.
    #[must_use]
    pub fn with_certificates(mut self, certificates: &[&'k [u8]]) -> Self {
        self.certificates.extend_from_slice(certificates);
        self
    }

    /// The same with the time of signing.
    #[must_use]
    pub const fn with_signing_time(mut self, time: Time) -> Self {
        self.signing_time = Some(time);
        self
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The bytes to be signed: the attributes with the tag of a `SET OF` (RFC 5652 §5.4).
    ///
    /// # Errors
    /// [`rules::DIGEST_UNSUPPORTED`] if the digest is not built in.
    pub fn to_be_signed(&self, content: &[u8]) -> Result<Vec<u8>, Error> {
        self.attributes(content, Tag::SET)
    }

    /// Writes the message with a signature that was made elsewhere, in the form of the seams (r and
    /// s of one length for ECDSA).
    ///
    /// # Errors
    /// [`rules::SIGNATURE_LENGTH`] if it cannot be one of the algorithm, and as
    /// [`Unsigned::to_be_signed`].
    pub fn finish(&self, content: Content<'_>, signature: &[u8]) -> Result<Vec<u8>, Error> {
        if self.algorithm.signature_length().is_some_and(|length| length != signature.len()) {
            return Err(Error::new(rules::SIGNATURE_LENGTH, 0));
        }
        let attributes = self.attributes(content.bytes(), Tag::context_constructed(0))?;
        Ok(write(|writer| {
            writer.nested(Tag::SEQUENCE, |info| {
                info.oid(SIGNED_DATA);
                info.nested(Tag::context_constructed(0), |explicit| {
                    explicit.nested(Tag::SEQUENCE, |inner| {
                        self.signed_data(inner, content, &attributes, signature);
                    });
                });
            });
        }))
    }

    /// Signs with `signer` and writes the message.
    ///
    /// # Errors
    /// [`rules::UNAVAILABLE`] if the signer does not answer, [`rules::ALGORITHM_PURPOSE`] if it is
    /// for another algorithm, and as [`Unsigned::finish`].
    pub fn sign(&self, signer: &mut dyn Signer, content: Content<'_>) -> Result<Vec<u8>, Error> {
        if signer.algorithm().fully_specified() != self.algorithm.fully_specified() {
            return Err(Error::new(rules::ALGORITHM_PURPOSE, 0));
        }
        let message = self.to_be_signed(content.bytes())?;
        let mut buffer = vec![0; LONGEST_SIGNATURE];
        let made = signer.sign(&[&message], &mut buffer).ok();
        match made.and_then(|length| buffer.get(..length)) {
            Some(signature) => self.finish(content, signature),
            None => Err(Error::new(rules::UNAVAILABLE, 0)),
        }
    }

    fn attributes(&self, content: &[u8], tag: Tag) -> Result<Vec<u8>, Error> {
        let Some(computed) = digest(self.digest, &[content]) else {
            return Err(Error::new(rules::DIGEST_UNSUPPORTED, 0));
        };
        let mut items = vec![
            attribute(CONTENT_TYPE, |value| value.oid(self.content_type)),
            attribute(MESSAGE_DIGEST, |value| value.octets(computed.as_bytes())),
        ];
        if let Some(time) = self.signing_time {
            items.push(attribute(SIGNING_TIME, |value| value.time(time)));
        }
        Ok(write(|writer| writer.set_of(tag, &mut items)))
    }

    fn signed_data(
        &self,
        writer: &mut Writer,
        content: Content<'_>,
        attributes: &[u8],
        signature: &[u8],
    ) {
        let is_key = matches!(self.identifier, SignerIdentifier::SubjectKeyIdentifier(_));
        // RFC 5652 §5.1: 3 for other content than id-data, or a signer of version 3.
        writer.small(if is_key || self.content_type != super::DATA { 3 } else { 1 });
        writer.nested(Tag::SET, |set| write_digest(set, self.digest));
        writer.nested(Tag::SEQUENCE, |info| {
            info.oid(self.content_type);
            if let Content::Attached(bytes) = content {
                info.nested(Tag::context_constructed(0), |it| it.octets(bytes));
            }
        });
        if !self.certificates.is_empty() {
            let mut certificates: Vec<_> =
                self.certificates.iter().map(|one| one.to_vec()).collect();
            writer.set_of(Tag::context_constructed(0), &mut certificates);
        }
        writer.nested(Tag::SET, |set| {
            set.nested(Tag::SEQUENCE, |signer| self.signer(signer, attributes, signature));
        });
    }

    fn signer(&self, writer: &mut Writer, attributes: &[u8], signature: &[u8]) {
        match self.identifier {
            SignerIdentifier::IssuerAndSerialNumber { issuer, serial_number } => {
                writer.small(1);
                writer.nested(Tag::SEQUENCE, |both| {
                    both.raw(issuer);
                    both.primitive(Tag::INTEGER, serial_number);
                });
            }
            SignerIdentifier::SubjectKeyIdentifier(key) => {
                writer.small(3);
                writer.primitive(Tag::context(0), key);
            }
        }
        write_digest(writer, self.digest);
        writer.raw(attributes);
        let identifier = signature::identifier(self.algorithm).unwrap_or_default();
        writer.primitive(Tag::SEQUENCE, identifier);
        writer.octets(&encode_signature(self.algorithm, signature));
    }
}

fn attribute(kind: Oid<'_>, value: impl FnOnce(&mut Writer)) -> Vec<u8> {
    write(|writer| {
        writer.nested(Tag::SEQUENCE, |attribute| {
            attribute.oid(kind);
            attribute.nested(Tag::SET, value);
        });
    })
}

fn write_digest(writer: &mut Writer, algorithm: Algorithm) {
    if let Some(oid) = digest_oid(algorithm) {
        writer.sequence(|content| content.oid(oid));
    }
}

/// A signature of the seams as CMS has it: that of ECDSA as two numbers in DER.
fn encode_signature(algorithm: Algorithm, signature: &[u8]) -> Vec<u8> {
    if algorithm.prehash().is_none() {
        return signature.to_vec();
    }
    let (r, s) = signature.split_at(signature.len() >> 1);
    write(|writer| {
        writer.sequence(|numbers| {
            numbers.unsigned(r);
            numbers.unsigned(s);
        });
    })
}

/// What `content` writes.
fn write(content: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    content(&mut writer);
    writer.into_bytes()
}
