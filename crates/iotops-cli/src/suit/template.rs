//! `iotops suit template`.

use clap::Args;
use suit_manifest::author::decompose_within;

use super::{Agreed, rejected, warn};
use crate::failure::Failure;
use crate::files;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops suit template update.suit > update.json")]
pub(crate) struct Arguments {
    /// The envelope; - is standard input.
    file: String,
    #[command(flatten)]
    agreed: Agreed,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bytes = files::read(&arguments.file)?;
    warn();
    let template = decompose_within(&bytes, arguments.agreed.limits())
        .map_err(|error| rejected(&arguments.file, error, &bytes))?;
    files::print(template.as_bytes())
}
