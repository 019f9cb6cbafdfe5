//! The parameters of a template.

use alloc::vec::Vec;

use iotops_wire::cbor::Encoder;
use iotops_wire::json::{Type, Value};

use super::metadata::metadata;
use super::value::{Files, fault, index, registered, text, unknown, uuid, version};
use super::value::{hex, only_member};
use crate::author::names;
use crate::encode::{SortedMap, Written, written};
use crate::model::{Event, ParameterKey, TAG_PEN};
use crate::shape::{COMPARISON, PARAMETERS, WAIT};
use crate::{Error, ParametersBuilder, rules};

/// An object of parameters.
pub(super) fn parameters(
    files: &mut Files<'_>,
    value: Value<'_>,
) -> Result<ParametersBuilder, Error> {
    let mut builder = ParametersBuilder::new();
    for (name, value) in value.members()? {
        let code = names::code_or_custom(&PARAMETERS, &alloc::format!("{name}"));
        let code = code.ok_or_else(|| Error::from(name.error(rules::TEMPLATE_NAME)))?;
        let mut encoded = Vec::new();
        let encoder = &mut Encoder::new(&mut encoded);
        match ParameterKey::from_code(code) {
            Some(key) => parameter(files, key, value, encoder)?,
            None => custom(files, value, encoder)?,
        }
        builder = builder.insert(code, |encoder| written(encoder.raw(&encoded)));
    }
    Ok(builder)
}

/// An object from the indices of components to parameters.
pub(super) fn by_component(
    files: &mut Files<'_>,
    value: Value<'_>,
) -> Result<Vec<(u64, ParametersBuilder)>, Error> {
    value.members()?.map(|(name, value)| Ok((index(name)?, parameters(files, value)?))).collect()
}

fn parameter(
    files: &mut Files<'_>,
    key: ParameterKey,
    value: Value<'_>,
    encoder: &mut Encoder<'_>,
) -> Written {
    match key {
        ParameterKey::VendorIdentifier => vendor(value, encoder),
        ParameterKey::ClassIdentifier | ParameterKey::DeviceIdentifier => {
            written(encoder.bytes(&uuid(value)?))
        }
        ParameterKey::ImageDigest => wrapped(encoder, |inner| files.digest(value, inner)),
        ParameterKey::ImageSize => written(encoder.unsigned(files.size(value)?)),
        ParameterKey::UseBefore
        | ParameterKey::ComponentSlot
        | ParameterKey::SourceComponent
        | ParameterKey::MinimumBattery => written(encoder.unsigned(value.unsigned()?)),
        ParameterKey::StrictOrder | ParameterKey::SoftFailure => {
            written(encoder.boolean(value.boolean()?))
        }
        ParameterKey::Content
        | ParameterKey::EncryptionInfo
        | ParameterKey::InvokeArguments
        | ParameterKey::FetchArguments => written(encoder.bytes(&files.bytes(value)?)),
        ParameterKey::Uri => written(encoder.text(&text(value)?)),
        ParameterKey::UpdatePriority => written(encoder.integer(value.integer()?)),
        ParameterKey::Version => wrapped(encoder, |inner| version_match(value, inner)),
        ParameterKey::WaitInfo => wrapped(encoder, |inner| wait(files, value, inner)),
        ParameterKey::ComponentMetadata => wrapped(encoder, |inner| metadata(files, value, inner)),
    }
}

fn wrapped(
    encoder: &mut Encoder<'_>,
    content: impl FnOnce(&mut Encoder<'_>) -> Written,
) -> Written {
    encoder.wrapped(content)?;
    Ok(())
}

/// A UUID, or `{"pen": …}` with the object identifier below the private enterprise numbers.
fn vendor(value: Value<'_>, encoder: &mut Encoder<'_>) -> Written {
    if value.kind() == Type::String {
        return written(encoder.bytes(&uuid(value)?));
    }
    match only_member(value, rules::TEMPLATE_VALUE)? {
        (form, _) if form == *"uuid5" => written(encoder.bytes(&uuid(value)?)),
        (form, oid) if form == *"pen" => written(encoder.tag(TAG_PEN)?.bytes(&hex(oid)?)),
        (form, _) => Err(form.error(rules::TEMPLATE_VALUE).into()),
    }
}

/// `{"comparison": …, "version": […]}`
fn version_match(value: Value<'_>, encoder: &mut Encoder<'_>) -> Written {
    let [comparison, numbers] = members(value, ["comparison", "version"])?;
    encoder.array(2)?.integer(registered(&COMPARISON, comparison)?)?;
    version(numbers, encoder)
}

/// The members of an object that has these and no others.
pub(super) fn members<'v, const N: usize>(
    value: Value<'v>,
    names: [&str; N],
) -> Result<[Value<'v>; N], Error> {
    for (name, _) in value.members()? {
        if !names.iter().any(|known| name == **known) {
            return Err(unknown(name));
        }
    }
    let mut found = [value; N];
    for (place, name) in found.iter_mut().zip(names) {
        *place = value.member(name)?.ok_or_else(|| fault(value, rules::TEMPLATE_VALUE))?;
    }
    Ok(found)
}

fn wait(files: &mut Files<'_>, value: Value<'_>, encoder: &mut Encoder<'_>) -> Written {
    let mut map = SortedMap::default();
    for (name, value) in value.members()? {
        let event = names::code(&WAIT, &alloc::format!("{name}")).and_then(Event::from_code);
        let event = event.ok_or_else(|| Error::from(name.error(rules::TEMPLATE_NAME)))?;
        map.insert_code(event.code(), |encoder| wait_event(files, event, value, encoder))?;
    }
    map.encode(encoder)
}

fn wait_event(
    files: &mut Files<'_>,
    event: Event,
    value: Value<'_>,
    encoder: &mut Encoder<'_>,
) -> Written {
    match event {
        Event::Authorization | Event::Power | Event::Network => {
            written(encoder.integer(value.integer()?))
        }
        Event::OtherDeviceVersion => {
            let [device, versions] = members(value, ["device", "versions"])?;
            encoder.array(2)?.bytes(&files.bytes(device)?)?.array(versions.items()?.count())?;
            versions.items()?.try_for_each(|one| version_match(one, encoder))
        }
        _ => written(encoder.unsigned(value.unsigned()?)),
    }
}

/// The value of a custom parameter.
fn custom(files: &mut Files<'_>, value: Value<'_>, encoder: &mut Encoder<'_>) -> Written {
    match value.kind() {
        Type::Bool => written(encoder.boolean(value.boolean()?)),
        Type::Null | Type::Array => Err(fault(value, rules::TEMPLATE_VALUE)),
        _ => plain(files, value, encoder),
    }
}

/// A number, a text, or the bytes of an object.
pub(super) fn plain(files: &mut Files<'_>, value: Value<'_>, encoder: &mut Encoder<'_>) -> Written {
    match value.kind() {
        Type::Number => written(encoder.integer(value.integer()?)),
        Type::String => written(encoder.text(&text(value)?)),
        Type::Object => written(encoder.bytes(&files.bytes(value)?)),
        _ => Err(fault(value, rules::TEMPLATE_VALUE)),
    }
}
