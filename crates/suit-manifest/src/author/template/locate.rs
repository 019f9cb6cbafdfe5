//! From a byte of the output back to the template.

use iotops_wire::cbor::{Cursor, Type};
use iotops_wire::json::Value;
use iotops_wire::shape::Shape;

use crate::Envelope;
use crate::author::names;
use crate::model::{Argument, Element};
use crate::shape::{COMMON, MANIFEST, PARAMETERS};

/// Where the value stands that became the byte at `offset` of the envelope.
pub(super) fn locate(document: &[u8], offset: u32, template: Value<'_>) -> Option<u32> {
    let envelope = Envelope::decode(document).ok()?;
    let manifest = envelope.manifest().embedded().ok()?;
    let in_manifest = || in_map(manifest, offset, template, &MANIFEST, in_element);
    let in_severed = || {
        let found = envelope.severed().filter(|(_, value)| value.offset() <= offset).last();
        let (element, value) = found?;
        let member = template.member(&names::name(&MANIFEST, element.code())).ok()??;
        in_element(element.code(), value, offset, member, template)
    };
    let behind = envelope.others().offset();
    let found = if offset < behind { in_manifest() } else { in_severed() };
    found.map(|value| value.offset())
}

/// What finds the place inside of a value with this code.
type Inside = for<'t> fn(i64, Cursor<'_>, u32, Value<'t>, Value<'t>) -> Option<Value<'t>>;

/// The member of the template whose value in a map spans the offset.
fn in_map<'t>(
    mut map: Cursor<'_>,
    offset: u32,
    template: Value<'t>,
    table: &Shape,
    inside: Inside,
) -> Option<Value<'t>> {
    for _ in 0..map.map().ok()? {
        let code = map.integer().ok()?;
        let value = map;
        let end = map.skip().ok().map_or(u32::MAX, |()| map.offset());
        if offset < end {
            let member = template.member(&names::name(table, code)).ok().flatten();
            let outer = member.unwrap_or(template);
            return inside(code, value, offset, outer, template).or(Some(outer));
        }
    }
    None
}

fn in_element<'t>(
    code: i64,
    mut value: Cursor<'_>,
    offset: u32,
    member: Value<'t>,
    template: Value<'t>,
) -> Option<Value<'t>> {
    match Element::from_code(code)? {
        Element::Common => in_map(value.embedded().ok()?, offset, template, &COMMON, in_common),
        Element::Text | Element::Coswid | Element::SetVersion => Some(member),
        _ if value.peek() == Some(Type::Bytes) => {
            in_sequence(value.embedded().ok()?, offset, member)
        }
        _ => Some(member),
    }
}

fn in_common<'t>(
    _: i64,
    mut value: Cursor<'_>,
    offset: u32,
    member: Value<'t>,
    _: Value<'t>,
) -> Option<Value<'t>> {
    match value.peek()? {
        Type::Bytes => in_sequence(value.embedded().ok()?, offset, member),
        Type::Array => in_items(value, offset, member).map(|(_, item)| item),
        _ => None,
    }
}

/// The item of an array that spans the offset, in both forms.
fn in_items<'c, 't>(
    mut array: Cursor<'c>,
    offset: u32,
    template: Value<'t>,
) -> Option<(Cursor<'c>, Value<'t>)> {
    let count = array.array().ok()?;
    let items = template.items().ok()?;
    items.take(count).find_map(|item| {
        let start = array;
        array.skip().ok()?;
        (offset < array.offset()).then_some((start, item))
    })
}

fn in_sequence<'t>(
    mut sequence: Cursor<'_>,
    offset: u32,
    template: Value<'t>,
) -> Option<Value<'t>> {
    if offset <= sequence.offset() {
        return Some(template);
    }
    let items = sequence.array().ok()?;
    for command in template.items().ok()?.take(items) {
        let code = sequence.integer().ok()?;
        let argument = sequence;
        sequence.skip().ok()?;
        if offset < sequence.offset() {
            return in_command(code, argument, offset, command).or(Some(command));
        }
    }
    None
}

fn in_command<'t>(
    code: i64,
    mut argument: Cursor<'_>,
    offset: u32,
    command: Value<'t>,
) -> Option<Value<'t>> {
    let (_, value) = command.members().ok()?.next()?;
    if offset <= argument.offset() {
        return (offset == argument.offset()).then_some(value);
    }
    match Argument::of(code)? {
        Argument::Override | Argument::Set => {
            in_map(argument, offset, value, &PARAMETERS, |_, _, _, member, _| Some(member))
        }
        Argument::Sequence => in_sequence(argument.embedded().ok()?, offset, value),
        Argument::TryEach => {
            let (mut item, sequence) = in_items(argument, offset, value)?;
            let nested = item.embedded().ok()?;
            in_sequence(nested, offset, sequence).or(Some(sequence))
        }
        _ => Some(value),
    }
}
