//! Conversions to and from the types of the `x509-cert` crate, for programs that use both.

use alloc::vec::Vec;

use der::{Decode as _, Encode as _};

use super::Certificate;
use crate::{Error, rules};

impl TryFrom<&Certificate<'_>> for x509_cert::Certificate {
    type Error = der::Error;

    fn try_from(certificate: &Certificate<'_>) -> Result<Self, Self::Error> {
        Self::from_der(certificate.encoding())
    }
}

impl<'a> Certificate<'a> {
    /// The view of a certificate of the `x509-cert` crate, whose encoding replaces what is in
    /// `space`. Trust does not come along: only [`super::path::verify`] gives a proof.
    ///
    /// That crate does not write all as it was read, and then no signature verifies: a
    /// `GeneralizedTime` of a year before 2050, which RFC 5280 forbids, becomes a `UTCTime`.
    ///
    /// # Errors
    /// [`rules::der::SIZE`] if it cannot be encoded, and as [`Certificate::decode`], which is
    /// stricter than that crate.
    pub fn from_x509_cert(
        certificate: &x509_cert::Certificate,
        space: &'a mut Vec<u8>,
    ) -> Result<Self, Error> {
        *space = certificate.to_der().map_err(|_| Error::new(rules::der::SIZE, 0))?;
        Self::decode(space)
    }
}
