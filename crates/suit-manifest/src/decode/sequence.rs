//! Static validation of command sequences: after it, reading them cannot fail.

use iotops_wire::cbor::{Cursor, Type};

use super::parameter;
use crate::model::{
    Argument, Dependencies, GREATEST_CUSTOM, Integers, SET_COMPONENT_INDEX, Sequence, Unsigneds,
};
use crate::{Error, rules};

/// How deep sequences may be nested by try-each and run-sequence.
///
/// The validator recurses; the counter is this constant and no input raises it.
pub const SEQUENCE_DEPTH: u8 = 8;

/// Where a command stands: what the static rules allow there.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// The number of components; indices are below it, or those of dependencies.
    components: u64,
    dependencies: &'s Dependencies<'s>,
    /// Whether it is (in) the shared sequence.
    pub(super) is_shared: bool,
    /// Whether it is in a sequence that try-each or run-sequence runs.
    pub(super) is_nested: bool,
    /// The current component, or `NO_COMPONENT` where it is not known to be just one.
    pub(super) current: u64,
}

impl Scope<'_> {
    /// Whether there is a component, or a dependency, with this index.
    ///
    /// SUIT TD §5.2.2 says that dependencies are components of the list; its examples give them
    /// indices behind the list. Both are taken.
    pub(super) fn has_component(&self, index: u64) -> bool {
        index < self.components || self.dependencies.iter().any(|one| one.index == index)
    }
}

const NO_COMPONENT: u64 = u64::MAX;

/// Checks a sequence of the manifest, and all that it holds.
pub(super) fn check(
    content: Cursor<'_>,
    components: u64,
    dependencies: &Dependencies<'_>,
    is_shared: bool,
) -> Result<(), Error> {
    let is_single = components == 1 && dependencies.is_empty();
    // With one component, it is the current one from the start.
    let current = if is_single { 0 } else { NO_COMPONENT };
    let scope = Scope { components, dependencies, is_shared, is_nested: false, current };
    // SUIT §6.2, SUIT TD §5.1: "If the Manifest contains more than one Component and/or
    // Dependency, each Command sequence MUST begin with a Set Component Index Command."
    // Sequences inside others go on with the index they find.
    if !is_single {
        check_first(content)?;
    }
    walk(content, scope, SEQUENCE_DEPTH)
}

#[inline]
fn check_first(content: Cursor<'_>) -> Result<(), Error> {
    let mut cursor = content;
    Sequence::open(&mut cursor)?;
    let start = cursor.position();
    if cursor.integer()? == SET_COMPONENT_INDEX {
        return Ok(());
    }
    Err(cursor.error_at(start, rules::FIRST_INDEX).into())
}

fn walk(content: Cursor<'_>, mut scope: Scope<'_>, depth: u8) -> Result<(), Error> {
    let mut cursor = content;
    let count = Sequence::open(&mut cursor)?;
    for _ in 0..count {
        let start = cursor.position();
        let code = cursor.integer()?;
        // SUIT §6.1: an "Unsupported command encountered" makes the manifest invalid.
        let Some(argument) = Argument::of(code) else {
            return Err(cursor.error_at(start, rules::COMMAND).into());
        };
        if scope.is_shared && !argument.is_shared() {
            return Err(cursor.error_at(start, rules::SHARED_COMMAND).into());
        }
        check_argument(argument, &mut cursor, &mut scope, depth)?;
    }
    Ok(cursor.end()?)
}

#[inline]
fn check_argument(
    argument: Argument,
    cursor: &mut Cursor<'_>,
    scope: &mut Scope<'_>,
    depth: u8,
) -> Result<(), Error> {
    match argument {
        Argument::Condition | Argument::Action => policy(cursor),
        Argument::Index => set_index(cursor, scope),
        Argument::Override | Argument::Set => parameter::check(cursor, scope),
        Argument::TryEach => try_each(cursor, scope, depth),
        Argument::Sequence => {
            let inner = cursor.embedded()?;
            nested(inner, scope, depth)
        }
        Argument::OverrideMultiple => override_multiple(cursor, scope),
        Argument::CopyParameters => copy_parameters(cursor, scope),
        Argument::Custom => custom(cursor),
    }
}

#[inline]
fn policy(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    let start = *cursor;
    match cursor.small() {
        Some(0..=ALL_BITS) => Ok(()),
        _ => Err(no_policy(start)),
    }
}

/// All four bits of a reporting policy.
const ALL_BITS: i64 = 15;

#[cold]
fn no_policy(mut start: Cursor<'_>) -> Error {
    let place = start;
    match start.unsigned() {
        Ok(_) => place.error(rules::POLICY_BITS).into(),
        Err(error) => error.into(),
    }
}

fn nested(content: Cursor<'_>, scope: &mut Scope<'_>, depth: u8) -> Result<(), Error> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(content.error(rules::SEQUENCE_DEPTH).into());
    };
    walk(content, Scope { is_nested: true, ..*scope }, depth)?;
    // It may have chosen another component, or several.
    scope.current = NO_COMPONENT;
    Ok(())
}

/// SUIT App. A: two or more sequences, and "? nil" only behind them.
fn try_each(cursor: &mut Cursor<'_>, scope: &mut Scope<'_>, depth: u8) -> Result<(), Error> {
    let start = cursor.position();
    let items = cursor.array()?;
    let before = *scope;
    let mut sequences = 0_usize;
    while sequences < items && cursor.peek() == Some(Type::Bytes) {
        *scope = before;
        let inner = cursor.embedded()?;
        nested(inner, scope, depth)?;
        sequences = sequences.saturating_add(1);
    }
    let ends_with_nil = sequences < items && cursor.null_if_next();
    if sequences < 2 || sequences.saturating_add(usize::from(ends_with_nil)) != items {
        return Err(cursor.error_at(start, rules::TRY_EACH).into());
    }
    Ok(())
}

fn set_index(cursor: &mut Cursor<'_>, scope: &mut Scope<'_>) -> Result<(), Error> {
    let start = cursor.position();
    scope.current = match cursor.peek() {
        Some(Type::Unsigned) => component(cursor, scope)?,
        Some(Type::Array) => {
            let is_component = |index| scope.has_component(index);
            Unsigneds::read(cursor, rules::INDEX_FORM, rules::INDEX_RANGE, is_component)?;
            NO_COMPONENT
        }
        Some(Type::Bool) if cursor.boolean()? => NO_COMPONENT,
        _ => return Err(cursor.error_at(start, rules::INDEX_FORM).into()),
    };
    Ok(())
}

fn component(cursor: &mut Cursor<'_>, scope: &Scope<'_>) -> Result<u64, Error> {
    let start = cursor.position();
    let index = cursor.unsigned()?;
    if scope.has_component(index) {
        return Ok(index);
    }
    Err(cursor.error_at(start, rules::INDEX_RANGE).into())
}

fn override_multiple(cursor: &mut Cursor<'_>, scope: &Scope<'_>) -> Result<(), Error> {
    by_component(cursor, scope, rules::PARAMETERS_EMPTY, |cursor, index| {
        parameter::check(cursor, &Scope { current: index, ..*scope })
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

/// SUIT §8.4.11: the argument is `bstr/tstr/int/nil`.
fn custom(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    match cursor.peek() {
        Some(Type::Bytes | Type::Text | Type::Unsigned | Type::Negative | Type::Null) => {
            Ok(cursor.skip()?)
        }
        _ => Err(cursor.error(rules::CUSTOM_ARGUMENT).into()),
    }
}

/// Whether a code is one that anybody may define.
pub(super) const fn is_custom(code: i64) -> bool {
    code <= GREATEST_CUSTOM
}
