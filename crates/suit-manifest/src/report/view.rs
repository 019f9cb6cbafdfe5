//! A report, as a view of its bytes.

use iotops_wire::cbor::{Ascending, Cursor, Encoder, Type};

use super::protected::VerifiedReport;
use super::{
    CAPABILITIES, CODE, Capabilities, Item, Items, NONCE, REASON, RECORD, RECORDS, REFERENCE,
    RESULT, ReportRecord,
};
use crate::model::SuitDigest;
use crate::process::Reason;
use crate::{Error, rules};

/// A report that is well formed: every element is registered and of its type, in deterministic
/// encoding. Nothing says yet that it is true, or whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    document: &'a [u8],
    nonce: Option<u32>,
    records: u32,
    result: u32,
    capabilities: Option<u32>,
    reference: u32,
}

/// The manifest that a report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reference<'a> {
    /// The reference URI of the root manifest; empty if it has none.
    pub uri: &'a str,
    /// The digest of the root manifest.
    pub digest: SuitDigest<'a>,
}

/// How the run ended, as the report has it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// The procedure was completed.
    Success,
    /// It was not.
    Failure {
        /// The device's own error code; of this crate, the number of a [rule](crate::rules).
        code: i64,
        /// Where it ended.
        record: ReportRecord<'a>,
        /// Why.
        reason: Reason,
    },
}

impl<'a> Report<'a> {
    /// Decodes a report that nobody has verified: whatever it says may be a lie.
    ///
    /// For reports that a verified token carries, or that came over a channel that authenticates
    /// the device; and for looking at them.
    ///
    /// # Errors
    /// The rule that it breaks, and where.
    pub fn decode_unverified(document: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(document)?;
        let report = Self::read(&mut cursor)?;
        cursor.end()?;
        Ok(report)
    }

    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        if cursor.peek() == Some(Type::Array) {
            return Err(cursor.error_at(start, rules::REPORT_ENCRYPTED).into());
        }
        let (count, mut order) = (cursor.map()?, Ascending::new());
        let (mut nonce, mut records, mut result) = (None, None, None);
        let (mut capabilities, mut reference) = (None, None);
        for _ in 0..count {
            let key = cursor.position();
            let element = order.key(cursor)?;
            let at = Some(cursor.offset());
            match element {
                NONCE => (nonce, _) = (at, cursor.bytes()?),
                RECORDS => (records, _) = (at, check_records(cursor)?),
                RESULT => (result, _) = (at, Outcome::read(cursor)?),
                CAPABILITIES => (capabilities, _) = (at, Capabilities::read(cursor)?),
                REFERENCE => (reference, _) = (at, Reference::read(cursor)?),
                _ => return Err(cursor.error_at(key, rules::REPORT_ELEMENT).into()),
            }
        }
        let (Some(records), Some(result), Some(reference)) = (records, result, reference) else {
            return Err(cursor.error_at(start, rules::REPORT_REQUIRED).into());
        };
        Ok(Self { document: cursor.document(), nonce, records, result, capabilities, reference })
    }

    fn at(&self, offset: u32) -> Cursor<'a> {
        Cursor::at(self.document, offset)
    }

    /// The manifest that it is about.
    #[must_use]
    pub fn reference(&self) -> Reference<'a> {
        Reference::read_checked(&mut self.at(self.reference))
    }

    /// The nonce, if there is one. Comparing it with the one that was sent is the caller's.
    #[must_use]
    pub fn nonce(&self) -> Option<&'a [u8]> {
        self.at(self.nonce?).bytes().ok()
    }

    /// Records and claims, in order.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn items(&self) -> Items<'a> {
        Items::reread(self.at(self.records))
    }

    /// The records, in order.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn records(&self) -> impl Iterator<Item = ReportRecord<'a>> + Clone + use<'a> {
        self.items()
            .filter_map(|item| if let Item::Record(record) = item { Some(record) } else { None })
    }

    /// How many records and claims are missing behind the list, because the device had no room for
    /// them: only reports of this crate tell.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        let claims = self.items().filter_map(|item| match item {
            Item::Claims(claims) => claims.dropped(),
            Item::Record(_) => None,
        });
        claims.last().unwrap_or_default()
    }

    /// How the run ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome<'a> {
        Outcome::read(&mut self.at(self.result)).unwrap_or(Outcome::Success)
    }

    /// Where the result stands in the report.
    pub(super) const fn result_offset(&self) -> u32 {
        self.result
    }

    /// Where the reference stands in the report.
    pub(super) const fn reference_offset(&self) -> u32 {
        self.reference
    }

    /// What the device can do, if it says so.
    #[must_use]
    pub fn capabilities(&self) -> Option<Capabilities<'a>> {
        Capabilities::read(&mut self.at(self.capabilities?)).ok()
    }

    /// Writes the report from the typed view.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let optional = [self.nonce.is_some(), self.capabilities.is_some()];
        let count = optional.into_iter().filter(|is_there| *is_there).count();
        let mut map = encoder.map(count.saturating_add(3))?;
        if let Some(nonce) = self.nonce() {
            map.key(NONCE)?.bytes(nonce)?;
        }
        let mut records = map.key(RECORDS)?;
        records.array(self.items().count())?;
        self.items().try_for_each(|item| item.encode(&mut records))?;
        self.outcome().encode(&mut map.key(RESULT)?)?;
        if let Some(capabilities) = self.capabilities() {
            capabilities.encode(&mut map.key(CAPABILITIES)?)?;
        }
        let (mut reference, Reference { uri, digest }) = (map.key(REFERENCE)?, self.reference());
        reference.array(2)?.text(uri)?;
        digest.encode(&mut reference)?;
        Ok(map.end()?)
    }

    /// The caller vouches for the report: it came over a channel that authenticated the device, or
    /// in a token that was verified (SUIT R §8).
    #[must_use]
    pub const fn authenticated_by_channel(self) -> VerifiedReport<'a> {
        VerifiedReport::new(self, None)
    }
}

