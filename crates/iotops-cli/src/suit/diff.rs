//! `iotops suit diff`.

use clap::Args;
use iotops_wire::Input;
use serde_json::{Value, json};
use suit_manifest::author::{Change, diff};

use super::lint::Format;
use super::{rejected, warn};
use crate::failure::Failure;
use crate::files;

#[derive(Debug, Args)]
#[command(after_help = "Each change is told by its place in what `iotops suit template` prints.

Exit status: 0 if both say the same, 1 if not or for an envelope that is not acceptable, 2 usage or
input and output.

Examples:
  iotops suit diff 1.2.suit 1.3.suit")]
pub(crate) struct Arguments {
    /// The earlier envelope; - is standard input.
    before: String,
    /// The later one.
    after: String,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (before, after) = (files::read(&arguments.before)?, files::read(&arguments.after)?);
    warn();
    let changes = diff(&before, &after).map_err(|error| match error.place().input() {
        Input::Stored => rejected(&arguments.before, error.of(Input::Document), &before),
        _ => rejected(&arguments.after, error, &after),
    })?;
    let text = match arguments.format {
        Format::Text => changes.iter().map(|change| format!("{change}\n")).collect(),
        Format::Json => {
            let changes: Vec<Value> = changes.iter().map(object).collect();
            format!("{:#}\n", json!({ "schema_version": 1, "changes": changes }))
        }
    };
    files::print(text.as_bytes())?;
    if changes.is_empty() { Ok(()) } else { Err(Failure::Found) }
}

fn object(change: &Change) -> Value {
    let value = |text: &Option<String>| text.as_deref().map(serde_json::from_str::<Value>);
    let value = |text| value(text).and_then(Result::ok);
    json!({
        "path": change.path,
        "before": value(&change.before),
        "after": value(&change.after),
    })
}
