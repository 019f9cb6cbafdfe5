//! `iotops suit lint`.

use clap::{Args, ValueEnum};
use iotops_wire::{Finding, shape};
use serde_json::{Value, json};
use suit_manifest::author::lint_within;
use suit_manifest::rules;
use suit_manifest::shape::ENVELOPE;

use super::{Agreed, rejected, warn};
use crate::failure::Failure;
use crate::files;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 without findings, 1 with findings or for an envelope that is not
acceptable, 2 usage or input and output.

Examples:
  iotops suit lint update.suit
  iotops suit lint --format json update.suit"
)]
pub(crate) struct Arguments {
    /// The envelope; - is standard input.
    file: String,
    #[command(flatten)]
    agreed: Agreed,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// How to report.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// A JSON object.
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bytes = files::read(&arguments.file)?;
    warn();
    let mut findings = Vec::new();
    lint_within(&bytes, arguments.agreed.limits(), &mut |finding| findings.push(finding))
        .map_err(|error| rejected(&arguments.file, error, &bytes))?;
    let text = match arguments.format {
        Format::Text => findings.iter().map(|finding| line(*finding, &bytes)).collect(),
        Format::Json => {
            let findings: Vec<Value> = findings.iter().map(|one| object(*one, &bytes)).collect();
            format!("{:#}\n", json!({ "schema_version": 1, "findings": findings }))
        }
    };
    files::print(text.as_bytes())?;
    if findings.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

fn line(finding: Finding, bytes: &[u8]) -> String {
    let offset = finding.place().offset();
    let path = shape::path(bytes, &ENVELOPE, offset);
    let Some(row) = rules::row(finding.rule()) else { return String::new() };
    format!("{}: {} ({}) at byte {offset}, in {path}\n", row.name, row.sentence, row.section)
}

fn object(finding: Finding, bytes: &[u8]) -> Value {
    let offset = finding.place().offset();
    let row = rules::row(finding.rule());
    json!({
        "rule": finding.rule().number(),
        "name": row.map(|row| row.name),
        "section": row.map(|row| row.section),
        "sentence": row.map(|row| row.sentence),
        "offset": offset,
        "path": shape::path(bytes, &ENVELOPE, offset),
    })
}
