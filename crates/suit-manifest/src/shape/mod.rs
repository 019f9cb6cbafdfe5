//! The names of everything in an envelope, for printing.
//!
//! Names are those of the CDDL without their common prefixes: "suit-" everywhere, and
//! "suit-parameter-", "suit-text-", "suit-meta-" and "suit-wait-event-" where the place tells
//! already. Commands keep "condition-" and "directive-", because that decides what a failure of
//! theirs does.

#[cfg(feature = "discovery")]
mod catalogue;
mod cose;
mod report;

#[cfg(feature = "discovery")]
pub use catalogue::CATALOGUE;
pub use cose::COSE;
pub use report::{PROTECTED_REPORT, REPORT};

use cose::ALGORITHM;
use iotops_wire::shape::{Field, Shape, TagName};

/// An envelope or a bare manifest, tagged, or an envelope without its tag.
pub static ENVELOPE: Shape = Shape::Either(&[&TAGGED, &ELEMENTS]);

/// The elements of an envelope.
pub static ELEMENTS: Shape = Shape::MapAnd(
    &[
        Field::new(1, "delegation", &Shape::Any),
        Field::new(2, "authentication-wrapper", &WRAPPER),
        Field::new(3, "manifest", &WRAPPED_MANIFEST),
        Field::new(14, "coswid", &ANY_WRAPPED),
        Field::new(15, "dependency-resolution", &WRAPPED_SEQUENCE),
        Field::new(16, "payload-fetch", &WRAPPED_SEQUENCE),
        Field::new(18, "candidate-verification", &WRAPPED_SEQUENCE),
        Field::new(20, "install", &WRAPPED_SEQUENCE),
        Field::new(23, "text", &WRAPPED_TEXT),
    ],
    &INTEGRATED,
);

/// A manifest.
pub static MANIFEST: Shape = Shape::Map(&[
    Field::new(1, "manifest-version", &Shape::Any),
    Field::new(2, "manifest-sequence-number", &Shape::Any),
    Field::new(3, "common", &Shape::Wrapped(&COMMON)),
    Field::new(4, "reference-uri", &Shape::Any),
    Field::new(5, "manifest-component-id", &COMPONENT),
    Field::new(6, "set-version", &ANY_WRAPPED),
    Field::new(7, "validate", &WRAPPED_SEQUENCE),
    Field::new(8, "load", &WRAPPED_SEQUENCE),
    Field::new(9, "invoke", &WRAPPED_SEQUENCE),
    Field::new(14, "coswid", &Shape::Either(&[&ANY_WRAPPED, &DIGEST])),
    Field::new(15, "dependency-resolution", &SEVERABLE),
    Field::new(16, "payload-fetch", &SEVERABLE),
    Field::new(18, "candidate-verification", &SEVERABLE),
    Field::new(20, "install", &SEVERABLE),
    Field::new(23, "text", &Shape::Either(&[&WRAPPED_TEXT, &DIGEST])),
    Field::new(24, "uninstall", &WRAPPED_SEQUENCE),
]);

/// A command sequence.
pub static SEQUENCE: Shape = Shape::Pairs(&[
    Field::new(1, "condition-vendor-identifier", &POLICY),
    Field::new(2, "condition-class-identifier", &POLICY),
    Field::new(3, "condition-image-match", &POLICY),
    Field::new(4, "condition-use-before", &POLICY),
    Field::new(5, "condition-component-slot", &POLICY),
    Field::new(6, "condition-check-content", &POLICY),
    Field::new(7, "condition-dependency-integrity", &POLICY),
    Field::new(8, "condition-is-dependency", &POLICY),
    Field::new(11, "directive-process-dependency", &POLICY),
    Field::new(12, "directive-set-component-index", &Shape::Any),
    Field::new(14, "condition-abort", &POLICY),
    Field::new(15, "directive-try-each", &Shape::List(&WRAPPED_SEQUENCE)),
    Field::new(18, "directive-write", &POLICY),
    Field::new(19, "directive-set-parameters", &PARAMETERS),
    Field::new(20, "directive-override-parameters", &PARAMETERS),
    Field::new(21, "directive-fetch", &POLICY),
    Field::new(22, "directive-copy", &POLICY),
    Field::new(23, "directive-invoke", &POLICY),
    Field::new(24, "condition-device-identifier", &POLICY),
    Field::new(25, "condition-image-not-match", &POLICY),
    Field::new(26, "condition-minimum-battery", &POLICY),
    Field::new(27, "condition-update-authorized", &POLICY),
    Field::new(28, "condition-version", &POLICY),
    Field::new(29, "directive-wait", &POLICY),
    Field::new(31, "directive-swap", &POLICY),
    Field::new(32, "directive-run-sequence", &WRAPPED_SEQUENCE),
    Field::new(33, "directive-unlink", &POLICY),
    Field::new(34, "directive-override-multiple", &Shape::MapOf(&PARAMETERS)),
    Field::new(35, "directive-copy-params", &Shape::MapOf(&Shape::List(&PARAMETER))),
]);

