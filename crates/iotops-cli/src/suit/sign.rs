//! `iotops suit sign` and `iotops suit wrap`.

use clap::Args;
use iotops_crypto::cose::Unsigned;
use iotops_crypto::{Algorithm, Purpose, Verifier};
use suit_manifest::Envelope;
use suit_manifest::author::Distribution;

use super::{Agreed, rejected};
use crate::failure::Failure;
use crate::key::{self, KeyFile};
use crate::{files, source};

#[derive(Debug, Args)]
#[command(after_help = "With a key that is not here, sign in two steps.

Examples:
  iotops suit sign --key author.pem --out update.suit unsigned.suit
  iotops suit sign --algorithm ESP256 --to-be-signed --out tbs.bin unsigned.suit
  iotops suit sign --algorithm ESP256 --signature sig.bin --out update.suit unsigned.suit")]
pub(crate) struct Arguments {
    /// The envelope; - is standard input.
    file: String,
    /// A private or MAC key, in the forms of `iotops suit verify`. May be given several times.
    #[arg(long = "key", value_name = "KEY", required_unless_present = "algorithm")]
    keys: Vec<String>,
    /// The algorithm of a key that is elsewhere.
    #[arg(long, value_parser = algorithm, conflicts_with = "keys")]
    algorithm: Option<Algorithm>,
    /// The identifier of that key in the signature, in hexadecimal.
    #[arg(long, requires = "algorithm")]
    key_id: Option<String>,
    /// Write what must be signed, instead of an envelope.
    #[arg(long, requires = "algorithm")]
    to_be_signed: bool,
    /// The signature that was made elsewhere: of ECDSA both numbers, 64 bytes for P-256.
    #[arg(
        long,
        requires = "algorithm",
        required_unless_present_any = ["keys", "to_be_signed"],
        conflicts_with = "to_be_signed"
    )]
    signature: Option<String>,
    /// The file to write, which must not exist; - is standard output.
    #[arg(short, long)]
    out: String,
    #[command(flatten)]
    agreed: Agreed,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops suit wrap --key author.pem --mac hmac:device.bin --out boot.suit update.suit")]
pub(crate) struct WrapArguments {
    /// The envelope; - is standard input.
    file: String,
    /// A trusted key, one of which must have signed the envelope.
    #[arg(long = "key", value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// The MAC key.
    #[arg(long)]
    mac: String,
    /// The file to write, which must not exist; - is standard output.
    #[arg(short, long)]
    out: String,
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    let is_it = |one: &&Algorithm| {
        one.name().eq_ignore_ascii_case(name)
            && matches!(one.purpose(), Purpose::Signature | Purpose::Mac)
    };
    let found = Algorithm::ALL.iter().find(is_it).copied();
    found.ok_or_else(|| "it must be an algorithm of signatures or MACs, such as ESP256".into())
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bytes = files::read(&arguments.file)?;
    let mut envelope = Distribution::open_within(&bytes, arguments.agreed.limits())
        .map_err(|error| rejected(&arguments.file, error, &bytes))?;
    match arguments.algorithm {
        Some(algorithm) if arguments.to_be_signed => {
            let unsigned = arguments.unsigned(algorithm)?;
            let payload = envelope.to_be_signed();
            let parts = unsigned.with(|one| one.to_be_signed(payload, &[], |parts| parts.concat()));
            let parts = parts.map_err(|error| Failure::unusable("algorithm", error))?;
            return files::write_public(&arguments.out, &parts);
        }
        Some(algorithm) => {
            let unsigned = arguments.unsigned(algorithm)?;
            let signature = files::read(arguments.signature.as_deref().unwrap_or_default())?;
            let added = unsigned.with(|one| Ok(envelope.add_signature(&one, &signature)));
            added
                .map_err(|error| Failure::unusable("algorithm", error))?
                .map_err(|error| Failure::unusable("signature", error))?;
        }
        None => {
            for name in &arguments.keys {
                let failed = |error| Failure::unusable("key", format_args!("{name}: {error}"));
                let mut signer = key::load(name)?.secret_key().map_err(failed)?;
                envelope.sign(&mut signer).map_err(|error| Failure::unusable(name, error))?;
            }
        }
    }
    write(&arguments.out, &envelope)
}

/// An algorithm and an identifier of a key, from which a signature is begun.
struct Begun {
    algorithm: Algorithm,
    key_id: Option<Vec<u8>>,
}

impl Begun {
    fn with<T>(
        &self,
        run: impl FnOnce(Unsigned<'_>) -> Result<T, iotops_crypto::Error>,
    ) -> Result<T, iotops_crypto::Error> {
        let unsigned = Unsigned::new(self.algorithm)?;
        match &self.key_id {
            Some(id) => run(unsigned.with_key_id(id)),
            None => run(unsigned),
        }
    }
}

impl Arguments {
    fn unsigned(&self, algorithm: Algorithm) -> Result<Begun, Failure> {
        let key_id = self.key_id.as_deref().map(|text| {
            source::unhex(text).ok_or_else(|| Failure::unusable("key id", "it must be hexadecimal"))
        });
        Ok(Begun { algorithm, key_id: key_id.transpose()? })
    }
}

pub(crate) fn wrap(arguments: &WrapArguments) -> Result<(), Failure> {
    let keys: Vec<KeyFile> =
        arguments.keys.iter().map(|name| KeyFile::load(name)).collect::<Result<_, _>>()?;
    let verifiers: Vec<&dyn Verifier> = keys.iter().map(KeyFile::verifier).collect();
    let failed = |error| Failure::unusable("MAC key", error);
    let mut mac = key::load(&arguments.mac)?.secret_key().map_err(failed)?;
    let bytes = files::read(&arguments.file)?;
    let envelope = match bytes.first() {
        Some(0xa0..=0xbf) => Envelope::decode_untagged(&bytes),
        _ => Envelope::decode(&bytes),
    };
    let authenticated = envelope.and_then(|envelope| envelope.authenticate(&verifiers));
    let authenticated = authenticated.map_err(|error| rejected(&arguments.file, error, &bytes))?;
    let wrapped = Distribution::wrap_again(&authenticated, &mut mac)
        .map_err(|error| Failure::unusable("MAC key", error))?;
    write(&arguments.out, &wrapped)
}

/// Writes what was put together.
pub(super) fn write(out: &str, envelope: &Distribution) -> Result<(), Failure> {
    let bytes = envelope.envelope().map_err(|error| Failure::unusable(out, error))?;
    files::write_public(out, &bytes)
}
