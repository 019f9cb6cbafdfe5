//! Static validation of command sequences: after it, reading them cannot fail.

use iotops_wire::cbor::{Cursor, Type};

use super::{managed, parameter};
use crate::model::{
    Argument, Components, Dependencies, GREATEST_CUSTOM, SET_COMPONENT_INDEX, Sequence, Unsigneds,
};
use crate::{Error, rules};

/// How deep sequences may be nested by try-each and run-sequence.
///
/// The validator recurses; the counter is this constant and no input raises it.
pub const SEQUENCE_DEPTH: u8 = 8;

/// Where a command stands: what the static rules allow there.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    /// Indices are below their number, or those of dependencies.
    pub(super) components: Components<'s>,
    dependencies: &'s Dependencies<'s>,
    /// The current component of a sequence that has just begun.
    first: u64,
    /// Whether it is (in) the shared sequence.
    pub(super) is_shared: bool,
    /// Whether it is in a sequence that try-each or run-sequence runs.
    pub(super) is_nested: bool,
    /// The current component, or `NO_COMPONENT` where it is not known to be just one.
    pub(super) current: u64,
}

const NO_COMPONENT: u64 = u64::MAX;

impl<'s> Scope<'s> {
    /// That of the shared sequence, which comes first.
    pub(super) fn shared(components: Components<'s>, dependencies: &'s Dependencies<'s>) -> Self {
        let is_single = components.len() == 1 && dependencies.is_empty();
        // With one component, it is the current one from the start.
        let first = if is_single { 0 } else { NO_COMPONENT };
        Self { components, dependencies, first, is_shared: true, is_nested: false, current: first }
    }

    /// The same with another current component.
    #[cfg(any(feature = "update-management", feature = "alloc"))]
    pub(super) const fn within(self, current: u64) -> Self {
        Self { current, ..self }
    }

    /// Whether there is a component, or a dependency, with this index.
    ///
    /// SUIT TD §5.2.2 says that dependencies are components of the list; its examples give them
    /// indices behind the list. Both are taken.
    pub(super) fn has_component(&self, index: u64) -> bool {
        self.components.has(index) || self.dependencies.iter().any(|one| one.index == index)
    }
}

/// Checks a sequence of the manifest, and all that it holds.
pub(super) fn check(content: &mut Cursor<'_>, scope: &mut Scope<'_>) -> Result<(), Error> {
    scope.current = scope.first;
    // SUIT §6.2, SUIT TD §5.1: "If the Manifest contains more than one Component and/or
    // Dependency, each Command sequence MUST begin with a Set Component Index Command."
    // Sequences inside others go on with the index they find.
    if scope.first == NO_COMPONENT {
        check_first(*content)?;
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

fn walk(cursor: &mut Cursor<'_>, scope: &mut Scope<'_>, depth: u8) -> Result<(), Error> {
    let count = Sequence::open(cursor)?;
    let plain = if scope.is_shared { PLAIN_SHARED } else { PLAIN };
    for _ in 0..count {
        if cursor.shortcut(|pair| is_plain(*pair, plain)).is_some() {
            continue;
        }
        let start = cursor.position();
        let code = cursor.integer()?;
        // SUIT §6.1: an "Unsupported command encountered" makes the manifest invalid.
        let Some(argument) = Argument::of(code) else {
            return Err(cursor.error_at(start, rules::COMMAND).into());
        };
        if scope.is_shared && !argument.is_shared() {
            return Err(cursor.error_at(start, rules::SHARED_COMMAND).into());
        }
        check_argument(argument, cursor, scope, depth, start)?;
    }
    Ok(cursor.end()?)
}

/// The commands with a code of one byte that only take a reporting policy: a bit for each.
const PLAIN: u32 = plain(false);
/// Those of them that the shared sequence may hold.
const PLAIN_SHARED: u32 = plain(true);

const fn plain(is_shared: bool) -> u32 {
    let (mut code, mut bits) = (0, 0);
    while code < 24 {
        if let Some(argument @ (Argument::Condition | Argument::Action)) = Argument::of(code)
            && (!is_shared || argument.is_shared())
        {
            bits |= 1 << code;
        }
        code = code.wrapping_add(1);
    }
    bits
}

/// Whether both are of one byte: the code one of these bits, the policy within its four.
#[inline]
const fn is_plain([code, policy]: [u8; 2], bits: u32) -> Option<()> {
    if code < 24 && policy <= 15 && bits >> code & 1 == 1 { Some(()) } else { None }
}

#[inline]
fn check_argument(
    argument: Argument,
    cursor: &mut Cursor<'_>,
    scope: &mut Scope<'_>,
    depth: u8,
    start: usize,
) -> Result<(), Error> {
    match argument {
        Argument::Condition | Argument::Action => policy(cursor),
        Argument::Index => set_index(cursor, scope),
        Argument::Override | Argument::Set => parameter::check(cursor, scope),
        Argument::TryEach => try_each(cursor, scope, depth),
        Argument::Sequence => nested(&mut cursor.embedded()?, scope, depth),
        Argument::Custom => custom(cursor),
        Argument::OverrideMultiple | Argument::CopyParameters => {
            managed::command(argument, cursor, scope, start)
        }
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

fn nested(content: &mut Cursor<'_>, scope: &mut Scope<'_>, depth: u8) -> Result<(), Error> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(content.error(rules::SEQUENCE_DEPTH).into());
    };
    let was_nested = core::mem::replace(&mut scope.is_nested, true);
    walk(content, scope, depth)?;
    scope.is_nested = was_nested;
    // It may have chosen another component, or several.
    scope.current = NO_COMPONENT;
    Ok(())
}

/// SUIT App. A: two or more sequences, and "? nil" only behind them.
fn try_each(cursor: &mut Cursor<'_>, scope: &mut Scope<'_>, depth: u8) -> Result<(), Error> {
    let start = cursor.position();
    let items = cursor.array()?;
    let before = scope.current;
    let mut sequences = 0_usize;
    while sequences < items && cursor.peek() == Some(Type::Bytes) {
        scope.current = before;
        nested(&mut cursor.embedded()?, scope, depth)?;
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

pub(super) fn component(cursor: &mut Cursor<'_>, scope: &Scope<'_>) -> Result<u64, Error> {
    let start = cursor.position();
    let index = cursor.unsigned()?;
    if scope.has_component(index) {
        return Ok(index);
    }
    Err(cursor.error_at(start, rules::INDEX_RANGE).into())
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
