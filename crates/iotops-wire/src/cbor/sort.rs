//! Bringing the entries of maps into order, in place.

use super::{Cursor, DEPTH, Type};
use crate::{Error, rules};

/// Brings the entries of every map in a data item into the order of RFC 8949 §4.2.1, in place:
/// for documents whose format does not ask for that order, such as COSE messages. Gives the number
/// of entries that were moved; all else must be deterministic already.
///
/// What stands in byte strings is not touched. Work grows with the square of the entries of a map:
/// bound the length before.
///
/// ```
/// use iotops_wire::cbor::sort_maps;
///
/// let mut document = [0xa2, 0x02, 0x20, 0x01, 0x21];
/// assert_eq!(sort_maps(&mut document)?, 1);
/// assert_eq!(document, [0xa2, 0x01, 0x21, 0x02, 0x20]);
/// # Ok::<(), iotops_wire::Error>(())
/// ```
///
/// # Errors
/// As [`Cursor::skip`] but for [`rules::KEY_ORDER`], and as [`Cursor::end`].
pub fn sort_maps(document: &mut [u8]) -> Result<u32, Error> {
    Cursor::new(document)?;
    let mut moved = 0;
    let end = item(document, 0, DEPTH, &mut moved)?;
    at(document, end).end()?;
    Ok(moved)
}

fn at(document: &[u8], position: usize) -> Cursor<'_> {
    Cursor { document, position }
}

/// Sorts the item at `position`, and gives its end.
fn item(document: &mut [u8], position: usize, depth: u8, moved: &mut u32) -> Result<usize, Error> {
    let mut cursor = at(document, position);
    let Some(depth) = depth.checked_sub(1) else {
        return Err(cursor.error(rules::DEPTH));
    };
    match cursor.peek() {
        Some(Type::Map) => {
            let count = cursor.map()?;
            let start = cursor.position();
            map(document, start, count, depth, moved)
        }
        Some(Type::Array) => {
            let count = cursor.array()?;
            let start = cursor.position();
            (0..count).try_fold(start, |next, _| item(document, next, depth, moved))
        }
        Some(Type::Tag) => {
            cursor.tag()?;
            let start = cursor.position();
            item(document, start, depth, moved)
        }
        _ => {
            cursor.skip()?;
            Ok(cursor.position())
        }
    }
}

/// Sorts the entries that begin at `start`, and gives their end.
fn map(
    document: &mut [u8],
    start: usize,
    count: usize,
    depth: u8,
    moved: &mut u32,
) -> Result<usize, Error> {
    let mut end = start;
    for sorted in 0..count {
        let entry = end;
        let value = item(document, entry, depth, moved)?;
        end = item(document, value, depth, moved)?;
        let place = place(document, start, sorted, entry..value)?;
        if let Some(range) = document.get_mut(place..end).filter(|_| place < entry) {
            range.rotate_right(end.saturating_sub(entry));
            *moved = moved.saturating_add(1);
        }
    }
    Ok(end)
}

/// Where, among the `sorted` entries from `start` on, the entry with this key belongs.
fn place(
    document: &[u8],
    start: usize,
    sorted: usize,
    key: core::ops::Range<usize>,
) -> Result<usize, Error> {
    let wanted = document.get(key.clone()).unwrap_or_default();
    let mut cursor = at(document, start);
    for _ in 0..sorted {
        let entry = cursor.position();
        cursor.skip()?;
        let known = cursor.since(entry);
        if known == wanted {
            return Err(cursor.error_at(key.start, rules::KEY_TWICE));
        }
        if known > wanted {
            return Ok(entry);
        }
        cursor.skip()?;
    }
    Ok(key.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_maps_are_sorted() {
        // {3: {2: 0, 1: [{1: 0, 0: 0}]}, "": 0, 1: 0}
        let mut document = [
            0xa3, 0x03, 0xa2, 0x02, 0x00, 0x01, 0x81, 0xa2, 0x01, 0x00, 0x00, 0x00, 0x60, 0x00,
            0x01, 0x00,
        ];
        assert_eq!(sort_maps(&mut document), Ok(3));
        let mut cursor = Cursor::new(&document).unwrap();
        cursor.skip().unwrap();
        cursor.end().unwrap();
        assert_eq!(document[..5], [0xa3, 0x01, 0x00, 0x03, 0xa2]);
        assert_eq!(sort_maps(&mut document), Ok(0));
    }

    #[test]
    fn what_order_does_not_mend_is_refused() {
        let refused = |document: &[u8]| {
            let mut document: [u8; 8] =
                core::array::from_fn(|at| document.get(at).copied().unwrap_or(0));
            sort_maps(&mut document).unwrap_err().rule()
        };
        // {2: 0, 1: 0, 2: 0}, and trailing bytes.
        assert_eq!(refused(&[0xa3, 2, 0, 1, 0, 2, 0]), rules::KEY_TWICE);
        assert_eq!(refused(&[0xa1, 1, 0]), rules::TRAILING);
        assert_eq!(refused(&[0xa4, 1, 0]), rules::KEY_TWICE);
        assert_eq!(refused(&[0x18, 1]), rules::SHORTEST);
    }
}
