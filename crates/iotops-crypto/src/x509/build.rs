//! Making certificates and requests, for tests and small authorities.

use alloc::vec::Vec;

use iotops_wire::Time;

use super::{KeyUsage, signature};
use crate::der::{Oid, Tag, Writer};
use crate::rules::x509 as rules;
use crate::{Algorithm, Error, Signer};

/// What a certificate will say.
///
/// Names are whole encodings, such as those of another certificate or of [`name`]; keys are whole
/// encodings of `SubjectPublicKeyInfo`.
#[derive(Clone, Debug)]
pub struct Draft {
    issuer: Vec<u8>,
    subject: Vec<u8>,
    public_key: Vec<u8>,
    serial: Vec<u8>,
    not_before: Time,
    not_after: Time,
    extensions: Vec<(Vec<u8>, bool, Vec<u8>)>,
}

/// The encoding of a name with these attributes, each the content of its object identifier and a
/// UTF-8 text, in sets of their own.
#[must_use]
pub fn name(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.sequence(|writer| {
        for (oid, text) in attributes {
            writer.nested(Tag::SET, |writer| {
                writer.sequence(|writer| {
                    writer.primitive(Tag::OID, oid);
                    writer.primitive(Tag::UTF8_STRING, text.as_bytes());
                });
            });
        }
    });
    writer.into_bytes()
}

impl Draft {
    /// A certificate of this subject and key by this issuer, with a serial number, highest byte
    /// first, and from when to when it is valid.
    #[must_use]
    pub fn new(
        issuer: &[u8],
        subject: &[u8],
        public_key: &[u8],
        serial: &[u8],
        from: Time,
        to: Time,
    ) -> Self {
        Self {
            issuer: issuer.to_vec(),
            subject: subject.to_vec(),
            public_key: public_key.to_vec(),
            serial: serial.to_vec(),
            not_before: from,
            not_after: to,
            extensions: Vec::new(),
        }
    }

    /// Adds an extension with this value, which `write` writes.
    #[must_use]
    pub fn extension(
        mut self,
        oid: Oid<'_>,
        critical: bool,
        write: impl FnOnce(&mut Writer),
    ) -> Self {
        let mut value = Writer::new();
        write(&mut value);
        self.extensions.push((oid.as_bytes().to_vec(), critical, value.into_bytes()));
        self
    }

    /// Adds basic constraints of a CA, and the key usage that belongs to them.
    #[must_use]
    pub fn authority(self, path_length: Option<u32>) -> Self {
        let usage = KeyUsage::CERT_SIGN.and(KeyUsage::CRL_SIGN);
        let basic = self.known(19, true, |writer| {
            writer.sequence(|writer| {
                writer.boolean(true);
                if let Some(length) = path_length {
                    writer.small(length);
                }
            });
        });
        basic.key_usage(usage)
    }

    /// Adds a key usage.
    #[must_use]
    pub fn key_usage(self, usage: KeyUsage) -> Self {
        self.known(15, true, |writer| writer.named_bits(usage.bits()))
    }

    /// Adds the key identifiers of subject and issuer.
    #[must_use]
    pub fn key_ids(self, subject: &[u8], issuer: &[u8]) -> Self {
        let own = self.known(14, false, |writer| writer.octets(subject));
        own.known(35, false, |writer| {
            writer.sequence(|writer| writer.primitive(Tag::context(0), issuer));
        })
    }

    /// Adds purposes, each the content of an object identifier.
    #[must_use]
    pub fn purposes(self, purposes: &[&[u8]]) -> Self {
        self.known(37, false, |writer| {
            writer.sequence(|writer| {
                purposes.iter().for_each(|purpose| writer.primitive(Tag::OID, purpose));
            });
        })
    }

    /// Adds DNS names as alternative names.
    #[must_use]
    pub fn dns_names(self, names: &[&str]) -> Self {
        self.known(17, false, |writer| {
            writer.sequence(|writer| {
                for name in names {
                    writer.primitive(Tag::context(2), name.as_bytes());
                }
            });
        })
    }

    fn known(mut self, number: u8, critical: bool, write: impl FnOnce(&mut Writer)) -> Self {
        let [first, second] = super::oids::CE;
        let mut value = Writer::new();
        write(&mut value);
        self.extensions.push((alloc::vec![first, second, number], critical, value.into_bytes()));
        self
    }

