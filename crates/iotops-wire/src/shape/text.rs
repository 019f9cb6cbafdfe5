//! Small writers that the printers share.

use alloc::string::{String, ToString};

/// Indentation stops here, so that output grows no faster than input.
const DEEPEST: usize = 24;

/// Two spaces for each level.
pub(super) fn indent(out: &mut String, level: usize) {
    for _ in 0..level.min(DEEPEST) {
        out.push_str("  ");
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn digits(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0x0f] {
            out.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
}

/// Bytes as EDN writes them.
pub(super) fn bytes(out: &mut String, bytes: &[u8]) {
    out.push_str("h'");
    digits(out, bytes);
    out.push('\'');
}

/// A text string in quotation marks, lawful in JSON and in EDN.
///
/// Controls are escaped, and so is what reorders or hides text on a terminal.
pub(super) fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_unprintable(character) => escape(out, character),
            _ => out.push(character),
        }
    }
    out.push('"');
}

fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// All of [`is_unprintable`] are in the first plane, so that one escape does.
fn escape(out: &mut String, character: char) {
    out.push_str("\\u");
    let [_, _, high, low] = u32::from(character).to_be_bytes();
    digits(out, &[high, low]);
}

/// The text of a byte string that could stand between single quotes in EDN.
pub(super) fn readable(bytes: &[u8]) -> Option<&str> {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'\'' | b'\\');
    let is_readable = !bytes.is_empty() && bytes.iter().all(is_plain);
    if is_readable { core::str::from_utf8(bytes).ok() } else { None }
}

/// -1 minus the argument.
pub(super) fn negative(argument: u64) -> i128 {
    !i128::from(argument)
}

/// A floating-point number with a point or an exponent, as EDN has it.
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        String::from("NaN")
    } else if number.is_infinite() {
        String::from(if number > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        alloc::format!("{number:?}")
    }
}

/// A simple value.
pub(super) fn simple(number: u8) -> String {
    match number {
        20 => String::from("false"),
        21 => String::from("true"),
        22 => String::from("null"),
        23 => String::from("undefined"),
        _ => alloc::format!("simple({number})"),
    }
}

/// A comment of EDN; the slash would end it.
pub(super) fn comment(out: &mut String, text: &str) {
    out.push_str("/ ");
    out.extend(text.chars().map(|character| if character == '/' { '-' } else { character }));
    out.push_str(" /");
}

/// An error, as the printers tell it.
pub(super) fn error(error: crate::Error) -> String {
    let mut out = String::from("error: ");
    out.push_str(&error.to_string());
    out
}
