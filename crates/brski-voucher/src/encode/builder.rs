//! Builders for vouchers and requests.

use iotops_wire::Time;

#[cfg(any(feature = "cms", feature = "jws"))]
use super::json;
use super::{Extension, KeyForm, Leaves, Owned, cbor};
use crate::conform::Role;
use crate::decode::{Contents, Reading, Request, Voucher, read_cbor};
use crate::model::{Assertion, Kind, Leaf, Profile};
use crate::sign::Draft;
use crate::{Error, rules};

/// A voucher to be issued.
///
/// ```
/// use brski_voucher::model::{Assertion, Profile};
/// use brski_voucher::VoucherBuilder;
///
/// let draft = VoucherBuilder::new("JADA123456789")
///     .assertion(Assertion::Proximity)
///     .nonce(&[7; 8])
///     .pinned_domain_pubk_sha256(&[1; 32])
///     .build(Profile::Rfc8366bis)?;
/// assert_eq!(draft.to_cbor()?.len(), 67);
/// # Ok::<(), brski_voucher::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct VoucherBuilder(Leaves);

/// A request to be made, by a device or by a registrar.
#[derive(Clone, Debug)]
pub struct RequestBuilder(Leaves);

macro_rules! setters {
    ($name:ident $kind:ident; $($(#[$meta:meta])* $method:ident $leaf:ident $form:ident $value:ty;)*) => {
        impl $name {
            /// A document for the device with this serial number.
            #[must_use]
            pub fn new(serial_number: &str) -> Self {
                let mut leaves = Leaves::new(Kind::$kind);
                leaves.set(Leaf::SerialNumber, Owned::Text(serial_number.into()));
                Self(leaves)
            }

            /// The same with an extension, and its name in the list of them.
            #[must_use]
            pub fn extension(mut self, extension: &Extension<'_>) -> Self {
                self.0.extend(extension);
                self
            }

            /// The same with keys of this form in CBOR.
            #[must_use]
            pub const fn with_keys(mut self, keys: KeyForm) -> Self {
                self.0.keys = keys;
                self
            }

            $(
                $(#[$meta])*
                #[must_use]
                pub fn $method(mut self, value: $value) -> Self {
                    self.0.set(Leaf::$leaf, Owned::$form(value.into()));
                    self
                }
            )*
        }
    };
}

setters! { VoucherBuilder Voucher;
    /// How sure the manufacturer is of the owner.
    assertion Assertion Assertion Assertion;
    /// When it is made.
    created_on CreatedOn Date Time;
    /// Whether certificates of the domain must be checked for revocation.
    domain_cert_revocation_checks DomainCertRevocationChecks Flag bool;
    /// When it expires.
    expires_on ExpiresOn Date Time;
    /// The authority key identifier of the device, with the head of its octet string.
    idevid_issuer IdevidIssuer Binary &[u8];
    /// Until when it will be renewed.
    last_renewal_date LastRenewalDate Date Time;
    /// What the device chose.
    nonce Nonce Binary &[u8];
    /// The certificate of the domain.
    pinned_domain_cert PinnedDomainCert Binary &[u8];
    /// The public key of the registrar.
    pinned_domain_pubk PinnedDomainPubk Binary &[u8];
    /// The SHA-256 of it.
    pinned_domain_pubk_sha256 PinnedDomainPubkSha256 Binary &[u8];
    /// Where more configuration is found.
    additional_configuration_url AdditionalConfigurationUrl Text &str;
    /// Where to enrol.
    est_domain EstDomain Text &str;
    /// What only the manufacturer understands.
    manufacturer_proprietary ManufacturerProprietary Binary &[u8];
}

setters! { RequestBuilder Request;
    /// What the device claims to know of the registrar.
    assertion Assertion Assertion Assertion;
    /// When it is made.
    created_on CreatedOn Date Time;
    /// The authority key identifier of the device, with the head of its octet string.
    idevid_issuer IdevidIssuer Binary &[u8];
    /// When a voucher should expire.
    expires_on ExpiresOn Date Time;
    /// Where more configuration is found.
    additional_configuration_url AdditionalConfigurationUrl Text &str;
    /// What only the manufacturer understands.
    manufacturer_proprietary ManufacturerProprietary Binary &[u8];
    /// What the device chose.
    nonce Nonce Binary &[u8];
    /// The request of the device, in that of the registrar.
    prior_signed_voucher_request PriorSignedVoucherRequest Binary &[u8];
    /// The certificate of the registrar that the device saw.
    proximity_registrar_cert ProximityRegistrarCert Binary &[u8];
    /// The SHA-256 of the key of the registrar that the device saw.
    proximity_registrar_pubk_sha256 ProximityRegistrarPubkSha256 Binary &[u8];
    /// The key of the registrar that the device saw.
    proximity_registrar_pubk ProximityRegistrarPubk Binary &[u8];
    /// The certificate of the registrar that an agent gave to the device.
    agent_provided_proximity_registrar_cert AgentProvidedProximityRegistrarCert Binary &[u8];
    /// The certificate of the agent.
    agent_sign_cert AgentSignCert Binary &[u8];
    /// What the agent signed.
    agent_signed_data AgentSignedData Binary &[u8];
}

impl VoucherBuilder {
    /// A voucher with all that this one says, to be changed or signed anew.
    ///
    /// # Errors
    /// None that a caller can cause; decoding is fallible.
    pub fn copy(voucher: &Voucher<'_>) -> Result<Self, Error> {
        Ok(Self(Leaves::copy(&Contents::Voucher(*voucher))?))
    }

    /// The voucher, to be signed.
    ///
    /// # Errors
    /// The rule that it would break, [`rules::PIN_MISSING`], [`rules::PIN_OUTLIVED`].
    pub fn build(self, profile: Profile) -> Result<Draft, Error> {
        check_written(&self.0, |contents| {
            contents.data().conforms(profile)?;
            let pins =
                [Leaf::PinnedDomainCert, Leaf::PinnedDomainPubk, Leaf::PinnedDomainPubkSha256];
            if !pins.iter().any(|pin| contents.has(*pin)) {
                return Err(Error::new(rules::PIN_MISSING, 0));
            }
            #[cfg(feature = "x509")]
            check_pin(contents.data())?;
            Ok(())
        })?;
        Ok(Draft::new(self.0))
    }
}

/// RFC 8366 §5.3: the expiry "MUST NOT exceed" that of the pinned certificate.
#[cfg(feature = "x509")]
fn check_pin(data: &crate::decode::Data<'_>) -> Result<(), Error> {
    let Some(pinned) = data.binary(Leaf::PinnedDomainCert) else { return Ok(()) };
    let mut buffer = alloc::vec![0; pinned.length()];
    let certificate = iotops_crypto::x509::Certificate::decode(pinned.read_into(&mut buffer)?)?;
    match data.date(Leaf::ExpiresOn).is_some_and(|end| end > certificate.not_after()) {
        true => Err(Error::new(rules::PIN_OUTLIVED, 0)),
        false => Ok(()),
    }
}

impl RequestBuilder {
    /// A request with all that this one says, to be changed or signed anew.
    ///
    /// # Errors
    /// None that a caller can cause; decoding is fallible.
    pub fn copy(request: &Request<'_>) -> Result<Self, Error> {
        Ok(Self(Leaves::copy(&Contents::Request(*request))?))
    }

    /// The certificates of the agent, its own first: a list, which only JSON has (BRSKI-PRM
    /// §7.3.4.1).
    #[must_use]
    pub fn agent_sign_certs(mut self, certificates: &[&[u8]]) -> Self {
        let list = certificates.iter().map(|one| one.to_vec()).collect();
        self.0.set(Leaf::AgentSignCert, Owned::Binaries(list));
        self
    }

    /// The request, to be signed, if it obeys the rules for whoever writes it in this role.
    ///
    /// # Errors
    /// The rule that it would break.
    pub fn build_for(self, role: Role, profile: Profile) -> Result<Draft, Error> {
        check_written(&self.0, |contents| match contents.broken(role, profile).next() {
            Some(rule) => Err(Error::new(rule, 0)),
            None => Ok(()),
        })?;
        Ok(Draft::new(self.0))
    }

    /// The request, to be signed.
    ///
    /// # Errors
    /// The rule that it would break.
    pub fn build(self) -> Result<Draft, Error> {
        check_written(&self.0, |_| Ok(()))?;
        Ok(Draft::new(self.0))
    }
}

/// What is built is read as strictly as what comes from others: in CBOR, or in JSON what only that
/// can say.
fn check_written(
    leaves: &Leaves,
    check: impl FnOnce(&Contents<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    match cbor(leaves) {
        Ok(written) => check(&Contents::of(read_cbor(&written, &mut Reading::strict())?)),
        #[cfg(any(feature = "cms", feature = "jws"))]
        Err(error) if error.rule() == rules::OTHER_ENCODING => {
            check(&Contents::decode_json(&json(leaves)?)?)
        }
        Err(error) => Err(error),
    }
}
