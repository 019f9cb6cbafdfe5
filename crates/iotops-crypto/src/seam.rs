//! The seams: how signatures are checked and made, whoever holds the key.

use iotops_wire::Unavailable;

use crate::Algorithm;

/// Why a verifier did not say "valid".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Refused {
    /// The signature is wrong.
    Invalid,
    /// It could not be checked (an HSM is away): no verdict.
    Unavailable,
}

/// A key that checks signatures or MACs: the value *is* the key, so key and algorithm cannot part.
///
/// The message comes in parts, lent one after the other and read in order, so that nothing is
/// copied to hash a `Sig_structure`.
pub trait Verifier {
    /// Whether this key is for `algorithm`. A key must accept no algorithm of another key type.
    fn accepts(&self, algorithm: Algorithm) -> bool;

    /// Checks `signature` over the concatenation of the parts of `message`.
    ///
    /// # Errors
    /// [`Refused::Invalid`] or [`Refused::Unavailable`].
    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused>;
}

/// A key that makes signatures or MACs.
pub trait Signer {
    /// The algorithm that it signs with; a fully specified one where there is a choice.
    fn algorithm(&self) -> Algorithm;

    /// Signs the concatenation of the parts of `message` into `signature`, and gives the length.
    ///
    /// # Errors
    /// [`Unavailable`] when the key cannot be used now, or `signature` is too short for it.
    fn sign(&mut self, message: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable>;
}
