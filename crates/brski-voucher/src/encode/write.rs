//! Writing leaves in CBOR and in JSON.

use alloc::string::String;
use alloc::vec::Vec;

use iotops_wire::cbor::Encoder;
use iotops_wire::json::{self, Writer};

use super::{Foreign, KeyForm, Leaves, Owned};
use crate::model::{Leaf, base64, write_date};
use crate::{Error, rules};

/// The tag of an identifier that is no difference.
const ABSOLUTE: u64 = 47;
/// Each module has this many identifiers; those of others are written with the tag.
const RANGE: u64 = 50;

/// In CBOR (RFC 9254), deterministically encoded.
pub(crate) fn cbor(leaves: &Leaves) -> Result<Vec<u8>, Error> {
    let mut entries = Vec::new();
    for (leaf, value) in leaves.sorted() {
        entries.push((key(leaves, leaf)?, encoded(value)?));
    }
    for foreign in &leaves.foreign {
        entries.push(foreign_entry(leaves, foreign)?);
    }
    if let Some(list) = list(leaves)? {
        entries.push((key(leaves, Leaf::Extensions)?, list));
    }
    entries.sort();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let mut outer = encoder.map(1)?;
    let mut inside = match leaves.keys {
        KeyForm::Names => outer.entry()?,
        _ => outer.key(leaves.kind.sid().cast_signed())?,
    };
    if leaves.keys == KeyForm::Names {
        inside.text(leaves.kind.name())?;
    }
    let mut map = inside.map(entries.len())?;
    for (key, value) in &entries {
        map.entry()?.raw(key)?.raw(value)?;
    }
    map.end()?;
    outer.end()?;
    Ok(bytes)
}

fn key(leaves: &Leaves, leaf: Leaf) -> Result<Vec<u8>, Error> {
    match (leaves.keys, leaf.sid(leaves.kind)) {
        (KeyForm::Names, _) => made(|encoder| encoder.text(leaf.name()).map(drop)),
        (KeyForm::Differences, Some(sid)) => {
            let delta = sid.saturating_sub(leaves.kind.sid());
            made(|encoder| encoder.unsigned(delta).map(drop))
        }
        (KeyForm::Identifiers, Some(sid)) => absolute(sid),
        (_, None) => Err(Error::new(rules::KIND, 0)),
    }
}

fn absolute(sid: u64) -> Result<Vec<u8>, Error> {
    made(|encoder| encoder.tag(ABSOLUTE)?.unsigned(sid).map(drop))
}

fn made(
    write: impl FnOnce(&mut Encoder<'_>) -> Result<(), iotops_wire::Error>,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    write(&mut Encoder::new(&mut bytes))?;
    Ok(bytes)
}

fn encoded(value: &Owned) -> Result<Vec<u8>, Error> {
    match value {
        Owned::Assertion(assertion) => made(|one| one.unsigned(assertion.number()).map(drop)),
        Owned::Date(time) => {
            let date = date(*time)?;
            made(|one| one.text(&date).map(drop))
        }
        Owned::Flag(flag) => made(|one| one.boolean(*flag).map(drop)),
        Owned::Binary(binary) => made(|one| one.bytes(binary).map(drop)),
        // Only JSON has a list there (BRSKI-PRM §7.3.4.1).
        Owned::Binaries(list) => match list.as_slice() {
            [only] => made(|one| one.bytes(only).map(drop)),
            _ => Err(Error::new(rules::OTHER_ENCODING, 0)),
        },
        Owned::Text(text) => made(|one| one.text(text).map(drop)),
    }
}

fn foreign_entry(leaves: &Leaves, foreign: &Foreign) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let Some(value) = &foreign.cbor else { return Err(Error::new(rules::OTHER_ENCODING, 0)) };
    let key = match (foreign.sid, &foreign.name) {
        (Some(sid), _) => match sid.checked_sub(leaves.kind.sid()) {
            Some(delta) if delta < RANGE => made(|one| one.unsigned(delta).map(drop))?,
            _ => absolute(sid)?,
        },
        (None, Some(name)) => made(|one| one.text(name).map(drop))?,
        (None, None) => return Err(Error::new(rules::OTHER_ENCODING, 0)),
    };
    Ok((key, value.clone()))
}

/// The list of extensions; `None` if there are none.
fn list(leaves: &Leaves) -> Result<Option<Vec<u8>>, Error> {
    let extensions = leaves.foreign.iter().filter(|one| one.extension.is_some());
    let own = extensions.filter_map(|one| one.sid);
    let (numbers, names) = &leaves.listed;
    let numbers: Vec<u64> = numbers.iter().copied().chain(own).collect();
    if numbers.is_empty() && names.is_empty() {
        return Ok(None);
    }
    made(|encoder| {
        encoder.array(numbers.len().saturating_add(names.len()))?;
        numbers.iter().try_for_each(|sid| encoder.unsigned(*sid).map(drop))?;
        names.iter().try_for_each(|name| encoder.text(name).map(drop))
    })
    .map(Some)
}

/// In JSON (RFC 7951).
pub(crate) fn json(leaves: &Leaves) -> Result<Vec<u8>, Error> {
    let own = leaves.foreign.iter().filter_map(|one| one.extension.as_ref());
    let (numbers, names) = &leaves.listed;
    let names: Vec<&String> = names.iter().chain(own).collect();
    if !numbers.is_empty() {
        return Err(Error::new(rules::OTHER_ENCODING, 0));
    }
    let mut bytes = Vec::new();
    Writer::new(&mut bytes).object::<Error>(|outer| {
        outer.member(leaves.kind.name())?.object::<Error>(|object| {
            for (leaf, value) in leaves.sorted() {
                write_value(object.member(leaf.name())?, value)?;
            }
            if !names.is_empty() {
                let list = object.member(Leaf::Extensions.name())?;
                list.array::<Error>(|array| {
                    names.iter().try_for_each(|name| Ok(array.item()?.string(name)?))
                })?;
            }
            for foreign in &leaves.foreign {
                let (Some(name), Some(value)) = (&foreign.name, &foreign.json) else {
                    return Err(Error::new(rules::OTHER_ENCODING, 0));
                };
                object.member(name)?.value(json::Value::read(value.as_bytes())?)?;
            }
            Ok(())
        })
    })?;
    Ok(bytes)
}

fn write_value(writer: Writer<'_>, value: &Owned) -> Result<(), Error> {
    match value {
        Owned::Assertion(assertion) => writer.string(assertion.name())?,
        Owned::Date(time) => writer.string(&date(*time)?)?,
        Owned::Flag(flag) => writer.boolean(*flag)?,
        Owned::Binary(binary) => writer.string(&base64::encode(binary))?,
        Owned::Binaries(list) => writer.array::<Error>(|array| {
            list.iter().try_for_each(|one| Ok(array.item()?.string(&base64::encode(one))?))
        })?,
        Owned::Text(text) => writer.string(text)?,
    }
    Ok(())
}

fn date(time: iotops_wire::Time) -> Result<String, Error> {
    write_date(time).ok_or_else(|| Error::new(rules::DATE, 0))
}
