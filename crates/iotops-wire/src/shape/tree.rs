//! A document as a tree: what the printers walk.
//!
//! Every node stands for at least one byte of input, so the tree is bounded by the input; nothing
//! is allocated by a declared length. A byte string that holds CBOR is a document of its own
//! inside the tree, with an error of its own.

use alloc::{boxed::Box, string::String, vec::Vec};

use super::{ANY, Shape, text};
use crate::Error;
use crate::cbor::{Cursor, DEPTH, Item};
use crate::rules;

/// How many byte strings inside one another are opened.
///
/// The deepest SUIT document, an integrated dependency with nested command sequences, needs about
/// half of it.
pub const LAYERS: u8 = 16;

/// One encoding layer: what could be read of it.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) root: Option<Node<'a>>,
    /// What stopped the reading.
    pub(super) error: Option<Error>,
    /// The first map key out of order or there twice, which stops nothing.
    pub(super) disorder: Option<Error>,
    /// What was not read.
    pub(super) rest: &'a [u8],
    /// Where `rest` begins.
    pub(super) stop: u32,
}

/// One data item.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) start: u32,
    /// Where the bytes of the head end.
    pub(super) head_end: u32,
    pub(super) end: u32,
    /// Items or entries as its head declares them.
    pub(super) count: u64,
    /// Whether the reading stopped inside.
    pub(super) is_open: bool,
    pub(super) shape: &'a Shape,
    pub(super) value: Value<'a>,
}

#[derive(Debug)]
pub(super) enum Value<'a> {
    Unsigned(u64),
    /// The argument: the number is -1 minus it.
    Negative(u64),
    Bytes(&'a [u8]),
    /// The content as bytes, and read.
    Wrapped(&'a [u8], Box<Document<'a>>),
    Text(&'a str),
    Array(Vec<Entry<'a>>),
    Pairs(Vec<Entry<'a>>),
    Map(Vec<Entry<'a>>),
    Tag(u64, Option<Box<Node<'a>>>),
    Simple(u8),
    Float(f64),
}

/// An item of an array (without key), an entry of a map or a command with its argument.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// What is wrong with the place of the key.
    pub(super) disorder: Option<Error>,
    pub(super) name: Option<&'static str>,
    pub(super) key: Option<Node<'a>>,
    pub(super) value: Option<Node<'a>>,
}

/// Reads a document of any bytes.
pub(super) fn read<'a>(document: &'a [u8], shape: &'a Shape) -> Document<'a> {
    match Cursor::new(document) {
        Ok(cursor) => {
            Reader { layers: LAYERS, error: None, disorder: None }.document(cursor, shape)
        }
        Err(error) => {
            Document { root: None, error: Some(error), disorder: None, rest: &[], stop: 0 }
        }
    }
}

struct Reader {
    /// How many more byte strings may be opened inside one another.
    layers: u8,
    /// The error that stopped the layer which is being read.
    error: Option<Error>,
    /// The first key of that layer which is out of order.
    disorder: Option<Error>,
}

impl Reader {
    fn document<'a>(&mut self, mut cursor: Cursor<'a>, shape: &'a Shape) -> Document<'a> {
        let outer = self.disorder.take();
        let root = self.node(&mut cursor, shape, DEPTH);
        let error = self.error.take().or_else(|| cursor.end().err());
        let disorder = core::mem::replace(&mut self.disorder, outer);
        Document { root, error, disorder, rest: cursor.rest(), stop: cursor.offset() }
    }

    /// The next item; `None` if not even its head can be read.
    fn node<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        shape: &'a Shape,
        depth: u8,
    ) -> Option<Node<'a>> {
        let before = *cursor;
        let item = cursor.next_item().map_err(|error| self.error = Some(error)).ok()?;
        let depth = match item {
            Item::Array(_) | Item::Map(_) | Item::Tag(_) => depth.checked_sub(1),
            _ => Some(depth),
        };
        let Some(depth) = depth else {
            self.error = Some(before.error(rules::DEPTH));
            *cursor = before;
            return None;
        };
        let head_end = cursor.offset().saturating_sub(content_length(&item));
        let shape = shape.resolve(&item);
        let value = self.value(cursor, before, item, shape, depth);
        let is_open = self.error.is_some();
        Some(Node {
            start: before.offset(),
            head_end,
            end: cursor.offset(),
            count: match item {
                Item::Array(count) | Item::Map(count) => count,
                _ => 0,
            },
            is_open,
            shape,
            value,
        })
    }

    /// What `item`, read from `before` on, is.
    fn value<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        before: Cursor<'a>,
        item: Item<'a>,
        shape: &'a Shape,
        depth: u8,
    ) -> Value<'a> {
        match item {
            Item::Unsigned(argument) => Value::Unsigned(argument),
            Item::Negative(argument) => Value::Negative(argument),
            Item::Bytes(content) => self.bytes(content, before, shape),
            Item::Text(text) => Value::Text(text),
            Item::Array(items) if matches!(shape, Shape::Pairs(_)) => {
                Value::Pairs(self.pairs(cursor, items, shape, depth))
            }
            Item::Array(items) => Value::Array(self.array(cursor, items, shape, depth)),
            Item::Map(entries) => Value::Map(self.map(cursor, entries, shape, depth)),
            Item::Tag(number) => {
                let inner = shape.tag(number).map_or(&ANY, |tag| tag.shape);
                Value::Tag(number, self.node(cursor, inner, depth).map(Box::new))
            }
            Item::Simple(number) => Value::Simple(number),
            Item::Float(number) => Value::Float(number),
        }
    }

    fn bytes<'a>(
        &mut self,
        content: &'a [u8],
        mut before: Cursor<'a>,
        shape: &'a Shape,
    ) -> Value<'a> {
        // COSE writes an empty protected header as an empty byte string: nothing to open.
        let (Shape::Wrapped(inner), false) = (shape, content.is_empty()) else {
            return Value::Bytes(content);
        };
        let (Some(layers), Ok(embedded)) = (self.layers.checked_sub(1), before.embedded()) else {
            return Value::Bytes(content);
        };
        let outer = core::mem::replace(&mut self.layers, layers);
        let document = self.document(embedded, inner);
        self.layers = outer;
        Value::Wrapped(content, Box::new(document))
    }

    fn array<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        items: u64,
        shape: &'a Shape,
        depth: u8,
    ) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        for _ in 0..items {
            let (name, inner) = shape.at(entries.len());
            let Some(value) = self.node(cursor, inner, depth) else { break };
            entries.push(Entry { disorder: None, name, key: None, value: Some(value) });
            if self.error.is_some() {
                break;
            }
        }
        entries
    }

    fn pairs<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        items: u64,
        shape: &'a Shape,
        depth: u8,
    ) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        let mut left = items;
        while left > 0 && self.error.is_none() {
            let Some(code) = self.node(cursor, &ANY, depth) else { break };
            let has_argument = left > 1;
            entries.push(self.entry(cursor, code, shape, has_argument, depth));
            left = left.saturating_sub(2);
        }
        entries
    }

    fn map<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        count: u64,
        shape: &'a Shape,
        depth: u8,
    ) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        let mut previous: &[u8] = &[];
        for _ in 0..count {
            let start = cursor.position();
            let Some(key) = self.node(cursor, &ANY, depth) else { break };
            let disorder = cursor.ascending(start, previous).err();
            previous = cursor.since(start);
            self.disorder = self.disorder.or(disorder);
            let entry = self.entry(cursor, key, shape, true, depth);
            entries.push(Entry { disorder, ..entry });
            if self.error.is_some() {
                break;
            }
        }
        entries
    }

    fn entry<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        key: Node<'a>,
        shape: &'a Shape,
        has_value: bool,
        depth: u8,
    ) -> Entry<'a> {
        let (name, inner) = shape.behind(key.code());
        let has_value = has_value && self.error.is_none();
        let value = if has_value { self.node(cursor, inner, depth) } else { None };
        Entry { disorder: None, name, key: Some(key), value }
    }
}

