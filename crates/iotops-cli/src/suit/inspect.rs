//! `iotops suit inspect`: what is there, whoever made it.

use clap::{Args, ValueEnum};
use iotops_wire::cbor::Cursor;
use iotops_wire::shape::{self, Shape};
use suit_manifest::shape::ENVELOPE;

use crate::failure::Failure;
use crate::files;

/// The shape of a tagged, an untagged or a bare manifest.
const SHAPE: &Shape = &ENVELOPE;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops suit inspect update.suit
  iotops suit inspect --format edn update.suit
  cat update.suit | iotops suit inspect --format json -")]
pub(crate) struct Arguments {
    /// The envelope; - is standard input.
    file: String,
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// An outline for people.
    Text,
    /// A JSON object.
    Json,
    /// CBOR diagnostic notation with names.
    Edn,
    /// Annotated hexadecimal.
    Hex,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bytes = files::read(&arguments.file)?;
    eprintln!("NOT VERIFIED: nothing of this was checked against any key");
    let mut text = match arguments.format {
        Format::Text => shape::outline(&bytes, SHAPE),
        Format::Json => json(&bytes),
        Format::Edn => shape::edn(&bytes, SHAPE),
        Format::Hex => shape::hex(&bytes, SHAPE),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    files::print(text.as_bytes())?;
    match well_formed(&bytes) {
        Ok(()) => Ok(()),
        Err(error) => Err(Failure::Rejected(format!("{}: {error}", arguments.file))),
    }
}

fn json(bytes: &[u8]) -> String {
    let document = shape::json(bytes, SHAPE);
    format!("{{\"schema_version\": 1, \"verified\": null, \"document\": {document}}}")
}

/// The outermost item must be whole; what is wrong further in is shown where it stands.
fn well_formed(bytes: &[u8]) -> Result<(), iotops_wire::Error> {
    let mut cursor = Cursor::new(bytes)?;
    cursor.skip()?;
    cursor.end()
}
