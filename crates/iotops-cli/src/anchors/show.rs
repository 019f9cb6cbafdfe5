//! `iotops anchors show`.

use clap::{Args, ValueEnum};
use iotops_crypto::anchor::{Anchor, AnchorState, Material, Purpose, Purposes};
use iotops_crypto::key::KeyType;
use iotops_wire::Time;
use serde_json::{Value, json};

use super::decode;
use crate::failure::Failure;
use crate::{files, source};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops anchors show product-7.anchors
  iotops anchors show --format c --name ANCHORS product-7.anchors > anchors.h")]
pub(crate) struct Arguments {
    /// A set, or the state of a device.
    file: String,
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The name of the constant in source code.
    #[arg(long, default_value = "TRUST_ANCHORS", value_parser = source::identifier)]
    name: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// The set as an array in C.
    C,
    /// The set as a constant in Rust.
    Rust,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bytes = files::read(&arguments.file)?;
    let state = decode(&arguments.file, &bytes)?;
    let set = state.set().as_bytes();
    let shown = match arguments.format {
        Format::Text => text(&state),
        Format::Json => format!("{:#}\n", report(&state)),
        Format::C => source::c(&arguments.name, set),
        Format::Rust => source::rust(&arguments.name, set),
    };
    files::print(shown.as_bytes())
}

/// The report that both forms show.
fn report(state: &AnchorState<'_>) -> Value {
    let set = state.set();
    let anchors: Vec<Value> =
        state.anchors().map(|(anchor, confirmed)| entry(&anchor, confirmed)).collect();
    json!({
        "schema_version": 1,
        "set": name(set.identifier()),
        "number": set.number(),
        "sha256": source::hex(&set.digest()),
        "bytes": set.as_bytes().len(),
        "anchors": anchors,
    })
}

/// Text as text, other bytes in hexadecimal.
fn name(identifier: &[u8]) -> String {
    match core::str::from_utf8(identifier) {
        Ok(text) if !text.chars().any(char::is_control) => text.into(),
        _ => source::hex(identifier),
    }
}

fn entry(anchor: &Anchor<'_>, confirmed: bool) -> Value {
    let (first, last) = anchor.sequence();
    let (not_before, not_after) = anchor.time();
    json!({
        "id": anchor.id().to_string(),
        "kind": kind(anchor),
        "purposes": names(anchor.purposes()),
        "prefixes": prefixes(anchor),
        "updates": names(anchor.updates()),
        "recovers": names(anchor.recovers()),
        "first": first,
        "last": last,
        "not_before": not_before.map(Time::unix),
        "not_after": not_after.map(Time::unix),
        "confirmed": confirmed,
    })
}

fn kind(anchor: &Anchor<'_>) -> &'static str {
    match (anchor.material(), anchor.key().map(|key| key.key_type())) {
        (Material::Key(_), Some(KeyType::Es256)) => "P-256 key",
        (Material::Key(_), Some(KeyType::Ed25519)) => "Ed25519 key",
        (Material::SpkiHash(_), _) => "SPKI hash",
        (Material::Certificate(_), _) => "certificate",
        (Material::Authority { .. }, _) => "authority",
        _ => "key",
    }
}

fn names(purposes: Purposes) -> Vec<&'static str> {
    purposes.iter().map(Purpose::name).collect()
}

fn prefixes(anchor: &Anchor<'_>) -> Vec<String> {
    let dotted = |parts: Vec<&[u8]>| {
        parts.iter().map(|part| source::hex(part)).collect::<Vec<_>>().join(".")
    };
    anchor.prefixes().iter().map(|parts| dotted(parts.collect())).collect()
}

/// The members of a report, and those of an anchor, in the order of the text.
const OF_SET: [&str; 4] = ["set", "number", "sha256", "bytes"];
const OF_ANCHOR: [&str; 11] = [
    "id",
    "kind",
    "purposes",
    "prefixes",
    "updates",
    "recovers",
    "first",
    "last",
    "not_before",
    "not_after",
    "confirmed",
];

/// A line for each member that says something.
fn text(state: &AnchorState<'_>) -> String {
    let report = report(state);
    let mut shown = lines(&report, &OF_SET);
    for anchor in report.get("anchors").and_then(Value::as_array).into_iter().flatten() {
        shown.push('\n');
        shown.push_str(&lines(anchor, &OF_ANCHOR));
    }
    shown
}

fn lines(value: &Value, order: &[&str]) -> String {
    let line = |name: &&str| {
        let text = match value.get(name)? {
            Value::Null => return None,
            Value::Array(list) => {
                list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
            }
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        (!text.is_empty()).then(|| format!("{name:<12}{text}\n"))
    };
    order.iter().filter_map(line).collect()
}
