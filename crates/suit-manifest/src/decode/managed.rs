//! Static validation of what update management adds (SUIT UM): for devices that execute it, and for
//! authors.

use iotops_wire::cbor::Cursor;

use super::parameter;
use super::sequence::{Scope, component};
use crate::model::{Argument, ComponentMetadata, Integers, ParameterKey, VersionMatch, WaitInfo};
use crate::{Error, rules};

/// A parameter with a structure of its own in a byte string.
pub(super) fn parameter(
    parameter: ParameterKey,
    cursor: &mut Cursor<'_>,
    _: usize,
) -> Result<(), Error> {
    parameter::embedded(cursor, |content| match parameter {
        ParameterKey::Version => VersionMatch::read(content).map(drop),
        ParameterKey::WaitInfo => WaitInfo::read(content).map(drop),
        _ => ComponentMetadata::read(content).map(drop),
    })
}

/// A command with parameters of several components.
pub(super) fn command(
    argument: Argument,
    cursor: &mut Cursor<'_>,
    scope: &Scope<'_>,
    _: usize,
) -> Result<(), Error> {
    match argument {
        Argument::OverrideMultiple => override_multiple(cursor, scope),
        _ => copy_parameters(cursor, scope),
    }
}

fn override_multiple(cursor: &mut Cursor<'_>, scope: &Scope<'_>) -> Result<(), Error> {
    by_component(cursor, scope, rules::PARAMETERS_EMPTY, |cursor, index| {
        parameter::check(cursor, &scope.within(index))
    })
}

fn copy_parameters(cursor: &mut Cursor<'_>, scope: &Scope<'_>) -> Result<(), Error> {
    by_component(cursor, scope, rules::COPY_PARAMETERS, |cursor, _| {
        Integers::read_any(cursor, rules::COPY_PARAMETERS).map(drop)
    })
}

/// Checks a map from components; `empty` is broken by one without entries.
fn by_component<'a>(
    cursor: &mut Cursor<'a>,
    scope: &Scope<'_>,
    empty: iotops_wire::Rule,
    value: impl Fn(&mut Cursor<'a>, u64) -> Result<(), Error>,
) -> Result<(), Error> {
    let start = cursor.position();
    let count = cursor.map()?;
    if count == 0 {
        return Err(cursor.error_at(start, empty).into());
    }
    let mut previous: &[u8] = &[];
    for _ in 0..count {
        let key = cursor.position();
        let index = component(cursor, scope)?;
        previous = cursor.ascending(key, previous)?;
        value(cursor, index)?;
    }
    Ok(())
}
