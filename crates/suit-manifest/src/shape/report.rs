//! The names of a report (draft-ietf-suit-report).

use iotops_wire::shape::{Field, Shape, TagName};

use super::cose::{ALGORITHM, HEADERS, PROTECTED};
use super::{COMMAND, COMMON, COMPONENT, DIGEST, ELEMENT, ELEMENTS, PARAMETER, PARAMETERS};

/// A report in its container, with the tag of that or without; or a report by itself.
pub static PROTECTED_REPORT: Shape = Shape::Either(&[
    &Shape::Tagged(&[
        TagName::new(17, "COSE_Mac0", &CONTAINER),
        TagName::new(18, "COSE_Sign1", &CONTAINER),
    ]),
    &CONTAINER,
    &REPORT,
]);

static CONTAINER: Shape = Shape::Array(&[
    Field::item("protected", &PROTECTED),
    Field::item("unprotected", &HEADERS),
    Field::item("payload", &Shape::Wrapped(&REPORT)),
    Field::item("signature", &Shape::Any),
]);

/// A report of what a recipient did.
pub static REPORT: Shape = Shape::Map(&[
    Field::new(2, "nonce", &Shape::Any),
    Field::new(3, "records", &Shape::List(&Shape::Either(&[&RECORD, &PARAMETERS]))),
    Field::new(4, "result", &RESULT),
    Field::new(8, "capability-report", &CAPABILITIES),
    Field::new(99, "reference", &REFERENCE),
]);

static REFERENCE: Shape = Shape::Array(&[
    Field::item("manifest-uri", &Shape::Any),
    Field::item("manifest-digest", &DIGEST),
]);

static RECORD: Shape = Shape::Array(&[
    Field::item("manifest-id", &Shape::Any),
    Field::item("manifest-section", &SECTION),
    Field::item("section-offset", &Shape::Any),
    Field::item("component-index", &Shape::Any),
    Field::item("properties", &PARAMETERS),
]);

/// Sections; 4 is the shared sequence in common, and 0 is before all.
static SECTION: Shape = Shape::Code(&[
    (0, "none"),
    (4, "shared-sequence"),
    (7, "validate"),
    (8, "load"),
    (9, "invoke"),
    (15, "dependency-resolution"),
    (16, "payload-fetch"),
    (18, "candidate-verification"),
    (20, "install"),
    (24, "uninstall"),
]);

static RESULT: Shape = Shape::Map(&[
    Field::new(5, "result-code", &Shape::Any),
    Field::new(6, "result-record", &RECORD),
    Field::new(7, "result-reason", &REASON),
]);

static REASON: Shape = Shape::Code(&[
    (0, "ok"),
    (1, "cbor-parse"),
    (2, "cose-unsupported"),
    (3, "alg-unsupported"),
    (4, "unauthorised"),
    (5, "command-unsupported"),
    (6, "component-unsupported"),
    (7, "component-unauthorised"),
    (8, "parameter-unsupported"),
    (9, "severing-unsupported"),
    (10, "condition-failed"),
    (11, "operation-failed"),
    (12, "invoke-pending"),
]);

static CAPABILITIES: Shape = Shape::Map(&[
    Field::new(1, "component-capabilities", &Shape::List(&COMPONENT)),
    Field::new(2, "command-capabilities", &Shape::List(&COMMAND)),
    Field::new(3, "parameters-capabilities", &Shape::List(&PARAMETER)),
    Field::new(4, "crypt-algo-capabilities", &Shape::List(&ALGORITHM)),
    Field::new(5, "envelope-capabilities", &Shape::List(&Shape::CodeOf(&ELEMENTS))),
    Field::new(6, "manifest-capabilities", &Shape::List(&ELEMENT)),
    Field::new(7, "common-capabilities", &Shape::List(&Shape::CodeOf(&COMMON))),
    Field::new(8, "text-capabilities", &Shape::Any),
    Field::new(9, "text-component-capabilities", &Shape::Any),
    Field::new(10, "dependency-capabilities", &Shape::Any),
]);
