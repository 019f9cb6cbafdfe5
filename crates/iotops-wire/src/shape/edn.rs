//! Diagnostic notation (RFC 8949 §8, draft-ietf-cbor-edn-literals).

use alloc::string::{String, ToString};

use super::tree::{self, Document, Entry, Node, Value};
use super::{Shape, text};
use crate::Error;

/// What is printed on one line may be so long.
const LINE: usize = 64;

/// The document in diagnostic notation, with the names of `shape` as comments.
///
/// Byte strings that hold CBOR are `<< … >>`. Parsed and encoded deterministically, the text gives
/// the same bytes again. If the document is malformed, it gives the part that could be read, and a
/// comment stands where the reading stopped. Comments also stand before map keys that are out of
/// order; such text gives the same bytes only in an encoder that keeps the order.
///
/// ```
/// use iotops_wire::shape::{Shape, edn};
///
/// assert_eq!(edn(&[0x82, 0x01, 0x41, 0xff], &Shape::Any), "[1, h'ff']");
/// ```
#[must_use]
pub fn edn(document: &[u8], shape: &Shape) -> String {
    let document = tree::read(document, shape);
    let mut printer = Printer { error: document.error, ..Printer::default() };
    if let Some(root) = &document.root {
        printer.node(root);
    }
    printer.stop();
    printer.out
}

/// A key, such as of a JSON member, on one line.
pub(super) fn short(node: &Node<'_>) -> String {
    let mut printer = Printer { is_flat: true, ..Printer::default() };
    printer.node(node);
    printer.out
}

#[derive(Default)]
struct Printer {
    out: String,
    level: usize,
    /// Whether all goes on one line; then names and length are of no account.
    is_flat: bool,
    /// What stopped the reading, until it has been told.
    error: Option<Error>,
}

impl Printer {
    fn node(&mut self, node: &Node<'_>) {
        match &node.value {
            Value::Unsigned(number) => self.out.push_str(&number.to_string()),
            Value::Negative(argument) => {
                self.out.push_str(&text::negative(*argument).to_string());
            }
            Value::Bytes(bytes) => self.bytes(node, bytes),
            Value::Wrapped(bytes, inner) => self.wrapped(bytes, inner),
            Value::Text(content) => text::quoted(&mut self.out, content),
            Value::Array(entries) => self.container(node, ('[', ']'), ", ", entries),
            Value::Pairs(entries) => self.container(node, ('[', ']'), ", ", entries),
            Value::Map(entries) => self.container(node, ('{', '}'), ": ", entries),
            Value::Tag(number, inner) => return self.tag(node, *number, inner.as_deref()),
            Value::Simple(number) => self.out.push_str(&text::simple(*number)),
            Value::Float(number) => self.out.push_str(&text::float(*number)),
        }
        if let Some(name) = node.registered() {
            self.out.push(' ');
            text::comment(&mut self.out, name);
        }
    }

    fn bytes(&mut self, node: &Node<'_>, bytes: &[u8]) {
        match node.readable() {
            Some(readable) => {
                self.out.push('\'');
                self.out.push_str(readable);
                self.out.push('\'');
            }
            None => text::bytes(&mut self.out, bytes),
        }
    }

    fn wrapped(&mut self, bytes: &[u8], inner: &Document<'_>) {
        if let Some(root) = inner.complete() {
            self.out.push_str("<< ");
            self.node(root);
            self.out.push_str(" >>");
            return;
        }
        text::bytes(&mut self.out, bytes);
        if let Some(error) = inner.error {
            self.out.push(' ');
            text::comment(&mut self.out, &text::error(error));
        }
    }

    fn tag(&mut self, node: &Node<'_>, number: u64, inner: Option<&Node<'_>>) {
        if let Some(name) = node.registered() {
            text::comment(&mut self.out, name);
            self.out.push(' ');
        }
        self.out.push_str(&number.to_string());
        self.out.push('(');
        if let Some(inner) = inner {
            self.node(inner);
        }
        if node.is_stop() {
            self.stop();
        }
        self.out.push(')');
    }

    fn container(
        &mut self,
        node: &Node<'_>,
        (open, close): (char, char),
        between: &str,
        entries: &[Entry<'_>],
    ) {
        self.out.push(open);
        if self.is_flat || !self.flat(node, entries, between) {
            self.lines(node, entries, between);
        }
        self.out.push(close);
    }

    /// Prints the entries on this line if they are short; otherwise prints nothing.
    fn flat(&mut self, node: &Node<'_>, entries: &[Entry<'_>], between: &str) -> bool {
        let size = node.end.saturating_sub(node.start);
        // An item is seldom shorter in text than in bytes: the guess spares printing it in vain.
        if node.is_open || size > 64 {
            return false;
        }
        let mut line = Self { is_flat: true, ..Self::default() };
        line.lines(node, entries, between);
        let fits = line.out.len() <= LINE;
        if fits {
            self.out.push_str(&line.out);
        }
        fits
    }

    /// Prints the entries, each on its line if this printer is not flat.
    fn lines(&mut self, node: &Node<'_>, entries: &[Entry<'_>], between: &str) {
        self.level = self.level.saturating_add(1);
        let mut entries = entries.iter().peekable();
        let is_stop = node.is_stop();
        let is_empty = entries.peek().is_none() && !is_stop;
        while let Some(entry) = entries.next() {
            self.new_line();
            self.entry(entry, between);
            if entries.peek().is_some() {
                self.out.push_str(if self.is_flat { ", " } else { "," });
            }
        }
        if is_stop {
            self.new_line();
            self.stop();
        }
        self.level = self.level.saturating_sub(1);
        if !is_empty {
            self.new_line();
        }
    }

    fn entry(&mut self, entry: &Entry<'_>, between: &str) {
        if let Some(error) = entry.disorder {
            text::comment(&mut self.out, &text::error(error));
            if self.is_flat {
                self.out.push(' ');
            }
            self.new_line();
        }
        if let Some(name) = entry.name {
            text::comment(&mut self.out, name);
            self.out.push(' ');
        }
        if let Some(key) = &entry.key {
            self.node(key);
        }
        if entry.key.is_some() && entry.value.is_some() {
            self.out.push_str(between);
        }
        if let Some(value) = &entry.value {
            self.node(value);
        }
    }

    fn new_line(&mut self) {
        if !self.is_flat {
            self.out.push('\n');
            text::indent(&mut self.out, self.level);
        }
    }

    /// Tells the error that stopped the reading, once.
    fn stop(&mut self) {
        let Some(error) = self.error.take() else { return };
        if self.out.ends_with(|last: char| !last.is_whitespace()) {
            self.out.push(' ');
        }
        text::comment(&mut self.out, &text::error(error));
    }
}
