//! From a decoded message and the caller's keys to a proof.

use crate::cose::Headers;
use crate::{Algorithm, Error, Purpose, Verifier, rules, seam};

use iotops_wire::Rule;

/// The proof that a key of the caller signed or MACed a payload.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'a> {
    payload: &'a [u8],
    algorithm: Algorithm,
    key: usize,
}

impl<'a> Verified<'a> {
    pub(super) const fn new(payload: &'a [u8], by: By) -> Self {
        Self { payload, algorithm: by.algorithm, key: by.key }
    }

    /// What was signed.
    #[must_use]
    pub const fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Which of the given keys it was.
    #[must_use]
    pub const fn key(&self) -> usize {
        self.key
    }
}

/// Who signed, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct By {
    algorithm: Algorithm,
    key: usize,
}

impl By {
    #[cfg(feature = "encrypt")]
    pub(super) const fn new(algorithm: Algorithm, key: usize) -> Self {
        Self { algorithm, key }
    }
}

/// What one signature claims, before it is checked.
pub(super) struct Claim<'a> {
    pub(super) headers: &'a Headers<'a>,
    pub(super) signature: &'a [u8],
    pub(super) purpose: Purpose,
    /// The rule that a wrong signature breaks.
    pub(super) refused: Rule,
    pub(super) offset: u32,
}

impl Claim<'_> {
    /// Checks the signature with each key that is for its algorithm, until one fits.
    ///
    /// The failure is the most telling one: no key at all, then "unavailable", then "wrong".
    pub(super) fn settle(&self, keys: &[&dyn Verifier], message: &[&[u8]]) -> Result<By, Error> {
        self.settle_as(self.algorithm()?, keys, message)
    }

    /// The same with an algorithm that the message does not tell.
    pub(super) fn settle_as(
        &self,
        algorithm: Algorithm,
        keys: &[&dyn Verifier],
        message: &[&[u8]],
    ) -> Result<By, Error> {
        let failures = [rules::NO_KEY, self.refused];
        match seam::settle(keys, algorithm, message, self.signature, failures) {
            Ok(key) => Ok(By { algorithm, key }),
            Err(failure) => Err(self.error(failure)),
        }
    }

    pub(super) fn algorithm(&self) -> Result<Algorithm, Error> {
        if self.headers.is_critical() {
            // RFC 9052 §3.1: a critical header that is not understood "is a fatal error".
            return Err(self.error(rules::CRITICAL_UNKNOWN));
        }
        let Some(number) = self.headers.algorithm() else {
            return Err(self.error(rules::ALGORITHM_MISSING));
        };
        let Some(algorithm) = Algorithm::from_cose(number) else {
            return Err(self.error(rules::ALGORITHM_UNKNOWN));
        };
        if algorithm.purpose() != self.purpose {
            return Err(self.error(rules::ALGORITHM_PURPOSE));
        }
        Ok(algorithm)
    }

    #[cold]
    pub(super) fn error(&self, rule: Rule) -> Error {
        Error::new(rule, self.offset)
    }
}
