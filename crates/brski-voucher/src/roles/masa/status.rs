//! What to answer to a request that is refused (RFC 8995 §5.6, §5.3).

use iotops_wire::{Kind, Rule};

use crate::rules;

/// Rules and their status codes in HTTP.
const TABLE: [(Rule, u16); 14] = [
    (rules::DEVICE_UNKNOWN, 404),
    (rules::DEVICE_BLOCKED, 403),
    (rules::OTHER_DOMAIN, 403),
    (rules::NOT_REGISTRAR, 403),
    (rules::NONCELESS_UNKNOWN, 403),
    (rules::PRIOR_SERIAL, 403),
    (rules::PRIOR_NONCE, 403),
    (rules::PRIOR_MISSING, 403),
    (rules::PROXIMITY, 403),
    (rules::SERIAL_NUMBER, 403),
    (rules::TOO_LONG, 413),
    (rules::PIN_MISSING, 406),
    (rules::PIN_OUTLIVED, 406),
    (rules::SERIAL_MISSING, 400),
];

/// The status code in HTTP: RFC 8995 §5.6: 403 for a signature that is wrong or stale, 404 for an
/// unknown device, 406 for a voucher that cannot be issued.
#[must_use]
pub fn http_status(rule: Rule) -> u16 {
    let row = TABLE.iter().find(|row| row.0 == rule);
    row.map_or_else(|| of_kind(rule.kind()), |row| row.1)
}

const fn of_kind(kind: Kind) -> u16 {
    match kind {
        Kind::Rejected => 403,
        Kind::Limit => 413,
        Kind::Unsupported => 415,
        Kind::Unavailable => 503,
        Kind::OutOfSpace | Kind::Argument => 500,
        _ => 400,
    }
}

/// The response code in CoAP, class and detail (cBRSKI §6.6): 403 is (4, 3).
#[must_use]
pub fn coap_code(rule: Rule) -> (u8, u8) {
    let status = http_status(rule);
    let class = u8::try_from(status.checked_div(100).unwrap_or(5)).unwrap_or(5);
    let detail = u8::try_from(status.checked_rem(100).unwrap_or(0)).unwrap_or(0);
    (class, detail)
}
