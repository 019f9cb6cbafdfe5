//! The registrar: whether a request is of the device that is connected (RFC 8995 §5.2).

#[cfg(all(feature = "alloc", any(feature = "cms", feature = "jws")))]
mod audit;
#[cfg(all(feature = "alloc", feature = "x509"))]
mod request;

#[cfg(all(feature = "alloc", any(feature = "cms", feature = "jws")))]
pub use audit::{AuditLog, AuditPolicy, Event};
#[cfg(all(feature = "alloc", feature = "x509"))]
pub use request::{CheckedDevice, Connection, idevid_issuer, key_digest};

use crate::model::Assertion;
use crate::verify::Authenticated;
use crate::{Error, rules};

/// Checks the request of a device. `serial_number` is that of the certificate with which it
/// authenticated itself in TLS and whose key verified the request; `own_certificate` is the one
/// that this registrar showed there, and `own_key` its `SubjectPublicKeyInfo`.
///
/// # Errors
/// [`rules::KIND`], [`rules::SERIAL_NUMBER`], [`rules::PROXIMITY`].
pub fn check_request(
    authenticated: &Authenticated<'_>,
    serial_number: &str,
    own_certificate: &[u8],
    own_key: &[u8],
) -> Result<(), Error> {
    let request = authenticated.request()?;
    // RFC 8995 §5.5: "The registrar MUST verify that the serial-number field it parsed matches the
    // serial-number field the pledge provided".
    if !request.serial_number().is_some_and(|serial| serial.is(serial_number)) {
        return Err(Error::new(rules::SERIAL_NUMBER, 0));
    }
    let digest = || iotops_crypto::digest(iotops_crypto::Algorithm::Sha256, &[own_key]);
    let seen = [
        request.proximity_registrar_cert().map(|seen| seen.is(own_certificate)),
        request.proximity_registrar_pubk().map(|seen| seen.is(own_key)),
        request
            .proximity_registrar_pubk_sha256()
            .map(|seen| digest().is_some_and(|made| seen.is(made.as_bytes()))),
    ];
    let is_other = seen.contains(&Some(false));
    let is_unseen = seen.iter().all(Option::is_none);
    // RFC 8995 §5.2: with assertion proximity the certificate of the registrar "MUST be populated".
    let claims = request.assertion() == Some(Assertion::Proximity);
    if is_other || (claims && is_unseen) {
        return Err(Error::new(rules::PROXIMITY, 0));
    }
    Ok(())
}
