//! What a voucher or request says: one view over both encodings.

use iotops_wire::{Rule, Time};

use super::contents::{Data, List};
use super::unknown::Unknown;
use crate::Error;
use crate::conform::{self, Role};
use crate::model::{Assertion, Binary, Characters, Kind, Leaf, Profile};

/// What a document holds.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Contents<'a> {
    /// A voucher.
    Voucher(Voucher<'a>),
    /// A request.
    Request(Request<'a>),
}

impl<'a> Contents<'a> {
    pub(crate) const fn of(data: Data<'a>) -> Self {
        match data.kind() {
            Kind::Voucher => Self::Voucher(Voucher(data)),
            Kind::Request => Self::Request(Request(data)),
        }
    }

    /// Which of them it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Voucher(_) => Kind::Voucher,
            Self::Request(_) => Kind::Request,
        }
    }

    pub(crate) const fn data(&self) -> &Data<'a> {
        match self {
            Self::Voucher(voucher) => &voucher.0,
            Self::Request(request) => &request.0,
        }
    }

    /// Whether it has this leaf.
    #[must_use]
    pub fn has(&self, leaf: Leaf) -> bool {
        self.data().has(leaf)
    }

    /// The rules between leaves that it breaks, for whoever wrote it in this role.
    pub fn broken(&self, role: Role, profile: Profile) -> impl Iterator<Item = Rule> + use<'a> {
        conform::broken(*self.data(), role, profile)
    }
}

/// A voucher as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Voucher<'a>(pub(crate) Data<'a>);

/// A request for a voucher as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a>(pub(crate) Data<'a>);

macro_rules! leaves {
    ($name:ident; $($(#[$meta:meta])* $method:ident $get:ident $leaf:ident $value:ty;)*) => {
        impl<'a> $name<'a> {
            /// How sure the manufacturer is of the owner.
            #[must_use]
            pub fn assertion(&self) -> Option<Assertion> {
                self.0.assertion()
            }

            /// How many leaves were ignored because no module that is known here has them.
            #[must_use]
            pub const fn unknown(&self) -> usize {
                self.0.unknown
            }

            /// The leaves that were ignored, as they are written.
            pub fn unknown_leaves(&self) -> impl Iterator<Item = Unknown<'a>> + use<'a> {
                super::unknown::unknown(&self.0)
            }

            /// The body of an extension (bis §8.6), which JSON finds by the name of its module and
            /// CBOR by the identifier.
            #[must_use]
            pub fn extension(&self, name: &str, sid: u64) -> Option<Unknown<'a>> {
                self.unknown_leaves().find(|one| one.is_extension(name, sid))
            }

            /// Checks the rules between leaves, for whoever wrote it in this role.
            ///
            /// # Errors
            /// The first rule that it breaks.
            pub fn conforms(&self, role: Role, profile: Profile) -> Result<(), Error> {
                conform::check(self.0, role, profile)
            }

            $(
                $(#[$meta])*
                #[must_use]
                pub fn $method(&self) -> Option<$value> {
                    self.0.$get(Leaf::$leaf)
                }
            )*
        }
    };
}

leaves! { Voucher;
    /// When it was made.
    created_on date CreatedOn Time;
    /// Whether certificates of the domain must be checked for revocation; `None` as usual.
    domain_cert_revocation_checks flag DomainCertRevocationChecks bool;
    /// When it expires.
    expires_on date ExpiresOn Time;
    /// The authority key identifier of the certificate of the device.
    idevid_issuer binary IdevidIssuer Binary<'a>;
    /// Until when it will be renewed.
    last_renewal_date date LastRenewalDate Time;
    /// What the device chose.
    nonce binary Nonce Binary<'a>;
    /// The certificate of the domain.
    pinned_domain_cert binary PinnedDomainCert Binary<'a>;
    /// The public key of the registrar.
    pinned_domain_pubk binary PinnedDomainPubk Binary<'a>;
    /// The SHA-256 of it.
    pinned_domain_pubk_sha256 binary PinnedDomainPubkSha256 Binary<'a>;
    /// The serial number of the device.
    serial_number text SerialNumber Characters<'a>;
    /// Where more configuration is found.
    additional_configuration_url text AdditionalConfigurationUrl Characters<'a>;
    /// Where to enrol.
    est_domain text EstDomain Characters<'a>;
    /// What only the manufacturer understands.
    manufacturer_proprietary binary ManufacturerProprietary Binary<'a>;
    /// Which extensions there are.
    extensions list Extensions List<'a>;
}

leaves! { Request;
    /// When it was made.
    created_on date CreatedOn Time;
    /// When a voucher should expire.
    expires_on date ExpiresOn Time;
    /// The authority key identifier of the certificate of the device.
    idevid_issuer binary IdevidIssuer Binary<'a>;
    /// Whether certificates of the domain must be checked for revocation: of no meaning here.
    domain_cert_revocation_checks flag DomainCertRevocationChecks bool;
    /// Until when a voucher is renewed: of no meaning here.
    last_renewal_date date LastRenewalDate Time;
    /// The certificate of the domain: of no meaning here.
    pinned_domain_cert binary PinnedDomainCert Binary<'a>;
    /// The public key of the registrar: of no meaning here.
    pinned_domain_pubk binary PinnedDomainPubk Binary<'a>;
    /// The SHA-256 of it: of no meaning here.
    pinned_domain_pubk_sha256 binary PinnedDomainPubkSha256 Binary<'a>;
    /// Where more configuration is found.
    additional_configuration_url text AdditionalConfigurationUrl Characters<'a>;
    /// Where to enrol.
    est_domain text EstDomain Characters<'a>;
    /// What only the manufacturer understands.
    manufacturer_proprietary binary ManufacturerProprietary Binary<'a>;
    /// What the device chose.
    nonce binary Nonce Binary<'a>;
    /// The serial number of the device.
    serial_number text SerialNumber Characters<'a>;
    /// The request of the device, in that of the registrar.
    prior_signed_voucher_request binary PriorSignedVoucherRequest Binary<'a>;
    /// The certificate of the registrar that the device saw.
    proximity_registrar_cert binary ProximityRegistrarCert Binary<'a>;
    /// The SHA-256 of the key of the registrar that the device saw.
    proximity_registrar_pubk_sha256 binary ProximityRegistrarPubkSha256 Binary<'a>;
    /// The key of the registrar that the device saw.
    proximity_registrar_pubk binary ProximityRegistrarPubk Binary<'a>;
    /// The certificate of the registrar that an agent gave to the device.
    agent_provided_proximity_registrar_cert binary AgentProvidedProximityRegistrarCert Binary<'a>;
    /// The certificate of the agent, where it is one.
    agent_sign_cert binary AgentSignCert Binary<'a>;
    /// The certificates of the agent, where they are a list.
    agent_sign_certs list AgentSignCert List<'a>;
    /// What the agent signed.
    agent_signed_data binary AgentSignedData Binary<'a>;
    /// Which extensions there are.
    extensions list Extensions List<'a>;
}
