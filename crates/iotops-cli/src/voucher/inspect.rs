//! `iotops voucher inspect`.

use brski_voucher::rules;
use clap::Args;
use iotops_wire::Finding;

use super::document::{decode, scratch, word};
use crate::failure::Failure;
use crate::files;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 if it can be read, with its deviations listed; 1 if nothing sound can be
read; 2 usage or input and output.

Examples:
  iotops voucher inspect voucher.vcj
  iotops voucher inspect - < request.vch"
)]
pub(crate) struct Arguments {
    /// The document, in CMS, JWS or COSE; - is standard input.
    file: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bytes = files::read(&arguments.file)?;
    eprintln!("NOT VERIFIED: nothing of this was checked against any key");
    let (mut space, mut findings) = (scratch(&bytes), Vec::new());
    let rejected = |error| Failure::Rejected(format!("{}: {error}", arguments.file));
    let mut tolerate = |finding| findings.push(finding);
    let document = decode(&bytes, &mut space, Some(&mut tolerate)).map_err(rejected)?;
    let contents = document.unverified();
    let value = contents.to_json().map_err(rejected)?;
    let value: serde_json::Value =
        serde_json::from_slice(&value).map_err(|error| Failure::unusable("output", error))?;
    let kind = word(contents.kind());
    let mut text =
        format!("{kind} in {:?}, {}\n", document.container(), document.container().media_type());
    text.push_str(&format!("{value:#}\n"));
    for finding in &findings {
        text.push_str(&line(finding));
    }
    files::print(text.as_bytes())
}

fn line(finding: &Finding) -> String {
    let Some(row) = rules::row(finding.rule()) else { return String::new() };
    format!("deviation: {}: {} ({})\n", row.name, row.sentence, row.section)
}
