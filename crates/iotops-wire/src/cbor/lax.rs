//! The lax reader: well-formed CBOR of any encoding, rewritten to the deterministic one.
//!
//! A document that a foreign writer made is brought into the form that the strict reader takes,
//! and the caller learns of every deviation. What stands in byte strings is not touched, even if
//! it is CBOR: digests and signatures are computed over exactly these bytes, and rewriting them
//! would break what it should help to read.

use alloc::vec::Vec;
use core::ops::Range;

use super::head::{self, INFO_BITS, MAJOR_BITS, Major, ONE_BYTE};
use super::{Cursor, DEPTH, Head, Output, float};
use crate::{Error, Finding, Input, Place, Rule, rules};

/// Rewrites one data item to its deterministic encoding (RFC 8949 §4.2).
///
/// `tolerated` is told of every deviation, with its rule and its offset in `input`:
/// [`rules::SHORTEST`], [`rules::INDEFINITE`], [`rules::KEY_ORDER`] and [`rules::FLOAT`] (also
/// for a not-a-number whose payload is lost). Deterministic input comes back as it was, and
/// nothing is told.
///
/// ```
/// use iotops_wire::{cbor::lax, rules};
///
/// let mut found = Vec::new();
/// let strict = lax::rewrite(&[0x9f, 0x18, 0x05, 0xff], &mut |finding| found.push(finding))?;
/// assert_eq!(strict, [0x81, 0x05]);
/// assert_eq!(found[1].rule(), rules::SHORTEST);
/// # Ok::<(), iotops_wire::Error>(())
/// ```
///
/// # Errors
/// What no reading can mend: [`rules::TRUNCATED`], [`rules::RESERVED`], [`rules::SIMPLE`],
/// [`rules::UTF8`], [`rules::KEY_TWICE`] (also of keys that are equal only when rewritten),
/// [`rules::TRAILING`], [`rules::DEPTH`] and [`rules::SIZE`].
pub fn rewrite(input: &[u8], tolerated: &mut dyn FnMut(Finding)) -> Result<Vec<u8>, Error> {
    let mut cursor = Cursor::new(input)?;
    let mut rewriter = Rewriter { output: Vec::new(), tolerated };
    rewriter.item(&mut cursor, DEPTH)?;
    cursor.end()?;
    Ok(rewriter.output)
}

const BREAK: u8 = 0xff;
const INDEFINITE: u8 = 31;

struct Rewriter<'f> {
    output: Vec<u8>,
    tolerated: &'f mut dyn FnMut(Finding),
}

/// An entry of a map that has been rewritten: where its key and its end stand in the output.
struct Entry {
    key: Range<usize>,
    end: usize,
    /// Where the key began in the input.
    position: usize,
}

