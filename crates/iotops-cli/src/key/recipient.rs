//! Keys of those who receive encrypted payloads.

use iotops_crypto::Algorithm;
use iotops_crypto::agreement::{Agreement, Curve, P256SecretKey, PublicKey, X25519SecretKey};
use iotops_crypto::cipher::Key;
use iotops_crypto::cose::{NewRecipient, RecipientKey};
use iotops_crypto::key::{Imported, VerifyingKey};
use iotops_wire::Input;

use super::load;
use crate::failure::Failure;
use crate::files;

const WRAPPING: &str = "kek:";
const X25519: &str = "x25519:";

/// A key from a file: `kek:FILE` holds 16 or 32 bytes that both sides have, `x25519:FILE` 32 bytes,
/// and any other file a key on P-256.
pub(crate) enum RecipientFile {
    /// A key that wraps.
    Wrap(Key),
    /// The public key of a receiver.
    Public(PublicKey),
    /// The private key of a receiver.
    Private(Box<dyn Agreement>),
}

impl RecipientFile {
    /// A key to encrypt with.
    pub(crate) fn of_receiver(name: &str) -> Result<Self, Failure> {
        let wrong = |error| unusable(name, error);
        if let Some(file) = name.strip_prefix(WRAPPING) {
            return wrapping(name, &files::read(file)?);
        }
        if let Some(file) = name.strip_prefix(X25519) {
            let public = PublicKey::new(Curve::X25519, &files::read(file)?);
            return public.map(Self::Public).map_err(wrong);
        }
        match load(name)?.verifying_key() {
            VerifyingKey::Es256(key) => {
                PublicKey::new(Curve::P256, &key.to_sec1()).map(Self::Public).map_err(wrong)
            }
            _ => Err(Failure::unusable("key", format_args!("{name}: it is not on P-256"))),
        }
    }

    /// A key to decrypt with.
    pub(crate) fn own(name: &str) -> Result<Self, Failure> {
        let wrong = |error| unusable(name, error);
        if let Some(file) = name.strip_prefix(WRAPPING) {
            return wrapping(name, &files::read(file)?);
        }
        if let Some(file) = name.strip_prefix(X25519) {
            let key = X25519SecretKey::from_bytes(&files::read(file)?).map_err(wrong)?;
            return Ok(Self::Private(Box::new(key)));
        }
        let scalar = match load(name)? {
            Imported::Secret(key) => key.to_raw(),
            _ => return Err(Failure::unusable("key", format_args!("{name}: it is not private"))),
        };
        let key = P256SecretKey::from_scalar(scalar.as_bytes()).map_err(wrong)?;
        Ok(Self::Private(Box::new(key)))
    }

    /// How the key of a content with this algorithm comes to the receiver.
    pub(crate) fn recipient(&mut self, content: Algorithm) -> Option<NewRecipient<'_>> {
        let is_short = matches!(content, Algorithm::A128Gcm | Algorithm::A128Ctr);
        let agreed = if is_short { Algorithm::EcdhEsA128Kw } else { Algorithm::EcdhEsA256Kw };
        match self {
            Self::Wrap(key) => Some(NewRecipient::Wrap(key)),
            Self::Public(key) => Some(NewRecipient::Agree(agreed, key)),
            Self::Private(_) => None,
        }
    }

    /// What opens a payload.
    pub(crate) fn key(&self) -> Option<RecipientKey<'_>> {
        match self {
            Self::Wrap(key) => Some(RecipientKey::Unwrap(key)),
            Self::Private(key) => Some(RecipientKey::Agree(key.as_ref())),
            Self::Public(_) => None,
        }
    }
}

fn wrapping(name: &str, bytes: &[u8]) -> Result<RecipientFile, Failure> {
    let algorithm = if bytes.len() == 16 { Algorithm::A128Kw } else { Algorithm::A256Kw };
    Key::new(algorithm, bytes).map(RecipientFile::Wrap).map_err(|error| unusable(name, error))
}

fn unusable(name: &str, error: iotops_crypto::Error) -> Failure {
    Failure::unusable("key", format_args!("{name}: {}", error.of(Input::Key(0))))
}
