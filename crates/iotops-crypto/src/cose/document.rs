//! A message that is all of a document, with its tag or without.

use iotops_wire::cbor::Cursor;

use crate::{Error, rules};

/// What `read` makes of the message behind this tag.
#[inline]
pub(super) fn tagged<'a, M>(
    document: &'a [u8],
    tag: u64,
    read: impl FnOnce(&mut Cursor<'a>) -> Result<M, Error>,
) -> Result<M, Error> {
    let mut cursor = Cursor::new(document)?;
    let start = cursor.position();
    if cursor.tag()? != tag {
        return Err(cursor.error_at(start, rules::COSE_TAG).into());
    }
    let message = read(&mut cursor)?;
    cursor.end()?;
    Ok(message)
}

/// What `read` makes of a message without a tag.
#[inline]
pub(super) fn untagged<'a, M>(
    document: &'a [u8],
    read: impl FnOnce(&mut Cursor<'a>) -> Result<M, Error>,
) -> Result<M, Error> {
    let mut cursor = Cursor::new(document)?;
    let message = read(&mut cursor)?;
    cursor.end()?;
    Ok(message)
}
