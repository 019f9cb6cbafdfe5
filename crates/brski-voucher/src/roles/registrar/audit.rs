//! The manufacturer's log of a device, and what is suspicious in it (RFC 8995 §5.8).

use alloc::string::ToString as _;
use alloc::vec::Vec;

use iotops_wire::json::{Type, Value};
use iotops_wire::{Finding, Input, Place, Time};

use crate::model::{Assertion, Binary, Characters, read_date};
use crate::{Error, rules};

/// An event of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// When; `None` if it is no date.
    pub date: Option<Time>,
    /// Which domain it was.
    pub domain_id: Vec<u8>,
    /// The nonce in the voucher; `None` for one without.
    pub nonce: Option<Vec<u8>>,
    /// What the voucher asserts, if that is known here.
    pub assertion: Option<Assertion>,
    /// How many events before it were left out.
    pub truncated: u64,
    offset: u32,
}

/// A log as a manufacturer gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditLog {
    /// The events.
    pub events: Vec<Event>,
    /// How many events with a nonce were left out because others of the same domain stayed.
    pub nonced_duplicates: u64,
    /// How many without a nonce.
    pub nonceless_duplicates: u64,
    /// How many were left out otherwise.
    pub arbitrary: u64,
}

/// The most events that are read.
const MOST: usize = 4096;

impl AuditLog {
    /// Reads a log. Numbers may be text: the CDDL and the example of RFC 8995 §5.8.1 differ.
    ///
    /// # Errors
    /// [`rules::AUDIT_LOG`], and the rules of JSON.
    pub fn decode(document: &[u8]) -> Result<Self, Error> {
        let log = Value::read(document)?;
        let version = log.member("version")?.map(number).transpose()?;
        if version != Some(1) {
            return Err(log.error(rules::AUDIT_LOG).into());
        }
        let mut events = Vec::new();
        let list = log.member("events")?.ok_or_else(|| log.error(rules::AUDIT_LOG))?;
        for item in list.items()? {
            if events.len() == MOST {
                return Err(item.error(rules::AUDIT_LOG).into());
            }
            events.push(Event::read(item)?);
        }
        let truncation = log.member("truncation")?;
        let count = |name| match truncation.map(|one| one.member(name)).transpose()?.flatten() {
            Some(value) => number(value),
            None => Ok(0),
        };
        Ok(Self {
            nonced_duplicates: count("nonced duplicates")?,
            nonceless_duplicates: count("nonceless duplicates")?,
            arbitrary: count("arbitrary")?,
            events,
        })
    }
}

/// A number, or a text that is one.
fn number(value: Value<'_>) -> Result<u64, Error> {
    if value.kind() == Type::String {
        let text = value.text()?.to_string();
        return text.parse().map_err(|_| value.error(rules::AUDIT_LOG).into());
    }
    Ok(value.unsigned()?)
}

fn bytes(value: Value<'_>) -> Result<Vec<u8>, Error> {
    let wrong = || Error::from(value.error(rules::AUDIT_LOG));
    let (binary, _) = Binary::of_base64(Characters::json(value.text()?)).ok_or_else(wrong)?;
    binary.to_vec()
}

impl Event {
    fn read(item: Value<'_>) -> Result<Self, Error> {
        let wrong = || Error::from(item.error(rules::AUDIT_LOG));
        let text = |name| Ok::<_, Error>(item.member(name)?.map(|one| one.text()).transpose()?);
        let domain_id = item.member("domainID")?.ok_or_else(wrong)?;
        let nonce = item.member("nonce")?.filter(|one| one.kind() != Type::Null);
        let date = text("date")?.map(|one| one.to_string());
        let assertion = text("assertion")?.map(|one| one.to_string());
        let truncated = item.member("truncated")?.map(number).transpose()?;
        Ok(Self {
            date: date.and_then(|date| read_date(&date, true)),
            domain_id: bytes(domain_id)?,
            nonce: nonce.map(bytes).transpose()?,
            assertion: assertion.and_then(|name| Assertion::from_name(&name)),
            truncated: truncated.unwrap_or_default(),
            offset: item.offset(),
        })
    }
}

/// What a registrar expects of a log (RFC 8995 §5.8.3: "the registrar MUST use the log information").
#[derive(Clone, Copy, Debug)]
pub struct AuditPolicy<'p> {
    domain_id: &'p [u8],
    nonce: Option<&'p [u8]>,
    known: &'p [&'p [u8]],
}

impl<'p> AuditPolicy<'p> {
    /// Only the own domain may be in it; the last event is of the voucher with this nonce.
    #[must_use]
    pub const fn new(domain_id: &'p [u8], nonce: Option<&'p [u8]>) -> Self {
        Self { domain_id, nonce, known: &[] }
    }

    /// Domains that had the device before, as a seller or a factory, and are trusted.
    #[must_use]
    pub const fn knowing(self, known: &'p [&'p [u8]]) -> Self {
        Self { known, ..self }
    }

    /// Tells what is suspicious: rules named `AUDIT_…`, with the place of each event.
    pub fn evaluate(&self, log: &AuditLog, found: &mut dyn FnMut(Finding)) {
        let mut tell = |rule, offset| {
            found(Finding::new(rule, Place::new(Input::Document, offset)));
        };
        for event in &log.events {
            let is_own = event.domain_id == self.domain_id;
            let is_known = is_own || self.known.iter().any(|known| *known == event.domain_id);
            if !is_known {
                tell(rules::AUDIT_DOMAIN, event.offset);
            }
            // A voucher without a nonce of another domain still opens the device.
            if event.nonce.is_none() && !is_own {
                tell(rules::AUDIT_NONCELESS, event.offset);
            }
        }
        if log.arbitrary > 0 || log.events.iter().any(|event| event.truncated > 0) {
            tell(rules::AUDIT_TRUNCATED, 0);
        }
        let is_here = |event: &Event| {
            event.domain_id == self.domain_id && event.nonce.as_deref() == self.nonce
        };
        if !log.events.iter().any(is_here) {
            tell(rules::AUDIT_MISSING, 0);
        }
    }
}
