//! The manufacturer: what a registrar's request proves, and what is issued for it (RFC 8995 §5.5).

mod audit;
#[cfg(feature = "std")]
mod bulk;
mod chain;
mod issue;
mod status;

pub use audit::{AuditEvent, write_audit_log};
#[cfg(feature = "std")]
pub use bulk::issue_bulk;
pub use chain::{Bundle, RegistrarChain};
pub use issue::{Issuing, PinPolicy};
pub use status::{coap_code, http_status};

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use iotops_crypto::x509::path::{self, Anchor, Options};
use iotops_crypto::x509::{Certificate, verifying_key};
use iotops_wire::Clock;

use super::prior::{Prior, check_prior};
use crate::decode::{Request, Signed};
use crate::model::{Assertion, Container};
use crate::{Error, rules};

/// What the manufacturer's own records say of a device: they are asked before any public key is
/// used, as anybody can send requests (RFC 8995 §11.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// It may be given to whoever proves to be near it.
    Free,
    /// It may be given to the domain with this identifier only: it was sold there, or claimed.
    Verified,
    /// Nobody made such a device here.
    Unknown,
    /// It must not be given to anybody now: it was reported stolen, or is being returned.
    Blocked,
}

/// A manufacturer's authority, with all that it trusts.
#[derive(Clone, Copy)]
pub struct Masa<'m> {
    device_anchors: &'m [Anchor<'m>],
    domain_anchors: &'m [Anchor<'m>],
    clock: Clock,
}

impl core::fmt::Debug for Masa<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Masa").field("clock", &self.clock).finish_non_exhaustive()
    }
}

/// The longest request that is looked at, in bytes: two chains and a prior request.
const LONGEST: usize = 64 * 1024;

impl<'m> Masa<'m> {
    /// An authority for devices whose certificates lead to these anchors.
    #[must_use]
    pub const fn new(device_anchors: &'m [Anchor<'m>], clock: Clock) -> Self {
        Self { device_anchors, domain_anchors: &[], clock }
    }

    /// With the domains that it knows: RFC 8995 §5.5.2: "the MASA MUST authenticate the registrar"
    /// where there is no nonce.
    #[must_use]
    pub const fn knowing(self, domain_anchors: &'m [Anchor<'m>]) -> Self {
        Self { domain_anchors, ..self }
    }

    /// Checks all of a request of a registrar, cheap checks first. `bundle` are the certificates of
    /// the document ([`Bundle::of`]); `prior` is decoded in the same container as the request
    /// ([`prior_document`]); `admit` is asked for the serial number and the issuer of the device.
    ///
    /// # Errors
    /// The first check that fails: [`http_status`] tells what to answer.
    pub fn check<'b>(
        &self,
        document: &Signed<'b>,
        bundle: &'b Bundle,
        prior: Option<(&Signed<'_>, &Bundle)>,
        admit: &mut dyn FnMut(&str, Option<&[u8]>) -> Admission,
    ) -> Result<CheckedRequest<'b>, Error> {
        let crate::Contents::Request(request) = document.unverified() else {
            return Err(Error::new(rules::KIND, 0));
        };
        let (serial_number, admission) = admitted(&request, admit)?;
        let options = Options::new(self.clock);
        let chain = RegistrarChain::find(document, bundle, &options)?;
        let is_known = chain.leads_to(self.domain_anchors, &options);
        if request.nonce().is_none() && !is_known {
            return Err(Error::new(rules::NONCELESS_UNKNOWN, 0));
        }
        let assertion =
            self.prove(chain.authenticated(), &chain, &serial_number, prior, bundle, &options)?;
        let assertion = match admission {
            Admission::Verified if is_known => Assertion::Verified,
            Admission::Verified => return Err(Error::new(rules::OTHER_DOMAIN, 0)),
            _ => assertion,
        };
        let request = chain.authenticated().request()?;
        Ok(CheckedRequest { request, serial_number, chain, assertion })
    }

    /// The assertion that the request of the device supports (RFC 8995 §5.5.5).
    fn prove(
        &self,
        registrar: &crate::Authenticated<'_>,
        chain: &RegistrarChain<'_>,
        serial_number: &str,
        prior: Option<(&Signed<'_>, &Bundle)>,
        bundle: &Bundle,
        options: &Options<'_>,
    ) -> Result<Assertion, Error> {
        let Some((document, own)) = prior else {
            let claims = registrar.request()?.prior_signed_voucher_request().is_some();
            // A request that is there must not be passed over.
            return if claims {
                Err(Error::new(rules::PRIOR_MISSING, 0))
            } else {
                check_prior(registrar, None, &[], &[])
            };
        };
        // In COSE the chain of the device comes with the request of the registrar (cBRSKI §9.2.1).
        let own = own.certificates()?;
        let others: Vec<Certificate<'_>> =
            own.iter().copied().chain(bundle.certificates()?).collect();
        let is_device = |one: &&Certificate<'_>| one.device_serial_number() == Some(serial_number);
        let device = others.iter().find(is_device);
        let device = device.ok_or(Error::new(rules::PRIOR_SERIAL, 0))?;
        let path = path::verify(device, &others, self.device_anchors, options)?;
        let key = verifying_key(path.leaf().public_key())?;
        let verified = document.verify(&[&key])?;
        let (certificates, keys) = chain.encoded();
        let prior = Prior::new(&verified, serial_number);
        check_prior(registrar, Some(&prior), &certificates, &keys)
    }
}

