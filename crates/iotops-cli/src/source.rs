//! Bytes as source code and as text.

const BYTES_IN_A_LINE: usize = 12;

/// A constant array in C, with its length.
pub(crate) fn c(name: &str, bytes: &[u8]) -> String {
    format!(
        "#include <stdint.h>\n\nstatic const uint8_t {name}[{}] = {{\n{}}};\n",
        bytes.len(),
        lines(bytes)
    )
}

/// A constant array in Rust.
pub(crate) fn rust(name: &str, bytes: &[u8]) -> String {
    format!("pub const {name}: [u8; {}] = [\n{}];\n", bytes.len(), lines(bytes))
}

fn lines(bytes: &[u8]) -> String {
    let line = |chunk: &[u8]| {
        let items: Vec<String> = chunk.iter().map(|byte| format!("0x{byte:02x},")).collect();
        format!("    {}\n", items.join(" "))
    };
    bytes.chunks(BYTES_IN_A_LINE).map(line).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of hexadecimal text.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(digit).collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    let byte = |[high, low]: &[u8; 2]| high << 4 | low;
    rest.is_empty().then(|| pairs.iter().map(byte).collect())
}

fn digit(character: char) -> Option<u8> {
    u8::try_from(character.to_digit(16)?).ok()
}

/// Whether `text` is an identifier in C and Rust.
pub(crate) fn identifier(text: &str) -> Result<String, String> {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_part = |c: char| is_start(c) || c.is_ascii_digit();
    if text.starts_with(is_start) && text.chars().all(is_part) {
        return Ok(text.into());
    }
    Err("it must be letters, digits and underscores, and not begin with a digit".into())
}
