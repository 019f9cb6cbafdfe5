//! Plain text for people.

use alloc::string::{String, ToString};

use super::tree::{self, Document, Entry, Node, Value};
use super::{Shape, edn, text};
use crate::Error;

/// Byte strings above this length are cut to it.
const SHOWN: usize = 32;
/// Lists of so many bytes may stand on one line.
const LIST: u32 = 64;

/// The document as indented `name: value` lines.
///
/// Text is escaped, so that no document steers the reader's terminal. Byte strings of more than 32
/// bytes are cut, with their length.
///
/// ```
/// use iotops_wire::shape::{Field, Shape, outline};
///
/// static NAME: Shape = Shape::Map(&[Field::new(1, "name", &Shape::Any)]);
/// assert_eq!(outline(&[0xa1, 0x01, 0x61, b'a'], &NAME), "name: \"a\"\n");
/// ```
#[must_use]
pub fn outline(document: &[u8], shape: &Shape) -> String {
    let document = tree::read(document, shape);
    let mut printer = Printer::default();
    printer.document(&document);
    printer.out
}

#[derive(Default)]
struct Printer {
    out: String,
    /// What stopped the reading of this layer, until it has been told.
    error: Option<Error>,
}

impl Printer {
    fn document(&mut self, document: &Document<'_>) {
        self.error = document.error;
        match &document.root {
            Some(root) if root.entries().is_some_and(|entries| !entries.is_empty()) => {
                self.children(root, 0);
            }
            Some(root) => {
                self.inline(root);
                self.below(root, 1);
            }
            None => {}
        }
        self.stop(0);
    }

    /// What stands on the line of a name: tags, and the value unless it takes lines of its own.
    fn inline(&mut self, node: &Node<'_>) {
        match &node.value {
            Value::Tag(number, inner) => {
                self.out.push_str("tag ");
                self.out.push_str(&number.to_string());
                self.remark(node);
                if let Some(inner) = inner {
                    self.out.push(' ');
                    return self.inline(inner);
                }
            }
            Value::Wrapped(bytes, inner) => match &inner.root {
                Some(root) => return self.inline(root),
                None => self.bytes(bytes),
            },
            _ if node.entries().is_some_and(|entries| !entries.is_empty())
                && !is_plain_list(node) => {}
            _ => self.scalar(node),
        }
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        self.out.push('\n');
    }

    /// The lines below that.
    fn below(&mut self, node: &Node<'_>, level: usize) {
        match &node.value {
            Value::Tag(_, Some(inner)) => self.below(inner, level),
            Value::Wrapped(_, inner) => {
                let outer = core::mem::replace(&mut self.error, inner.error);
                if let Some(root) = &inner.root {
                    self.below(root, level);
                }
                self.stop(level);
                self.error = outer;
            }
            _ if is_plain_list(node) => {}
            _ => self.children(node, level),
        }
    }

    fn children(&mut self, node: &Node<'_>, level: usize) {
        for (index, entry) in node.entries().unwrap_or_default().iter().enumerate() {
            self.tell(entry.disorder, level);
            text::indent(&mut self.out, level);
            self.label(entry, index);
            match &entry.value {
                Some(value) => {
                    self.out.push_str(": ");
                    self.inline(value);
                    self.below(value, level.saturating_add(1));
                }
                None => self.out.push('\n'),
            }
        }
        if node.is_stop() {
            self.stop(level);
        }
    }

    fn label(&mut self, entry: &Entry<'_>, index: usize) {
        match (entry.name, &entry.key) {
            (Some(name), _) => self.out.push_str(name),
            (None, Some(key)) => self.out.push_str(&edn::short(key)),
            (None, None) => self.out.push_str(&alloc::format!("[{index}]")),
        }
    }

    fn scalar(&mut self, node: &Node<'_>) {
        match &node.value {
            Value::Bytes(bytes) if node.readable().is_none() => self.bytes(bytes),
            Value::Unsigned(number) => self.out.push_str(&number.to_string()),
            Value::Negative(argument) => {
                self.out.push_str(&text::negative(*argument).to_string());
            }
            _ => self.out.push_str(&edn::short(node)),
        }
        self.remark(node);
    }

    fn remark(&mut self, node: &Node<'_>) {
        if let Some(remark) = node.remark() {
            self.out.push_str(" (");
            self.out.push_str(&remark);
            self.out.push(')');
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        match bytes.split_at_checked(SHOWN) {
            Some((shown, rest)) if !rest.is_empty() => {
                text::bytes(&mut self.out, shown);
                self.out.push_str(&alloc::format!("… ({} bytes)", bytes.len()));
            }
            _ => text::bytes(&mut self.out, bytes),
        }
    }

    fn stop(&mut self, level: usize) {
        let error = self.error.take();
        self.tell(error, level);
    }

    fn tell(&mut self, error: Option<Error>, level: usize) {
        if let Some(error) = error {
            text::indent(&mut self.out, level);
            self.out.push_str(&text::error(error));
            self.out.push('\n');
        }
    }
}

/// Whether this is a short list of unnamed leaves, which reads best on one line.
fn is_plain_list(node: &Node<'_>) -> bool {
    let is_leaf = |node: &Node<'_>| {
        node.entries().is_none() && !matches!(node.value, Value::Tag(..) | Value::Wrapped(..))
    };
    let is_plain =
        |entry: &Entry<'_>| entry.name.is_none() && entry.value.as_ref().is_some_and(is_leaf);
    let Value::Array(entries) = &node.value else { return false };
    node.end.saturating_sub(node.start) <= LIST && !node.is_open && entries.iter().all(is_plain)
}