fn content_length(item: &Item<'_>) -> u32 {
    let length = match item {
        Item::Bytes(content) => content.len(),
        Item::Text(content) => content.len(),
        _ => 0,
    };
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl<'a> Node<'a> {
    /// The value of an integer within 64 bits.
    pub(super) fn code(&self) -> Option<i64> {
        match self.value {
            Value::Unsigned(argument) => i64::try_from(argument).ok(),
            Value::Negative(argument) => i64::try_from(argument).ok().map(|argument| !argument),
            _ => None,
        }
    }

    /// The registered name of a code or a tag.
    pub(super) fn registered(&self) -> Option<&'static str> {
        match self.value {
            Value::Tag(number, _) => self.shape.tag(number).map(|tag| tag.name),
            _ => self.code().and_then(|code| self.shape.code(code)),
        }
    }

    /// What the names say about this value.
    pub(super) fn remark(&self) -> Option<String> {
        match (self.shape, &self.value) {
            (Shape::Bits(names), Value::Unsigned(bits)) if *bits != 0 => {
                let is_set = |bit: u8| bits.checked_shr(u32::from(bit)).is_some_and(|b| b & 1 == 1);
                let set = names.iter().filter(|(bit, _)| is_set(*bit)).map(|(_, name)| *name);
                Some(set.collect::<Vec<_>>().join(", ")).filter(|names| !names.is_empty())
            }
            _ => self.registered().map(String::from),
        }
    }

    /// A readable byte string, where the shape says that it may be one.
    pub(super) fn readable(&self) -> Option<&'a str> {
        match (self.shape, &self.value) {
            (Shape::Utf8OrBytes, Value::Bytes(bytes)) => text::readable(bytes),
            _ => None,
        }
    }

    /// What the item holds, if it is an array or a map.
    pub(super) fn entries(&self) -> Option<&[Entry<'a>]> {
        match &self.value {
            Value::Array(entries) | Value::Pairs(entries) | Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// Whether the reading stopped right here, and not inside of an item of this one.
    pub(super) fn is_stop(&self) -> bool {
        let inner = match &self.value {
            Value::Tag(_, inner) => inner.as_deref(),
            _ => self.entries().and_then(<[Entry<'_>]>::last).and_then(Entry::last),
        };
        self.is_open && !inner.is_some_and(|inner| inner.is_open)
    }
}

impl<'a> Entry<'a> {
    /// The last item of this entry.
    pub(super) fn last(&self) -> Option<&Node<'a>> {
        self.value.as_ref().or(self.key.as_ref())
    }
}

impl<'a> Document<'a> {
    /// The first error of this layer.
    pub(super) fn first_error(&self) -> Option<Error> {
        self.disorder.or(self.error)
    }

    /// The item in this layer, if all of the layer could be read.
    pub(super) fn complete(&self) -> Option<&Node<'a>> {
        if self.error.is_some() { None } else { self.root.as_ref() }
    }
}
