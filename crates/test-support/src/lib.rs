//! What the tests of this workspace share: finding vectors, and counting heap allocations.

#![forbid(unsafe_code)]

use core::time::Duration;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::{env, fs, thread};

/// Environment variable that names the folder of vectors from other projects.
pub const VECTORS: &str = "IOTOPS_VECTORS";

/// The folder `testdata/` of this repository.
#[must_use]
pub fn testdata() -> PathBuf {
    repository().join("testdata")
}

/// The folder of vectors that are not part of the repository: `$IOTOPS_VECTORS`, or
/// `../shared/vectors` beside the checkout; `None`, with a word on standard error, without it.
#[must_use]
pub fn vectors(area: &str) -> Option<PathBuf> {
    let folder = env::var_os(VECTORS)
        .map_or_else(|| repository().join("../shared/vectors"), PathBuf::from)
        .join(area);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("vectors: {} is missing; set {VECTORS}; 0 files checked", folder.display());
    None
}

/// Environment variable that names a file to which [`report`] appends.
pub const REPORT: &str = "IOTOPS_VECTOR_REPORT";

/// Says how many vectors a test checked: on standard output, and in the file that `$IOTOPS_VECTOR_REPORT`
/// names, for the continuous build.
///
/// # Panics
/// If nothing was checked: the folder is there, so something must be.
pub fn report(test: &str, checked: usize) {
    let line = format!("vectors: {test}: {checked} checked");
    println!("{line}");
    if let Some(file) = env::var_os(REPORT) {
        let file = fs::OpenOptions::new().create(true).append(true).open(file);
        let written = file.and_then(|mut file| writeln!(file, "{line}"));
        assert!(written.is_ok(), "{written:?}");
    }
    assert!(checked > 0, "{test}: nothing was checked");
}

/// The files below `folder` whose names end with one of `endings`, sorted.
#[must_use]
pub fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(folder, endings, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, endings, found);
        } else if endings.iter().any(|ending| path.to_string_lossy().ends_with(ending)) {
            found.push(path);
        }
    }
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The allocator that counts; a test binary installs it as its global allocator.
pub use dhat::Alloc as CountingAllocator;

/// The number of heap allocations that `work` makes, and what it returns.
///
/// Only one may run at a time in a process, and the binary must have [`CountingAllocator`] as its
/// global allocator: without it every count would be 0, so a test also counts one that is not.
pub fn allocations<T>(work: impl FnOnce() -> T) -> (u64, T) {
    // The thread that runs the tests allocates, once, when it begins to wait for this one.
    static SETTLED: Once = Once::new();
    SETTLED.call_once(|| thread::sleep(Duration::from_millis(200)));
    let _profiler = dhat::Profiler::builder().testing().build();
    let before = dhat::HeapStats::get().total_blocks;
    let result = work();
    (dhat::HeapStats::get().total_blocks.saturating_sub(before), result)
}
