//! The envelope (SUIT §8.2): what is around the manifest.

use iotops_wire::cbor::{Cursor, Type};

use super::Block;
use crate::model::{Element, SuitDigest};
use crate::{Error, rules};

pub(crate) const TAG: u64 = 107;
pub(crate) const WRAPPER: i64 = 2;
pub(crate) const MANIFEST: i64 = 3;

/// The most authentication blocks of an envelope: each may cost a public-key operation per key.
pub const BLOCKS: usize = 8;

/// A decoded envelope: well formed, but not to be trusted.
///
/// Nothing of the manifest can be read from it (SUIT §6.2: "The manifest processor MUST verify the
/// signature of the manifest prior to parsing/executing any section"); [`Envelope::authenticate`]
/// is the way on.
///
/// It is the document and three offsets, from which all else is found again: 32 bytes on a 64-bit
/// machine.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    document: &'a [u8],
    /// Where the digest begins in the wrapper, as it is signed.
    signed: u32,
    /// Where it ends, and the blocks begin.
    blocks: u32,
    /// The byte string that holds the manifest, its head included. The byte before it is its key,
    /// and the blocks end there.
    manifest: u32,
}

impl<'a> Envelope<'a> {
    /// Decodes a tagged envelope that is all of `document`.
    ///
    /// # Errors
    /// [`rules::ENVELOPE_TAG`] if it does not begin with tag 107, else the rule that it breaks.
    #[inline]
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        let [signed, blocks, manifest] = read(document, true)?;
        Ok(Self { document, signed, blocks, manifest })
    }

    /// Decodes an envelope without a tag, as TEEP and integrated dependencies carry it.
    ///
    /// # Errors
    /// The rule that it breaks.
    #[inline]
    pub fn decode_untagged(document: &'a [u8]) -> Result<Self, Error> {
        let [signed, blocks, manifest] = read(document, false)?;
        Ok(Self { document, signed, blocks, manifest })
    }

    /// Whether it carries tag 107.
    #[must_use]
    pub fn is_tagged(&self) -> bool {
        self.at(0).peek() == Some(Type::Tag)
    }

    /// The authentication blocks, in order; unverified.
    ///
    /// They are decoded here and by [`Envelope::authenticate`], not before: `decode` looks at no
    /// signature.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn blocks(&self) -> impl Iterator<Item = Result<Block<'a>, Error>> + use<'a> {
        let mut cursor = self.at(self.blocks);
        let end = self.blocks_end();
        core::iter::from_fn(move || {
            (cursor.offset() < end).then(|| Block::read(cursor.embedded()?))
        })
    }

    /// Where the blocks end: the key of the manifest is next.
    const fn blocks_end(&self) -> u32 {
        self.manifest.saturating_sub(1)
    }

    /// Whether it carries any block.
    pub(crate) const fn has_blocks(&self) -> bool {
        self.blocks < self.blocks_end()
    }

    /// The digest that the blocks sign, as the envelope claims it.
    #[must_use]
    pub fn claimed_digest(&self) -> SuitDigest<'a> {
        SuitDigest::read_checked(&mut self.at(self.signed))
    }

    /// The sequence number that the manifest claims, before anything of it was checked: good for
    /// leaving a manifest aside, for nothing else.
    #[cfg(feature = "discovery")]
    pub(crate) fn claimed_number(&self) -> Option<u64> {
        let mut cursor = self.manifest().embedded().ok()?;
        let _ = (cursor.map().ok()?, cursor.integer().ok()?, cursor.unsigned().ok()?);
        (cursor.integer().ok()? == Element::SequenceNumber.code()).then_some(())?;
        cursor.unsigned().ok()
    }

    /// Whether the manifest in it has this digest.
    #[cfg(feature = "trust-domains")]
    pub(crate) fn is_manifest(&self, expected: &SuitDigest<'_>) -> bool {
        let parts = [self.manifest_bytes()];
        iotops_crypto::is_digest(expected.algorithm(), &parts, expected.bytes()) == Some(true)
    }

    fn at(&self, offset: u32) -> Cursor<'a> {
        Cursor::at(self.document, offset)
    }

    /// The digest in the wrapper as the blocks sign it.
    pub(crate) fn signed(&self) -> &'a [u8] {
        self.at(self.blocks).since(self.at(self.signed).position())
    }

    /// For errors about the blocks as a whole.
    pub(crate) const fn blocks_offset(&self) -> u32 {
        self.blocks
    }

    /// At the byte string that holds the manifest.
    pub(crate) fn manifest(&self) -> Cursor<'a> {
        self.at(self.manifest)
    }

    pub(crate) const fn document(&self) -> &'a [u8] {
        self.document
    }

    /// Behind the manifest: severed elements, then integrated payloads.
    pub(crate) fn others(&self) -> Cursor<'a> {
        let mut cursor = self.manifest();
        // `decode` has read it.
        let _ = cursor.bytes();
        cursor
    }

    /// The encoded byte string that holds the manifest, head included: what the digest is of.
    pub(crate) fn manifest_bytes(&self) -> &'a [u8] {
        self.others().since(self.manifest().position())
    }

    /// The severed elements: their key, and a cursor at the byte string.
    pub(crate) fn severed(&self) -> impl Iterator<Item = (Element, Cursor<'a>)> + use<'a> {
        let mut cursor = self.others();
        core::iter::from_fn(move || next_severed(&mut cursor))
    }

    /// The integrated payloads, which stand behind the severed elements.
    pub(crate) fn integrated(&self) -> impl Iterator<Item = IntegratedPayload<'a>> + use<'a> {
        self.payloads().map(|(_, payload)| payload)
    }

    /// The same with the offsets of their keys.
    pub(crate) fn payloads(&self) -> impl Iterator<Item = (u32, IntegratedPayload<'a>)> + use<'a> {
        let mut cursor = self.others();
        while next_severed(&mut cursor).is_some() {}
        core::iter::from_fn(move || {
            let offset = cursor.offset();
            let (uri, content) = (cursor.text().ok()?, cursor.bytes().ok()?);
            Some((offset, IntegratedPayload { uri, content }))
        })
    }

    /// The blocks as they are encoded.
    #[cfg(feature = "alloc")]
    pub(crate) fn encoded_blocks(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut cursor = self.at(self.blocks);
        let end = self.blocks_end();
        core::iter::from_fn(move || if cursor.offset() < end { cursor.bytes().ok() } else { None })
    }
}

fn next_severed<'a>(cursor: &mut Cursor<'a>) -> Option<(Element, Cursor<'a>)> {
    let mut ahead = *cursor;
    let element = Element::from_code(ahead.integer().ok()?)?;
    let value = ahead;
    ahead.bytes().ok()?;
    *cursor = ahead;
    Some((element, value))
}

