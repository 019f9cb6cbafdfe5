//! Annotated hexadecimal.

use alloc::string::{String, ToString};
use core::ops::Range;

use super::tree::{self, Document, Entry, Node, Value};
use super::{Shape, text};
use crate::Error;

/// So many bytes of a string stand on one line.
const ROW: usize = 16;
/// Where comments begin, if the bytes leave the room.
const COMMENTS: usize = 64;
/// A text in a comment is cut to so many characters.
const SHOWN: usize = 40;

/// The document byte by byte: offset, the bytes of an item, and what they are.
///
/// Every byte is printed once, also those behind an error. The bytes of strings stand on lines of
/// their own below their heads, sixteen at a time.
///
/// ```
/// use iotops_wire::shape::{Shape, hex};
///
/// let lines = hex(&[0x81, 0x05], &Shape::Any);
/// let lines: Vec<_> = lines.lines().map(|line| line.split_whitespace().collect()).collect();
/// let joined: Vec<String> = lines.iter().map(|words: &Vec<_>| words.join(" ")).collect();
/// assert_eq!(joined, ["000000 81 # array of 1", "000001 05 # 5"]);
/// ```
#[must_use]
pub fn hex(document: &[u8], shape: &Shape) -> String {
    let tree = tree::read(document, shape);
    let mut printer = Printer { out: String::new(), document };
    printer.layer(&tree, 0);
    printer.out
}

struct Printer<'a> {
    out: String,
    document: &'a [u8],
}

impl Printer<'_> {
    fn layer(&mut self, layer: &Document<'_>, level: usize) {
        if let Some(root) = &layer.root {
            self.node(None, None, root, level);
        }
        if let Some(error) = layer.error {
            self.stop(layer, error, level);
        }
    }

    fn stop(&mut self, layer: &Document<'_>, error: Error, level: usize) {
        let end = layer.stop.saturating_add(u32::try_from(layer.rest.len()).unwrap_or(u32::MAX));
        let message = text::error(error);
        if layer.rest.is_empty() {
            self.line(layer.stop, &[], level, &message);
        }
        self.rows(layer.stop..end, level, &message);
    }

    fn node(&mut self, name: Option<&str>, disorder: Option<Error>, node: &Node<'_>, level: usize) {
        let mut comment = String::new();
        if let Some(name) = name {
            comment.push_str(name);
            comment.push_str(": ");
        }
        describe(&mut comment, node);
        if let Some(error) = disorder {
            comment.push_str("; ");
            comment.push_str(&text::error(error));
        }
        self.line(node.start, self.bytes(node.start..node.head_end), level, &comment);
        let level = level.saturating_add(1);
        match &node.value {
            Value::Bytes(_) | Value::Text(_) => self.rows(node.head_end..node.end, level, ""),
            Value::Wrapped(_, inner) => self.layer(inner, level),
            Value::Tag(_, Some(inner)) => self.node(None, None, inner, level),
            _ => self.entries(node.entries().unwrap_or_default(), level),
        }
    }

    fn entries(&mut self, entries: &[Entry<'_>], level: usize) {
        for entry in entries {
            // The name stands beside the key; an item of an array has none but its own.
            if let Some(key) = &entry.key {
                self.node(entry.name, entry.disorder, key, level);
            }
            let name = if entry.key.is_none() { entry.name } else { None };
            if let Some(value) = &entry.value {
                self.node(name, None, value, level);
            }
        }
    }

    /// The bytes of a range, of which the first line has a comment.
    fn rows(&mut self, range: Range<u32>, level: usize, comment: &str) {
        let mut comment = comment;
        let mut offset = range.start;
        for row in self.bytes(range).chunks(ROW) {
            self.line(offset, row, level, comment);
            offset = offset.saturating_add(u32::try_from(row.len()).unwrap_or(u32::MAX));
            comment = "";
        }
    }

    fn line(&mut self, offset: u32, bytes: &[u8], level: usize, comment: &str) {
        let start = self.out.len();
        self.out.push_str(&alloc::format!("{offset:06x}  "));
        text::indent(&mut self.out, level);
        for byte in bytes {
            text::digits(&mut self.out, &[*byte]);
            self.out.push(' ');
        }
        if !comment.is_empty() {
            let width = self.out.len().saturating_sub(start);
            self.out.extend(core::iter::repeat_n(' ', COMMENTS.saturating_sub(width)));
            self.out.push_str("# ");
            self.out.push_str(comment);
        }
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        self.out.push('\n');
    }
}

impl<'a> Printer<'a> {
    fn bytes(&self, range: Range<u32>) -> &'a [u8] {
        let index = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
        self.document.get(index(range.start)..index(range.end)).unwrap_or_default()
    }
}

/// What an item is, in words.
fn describe(out: &mut String, node: &Node<'_>) {
    match &node.value {
        Value::Unsigned(number) => out.push_str(&number.to_string()),
        Value::Negative(argument) => out.push_str(&text::negative(*argument).to_string()),
        Value::Bytes(bytes) => {
            counted(out, "bytes of", bytes.len());
            if let Some(readable) = node.readable() {
                quoted(out, readable);
            }
        }
        Value::Wrapped(bytes, _) => {
            counted(out, "bytes of", bytes.len());
            out.push_str(", holding");
        }
        Value::Text(content) => {
            counted(out, "text of", content.len());
            quoted(out, content);
        }
        Value::Array(_) | Value::Pairs(_) => counted(out, "array of", node.count),
        Value::Map(_) => counted(out, "map of", node.count),
        Value::Tag(number, _) => counted(out, "tag", number),
        Value::Simple(number) => out.push_str(&text::simple(*number)),
        Value::Float(number) => out.push_str(&text::float(*number)),
    }
    if let Some(remark) = node.remark() {
        out.push_str(" (");
        out.push_str(&remark);
        out.push(')');
    }
}

fn counted(out: &mut String, what: &str, count: impl ToString) {
    out.push_str(what);
    out.push(' ');
    out.push_str(&count.to_string());
}

fn quoted(out: &mut String, content: &str) {
    out.push(' ');
    match content.char_indices().nth(SHOWN).and_then(|(end, _)| content.get(..end)) {
        Some(shown) => {
            text::quoted(out, shown);
            out.push('…');
        }
        None => text::quoted(out, content),
    }
}
