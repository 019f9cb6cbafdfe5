//! The rules of this crate: numbers 400 to 499. Lower ones are those of [`iotops_crypto::rules`]
//! and [`iotops_wire::rules`](mod@iotops_wire::rules).
//!
//! Sections named "bis" are of draft-ietf-anima-rfc8366bis after -29, "cBRSKI" of
//! draft-ietf-anima-constrained-voucher-31, "JWS-V" of draft-ietf-anima-jws-voucher-16.

use iotops_wire::{Row, Rule, rule};

iotops_wire::rules! {
    400 CONTAINER Structure "container", "bis §8.3, §9.3", "a document must hold one voucher or one voucher request, and nothing beside it";
    401 KIND Structure "kind", "RFC 8366 §5.3", "a voucher must not be taken for a request, nor a request for a voucher";
    402 LEAF_TYPE Structure "leaf-type", "RFC 7951 §6, RFC 9254 §6", "a leaf must be written with the type that its module gives it";
    403 LEAF_TWICE Structure "leaf-twice", "RFC 7950 §7.6", "a leaf must not occur twice";
    404 LEAVES Limit "leaves", "iotops", "a voucher must not have more leaves than are read";
    405 KEY Structure "key", "RFC 9254 §3.2", "a key must be a name, a difference of identifiers, or an identifier with tag 47";
    406 ASSERTION Constraint "assertion", "bis §8.5", "an assertion must be one that is registered";
    407 DATE Malformed "date", "RFC 6991 §3", "a date must be one of RFC 3339";
    408 BASE64 Malformed "base64", "RFC 7951 §6.6", "binary in JSON must be base64 with its padding";
    409 NONCE_LENGTH Constraint "nonce-length", "RFC 8366 §5.3", "a nonce must have 8 to 32 bytes";
    410 SERIAL_MISSING Constraint "serial-missing", "RFC 8366 §5.3", "a voucher must have a serial number";
    411 RENEWAL Constraint "renewal", "RFC 8366 §5.3", "the date of the last renewal must stand beside an expiry";
    412 NONCE_EXPIRES Constraint "nonce-and-expiry", "RFC 8366 §5.3", "a voucher of RFC 8366 must not have both a nonce and an expiry";
    413 LEAF_MISSING Constraint "leaf-missing", "RFC 8366 §5.3", "a voucher of RFC 8366 must have assertion, creation date and pinned certificate";
    414 DIGEST_LENGTH Constraint "digest-length", "bis §8.3", "the digest of a public key must have 32 bytes";
    415 REQUEST_NONCE Constraint "request-nonce", "RFC 8995 §5.2", "the request of a device must have a nonce";
    416 REQUEST_PROXIMITY Constraint "request-proximity", "RFC 8995 §5.2", "a device that asserts proximity must say which registrar it saw";
    417 REQUEST_AGENT Constraint "request-agent", "BRSKI-PRM §7.1.2", "a device that an agent serves must say which registrar the agent named, and hand on what the agent signed";
    418 REQUEST_PRIOR Constraint "request-prior", "RFC 8995 §5.2", "the request of a device must not hold another request";
    419 REQUEST_ISSUER Constraint "request-issuer", "bis §6.1", "the request of a registrar must name the issuer of the certificate of the device";
    420 CONTENT_TYPE Constraint "content-type", "RFC 8366 §5.4", "the content type in CMS must be id-ct-animaJSONVoucher";
    421 DETACHED Structure "detached", "RFC 8366 §5.4", "the signed message must carry the voucher";
    422 COMPACT Constraint "compact", "JWS-V §3", "a voucher in JWS must be in the general JSON serialisation";
    423 UNTAGGED Constraint "untagged", "cBRSKI §9.2", "a voucher in COSE must carry tag 18";
    424 DATE_TAG Constraint "date-tag", "RFC 9254 §6", "a date in CBOR must be a text";
    425 ENUMERATION Constraint "enumeration-text", "RFC 9254 §6.6", "an enumeration in CBOR must be a number";
    426 BINARY_TEXT Constraint "binary-text", "RFC 9254 §6.12", "binary in CBOR must be a byte string";
    427 SERIAL_BYTES Constraint "serial-bytes", "RFC 9254 §6.5", "a serial number in CBOR must be a text";
    428 OLD_NAME Constraint "old-name", "bis §9.3", "a name must be the one that is registered today";
    429 OLD_SID Constraint "old-identifier", "bis §8.5, §9.3", "an identifier must be the one that is registered today";
    430 SIGNER_UNAUTHORISED Rejected "signer-unauthorised", "RFC 8995 §5.6.1", "the signer must be one that may issue vouchers, not any that the anchor certified";
    431 SIGNER_UNKNOWN Rejected "signer-unknown", "RFC 8995 §5.6.1", "a certificate of the message must lead to an anchor";
    432 CERTIFICATES Limit "certificates", "iotops", "a message must not carry more certificates than are tried";
    440 SERIAL_NUMBER Rejected "serial-number", "RFC 8995 §5.6.1", "a voucher must be for the serial number of this device";
    441 NONCE Rejected "nonce", "RFC 8995 §5.6.1", "the nonce of a voucher must be the one that the device sent";
    442 NONCELESS Rejected "nonceless", "RFC 8995 §7.2", "a voucher without a nonce must be allowed by the device";
    443 IDEVID_ISSUER Rejected "idevid-issuer", "RFC 8366 §5.3", "the issuer in a voucher must be that of the certificate of the device";
    444 EXPIRED Rejected "expired", "RFC 8995 §5.6.1", "a voucher must not have expired";
    445 CREATED_ON Rejected "created-on", "RFC 8995 §2.6.1", "a voucher must not have been made in the future";
    446 ASSERTION_WEAK Rejected "assertion-weak", "RFC 8366 §5.3", "an assertion must be one that the device accepts";
    447 PIN_MISSING Rejected "pin-missing", "RFC 8995 §5.6.1", "a voucher must pin a certificate or key that the device can use";
    448 PIN_OUTLIVED Rejected "pin-outlived", "RFC 8366 §5.3", "a voucher must not outlive the certificate that it pins";
    449 REGISTRAR_PIN Rejected "registrar-pin", "RFC 8995 §5.6.2", "the registrar must be the one that the voucher pins";
    433 REQUEST_SEEN Constraint "request-seen", "RFC 8995 §5.5", "the request of a registrar must not say which registrar was seen";
    434 REQUEST_AGENT_CERT Constraint "request-agent-certificate", "BRSKI-PRM §7.3.4.1", "the request of a registrar must hold the certificate of the agent";
    435 BAG_MISSING Constraint "bag-missing", "cBRSKI §9.2.1, §9.2.3", "the chain of the signer must come along";
    436 BAG_FORWARDED Constraint "bag-forwarded", "cBRSKI §6.8", "certificates in the unprotected header must not be forwarded to the device";
    437 MESSAGE_TYPE Constraint "message-type", "JWS-V §3", "the type of a JWS must be that of vouchers, if it has one";
    438 ALGORITHM_NAME Constraint "algorithm-name", "RFC 5754 §3.3", "the algorithm of a signature in CMS must be named by its identifier, without parameters";
    439 ISSUED_AT Structure "issued-at", "cBRSKI §9.2.5", "the claim of the time of issue must be a number of seconds";
    450 SCRATCH OutOfSpace "scratch", "iotops", "what is decoded must fit into the memory that was given for it";
    460 PRIOR_SERIAL Rejected "prior-serial", "RFC 8995 §5.5.5", "the prior request must be of the same device";
    461 PRIOR_NONCE Rejected "prior-nonce", "RFC 8995 §5.5", "the nonce of the prior request must be the one that is forwarded";
    462 PRIOR_MISSING Rejected "prior-missing", "RFC 8995 §5.5.5", "a claim of proximity must come with the prior request";
    463 PROXIMITY Rejected "proximity", "RFC 8995 §5.2", "the registrar that the device saw must be the one that asks";
    470 OTHER_ENCODING Argument "other-encoding", "iotops", "a leaf that is not known here must be written in the encoding in which it came";
    471 DEVICE_UNKNOWN Rejected "device-unknown", "RFC 8995 §5.6", "a device must be one that the manufacturer made";
    472 DEVICE_BLOCKED Rejected "device-blocked", "RFC 8995 §5.5", "a device must be free to be given to a domain";
    473 OTHER_DOMAIN Rejected "other-domain", "RFC 8995 §5.5", "a device that belongs to a domain must be asked for by that domain";
    474 NOT_REGISTRAR Rejected "not-a-registrar", "RFC 8995 §5.5.4", "the certificate of the signer must have the purpose id-kp-cmcRA";
    475 NONCELESS_UNKNOWN Rejected "nonceless-unknown", "RFC 8995 §5.5.2", "a registrar that asks without a nonce must be of a domain that is known";
    476 TOO_LONG Limit "too-long", "iotops", "a request must not be longer than is looked at";
    480 AUDIT_LOG Structure "audit-log", "RFC 8995 §5.8.1", "an audit log must have version 1 and events with their domains";
    481 AUDIT_DOMAIN Rejected "audit-domain", "RFC 8995 §5.8.3", "a device should not have been given to a domain that is not known";
    482 AUDIT_NONCELESS Rejected "audit-nonceless", "RFC 8995 §5.8.3", "no other domain should hold a voucher without a nonce";
    483 AUDIT_TRUNCATED Rejected "audit-truncated", "RFC 8995 §5.8.1", "events should not have been left out arbitrarily";
    484 AUDIT_MISSING Rejected "audit-missing", "RFC 8995 §5.8.3", "the voucher that was just issued should be in the log";
}

/// The row of a rule of this crate or of a lower one.
#[must_use]
pub fn row(of: Rule) -> Option<&'static Row> {
    rule::find(ROWS, of).or_else(|| iotops_crypto::rules::row(of))
}
