//! Static validation of command sequences: after it, reading them cannot fail.

use iotops_wire::cbor::Cursor;

use crate::model::{Command, Index, Scope, Sequence};
use crate::{Error, rules};

/// How deep sequences may be nested by try-each and run-sequence.
///
/// The validator recurses; the counter is this constant and no input raises it.
pub const SEQUENCE_DEPTH: u8 = 8;

/// Checks a sequence of the manifest, and all that it holds.
pub(super) fn validate(content: Cursor<'_>, components: u64, is_shared: bool) -> Result<(), Error> {
    // With one component, it is the current one from the start.
    let current = (components == 1).then_some(0);
    let scope = Scope { components, is_shared, is_nested: false, current };
    let sequence = Sequence(content);
    // SUIT §6.2: "If the manifest contains more than one component, each command sequence MUST
    // begin with a Set Component Index". Sequences inside others go on with the index they find.
    if components > 1 {
        check_first(sequence, &scope)?;
    }
    walk(sequence, scope, SEQUENCE_DEPTH)
}

fn check_first(sequence: Sequence<'_>, scope: &Scope) -> Result<(), Error> {
    let (mut cursor, _) = sequence.open()?;
    let start = cursor;
    match Command::read(&mut cursor, scope)? {
        Command::SetComponentIndex(_) => Ok(()),
        _ => Err(start.error(rules::FIRST_INDEX).into()),
    }
}

fn walk(sequence: Sequence<'_>, mut scope: Scope, depth: u8) -> Result<(), Error> {
    let (mut cursor, count) = sequence.open()?;
    for _ in 0..count {
        match Command::read(&mut cursor, &scope)? {
            Command::SetComponentIndex(Index::One(index)) => scope.current = Some(index),
            Command::SetComponentIndex(_) => scope.current = None,
            Command::RunSequence(inner) => {
                nested(inner, scope, depth)?;
                scope.current = None;
            }
            Command::TryEach(try_each) => {
                try_each.sequences().try_for_each(|inner| nested(inner, scope, depth))?;
                scope.current = None;
            }
            _ => {}
        }
    }
    Ok(cursor.end()?)
}

fn nested(sequence: Sequence<'_>, scope: Scope, depth: u8) -> Result<(), Error> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(Error::new(rules::SEQUENCE_DEPTH, sequence.offset()));
    };
    walk(sequence, Scope { is_nested: true, ..scope }, depth)
}
