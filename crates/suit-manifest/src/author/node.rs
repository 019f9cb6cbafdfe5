//! A template as a tree: what a manifest is printed from, and compared by.

use alloc::string::String;
use alloc::vec::Vec;

use iotops_wire::json::Writer;

/// Lines are not made longer than this where they can be broken.
const WIDTH: usize = 96;
const INDENT: &str = "  ";

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(i128),
    Text(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Node {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    /// An object of one member.
    pub(super) fn only(name: impl Into<String>, value: Self) -> Self {
        Self::Object(Vec::from([(name.into(), value)]))
    }

    pub(super) fn hex(bytes: &[u8]) -> Self {
        Self::only("hex", Self::Text(hex(bytes)))
    }

    /// Bytes as text if they can be read, else in hexadecimal.
    pub(super) fn bytes(bytes: &[u8]) -> Self {
        match core::str::from_utf8(bytes) {
            Ok(text) if !text.chars().any(char::is_control) => Self::text(text),
            _ => Self::hex(bytes),
        }
    }

    /// On one line.
    pub(super) fn compact(&self) -> String {
        let mut line = String::new();
        self.write_compact(&mut line);
        line
    }

    fn write_compact(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => out.push_str(&alloc::format!("{number}")),
            Self::Text(text) => out.push_str(&quoted(text)),
            Self::Array(items) => {
                enclose(out, '[', ']', items, Self::write_compact);
            }
            Self::Object(members) => enclose(out, '{', '}', members, |(name, value), out| {
                out.push_str(&quoted(name));
                out.push_str(": ");
                value.write_compact(out);
            }),
        }
    }

    /// On as many lines as it takes.
    pub(super) fn pretty(&self) -> String {
        let mut text = String::new();
        self.write_pretty(0, 0, &mut text);
        text.push('\n');
        text
    }

    /// `used` is what stands before it in its line.
    fn write_pretty(&self, depth: usize, used: usize, out: &mut String) {
        let compact = self.compact();
        let is_short = compact.chars().count().saturating_add(used) <= WIDTH;
        match self {
            Self::Array(items) if !is_short => lines(out, '[', ']', items, depth, |item, out| {
                item.write_pretty(depth.saturating_add(1), column(depth), out);
            }),
            Self::Object(members) if depth == 0 || !is_short => {
                lines(out, '{', '}', members, depth, |(name, value), out| {
                    let name = quoted(name);
                    out.push_str(&name);
                    out.push_str(": ");
                    let used = column(depth).saturating_add(name.len()).saturating_add(3);
                    value.write_pretty(depth.saturating_add(1), used, out);
                });
            }
            _ => out.push_str(&compact),
        }
    }
}

/// The column where the items of something at this depth begin.
const fn column(depth: usize) -> usize {
    depth.saturating_add(1).saturating_mul(INDENT.len())
}

fn enclose<T>(
    out: &mut String,
    open: char,
    close: char,
    items: &[T],
    write: impl Fn(&T, &mut String),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        write(item, out);
    }
    out.push(close);
}

fn lines<T>(
    out: &mut String,
    open: char,
    close: char,
    items: &[T],
    depth: usize,
    write: impl Fn(&T, &mut String),
) {
    out.push(open);
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index > 0 { ",\n" } else { "\n" });
        out.push_str(&INDENT.repeat(depth.saturating_add(1)));
        write(item, out);
    }
    out.push('\n');
    out.push_str(&INDENT.repeat(depth));
    out.push(close);
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    let mut bytes = Vec::new();
    // A vector takes all that is written.
    let _ = Writer::new(&mut bytes).string(text);
    let quoted = String::from_utf8(bytes).unwrap_or_default();
    if !quoted.contains(is_unsafe) {
        return quoted;
    }
    quoted.chars().fold(String::new(), |mut safe, one| {
        if is_unsafe(one) {
            safe.push_str(&alloc::format!("\\u{:04x}", u32::from(one)));
        } else {
            safe.push(one);
        }
        safe
    })
}

/// What JSON leaves as it is and a terminal may obey: controls behind ASCII, line separators, and
/// marks of direction (SUIT UM §3.3: shown "in a manner that prevents markup, control-code, log, or
/// user-interface injection").
fn is_unsafe(one: char) -> bool {
    one.is_control()
        || matches!(
            one,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| alloc::format!("{byte:02x}")).collect()
}
