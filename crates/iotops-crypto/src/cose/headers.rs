//! The two header buckets of a message.

use core::cmp::Ordering;

use iotops_wire::cbor::{Cursor, Encoder, Head, Type};

use crate::{Error, rules};

// Labels as they are encoded, each in one byte.
const ALGORITHM: u8 = 1;
const CRITICAL: u8 = 2;
const CONTENT_TYPE: u8 = 3;
const KEY_ID: u8 = 4;
const IV: u8 = 5;
const PARTIAL_IV: u8 = 6;

/// Each label that crit lists is looked for in the bucket: a bound on hostile work.
const MOST_CRITICAL: usize = 16;

/// A protected bucket that holds an empty map; the same as no bytes at all.
const EMPTY_MAP: [u8; 1] = [0xa0];

/// The label of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Label<'a> {
    /// A registered or private number.
    Number(i64),
    /// A text.
    Text(&'a str),
}

impl Label<'_> {
    /// Whether this is its encoding.
    fn is(self, encoded: &[u8]) -> bool {
        match self {
            Self::Number(number) => Head::of_integer(number).as_bytes() == encoded,
            Self::Text(text) => {
                encoded.strip_prefix(Head::of_text(text.len()).as_bytes()) == Some(text.as_bytes())
            }
        }
    }
}

/// Steps over a label (RFC 9052 §1.4: "label = int / tstr"; integers within 64 bits, with sign).
fn step_over_label(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    match cursor.peek() {
        Some(Type::Unsigned | Type::Negative) => drop(cursor.integer()?),
        Some(Type::Text) => cursor.skip()?,
        Some(_) => return Err(cursor.error(rules::LABEL).into()),
        None => return Err(cursor.error(iotops_wire::rules::TRUNCATED).into()),
    }
    Ok(())
}

/// The headers of a message or of one signature, both buckets, well formed and disjoint.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    /// What the protected byte string holds: nothing, or a map.
    protected: Cursor<'a>,
    /// The unprotected map.
    unprotected: Cursor<'a>,
    algorithm: Option<i64>,
    key_id: Option<&'a [u8]>,
    is_critical: bool,
    /// Whether the algorithm is in the unprotected bucket, which only some kinds of message allow.
    #[cfg(feature = "encrypt")]
    is_algorithm_unprotected: bool,
}

/// Where the algorithm may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Protected,
    /// In either bucket: which one is right follows from the class of the algorithm.
    #[cfg(feature = "encrypt")]
    Either,
}

