//! `iotops suit process`: runs an envelope against a folder that plays the device.

mod device;
mod journal;
mod power;
mod report;
mod store;
mod trace;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use iotops_crypto::Verifier;
use suit_manifest::process::{Engine, Options, Procedure, Step, Tree};
use suit_manifest::report::{NewReport, Recorder};
use suit_manifest::{Authenticated, Envelope, Manifest, Policy};

pub(super) use self::device::Device;
use self::journal::FileJournal;
pub(super) use self::power::Power;
use crate::failure::Failure;
use crate::files;
use crate::key::{KeyFile, RecipientFile};

/// Components of all manifests together.
pub(super) const COMPONENTS: usize = 64;
/// Sequences within each other.
pub(super) const DEPTH: usize = 16;
/// Dependencies.
const DEPENDENCIES: usize = 8;
/// Bytes for the records of a report.
const RECORDS: usize = 1 << 16;
/// Bytes for the envelopes of dependencies.
const ARENA: usize = 1 << 20;

#[derive(Debug, Args)]
#[command(after_help = "The device is a folder:
  DIR/device.json    what it is: {\"vendor\": [UUID, ...], \"class\": [UUID, ...], \"device\": [UUID, ...],
                     \"slots\": {COMPONENT: NUMBER}}; all members are optional
  DIR/components/    its components, a file each; parts of an identifier are joined by commas
  DIR/state/         the journal and the sequence number

Examples:
  iotops suit process --key author.pem --device DIR --payload http://example.com/file.bin=file.bin update.suit
  iotops suit process --key author.pem --device DIR --procedure invocation update.suit
  iotops suit process --key author.pem --device DIR --cut-power-after 5 update.suit
  iotops suit process --key author.pem --device DIR --report report.cbor --report-key device.pem update.suit")]
pub(crate) struct Arguments {
    /// The envelope; - is standard input.
    file: String,
    /// A trusted key, as for verify; also for dependencies. May be given several times.
    #[arg(long = "key", value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// A key of the device that payloads are encrypted for: a private key on P-256, x25519:FILE, or
    /// kek:FILE. May be given several times.
    #[arg(long = "decryption-key", value_name = "KEY")]
    decryption_keys: Vec<String>,
    /// The folder that plays the device.
    #[arg(long, value_name = "DIR")]
    device: PathBuf,
    /// What a fetch finds. May be given several times.
    #[arg(long = "payload", value_name = "URI=FILE", value_parser = payload)]
    payloads: Vec<(String, PathBuf)>,
    /// What to run.
    #[arg(long, value_enum, default_value = "update")]
    procedure: Choice,
    /// Let the power fail after so many changes; run again without to go on.
    #[arg(long, value_name = "N")]
    cut_power_after: Option<u32>,
    /// Write a report of the run to a new file, also of one that fails.
    #[arg(long, value_name = "FILE")]
    report: Option<String>,
    /// The private or MAC key of the device, which signs the report.
    #[arg(long, value_name = "KEY", requires = "report")]
    report_key: Option<String>,
    /// Let the report tell what the device can do.
    #[arg(long, requires = "report")]
    report_capabilities: bool,
    /// Take manifests whose shared sequence does not check vendor and class.
    #[arg(long)]
    without_identity_checks: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Choice {
    /// Fetch, install and validate.
    Update,
    /// Fetch only.
    Staging,
    /// Install and validate what was fetched.
    Installation,
    /// Validate, load and invoke.
    Invocation,
    /// Remove what was installed.
    Uninstall,
}

impl Choice {
    pub(super) const fn procedure(self) -> Procedure {
        match self {
            Self::Update => Procedure::Update,
            Self::Staging => Procedure::Staging,
            Self::Installation => Procedure::Installation,
            Self::Invocation => Procedure::Invocation,
            Self::Uninstall => Procedure::Uninstall,
        }
    }
}

fn payload(text: &str) -> Result<(String, PathBuf), String> {
    // A URI may hold "=" in its query; file names seldom do.
    let (uri, file) = text.rsplit_once('=').ok_or("it must be URI=FILE")?;
    Ok((uri.to_owned(), file.into()))
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let keys: Vec<KeyFile> =
        arguments.keys.iter().map(|name| KeyFile::load(name)).collect::<Result<_, _>>()?;
    let keys: Vec<&dyn Verifier> = keys.iter().map(KeyFile::verifier).collect();
    let bytes = files::read(&arguments.file)?;
    let rejected = |error| Failure::Rejected(format!("{}: {error}", arguments.file));
    let writer = report::Writer::new(arguments)?;
    let envelope = Envelope::decode(&bytes).map_err(rejected)?;
    match envelope.authenticate(&keys).and_then(Authenticated::validate) {
        Ok(manifest) => process(arguments, manifest, &keys, writer),
        Err(error) => {
            writer.write(&NewReport::refused(&envelope, error))?;
            Err(rejected(error))
        }
    }
}

fn process(
    arguments: &Arguments,
    manifest: Manifest<'_>,
    keys: &[&dyn Verifier],
    writer: report::Writer<'_>,
) -> Result<(), Failure> {
    let power = Power::new(arguments.cut_power_after);
    let mut records = vec![0; RECORDS];
    let recorder = Recorder::new(&mut records);
    let mut device = Device::open(&arguments.device, &arguments.payloads, &power, recorder)?;
    let mut journal = FileJournal::open(&arguments.device, &power);
    let (mut loaded, mut arena) = ([None; DEPENDENCIES], vec![0; ARENA]);
    let mut tree = Tree::with_dependencies(manifest, &mut loaded, &mut arena, keys, Policy::Any);
    let own = arguments.decryption_keys.iter().map(|name| RecipientFile::own(name));
    let own: Vec<RecipientFile> = own.collect::<Result<_, _>>()?;
    let own: Vec<_> = own.iter().filter_map(RecipientFile::key).collect();
    tree = tree.with_recipient_keys(&own);
    let mut options = Options::default();
    options.needs_identity_checks = !arguments.without_identity_checks;
    let mut engine = Engine::<COMPONENTS, DEPTH>::new();
    let procedure = arguments.procedure.procedure();
    let begun = engine.start(&tree, procedure, options, &mut device, &mut journal);
    let ended = begun.and_then(|()| engine.run(&mut tree, &mut device, &mut journal));
    if !power.is_off() && ended != Ok(Step::Pending) {
        let ended = ended.map(|_| ()).into();
        writer.write(&NewReport::of(&tree, device.recorder(), ended))?;
    }
    match ended {
        _ if power.is_off() => Err(Failure::Rejected(format!(
            "the power failed after {} changes; run again to go on",
            arguments.cut_power_after.unwrap_or_default()
        ))),
        Ok(Step::Done) => Ok(()),
        Ok(_) => Err(Failure::Rejected("the device did not answer".into())),
        Err(failure) => Err(Failure::Rejected(trace::explain(&arguments.file, &failure, &device))),
    }
}
