//! Where a byte stands, in words.

use alloc::string::String;

use super::tree::{self, Document, Entry, Node, Value};
use super::{Shape, edn};

/// Keys longer than this are cut in a path.
const SHOWN: usize = 40;

/// The path of the item at a byte offset, such as `envelope / manifest / install / [3]`.
///
/// Named parts are told by name, others by their key or, in arrays, their position; commands by
/// both. Byte strings that hold CBOR are walked into. If the reading stops before `offset`, the
/// path ends at the item that could not be read. It is empty for the document itself.
///
/// ```
/// use iotops_wire::shape::{Field, Shape, path};
///
/// static OUTER: Shape = Shape::Map(&[Field::new(1, "inner", &Shape::Wrapped(&Shape::Any))]);
/// assert_eq!(path(&[0xa1, 0x01, 0x42, 0x81, 0x05], &OUTER, 4), "inner / [0]");
/// ```
#[must_use]
pub fn path(document: &[u8], shape: &Shape, offset: u32) -> String {
    let document = tree::read(document, shape);
    let mut path = Path { out: String::new(), offset };
    path.document(&document);
    path.out
}

struct Path {
    out: String,
    offset: u32,
}

impl Path {
    fn document(&mut self, document: &Document<'_>) {
        if let Some(root) = document.root.as_ref().filter(|root| self.is_in(root)) {
            self.node(root);
        }
    }

    /// Whether the offset is in this item, as far as that could be read.
    fn is_in(&self, node: &Node<'_>) -> bool {
        let is_behind = self.offset >= node.end && !node.is_open;
        node.start <= self.offset && (!is_behind || self.is_cut(node))
    }

    /// Whether this ends at the offset with a byte string whose content is cut off there: the
    /// error belongs to that content, and not to what follows.
    fn is_cut(&self, node: &Node<'_>) -> bool {
        if node.end != self.offset {
            return false;
        }
        match &node.value {
            Value::Wrapped(_, inner) => {
                let is_here = inner.error.is_some() && inner.rest.is_empty();
                is_here || inner.root.as_ref().is_some_and(|root| self.is_cut(root))
            }
            Value::Tag(_, Some(inner)) => self.is_cut(inner),
            _ => {
                let last = node.entries().and_then(<[Entry<'_>]>::last).and_then(Entry::last);
                last.is_some_and(|last| self.is_cut(last))
            }
        }
    }

    fn node(&mut self, node: &Node<'_>) {
        if let (Value::Tag(..), Some(name)) = (&node.value, node.registered()) {
            self.push(name);
        }
        if self.offset < node.head_end {
            return;
        }
        match &node.value {
            Value::Tag(_, Some(inner)) if self.is_in(inner) => self.node(inner),
            Value::Wrapped(_, inner) => self.document(inner),
            _ => self.entries(node),
        }
    }

    fn entries(&mut self, node: &Node<'_>) {
        let Some(entries) = node.entries() else { return };
        let step = if matches!(node.value, Value::Pairs(_)) { 2 } else { 1 };
        for (index, entry) in entries.iter().enumerate() {
            let index = index.saturating_mul(step);
            let inside = [&entry.key, &entry.value].into_iter().flatten();
            if let Some(found) = inside.into_iter().find(|node| self.is_in(node)) {
                self.label(node, entry, index);
                return self.node(found);
            }
        }
        self.missing(node, entries, step);
    }

    /// The item that the reading stopped at.
    fn missing(&mut self, node: &Node<'_>, entries: &[Entry<'_>], step: usize) {
        let next = entries.len().saturating_mul(step);
        match entries.last() {
            _ if !node.is_open => {}
            Some(entry @ Entry { key: Some(_), value: None, .. }) => {
                self.label(node, entry, next.saturating_sub(step));
            }
            _ if matches!(node.value, Value::Map(_)) => {}
            _ => {
                let (name, _) = node.shape.at(entries.len());
                self.label(node, &Entry { disorder: None, name, key: None, value: None }, next);
            }
        }
    }

    fn label(&mut self, node: &Node<'_>, entry: &Entry<'_>, index: usize) {
        let is_named_once = match node.shape {
            Shape::ArrayAnd(fields, _) => index < fields.len(),
            Shape::Pairs(_) => false,
            _ => true,
        };
        match (entry.name, &entry.key, &node.value) {
            (Some(name), ..) if is_named_once => self.push(name),
            (Some(name), ..) => self.push(&alloc::format!("[{index}] {name}")),
            (None, Some(key), Value::Map(_)) => self.key(key),
            _ => self.push(&alloc::format!("[{index}]")),
        }
    }

    fn key(&mut self, key: &Node<'_>) {
        let key = edn::short(key);
        match key.char_indices().nth(SHOWN).and_then(|(end, _)| key.get(..end)) {
            Some(shown) => self.push(&alloc::format!("{shown}…")),
            None => self.push(&key),
        }
    }

    fn push(&mut self, part: &str) {
        if !self.out.is_empty() {
            self.out.push_str(" / ");
        }
        self.out.push_str(part);
    }
}
