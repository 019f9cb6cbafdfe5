//! `iotops suit encrypt`: a payload becomes one that only its recipients can read.

use clap::{Args, ValueEnum};
use iotops_crypto::Algorithm;
use iotops_crypto::cose::To;
use suit_manifest::author::encrypt;

use crate::failure::Failure;
use crate::files;
use crate::key::RecipientFile;
use crate::random::SystemRandom;

#[derive(Debug, Args)]
#[command(
    after_help = "A template takes both files: the ciphertext is what is fetched or integrated, and
{\"encryption-info\": {\"file\": \"app.info\"}} is among the parameters of the component that the plaintext
goes to. Image digest and size are those of the plaintext there. With AES-CTR the component that
holds the ciphertext needs its digest.

Examples:
  iotops suit encrypt --to device.pem --info app.info --out app.enc app.bin
  iotops suit encrypt --to kek:fleet.key --algorithm chacha20-poly1305 --info app.info --out app.enc app.bin"
)]
pub(crate) struct Arguments {
    /// The payload; - is standard input.
    file: String,
    /// Who can read it: a public key on P-256 (PEM, DER, COSE_Key), x25519:FILE with 32 bytes, or
    /// kek:FILE with an AES key of 16 or 32 bytes that both sides have. May be given several times.
    #[arg(long = "to", value_name = "KEY", required = true)]
    recipients: Vec<String>,
    /// How the payload is encrypted.
    #[arg(long, value_enum, default_value = "a128gcm")]
    algorithm: Choice,
    /// The file to write the encryption info to, which must not exist.
    #[arg(long, value_name = "FILE")]
    info: String,
    /// The file to write the ciphertext to, which must not exist; - is standard output.
    #[arg(short, long)]
    out: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Choice {
    /// AES-GCM with 128 bits.
    A128gcm,
    /// AES-GCM with 256 bits.
    A256gcm,
    /// ChaCha20/Poly1305.
    #[value(name = "chacha20-poly1305")]
    Chacha20Poly1305,
    /// AES-CTR with 128 bits, which does not authenticate.
    A128ctr,
    /// AES-CTR with 256 bits, which does not authenticate.
    A256ctr,
}

impl Choice {
    const fn algorithm(self) -> Algorithm {
        match self {
            Self::A128gcm => Algorithm::A128Gcm,
            Self::A256gcm => Algorithm::A256Gcm,
            Self::Chacha20Poly1305 => Algorithm::ChaCha20Poly1305,
            Self::A128ctr => Algorithm::A128Ctr,
            Self::A256ctr => Algorithm::A256Ctr,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let keys = arguments.recipients.iter().map(|name| RecipientFile::of_receiver(name));
    let mut keys: Vec<RecipientFile> = keys.collect::<Result<_, _>>()?;
    let algorithm = arguments.algorithm.algorithm();
    let to = keys.iter_mut().filter_map(|key| key.recipient(algorithm)).map(To::new);
    let payload = files::read(&arguments.file)?;
    let encrypted = encrypt(algorithm, &mut to.collect::<Vec<_>>(), &payload, &mut SystemRandom);
    let encrypted =
        encrypted.map_err(|error| Failure::Rejected(format!("{}: {error}", arguments.file)))?;
    files::write_public(&arguments.info, &encrypted.info)?;
    files::write_public(&arguments.out, &encrypted.ciphertext)
}
