//! The writer: nested values into a `Vec`.

use alloc::vec::Vec;

use iotops_wire::Time;

use super::{Oid, Tag};

/// The most bytes of a length.
const LENGTH: usize = size_of::<usize>() + 1;

/// Writes DER: each value's content is written by a closure, and its length put before it.
///
/// ```
/// use iotops_crypto::der::{Tag, write};
///
/// let der = write(|writer| writer.nested(Tag::SEQUENCE, |inner| inner.small(5)));
/// assert_eq!(der, [0x30, 0x03, 0x02, 0x01, 0x05]);
/// ```
#[derive(Debug, Default)]
pub struct Writer(Vec<u8>);

/// What `content` writes.
#[must_use]
pub fn write(content: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    content(&mut writer);
    writer.0
}

impl Writer {
    /// A value with `tag` whose content `content` writes.
    pub fn nested(&mut self, tag: Tag, content: impl FnOnce(&mut Self)) {
        let inner = write(content);
        self.value(tag, &inner);
    }

    /// A `SET OF` of values that are encoded already: they are put in order.
    pub fn set_of(&mut self, tag: Tag, mut items: Vec<Vec<u8>>) {
        items.sort_unstable();
        self.value(tag, &items.concat());
    }

    /// A value with `tag` and this content.
    pub fn value(&mut self, tag: Tag, content: &[u8]) {
        self.0.push(tag.byte());
        self.0.extend_from_slice(length(content.len()).as_bytes());
        self.0.extend_from_slice(content);
    }

    /// What is encoded already.
    pub fn raw(&mut self, encoded: &[u8]) {
        self.0.extend_from_slice(encoded);
    }

    /// An `INTEGER`.
    pub fn small(&mut self, number: u32) {
        self.unsigned(&number.to_be_bytes());
    }

    /// An `INTEGER` that is not negative, most significant byte first.
    pub fn unsigned(&mut self, bytes: &[u8]) {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        let significant = bytes.get(zeros..).unwrap_or_default();
        let mut content = Vec::new();
        if significant.first().is_none_or(|first| *first >= 0x80) {
            content.push(0);
        }
        content.extend_from_slice(significant);
        self.value(Tag::INTEGER, &content);
    }

    /// An `OBJECT IDENTIFIER`.
    pub fn oid(&mut self, oid: Oid<'_>) {
        self.value(Tag::OID, oid.as_content());
    }

    /// A `UTCTime`, or from 2050 a `GeneralizedTime` (RFC 5280 §4.1.2.5).
    pub fn time(&mut self, time: Time) {
        let (is_utc, text) = super::time::text(time);
        let tag = if is_utc { Tag::UTC_TIME } else { Tag::GENERALIZED_TIME };
        self.value(tag, text.as_bytes());
    }

    /// A `BIT STRING` of whole bytes.
    pub fn bits(&mut self, bytes: &[u8]) {
        let mut content = Vec::from([0]);
        content.extend_from_slice(bytes);
        self.value(Tag::BIT_STRING, &content);
    }
}

/// A length as DER encodes it.
pub(super) struct Length {
    bytes: [u8; LENGTH],
    start: usize,
}

impl Length {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

pub(super) fn length(length: usize) -> Length {
    let mut bytes = [0; LENGTH];
    for (to, from) in bytes.iter_mut().skip(1).zip(length.to_be_bytes()) {
        *to = from;
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(LENGTH.saturating_sub(1));
    if length < 0x80 {
        return Length { bytes, start: zeros };
    }
    let start = zeros.saturating_sub(1);
    let count = LENGTH.saturating_sub(zeros);
    if let Some(first) = bytes.get_mut(start) {
        *first = 0x80 | u8::try_from(count).unwrap_or(0);
    }
    Length { bytes, start }
}
