//! Component metadata in a template (SUIT UM §4.6).

use iotops_wire::cbor::Encoder;
use iotops_wire::json::{Type, Value};

use super::parameters::{members, plain};
use super::value::{Files, bits, fault, hex, only_member, registered};
use crate::author::names;
use crate::encode::{SortedMap, Written, written};
use crate::shape::{FILE_TYPE, METADATA, PERMISSIONS};
use crate::{Error, rules};

const DEFAULT_PERMISSIONS: i64 = 1;
const FILE_TYPE_KEY: i64 = 5;
const CREATOR: i64 = 8;
const TAG_EPOCH_TIME: u64 = 1;
const TAG_UUID: u64 = 37;

pub(super) fn metadata(
    files: &mut Files<'_>,
    value: Value<'_>,
    encoder: &mut Encoder<'_>,
) -> Written {
    let mut map = SortedMap::default();
    for (name, value) in value.members()? {
        let code = names::code(&METADATA, &alloc::format!("{name}"));
        let code = code.ok_or_else(|| Error::from(name.error(rules::TEMPLATE_NAME)))?;
        map.insert_code(code, |encoder| entry(files, code, value, encoder))?;
    }
    map.encode(encoder)
}

fn entry(files: &mut Files<'_>, code: i64, value: Value<'_>, encoder: &mut Encoder<'_>) -> Written {
    match code {
        DEFAULT_PERMISSIONS => written(encoder.unsigned(bits(&PERMISSIONS, value)?)),
        2..=4 => actors(files, value, encoder),
        FILE_TYPE_KEY => written(encoder.integer(registered(&FILE_TYPE, value)?)),
        CREATOR => actor(files, value, encoder),
        _ => written(encoder.tag(TAG_EPOCH_TIME)?.unsigned(value.unsigned()?)),
    }
}

/// An array of `{"actor": …, "permissions": […]}`.
fn actors(files: &mut Files<'_>, value: Value<'_>, encoder: &mut Encoder<'_>) -> Written {
    let mut map = SortedMap::default();
    for item in value.items()? {
        let [who, permissions] = members(item, ["actor", "permissions"])?;
        map.insert(
            |encoder| actor(files, who, encoder),
            |encoder| written(encoder.unsigned(bits(&PERMISSIONS, permissions)?)),
        )
        .map_err(|error| {
            if error.rule() == rules::BUILDER { fault(who, error.rule()) } else { error }
        })?;
    }
    map.encode(encoder)
}

/// A number, a name, bytes, or `{"uuid": …}`.
fn actor(files: &mut Files<'_>, value: Value<'_>, encoder: &mut Encoder<'_>) -> Written {
    if value.kind() == Type::Object
        && let (form, content) = only_member(value, rules::TEMPLATE_VALUE)?
        && form == *"uuid"
    {
        return written(encoder.tag(TAG_UUID)?.bytes(&hex(content)?));
    }
    plain(files, value, encoder)
}