fn admitted(
    request: &Request<'_>,
    admit: &mut dyn FnMut(&str, Option<&[u8]>) -> Admission,
) -> Result<(String, Admission), Error> {
    let serial_number = request.serial_number().ok_or(Error::new(rules::SERIAL_MISSING, 0))?;
    let serial_number = serial_number.to_string();
    let issuer = request.idevid_issuer().map(|issuer| issuer.to_vec()).transpose()?;
    match admit(&serial_number, issuer.as_deref()) {
        Admission::Unknown => Err(Error::new(rules::DEVICE_UNKNOWN, 0)),
        Admission::Blocked => Err(Error::new(rules::DEVICE_BLOCKED, 0)),
        admission => Ok((serial_number, admission)),
    }
}

/// A request that a registrar signed and that passed every check of RFC 8995 §5.5: the only thing
/// that vouchers are issued for.
#[derive(Clone, Debug)]
pub struct CheckedRequest<'b> {
    request: Request<'b>,
    serial_number: String,
    chain: RegistrarChain<'b>,
    assertion: Assertion,
}

impl<'b> CheckedRequest<'b> {
    /// What the registrar said.
    #[must_use]
    pub const fn request(&self) -> &Request<'b> {
        &self.request
    }

    /// The serial number of the device.
    #[must_use]
    pub fn serial_number(&self) -> &str {
        &self.serial_number
    }

    /// The chain of the registrar.
    #[must_use]
    pub const fn chain(&self) -> &RegistrarChain<'b> {
        &self.chain
    }

    /// What can be asserted.
    #[must_use]
    pub const fn assertion(&self) -> Assertion {
        self.assertion
    }
}

/// The request of the device in that of a registrar, as bytes; it is decoded in the container of
/// the registrar's (cBRSKI §7.1: both have one format).
///
/// # Errors
/// [`rules::TOO_LONG`] for more than 64 KiB.
pub fn prior_document(document: &Signed<'_>) -> Result<Option<(Container, Vec<u8>)>, Error> {
    let crate::Contents::Request(request) = document.unverified() else { return Ok(None) };
    let Some(prior) = request.prior_signed_voucher_request() else { return Ok(None) };
    if prior.length() > LONGEST {
        return Err(Error::new(rules::TOO_LONG, 0));
    }
    Ok(Some((document.container(), prior.to_vec()?)))
}
