//! The document as JSON, for programs that have no CBOR.

use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};

use super::tree::{self, Document, Entry, Node, Value};
use super::{Field, Shape, edn, text};
use crate::Error;

/// JSON numbers beyond this lose digits in readers that hold them as floating-point numbers.
const EXACT: u64 = (1 << 53) - 1;

/// The document as one JSON value on one line.
///
/// This is a view for reading and searching, not an encoding: there is no way back.
///
/// - Maps are objects. Named codes are member names; other integers are written in decimal, other
///   keys in diagnostic notation. A name that occurs already gets " (2)" behind it.
/// - Arrays of named positions are objects; what repeats at their end is one member, an array.
///   Commands are an array of objects with one member each.
/// - A registered code as a value is its name, an unknown one its number.
/// - Integers beyond ±(2^53 - 1) are strings in decimal; so are `"NaN"` and `"Infinity"`.
/// - Byte strings are `{"hex": "…"}`, readable ones with a member `"text"`; if CBOR was expected in
///   them and did not stand there, with a member `"error"`. Embedded CBOR is expanded.
/// - Tags are `{"tag": 107, "name": "…", "value": …}`, simple values `{"simple": 99}`; `undefined`
///   is one of those.
/// - A document with an error is `{"error": {"rule": …, "name": …, "offset": …, "message": …},
///   "read": …}`: the first error, and the part that could be read. Map keys out of order are an
///   error that stops no reading; embedded CBOR with such keys has the same form.
///
/// ```
/// use iotops_wire::shape::{Field, Shape, json};
///
/// static KEY: Shape = Shape::Map(&[Field::new(1, "kid", &Shape::Any)]);
/// assert_eq!(json(&[0xa1, 0x01, 0x41, 0xff], &KEY), r#"{"kid":{"hex":"ff"}}"#);
/// ```
#[must_use]
pub fn json(document: &[u8], shape: &Shape) -> String {
    let document = tree::read(document, shape);
    let mut printer = Printer::default();
    printer.layer(&document);
    printer.out
}

#[derive(Default)]
struct Printer {
    out: String,
}

impl Printer {
    /// A document or the content of a byte string, with its error if it has one.
    fn layer(&mut self, layer: &Document<'_>) {
        match (layer.first_error(), &layer.root) {
            (None, Some(root)) => self.node(root),
            (Some(error), root) => {
                self.out.push_str("{\"error\":");
                self.error(error);
                if let Some(root) = root {
                    self.out.push_str(",\"read\":");
                    self.node(root);
                }
                self.out.push('}');
            }
            (None, None) => self.out.push_str("null"),
        }
    }

    fn node(&mut self, node: &Node<'_>) {
        match &node.value {
            Value::Unsigned(number) => self.integer(node, i128::from(*number)),
            Value::Negative(argument) => self.integer(node, text::negative(*argument)),
            Value::Bytes(bytes) => self.bytes(bytes, node.readable(), None),
            Value::Wrapped(_, inner) if inner.error.is_none() => self.layer(inner),
            Value::Wrapped(bytes, inner) => self.bytes(bytes, None, inner.error),
            Value::Text(content) => text::quoted(&mut self.out, content),
            Value::Array(entries) => match node.shape {
                Shape::Array(_) => self.object(entries),
                Shape::ArrayAnd(fields, last) => self.record(entries, fields.len(), last),
                _ => self.array(entries),
            },
            Value::Pairs(entries) => self.pairs(entries),
            Value::Map(entries) => self.object(entries),
            Value::Tag(number, inner) => self.tag(node, *number, inner.as_deref()),
            Value::Simple(20..=22) => {
                self.out.push_str(&edn::short(node));
            }
            Value::Simple(number) => {
                self.out.push_str(&alloc::format!("{{\"simple\":{number}}}"));
            }
            Value::Float(number) => self.float(*number),
        }
    }

    fn integer(&mut self, node: &Node<'_>, number: i128) {
        match node.registered() {
            Some(name) => text::quoted(&mut self.out, name),
            None => self.number(number),
        }
    }

    fn number(&mut self, number: i128) {
        let digits = number.to_string();
        if number.unsigned_abs() <= u128::from(EXACT) {
            self.out.push_str(&digits);
        } else {
            text::quoted(&mut self.out, &digits);
        }
    }

