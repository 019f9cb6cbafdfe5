//! `iotops voucher bulk`: vouchers without nonces for a whole delivery.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::SystemTime;

use brski_voucher::VoucherBuilder;
use brski_voucher::model::{Assertion, Profile};
use brski_voucher::roles::masa::issue_bulk;
use clap::Args;
use iotops_crypto::cms::SignerIdentifier;
use iotops_crypto::key::SecretKey;
use iotops_crypto::x509::Certificate;
use iotops_wire::Time;

use crate::failure::Failure;
use crate::files;
use crate::key;

const DAY: u64 = 86_400;
/// How often it is told how far the work is.
const STEP: usize = 1000;

#[derive(Debug, Args)]
#[command(
    after_help = "For each serial number a file SERIAL.vcj is written, in CMS, which pins the certificate and says
\"verified\". Files that are there already are left alone, so that the command goes on where it was
interrupted.

Examples:
  iotops voucher bulk --serial-numbers delivery.txt --pin domain.der --key masa.pem --certificate masa.der --days 365 --out vouchers"
)]
pub(crate) struct Arguments {
    /// A text with a serial number in each line; - is standard input.
    #[arg(long, value_name = "FILE")]
    serial_numbers: String,
    /// The certificate of the domain that is pinned, in DER.
    #[arg(long, value_name = "FILE")]
    pin: String,
    /// The private key of the signer.
    #[arg(long, value_name = "KEY")]
    key: String,
    /// The certificate of the signer, in DER, and those above it. May be given several times.
    #[arg(long = "certificate", value_name = "FILE", required = true)]
    certificates: Vec<String>,
    /// After how many days they expire: not behind the certificate that is pinned.
    #[arg(long, value_name = "DAYS")]
    days: u64,
    /// The folder to write to.
    #[arg(short, long, value_name = "DIR")]
    out: String,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let text = files::read(&arguments.serial_numbers)?;
    let text = String::from_utf8(text)
        .map_err(|error| Failure::unusable(&arguments.serial_numbers, error))?;
    fs::create_dir_all(&arguments.out).map_err(|error| Failure::unusable(&arguments.out, error))?;
    let all: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut missing = Vec::new();
    for serial_number in &all {
        if !file(&arguments.out, serial_number)?.exists() {
            missing.push(*serial_number);
        }
    }
    let issuer = Issuer::new(arguments)?;
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let (mut done, mut failure) = (all.len().saturating_sub(missing.len()), None);
    issue_bulk(&missing, workers, &|serial| issuer.issue(serial), &mut |place, made| {
        let serial_number = missing.get(place).copied().unwrap_or_default();
        let stored = made
            .map_err(|error| Failure::Rejected(format!("{serial_number}: {error}")))
            .and_then(|voucher| store(&arguments.out, serial_number, &voucher));
        match stored {
            Ok(()) => done = done.saturating_add(1),
            Err(error) => failure = Some(error),
        }
        if done.is_multiple_of(STEP) {
            eprintln!("{done} of {}", all.len());
        }
        failure.is_none()
    });
    match failure {
        None => files::print(format!("{done} vouchers in {}\n", arguments.out).as_bytes()),
        Some(failure) => Err(failure),
    }
}

/// Where the voucher of a device goes: its serial number must be a name.
fn file(folder: &str, serial_number: &str) -> Result<std::path::PathBuf, Failure> {
    let is_name = serial_number
        .chars()
        .all(|one| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.' | ':' | ' '));
    if !is_name || serial_number.starts_with('.') {
        return Err(Failure::unusable(
            "serial number",
            format_args!("{serial_number:?} is no file name"),
        ));
    }
    Ok(Path::new(folder).join(format!("{serial_number}.vcj")))
}

/// Whole, or not at all: what is there is not made again.
fn store(folder: &str, serial_number: &str, voucher: &[u8]) -> Result<(), Failure> {
    let path = file(folder, serial_number)?;
    let partial = path.with_extension("part");
    let stored = fs::write(&partial, voucher).and_then(|()| fs::rename(&partial, &path));
    stored.map_err(|error| Failure::unusable(&path.display().to_string(), error))
}

/// Whoever signs, and what all vouchers say.
struct Issuer {
    key: SecretKey,
    certificates: Vec<Vec<u8>>,
    pinned: Vec<u8>,
    now: Time,
    expires: Time,
}

impl Issuer {
    fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let key = key::load(&arguments.key)?.secret_key();
        let key = key.map_err(|error| Failure::unusable(&arguments.key, error))?;
        let certificates = arguments.certificates.iter().map(|name| files::read(name));
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = since.map_err(|error| Failure::unusable("clock", error))?.as_secs();
        let expires = now.saturating_add(arguments.days.saturating_mul(DAY));
        Ok(Self {
            key,
            certificates: certificates.collect::<Result<_, _>>()?,
            pinned: files::read(&arguments.pin)?,
            now: Time::from_unix(now),
            expires: Time::from_unix(expires),
        })
    }

    fn issue(&self, serial_number: &str) -> Result<Vec<u8>, brski_voucher::Error> {
        let draft = VoucherBuilder::new(serial_number)
            .assertion(Assertion::Verified)
            .created_on(self.now)
            .expires_on(self.expires)
            .pinned_domain_cert(&self.pinned)
            .build(Profile::Rfc8366)?;
        let chain: Vec<&[u8]> = self.certificates.iter().map(Vec::as_slice).collect();
        let own = Certificate::decode(chain.first().copied().unwrap_or_default())?;
        let identifier = SignerIdentifier::IssuerAndSerialNumber {
            issuer: own.issuer().encoding(),
            serial_number: own.serial(),
        };
        draft.sign_cms(&mut self.key.clone(), identifier, &chain)
    }
}
