//! The registrar's own request, made of that of a device (RFC 8995 §5.5).

use alloc::vec;
use alloc::vec::Vec;

use iotops_crypto::der::Reader;
use iotops_crypto::x509::Certificate;
use iotops_crypto::{Algorithm, digest};
use iotops_wire::Time;

use super::check_request;
use crate::conform::Role;
use crate::encode::RequestBuilder;
use crate::model::Profile;
use crate::sign::Draft;
use crate::verify::Authenticated;
use crate::{Error, rules};

/// The type of the authority key identifier (RFC 5280 §4.2.1.1).
const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 0x23];

/// What a registrar knows of the connection that a request came through.
#[derive(Clone, Copy, Debug)]
pub struct Connection<'c> {
    /// The certificate with which the device authenticated itself in TLS.
    device: Certificate<'c>,
    /// The certificate that the registrar showed there.
    own: Certificate<'c>,
    serial_number: Option<&'c str>,
}

impl<'c> Connection<'c> {
    /// A connection between these two.
    #[must_use]
    pub const fn new(device: Certificate<'c>, own: Certificate<'c>) -> Self {
        Self { device, own, serial_number: None }
    }

    /// With a serial number that this manufacturer keeps elsewhere in its certificates (RFC 8995
    /// §2.3.1: "MUST be configurable" where the subject has none).
    #[must_use]
    pub const fn with_serial_number(self, serial_number: &'c str) -> Self {
        Self { serial_number: Some(serial_number), ..self }
    }

    fn serial_number(&self) -> Result<&'c str, Error> {
        let found = self.serial_number.or_else(|| self.device.device_serial_number());
        found.ok_or(Error::new(rules::SERIAL_MISSING, 0))
    }
}

/// A request of a device that is connected, and that the registrar may hand on.
#[derive(Clone, Copy, Debug)]
pub struct CheckedDevice<'a, 'c> {
    request: Authenticated<'a>,
    connection: Connection<'c>,
    serial_number: &'c str,
}

impl<'a, 'c> CheckedDevice<'a, 'c> {
    /// Checks a request that was verified with the key of the device's certificate, and asks
    /// `authorise` whether this device is wanted here (RFC 8995 §5.3).
    ///
    /// # Errors
    /// As [`check_request`], [`rules::SERIAL_MISSING`], [`rules::DEVICE_BLOCKED`] if it is not
    /// wanted.
    pub fn check(
        request: &Authenticated<'a>,
        connection: Connection<'c>,
        authorise: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Self, Error> {
        // §5.5: the registrar takes the serial number from the certificate, not from the request.
        let serial_number = connection.serial_number()?;
        let own = &connection.own;
        check_request(request, serial_number, own.encoding(), own.public_key())?;
        if !authorise(serial_number) {
            return Err(Error::new(rules::DEVICE_BLOCKED, 0));
        }
        Ok(Self { request: *request, connection, serial_number })
    }

    /// The serial number of the device, as its certificate has it.
    #[must_use]
    pub const fn serial_number(&self) -> &'c str {
        self.serial_number
    }

    /// Where the manufacturer is asked, as the certificate of the device has it: a URI, or only an
    /// authority (RFC 8995 §2.3.2).
    #[must_use]
    pub fn masa_url(&self) -> Option<&'c str> {
        self.connection.device.masa_url()
    }

    /// The request of the registrar, to be signed: `document` is the request of the device as it
    /// came.
    ///
    /// # Errors
    /// The rules of requests of registrars.
    pub fn request(&self, document: &[u8], now: Time) -> Result<Draft, Error> {
        let request = self.request.request()?;
        let mut builder = RequestBuilder::new(self.serial_number)
            .created_on(now)
            .idevid_issuer(&idevid_issuer(&self.connection.device)?)
            .prior_signed_voucher_request(document);
        if let Some(nonce) = request.nonce() {
            builder = builder.nonce(&nonce.to_vec()?);
        }
        // cBRSKI §7.2: the registrar copies what the device asserts.
        if let Some(assertion) = request.assertion() {
            builder = builder.assertion(assertion);
        }
        builder.build_for(Role::Registrar, Profile::Rfc8366bis)
    }
}

/// The issuer of a device's certificate as vouchers name it: the value of the authority key
/// identifier with the head of its octet string (bis §6.1).
///
/// # Errors
/// [`rules::IDEVID_ISSUER`] for a certificate without that extension.
pub fn idevid_issuer(device: &Certificate<'_>) -> Result<Vec<u8>, Error> {
    let extension = device.extension(AUTHORITY_KEY_ID);
    let value = extension.map(|extension| rest(extension.value));
    let value = value.ok_or(Error::new(rules::IDEVID_ISSUER, 0))?;
    let length = u8::try_from(value.len()).ok().filter(|length| *length < 0x80);
    let mut bytes = vec![0x04, length.ok_or(Error::new(rules::IDEVID_ISSUER, 0))?];
    bytes.extend_from_slice(value);
    Ok(bytes)
}

fn rest(reader: Reader<'_>) -> &[u8] {
    reader.rest()
}

/// SHA-256 of a registrar's key, as devices compare it.
///
/// # Errors
/// None: SHA-256 is always built in.
pub fn key_digest(own: &Certificate<'_>) -> Result<Vec<u8>, Error> {
    let made = digest(Algorithm::Sha256, &[own.public_key()]);
    made.map(|made| made.as_bytes().to_vec()).ok_or(Error::new(rules::DIGEST_LENGTH, 0))
}
