//! `iotops suit catalogue`.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand};
use iotops_crypto::Verifier;
use iotops_wire::{Clock, Time, shape};
use suit_manifest::Envelope;
use suit_manifest::discover::{
    Catalogue, CatalogueBuilder, Entry, Freshness, LENGTH_OF_SEEN, Seen, VerifiedCatalogue,
    identities,
};
use suit_manifest::shape::CATALOGUE;

use super::{rejected, warn};
use crate::failure::Failure;
use crate::key::{self, KeyFile};
use crate::{files, source};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign a catalogue of envelopes.
    Create(CreateArguments),
    /// Show what a catalogue holds, without verifying anything.
    Show(ShowArguments),
    /// Check a catalogue as a device does, and print it.
    Verify(VerifyArguments),
}

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Create(arguments) => create(&arguments),
        Command::Show(arguments) => show(&arguments),
        Command::Verify(arguments) => verify(&arguments),
    }
}

#[derive(Debug, Args)]
#[command(
    after_help = "An envelope is listed for each vendor and class that its shared sequence names.

Examples:
  iotops suit catalogue create --number 12 --valid-for 604800 --sign publisher.pem --key author.pem \\
    --out suit-catalogue /fw/app.suit=app.suit"
)]
pub(crate) struct CreateArguments {
    /// Envelopes, each with the URI under which devices find it. Two with the same file are two
    /// places.
    #[arg(value_name = "URI=FILE", required = true)]
    envelopes: Vec<String>,
    /// The number of the catalogue: greater than that of every one before.
    #[arg(long)]
    number: u64,
    /// How long it is valid, in seconds from when it is issued.
    #[arg(long, value_name = "SECONDS")]
    valid_for: u64,
    /// When it is issued, in seconds since 1970; now if not given.
    #[arg(long, value_name = "SECONDS")]
    issued: Option<u64>,
    /// The private key that signs the catalogue.
    #[arg(long, value_name = "KEY")]
    sign: String,
    /// A key of which one must have signed each envelope. May be given several times.
    #[arg(long = "key", value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// The file to write, which must not exist; - is standard output.
    #[arg(short, long)]
    out: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops suit catalogue show suit-catalogue")]
pub(crate) struct ShowArguments {
    /// The catalogue; - is standard input.
    file: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops suit catalogue verify --key publisher-pub.pem --state seen.bin suit-catalogue")]
pub(crate) struct VerifyArguments {
    /// The catalogue; - is standard input.
    file: String,
    /// A trusted key of a publisher, as for suit verify. May be given several times.
    #[arg(long = "key", value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// What the device remembers: read if it is there, and written when the catalogue is taken.
    #[arg(long, value_name = "FILE")]
    state: Option<String>,
    /// The time, in seconds since 1970; that of the system if not given.
    #[arg(long, value_name = "SECONDS", conflicts_with = "no_clock")]
    now: Option<u64>,
    /// As a device that does not know the time.
    #[arg(long)]
    no_clock: bool,
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn keys(names: &[String]) -> Result<Vec<KeyFile>, Failure> {
    names.iter().map(|name| KeyFile::load(name)).collect()
}

fn create(arguments: &CreateArguments) -> Result<(), Failure> {
    let failed = |error| Failure::unusable("catalogue", error);
    let issued = arguments.issued.unwrap_or_else(now);
    let expires = Time::from_unix(issued.saturating_add(arguments.valid_for));
    let mut builder = CatalogueBuilder::new(arguments.number, Time::from_unix(issued), expires);
    let keys = keys(&arguments.keys)?;
    let keys: Vec<&dyn Verifier> = keys.iter().map(KeyFile::verifier).collect();
    for (file, uris) in by_file(&arguments.envelopes)? {
        let bytes = files::read(file)?;
        let manifest = Envelope::decode(&bytes)
            .and_then(|envelope| envelope.authenticate(&keys)?.validate())
            .map_err(|error| rejected(file, error, &bytes))?;
        let identities = identities(&manifest);
        if identities.is_empty() {
            let text = format!("{file}: its shared sequence names no vendor and class");
            return Err(Failure::Rejected(text));
        }
        for (vendor, class) in identities {
            builder = builder.entry(vendor, class, &manifest, &uris).map_err(failed)?;
        }
    }
    let mut signer = key::load(&arguments.sign)?
        .secret_key()
        .map_err(|error| Failure::unusable(&arguments.sign, error))?;
    files::write_new(&arguments.out, &builder.sign(&mut signer).map_err(failed)?, false)
}

/// The files, each with its URIs, in the order that they were given.
fn by_file(arguments: &[String]) -> Result<Vec<(&str, Vec<&str>)>, Failure> {
    let mut files: Vec<(&str, Vec<&str>)> = Vec::new();
    for argument in arguments {
        let Some((uri, file)) = argument.rsplit_once('=') else {
            return Err(Failure::unusable(argument, "it must be URI=FILE"));
        };
        match files.iter_mut().find(|(known, _)| *known == file) {
            Some((_, uris)) => uris.push(uri),
            None => files.push((file, vec![uri])),
        }
    }
    Ok(files)
}

fn show(arguments: &ShowArguments) -> Result<(), Failure> {
    let bytes = files::read(&arguments.file)?;
    warn();
    files::print(shape::outline(&bytes, &CATALOGUE).as_bytes())?;
    let refused = |error| Failure::Rejected(format!("{}: {error}", arguments.file));
    Catalogue::decode(&bytes).map(drop).map_err(refused)
}

fn verify(arguments: &VerifyArguments) -> Result<(), Failure> {
    let keys = keys(&arguments.keys)?;
    let keys: Vec<&dyn Verifier> = keys.iter().map(KeyFile::verifier).collect();
    let bytes = files::read(&arguments.file)?;
    let seen = arguments.state.as_deref().map(load).transpose()?.flatten();
    let clock = match arguments.now {
        _ if arguments.no_clock => Clock::Unknown,
        time => Clock::Trusted(Time::from_unix(time.unwrap_or_else(now))),
    };
    let catalogue = Catalogue::decode(&bytes)
        .and_then(|catalogue| catalogue.verify(&keys, seen.as_ref(), clock))
        .map_err(|error| Failure::Rejected(format!("{}: {error}", arguments.file)))?;
    if let Some(name) = &arguments.state {
        let stored = fs::write(name, catalogue.seen().to_bytes());
        stored.map_err(|error| Failure::unusable(name, error))?;
    }
    files::print(text(&catalogue).as_bytes())
}

/// What the device remembers; nothing if there is no such file yet.
fn load(name: &str) -> Result<Option<Seen>, Failure> {
    match fs::read(name) {
        Ok(bytes) => {
            let seen = <&[u8; LENGTH_OF_SEEN]>::try_from(bytes.as_slice()).ok();
            let seen = seen.and_then(Seen::from_bytes);
            seen.map(Some).ok_or_else(|| Failure::unusable(name, "it is no state of a catalogue"))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::unusable(name, error)),
    }
}

fn text(catalogue: &VerifiedCatalogue<'_>) -> String {
    let freshness = match catalogue.freshness() {
        Freshness::Fresh => "",
        _ => ", which could not be checked",
    };
    let (issued, expires) = (catalogue.issued().unix(), catalogue.expires().unix());
    let head = format!(
        "catalogue {}, issued {issued}, expires {expires}{freshness}\n",
        catalogue.number()
    );
    head + &catalogue.entries().map(|entry| line(&entry)).collect::<String>()
}

fn line(entry: &Entry<'_>) -> String {
    let component: Vec<String> =
        entry.component.parts().map(|part| part.escape_ascii().to_string()).collect();
    let uris: Vec<String> = entry.uris().map(|uri| uri.escape_debug().to_string()).collect();
    format!(
        "vendor {} class {} component {}: number {}, {} bytes, digest {}, at {}\n",
        source::hex(entry.vendor),
        source::hex(entry.class),
        component.join("/"),
        entry.sequence_number,
        entry.size,
        source::hex(entry.digest.bytes()),
        uris.join(" ")
    )
}