fn check_records(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    for _ in 0..cursor.array()? {
        Item::read(cursor)?;
    }
    Ok(())
}

impl<'a> Reference<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let start = cursor.position();
        if cursor.array()? != 2 {
            return Err(cursor.error_at(start, rules::REPORT_REFERENCE).into());
        }
        cursor.text()?;
        SuitDigest::check(cursor)
    }

    /// Reads what [`Reference::read`] has seen.
    fn read_checked(cursor: &mut Cursor<'a>) -> Self {
        let _ = cursor.array();
        let uri = cursor.text().unwrap_or_default();
        Self { uri, digest: SuitDigest::read_checked(cursor) }
    }
}

impl<'a> Outcome<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        let wrong = |cursor: &Cursor<'_>| cursor.error_at(start, rules::REPORT_RESULT).into();
        if cursor.peek() == Some(Type::Bool) {
            return if cursor.boolean()? { Ok(Self::Success) } else { Err(wrong(cursor)) };
        }
        if cursor.map()? != 3 || cursor.integer()? != CODE {
            return Err(wrong(cursor));
        }
        let code = cursor.integer()?;
        if cursor.integer()? != RECORD {
            return Err(wrong(cursor));
        }
        let record = ReportRecord::read(cursor)?;
        if cursor.integer()? != REASON {
            return Err(wrong(cursor));
        }
        let at = cursor.position();
        let number = cursor.unsigned()?;
        let reason = u8::try_from(number).ok().and_then(Reason::from_code);
        let reason = reason.ok_or_else(|| cursor.error_at(at, rules::REPORT_REASON))?;
        Ok(Self::Failure { code, record, reason })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let Self::Failure { code, record, reason } = self else {
            encoder.boolean(true)?;
            return Ok(());
        };
        let mut map = encoder.map(3)?;
        map.key(CODE)?.integer(*code)?;
        record.encode(&mut map.key(RECORD)?)?;
        map.key(REASON)?.unsigned(u64::from(reason.code()))?;
        Ok(map.end()?)
    }
}
