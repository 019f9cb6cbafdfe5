//! Running the command as its user does.

#![allow(dead_code, unreachable_pub, reason = "not every test file uses all of it")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How a command ended.
pub struct Ended {
    pub status: i32,
    pub output: Vec<u8>,
    pub error: String,
}

/// Runs it in the folder of the repository.
pub fn iotops(arguments: &[&str]) -> Ended {
    iotops_with(arguments, b"")
}

pub fn iotops_with(arguments: &[&str], input: &[u8]) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_iotops"))
        .args(arguments)
        .current_dir(test_support::testdata().join(".."))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input);
    let ended = child.wait_with_output().unwrap();
    Ended {
        status: ended.status.code().unwrap(),
        output: ended.stdout,
        error: String::from_utf8(ended.stderr).unwrap(),
    }
}

impl Ended {
    pub fn text(&self) -> &str {
        core::str::from_utf8(&self.output).unwrap()
    }

    pub fn into_text(self) -> String {
        String::from_utf8(self.output).unwrap()
    }

    /// The output of a command that succeeded.
    pub fn ok(self) -> Vec<u8> {
        assert_eq!(self.status, 0, "{}", self.error);
        self.output
    }
}

/// A folder of this test alone.
pub fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
