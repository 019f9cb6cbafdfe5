//! `iotops suit report`: what a device says that it did, and whether that can be.

use clap::{Args, ValueEnum};
use iotops_crypto::Verifier;
use iotops_wire::Finding;
use iotops_wire::shape::{self, Shape};
use serde_json::{Value, json};
use suit_manifest::process::{Procedure, Tree};
use suit_manifest::report::{ProtectedReport, Replay, Report, VerifiedReport};
use suit_manifest::shape::{ENVELOPE, PROTECTED_REPORT};
use suit_manifest::{Envelope, Error, Policy, rules};

use super::process::Choice;
use super::warn;
use crate::failure::Failure;
use crate::files;
use crate::key::KeyFile;

/// Components and sequences of a replay, dependencies, and bytes for the envelopes of these.
const COMPONENTS: usize = 64;
const DEPTH: usize = 16;
const DEPENDENCIES: usize = 8;
const ARENA: usize = 1 << 20;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 if the report is acceptable and contradicts nothing, 1 if not, 2 usage or input
and output. Without --key nothing is verified.

Examples:
  iotops suit report --key device.pem report.cbor
  iotops suit report --key device.pem --manifest update.suit --manifest-key author.pem report.cbor
  iotops suit report --format json report.cbor"
)]
pub(crate) struct Arguments {
    /// The report; - is standard input.
    file: String,
    /// A key of the device, as for verify. May be given several times.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// The envelope that was run: the report is replayed against its manifest.
    #[arg(long, value_name = "ENVELOPE", requires = "manifest_keys")]
    manifest: Option<String>,
    /// A trusted key of the author, also for dependencies. May be given several times.
    #[arg(long = "manifest-key", value_name = "KEY", requires = "manifest")]
    manifest_keys: Vec<String>,
    /// The envelope of a dependency that the device fetched. May be given several times.
    #[arg(long = "dependency", value_name = "ENVELOPE", requires = "manifest")]
    dependencies: Vec<String>,
    /// What was run.
    #[arg(long, value_enum, default_value = "update")]
    procedure: Choice,
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
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
    let keys = load(&arguments.keys)?;
    let bytes = files::read(&arguments.file)?;
    let report = open(&bytes, &keys).map_err(|error| rejected(arguments, error, &bytes))?;
    if report.key().is_none() {
        warn();
    }
    let told = match &arguments.manifest {
        Some(name) => replay(arguments, name, &report)?,
        None => Told::default(),
    };
    show(arguments, &bytes, &report, &told)?;
    if told.contradictions.is_empty() && told.lacks.is_empty() {
        Ok(())
    } else {
        Err(Failure::Found)
    }
}

/// What came of the manifest.
#[derive(Default)]
struct Told {
    /// With their places in the report.
    contradictions: Vec<Finding>,
    /// What the device says that it cannot do, with the places in the envelope.
    lacks: Vec<Finding>,
    envelope: Vec<u8>,
}

fn load(names: &[String]) -> Result<Vec<KeyFile>, Failure> {
    names.iter().map(|name| KeyFile::load(name)).collect()
}

fn verifiers(keys: &[KeyFile]) -> Vec<&dyn Verifier> {
    keys.iter().map(KeyFile::verifier).collect()
}

/// The report, verified if there are keys; a report without a container cannot be verified.
fn open<'a>(bytes: &'a [u8], keys: &[KeyFile]) -> Result<VerifiedReport<'a>, Error> {
    let is_bare = matches!(bytes.first(), Some(0xa0..=0xbf));
    if is_bare && keys.is_empty() {
        return Ok(Report::decode_unverified(bytes)?.authenticated_by_channel());
    }
    let protected = ProtectedReport::decode(bytes)?;
    if keys.is_empty() {
        return Ok(protected.unverified()?.authenticated_by_channel());
    }
    protected.verify(&verifiers(keys))
}

fn rejected(arguments: &Arguments, error: Error, bytes: &[u8]) -> Failure {
    let path = shape::path(bytes, &PROTECTED_REPORT, error.place().offset());
    let place = if path.is_empty() { String::new() } else { format!(", in {path}") };
    Failure::Rejected(format!("{}: {error}{place}", arguments.file))
}

