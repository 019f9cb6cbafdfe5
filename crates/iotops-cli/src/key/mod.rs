//! `iotops key`, and loading keys for the other commands.

mod generate;
mod recipient;
mod show;

pub(crate) use recipient::RecipientFile;

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

/// Prefixes that say that raw bytes are a secret, and which.
const PREFIXES: [(&str, KeyType); 3] = [
    ("es256-scalar:", KeyType::Es256),
    ("ed25519-seed:", KeyType::Ed25519),
    ("hmac:", KeyType::Hmac),
];

/// Imports a key from a file; the name may say what raw bytes are.
pub(crate) fn load(name: &str) -> Result<Imported, Failure> {
    let prefixed = PREFIXES
        .iter()
        .find_map(|(prefix, key_type)| Some((name.strip_prefix(prefix)?, *key_type)));
    let result = match prefixed {
        None => import(&files::read(name)?),
        Some((file, key_type)) => {
            SecretKey::from_raw(key_type, &files::read(file)?).map(Imported::Secret)
        }
    };
    result.map_err(|error| {
        Failure::unusable("key", format_args!("{name}: {}", error.of(Input::Key(0))))
    })
}

/// A trusted key, and what it is called.
pub(crate) struct KeyFile {
    name: String,
    key: VerifyingKey,
}

impl KeyFile {
    pub(crate) fn load(name: &str) -> Result<Self, Failure> {
        let key = load(name)?.verifying_key();
        Ok(Self { name: name.into(), key })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn verifier(&self) -> &dyn Verifier {
        &self.key
    }
}
