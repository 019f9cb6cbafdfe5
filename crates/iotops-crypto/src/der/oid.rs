//! Object identifiers.

use core::fmt;

/// An object identifier, as the content of its encoding: well formed, and compared as bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Oid<'a>(&'a [u8]);

impl<'a> Oid<'a> {
    /// The object identifier with this content; `None` if that is not well formed.
    #[must_use]
    #[inline]
    pub const fn from_content(content: &'a [u8]) -> Option<Self> {
        let mut is_first = true;
        let mut rest = content;
        while let [byte, tail @ ..] = rest {
            // X.690 §8.19.2: "the leading octet of the subidentifier shall not have the value 80".
            if is_first && *byte == 0x80 {
                return None;
            }
            is_first = *byte < 0x80;
            rest = tail;
        }
        if is_first && !content.is_empty() { Some(Self(content)) } else { None }
    }

    /// One that is known to be well formed, for tables.
    ///
    /// # Panics
    /// In constant evaluation, if it is not.
    #[must_use]
    pub const fn known(content: &'a [u8]) -> Self {
        match Self::from_content(content) {
            Some(oid) => oid,
            None => Self(&[]),
        }
    }

    /// The content of its encoding.
    #[must_use]
    pub const fn as_content(&self) -> &'a [u8] {
        self.0
    }

    /// Its numbers. Those beyond 64 bits are given as `u64::MAX`.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn arcs(&self) -> impl Iterator<Item = u64> + use<'a> {
        let mut numbers = self.0.split_inclusive(|byte| *byte < 0x80).map(number);
        // X.690 §8.19.4: the first number holds the first two arcs.
        let both = numbers.next().unwrap_or(0);
        let first = (both / 40).min(2);
        let second = both.saturating_sub(first.saturating_mul(40));
        [first, second].into_iter().chain(numbers)
    }
}

fn number(bytes: &[u8]) -> u64 {
    let shifted = bytes.iter().try_fold(0_u64, |sum, byte| {
        let high = sum.checked_mul(0x80)?;
        high.checked_add(u64::from(byte & 0x7f))
    });
    shifted.unwrap_or(u64::MAX)
}

impl fmt::Display for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, arc) in self.arcs().enumerate() {
            let dot = if place == 0 { "" } else { "." };
            write!(f, "{dot}{arc}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
