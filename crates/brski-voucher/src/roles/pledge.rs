//! The device: whether a voucher is for it, and for this attempt (RFC 8995 §5.6.1).

use iotops_wire::{Clock, Time};

use super::pin::{Pin, PinKind, PinKinds};
use crate::decode::Voucher;
use crate::model::{Assertions, Binary, Profile};
use crate::verify::Authenticated;
use crate::{Error, rules};

/// Which forms of the issuer are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum IssuerForm {
    /// The value of the extension with the head of its octet string (bis §6.1).
    #[default]
    Exact,
    /// Also without that head, as some write it.
    WithoutHead,
}

/// What a device knows of itself and of its attempt.
#[derive(Clone, Copy, Debug)]
pub struct Pledge<'p> {
    serial_number: &'p str,
    clock: Clock,
    issuer: Option<&'p [u8]>,
    issuer_form: IssuerForm,
    nonce: Option<&'p [u8]>,
    takes_nonceless: bool,
    assertions: Assertions,
    sent_pin: Option<PinKind>,
    understood: PinKinds,
    profile: Profile,
}

impl<'p> Pledge<'p> {
    /// A device with this serial number, as its certificate has it. It takes every assertion, no
    /// voucher without a nonce, and the revised edition.
    #[must_use]
    pub const fn new(serial_number: &'p str, clock: Clock) -> Self {
        Self {
            serial_number,
            clock,
            issuer: None,
            issuer_form: IssuerForm::Exact,
            nonce: None,
            takes_nonceless: false,
            assertions: Assertions::ALL,
            sent_pin: None,
            understood: PinKinds::ALL,
            profile: Profile::Rfc8366bis,
        }
    }

    /// The value of the authority key identifier in its certificate, with the head of the octet
    /// string. A voucher that names an issuer is refused without it.
    #[must_use]
    pub const fn issued_by(self, authority_key_id: &'p [u8], form: IssuerForm) -> Self {
        Self { issuer: Some(authority_key_id), issuer_form: form, ..self }
    }

    /// The nonce that it sent in this attempt.
    #[must_use]
    pub const fn sent_nonce(self, nonce: &'p [u8]) -> Self {
        Self { nonce: Some(nonce), ..self }
    }

    /// Takes vouchers without a nonce, which stay good until they expire.
    #[must_use]
    pub const fn taking_nonceless(self) -> Self {
        Self { takes_nonceless: true, ..self }
    }

    /// Takes only these assertions; a voucher without one is then refused.
    #[must_use]
    pub const fn taking(self, assertions: Assertions) -> Self {
        Self { assertions, ..self }
    }

    /// How it told in its request which registrar it saw.
    #[must_use]
    pub const fn sent_proximity(self, kind: PinKind) -> Self {
        Self { sent_pin: Some(kind), ..self }
    }

    /// The pins that it understands.
    #[must_use]
    pub const fn understanding(self, pins: PinKinds) -> Self {
        Self { understood: pins, ..self }
    }