impl Rewriter<'_> {
    fn item(&mut self, cursor: &mut Cursor<'_>, depth: u8) -> Result<(), Error> {
        let start = cursor.position();
        if cursor.rest().first().is_some_and(|first| first & MAJOR_BITS == head::SIMPLE.0) {
            return self.simple(cursor);
        }
        let (major, argument) = self.head(cursor)?;
        match (major, argument) {
            (head::UNSIGNED | head::NEGATIVE, Some(argument)) => self.write(major, argument),
            (head::BYTES | head::TEXT, Some(length)) => {
                let content = content(cursor, major, length, start)?;
                self.write(major, argument_of(content.len()))?;
                self.output.write(content)
            }
            (head::BYTES | head::TEXT, None) => self.chunks(cursor, major),
            _ => match depth.checked_sub(1) {
                Some(depth) => self.inside(cursor, major, argument, depth),
                None => Err(cursor.error_at(start, rules::DEPTH)),
            },
        }
    }

    fn inside(
        &mut self,
        cursor: &mut Cursor<'_>,
        major: Major,
        argument: Option<u64>,
        depth: u8,
    ) -> Result<(), Error> {
        match (major, argument) {
            (head::TAG, number) => {
                self.write(major, number.unwrap_or(0))?;
                self.item(cursor, depth)
            }
            (head::MAP, entries) => self.map(cursor, entries, depth),
            (_, items) => self.array(cursor, items, depth),
        }
    }

    /// A head of any major type but the last; the argument is `None` for an indefinite length.
    fn head(&mut self, cursor: &mut Cursor<'_>) -> Result<(Major, Option<u64>), Error> {
        let start = cursor.position();
        let Some(&first) = cursor.rest().first() else {
            return Err(cursor.error(rules::TRUNCATED));
        };
        let (major, info) = (Major(first & MAJOR_BITS), first & INFO_BITS);
        cursor.step();
        let argument = match info {
            0..ONE_BYTE => Some(u64::from(info)),
            24 => cursor.big_endian::<1>(),
            25 => cursor.big_endian::<2>(),
            26 => cursor.big_endian::<4>(),
            27 => cursor.big_endian::<8>(),
            INDEFINITE if head::has_indefinite(first) => {
                self.tolerate(rules::INDEFINITE, start);
                return Ok((major, None));
            }
            _ => return Err(cursor.error_at(start, rules::RESERVED)),
        };
        let Some(argument) = argument else {
            return Err(cursor.error_at(start, rules::TRUNCATED));
        };
        if Head::new(major, argument).as_bytes().len() < cursor.since(start).len() {
            self.tolerate(rules::SHORTEST, start);
        }
        Ok((major, Some(argument)))
    }

    /// Joins the chunks of a string of indefinite length.
    fn chunks(&mut self, cursor: &mut Cursor<'_>, major: Major) -> Result<(), Error> {
        let position = self.output.len();
        while !is_break(cursor) {
            let start = cursor.position();
            let (found, Some(length)) = self.head(cursor)? else {
                return Err(cursor.error_at(start, rules::RESERVED));
            };
            // RFC 8949 §3.2.3: a chunk is "a definite-length string of the specified major type".
            if found != major {
                return Err(cursor.error_at(start, rules::RESERVED));
            }
            self.output.write(content(cursor, major, length, start)?)?;
        }
        let length = self.output.len().saturating_sub(position);
        self.insert(position, major, argument_of(length))
    }

    fn array(
        &mut self,
        cursor: &mut Cursor<'_>,
        items: Option<u64>,
        depth: u8,
    ) -> Result<(), Error> {
        let position = self.output.len();
        let mut count = 0_u64;
        while is_next(cursor, items, count) {
            self.item(cursor, depth)?;
            count = count.saturating_add(1);
        }
        self.insert(position, head::ARRAY, count)
    }

    fn map(
        &mut self,
        cursor: &mut Cursor<'_>,
        announced: Option<u64>,
        depth: u8,
    ) -> Result<(), Error> {
        let position = self.output.len();
        let mut entries: Vec<Entry> = Vec::new();
        while is_next(cursor, announced, argument_of(entries.len())) {
            let key = cursor.position();
            let entry = self.entry(cursor, depth)?;
            if entries.last().is_some_and(|last| self.key(last) > self.key(&entry)) {
                self.tolerate(rules::KEY_ORDER, key);
            }
            entries.push(entry);
        }
        let count = argument_of(entries.len());
        self.sort(position, entries)?;
        self.insert(position, head::MAP, count)
    }

    fn entry(&mut self, cursor: &mut Cursor<'_>, depth: u8) -> Result<Entry, Error> {
        let position = cursor.position();
        let start = self.output.len();
        self.item(cursor, depth)?;
        let key = start..self.output.len();
        self.item(cursor, depth)?;
        Ok(Entry { key, end: self.output.len(), position })
    }

    fn key(&self, entry: &Entry) -> &[u8] {
        self.output.get(entry.key.clone()).unwrap_or_default()
    }

    /// Brings the entries that begin at `position` into the order of their keys.
    fn sort(&mut self, position: usize, mut entries: Vec<Entry>) -> Result<(), Error> {
        let is_sorted = entries.is_sorted_by(|one, next| self.key(one) < self.key(next));
        if is_sorted {
            return Ok(());
        }
        entries.sort_by(|one, other| self.key(one).cmp(self.key(other)));
        let mut sorted = Vec::with_capacity(self.output.len().saturating_sub(position));
        let mut previous: &[u8] = &[];
        for entry in &entries {
            if self.key(entry) == previous {
                return Err(Error::new(rules::KEY_TWICE, offset(entry.position)));
            }
            previous = self.key(entry);
            sorted
                .extend_from_slice(self.output.get(entry.key.start..entry.end).unwrap_or_default());
        }
        self.output.truncate(position);
        self.output.extend_from_slice(&sorted);
        Ok(())
    }

    /// A simple value or a floating-point number.
    fn simple(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Error> {
        let start = cursor.position();
        let Some(&first) = cursor.rest().first() else {
            return Err(cursor.error(rules::TRUNCATED));
        };
        if !matches!(first, float::HALF | float::SINGLE | float::DOUBLE) {
            return self.no_float(cursor);
        }
        cursor.step();
        let bits = match first {
            float::HALF => cursor.big_endian::<2>(),
            float::SINGLE => cursor.big_endian::<4>(),
            _ => cursor.big_endian::<8>(),
        };
        let Some(bits) = bits else {
            return Err(cursor.error_at(start, rules::TRUNCATED));
        };
        let shortest = float::shortest(first, bits);
        if shortest != (first, bits) {
            self.tolerate(rules::FLOAT, start);
        }
        self.float(shortest)
    }

    /// A simple value: its only encodings are the shortest ones.
    fn no_float(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Error> {
        let encoded = cursor.item()?;
        self.output.write(encoded)
    }

    fn float(&mut self, (first, bits): (u8, u64)) -> Result<(), Error> {
        let [.., b4, b5, b6, b7] = bits.to_be_bytes();
        self.output.write(&[first])?;
        match first {
            float::HALF => self.output.write(&[b6, b7]),
            float::SINGLE => self.output.write(&[b4, b5, b6, b7]),
            _ => self.output.write(&bits.to_be_bytes()),
        }
    }

    fn write(&mut self, major: Major, argument: u64) -> Result<(), Error> {
        self.output.write(Head::new(major, argument).as_bytes())
    }

    fn insert(&mut self, position: usize, major: Major, argument: u64) -> Result<(), Error> {
        Output::insert(&mut self.output, position, Head::new(major, argument).as_bytes())
    }

    fn tolerate(&mut self, rule: Rule, position: usize) {
        (self.tolerated)(Finding::new(rule, Place::new(Input::Document, offset(position))));
    }
}

/// The content of a string whose head began at `start`.
fn content<'a>(
    cursor: &mut Cursor<'a>,
    major: Major,
    length: u64,
    start: usize,
) -> Result<&'a [u8], Error> {
    let Some(content) = cursor.take(length) else {
        return Err(cursor.error_at(start, rules::TRUNCATED));
    };
    if major == head::TEXT && core::str::from_utf8(content).is_err() {
        return Err(cursor.error_at(start, rules::UTF8));
    }
    Ok(content)
}

/// Whether another item follows, of so many as were announced or until the break.
fn is_next(cursor: &mut Cursor<'_>, announced: Option<u64>, done: u64) -> bool {
    match announced {
        Some(announced) => done < announced,
        None => !is_break(cursor),
    }
}

/// Steps over a break if it is next, and says whether it was.
fn is_break(cursor: &mut Cursor<'_>) -> bool {
    let is_break = cursor.rest().first() == Some(&BREAK);
    if is_break {
        cursor.step();
    }
    is_break
}

/// The position as an offset in a place; a cursor is over less than 4 GiB.
fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

fn argument_of(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