/// A payload or dependency that the envelope carries (SUIT §5.5).
///
/// The manifest does not hash it: only a condition on the component that it is fetched into does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IntegratedPayload<'a> {
    /// The URI by which the manifest fetches it.
    pub uri: &'a str,
    /// The content.
    pub content: &'a [u8],
}

#[cold]
fn first_element(start: Cursor<'_>) -> Error {
    let mut cursor = start;
    let rule = match cursor.integer() {
        Ok(key) if key < WRAPPER => rules::ENVELOPE_ELEMENT,
        Err(error) if !start.is_at_end() && start.peek() != Some(Type::Text) => {
            return error.into();
        }
        _ => rules::WRAPPER_MISSING,
    };
    start.error(rule).into()
}

/// Checks an envelope; gives the offsets of its digest, its blocks and its manifest.
///
/// These fit into registers: moving a structure that was just written costs more than an item.
fn read(document: &[u8], is_tagged: bool) -> Result<[u32; 3], Error> {
    let mut cursor = Cursor::new(document)?;
    if is_tagged {
        tag(&mut cursor)?;
    }
    let count = cursor.map()?;
    let first = cursor;
    // Keys ascend, and 1 (delegation) is reserved: the wrapper is first or it is not there.
    if count == 0 || cursor.integer()? != WRAPPER {
        return Err(first_element(first));
    }
    let (signed, blocks) = read_wrapper(cursor.embedded()?)?;
    if count < 2 || cursor.integer()? != MANIFEST {
        return Err(first.error(rules::MANIFEST_MISSING).into());
    }
    let manifest = cursor.offset();
    cursor.bytes()?;
    check_others(cursor, count.saturating_sub(2))?;
    Ok([signed, blocks, manifest])
}

#[inline]
fn tag(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    let start = cursor.position();
    let is_tag = matches!(cursor.peek(), Some(Type::Tag) | None);
    if !is_tag || cursor.tag()? != TAG {
        return Err(cursor.error_at(start, rules::ENVELOPE_TAG).into());
    }
    Ok(())
}

/// Checks the wrapper; gives the offsets of its digest and of its blocks.
#[inline]
fn read_wrapper(mut cursor: Cursor<'_>) -> Result<(u32, u32), Error> {
    let start = cursor.position();
    let Some(block_count) = cursor.array()?.checked_sub(1) else {
        return Err(cursor.error_at(start, rules::WRAPPER_EMPTY).into());
    };
    if block_count > BLOCKS {
        return Err(cursor.error_at(start, rules::BLOCK_LIMIT).into());
    }
    let mut content = cursor.embedded()?;
    let signed = content.offset();
    SuitDigest::check(&mut content)?;
    content.end()?;
    let blocks = cursor.offset();
    for _ in 0..block_count {
        cursor.bytes()?;
    }
    cursor.end()?;
    Ok((signed, blocks))
}

/// Checks the elements behind the manifest: severed ones by ascending key, then integrated
/// payloads by ascending URI, nothing else, and nothing behind them.
#[inline]
fn check_others(mut cursor: Cursor<'_>, count: usize) -> Result<(), Error> {
    let mut previous: &[u8] = &[];
    for _ in 0..count {
        let key = cursor.position();
        let is_known = match cursor.peek() {
            Some(Type::Text) => cursor.text().map(|_| true)?,
            _ => is_severable(cursor.integer()?),
        };
        previous = cursor.ascending(key, previous)?;
        if !is_known {
            return Err(cursor.error_at(key, rules::ENVELOPE_ELEMENT).into());
        }
        cursor.bytes()?;
    }
    Ok(cursor.end()?)
}

/// Elements that may be severed from the manifest into the envelope (SUIT §11.1).
pub(crate) const fn is_severable(code: i64) -> bool {
    matches!(
        Element::from_code(code),
        Some(
            Element::Coswid
                | Element::DependencyResolution
                | Element::PayloadFetch
                | Element::CandidateVerification
                | Element::Install
                | Element::Text
        )
    )
}
