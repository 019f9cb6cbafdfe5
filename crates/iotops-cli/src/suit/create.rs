//! `iotops suit create`: a template becomes an envelope.

use std::path::Path;

use clap::Args;
use iotops_wire::{Input, json};
use suit_manifest::Error;
use suit_manifest::author::compose_within;

use super::Agreed;
use crate::failure::Failure;
use crate::files;

#[derive(Debug, Args)]
#[command(
    after_help = "A template is JSON with the names that `iotops suit inspect` prints; `iotops suit
template` makes one of an envelope.

Examples:
  iotops suit create --template update.json --out update.suit
  iotops suit create --template update.json --payload app.bin=build/app-1.2.bin --out - |
    iotops suit sign --key author.pem --out update.suit -"
)]
pub(crate) struct Arguments {
    /// The template; - is standard input.
    #[arg(long)]
    template: String,
    /// The file that the template calls by this name. Others are looked for beside the template.
    #[arg(long = "payload", value_name = "NAME=FILE", value_parser = pair)]
    payloads: Vec<(String, String)>,
    #[command(flatten)]
    agreed: Agreed,
    /// The file to write, which must not exist; - is standard output.
    #[arg(short, long)]
    out: String,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, file) = text.split_once('=').ok_or("a name and = must come first")?;
    Ok((name.into(), file.into()))
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let template = files::read(&arguments.template)?;
    let mut failure = None;
    let mut file = |name: &str| match files::read(&arguments.find(name)) {
        Ok(content) => Some(content),
        Err(error) => {
            failure = Some(error);
            None
        }
    };
    let draft = compose_within(&template, arguments.agreed.limits(), &mut file);
    if let Some(failure) = failure {
        return Err(failure);
    }
    let envelope = draft.and_then(|draft| draft.envelope());
    let envelope = envelope.map_err(|error| {
        Failure::Rejected(format!("{}:{}", arguments.template, explain(error, &template)))
    })?;
    files::write_public(&arguments.out, &envelope)
}

impl Arguments {
    fn find(&self, name: &str) -> String {
        let given = self.payloads.iter().find(|(given, _)| given == name);
        if let Some((_, file)) = given {
            return file.clone();
        }
        let beside = Path::new(&self.template).with_file_name(name);
        beside.to_string_lossy().into_owned()
    }
}

/// Line, column and pointer of a fault in a template.
fn explain(error: Error, template: &[u8]) -> String {
    if error.place().input() != Input::Document {
        return format!(" {error}");
    }
    let offset = error.place().offset();
    let (position, pointer) = (json::position(template, offset), json::pointer(template, offset));
    let pointer = if pointer.is_empty() { "the template".into() } else { pointer };
    match error.row() {
        Some(row) => format!("{position}: {} ({}), in {pointer}", row.sentence, row.section),
        None => format!("{position}: {error}, in {pointer}"),
    }
}