    /// The edition that vouchers must obey.
    #[must_use]
    pub const fn in_profile(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// Checks all of it. `scratch` takes what JSON has in base64: the pin; for COSE it may be
    /// empty.
    ///
    /// # Errors
    /// The first check that fails, one of the rules 440 to 448, [`rules::KIND`], the rules of the
    /// edition, [`rules::SCRATCH`].
    pub fn accept<'a>(
        &self,
        authenticated: &Authenticated<'a>,
        scratch: &'a mut [u8],
    ) -> Result<AcceptedVoucher<'a>, Error> {
        let voucher = authenticated.voucher()?;
        voucher.0.conforms(self.profile)?;
        self.check_device(&voucher)?;
        self.check_nonce(&voucher)?;
        self.check_time(&voucher)?;
        self.check_assertion(&voucher)?;
        let pin = Pin::choose(&voucher, self.sent_pin, self.understood, scratch)?;
        check_outlived(&voucher, &pin)?;
        Ok(AcceptedVoucher { voucher, pin })
    }

    fn check_device(&self, voucher: &Voucher<'_>) -> Result<(), Error> {
        // RFC 8366 §5.3: "the pledge MUST NOT process the voucher" of another serial number.
        if !voucher.serial_number().is_some_and(|serial| serial.is(self.serial_number)) {
            return Err(Error::new(rules::SERIAL_NUMBER, 0));
        }
        let Some(found) = voucher.idevid_issuer() else { return Ok(()) };
        // RFC 8366 §5.3: the pledge must check that this "matches the issuer" of its certificate.
        match self.issuer.is_some_and(|own| self.is_issuer(&found, own)) {
            true => Ok(()),
            false => Err(Error::new(rules::IDEVID_ISSUER, 0)),
        }
    }

    fn is_issuer(&self, found: &Binary<'_>, own: &[u8]) -> bool {
        let short = match own {
            [0x04, length, content @ ..] if usize::from(*length) == content.len() => Some(content),
            _ => None,
        };
        let is_short = || short.is_some_and(|content| found.is(content));
        found.is(own) || (self.issuer_form == IssuerForm::WithoutHead && is_short())
    }

    fn check_nonce(&self, voucher: &Voucher<'_>) -> Result<(), Error> {
        match (voucher.nonce(), self.nonce) {
            (Some(found), Some(sent)) if found.is(sent) => Ok(()),
            (Some(_), _) => Err(Error::new(rules::NONCE, 0)),
            (None, _) if self.takes_nonceless => Ok(()),
            (None, _) => Err(Error::new(rules::NONCELESS, 0)),
        }
    }

    /// RFC 8995 §2.6.1: a device that does not know the time relies on the nonce.
    fn check_time(&self, voucher: &Voucher<'_>) -> Result<(), Error> {
        let (earliest, latest) = match self.clock {
            Clock::Trusted(now) => (Some(now), Some(now)),
            Clock::NotBefore(time) => (Some(time), None),
            _ => (None, None),
        };
        let is_over = |end: Time| earliest.is_some_and(|now| now > end);
        if voucher.expires_on().is_some_and(is_over) {
            return Err(Error::new(rules::EXPIRED, 0));
        }
        let is_ahead = |made: Time| latest.is_some_and(|now| now < made);
        if voucher.created_on().is_some_and(is_ahead) {
            return Err(Error::new(rules::CREATED_ON, 0));
        }
        Ok(())
    }

    fn check_assertion(&self, voucher: &Voucher<'_>) -> Result<(), Error> {
        let is_taken = match voucher.assertion() {
            Some(assertion) => self.assertions.has(assertion),
            // bis §8.5: it is not mandatory.
            None => self.assertions == Assertions::ALL,
        };
        if is_taken { Ok(()) } else { Err(Error::new(rules::ASSERTION_WEAK, 0)) }
    }
}

/// RFC 8366 §5.3: the expiry "MUST NOT exceed" that of the pinned certificate.
#[cfg(feature = "x509")]
fn check_outlived(voucher: &Voucher<'_>, pin: &Pin<'_>) -> Result<(), Error> {
    let Pin::Certificate(pinned) = pin else { return Ok(()) };
    let certificate = iotops_crypto::x509::Certificate::decode(pinned)?;
    match voucher.expires_on().is_some_and(|end| end > certificate.not_after()) {
        true => Err(Error::new(rules::PIN_OUTLIVED, 0)),
        false => Ok(()),
    }
}

#[cfg(not(feature = "x509"))]
#[expect(clippy::unnecessary_wraps, reason = "it fails where certificates are built in")]
const fn check_outlived(_: &Voucher<'_>, _: &Pin<'_>) -> Result<(), Error> {
    Ok(())
}

/// The proof that a voucher is for this device and this attempt.
#[derive(Clone, Copy, Debug)]
pub struct AcceptedVoucher<'a> {
    voucher: Voucher<'a>,
    pin: Pin<'a>,
}

impl<'a> AcceptedVoucher<'a> {
    /// What the manufacturer said.
    #[must_use]
    pub const fn voucher(&self) -> &Voucher<'a> {
        &self.voucher
    }

    /// Whom to trust from now on.
    #[must_use]
    pub const fn pin(&self) -> &Pin<'a> {
        &self.pin
    }
}