    fn float(&mut self, number: f64) {
        let digits = text::float(number);
        if number.is_finite() {
            self.out.push_str(&digits);
        } else {
            text::quoted(&mut self.out, &digits);
        }
    }

    fn bytes(&mut self, bytes: &[u8], readable: Option<&str>, error: Option<Error>) {
        self.out.push_str("{\"hex\":\"");
        text::digits(&mut self.out, bytes);
        self.out.push('"');
        if let Some(readable) = readable {
            self.out.push_str(",\"text\":");
            text::quoted(&mut self.out, readable);
        }
        if let Some(error) = error {
            self.out.push_str(",\"error\":");
            self.error(error);
        }
        self.out.push('}');
    }

    fn tag(&mut self, node: &Node<'_>, number: u64, inner: Option<&Node<'_>>) {
        self.out.push_str("{\"tag\":");
        self.number(i128::from(number));
        if let Some(name) = node.registered() {
            self.out.push_str(",\"name\":");
            text::quoted(&mut self.out, name);
        }
        if let Some(inner) = inner {
            self.out.push_str(",\"value\":");
            self.node(inner);
        }
        self.out.push('}');
    }

    fn array(&mut self, entries: &[Entry<'_>]) {
        self.out.push('[');
        for (index, value) in entries.iter().filter_map(|entry| entry.value.as_ref()).enumerate() {
            self.comma(index);
            self.node(value);
        }
        self.out.push(']');
    }

    fn pairs(&mut self, entries: &[Entry<'_>]) {
        self.out.push('[');
        for (index, entry) in entries.iter().enumerate() {
            self.comma(index);
            self.object(core::slice::from_ref(entry));
        }
        self.out.push(']');
    }

    fn object(&mut self, entries: &[Entry<'_>]) {
        self.out.push('{');
        self.members(entries);
        self.out.push('}');
    }

    fn members(&mut self, entries: &[Entry<'_>]) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        for (index, entry) in entries.iter().enumerate() {
            self.comma(index);
            let name = unused(&used, name(entry, index));
            text::quoted(&mut self.out, &name);
            self.out.push(':');
            match &entry.value {
                Some(value) => self.node(value),
                None => self.out.push_str("null"),
            }
            used.insert(name);
        }
        used
    }

    /// Named positions, and one member for all that follows.
    fn record(&mut self, entries: &[Entry<'_>], named: usize, last: &Field) {
        let (head, tail) = entries.split_at_checked(named).unwrap_or((entries, &[]));
        self.out.push('{');
        let used = self.members(head);
        self.comma(used.len());
        text::quoted(&mut self.out, &unused(&used, String::from(last.name)));
        self.out.push(':');
        self.array(tail);
        self.out.push('}');
    }

    fn comma(&mut self, index: usize) {
        if index > 0 {
            self.out.push(',');
        }
    }

    fn error(&mut self, error: Error) {
        let rule = error.rule().number();
        self.out.push_str(&alloc::format!("{{\"rule\":{rule},"));
        if let Some(row) = error.row() {
            self.out.push_str("\"name\":");
            text::quoted(&mut self.out, row.name);
            self.out.push(',');
        }
        let offset = error.place().offset();
        self.out.push_str(&alloc::format!("\"offset\":{offset},\"message\":"));
        text::quoted(&mut self.out, &error.to_string());
        self.out.push('}');
    }
}

/// The member name of an entry.
fn name(entry: &Entry<'_>, index: usize) -> String {
    match (entry.name, &entry.key) {
        (Some(name), _) => String::from(name),
        (None, Some(Node { value: Value::Text(content), .. })) => String::from(*content),
        (None, Some(key)) => edn::short(key),
        (None, None) => index.to_string(),
    }
}

/// This name, or one made of it that does not occur yet.
fn unused(used: &BTreeSet<String>, name: String) -> String {
    if !used.contains(&name) {
        return name;
    }
    let numbered = |number: usize| alloc::format!("{name} ({number})");
    // Among one more candidates than used names, one is free.
    let tries = 2..=used.len().saturating_add(2);
    tries.map(numbered).find(|candidate| !used.contains(candidate)).unwrap_or(name)
}
