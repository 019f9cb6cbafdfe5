//! The seams: how signatures are checked and made, whoever holds the key.

use iotops_wire::{Rule, Unavailable};

use crate::{Algorithm, rules};

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

/// Tries each key that is for `algorithm`, until one fits; gives its place.
///
/// Of several failures the most telling one is given: `missing` if no key is for the algorithm,
/// `refused` if the signature is wrong for all, and before both that one could not check it.
pub(crate) fn settle(
    keys: &[&dyn Verifier],
    algorithm: Algorithm,
    message: &[&[u8]],
    signature: &[u8],
    [missing, refused]: [Rule; 2],
) -> Result<usize, Rule> {
    let mut failure = missing;
    for (key, verifier) in keys.iter().enumerate() {
        if !verifier.accepts(algorithm) {
            continue;
        }
        match verifier.verify(message, signature) {
            Ok(()) => return Ok(key),
            Err(Refused::Unavailable) => failure = rules::UNAVAILABLE,
            Err(Refused::Invalid) if failure != rules::UNAVAILABLE => failure = refused,
            Err(Refused::Invalid) => {}
        }
    }
    Err(failure)
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
