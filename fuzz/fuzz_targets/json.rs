//! JSON, beside another reader; what was read is written again.

#![no_main]

use iotops_wire::json::{Type, Value, Writer, pointer, position};
use iotops_wire::{Error, rules};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let theirs = serde_json::from_slice::<serde_json::Value>(input);
    match Value::read(input) {
        Ok(ours) => {
            let mut written = Vec::new();
            write(&ours, Writer::new(&mut written)).expect("a vector has space");
            let again = Value::read(&written).expect("our own text");
            let mut twice = Vec::new();
            write(&again, Writer::new(&mut twice)).expect("a vector has space");
            assert_eq!(written, twice);
            match theirs {
                Ok(theirs) => same(&ours, &theirs),
                // It holds numbers as floating-point numbers.
                Err(error) => assert!(error.to_string().contains("out of range"), "{error}"),
            }
        }
        Err(error) => {
            let at = error.place().offset();
            let _ = (pointer(input, at), position(input, at), error.to_string());
            let is_bound = matches!(
                error.rule(),
                rules::JSON_MEMBER_TWICE | rules::JSON_DEPTH | rules::JSON_MEMBERS
            );
            assert!(theirs.is_err() || is_bound, "{error}");
        }
    }
});

fn write(value: &Value<'_>, writer: Writer<'_>) -> Result<(), Error> {
    match value.kind() {
        Type::Object => writer.object(|object| {
            value
                .members()?
                .try_for_each(|(name, value)| write(&value, object.member(&name.to_string())?))
        }),
        Type::Array => {
            writer.array(|array| value.items()?.try_for_each(|item| write(&item, array.item()?)))
        }
        Type::String => writer.string(&value.text()?.to_string()),
        _ => writer.value(*value),
    }
}

fn same(ours: &Value<'_>, theirs: &serde_json::Value) {
    match theirs {
        serde_json::Value::Null => ours.null().expect("null"),
        serde_json::Value::Bool(is_true) => assert_eq!(ours.boolean(), Ok(*is_true)),
        serde_json::Value::Number(number) => assert_eq!(ours.unsigned().ok(), number.as_u64()),
        serde_json::Value::String(text) => assert!(ours.text().expect("a string") == **text),
        serde_json::Value::Array(items) => {
            assert_eq!(ours.items().expect("an array").count(), items.len());
            for (ours, theirs) in ours.items().expect("an array").zip(items) {
                same(&ours, theirs);
            }
        }
        serde_json::Value::Object(members) => {
            assert_eq!(ours.members().expect("an object").count(), members.len());
            for (name, theirs) in members {
                same(&ours.member(name).expect("an object").expect("a member"), theirs);
            }
        }
    }
}
