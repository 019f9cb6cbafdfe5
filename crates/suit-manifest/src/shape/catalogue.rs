//! The names of a catalogue (`docs/catalogue.md` §3).

use iotops_wire::shape::{Field, Shape, TagName};

use super::cose::{HEADERS, PROTECTED};
use super::{COMPONENT, DIGEST};

/// A catalogue in its tagged message.
pub static CATALOGUE: Shape = Shape::Tagged(&[TagName::new(18, "COSE_Sign1", &MESSAGE)]);

static MESSAGE: Shape = Shape::Array(&[
    Field::item("protected", &PROTECTED),
    Field::item("unprotected", &HEADERS),
    Field::item("payload", &Shape::Wrapped(&CONTENT)),
    Field::item("signature", &Shape::Any),
]);

static CONTENT: Shape = Shape::Map(&[
    Field::new(1, "version", &Shape::Any),
    Field::new(2, "number", &Shape::Any),
    Field::new(3, "issued", &Shape::Any),
    Field::new(4, "expires", &Shape::Any),
    Field::new(5, "entries", &Shape::List(&ENTRY)),
]);

static ENTRY: Shape = Shape::Array(&[
    Field::item("vendor", &Shape::Any),
    Field::item("class", &Shape::Any),
    Field::item("component", &COMPONENT),
    Field::item("sequence-number", &Shape::Any),
    Field::item("digest", &DIGEST),
    Field::item("size", &Shape::Any),
    Field::item("uris", &Shape::Any),
]);
