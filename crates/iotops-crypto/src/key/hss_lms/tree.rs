//! One level: LMS (RFC 8554 §5) over LM-OTS (RFC 8554 §4).

use sha2::{Digest as _, Sha256};

use super::parameters::{OneTime, Tree};
use crate::{Error, rules};

const IDENTIFIER: usize = 16;

/// What tells the uses of the hash function apart (RFC 8554 §7.1).
const D_PUBLIC: [u8; 2] = [0x80, 0x80];
const D_MESSAGE: [u8; 2] = [0x81, 0x81];
const D_LEAF: [u8; 2] = [0x82, 0x82];
const D_INTERIOR: [u8; 2] = [0x83, 0x83];

/// Takes bytes from the front.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*taken))
    }
}

/// An LMS public key.
pub(super) struct LmsKey<'a> {
    /// All of it, as the level above signs it.
    pub(super) bytes: &'a [u8],
    tree: &'static Tree,
    one_time: &'static OneTime,
    identifier: &'a [u8],
    root: &'a [u8],
}

impl<'a> LmsKey<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let all = reader.0;
        let unknown = Error::new(rules::KEY_PARAMETER_SET, 0);
        let short = Error::new(rules::KEY_LENGTH, 0);
        let tree = Tree::by_code(reader.number().ok_or(short)?).ok_or(unknown)?;
        let one_time = OneTime::by_code(reader.number().ok_or(short)?).ok_or(unknown)?;
        // SP 800-208 §4: the same hash function throughout a tree.
        if tree.hash != one_time.hash {
            return Err(unknown);
        }
        let identifier = reader.bytes(IDENTIFIER).ok_or(short)?;
        let root = reader.bytes(tree.hash).ok_or(short)?;
        let bytes = all.get(..all.len().saturating_sub(reader.0.len())).unwrap_or_default();
        Ok(Self { bytes, tree, one_time, identifier, root })
    }

    /// Algorithm 6 of RFC 8554: `None` if the signature is wrong.
    pub(super) fn verify(&self, message: &[&[u8]], signature: &LmsSignature<'_>) -> Option<()> {
        let leaf = self.one_time_key(message, signature)?;
        let root = self.root(&leaf, signature)?;
        (root.bytes()? == self.root).then_some(())
    }

    /// Algorithm 4b of RFC 8554: the one-time public key that would make the signature right.
    fn one_time_key(&self, message: &[&[u8]], signature: &LmsSignature<'_>) -> Option<Node> {
        let prefix = [self.identifier, &signature.leaf.to_be_bytes()];
        let mut hasher = begin(&prefix);
        hasher.update(D_MESSAGE);
        hasher.update(signature.randomizer);
        message.iter().for_each(|part| hasher.update(part));
        let digest = self.node(hasher);
        let mut result = begin(&prefix);
        result.update(D_PUBLIC);
        let chains = signature.chains.chunks_exact(self.one_time.hash);
        for ((chain, start), index) in chains.zip(self.coefficients(&digest)?).zip(0_u16..) {
            let mut value = Node::new(chain, self.one_time.hash);
            for step in start..self.steps() {
                let mut hasher = begin(&prefix);
                hasher.update(index.to_be_bytes());
                hasher.update([step]);
                hasher.update(value.bytes()?);
                value = self.node(hasher);
            }
            result.update(value.bytes()?);
        }
        Some(self.node(result))
    }

    /// The coefficients of the digest and of its checksum (RFC 8554 §3.1.3 and §4.4).
    fn coefficients(&self, digest: &Node) -> Option<impl Iterator<Item = u8> + use<>> {
        let (width, steps) = (self.one_time.width, self.steps());
        let Node { bytes, length } = *digest;
        let digest = bytes.into_iter().take(length);
        let sum = digits(digest.clone(), width)
            .fold(0_u16, |sum, digit| sum.saturating_add(u16::from(steps.saturating_sub(digit))));
        let checksum = sum.checked_shl(self.one_time.shift)?.to_be_bytes();
        Some(digits(digest.chain(checksum), width))
    }

    /// The length of a whole chain: 2^w - 1.
    fn steps(&self) -> u8 {
        mask(self.one_time.width)
    }

    /// Algorithm 6a, step 4: from the leaf up along the path.
    fn root(&self, one_time_key: &Node, signature: &LmsSignature<'_>) -> Option<Node> {
        let leaves = 1_u32.checked_shl(self.tree.height)?;
        let mut number = leaves.checked_add(signature.leaf)?;
        let mut hasher = begin(&[self.identifier, &number.to_be_bytes(), &D_LEAF]);
        hasher.update(one_time_key.bytes()?);
        let mut node = self.node(hasher);
        for sibling in signature.path.chunks_exact(self.tree.hash) {
            let is_right = number & 1 == 1;
            number >>= 1;
            let own = node.bytes()?;
            let (left, right) = if is_right { (sibling, own) } else { (own, sibling) };
            let parts = [self.identifier, &number.to_be_bytes(), &D_INTERIOR, left, right];
            node = self.node(begin(&parts));
        }
        Some(node)
    }

    fn node(&self, hasher: Sha256) -> Node {
        Node { bytes: hasher.finalize().into(), length: self.tree.hash }
    }
}

