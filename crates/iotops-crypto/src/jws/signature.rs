//! From one signature and the caller's keys to a proof.

use iotops_wire::Rule;
use iotops_wire::json::Text;

use super::headers::Headers;
use crate::{Algorithm, Error, Verifier, base64, rules::jws as rules, seam};

/// Always understood: what it asks for is done.
const ENCODED: &str = "b64";

/// The proof that a key of the caller signed or MACed a payload.
#[derive(Clone, Copy, Debug)]
pub struct Verified<'a> {
    payload: &'a [u8],
    algorithm: Algorithm,
    key: usize,
}

impl<'a> Verified<'a> {
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

/// What the signatures of a message have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Content<'a> {
    /// The payload as it is written, nothing if it is detached.
    pub(super) text: &'a [u8],
    /// The payload, if it is attached.
    pub(super) payload: Option<&'a [u8]>,
    /// The extensions that the receiver understands.
    pub(super) understood: &'a [&'a str],
}

/// One signature of a message, not yet verified.
#[derive(Clone, Copy, Debug)]
pub struct Signature<'a> {
    headers: Headers<'a>,
    protected: &'a [u8],
    bytes: &'a [u8],
    content: Content<'a>,
}

impl<'a> Signature<'a> {
    pub(super) const fn new(
        headers: Headers<'a>,
        protected: &'a [u8],
        bytes: &'a [u8],
        content: Content<'a>,
    ) -> Self {
        Self { headers, protected, bytes, content }
    }

    /// The headers.
    #[must_use]
    pub const fn headers(&self) -> &Headers<'a> {
        &self.headers
    }

    /// The bytes of the signature or MAC.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The protected header as it was received, in base64url.
    #[cfg(feature = "alloc")]
    pub(super) const fn protected_text(&self) -> &'a [u8] {
        self.protected
    }

    /// Verifies the signature of a message that carries its payload.
    ///
    /// # Errors
    /// [`rules::JWS_DETACHED`], [`rules::JWS_UNENCODED`], [`rules::JWS_CRITICAL_UNKNOWN`],
    /// [`rules::JWS_ALGORITHM_UNKNOWN`], [`rules::JWS_NO_KEY`], [`rules::JWS_SIGNATURE`], and
    /// [`crate::rules::UNAVAILABLE`].
    pub fn verify(&self, keys: &[&dyn Verifier]) -> Result<Verified<'a>, Error> {
        if !self.headers.is_encoded() {
            return Err(self.error(rules::JWS_UNENCODED));
        }
        let Some(payload) = self.content.payload else {
            return Err(self.error(rules::JWS_DETACHED));
        };
        self.check(payload, self.content.text, keys)
    }

    /// Verifies the signature of a message whose payload came another way. `scratch` takes its
    /// base64url: four thirds of `payload`.
    ///
    /// # Errors
    /// [`rules::JWS_ATTACHED`], [`rules::JWS_SCRATCH`], and as [`Signature::verify`].
    pub fn verify_detached<'p>(
        &self,
        payload: &'p [u8],
        scratch: &mut [u8],
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'p>, Error> {
        if !self.headers.is_encoded() {
            return Err(self.error(rules::JWS_UNENCODED));
        }
        if !self.content.text.is_empty() {
            return Err(self.error(rules::JWS_ATTACHED));
        }
        let Some(text) = base64::encode(payload, scratch) else {
            return Err(self.error(rules::JWS_SCRATCH));
        };
        self.check(payload, text.as_bytes(), keys)
    }

    /// Verifies the signature of a message whose payload came another way and is signed as it is:
    /// `"b64": false` (RFC 7797).
    ///
    /// # Errors
    /// [`rules::JWS_UNENCODED`] if it is signed as base64url, and as [`Signature::verify`].
    pub fn verify_unencoded<'p>(
        &self,
        payload: &'p [u8],
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'p>, Error> {
        if self.headers.is_encoded() {
            return Err(self.error(rules::JWS_UNENCODED));
        }
        self.check(payload, payload, keys)
    }

    fn check<'p>(
        &self,
        payload: &'p [u8],
        signed: &[u8],
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'p>, Error> {
        // RFC 7515 §4.1.11: "If any of the listed extension Header Parameters are not understood
        // and supported by the recipient, then the JWS is invalid."
        let understood = self.content.understood;
        let is_known = |name: Text<'_>| {
            name == *ENCODED || understood.iter().any(|extension| name == **extension)
        };
        if !self.headers.critical().all(is_known) {
            return Err(self.error(rules::JWS_CRITICAL_UNKNOWN));
        }
        let Some(algorithm) = self.headers.algorithm() else {
            return Err(self.error(rules::JWS_ALGORITHM_UNKNOWN));
        };
        let key = self.settle(algorithm, &[self.protected, b".", signed], keys)?;
        Ok(Verified { payload, algorithm, key })
    }

    /// Checks the signature with each key that is for its algorithm, until one fits.
    ///
    /// The failure is the most telling one: no key at all, then "unavailable", then "wrong".
    fn settle(
        &self,
        algorithm: Algorithm,
        message: &[&[u8]],
        keys: &[&dyn Verifier],
    ) -> Result<usize, Error> {
        let failures = [rules::JWS_NO_KEY, rules::JWS_SIGNATURE];
        seam::settle(keys, algorithm, message, self.bytes, failures)
            .map_err(|failure| self.error(failure))
    }

    #[cold]
    const fn error(&self, rule: Rule) -> Error {
        Error::new(rule, self.headers.offset())
    }
}