/// A map of parameters. Code 0, which no parameter has, is what a report puts beside them.
pub static PARAMETERS: Shape = Shape::Map(&[
    Field::new(0, "system-component-id", &COMPONENT),
    Field::new(1, "vendor-identifier", &Shape::Tagged(&[TagName::new(112, "pen", &Shape::Any)])),
    Field::new(2, "class-identifier", &Shape::Any),
    Field::new(3, "image-digest", &Shape::Wrapped(&DIGEST)),
    Field::new(4, "use-before", &Shape::Any),
    Field::new(5, "component-slot", &Shape::Any),
    Field::new(12, "strict-order", &Shape::Any),
    Field::new(13, "soft-failure", &Shape::Any),
    Field::new(14, "image-size", &Shape::Any),
    Field::new(18, "content", &Shape::Utf8OrBytes),
    Field::new(19, "encryption-info", &Shape::Wrapped(&COSE)),
    Field::new(21, "uri", &Shape::Any),
    Field::new(22, "source-component", &Shape::Any),
    Field::new(23, "invoke-args", &Shape::Utf8OrBytes),
    Field::new(24, "device-identifier", &Shape::Any),
    Field::new(25, "fetch-arguments", &Shape::Utf8OrBytes),
    Field::new(26, "minimum-battery", &Shape::Any),
    Field::new(27, "update-priority", &Shape::Any),
    Field::new(28, "version", &Shape::Wrapped(&VERSION_MATCH)),
    Field::new(29, "wait-info", &Shape::Wrapped(&WAIT)),
    Field::new(30, "component-metadata", &Shape::Wrapped(&METADATA)),
]);

/// A text map: languages, each with texts of the manifest and of components.
pub static TEXT: Shape = Shape::MapOf(&LANGUAGE);

/// What is said in one language.
pub(crate) static LANGUAGE: Shape = Shape::MapAnd(
    &[
        Field::new(1, "manifest-description", &Shape::Any),
        Field::new(2, "update-description", &Shape::Any),
        Field::new(3, "manifest-json-source", &Shape::Any),
        Field::new(4, "manifest-yaml-source", &Shape::Any),
    ],
    &COMPONENT_TEXT,
);

/// A digest.
pub static DIGEST: Shape = Shape::Array(&[
    Field::item("algorithm-id", &ALGORITHM),
    Field::item("digest-bytes", &Shape::Any),
]);

static TAGGED: Shape = Shape::Tagged(&[
    TagName::new(107, "envelope", &ELEMENTS),
    TagName::new(1070, "manifest", &MANIFEST),
]);

/// An integrated payload, which stays closed unless it is itself an envelope: a dependency.
static INTEGRATED: Shape = Shape::Either(&[
    &Shape::Wrapped(&Shape::Tagged(&[TagName::new(107, "envelope", &ELEMENTS)])),
    &Shape::Utf8OrBytes,
]);

static ANY_WRAPPED: Shape = Shape::Wrapped(&Shape::Any);
static WRAPPED_MANIFEST: Shape = Shape::Wrapped(&MANIFEST);
static WRAPPED_SEQUENCE: Shape = Shape::Wrapped(&SEQUENCE);
static WRAPPED_TEXT: Shape = Shape::Wrapped(&TEXT);
static SEVERABLE: Shape = Shape::Either(&[&WRAPPED_SEQUENCE, &DIGEST]);

static WRAPPER: Shape = Shape::Wrapped(&Shape::ArrayAnd(
    &[Field::item("digest", &Shape::Wrapped(&DIGEST))],
    &Field::item("authentication-block", &Shape::Wrapped(&COSE)),
));

