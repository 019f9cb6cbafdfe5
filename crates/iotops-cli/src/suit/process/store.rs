//! Files that are there in full or not at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file in the place of another.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let beside = with_suffix(path, "new");
    let mut file = File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// What stands before the token of a run in the name of a file that only this run needs.
const MARK: &str = "~";

/// A file beside another that only the run with this token needs.
pub(super) fn beside(path: &Path, what: &str, token: u32) -> PathBuf {
    with_suffix(path, &format!("{what}{MARK}{token}"))
}

/// Removes what only earlier runs needed.
pub(super) fn clear(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().contains(MARK) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// The name of the file of a component: its parts joined by commas; what is no plain name is in
/// hexadecimal behind a percent sign.
pub(super) fn name<'a>(path: impl Iterator<Item = &'a [u8]>) -> String {
    let parts: Vec<String> = path.map(part).collect();
    parts.join(",")
}

fn part(bytes: &[u8]) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    match core::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && !text.starts_with('.') && bytes.iter().all(is_plain) => {
            text.to_owned()
        }
        _ => format!("%{}", crate::source::hex(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn names_stay_in_their_folder() {
        let name = |parts: &[&[u8]]| name(parts.iter().copied());
        assert_eq!(name(&[b"app", b"core.bin"]), "app,core.bin");
        assert_eq!(name(&[&[0]]), "%00");
        assert_eq!(name(&[b"..", b"etc/passwd", b""]), "%2e2e,%6574632f706173737764,%");
    }
}
