//! `iotops key`, and loading keys for the other commands.

mod generate;
mod show;
mod source;

use clap::Subcommand;
use iotops_crypto::Verifier;
use iotops_crypto::key::{Imported, KeyType, SecretKey, VerifyingKey, import};
use iotops_wire::Input;

use crate::failure::Failure;
use crate::files;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a new private or MAC key.
    Generate(generate::Arguments),
    /// Show the public part of a key.
    Show(show::Arguments),
}

pub(crate) fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Show(arguments) => show::run(&arguments),
    }
}

/// Prefixes that say what raw bytes are.
const PREFIXES: [(&str, KeyType); 3] =
    [("es256:", KeyType::Es256), ("ed25519:", KeyType::Ed25519), ("hmac:", KeyType::Hmac)];

/// Imports a key from a file; the name may say what raw bytes are.
pub(crate) fn load(name: &str) -> Result<Imported, Failure> {
    let prefixed = PREFIXES
        .iter()
        .find_map(|(prefix, key_type)| Some((name.strip_prefix(prefix)?, *key_type)));
    let result = match prefixed {
        None => import(&files::read(name)?),
        Some((file, key_type)) => raw(key_type, &files::read(file)?),
    };
    result.map_err(|error| {
        Failure::unusable("key", format_args!("{name}: {}", error.of(Input::Key(0))))
    })
}

/// Raw public keys are imported as such; all else of a named type is a secret.
fn raw(key_type: KeyType, bytes: &[u8]) -> Result<Imported, iotops_crypto::Error> {
    match (key_type, bytes.len()) {
        (KeyType::Es256, 65 | 33) | (KeyType::Ed25519, 32) => import(bytes),
        _ => Ok(Imported::Secret(SecretKey::from_raw(key_type, bytes)?)),
    }
}

/// A trusted key, and what it is called.
pub(crate) struct KeyFile {
    name: String,
    key: VerifyingKey,
}

impl KeyFile {
    pub(crate) fn load(name: &str) -> Result<Self, Failure> {
        let key = load(name)?.verifying_key();
        let key = key.map_err(|error| Failure::unusable("key", format_args!("{name}: {error}")))?;
        Ok(Self { name: name.into(), key })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn verifier(&self) -> &dyn Verifier {
        &self.key
    }
}