pub(crate) static COMMON: Shape = Shape::Map(&[
    Field::new(1, "dependencies", &Shape::MapOf(&DEPENDENCY)),
    Field::new(2, "components", &Shape::List(&COMPONENT)),
    Field::new(4, "shared-sequence", &WRAPPED_SEQUENCE),
]);

static DEPENDENCY: Shape = Shape::Map(&[Field::new(1, "dependency-prefix", &COMPONENT)]);
static COMPONENT: Shape = Shape::List(&Shape::Utf8OrBytes);

pub(crate) static COMPONENT_TEXT: Shape = Shape::Map(&[
    Field::new(1, "vendor-name", &Shape::Any),
    Field::new(2, "model-name", &Shape::Any),
    Field::new(3, "vendor-domain", &Shape::Any),
    Field::new(4, "model-info", &Shape::Any),
    Field::new(5, "component-description", &Shape::Any),
    Field::new(6, "component-version", &Shape::Any),
    Field::new(7, "version-required", &Shape::Any),
    Field::new(8, "current-version", &Shape::Any),
]);

pub(crate) static POLICY: Shape = Shape::Bits(&[
    (0, "record-on-success"),
    (1, "record-on-failure"),
    (2, "sysinfo-success"),
    (3, "sysinfo-failure"),
]);

pub(crate) static COMPARISON: Shape = Shape::Code(&[
    (1, "greater"),
    (2, "greater-equal"),
    (3, "equal"),
    (4, "lesser-equal"),
    (5, "lesser"),
]);

static VERSION_MATCH: Shape = Shape::Array(&[
    Field::item("comparison-type", &COMPARISON),
    Field::item("comparison-value", &Shape::Any),
]);

pub(crate) static WAIT: Shape = Shape::Map(&[
    Field::new(1, "authorization", &Shape::Any),
    Field::new(2, "power", &Shape::Any),
    Field::new(3, "network", &Shape::Any),
    Field::new(
        4,
        "other-device-version",
        &Shape::Array(&[
            Field::item("other-device", &Shape::Any),
            Field::item("other-device-version", &Shape::List(&VERSION_MATCH)),
        ]),
    ),
    Field::new(5, "time", &Shape::Any),
    Field::new(6, "time-of-day", &Shape::Any),
    Field::new(7, "day-of-week", &Shape::Any),
    Field::new(8, "time-of-day-utc", &Shape::Any),
    Field::new(9, "day-of-week-utc", &Shape::Any),
]);

pub(crate) static METADATA: Shape = Shape::Map(&[
    Field::new(1, "default-permissions", &PERMISSIONS),
    Field::new(2, "user-permissions", &Shape::MapOf(&PERMISSIONS)),
    Field::new(3, "group-permissions", &Shape::MapOf(&PERMISSIONS)),
    Field::new(4, "role-permissions", &Shape::MapOf(&PERMISSIONS)),
    Field::new(5, "file-type", &FILE_TYPE),
    Field::new(6, "modification-time", &TIME),
    Field::new(7, "creation-time", &TIME),
    Field::new(8, "creator", &Shape::Tagged(&[TagName::new(37, "uuid", &Shape::Any)])),
]);

pub(crate) static FILE_TYPE: Shape =
    Shape::Code(&[(1, "regular"), (2, "directory"), (3, "symlink")]);

static TIME: Shape = Shape::Tagged(&[TagName::new(1, "epoch-time", &Shape::Any)]);

pub(crate) static PERMISSIONS: Shape = Shape::Bits(&[
    (0, "traverse_exec"),
    (1, "create_write"),
    (2, "list_read"),
    (3, "createdir_append"),
    (4, "read_attr"),
    (5, "read_perm"),
    (6, "change_perm"),
    (7, "change_owner"),
    (8, "write_attr"),
    (9, "recurse_delete"),
    (10, "delete"),
    (11, "sync"),
    (12, "read_attr_ex"),
    (13, "write_attr_ex"),
]);

/// Codes of these tables where they stand as values.
static PARAMETER: Shape = Shape::CodeOf(&PARAMETERS);
static COMMAND: Shape = Shape::CodeOf(&SEQUENCE);
static ELEMENT: Shape = Shape::CodeOf(&MANIFEST);
