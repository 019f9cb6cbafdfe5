//! `iotops suit`.

mod catalogue;
mod create;
mod diff;
mod distribute;
mod encrypt;
mod inspect;
mod lint;
mod needs;
mod process;
mod report;
mod select;
mod sign;
mod template;
mod verify;

use clap::{Args, Subcommand};
use iotops_wire::shape;
use suit_manifest::model::MudCodes;
use suit_manifest::shape::ENVELOPE;
use suit_manifest::{Error, Limits};

use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check signatures and all static rules of an envelope.
    Verify(verify::Arguments),
    /// Show what an envelope holds, without verifying anything.
    Inspect(inspect::Arguments),
    /// Run an envelope against a folder that plays the device.
    Process(process::Arguments),
    /// Verify the report of a device, print it, and replay it against the manifest.
    Report(report::Arguments),
    /// Make an envelope of a template; nobody has signed it yet.
    Create(create::Arguments),
    /// Print the manifest of an envelope as a template.
    Template(template::Arguments),
    /// Add a signature or MAC to an envelope.
    Sign(sign::Arguments),
    /// Put a MAC in the place of signatures that were verified.
    Wrap(sign::WrapArguments),
    /// Take severable elements and integrated payloads out of an envelope.
    Sever(distribute::SeverArguments),
    /// Put severed elements back that another copy of the envelope carries.
    Unsever(distribute::UnseverArguments),
    /// Put payloads into an envelope.
    Integrate(distribute::IntegrateArguments),
    /// Encrypt a payload to its recipients.
    Encrypt(encrypt::Arguments),
    /// Look for faults that no rule of the format forbids.
    Lint(lint::Arguments),
    /// List what a device will need to fetch.
    Needs(needs::Arguments),
    /// List what changed between two manifests.
    Diff(diff::Arguments),
    /// Choose, of many envelopes, the newest that is for a device.
    Select(select::Arguments),
    /// Sign or check a catalogue of current envelopes.
    #[command(subcommand)]
    Catalogue(catalogue::Command),
}

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Verify(arguments) => verify::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Process(arguments) => process::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Create(arguments) => create::run(&arguments),
        Command::Template(arguments) => template::run(&arguments),
        Command::Sign(arguments) => sign::run(&arguments),
        Command::Wrap(arguments) => sign::wrap(&arguments),
        Command::Sever(arguments) => distribute::sever(&arguments),
        Command::Unsever(arguments) => distribute::unsever(&arguments),
        Command::Integrate(arguments) => distribute::integrate(&arguments),
        Command::Encrypt(arguments) => encrypt::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Needs(arguments) => needs::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Select(arguments) => select::run(&arguments),
        Command::Catalogue(command) => catalogue::run(command),
    }
}

/// What must be agreed on, because no registry has it.
#[derive(Debug, Args)]
struct Agreed {
    /// The codes of the MUD element (draft-ietf-suit-mud), of the URL and of the thumbprint in it.
    /// None are allocated: without them the element is refused.
    #[arg(long, value_name = "ELEMENT,URL,THUMBPRINT", allow_hyphen_values = true, value_parser = codes)]
    mud_codes: Option<MudCodes>,
}

impl Agreed {
    fn limits(&self) -> Limits {
        self.mud_codes.map_or_else(Limits::default, |codes| Limits::default().with_mud(codes))
    }
}

fn codes(text: &str) -> Result<MudCodes, String> {
    let codes: Result<Vec<i64>, _> = text.split(',').map(str::parse).collect();
    match codes.as_deref() {
        Ok(&[element, url, thumbprint]) => Ok(MudCodes::new(element, url, thumbprint)),
        _ => Err("three numbers must be given, with commas between them".into()),
    }
}

/// The sentence of an error, and the path of what it is about.
fn explain(error: Error, bytes: &[u8]) -> String {
    let path = shape::path(bytes, &ENVELOPE, error.place().offset());
    if path.is_empty() { error.to_string() } else { format!("{error}, in {path}") }
}

/// An envelope is not what it must be.
fn rejected(name: &str, error: Error, bytes: &[u8]) -> Failure {
    Failure::Rejected(format!("{name}: {}", explain(error, bytes)))
}

/// Said before what comes of a document that no key was asked about.
fn warn() {
    eprintln!("NOT VERIFIED: nothing of this was checked against any key");
}
