//! Validation of certification paths (RFC 5280 §6).
//!
//! An anchor is whatever the caller trusts: a certificate of any kind, also that of an end entity,
//! or a name with a key. A certificate as anchor is bound by its own extensions (RFC 5937).

mod build;
mod constraints;
mod options;
#[cfg(feature = "x509-policies")]
mod policy;
mod profile;
mod revocation;
mod validate;
mod web;

pub use options::Options;

use super::{Certificate, Name};
use crate::Error;
use build::Search;

/// Intermediate certificates that a path has at most.
pub const MOST_INTERMEDIATES: usize = 8;

/// Who is trusted to issue certificates.
#[derive(Clone, Copy, Debug)]
pub struct Anchor<'a> {
    name: Name<'a>,
    public_key: &'a [u8],
    certificate: Option<Certificate<'a>>,
}

impl<'a> Anchor<'a> {
    /// Trusts a certificate, and what it issues if it is a CA.
    #[must_use]
    pub const fn certificate(certificate: Certificate<'a>) -> Self {
        Self {
            name: *certificate.subject(),
            public_key: certificate.public_key(),
            certificate: Some(certificate),
        }
    }

    /// Trusts a key, given as `SubjectPublicKeyInfo`, to issue under this name.
    #[must_use]
    pub const fn key(name: Name<'a>, public_key: &'a [u8]) -> Self {
        Self { name, public_key, certificate: None }
    }
}

/// The proof that a certificate belongs to an anchor.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedPath<'a> {
    leaf: Certificate<'a>,
    anchor: usize,
    intermediates: [usize; MOST_INTERMEDIATES],
    length: usize,
}

impl<'a> VerifiedPath<'a> {
    /// The certificate that was verified.
    #[must_use]
    pub const fn leaf(&self) -> &Certificate<'a> {
        &self.leaf
    }

    /// Which of the given anchors it was.
    #[must_use]
    pub const fn anchor(&self) -> usize {
        self.anchor
    }

    /// Which of the given intermediates the path goes through, from the leaf up.
    #[must_use]
    pub fn intermediates(&self) -> &[usize] {
        self.intermediates.get(..self.length).unwrap_or_default()
    }
}

/// Finds a path from `leaf` over some of `intermediates`, in whatever order, to one of `anchors`,
/// and validates it. Certificates that are not on the path do no harm.
///
/// In errors, certificate 0 is the leaf, certificate n the n-th intermediate counted from 1, and
/// key n the n-th anchor counted from 0.
///
/// # Errors
/// The rule that the best path breaks; [`crate::rules::x509::NO_PATH`] if there is none at all.
pub fn verify<'a>(
    leaf: &Certificate<'a>,
    intermediates: &[Certificate<'a>],
    anchors: &[Anchor<'_>],
    options: &Options<'_>,
) -> Result<VerifiedPath<'a>, Error> {
    Search::new(leaf, intermediates, anchors, options).run()
}
