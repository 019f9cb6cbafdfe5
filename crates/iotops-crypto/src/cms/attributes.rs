//! Signed attributes (RFC 5652 §5.3, §11).

use iotops_wire::Time;

use super::algorithm::AlgorithmIdentifier;
use super::{ALGORITHM_PROTECTION, CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME};
use crate::Error;
use crate::der::{Oid, Reader, Tag, check_set_order};
use crate::rules::cms as rules;

/// The signed attributes of a signer, well formed, with those of known types read.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a> {
    /// All of them, without tag and length.
    items: Reader<'a>,
    /// Tag, length and content; the tag is not the one that is signed.
    whole: &'a [u8],
    content_type: Oid<'a>,
    message_digest: &'a [u8],
    signing_time: Option<Time>,
    protection: Option<Reader<'a>>,
}

/// What was found of the known types.
#[derive(Default)]
struct Found<'a> {
    content_type: Option<Oid<'a>>,
    message_digest: Option<&'a [u8]>,
    signing_time: Option<Time>,
    protection: Option<Reader<'a>>,
}

impl<'a> Attributes<'a> {
    /// Reads the attributes with their implicit tag.
    pub(super) fn read(reader: &mut Reader<'a>, tag: Tag) -> Result<Self, Error> {
        let start = reader.position();
        let items = reader.read(tag)?;
        // RFC 5652 §5.3: "SignedAttributes MUST be DER encoded".
        check_set_order(items)?;
        let mut found = Found::default();
        let mut rest = items;
        while !rest.is_at_end() {
            let (kind, mut values) = attribute(&mut rest)?;
            found.take(kind, &mut values)?;
        }
        let (Some(content_type), Some(message_digest)) = (found.content_type, found.message_digest)
        else {
            return Err(items.error(rules::ATTRIBUTE_MISSING));
        };
        Ok(Self {
            items,
            whole: reader.since(start),
            content_type,
            message_digest,
            signing_time: found.signing_time,
            protection: found.protection,
        })
    }

    /// The content type that is signed.
    #[must_use]
    pub const fn content_type(&self) -> Oid<'a> {
        self.content_type
    }

    /// The digest of the content that is signed.
    #[must_use]
    pub const fn message_digest(&self) -> &'a [u8] {
        self.message_digest
    }

    /// When the signer says that it signed.
    #[must_use]
    pub const fn signing_time(&self) -> Option<Time> {
        self.signing_time
    }

    /// The one value of an attribute of another type, as encoded.
    #[must_use]
    pub fn value(&self, kind: Oid<'_>) -> Option<&'a [u8]> {
        let mut rest = self.items;
        while let Ok((found, mut values)) = attribute(&mut rest) {
            if found == kind {
                return values.any().ok().map(|any| any.whole);
            }
        }
        None
    }

    /// The attributes as they are signed: "the DER encoding of the SET OF tag, rather than of the
    /// IMPLICIT \[0\] tag" (RFC 5652 §5.4), so the first byte is another.
    pub(super) fn signed(&self) -> [&'a [u8]; 2] {
        const SET: [u8; 1] = [Tag::SET.octet()];
        [&SET, self.whole.get(1..).unwrap_or_default()]
    }

    /// RFC 6211 §2: the algorithms, if they are signed, must be those of the signer.
    pub(super) fn check_protection(
        &self,
        digest: &AlgorithmIdentifier<'_>,
        signature: &AlgorithmIdentifier<'_>,
    ) -> Result<(), Error> {
        let Some(mut protection) = self.protection else { return Ok(()) };
        let start = protection;
        let signed_digest = AlgorithmIdentifier::read(&mut protection)?;
        let signed_signature = protection.read(Tag::context_constructed(1))?;
        let encoded = signature.encoding();
        let inner = Reader::new(encoded)?.sequence()?;
        let fits = signed_digest.encoding() == digest.encoding()
            && signed_signature.rest() == inner.rest()
            && protection.is_at_end();
        if fits { Ok(()) } else { Err(start.error(rules::ALGORITHMS_DIFFER)) }
    }
}

/// Reads one attribute: its type, and its values.
fn attribute<'a>(reader: &mut Reader<'a>) -> Result<(Oid<'a>, Reader<'a>), Error> {
    let mut content = reader.sequence()?;
    let kind = content.oid()?;
    let values = content.set()?;
    content.end()?;
    check_set_order(values)?;
    if values.is_at_end() {
        return Err(values.error(rules::ATTRIBUTE_VALUE));
    }
    Ok((kind, values))
}

impl<'a> Found<'a> {
    fn take(&mut self, kind: Oid<'a>, values: &mut Reader<'a>) -> Result<(), Error> {
        let start = *values;
        let is_first = match kind {
            CONTENT_TYPE => self.content_type.replace(values.oid()?).is_none(),
            MESSAGE_DIGEST => self.message_digest.replace(values.octets()?).is_none(),
            SIGNING_TIME => self.signing_time.replace(values.time()?).is_none(),
            ALGORITHM_PROTECTION => self.protection.replace(values.sequence()?).is_none(),
            _ => return Ok(()),
        };
        // RFC 5652 §11.1, §11.2: "MUST have a single attribute value", "MUST NOT include multiple
        // instances".
        if is_first && values.is_at_end() {
            return Ok(());
        }
        Err(start.error(rules::ATTRIBUTE_VALUE))
    }
}
