//! Without update management, what it adds is refused.

use iotops_wire::cbor::Cursor;

use super::sequence::Scope;
use crate::model::{Argument, ParameterKey};
use crate::{Error, rules};

/// SUIT §6.1: an "Unsupported parameter encountered" makes the manifest invalid.
#[cold]
pub(super) fn parameter(_: ParameterKey, cursor: &mut Cursor<'_>, key: usize) -> Result<(), Error> {
    Err(cursor.error_at(key, rules::PARAMETER).into())
}

/// SUIT §6.1: so does an "Unsupported command encountered".
#[cold]
pub(super) fn command(
    _: Argument,
    cursor: &mut Cursor<'_>,
    _: &Scope<'_>,
    start: usize,
) -> Result<(), Error> {
    Err(cursor.error_at(start, rules::COMMAND).into())
}