impl<'a> Headers<'a> {
    #[inline]
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        Self::read_with(cursor, Place::Protected)
    }

    #[inline]
    pub(super) fn read_with(cursor: &mut Cursor<'a>, place: Place) -> Result<Self, Error> {
        let protected = cursor.embedded()?;
        match only_algorithm(protected.rest(), cursor.rest()) {
            Some(algorithm) => {
                let mut unprotected = *cursor;
                cursor.map()?;
                unprotected.cut_before(cursor);
                let algorithm = Some(algorithm);
                Ok(Self {
                    protected,
                    unprotected,
                    algorithm,
                    key_id: None,
                    is_critical: false,
                    #[cfg(feature = "encrypt")]
                    is_algorithm_unprotected: false,
                })
            }
            None => Self::read_any(protected, cursor, place),
        }
    }

    fn read_any(
        protected: Cursor<'a>,
        cursor: &mut Cursor<'a>,
        place: Place,
    ) -> Result<Self, Error> {
        let mut found = Found::new(place);
        let mut labels = Labels::default();
        if !protected.is_at_end() {
            let mut content = protected;
            labels = found.bucket(&mut content, true)?;
            if !content.is_at_end() {
                return Err(content.error(rules::PROTECTED_MAP).into());
            }
        }
        let mut unprotected = *cursor;
        if found.bucket(cursor, false)?.may_meet(labels) {
            disjoint(protected, unprotected)?;
        }
        unprotected.cut_before(cursor);
        if let Some(list) = found.critical {
            check_critical(list, protected)?;
        }
        // RFC 9052 §3.1: "The IV and Partial IV header parameters MUST NOT both be present".
        if found.has_iv && found.has_partial_iv {
            return Err(unprotected.error(rules::IV_TWICE).into());
        }
        Ok(Self {
            protected,
            unprotected,
            algorithm: found.algorithm,
            key_id: found.key_id,
            is_critical: found.critical.is_some(),
            #[cfg(feature = "encrypt")]
            is_algorithm_unprotected: found.is_algorithm_unprotected,
        })
    }

    /// The number of the algorithm (label 1). It is from the protected bucket, except where the
    /// algorithm is of a class that cannot protect it: key wrapping, or RFC 9459.
    #[must_use]
    pub const fn algorithm(&self) -> Option<i64> {
        self.algorithm
    }

    #[cfg(feature = "encrypt")]
    pub(super) const fn is_algorithm_unprotected(&self) -> bool {
        self.is_algorithm_unprotected
    }

    /// A cursor over the value of a header of either bucket, which knows where it stands.
    pub(super) fn find(&self, label: i64) -> Option<Cursor<'a>> {
        let label = Label::Number(label);
        entry_of(self.protected, label).or_else(|| entry_of(self.unprotected, label))
    }

    /// The same of the unprotected bucket only.
    pub(super) fn find_unprotected(&self, label: i64) -> Option<Cursor<'a>> {
        entry_of(self.unprotected, Label::Number(label))
    }

    /// The same of the protected bucket only.
    #[cfg(feature = "hpke-draft")]
    pub(super) fn find_protected(&self, label: i64) -> Option<Cursor<'a>> {
        entry_of(self.protected, Label::Number(label))
    }

    /// The key identifier (label 4), from either bucket: a hint, never a key.
    #[must_use]
    pub const fn key_id(&self) -> Option<&'a [u8]> {
        self.key_id
    }

    /// Whether the message lists critical headers (label 2).
    #[must_use]
    pub const fn is_critical(&self) -> bool {
        self.is_critical
    }

    /// The encoded value of a header of the protected bucket.
    #[must_use]
    pub fn protected(&self, label: Label<'_>) -> Option<&'a [u8]> {
        Some(entry_of(self.protected, label)?.rest())
    }

    /// The encoded value of a header of the unprotected bucket.
    #[must_use]
    pub fn unprotected(&self, label: Label<'_>) -> Option<&'a [u8]> {
        Some(entry_of(self.unprotected, label)?.rest())
    }

    /// The protected bucket as it enters the signed structure (RFC 9052 §4.4): "If there are no
    /// protected attributes, a zero-length byte string is used."
    #[must_use]
    pub fn protected_bytes(&self) -> &'a [u8] {
        let bytes = self.protected.rest();
        if bytes == EMPTY_MAP { &[] } else { bytes }
    }

    /// The protected bucket as it is written.
    pub(super) fn written_protected(&self) -> &'a [u8] {
        self.protected.rest()
    }

    pub(super) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.bytes(self.protected.rest())?.raw(self.unprotected.rest())?;
        Ok(())
    }
}

/// The algorithm of headers that hold nothing else, as those of most messages do: `{1: alg}` with
/// a number of one byte, and an empty unprotected map.
#[inline]
fn only_algorithm(protected: &[u8], unprotected: &[u8]) -> Option<i64> {
    let ([0xa1, 0x01, number], [0xa0, ..]) = (protected, unprotected) else {
        return None;
    };
    match number {
        0x00..=0x17 => Some(i64::from(*number)),
        0x20..=0x37 => Some(!i64::from(number ^ 0x20)),
        _ => None,
    }
}

struct Found<'a> {
    place: Place,
    #[cfg(feature = "encrypt")]
    is_algorithm_unprotected: bool,
    algorithm: Option<i64>,
    key_id: Option<&'a [u8]>,
    critical: Option<Cursor<'a>>,
    has_iv: bool,
    has_partial_iv: bool,
}

/// Which labels a bucket has: those of one byte each, others together.
#[derive(Clone, Copy, Default)]
struct Labels {
    small: u32,
    has_others: bool,
}

impl Labels {
    /// Whether a label may be in both; only then are they compared one by one.
    const fn may_meet(self, other: Self) -> bool {
        self.small & other.small != 0 || (self.has_others && other.has_others)
    }
}

impl<'a> Found<'a> {
    const fn new(place: Place) -> Self {
        Self {
            place,
            #[cfg(feature = "encrypt")]
            is_algorithm_unprotected: false,
            algorithm: None,
            key_id: None,
            critical: None,
            has_iv: false,
            has_partial_iv: false,
        }
    }

    /// Reads one bucket and checks its order.
    #[inline(never)]
    fn bucket(&mut self, cursor: &mut Cursor<'a>, is_protected: bool) -> Result<Labels, Error> {
        let count = cursor.map()?;
        let mut labels = Labels::default();
        let mut previous: &[u8] = &[];
        for _ in 0..count {
            let start = cursor.position();
            step_over_label(cursor)?;
            previous = cursor.ascending(start, previous)?;
            if let [number @ 0..24] = previous {
                labels.small |= 1 << (number & 31);
                self.value(*number, cursor, start, is_protected)?;
            } else {
                labels.has_others = true;
                cursor.skip()?;
            }
        }
        Ok(labels)
    }

