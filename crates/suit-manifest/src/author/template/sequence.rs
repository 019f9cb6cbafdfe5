//! The command sequences of a template.

use alloc::vec::Vec;

use iotops_wire::json::{Text, Type, Value};

use super::parameters::{by_component, parameters};
use super::value::{Files, bits, fault, index, only_member, text};
use crate::author::names;
use crate::model::{Action, Argument, Condition, Custom, ReportingPolicy};
use crate::shape::{PARAMETERS, POLICY, SEQUENCE};
use crate::{Error, SequenceBuilder, rules};

/// An array of commands: each is a name, or an object of one name and its argument.
pub(super) fn sequence(files: &mut Files<'_>, value: Value<'_>) -> Result<SequenceBuilder, Error> {
    value.items()?.try_fold(SequenceBuilder::new(), |builder, command| match command.kind() {
        Type::String => append(files, builder, command.text()?, None),
        _ => {
            let (name, argument) = only_member(command, rules::TEMPLATE_COMMAND)?;
            append(files, builder, name, Some(argument))
        }
    })
}

fn append(
    files: &mut Files<'_>,
    builder: SequenceBuilder,
    name: Text<'_>,
    value: Option<Value<'_>>,
) -> Result<SequenceBuilder, Error> {
    let code = names::code_or_custom(&SEQUENCE, &alloc::format!("{name}"));
    let Some((code, argument)) = code.and_then(|code| Some((code, Argument::of(code)?))) else {
        return Err(name.error(rules::TEMPLATE_NAME).into());
    };
    match (Condition::from_code(code), Action::from_code(code), value) {
        (Some(condition), _, policy) => Ok(builder.condition(condition, reporting(policy)?)),
        (_, Some(action), policy) => Ok(builder.action(action, reporting(policy)?)),
        (_, _, Some(value)) => with_argument(files, builder, argument, code, value),
        // Only what takes a reporting policy can do without an argument.
        (_, _, None) => Err(name.error(rules::TEMPLATE_COMMAND).into()),
    }
}

/// No policy, "all", or an array of the names of its bits.
fn reporting(value: Option<Value<'_>>) -> Result<ReportingPolicy, Error> {
    let Some(value) = value else { return Ok(ReportingPolicy::NONE) };
    if value.kind() == Type::String {
        let is_all = value.text()? == *names::ALL;
        return if is_all {
            Ok(ReportingPolicy::ALL)
        } else {
            Err(fault(value, rules::TEMPLATE_NAME))
        };
    }
    Ok(ReportingPolicy::from_bits(bits(&POLICY, value)?).unwrap_or_default())
}

fn with_argument(
    files: &mut Files<'_>,
    builder: SequenceBuilder,
    argument: Argument,
    code: i64,
    value: Value<'_>,
) -> Result<SequenceBuilder, Error> {
    Ok(match argument {
        Argument::Index => set_index(builder, value)?,
        Argument::TryEach => try_each(files, builder, value)?,
        Argument::Sequence => builder.run_sequence(&sequence(files, value)?),
        Argument::Override => builder.override_parameters(&parameters(files, value)?),
        Argument::Set => builder.set_parameters(&parameters(files, value)?),
        Argument::OverrideMultiple => builder.override_multiple(&by_component(files, value)?),
        Argument::CopyParameters => builder.copy_parameters(&copies(value)?),
        _ => custom(files, builder, code, value)?,
    })
}

fn set_index(builder: SequenceBuilder, value: Value<'_>) -> Result<SequenceBuilder, Error> {
    Ok(match value.kind() {
        Type::Bool if value.boolean()? => builder.set_all_components(),
        Type::Array => {
            let indices = value.items()?.map(|item| Ok(item.unsigned()?));
            builder.set_components(&indices.collect::<Result<Vec<u64>, Error>>()?)
        }
        Type::Number => builder.set_component(value.unsigned()?),
        _ => return Err(fault(value, rules::TEMPLATE_VALUE)),
    })
}

/// An array of sequences; `null` may be last.
fn try_each(
    files: &mut Files<'_>,
    builder: SequenceBuilder,
    value: Value<'_>,
) -> Result<SequenceBuilder, Error> {
    let (mut sequences, mut nil) = (Vec::new(), None);
    for item in value.items()? {
        if let Some(nil) = nil {
            return Err(fault(nil, rules::TRY_EACH));
        }
        match item.kind() {
            Type::Null => nil = Some(item),
            _ => sequences.push(sequence(files, item)?),
        }
    }
    Ok(match nil {
        Some(_) => builder.try_each_or_nothing(&sequences),
        None => builder.try_each(&sequences),
    })
}

/// An object from the indices of components to the names of parameters.
fn copies(value: Value<'_>) -> Result<Vec<(u64, Vec<i64>)>, Error> {
    let code = |item: Value<'_>| {
        let code = names::code_or_custom(&PARAMETERS, &text(item)?);
        code.ok_or_else(|| fault(item, rules::TEMPLATE_NAME))
    };
    let entry = |(name, value): (Text<'_>, Value<'_>)| {
        Ok((index(name)?, value.items()?.map(code).collect::<Result<_, Error>>()?))
    };
    value.members()?.map(entry).collect()
}

/// The argument of a custom command: null, a number, a text, or the bytes of an object.
fn custom(
    files: &mut Files<'_>,
    builder: SequenceBuilder,
    code: i64,
    value: Value<'_>,
) -> Result<SequenceBuilder, Error> {
    Ok(match value.kind() {
        Type::Null => builder.custom(code, Custom::Nil),
        Type::Number => builder.custom(code, Custom::Integer(value.integer()?)),
        Type::String => builder.custom(code, Custom::Text(&text(value)?)),
        Type::Object => builder.custom(code, Custom::Bytes(&files.bytes(value)?)),
        _ => return Err(fault(value, rules::TEMPLATE_VALUE)),
    })
}
