//! A decoded message and the caller's keys → proof (RFC 5652 §5.6).

use super::{Attributes, DATA, SignedData, Signer};
use crate::der::{Oid, Reader, Tag};
use crate::rules::cms as rules;
use crate::x509::Certificate;
use crate::x509::signature::Fixed;
use crate::{Algorithm, Error, Verifier, digest, rules as shared, seam};

/// The proof that a key of the caller signed a content.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'a, 'm> {
    content: &'a [u8],
    content_type: Oid<'m>,
    attributes: Option<Attributes<'m>>,
    algorithm: Algorithm,
    key: usize,
}

impl<'a, 'm> Verified<'a, 'm> {
    /// What was signed.
    #[must_use]
    pub const fn content(&self) -> &'a [u8] {
        self.content
    }

    /// Its type.
    #[must_use]
    pub const fn content_type(&self) -> Oid<'m> {
        self.content_type
    }

    /// The attributes that were signed with it.
    #[must_use]
    pub const fn attributes(&self) -> Option<&Attributes<'m>> {
        self.attributes.as_ref()
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Which of the given keys it was.
    #[must_use]
    pub const fn key(&self) -> usize {
        self.key
    }
}

impl<'m> SignedData<'m> {
    /// Verifies one signer of a message that carries its content.
    ///
    /// # Errors
    /// [`rules::CONTENT_DETACHED`], [`rules::ATTRIBUTES_MISSING`], [`rules::CONTENT_TYPE`],
    /// [`rules::MESSAGE_DIGEST`], [`rules::ALGORITHMS_DIFFER`], [`shared::NO_KEY`],
    /// [`shared::SIGNATURE`], [`shared::UNAVAILABLE`].
    pub fn verify(
        &self,
        signer: &Signer<'m>,
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'m, 'm>, Error> {
        match self.content() {
            Some(content) => self.check(signer, content, algorithm(signer)?, keys),
            None => Err(Error::new(rules::CONTENT_DETACHED, signer.offset())),
        }
    }

    /// Verifies one signer of a message that names the signature algorithm wrongly, with the
    /// algorithm that the caller chose instead; the digest is the one that the message names.
    ///
    /// # Errors
    /// As [`SignedData::verify`].
    pub fn verify_as(
        &self,
        signer: &Signer<'m>,
        algorithm: Algorithm,
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'m, 'm>, Error> {
        let Some(content) = self.content() else {
            return Err(Error::new(rules::CONTENT_DETACHED, signer.offset()));
        };
        let algorithm = fitting(signer, algorithm)?;
        self.check(signer, content, algorithm, keys)
    }

    /// Verifies one signer of a message whose content came another way.
    ///
    /// # Errors
    /// [`rules::CONTENT_ATTACHED`], and as [`SignedData::verify`].
    pub fn verify_detached<'a>(
        &self,
        signer: &Signer<'m>,
        content: &'a [u8],
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'a, 'm>, Error> {
        if self.content().is_some() {
            return Err(Error::new(rules::CONTENT_ATTACHED, signer.offset()));
        }
        self.check(signer, content, algorithm(signer)?, keys)
    }

    /// Verifies one signer that signed no attributes, as old messages have it.
    ///
    /// The content must be `id-data`, and no encoded attributes: a signature made over attributes
    /// would else verify as one over content.
    ///
    /// # Errors
    /// [`rules::CONTENT_TYPE`] for other content or if there are attributes,
    /// [`rules::CONTENT_IS_ATTRIBUTES`], and as [`SignedData::verify`].
    pub fn verify_bare<'a>(
        &self,
        signer: &Signer<'m>,
        content: &'a [u8],
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'a, 'm>, Error> {
        if self.content_type() != DATA || signer.attributes().is_some() {
            return Err(Error::new(rules::CONTENT_TYPE, signer.offset()));
        }
        let is_attributes = Attributes::read(&mut Reader::new(content)?, Tag::SET).is_ok();
        if is_attributes {
            return Err(Error::new(rules::CONTENT_IS_ATTRIBUTES, signer.offset()));
        }
        let algorithm = algorithm(signer)?;
        let key = settle(signer, algorithm, &[content], keys)?;
        Ok(Verified { content, content_type: DATA, attributes: None, algorithm, key })
    }

    /// The certificate that a signer says to have, among those that came along.
    ///
    /// It is no reason to trust the key in it: [`crate::x509::path::verify`] leads from it to an anchor,
    /// and the key of that path goes into [`SignedData::verify`].
    ///
    /// # Errors
    /// [`rules::NO_CERTIFICATE`] if it is not there, and the rules of certificates.
    pub fn certificate_of(&self, signer: &Signer<'m>) -> Result<Certificate<'m>, Error> {
        for encoded in self.certificates() {
            let certificate = Certificate::decode(encoded)?;
            if signer.identifier().names(&certificate) {
                return Ok(certificate);
            }
        }
        Err(Error::new(rules::NO_CERTIFICATE, signer.offset()))
    }

    fn check<'a>(
        &self,
        signer: &Signer<'m>,
        content: &'a [u8],
        algorithm: Algorithm,
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'a, 'm>, Error> {
        let failed = |rule| Err(Error::new(rule, signer.offset()));
        let Some(attributes) = signer.attributes() else {
            return failed(rules::ATTRIBUTES_MISSING);
        };
        if attributes.content_type() != self.content_type() {
            return failed(rules::CONTENT_TYPE);
        }
        let (digest_identifier, signature_identifier) = signer.identifiers();
        attributes.check_protection(digest_identifier, signature_identifier)?;
        let Some(computed) = digest(signer.digest()?, &[content]) else {
            return failed(shared::DIGEST_UNSUPPORTED);
        };
        if computed.as_bytes() != attributes.message_digest() {
            return failed(rules::MESSAGE_DIGEST);
        }
        let key = settle(signer, algorithm, &attributes.signed(), keys)?;
        let content_type = self.content_type();
        Ok(Verified { content, content_type, attributes: Some(*attributes), algorithm, key })
    }
}

/// The algorithm of the signature, which must fit the digest beside it.
fn algorithm(signer: &Signer<'_>) -> Result<Algorithm, Error> {
    fitting(signer, signer.algorithm()?)
}

fn fitting(signer: &Signer<'_>, algorithm: Algorithm) -> Result<Algorithm, Error> {
    let digest = signer.digest()?;
    let fits = match algorithm {
        // RFC 8419 §3: "the message digest algorithm MUST be SHA-512".
        Algorithm::Ed25519 => digest == Algorithm::Sha512,
        _ => algorithm.hash().is_none_or(|hash| hash == digest),
    };
    if fits { Ok(algorithm) } else { Err(Error::new(rules::ALGORITHMS_DIFFER, signer.offset())) }
}

/// Tries each key that is for the algorithm; gives the place of the one that fits.
fn settle(
    signer: &Signer<'_>,
    algorithm: Algorithm,
    message: &[&[u8]],
    keys: &[&dyn Verifier],
) -> Result<usize, Error> {
    let mut fixed = Fixed::default();
    let Some(signature) = fixed.fill(algorithm, signer.signature()) else {
        return Err(Error::new(shared::SIGNATURE, signer.offset()));
    };
    let failures = [shared::NO_KEY, shared::SIGNATURE];
    seam::settle(keys, algorithm, message, signature, failures)
        .map_err(|failure| Error::new(failure, signer.offset()))
}
