//! Reading and writing files; `-` is standard input or output.

use std::fs::OpenOptions;
use std::io::{self, IsTerminal as _, Read, Write as _};

use crate::failure::Failure;

const STANDARD: &str = "-";

const OWNER: u32 = 0o600;
const EVERYONE: u32 = 0o666;

/// The most that is read of one input: 256 MiB.
const LIMIT: u64 = 256 << 20;

/// All of a file.
pub(crate) fn read(name: &str) -> Result<Vec<u8>, Failure> {
    let result = if name == STANDARD {
        read_all(io::stdin().lock())
    } else {
        std::fs::File::open(name).and_then(read_all)
    };
    match result {
        Ok(bytes) if u64::try_from(bytes.len()).is_ok_and(|length| length > LIMIT) => {
            Err(Failure::unusable(name, format_args!("it is longer than {LIMIT} bytes")))
        }
        Ok(bytes) => Ok(bytes),
        Err(error) => Err(Failure::unusable(name, error)),
    }
}

fn read_all(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(LIMIT.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Writes a new file that only its owner can read, or to standard output. No file is overwritten,
/// and nothing unprintable goes to a terminal.
pub(crate) fn write_new(name: &str, bytes: &[u8], is_text: bool) -> Result<(), Failure> {
    write(name, bytes, is_text, OWNER)
}

/// The same for what is no secret.
pub(crate) fn write_public(name: &str, bytes: &[u8]) -> Result<(), Failure> {
    write(name, bytes, false, EVERYONE)
}

fn write(name: &str, bytes: &[u8], is_text: bool, mode: u32) -> Result<(), Failure> {
    if name != STANDARD {
        return create(name, bytes, mode).map_err(|error| Failure::unusable(name, error));
    }
    if !is_text && io::stdout().is_terminal() {
        let reason = "binary output does not go to a terminal; name a file with --out";
        return Err(Failure::unusable("standard output", reason));
    }
    print(bytes)
}

/// Writes to standard output.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut output = io::stdout().lock();
    match output.write_all(bytes).and_then(|()| output.flush()) {
        // Whoever read it has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::unusable("standard output", error)),
        Ok(()) => Ok(()),
    }
}

/// Makes a file that is there with all of its content or not at all.
fn create(name: &str, bytes: &[u8], mode: u32) -> io::Result<()> {
    if std::fs::exists(name)? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let beside = format!("{name}.{}.part", std::process::id());
    let result = fill(&beside, bytes, mode).and_then(|()| put(&beside, name));
    if result.is_err() {
        // What failed is told, not what came of cleaning up.
        let _ = std::fs::remove_file(&beside);
    }
    result
}

fn fill(name: &str, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    let mut file = options.open(name)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a file its name, if no other has it: linking never replaces one, as renaming would.
fn put(beside: &str, name: &str) -> io::Result<()> {
    match std::fs::hard_link(beside, name) {
        Ok(()) => std::fs::remove_file(beside),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Not every file system has links.
        Err(_) => std::fs::rename(beside, name),
    }
}
