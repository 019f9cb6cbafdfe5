//! The log of who asked for a device (RFC 8995 §5.8).

use alloc::string::String;
use alloc::vec::Vec;

use iotops_crypto::x509::Certificate;
use iotops_crypto::{Algorithm, digest};
use iotops_wire::Time;
use iotops_wire::json::Writer;

use crate::Error;
use crate::model::{Assertion, base64, write_date};

/// One voucher that was issued.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditEvent {
    /// When.
    pub date: Time,
    /// Which domain it pins (§5.8.2).
    pub domain_id: Vec<u8>,
    /// The nonce in it, if it has one.
    pub nonce: Option<Vec<u8>>,
    /// What it asserts.
    pub assertion: Assertion,
    /// How many events before it were left out.
    pub truncated: Option<u64>,
}

impl AuditEvent {
    pub(super) fn of(
        date: Time,
        pinned: &Certificate<'_>,
        nonce: Option<Vec<u8>>,
        assertion: Assertion,
    ) -> Result<Self, Error> {
        Ok(Self { date, domain_id: domain_id(pinned)?, nonce, assertion, truncated: None })
    }
}

/// RFC 8995 §5.8.2: "If the pinned-domain-cert certificate includes the `SubjectKeyIdentifier` …,
/// then it is used as the domainID. If not, the SPKI Fingerprint … is used."
pub(super) fn domain_id(pinned: &Certificate<'_>) -> Result<Vec<u8>, Error> {
    if let Some(identifier) = pinned.subject_key_id() {
        return Ok(identifier.to_vec());
    }
    let made = digest(Algorithm::Sha256, &[pinned.public_key()]);
    made.map(|made| made.as_bytes().to_vec()).ok_or(Error::new(crate::rules::DIGEST_LENGTH, 0))
}

/// The log as a manufacturer answers with it (§5.8.1), oldest event first. Numbers are numbers, as
/// the CDDL has them; the example in the RFC writes them as text.
///
/// # Errors
/// [`crate::rules::DATE`] for a year behind 9999.
pub fn write_audit_log(events: &[AuditEvent]) -> Result<String, Error> {
    let mut bytes = Vec::new();
    Writer::new(&mut bytes).object(|log| {
        log.member("version")?.unsigned(1)?;
        log.member("events")?
            .array(|list| events.iter().try_for_each(|event| write_event(event, list.item()?)))
    })?;
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

fn write_event(event: &AuditEvent, writer: Writer<'_>) -> Result<(), Error> {
    let date = write_date(event.date).ok_or(Error::new(crate::rules::DATE, 0))?;
    writer.object(|object| {
        object.member("date")?.string(&date)?;
        object.member("domainID")?.string(&base64::encode(&event.domain_id))?;
        match &event.nonce {
            Some(nonce) => object.member("nonce")?.string(&base64::encode(nonce))?,
            None => object.member("nonce")?.null()?,
        }
        object.member("assertion")?.string(event.assertion.name())?;
        if let Some(count) = event.truncated {
            object.member("truncated")?.unsigned(count)?;
        }
        Ok(())
    })
}
