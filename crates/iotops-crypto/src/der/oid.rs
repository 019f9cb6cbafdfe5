//! Object identifiers.

use core::fmt;

/// An object identifier, as the content of its encoding: well-formed, and compared as bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid<'a>(&'a [u8]);

const MORE: u8 = 0x80;
/// X.690 §8.19.4: the first two arcs share one number.
const FIRST_ARC: u128 = 40;

impl<'a> Oid<'a> {
    /// The identifier with this content; `None` if arcs are cut off or take octets too many.
    #[must_use]
    #[inline]
    pub const fn from_content(content: &'a [u8]) -> Option<Self> {
        let mut is_first = true;
        let mut rest = content;
        while let [octet, tail @ ..] = rest {
            // X.690 §8.19.2: "the leading octet of the subidentifier shall not have the value 80".
            if is_first && *octet == MORE {
                return None;
            }
            is_first = *octet < MORE;
            rest = tail;
        }
        if is_first && !content.is_empty() { Some(Self(content)) } else { None }
    }

    /// The identifier with this content, for tables; the empty one, which equals none that is read,
    /// if it is not well formed.
    #[must_use]
    pub const fn known(content: &'a [u8]) -> Self {
        match Self::from_content(content) {
            Some(oid) => oid,
            None => Self(&[]),
        }
    }

    /// The content of its encoding.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}

/// The arcs with dots between them, such as `1.3.101.112`.
impl fmt::Display for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut value = Some(0_u128);
        let mut is_first = true;
        for &octet in self.0 {
            value = value
                .and_then(|value| value.checked_mul(0x80)?.checked_add(u128::from(octet & !MORE)));
            if octet >= MORE {
                continue;
            }
            if is_first {
                write_first(f, value)?;
            } else {
                write_arc(f, value)?;
            }
            (is_first, value) = (false, Some(0));
        }
        Ok(())
    }
}

fn write_first(f: &mut fmt::Formatter<'_>, value: Option<u128>) -> fmt::Result {
    let root = value.map_or(2, |value| value.wrapping_div(FIRST_ARC).min(2));
    write!(f, "{root}")?;
    write_arc(f, value.map(|value| value.saturating_sub(root.saturating_mul(FIRST_ARC))))
}

/// An arc beyond 128 bits is written as a question mark.
fn write_arc(f: &mut fmt::Formatter<'_>, value: Option<u128>) -> fmt::Result {
    match value {
        Some(value) => write!(f, ".{value}"),
        None => f.write_str(".?"),
    }
}

impl fmt::Debug for Oid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}
