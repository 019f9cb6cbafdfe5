//! Builders for vouchers and requests.

use alloc::vec::Vec;

use iotops_wire::Time;

use super::{Leaves, Owned, cbor};
use crate::decode::{Reading, read_cbor};
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
    /// The voucher, to be signed.
    ///
    /// # Errors
    /// The rule that it would break, [`rules::PIN_MISSING`], [`rules::PIN_OUTLIVED`].
    pub fn build(self, profile: Profile) -> Result<Draft, Error> {
        let written = checked(&self.0, profile)?;
        let data = read_cbor(&written, &mut Reading::strict())?;
        let pins = [Leaf::PinnedDomainCert, Leaf::PinnedDomainPubk, Leaf::PinnedDomainPubkSha256];
        if pins.iter().all(|pin| data.get(*pin).is_none()) {
            return Err(Error::new(rules::PIN_MISSING, 0));
        }
        #[cfg(feature = "x509")]
        check_pin(&data)?;
        Ok(Draft::new(self.0))
    }
}

/// RFC 8366 §5.3: the expiry "MUST NOT exceed" that of the pinned certificate.
#[cfg(feature = "x509")]
fn check_pin(data: &crate::decode::Data<'_>) -> Result<(), Error> {
    let Some(pinned) = data.binary(Leaf::PinnedDomainCert).and_then(|pin| pin.as_bytes()) else {
        return Ok(());
    };
    let certificate = iotops_crypto::x509::Certificate::decode(pinned)?;
    match data.date(Leaf::ExpiresOn).is_some_and(|end| end > certificate.not_after()) {
        true => Err(Error::new(rules::PIN_OUTLIVED, 0)),
        false => Ok(()),
    }
}

impl RequestBuilder {
    /// The request, to be signed.
    ///
    /// # Errors
    /// The rule that it would break.
    pub fn build(self) -> Result<Draft, Error> {
        checked(&self.0, Profile::Rfc8366bis)?;
        Ok(Draft::new(self.0))
    }
}

/// What is built is read as strictly as what comes from others.
fn checked(leaves: &Leaves, profile: Profile) -> Result<Vec<u8>, Error> {
    let written = cbor(leaves)?;
    read_cbor(&written, &mut Reading::strict())?.conforms(profile)?;
    Ok(written)
}