/// An LMS signature.
pub(super) struct LmsSignature<'a> {
    /// q: the number of the leaf.
    leaf: u32,
    /// C.
    randomizer: &'a [u8],
    /// y.
    chains: &'a [u8],
    path: &'a [u8],
}

impl<'a> LmsSignature<'a> {
    /// Algorithm 6a, steps 1 and 2: the types are those of `key`.
    pub(super) fn read(reader: &mut Reader<'a>, key: &LmsKey<'_>) -> Option<Self> {
        let leaf = reader.number()?;
        // "If otssigtype is not the OTS typecode from the public key, return INVALID."
        reader.number().filter(|code| *code == key.one_time.code)?;
        let randomizer = reader.bytes(key.one_time.hash)?;
        let chains = reader.bytes(key.one_time.hash.checked_mul(key.one_time.chains)?)?;
        // "If sigtype is not the LM typecode from the public key, return INVALID."
        reader.number().filter(|code| *code == key.tree.code)?;
        // "If q >= 2^h ..., return INVALID."
        if leaf >= 1_u32.checked_shl(key.tree.height)? {
            return None;
        }
        let height = usize::try_from(key.tree.height).ok()?;
        let path = reader.bytes(key.tree.hash.checked_mul(height)?)?;
        Some(Self { leaf, randomizer, chains, path })
    }
}

/// An output of the hash function, perhaps truncated.
#[derive(Clone, Copy)]
struct Node {
    bytes: [u8; 32],
    length: usize,
}

impl Node {
    fn new(from: &[u8], length: usize) -> Self {
        let mut bytes = [0; 32];
        for (to, from) in bytes.iter_mut().zip(from) {
            *to = *from;
        }
        Self { bytes, length }
    }

    fn bytes(&self) -> Option<&[u8]> {
        self.bytes.get(..self.length)
    }
}

fn begin(parts: &[&[u8]]) -> Sha256 {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher
}

/// The lowest `width` bits.
const fn mask(width: u32) -> u8 {
    u8::MAX.wrapping_shr(u8::BITS.wrapping_sub(width))
}

/// Each byte cut in pieces of `width` bits, the highest first.
fn digits(bytes: impl Iterator<Item = u8> + Clone, width: u32) -> impl Iterator<Item = u8> + Clone {
    bytes.flat_map(move |byte| {
        let shifts = (0..u8::BITS).rev().filter(move |shift| shift & width.wrapping_sub(1) == 0);
        shifts.map(move |shift| byte.wrapping_shr(shift) & mask(width))
    })
}
