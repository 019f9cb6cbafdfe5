//! The manufacturer: what the request of a registrar proves (RFC 8995 §5.5.5).

use crate::model::Assertion;
use crate::verify::Authenticated;
use crate::{Error, rules};

/// The request of the device in that of a registrar, verified with the key of the device.
#[derive(Clone, Copy, Debug)]
pub struct Prior<'r, 'a> {
    request: &'r Authenticated<'a>,
    serial_number: &'r str,
}

impl<'r, 'a> Prior<'r, 'a> {
    /// `request` was verified with the key of the device with this serial number, as its
    /// certificate has it.
    #[must_use]
    pub const fn new(request: &'r Authenticated<'a>, serial_number: &'r str) -> Self {
        Self { request, serial_number }
    }
}

/// Checks the request of a registrar against that of the device, and gives the assertion that both
/// support. `registrar_keys` are the `SubjectPublicKeyInfo` of the chain that signed the request,
/// and `registrar_certificates` its certificates.
///
/// # Errors
/// [`rules::KIND`], [`rules::PRIOR_SERIAL`], [`rules::PRIOR_NONCE`], [`rules::PROXIMITY`].
pub fn check_prior(
    registrar: &Authenticated<'_>,
    prior: Option<&Prior<'_, '_>>,
    registrar_certificates: &[&[u8]],
    registrar_keys: &[&[u8]],
) -> Result<Assertion, Error> {
    let request = registrar.request()?;
    // RFC 8995 §5.5: the certificate that the device saw "MUST NOT" be in it.
    if request.proximity_registrar_cert().is_some() {
        return Err(Error::new(rules::PROXIMITY, 0));
    }
    let Some(prior) = prior else { return Ok(Assertion::Logged) };
    let own = prior.request.request()?;
    let is_device = request.serial_number().is_some_and(|serial| serial.is(prior.serial_number));
    if !is_device || own.serial_number() != request.serial_number() {
        return Err(Error::new(rules::PRIOR_SERIAL, 0));
    }
    if own.nonce() != request.nonce() {
        return Err(Error::new(rules::PRIOR_NONCE, 0));
    }
    if own.assertion() != Some(Assertion::Proximity) {
        return Ok(Assertion::Logged);
    }
    let digest = |key: &[u8]| iotops_crypto::digest(iotops_crypto::Algorithm::Sha256, &[key]);
    let cert = own.proximity_registrar_cert();
    let key = own.proximity_registrar_pubk();
    let hash = own.proximity_registrar_pubk_sha256();
    let is_seen = registrar_certificates.iter().any(|one| cert.is_some_and(|seen| seen.is(one)))
        || registrar_keys.iter().any(|one| key.is_some_and(|seen| seen.is(one)))
        || registrar_keys.iter().any(|one| {
            hash.is_some_and(|seen| digest(one).is_some_and(|made| seen.is(made.as_bytes())))
        });
    // RFC 8995 §5.5.5: what the device saw must be in the chain that asks.
    if is_seen { Ok(Assertion::Proximity) } else { Err(Error::new(rules::PROXIMITY, 0)) }
}
