//! The parameter sets (RFC 8554 tables 1 and 2, NIST SP 800-208 §4).

use core::ops::RangeInclusive;

/// RFC 8554 §6: "the number of levels is between one and eight".
pub(super) const LEVELS: RangeInclusive<u32> = 1..=8;

/// The hash function of a parameter set, perhaps truncated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Sha256,
    Shake256,
}

use Function::{Sha256, Shake256};

impl Function {
    const fn is_built_in(self) -> bool {
        cfg!(feature = "shake") || matches!(self, Sha256)
    }
}

/// A parameter set of LM-OTS.
#[derive(Clone, Copy, Debug)]
pub(super) struct OneTime {
    pub(super) code: u32,
    pub(super) function: Function,
    /// n: the bytes of a hash.
    pub(super) hash: usize,
    /// w: the bits of a coefficient.
    pub(super) width: u32,
    /// p: the number of chains.
    pub(super) chains: usize,
    /// ls: how far the checksum is shifted.
    pub(super) shift: u32,
}

impl OneTime {
    const fn new(code: u32, function: Function, sizes: (usize, u32, usize, u32)) -> Self {
        let (hash, width, chains, shift) = sizes;
        Self { code, function, hash, width, chains, shift }
    }

    /// The set with this type code; `None` if it is unknown or not built in.
    pub(super) fn by_code(code: u32) -> Option<&'static Self> {
        ONE_TIME.iter().find(|set| set.code == code && set.function.is_built_in())
    }
}

/// Sizes are n, w, p and ls.
const ONE_TIME: [OneTime; 16] = [
    OneTime::new(1, Sha256, (32, 1, 265, 7)),
    OneTime::new(2, Sha256, (32, 2, 133, 6)),
    OneTime::new(3, Sha256, (32, 4, 67, 4)),
    OneTime::new(4, Sha256, (32, 8, 34, 0)),
    OneTime::new(5, Sha256, (24, 1, 200, 8)),
    OneTime::new(6, Sha256, (24, 2, 101, 6)),
    OneTime::new(7, Sha256, (24, 4, 51, 4)),
    OneTime::new(8, Sha256, (24, 8, 26, 0)),
    OneTime::new(9, Shake256, (32, 1, 265, 7)),
    OneTime::new(10, Shake256, (32, 2, 133, 6)),
    OneTime::new(11, Shake256, (32, 4, 67, 4)),
    OneTime::new(12, Shake256, (32, 8, 34, 0)),
    OneTime::new(13, Shake256, (24, 1, 200, 8)),
    OneTime::new(14, Shake256, (24, 2, 101, 6)),
    OneTime::new(15, Shake256, (24, 4, 51, 4)),
    OneTime::new(16, Shake256, (24, 8, 26, 0)),
];

/// A parameter set of LMS.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tree {
    pub(super) code: u32,
    pub(super) function: Function,
    /// m: the bytes of a hash.
    pub(super) hash: usize,
    /// h: the height of the tree.
    pub(super) height: u32,
}

impl Tree {
    /// The set with this type code; `None` if it is unknown or not built in.
    pub(super) fn by_code(code: u32) -> Option<&'static Self> {
        TREES.iter().find(|set| set.code == code && set.function.is_built_in())
    }
}

const TREES: [Tree; 20] = [
    Tree { code: 5, function: Sha256, hash: 32, height: 5 },
    Tree { code: 6, function: Sha256, hash: 32, height: 10 },
    Tree { code: 7, function: Sha256, hash: 32, height: 15 },
    Tree { code: 8, function: Sha256, hash: 32, height: 20 },
    Tree { code: 9, function: Sha256, hash: 32, height: 25 },
    Tree { code: 10, function: Sha256, hash: 24, height: 5 },
    Tree { code: 11, function: Sha256, hash: 24, height: 10 },
    Tree { code: 12, function: Sha256, hash: 24, height: 15 },
    Tree { code: 13, function: Sha256, hash: 24, height: 20 },
    Tree { code: 14, function: Sha256, hash: 24, height: 25 },
    Tree { code: 15, function: Shake256, hash: 32, height: 5 },
    Tree { code: 16, function: Shake256, hash: 32, height: 10 },
    Tree { code: 17, function: Shake256, hash: 32, height: 15 },
    Tree { code: 18, function: Shake256, hash: 32, height: 20 },
    Tree { code: 19, function: Shake256, hash: 32, height: 25 },
    Tree { code: 20, function: Shake256, hash: 24, height: 5 },
    Tree { code: 21, function: Shake256, hash: 24, height: 10 },
    Tree { code: 22, function: Shake256, hash: 24, height: 15 },
    Tree { code: 23, function: Shake256, hash: 24, height: 20 },
    Tree { code: 24, function: Shake256, hash: 24, height: 25 },
];
