//! The message: `ContentInfo` around `SignedData` (RFC 5652 §3, §5.1).

use super::algorithm::AlgorithmIdentifier;
use super::{SIGNED_DATA, Signer};
use crate::Error;
use crate::der::{Oid, Reader, Tag};
use crate::rules::cms as rules;

/// The most signers that a message may have: each may cost a public-key operation per key.
pub const SIGNERS: usize = 16;

/// A decoded message, not yet verified.
#[derive(Clone, Copy, Debug)]
pub struct SignedData<'a> {
    content_type: Oid<'a>,
    content: Option<&'a [u8]>,
    certificates: Reader<'a>,
    crls: Reader<'a>,
    signers: Reader<'a>,
}

impl<'a> SignedData<'a> {
    /// Decodes a message that is all of `document`, in DER.
    ///
    /// # Errors
    /// [`rules::CONTENT_INFO`], [`rules::VERSION`], [`rules::SIGNERS`], and the rules of DER and of
    /// signers.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        let (message, digests) = Self::read(content_of(document)?)?;
        check_signers(message.signers, digests)?;
        Ok(message)
    }

    /// Decodes a message that only carries certificates and revocation lists, as EST does, and is
    /// signed by nobody: no signature of it can be verified.
    ///
    /// # Errors
    /// [`rules::SIGNERS`] if it has a signer, and as [`SignedData::decode`].
    pub fn decode_certificates(
        document: &'a [u8],
    ) -> Result<impl Iterator<Item = &'a [u8]> + use<'a>, Error> {
        let (message, _) = Self::read(content_of(document)?)?;
        if !message.signers.is_at_end() || message.content.is_some() {
            return Err(message.signers.error(rules::SIGNERS));
        }
        Ok(message.certificates())
    }

    fn read(mut reader: Reader<'a>) -> Result<(Self, Reader<'a>), Error> {
        let start = reader;
        if !matches!(reader.small()?, 1 | 3) {
            return Err(start.error(rules::VERSION));
        }
        let digests = reader.set()?;
        let (content_type, content) = encapsulated(&mut reader)?;
        let certificates = reader.optional(Tag::context_constructed(0))?.unwrap_or_default();
        check_certificates(certificates)?;
        let crls = reader.optional(Tag::context_constructed(1))?.unwrap_or_default();
        check_certificates(crls)?;
        let signers = reader.set()?;
        reader.end()?;
        Ok((Self { content_type, content, certificates, crls, signers }, digests))
    }

    /// The type of the content; signed only if a signer verifies.
    #[must_use]
    pub const fn content_type(&self) -> Oid<'a> {
        self.content_type
    }

    /// The content, as yet unverified; `None` if it is detached.
    #[must_use]
    pub const fn content(&self) -> Option<&'a [u8]> {
        self.content
    }

    /// The certificates that came along, each encoded: material for paths, never trusted by itself.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn certificates(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        items(self.certificates)
    }

    /// The revocation lists that came along, each encoded.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn crls(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        items(self.crls)
    }

    /// The signers, in order; one at least.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn signers(&self) -> impl Iterator<Item = Signer<'a>> + use<'a> {
        let mut rest = self.signers;
        core::iter::from_fn(move || Signer::read(&mut rest).ok())
    }

    /// The signer of a message that must have just one.
    ///
    /// # Errors
    /// [`rules::SIGNERS`] if there are more.
    pub fn signer(&self) -> Result<Signer<'a>, Error> {
        let mut signers = self.signers();
        match (signers.next(), signers.next()) {
            (Some(signer), None) => Ok(signer),
            _ => Err(self.signers.error(rules::SIGNERS)),
        }
    }
}

/// What the `ContentInfo` holds, which must be signed data.
fn content_of(document: &[u8]) -> Result<Reader<'_>, Error> {
    let mut outer = Reader::new(document)?;
    let mut info = outer.sequence()?;
    outer.end()?;
    let start = info;
    if info.oid()? != SIGNED_DATA {
        return Err(start.error(rules::CONTENT_INFO));
    }
    let mut explicit = info.read(Tag::context_constructed(0))?;
    info.end()?;
    let content = explicit.sequence()?;
    explicit.end()?;
    Ok(content)
}

fn encapsulated<'a>(reader: &mut Reader<'a>) -> Result<(Oid<'a>, Option<&'a [u8]>), Error> {
    let mut info = reader.sequence()?;
    let content_type = info.oid()?;
    let content = match info.optional(Tag::context_constructed(0))? {
        Some(mut explicit) => {
            let content = explicit.octets()?;
            explicit.end()?;
            Some(content)
        }
        None => None,
    };
    info.end()?;
    Ok((content_type, content))
}

/// Other forms of certificates and revocation data have tags of their own.
fn check_certificates(mut list: Reader<'_>) -> Result<(), Error> {
    while !list.is_at_end() {
        if list.peek() != Some(Tag::SEQUENCE) {
            return Err(list.error(rules::CERTIFICATE_FORM));
        }
        list.sequence()?;
    }
    Ok(())
}

fn check_signers(mut signers: Reader<'_>, digests: Reader<'_>) -> Result<(), Error> {
    let start = signers;
    let mut count = 0_usize;
    while !signers.is_at_end() {
        let signer = Signer::read(&mut signers)?;
        if !is_listed(digests, signer.digest_oid())? {
            return Err(Error::new(rules::DIGEST_LISTED, signer.offset()));
        }
        count = count.saturating_add(1);
        if count > SIGNERS {
            break;
        }
    }
    if count == 0 || count > SIGNERS {
        return Err(start.error(rules::SIGNERS));
    }
    Ok(())
}

fn is_listed(mut digests: Reader<'_>, digest: Oid<'_>) -> Result<bool, Error> {
    let mut is_listed = false;
    while !digests.is_at_end() {
        is_listed |= AlgorithmIdentifier::read(&mut digests)?.oid() == digest;
    }
    Ok(is_listed)
}

fn items<'a>(mut list: Reader<'a>) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    core::iter::from_fn(move || list.any().ok().map(|any| any.whole))
}
