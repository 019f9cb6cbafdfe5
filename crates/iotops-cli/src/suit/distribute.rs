//! `iotops suit sever`, `unsever` and `integrate`: the manifest and its signatures stay as they are.

use clap::Args;
use suit_manifest::author::Distribution;
use suit_manifest::model::Element;

use super::rejected;
use super::sign::write;
use crate::failure::Failure;
use crate::files;

/// What can be severed.
const SEVERABLE: [(&str, Element); 6] = [
    ("text", Element::Text),
    ("coswid", Element::Coswid),
    ("dependency-resolution", Element::DependencyResolution),
    ("payload-fetch", Element::PayloadFetch),
    ("candidate-verification", Element::CandidateVerification),
    ("install", Element::Install),
];

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops suit sever --out small.suit update.suit
  iotops suit sever --element text,install --payload '#app.bin' --out small.suit update.suit")]
pub(crate) struct SeverArguments {
    /// The envelope; - is standard input.
    file: String,
    /// The elements to take out: all that are there unless some are named.
    #[arg(long = "element", value_delimiter = ',', value_parser = element)]
    elements: Vec<Element>,
    /// The URI of an integrated payload to take out.
    #[arg(long = "payload", value_name = "URI")]
    payloads: Vec<String>,
    /// The file to write, which must not exist; - is standard output.
    #[arg(short, long)]
    out: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops suit unsever --from update.suit --out whole.suit small.suit")]
pub(crate) struct UnseverArguments {
    /// The envelope; - is standard input.
    file: String,
    /// An envelope with the same manifest, which carries more.
    #[arg(long)]
    from: String,
    /// The file to write, which must not exist; - is standard output.
    #[arg(short, long)]
    out: String,
}

#[derive(Debug, Args)]
#[command(
    after_help = "The manifest must fetch from the URI, and the payload have the digest and size that it
gives.

Examples:
  iotops suit integrate --payload http://example.com/file.bin=file.bin --out whole.suit update.suit"
)]
pub(crate) struct IntegrateArguments {
    /// The envelope; - is standard input.
    file: String,
    /// A URI, and the file that it gives; the last = stands between them.
    #[arg(long = "payload", value_name = "URI=FILE", required = true, value_parser = pair)]
    payloads: Vec<(String, String)>,
    /// The file to write, which must not exist; - is standard output.
    #[arg(short, long)]
    out: String,
}

fn element(name: &str) -> Result<Element, String> {
    let found = SEVERABLE.iter().find(|(known, _)| *known == name);
    let names: Vec<&str> = SEVERABLE.iter().map(|(known, _)| *known).collect();
    found
        .map(|(_, element)| *element)
        .ok_or_else(|| format!("it must be one of {}", names.join(", ")))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (uri, file) = text.rsplit_once('=').ok_or("a URI and = must come first")?;
    Ok((uri.into(), file.into()))
}

fn open(name: &str) -> Result<Distribution, Failure> {
    let bytes = files::read(name)?;
    Distribution::open(&bytes).map_err(|error| rejected(name, error, &bytes))
}

pub(crate) fn sever(arguments: &SeverArguments) -> Result<(), Failure> {
    let mut envelope = open(&arguments.file)?;
    let is_all = arguments.elements.is_empty() && arguments.payloads.is_empty();
    for (name, element) in SEVERABLE {
        if is_all {
            // What is not there need not be taken out.
            let _ = envelope.sever(element);
        } else if arguments.elements.contains(&element) {
            envelope.sever(element).map_err(|error| told(name, error))?;
        }
    }
    for uri in &arguments.payloads {
        envelope.remove(uri).map_err(|error| told(uri, error))?;
    }
    write(&arguments.out, &envelope)
}

pub(crate) fn unsever(arguments: &UnseverArguments) -> Result<(), Failure> {
    let mut envelope = open(&arguments.file)?;
    let mut whole = open(&arguments.from)?;
    if whole.to_be_signed() != envelope.to_be_signed() {
        let reason = "it is an envelope of another manifest";
        return Err(Failure::Rejected(format!("{}: {reason}", arguments.from)));
    }
    for (name, element) in SEVERABLE {
        let mut without = envelope.clone();
        if let (Ok(content), Err(_)) = (whole.sever(element), without.sever(element)) {
            envelope.unsever(element, &content).map_err(|error| told(name, error))?;
        }
    }
    write(&arguments.out, &envelope)
}

pub(crate) fn integrate(arguments: &IntegrateArguments) -> Result<(), Failure> {
    let mut envelope = open(&arguments.file)?;
    for (uri, file) in &arguments.payloads {
        let content = files::read(file)?;
        envelope.integrate(uri, &content).map_err(|error| told(uri, error))?;
    }
    write(&arguments.out, &envelope)
}

/// What cannot be done with one element or payload: no place of it is worth telling.
fn told(subject: &str, error: suit_manifest::Error) -> Failure {
    let text = match error.row() {
        Some(row) => format!("{subject}: {} ({})", row.sentence, row.section),
        None => format!("{subject}: {error}"),
    };
    Failure::Rejected(text)
}
