//! Vouchers in JSON (RFC 7951).

use iotops_wire::json::{self, Type};

use super::contents::{Data, Items, List, Value};
use super::reading::Reading;
use crate::model::{
    Assertion, Binary, Characters, Form, Kind, LONGEST_DATE, Leaf, OLD_REQUEST, read_date,
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
    let mut data = Data::new(kind);
    let members = container.members().map_err(|error| reading.moved(error))?;
    for (name, value) in members {
        let Some(leaf) = Leaf::of_name(kind, |known| name == *known) else {
            data.unknown = data.unknown.saturating_add(1);
            continue;
        };
        // A member twice is refused by the reader below; two names of one leaf here.
        let value = read_value(leaf, value, reading)?;
        if !data.put(leaf, value) {
            return Err(reading.error(rules::LEAF_TWICE, name.offset()));
        }
    }
    Ok(data)
}

fn read_value<'a>(
    leaf: Leaf,
    value: json::Value<'a>,
    reading: &mut Reading<'_>,
) -> Result<Value<'a>, Error> {
    let broken = reading.error(rules::LEAF_TYPE, value.offset());
    match (leaf.form(), value.kind()) {
        (Form::Flag, Type::Bool) => Ok(Value::Flag(value.boolean()?)),
        (Form::Flag, Type::String) => {
            // An example of RFC 8366 has it so.
            reading.deviation(rules::LEAF_TYPE, value.offset())?;
            let text = value.text()?;
            if text != *"true" && text != *"false" {
                return Err(broken);
            }
            Ok(Value::Flag(text == *"true"))
        }
        (Form::List | Form::Binaries, Type::Array) => list(leaf, value, reading),
        (
            Form::Assertion | Form::Date | Form::Binary | Form::Binaries | Form::Text,
            Type::String,
        ) => of_text(leaf, value.text()?, reading),
        _ => Err(broken),
    }
}

fn of_text<'a>(
    leaf: Leaf,
    text: json::Text<'a>,
    reading: &mut Reading<'_>,
) -> Result<Value<'a>, Error> {
    match leaf.form() {
        Form::Assertion => Assertion::from_name(|known| text == *known)
            .map(Value::Assertion)
            .ok_or_else(|| reading.error(rules::ASSERTION, text.offset())),
        Form::Date => {
            let mut buffer = [0; LONGEST_DATE];
            let plain = text.read_into(&mut buffer).ok();
            plain
                .and_then(|plain| read_date(plain, reading.is_lenient()))
                .map(Value::Date)
                .ok_or_else(|| reading.error(rules::DATE, text.offset()))
        }
        Form::Binary | Form::Binaries => Ok(Value::Binary(binary(leaf, text, reading)?)),
        _ => Ok(Value::Text(Characters::json(text))),
    }
}

fn binary<'a>(
    leaf: Leaf,
    text: json::Text<'a>,
    reading: &mut Reading<'_>,
) -> Result<Binary<'a>, Error> {
    match (Binary::of_base64(Characters::json(text)), text.as_str()) {
        (Some((binary, true)), _) => Ok(binary),
        // bis §8.7 recommends base64url for it.
        (Some((binary, false)), _) if leaf == Leaf::ManufacturerProprietary => Ok(binary),
        (Some((binary, false)), _) => {
            reading.deviation(rules::BASE64, text.offset())?;
            Ok(binary)
        }
        (None, Some(plain)) if leaf == Leaf::Nonce => {
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
