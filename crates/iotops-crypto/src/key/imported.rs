//! The outcome of an import.

use super::{SecretKey, VerifyingKey};
use crate::{Error, rules};

/// A key as it was imported: with or without its secret part.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Imported {
    /// It can only verify.
    Verifying(VerifyingKey),
    /// It can sign, and verify.
    Secret(SecretKey),
}

impl Imported {
    /// The key that verifies; of a private key, its public part.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        match self {
            Self::Verifying(key) => key.clone(),
            Self::Secret(key) => key.verifying_key(),
        }
    }

    /// The key that signs.
    ///
    /// # Errors
    /// [`rules::KEY_SECRET`] if it is a public key.
    pub fn secret_key(self) -> Result<SecretKey, Error> {
        match self {
            Self::Verifying(_) => Err(Error::new(rules::KEY_SECRET, 0)),
            Self::Secret(key) => Ok(key),
        }
    }
}
