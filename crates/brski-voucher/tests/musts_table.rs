//! MUSTS.md: every test that it names exists, and no row is empty.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests may panic and index"
)]

extern crate alloc;

use alloc::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of the table under a heading, head and rule left out.
fn rows<'a>(document: &'a str, heading: &str) -> Vec<[&'a str; 3]> {
    let (_, section) = document.split_once(&format!("\n## {heading}\n")).expect(heading);
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let lines = section.lines().filter(|line| line.starts_with('|'));
    lines
        .skip(2)
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            <[&str; 3]>::try_from(cells).unwrap_or_else(|_| panic!("not three cells: {line}"))
        })
        .collect()
}

/// The names of the functions of a file that are tests: `#[test]` stands before each.
fn tests(file: &str) -> BTreeSet<String> {
    let text = read(file);
    let mut found = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line == "#[test]" {
            is_test = true;
        } else if let Some((name, _)) =
            line.strip_prefix("fn ").and_then(|rest| rest.split_once('('))
        {
            if is_test {
                found.insert(name.to_owned());
            }
            is_test = false;
        }
    }
    found
}

#[test]
fn every_clause_has_a_test_that_exists() {
    let document = read("MUSTS.md");
    let mut files: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut named = BTreeSet::new();
    let rows = rows(&document, "What we claim");
    for [clause, what, cell] in &rows {
        assert!(!clause.is_empty() && !what.is_empty(), "{clause} {what}");
        assert!(!cell.is_empty(), "no test: {clause}: {what}");
        for one in cell.split(", ") {
            let one = one.strip_prefix('`').and_then(|one| one.strip_suffix('`'));
            let place = one.and_then(|one| one.split_once("::"));
            let (file, function) = place.unwrap_or_else(|| panic!("no place: {cell}"));
            let tests = files.entry(file.to_owned()).or_insert_with(|| tests(file));
            assert!(tests.contains(function), "{clause}: there is no test {file}::{function}");
            named.insert((file.to_owned(), function.to_owned()));
        }
    }
    println!("clauses: {}; tests named: {}", rows.len(), named.len());
    assert!(rows.len() >= 25, "{}", rows.len());
}

#[test]
fn what_is_left_out_has_a_reason() {
    let document = read("MUSTS.md");
    let rows = rows(&document, "What we do not claim");
    assert!(!rows.is_empty());
    for row in &rows {
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
    }
}
