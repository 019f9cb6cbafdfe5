//! Bytes in parts of any length, to the blocks of 16 bytes that a MAC takes.

use aes::cipher::Array;
use aes::cipher::consts::U16;
use zeroize::Zeroizing;

use super::aes::BLOCK;

pub(super) type Block = Array<u8, U16>;

/// What begins a block and waits for the rest of it.
pub(super) struct Blocks {
    pending: Zeroizing<[u8; BLOCK]>,
    filled: usize,
}

impl Blocks {
    pub(super) fn new() -> Self {
        Self { pending: Zeroizing::new([0; BLOCK]), filled: 0 }
    }

    /// Gives `take` the blocks that become whole with `bytes`.
    pub(super) fn feed(&mut self, bytes: &[u8], mut take: impl FnMut(&[Block])) {
        let missing = BLOCK.saturating_sub(self.filled);
        let (head, tail) = match bytes.split_at_checked(missing) {
            Some(parts) if self.filled > 0 => parts,
            Some(_) => (&[][..], bytes),
            None => (bytes, &[][..]),
        };
        self.keep(head);
        if self.filled == BLOCK {
            take(&[(*self.pending).into()]);
            self.filled = 0;
        }
        let (blocks, rest) = Block::slice_as_chunks(tail);
        if !blocks.is_empty() {
            take(blocks);
        }
        self.keep(rest);
    }

    /// Fills the last block with zeros, if one has begun.
    pub(super) fn pad(&mut self, take: impl FnMut(&[Block])) {
        if self.filled > 0 {
            let missing = BLOCK.saturating_sub(self.filled);
            self.feed([0; BLOCK].get(..missing).unwrap_or_default(), take);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        for (to, from) in self.pending.iter_mut().skip(self.filled).zip(bytes) {
            *to = *from;
        }
        self.filled = self.filled.saturating_add(bytes.len());
    }
}
