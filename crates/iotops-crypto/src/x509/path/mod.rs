//! Paths from a certificate to an anchor of the caller (RFC 5280 §6).
//!
//! [`Certificate::verify`] looks for a path through the intermediates that were given, and checks
//! it. Its result, [`VerifiedPath`], is the proof. The search is bounded: [`DEPTH`] authorities,
//! and a number of signatures ([`Options::with_budget`]).

mod check;
mod conformance;
mod options;
mod search;
mod web;

pub(super) use check::verify;
pub use options::{Options, Profile};

use super::{Certificate, Name};
use crate::key::VerifyingKey;
use crate::{Algorithm, Error};

/// The most authorities between a certificate and its anchor.
pub const DEPTH: usize = 8;

/// What the caller trusts: a name and its key.
///
/// Any certificate can be an anchor: that of an authority for the paths below it, and any other for
/// itself alone.
#[derive(Clone, Copy, Debug)]
pub struct Anchor<'a> {
    name: Name<'a>,
    public_key: &'a [u8],
    certificate: Option<Certificate<'a>>,
}

impl<'a> Anchor<'a> {
    /// The subject and the key of a certificate, with what it says of itself.
    #[must_use]
    pub const fn of_certificate(certificate: Certificate<'a>) -> Self {
        Self {
            name: *certificate.subject(),
            public_key: certificate.public_key(),
            certificate: Some(certificate),
        }
    }

    /// An authority with this name, and this key as an encoded `SubjectPublicKeyInfo`.
    #[must_use]
    pub const fn new(name: Name<'a>, public_key: &'a [u8]) -> Self {
        Self { name, public_key, certificate: None }
    }
}

/// The proof that a path leads from a certificate to an anchor of the caller.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedPath<'a> {
    certificate: Certificate<'a>,
    anchor: usize,
    authorities: [u8; DEPTH],
    length: usize,
}

impl<'a> VerifiedPath<'a> {
    /// The certificate that was verified.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate<'a> {
        &self.certificate
    }

    /// Which of the given anchors the path leads to.
    #[must_use]
    pub const fn anchor(&self) -> usize {
        self.anchor
    }

    /// Which of the given intermediates the path goes through, from the certificate upwards.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn intermediates(&self) -> impl Iterator<Item = usize> + '_ {
        self.authorities.iter().take(self.length).map(|index| usize::from(*index))
    }

    /// The key of the certificate, for signatures of this algorithm.
    ///
    /// # Errors
    /// [`crate::rules::x509::KEY`] if it is not for that, and those of [`crate::key::import`].
    pub fn verifying_key(&self, algorithm: Algorithm) -> Result<VerifyingKey, Error> {
        check::key_for(self.certificate.public_key(), algorithm)
    }
}
