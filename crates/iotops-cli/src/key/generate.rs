//! `iotops key generate`.

use clap::{Args, ValueEnum};
use iotops_crypto::key::{KeyType, SecretKey};

use crate::failure::Failure;
use crate::files;
use crate::random::SystemRandom;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops key generate --out author.pem
  iotops key generate --type ed25519 --format cose --out author.cbor")]
pub(crate) struct Arguments {
    /// What the key is for.
    #[arg(long = "type", value_enum, default_value = "es256")]
    key_type: Type,
    /// The form in which it is written.
    #[arg(long, value_enum, default_value = "pem")]
    format: Format,
    /// The file to write, which must not exist; - is standard output.
    #[arg(long)]
    out: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Type {
    /// ECDSA with P-256 and SHA-256.
    Es256,
    /// Ed25519.
    Ed25519,
    /// HMAC with SHA-256.
    Hmac,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// PKCS#8 as PEM.
    Pem,
    /// COSE_Key.
    Cose,
    /// The bytes of the scalar, seed or MAC key.
    Raw,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let key_type = match arguments.key_type {
        Type::Es256 => KeyType::Es256,
        Type::Ed25519 => KeyType::Ed25519,
        Type::Hmac => KeyType::Hmac,
    };
    let failed = |error| Failure::unusable("key", error);
    let key = SecretKey::generate(key_type, &mut SystemRandom).map_err(failed)?;
    match arguments.format {
        Format::Pem => {
            let pem = key.to_pem().map_err(failed)?;
            files::write_new(&arguments.out, pem.as_str().as_bytes(), true)
        }
        Format::Cose => {
            let key = key.to_cose_key().map_err(failed)?;
            files::write_new(&arguments.out, key.as_bytes(), false)
        }
        Format::Raw => files::write_new(&arguments.out, key.to_raw().as_bytes(), false),
    }
}
