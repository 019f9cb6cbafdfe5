//! The writer: elements into a vector, lengths filled in when their content is known.

use alloc::vec::Vec;

use iotops_wire::Time;

use super::time::{days_in, is_leap};
use super::{Oid, Tag};

/// Writes DER into a vector.
///
/// ```
/// use iotops_crypto::der::{Tag, Writer};
///
/// let mut writer = Writer::new();
/// writer.sequence(|writer| {
///     writer.small(5);
///     writer.octets(&[0xff]);
/// });
/// assert_eq!(writer.into_bytes(), [0x30, 0x06, 0x02, 0x01, 0x05, 0x04, 0x01, 0xff]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// A writer that has written nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What has been written so far.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Writes an element with this tag, whose content `write` writes.
    pub fn nested(&mut self, tag: Tag, write: impl FnOnce(&mut Self)) {
        self.bytes.push(tag.octet());
        let start = self.bytes.len();
        write(self);
        let length = self.bytes.len().saturating_sub(start);
        self.bytes.splice(start..start, length_octets(length));
    }

    /// Writes a SEQUENCE.
    pub fn sequence(&mut self, write: impl FnOnce(&mut Self)) {
        self.nested(Tag::SEQUENCE, write);
    }

    /// Writes a SET OF: each of `elements` is a whole encoding, and they come out sorted.
    pub fn set_of(&mut self, tag: Tag, elements: &mut [Vec<u8>]) {
        // X.690 §11.6.
        elements.sort_unstable();
        self.nested(tag, |writer| elements.iter().for_each(|element| writer.raw(element)));
    }

    /// Writes an element with this tag and content.
    pub fn primitive(&mut self, tag: Tag, content: &[u8]) {
        self.bytes.push(tag.octet());
        self.bytes.extend(length_octets(content.len()));
        self.bytes.extend_from_slice(content);
    }

    /// Writes what is an encoding already.
    pub fn raw(&mut self, encoding: &[u8]) {
        self.bytes.extend_from_slice(encoding);
    }

    /// Writes an OCTET STRING.
    pub fn octets(&mut self, content: &[u8]) {
        self.primitive(Tag::OCTET_STRING, content);
    }

    /// Writes an OBJECT IDENTIFIER.
    pub fn oid(&mut self, oid: Oid<'_>) {
        self.primitive(Tag::OID, oid.as_bytes());
    }

    /// Writes a BOOLEAN.
    pub fn boolean(&mut self, value: bool) {
        self.primitive(Tag::BOOLEAN, &[if value { 0xff } else { 0x00 }]);
    }

    /// Writes a NULL.
    pub fn null(&mut self) {
        self.primitive(Tag::NULL, &[]);
    }

    /// Writes a small INTEGER.
    pub fn small(&mut self, value: u32) {
        self.unsigned(&value.to_be_bytes());
    }

    /// Writes the INTEGER that `magnitude` is, the highest byte first.
    pub fn unsigned(&mut self, magnitude: &[u8]) {
        let zeros = magnitude.iter().take_while(|byte| **byte == 0).count();
        let magnitude = magnitude.get(zeros..).unwrap_or_default();
        self.nested(Tag::INTEGER, |writer| {
            // A leading zero keeps the sign.
            if magnitude.first().is_none_or(|first| *first >= 0x80) {
                writer.bytes.push(0);
            }
            writer.raw(magnitude);
        });
    }

    /// Writes a BIT STRING of whole bytes.
    pub fn bits(&mut self, bytes: &[u8]) {
        self.nested(Tag::BIT_STRING, |writer| {
            writer.bytes.push(0);
            writer.raw(bytes);
        });
    }

    /// Writes a BIT STRING of up to 16 named bits, the first one highest.
    pub fn named_bits(&mut self, bits: u16) {
        let [high, low] = bits.to_be_bytes();
        let used = if low == 0 { 1 } else { 2 };
        let unused =
            bits.trailing_zeros().checked_rem(8).and_then(|zeros| u8::try_from(zeros).ok());
        let content = [unused.unwrap_or_default(), high, low];
        let used = if bits == 0 { 0 } else { used };
        self.primitive(Tag::BIT_STRING, content.get(..=used).unwrap_or_default());
    }

    /// Writes a time: `UTCTime` through 2049, `GeneralizedTime` from 2050 on (RFC 5280 §4.1.2.5).
    ///
    /// Times after 9999 are written as the last second of that year, which is no expiry.
    pub fn time(&mut self, time: Time) {
        let time = time.unix().min(LAST_SECOND);
        let (days, seconds) = (time.wrapping_div(86_400), time.wrapping_rem(86_400));
        let (year, month, day) = date(days);
        let (century, in_century) = (year.wrapping_div(100), year.wrapping_rem(100));
        let (minutes, second) = (seconds.wrapping_div(60), seconds.wrapping_rem(60));
        let (hour, minute) = (minutes.wrapping_div(60), minutes.wrapping_rem(60));
        let tag = if year < 2050 { Tag::UTC_TIME } else { Tag::GENERALIZED_TIME };
        self.nested(tag, |writer| {
            let skipped = usize::from(year < 2050);
            let fields = [century, in_century, month, day, hour, minute, second];
            fields.into_iter().skip(skipped).for_each(|field| writer.two_digits(field));
            writer.bytes.push(b'Z');
        });
    }

    fn two_digits(&mut self, value: u64) {
        let digit = |value: u64| {
            u8::try_from(value.wrapping_rem(10)).unwrap_or_default().wrapping_add(b'0')
        };
        self.bytes.extend([digit(value.wrapping_div(10)), digit(value)]);
    }
}

/// 9999-12-31T23:59:59Z.
const LAST_SECOND: u64 = 253_402_300_799;

/// Year, month and day of a number of days since 1970.
fn date(days: u64) -> (u64, u64, u64) {
    // 400 years have 146,097 days: go on from the era, then by years and months.
    let eras = days.wrapping_div(146_097);
    let mut days = days.wrapping_rem(146_097);
    let (mut year, mut month) = (eras.wrapping_mul(400).wrapping_add(1970), 1_u64);
    while let Some(rest) = days.checked_sub(365_u64.wrapping_add(u64::from(is_leap(year)))) {
        (year, days) = (year.wrapping_add(1), rest);
    }
    while let Some(rest) = days.checked_sub(days_in(year, month)) {
        (month, days) = (month.wrapping_add(1), rest);
    }
    (year, month, days.wrapping_add(1))
}

/// The length octets of a length, at most 5.
pub(super) fn length_octets(length: usize) -> impl Iterator<Item = u8> {
    let bytes = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(3);
    let count = bytes.len().wrapping_sub(zeros);
    let is_long = length >= 0x80;
    let first = is_long.then(|| u8::try_from(count).unwrap_or_default() | 0x80);
    first.into_iter().chain(bytes.into_iter().skip(zeros))
}
