//! Bytes as source code.

const BYTES_IN_A_LINE: usize = 12;

/// A constant array in C, with its length.
pub(super) fn c(name: &str, bytes: &[u8]) -> String {
    format!(
        "#include <stdint.h>\n\nstatic const uint8_t {name}[{}] = {{\n{}}};\n",
        bytes.len(),
        lines(bytes)
    )
}

/// A constant array in Rust.
pub(super) fn rust(name: &str, bytes: &[u8]) -> String {
    format!("pub const {name}: [u8; {}] = [\n{}];\n", bytes.len(), lines(bytes))
}

fn lines(bytes: &[u8]) -> String {
    let line = |chunk: &[u8]| {
        let items: Vec<String> = chunk.iter().map(|byte| format!("0x{byte:02x},")).collect();
        format!("    {}\n", items.join(" "))
    };
    bytes.chunks(BYTES_IN_A_LINE).map(line).collect()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