    #[inline]
    fn value(
        &mut self,
        label: u8,
        cursor: &mut Cursor<'a>,
        start: usize,
        is_protected: bool,
    ) -> Result<(), Error> {
        match label {
            // RFC 9052 §3.1: alg "MUST be authenticated where the ability to do so exists."
            ALGORITHM if !is_protected && self.place == Place::Protected => {
                return Err(cursor.error_at(start, rules::ALGORITHM_UNPROTECTED).into());
            }
            ALGORITHM => {
                self.algorithm = Some(algorithm(cursor)?);
                #[cfg(feature = "encrypt")]
                {
                    self.is_algorithm_unprotected = !is_protected;
                }
            }
            CRITICAL if !is_protected => {
                return Err(cursor.error_at(start, rules::CRITICAL_PLACE).into());
            }
            CRITICAL => {
                self.critical = Some(*cursor);
                cursor.skip()?;
            }
            CONTENT_TYPE => content_type(cursor)?,
            KEY_ID => self.key_id = Some(byte_string(cursor)?),
            IV => {
                byte_string(cursor)?;
                self.has_iv = true;
            }
            PARTIAL_IV => {
                byte_string(cursor)?;
                self.has_partial_iv = true;
            }
            _ => cursor.skip()?,
        }
        Ok(())
    }
}

#[inline]
fn algorithm(cursor: &mut Cursor<'_>) -> Result<i64, Error> {
    match cursor.peek() {
        Some(Type::Text) => Err(cursor.error(rules::ALGORITHM_UNKNOWN).into()),
        Some(Type::Unsigned | Type::Negative) => Ok(cursor.integer()?),
        _ => Err(cursor.error(rules::HEADER_VALUE).into()),
    }
}

/// RFC 9052 §3.1: content type is "tstr / uint".
fn content_type(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    match cursor.peek() {
        Some(Type::Text | Type::Unsigned) => Ok(cursor.skip()?),
        _ => Err(cursor.error(rules::HEADER_VALUE).into()),
    }
}

#[inline]
fn byte_string<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Error> {
    match cursor.peek() {
        Some(Type::Bytes) => Ok(cursor.bytes()?),
        _ => Err(cursor.error(rules::HEADER_VALUE).into()),
    }
}

/// RFC 9052 §3: "Labels in each of the maps MUST be unique" over both buckets. Both are sorted by
/// the bytes of their labels, so one pass over the two is enough.
#[cold]
fn disjoint(protected: Cursor<'_>, unprotected: Cursor<'_>) -> Result<(), Error> {
    let mut left = Entries::new(protected);
    let mut right = Entries::new(unprotected);
    let (mut a, mut b) = (left.next(), right.next());
    while let (Some(x), Some(y)) = (&a, &b) {
        match x.label.cmp(y.label) {
            Ordering::Less => a = left.next(),
            Ordering::Greater => b = right.next(),
            Ordering::Equal => {
                return Err(unprotected.error_at(y.start, rules::LABEL_IN_BOTH).into());
            }
        }
    }
    Ok(())
}

/// RFC 9052 §3.1: crit is a non-empty array; each label in it must be in the protected bucket.
#[cold]
fn check_critical(list: Cursor<'_>, protected: Cursor<'_>) -> Result<(), Error> {
    let mut cursor = list;
    let broken = Error::from(list.error(rules::CRITICAL_LIST));
    let count = cursor.array().map_err(|_| broken)?;
    if count > MOST_CRITICAL {
        return Err(list.error(rules::CRITICAL_COUNT).into());
    }
    for _ in 0..count {
        let start = cursor.position();
        step_over_label(&mut cursor).map_err(|_| broken)?;
        let label = cursor.since(start);
        // Labels 0 to 7 are understood by everyone, and so must not be listed.
        let is_standard = matches!(label, [0..=7]);
        if is_standard || !Entries::new(protected).any(|entry| entry.label == label) {
            return Err(broken);
        }
    }
    if count == 0 { Err(broken) } else { Ok(()) }
}

/// The entries of a bucket that was read before.
struct Entries<'a> {
    cursor: Cursor<'a>,
    left: usize,
}

struct Entry<'a> {
    start: usize,
    label: &'a [u8],
    value: Cursor<'a>,
}

impl<'a> Entries<'a> {
    fn new(mut cursor: Cursor<'a>) -> Self {
        let left = cursor.map().unwrap_or(0);
        Self { cursor, left }
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        self.left = self.left.checked_sub(1)?;
        let start = self.cursor.position();
        let label = self.cursor.item().ok()?;
        let mut value = self.cursor;
        self.cursor.skip().ok()?;
        value.cut_before(&self.cursor);
        Some(Entry { start, label, value })
    }
}

fn entry_of<'a>(bucket: Cursor<'a>, label: Label<'_>) -> Option<Cursor<'a>> {
    Entries::new(bucket).find(|entry| label.is(entry.label)).map(|entry| entry.value)
}
