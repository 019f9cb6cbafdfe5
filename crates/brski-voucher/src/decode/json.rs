//! Vouchers in JSON (RFC 7951).

use iotops_wire::json::{self, Type};

use super::contents::{Data, Items, List, Source, Value};
use super::reading::Reading;
use crate::model::{
    Assertion, Binary, Characters, Form, Kind, LONGEST_DATE, Leaf, OLD_REQUEST, Registry, read_date,
};
use crate::{Error, rules};

/// Reads all of `payload`.
pub(crate) fn read<'a>(payload: &'a [u8], reading: &mut Reading<'_>) -> Result<Data<'a>, Error> {
    let root = json::Value::read(payload).map_err(|error| reading.moved(error))?;
    let container = reading.error(rules::CONTAINER, root.offset());
    let mut members = root.members().map_err(|error| reading.moved(error))?;
    let (Some((name, value)), None) = (members.next(), members.next()) else {
        return Err(container);
    };
    let known = [Kind::Voucher, Kind::Request].into_iter().find(|kind| name == *kind.name());
    let kind = match known {
        Some(kind) => kind,
        None if name == *OLD_REQUEST => {
            reading.deviation(rules::OLD_NAME, name.offset())?;
            Kind::Request
        }
        None => return Err(container),
    };
    let data = leaves(value, kind, reading)?;
    data.check(reading)?;
    Ok(data)
}

fn leaves<'a>(
    container: json::Value<'a>,
    kind: Kind,
    reading: &mut Reading<'_>,
) -> Result<Data<'a>, Error> {
    let source = Source::Json(container);
    let mut data = Data::new(Registry::of_kind(kind), source, container.offset());
    let members = container.members().map_err(|error| reading.moved(error))?;
    for (name, value) in members {
        let Some((leaf, is_today)) = leaf_of(kind, &name) else {
            // RFC 8995 §5.6.1: unknown fields are ignored.
            data.unknown = data.unknown.saturating_add(1);
            continue;
        };
        if !is_today {
            reading.deviation(rules::OLD_NAME, name.offset())?;
        }
        read_value(leaf, value, reading)?;
        // A name twice was refused with the document; two names of one leaf are here.
        if !data.put(leaf, value.offset()) {
            return Err(reading.error(rules::LEAF_TWICE, name.offset()));
        }
    }
    Ok(data)
}

/// The leaf with this name, and whether the name is the one of today.
pub(super) fn leaf_of(kind: Kind, name: &json::Text<'_>) -> Option<(Leaf, bool)> {
    if let Some(plain) = name.as_str() {
        return Leaf::of_name(kind, plain);
    }
    // No name that is known has more bytes than this.
    let mut buffer = [0; 48];
    Leaf::of_name(kind, name.read_into(&mut buffer).ok()?)
}

pub(super) fn read_value<'a>(
    leaf: Leaf,
    value: json::Value<'a>,
    reading: &mut Reading<'_>,
) -> Result<Value<'a>, Error> {
    match (leaf.form(), value.kind()) {
        (Form::Flag, Type::Bool) => Ok(Value::Flag(value.boolean()?)),
        (Form::Flag, Type::String) => flag_of_text(value.text()?, reading),
        (Form::List | Form::Binaries, Type::Array) => list(leaf, value, reading),
        (
            Form::Assertion | Form::Date | Form::Binary | Form::Binaries | Form::Text,
            Type::String,
        ) => of_text(leaf, value.text()?, reading),
        // One peer sends the request of the device unsigned, as an object.
        (Form::Binary, Type::Object) if leaf == Leaf::PriorSignedVoucherRequest => {
            reading.deviation(rules::LEAF_TYPE, value.offset())?;
            Ok(Value::Binary(Binary::bytes(value.as_json().as_bytes())))
        }
        _ => Err(reading.error(rules::LEAF_TYPE, value.offset())),
    }
}

/// An example of RFC 8366 has a flag as a text.
fn flag_of_text<'a>(text: json::Text<'_>, reading: &mut Reading<'_>) -> Result<Value<'a>, Error> {
    reading.deviation(rules::LEAF_TYPE, text.offset())?;
    if text != *"true" && text != *"false" {
        return Err(reading.error(rules::LEAF_TYPE, text.offset()));
    }
    Ok(Value::Flag(text == *"true"))
}

fn of_text<'a>(
    leaf: Leaf,
    text: json::Text<'a>,
    reading: &mut Reading<'_>,
) -> Result<Value<'a>, Error> {
    match leaf.form() {
        Form::Assertion => {
            let mut buffer = [0; 24];
            let name = text.as_str().or_else(|| text.read_into(&mut buffer).ok());
            let found = name.and_then(Assertion::from_name).map(Value::Assertion);
            found.ok_or_else(|| reading.error(rules::ASSERTION, text.offset()))
        }
        Form::Date => date(text, reading),
        Form::Binary | Form::Binaries => Ok(Value::Binary(binary(leaf, text, reading)?)),
        _ => Ok(Value::Text(Characters::json(text))),
    }
}

fn date<'a>(text: json::Text<'_>, reading: &mut Reading<'_>) -> Result<Value<'a>, Error> {
    let mut buffer = [0; LONGEST_DATE];
    let plain = text.as_str().or_else(|| text.read_into(&mut buffer).ok());
    if let Some(time) = plain.and_then(|plain| read_date(plain, false)) {
        return Ok(Value::Date(time));
    }
    let Some(time) = plain.and_then(|plain| read_date(plain, true)) else {
        return Err(reading.error(rules::DATE, text.offset()));
    };
    reading.deviation(rules::DATE, text.offset())?;
    Ok(Value::Date(time))
}

/// Whether peers write a leaf that is no base64 as it is: any text for a nonce, and the request of
/// the device in compact JWS.
const fn may_be_raw(leaf: Leaf) -> bool {
    matches!(leaf, Leaf::Nonce | Leaf::PriorSignedVoucherRequest)
}

fn binary<'a>(
    leaf: Leaf,
    text: json::Text<'a>,
    reading: &mut Reading<'_>,
) -> Result<Binary<'a>, Error> {
    let characters = Characters::json(text);
    if reading.is_again() && !may_be_raw(leaf) {
        return Ok(Binary::checked(characters));
    }
    match (Binary::of_base64(characters), text.as_str()) {
        (Some((binary, true)), _) => Ok(binary),
        // bis §8.7 recommends base64url for it.
        (Some((binary, false)), _) if leaf == Leaf::ManufacturerProprietary => Ok(binary),
        (Some((binary, false)), _) => {
            reading.deviation(rules::BASE64, text.offset())?;
            Ok(binary)
        }
        (None, Some(plain)) if may_be_raw(leaf) => {
            reading.deviation(rules::BASE64, text.offset())?;
            Ok(Binary::bytes(plain.as_bytes()))
        }
        _ => Err(reading.error(rules::BASE64, text.offset())),
    }
}

fn list<'a>(
    leaf: Leaf,
    value: json::Value<'a>,
    reading: &mut Reading<'_>,
) -> Result<Value<'a>, Error> {
    let items = value.items().map_err(|error| reading.moved(error))?;
    for item in items {
        let text = item.text().map_err(|error| reading.moved(error))?;
        if leaf.form() == Form::Binaries {
            binary(leaf, text, reading)?;
        }
    }
    Ok(Value::List(List(Items::Json(items))))
}
