//! What the tests of this workspace share: finding vectors, and counting heap allocations.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::{env, fs};

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

/// Says how many vector files a test checked, in a line that the continuous build looks for.
pub fn report(test: &str, checked: usize) {
    println!("vectors: {test}: {checked} files checked");
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
    let _profiler = dhat::Profiler::builder().testing().build();
    let before = dhat::HeapStats::get().total_blocks;
    let result = work();
    (dhat::HeapStats::get().total_blocks.saturating_sub(before), result)
}
