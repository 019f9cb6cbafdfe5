//! From a byte offset to what a reader of the document looks for: line, column and JSON pointer.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::walk::{offset, string_end, text_at};

/// A line and a column, both from 1. A column is a character, not a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column.
    pub column: u32,
}

impl core::fmt::Display for Position {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// The line and column of byte `at` of a document, good or bad. A line ends with a line feed.
#[must_use]
pub fn position(document: &[u8], at: u32) -> Position {
    let end = usize::try_from(at).unwrap_or(usize::MAX).min(document.len());
    let before = document.get(..end).unwrap_or_default();
    let is_end = |byte: &&u8| **byte == b'\n';
    // Each character has one byte that is no continuation of UTF-8.
    let is_first = |byte: &&u8| **byte & 0xc0 != 0x80;
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.wrapping_add(1));
    let line = before.get(start..).unwrap_or_default();
    Position {
        line: offset(before.iter().filter(is_end).count()).saturating_add(1),
        column: offset(line.iter().filter(is_first).count()).saturating_add(1),
    }
}

/// The JSON pointer (RFC 6901) of the value or member at byte `at` of a document.
///
/// It is for documents with an error too: the part before `at` is followed as far as it makes
/// sense.
///
/// ```
/// use iotops_wire::json::pointer;
///
/// assert_eq!(pointer(br#"{"keys": [1, {"a/b": tru}]}"#, 21), "/keys/1/a~1b");
/// ```
#[must_use]
pub fn pointer(document: &[u8], at: u32) -> String {
    let valid = match core::str::from_utf8(document) {
        Ok(text) => text,
        Err(error) => {
            let good = document.get(..error.valid_up_to()).unwrap_or_default();
            core::str::from_utf8(good).unwrap_or_default()
        }
    };
    let mut path = Path { steps: Vec::new() };
    path.follow(valid, usize::try_from(at).unwrap_or(usize::MAX));
    path.steps.iter().fold(String::new(), |mut pointer, step| {
        step.push_to(&mut pointer);
        pointer
    })
}

enum Step<'a> {
    /// In an array, at this index.
    Index(usize),
    /// In an object, before a name.
    Before,
    /// In an object, at or behind the name that stands here.
    Name(&'a str, u32),
}

impl Step<'_> {
    fn push_to(&self, pointer: &mut String) {
        match self {
            Self::Index(index) => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
            Self::Before => {}
            Self::Name(text, start) => {
                pointer.push('/');
                for character in text_at(text, *start).chars() {
                    match character {
                        '~' => pointer.push_str("~0"),
                        '/' => pointer.push_str("~1"),
                        _ => pointer.push(character),
                    }
                }
            }
        }
    }
}

struct Path<'a> {
    steps: Vec<Step<'a>>,
}

impl<'a> Path<'a> {
    /// Follows the brackets, commas and strings before `end`.
    fn follow(&mut self, text: &'a str, end: usize) {
        let bytes = text.as_bytes();
        let mut position = 0;
        while let Some(byte) = bytes.get(position).filter(|_| position <= end) {
            let start = position;
            position = position.wrapping_add(1);
            match byte {
                b'"' => {
                    position = string_end(bytes, position);
                    self.name(text, offset(start));
                }
                // What opens at the place itself is not yet entered.
                b'{' if start < end => self.steps.push(Step::Before),
                b'[' if start < end => self.steps.push(Step::Index(0)),
                b'}' | b']' if start < end => drop(self.steps.pop()),
                b',' if start < end => self.next(),
                _ => {}
            }
        }
    }

    fn name(&mut self, text: &'a str, start: u32) {
        if let Some(step @ Step::Before) = self.steps.last_mut() {
            *step = Step::Name(text, start);
        }
    }

    fn next(&mut self) {
        match self.steps.last_mut() {
            Some(Step::Index(index)) => *index = index.wrapping_add(1),
            Some(step) => *step = Step::Before,
            None => {}
        }
    }
}
