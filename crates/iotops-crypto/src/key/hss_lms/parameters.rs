//! The parameter sets (RFC 8554 tables 1 and 2, NIST SP 800-208 §4).

use core::ops::RangeInclusive;

/// RFC 8554 §6: "the number of levels is between one and eight".
pub(super) const LEVELS: RangeInclusive<u32> = 1..=8;

/// A parameter set of LM-OTS.
#[derive(Clone, Copy, Debug)]
pub(super) struct OneTime {
    pub(super) code: u32,
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
    const fn new(code: u32, hash: usize, width: u32, chains: usize, shift: u32) -> Self {
        Self { code, hash, width, chains, shift }
    }

    pub(super) fn by_code(code: u32) -> Option<&'static Self> {
        ONE_TIME.iter().find(|set| set.code == code)
    }
}

const ONE_TIME: [OneTime; 8] = [
    OneTime::new(1, 32, 1, 265, 7),
    OneTime::new(2, 32, 2, 133, 6),
    OneTime::new(3, 32, 4, 67, 4),
    OneTime::new(4, 32, 8, 34, 0),
    OneTime::new(5, 24, 1, 200, 8),
    OneTime::new(6, 24, 2, 101, 6),
    OneTime::new(7, 24, 4, 51, 4),
    OneTime::new(8, 24, 8, 26, 0),
];

/// A parameter set of LMS.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tree {
    pub(super) code: u32,
    /// m: the bytes of a hash.
    pub(super) hash: usize,
    /// h: the height of the tree.
    pub(super) height: u32,
}

impl Tree {
    pub(super) fn by_code(code: u32) -> Option<&'static Self> {
        TREES.iter().find(|set| set.code == code)
    }
}

const TREES: [Tree; 10] = [
    Tree { code: 5, hash: 32, height: 5 },
    Tree { code: 6, hash: 32, height: 10 },
    Tree { code: 7, hash: 32, height: 15 },
    Tree { code: 8, hash: 32, height: 20 },
    Tree { code: 9, hash: 32, height: 25 },
    Tree { code: 10, hash: 24, height: 5 },
    Tree { code: 11, hash: 24, height: 10 },
    Tree { code: 12, hash: 24, height: 15 },
    Tree { code: 13, hash: 24, height: 20 },
    Tree { code: 14, hash: 24, height: 25 },
];
