//! `iotops key show`: the part of a key that may be shown.

use clap::{Args, ValueEnum};
use iotops_crypto::digest;
use iotops_crypto::key::{Imported, KeyType, VerifyingKey};
use iotops_crypto::{Algorithm, Error};

use super::{load, source};
use crate::failure::Failure;
use crate::files;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops key show author.pem
  iotops key show --format c author.pem > author_key.h
  iotops key show --format rust --name RELEASE_KEY release.cbor")]
pub(crate) struct Arguments {
    /// The key: as for --key of the other commands.
    key: String,
    /// How to show it.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// The name of the constant in source code.
    #[arg(long, default_value = "PUBLIC_KEY", value_parser = identifier)]
    name: String,
    /// Show a MAC key, which is a secret.
    #[arg(long)]
    secret: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// SPKI as PEM.
    Pem,
    /// COSE_Key.
    Cose,
    /// An array in C.
    C,
    /// A constant in Rust.
    Rust,
}

fn identifier(text: &str) -> Result<String, String> {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_part = |c: char| is_start(c) || c.is_ascii_digit();
    if text.starts_with(is_start) && text.chars().all(is_part) {
        return Ok(text.into());
    }
    Err("it must be letters, digits and underscores, and not begin with a digit".into())
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let failed =
        |error: Error| Failure::unusable("key", format_args!("{}: {error}", arguments.key));
    let imported = load(&arguments.key)?;
    let key = imported.verifying_key();
    if key.key_type() == KeyType::Hmac && !arguments.secret {
        let reason = "a MAC key is a secret as a whole; --secret shows it all the same";
        return Err(Failure::unusable(&arguments.key, reason));
    }
    let raw = key.to_raw();
    match arguments.format {
        Format::Text => files::print(text(&imported, &key).as_bytes()),
        Format::Pem => files::print(key.to_pem().map_err(failed)?.as_bytes()),
        Format::Cose => files::write_new("-", key.to_cose_key().map_err(failed)?.as_bytes(), false),
        Format::C => files::print(source::c(&arguments.name, raw.as_bytes()).as_bytes()),
        Format::Rust => files::print(source::rust(&arguments.name, raw.as_bytes()).as_bytes()),
    }
}

fn text(imported: &Imported, key: &VerifyingKey) -> String {
    let raw = key.to_raw();
    let algorithms = match key.key_type() {
        KeyType::Es256 => "ES256, ESP256 (ECDSA on P-256 with SHA-256)",
        KeyType::Ed25519 => "EdDSA, Ed25519",
        _ => "HMAC 256/256",
    };
    let has = if matches!(imported, Imported::Secret(_)) { "with" } else { "without" };
    let fingerprint = digest(Algorithm::Sha256, &[raw.as_bytes()]);
    let fingerprint = fingerprint.map(|found| source::hex(found.as_bytes())).unwrap_or_default();
    format!(
        "algorithms  {algorithms}\nfile        {has} a private part\nraw bytes   {}\nSHA-256     {fingerprint} (of the raw bytes)\n",
        source::hex(raw.as_bytes()),
    )
}