/// Runs the manifest again.
fn replay(arguments: &Arguments, name: &str, report: &VerifiedReport<'_>) -> Result<Told, Failure> {
    let keys = load(&arguments.manifest_keys)?;
    let (keys, bytes) = (verifiers(&keys), files::read(name)?);
    let failed = |error| Failure::Rejected(format!("{name}: {error}"));
    let manifest = Envelope::decode(&bytes)
        .and_then(|envelope| envelope.authenticate(&keys)?.validate())
        .map_err(failed)?;
    let dependencies: Vec<Vec<u8>> =
        arguments.dependencies.iter().map(|name| files::read(name)).collect::<Result<_, _>>()?;
    let dependencies: Vec<&[u8]> = dependencies.iter().map(Vec::as_slice).collect();
    let (mut loaded, mut arena) = ([None; DEPENDENCIES], vec![0; ARENA]);
    let mut tree = Tree::with_dependencies(manifest, &mut loaded, &mut arena, &keys, Policy::Any);
    let procedure: Procedure = arguments.procedure.procedure();
    let replay = Replay::new(procedure).with_envelopes(&dependencies);
    let contradictions = replay.findings::<COMPONENTS, DEPTH>(report, &mut tree).map_err(failed)?;
    let mut lacks = Vec::new();
    if let Some(capabilities) = report.report().capabilities() {
        capabilities.check(&manifest, &mut |finding| lacks.push(finding));
    }
    Ok(Told { contradictions, lacks, envelope: bytes })
}

fn show(
    arguments: &Arguments,
    bytes: &[u8],
    report: &VerifiedReport<'_>,
    told: &Told,
) -> Result<(), Failure> {
    let mut text = match arguments.format {
        Format::Text => shape::outline(bytes, &PROTECTED_REPORT),
        Format::Json => json(arguments, bytes, report, told),
        Format::Edn => shape::edn(bytes, &PROTECTED_REPORT),
        Format::Hex => shape::hex(bytes, &PROTECTED_REPORT),
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    if arguments.format != Format::Json {
        text.push_str(&verdict(arguments, report));
        if arguments.manifest.is_some() && told.contradictions.is_empty() {
            text.push_str("nothing in it contradicts the manifest\n");
        }
        let places = (bytes, &PROTECTED_REPORT);
        text.extend(told.contradictions.iter().map(|one| line(*one, places)));
        text.extend(told.lacks.iter().map(|one| line(*one, (&told.envelope, &ENVELOPE))));
    }
    files::print(text.as_bytes())
}

fn verdict(arguments: &Arguments, report: &VerifiedReport<'_>) -> String {
    let by = report.key().and_then(|key| arguments.keys.get(key));
    let algorithm = report.algorithm().map_or("", |algorithm| algorithm.name());
    let verified = by.map(|key| format!("verified by {key}, {algorithm}\n"));
    let dropped = report.report().dropped();
    let short =
        if dropped > 0 { format!("records without room: {dropped}\n") } else { String::new() };
    format!("{}{short}", verified.unwrap_or_default())
}

fn line(finding: Finding, (bytes, shape): (&[u8], &Shape)) -> String {
    let offset = finding.place().offset();
    let path = shape::path(bytes, shape, offset);
    let Some(row) = rules::row(finding.rule()) else { return String::new() };
    format!("{}: {} ({}) at byte {offset}, in {path}\n", row.name, row.sentence, row.section)
}

fn json(arguments: &Arguments, bytes: &[u8], report: &VerifiedReport<'_>, told: &Told) -> String {
    let document = shape::json(bytes, &PROTECTED_REPORT);
    let verified = report.key().map_or("null", |_| "true");
    let list = |findings: &[Finding], places: (&[u8], &Shape)| {
        let all = findings.iter().map(|finding| object(*finding, places));
        json!(arguments.manifest.as_ref().map(|_| all.collect::<Vec<Value>>()))
    };
    let contradictions = list(&told.contradictions, (bytes, &PROTECTED_REPORT));
    let lacks = list(&told.lacks, (&told.envelope, &ENVELOPE));
    let dropped = report.report().dropped();
    format!(
        "{{\"schema_version\": 1, \"verified\": {verified}, \"dropped\": {dropped}, \
         \"contradictions\": {contradictions}, \"lacks\": {lacks}, \"document\": {document}}}"
    )
}

fn object(finding: Finding, (bytes, shape): (&[u8], &Shape)) -> Value {
    let offset = finding.place().offset();
    let row = rules::row(finding.rule());
    json!({
        "rule": finding.rule().number(),
        "name": row.map(|row| row.name),
        "section": row.map(|row| row.section),
        "sentence": row.map(|row| row.sentence),
        "offset": offset,
        "path": shape::path(bytes, shape, offset),
    })
}
