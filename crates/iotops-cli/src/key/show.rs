//! `iotops key show`: the part of a key that may be shown.

use clap::{Args, ValueEnum};
use iotops_crypto::Error;
use iotops_crypto::key::{Imported, KeyId, KeyIdKind, KeyType, VerifyingKey};
use iotops_crypto::{Algorithm, digest};

use super::load;
use crate::failure::Failure;
use crate::{files, source};

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
    #[arg(long, default_value = "PUBLIC_KEY", value_parser = source::identifier)]
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
        "algorithms  {algorithms}\nfile        {has} a private part\nraw bytes   {}\nSHA-256     {fingerprint} (of the raw bytes)\n{}",
        source::hex(raw.as_bytes()),
        names(key),
    )
}

/// The names of a public key; a MAC key has none.
fn names(key: &VerifyingKey) -> String {
    let line = |kind: &KeyIdKind| {
        let id = KeyId::of(*kind, key).ok()?;
        let (name, remark) = match kind {
            KeyIdKind::CoseThumbprint => ("COSE", "thumbprint, RFC 9679"),
            KeyIdKind::JwkThumbprint => ("JWK", "thumbprint, RFC 7638"),
            KeyIdKind::SpkiSha256 => ("SPKI", "SHA-256, RFC 7469; domainID without an SKI"),
            _ => ("SKI", "SHA-1, RFC 5280 §4.2.1.2; domainID, RFC 8995 §5.8.2"),
        };
        let text = match kind {
            KeyIdKind::JwkThumbprint => id.base64url(&mut [0; 86]).to_owned(),
            _ => source::hex(id.as_bytes()),
        };
        Some(format!("{name:<12}{text} ({remark})\n"))
    };
    KeyIdKind::ALL.iter().filter_map(line).collect()
}