    /// What is to be signed, for a key that is elsewhere: see [`finish`].
    ///
    /// # Errors
    /// [`rules::ALGORITHM`] if certificates have no identifier for this algorithm.
    pub fn to_be_signed(&self, algorithm: Algorithm) -> Result<Vec<u8>, Error> {
        let identifier = identifier(algorithm)?;
        let mut writer = Writer::new();
        writer.sequence(|writer| {
            writer.nested(Tag::context_constructed(0), |writer| writer.small(2));
            writer.unsigned(&self.serial);
            writer.raw(&identifier);
            writer.raw(&self.issuer);
            writer.sequence(|writer| {
                writer.time(self.not_before);
                writer.time(self.not_after);
            });
            writer.raw(&self.subject);
            writer.raw(&self.public_key);
            if !self.extensions.is_empty() {
                writer.nested(Tag::context_constructed(3), |writer| self.write_extensions(writer));
            }
        });
        Ok(writer.into_bytes())
    }

    fn write_extensions(&self, writer: &mut Writer) {
        writer.sequence(|writer| {
            for (oid, critical, value) in &self.extensions {
                writer.sequence(|writer| {
                    writer.primitive(Tag::OID, oid);
                    if *critical {
                        writer.boolean(true);
                    }
                    writer.octets(value);
                });
            }
        });
    }

    /// Signs, and gives the certificate.
    ///
    /// # Errors
    /// [`rules::ALGORITHM`], and [`rules::UNAVAILABLE`] if the key does not answer.
    pub fn sign(&self, signer: &mut dyn Signer) -> Result<Vec<u8>, Error> {
        sign(&self.to_be_signed(signer.algorithm())?, signer)
    }

    /// Signs a certification request (RFC 2986) for the subject, its key and the extensions.
    ///
    /// # Errors
    /// As [`Draft::sign`].
    pub fn request(&self, signer: &mut dyn Signer) -> Result<Vec<u8>, Error> {
        let mut writer = Writer::new();
        writer.sequence(|writer| {
            writer.small(0);
            writer.raw(&self.subject);
            writer.raw(&self.public_key);
            writer.nested(Tag::context_constructed(0), |writer| {
                if !self.extensions.is_empty() {
                    writer.sequence(|writer| {
                        writer.primitive(Tag::OID, EXTENSION_REQUEST);
                        writer.nested(Tag::SET, |writer| self.write_extensions(writer));
                    });
                }
            });
        });
        sign(&writer.into_bytes(), signer)
    }
}

/// `extensionRequest` (RFC 2985 §5.4.2), 1.2.840.113549.1.9.14.
const EXTENSION_REQUEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e];
/// No signature that is built in is longer.
const LONGEST_SIGNATURE: usize = 5000;

fn identifier(algorithm: Algorithm) -> Result<Vec<u8>, Error> {
    let Some(content) = signature::identifier(algorithm) else {
        return Err(Error::new(rules::ALGORITHM, 0));
    };
    let mut writer = Writer::new();
    writer.primitive(Tag::SEQUENCE, content);
    Ok(writer.into_bytes())
}

fn sign(signed: &[u8], signer: &mut dyn Signer) -> Result<Vec<u8>, Error> {
    let mut made = alloc::vec![0; LONGEST_SIGNATURE];
    let Ok(length) = signer.sign(&[signed], &mut made) else {
        return Err(Error::new(rules::UNAVAILABLE, 0));
    };
    finish(signed, signer.algorithm(), made.get(..length).unwrap_or_default())
}

/// Puts a signature of the form that [`Signer`] gives behind what it signs.
///
/// # Errors
/// [`rules::ALGORITHM`] if certificates have no identifier for this algorithm.
pub fn finish(signed: &[u8], algorithm: Algorithm, made: &[u8]) -> Result<Vec<u8>, Error> {
    let identifier = identifier(algorithm)?;
    let mut value = Writer::new();
    if algorithm.prehash().is_some() {
        let (r, s) = made.split_at_checked(made.len() >> 1).unwrap_or_default();
        value.sequence(|writer| {
            writer.unsigned(r);
            writer.unsigned(s);
        });
    } else {
        value.raw(made);
    }
    let mut writer = Writer::new();
    writer.sequence(|writer| {
        writer.raw(signed);
        writer.raw(&identifier);
        writer.bits(value.as_bytes());
    });
    Ok(writer.into_bytes())
}
