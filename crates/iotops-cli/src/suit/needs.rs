//! `iotops suit needs`.

use clap::Args;
use serde_json::{Value, json};
use suit_manifest::author::{Need, needs};
use suit_manifest::model::SuitDigest;

use super::lint::Format;
use super::{rejected, warn};
use crate::failure::Failure;
use crate::files;
use crate::source::hex;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops suit needs update.suit
  iotops suit needs --format json update.suit")]
pub(crate) struct Arguments {
    /// The envelope; - is standard input.
    file: String,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bytes = files::read(&arguments.file)?;
    warn();
    let needs = needs(&bytes).map_err(|error| rejected(&arguments.file, error, &bytes))?;
    let text = match arguments.format {
        Format::Text => needs.iter().map(line).collect(),
        Format::Json => {
            let needs: Vec<Value> = needs.iter().map(object).collect();
            format!("{:#}\n", json!({ "schema_version": 1, "needs": needs }))
        }
    };
    files::print(text.as_bytes())
}

fn digest(digest: &SuitDigest<'_>) -> String {
    format!("{} {}", digest.algorithm().name(), hex(digest.bytes()))
}

fn line(need: &Need<'_>) -> String {
    let what = match need.component {
        Some(component) => format!("{} component {component}", need.section.name()),
        None => format!("{} itself, which was severed", need.section.name()),
    };
    let uri = need.uri.unwrap_or("a place that is not set");
    let size = need.size.map(|size| format!(", {size} bytes")).unwrap_or_default();
    let digest = need.digest.map(|one| format!(", {}", digest(&one))).unwrap_or_default();
    let encrypted = if need.is_encrypted { ", encrypted" } else { "" };
    format!("{what}: {}{size}{digest}{encrypted}\n", printable(uri))
}

/// What stands in a manifest must not steer a terminal.
fn printable(text: &str) -> String {
    text.escape_debug().to_string()
}

fn object(need: &Need<'_>) -> Value {
    json!({
        "section": need.section.name(),
        "component": need.component,
        "uri": need.uri,
        "size": need.size,
        "digest": need.digest.map(|one| digest(&one)),
        "encrypted": need.is_encrypted,
    })
}
