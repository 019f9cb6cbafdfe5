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
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    is_tagged: bool,
    /// The number of elements.
    count: usize,
    /// The digest in the wrapper, as it is signed, and decoded.
    signed: &'a [u8],
    digest: SuitDigest<'a>,
    blocks: Cursor<'a>,
    block_count: usize,
    /// At the head of the byte string that holds the manifest.
    manifest: Cursor<'a>,
    /// Behind the manifest: severed elements, then integrated payloads.
    others: Cursor<'a>,
}

impl<'a> Envelope<'a> {
    /// Decodes a tagged envelope that is all of `document`.
    ///
    /// # Errors
    /// [`rules::ENVELOPE_TAG`] if it does not begin with tag 107, else the rule that it breaks.
    pub fn decode(document: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(document)?;
        let start = cursor;
        let is_tag = matches!(cursor.peek(), Some(Type::Tag) | None);
        if !is_tag || cursor.tag()? != TAG {
            return Err(start.error(rules::ENVELOPE_TAG).into());
        }
        Self::read(cursor, true)
    }

    /// Decodes an envelope without a tag, as TEEP and integrated dependencies carry it.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn decode_untagged(document: &'a [u8]) -> Result<Self, Error> {
        Self::read(Cursor::new(document)?, false)
    }

    fn read(mut cursor: Cursor<'a>, is_tagged: bool) -> Result<Self, Error> {
        let count = cursor.map()?;
        let start = cursor;
        // Keys ascend, and 1 (delegation) is reserved: the wrapper is first or it is not there.
        if count == 0 || cursor.integer()? != WRAPPER {
            return Err(first_element(start));
        }
        let wrapper = Wrapper::read(cursor.embedded()?)?;
        if count < 2 || cursor.integer()? != MANIFEST {
            return Err(start.error(rules::MANIFEST_MISSING).into());
        }
        let manifest = cursor;
        cursor.bytes()?;
        let others = cursor;
        check_others(cursor, count.saturating_sub(2))?;
        Ok(Self {
            is_tagged,
            count,
            signed: wrapper.signed,
            digest: wrapper.digest,
            blocks: wrapper.blocks,
            block_count: wrapper.block_count,
            manifest,
            others,
        })
    }

    /// Whether it carries tag 107.
    #[must_use]
    pub const fn is_tagged(&self) -> bool {
        self.is_tagged
    }

    /// The authentication blocks, in order; unverified.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn blocks(&self) -> impl Iterator<Item = Block<'a>> + use<'a> {
        let mut cursor = self.blocks;
        (0..self.block_count).map_while(move |_| {
            cursor.embedded().ok().and_then(|content| Block::read(content).ok())
        })
    }

    /// The digest that the blocks sign, as the envelope claims it.
    #[must_use]
    pub const fn claimed_digest(&self) -> SuitDigest<'a> {
        self.digest
    }

    pub(crate) const fn signed(&self) -> &'a [u8] {
        self.signed
    }

    pub(crate) const fn block_count(&self) -> usize {
        self.block_count
    }

    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// For errors about the blocks as a whole.
    pub(crate) fn blocks_offset(&self) -> u32 {
        self.blocks.offset()
    }

    pub(crate) const fn manifest(&self) -> Cursor<'a> {
        self.manifest
    }

    /// The encoded byte string that holds the manifest, head included: what the digest is of.
    pub(crate) fn manifest_bytes(&self) -> &'a [u8] {
        let mut whole = self.manifest;
        whole.cut_before(&self.others_start());
        whole.rest()
    }

    fn others_start(&self) -> Cursor<'a> {
        self.others
    }

    /// The severed elements: their key, and a cursor at the byte string.
    pub(crate) fn severed(&self) -> impl Iterator<Item = (Element, Cursor<'a>)> + use<'a> {
        let mut cursor = self.others;
        (2..self.count).map_while(move |_| {
            let element = Element::from_code(cursor.integer().ok()?)?;
            let value = cursor;
            cursor.bytes().ok()?;
            Some((element, value))
        })
    }

    pub(crate) fn integrated(&self) -> impl Iterator<Item = IntegratedPayload<'a>> + use<'a> {
        let severed = self.severed().count();
        let mut cursor = self.others;
        for _ in 0..severed {
            let _ = cursor.integer();
            let _ = cursor.bytes();
        }
        (severed.saturating_add(2)..self.count).map_while(move |_| {
            Some(IntegratedPayload { uri: cursor.text().ok()?, content: cursor.bytes().ok()? })
        })
    }
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

struct Wrapper<'a> {
    signed: &'a [u8],
    digest: SuitDigest<'a>,
    blocks: Cursor<'a>,
    block_count: usize,
}

impl<'a> Wrapper<'a> {
    fn read(mut cursor: Cursor<'a>) -> Result<Self, Error> {
        let start = cursor;
        let Some(block_count) = cursor.array()?.checked_sub(1) else {
            return Err(start.error(rules::WRAPPER_EMPTY).into());
        };
        if block_count > BLOCKS {
            return Err(start.error(rules::BLOCK_LIMIT).into());
        }
        let mut content = cursor.embedded()?;
        let signed = content.rest();
        let digest = SuitDigest::read(&mut content)?;
        content.end()?;
        let blocks = cursor;
        for _ in 0..block_count {
            Block::read(cursor.embedded()?)?;
        }
        cursor.end()?;
        Ok(Self { signed, digest, blocks, block_count })
    }
}

/// Checks the elements behind the manifest: severed ones by ascending key, then integrated
/// payloads by ascending URI, nothing else, and nothing behind them.
#[inline]
fn check_others(mut cursor: Cursor<'_>, count: usize) -> Result<(), Error> {
    let mut previous: &[u8] = &[];
    for _ in 0..count {
        let key = cursor;
        let is_known = match cursor.peek() {
            Some(Type::Text) => cursor.text().map(|_| true)?,
            _ => is_severable(cursor.integer()?),
        };
        previous = key.ascending(&cursor, previous)?;
        if !is_known {
            return Err(key.error(rules::ENVELOPE_ELEMENT).into());
        }
        cursor.bytes()?;
    }
    Ok(cursor.end()?)
}

/// Elements that may be severed from the manifest into the envelope (SUIT §11.1).
const fn is_severable(code: i64) -> bool {
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
