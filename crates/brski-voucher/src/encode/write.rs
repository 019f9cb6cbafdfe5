//! Writing leaves in CBOR and in JSON.

use alloc::vec::Vec;

use iotops_wire::cbor::Encoder;
use iotops_wire::json::Writer;

use super::{Leaves, Owned};
use crate::model::{base64, write_date};
use crate::{Error, rules};

/// In CBOR with differences of identifiers (RFC 9254 §3.2), deterministically encoded.
pub(crate) fn cbor(leaves: &Leaves) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let container = i64::try_from(leaves.kind.sid()).unwrap_or(0);
    let sorted = leaves.sorted();
    let mut outer = encoder.map(1)?;
    let mut inside = outer.key(container)?;
    let mut map = inside.map(sorted.len())?;
    for (delta, _, value) in sorted {
        let mut encoder = map.key(delta)?;
        match value {
            Owned::Assertion(assertion) => encoder.unsigned(assertion.number())?,
            Owned::Date(time) => encoder.text(&date(*time)?)?,
            Owned::Flag(flag) => encoder.boolean(*flag)?,
            Owned::Binary(binary) => encoder.bytes(binary)?,
            Owned::Text(text) => encoder.text(text)?,
        };
    }
    map.end()?;
    outer.end()?;
    Ok(bytes)
}

/// In JSON (RFC 7951).
pub(crate) fn json(leaves: &Leaves) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    Writer::new(&mut bytes).object::<Error>(|outer| {
        outer.member(leaves.kind.name())?.object::<Error>(|object| {
            for (_, leaf, value) in leaves.sorted() {
                let writer = object.member(leaf.name())?;
                match value {
                    Owned::Assertion(assertion) => writer.string(assertion.name())?,
                    Owned::Date(time) => writer.string(&date(*time)?)?,
                    Owned::Flag(flag) => writer.boolean(*flag)?,
                    Owned::Binary(binary) => writer.string(&base64::encode(binary))?,
                    Owned::Text(text) => writer.string(text)?,
                }
            }
            Ok(())
        })
    })?;
    Ok(bytes)
}

fn date(time: iotops_wire::Time) -> Result<alloc::string::String, Error> {
    write_date(time).ok_or_else(|| Error::new(rules::DATE, 0))
}
