//! Names and identifiers of all leaves, in one table (bis §8.5, §9.3).

/// Whether a document is a voucher or a request for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// A voucher.
    Voucher,
    /// A request for one.
    Request,
}

impl Kind {
    /// The identifier of the container.
    #[must_use]
    pub const fn sid(self) -> u64 {
        match self {
            Self::Voucher => 2451,
            Self::Request => 2501,
        }
    }

    /// The name of the container.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Voucher => "ietf-voucher:voucher",
            Self::Request => "ietf-voucher-request:voucher",
        }
    }

    /// The container with this identifier.
    pub(crate) fn of_sid(sid: u64) -> Option<Self> {
        [Self::Voucher, Self::Request].into_iter().find(|kind| kind.sid() == sid)
    }
}

/// The name of requests in early drafts of BRSKI-PRM.
#[cfg(any(feature = "cms", feature = "jws"))]
pub(crate) const OLD_REQUEST: &str = "ietf-voucher-request-prm:voucher";

/// A leaf of a voucher or request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Leaf {
    /// How sure the manufacturer is of the owner.
    Assertion,
    /// When it was made.
    CreatedOn,
    /// Whether certificates of the domain must be checked for revocation.
    DomainCertRevocationChecks,
    /// When it expires.
    ExpiresOn,
    /// The authority key identifier of the certificate of the device.
    IdevidIssuer,
    /// Until when it will be renewed.
    LastRenewalDate,
    /// What the device chose for this attempt.
    Nonce,
    /// The certificate of the domain.
    PinnedDomainCert,
    /// The public key of the registrar.
    PinnedDomainPubk,
    /// The SHA-256 of it.
    PinnedDomainPubkSha256,
    /// The serial number of the device.
    SerialNumber,
    /// Where more configuration is found.
    AdditionalConfigurationUrl,
    /// Where to enrol.
    EstDomain,
    /// What only the manufacturer understands.
    ManufacturerProprietary,
    /// Which extensions there are.
    Extensions,
    /// The request of the device, in that of the registrar.
    PriorSignedVoucherRequest,
    /// The certificate of the registrar that the device saw.
    ProximityRegistrarCert,
    /// The SHA-256 of the key of the registrar that the device saw.
    ProximityRegistrarPubkSha256,
    /// The key of the registrar that the device saw.
    ProximityRegistrarPubk,
    /// The certificate of the registrar that an agent gave to the device.
    AgentProvidedProximityRegistrarCert,
    /// The certificates of the agent.
    AgentSignCert,
    /// What the agent signed.
    AgentSignedData,
}

/// How the value of a leaf is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Assertion,
    Date,
    Flag,
    Binary,
    /// Binary, or in JSON a list of it.
    Binaries,
    Text,
    List,
}

/// The number of leaves.
pub(crate) const LEAVES: usize = 22;

/// A leaf, its name, its form, and its identifiers in a voucher and in a request as differences to
/// that of the container; 0 where it has none.
type Row = (Leaf, &'static str, Form, u64, u64);

const TABLE: [Row; LEAVES] = [
    (Leaf::Assertion, "assertion", Form::Assertion, 1, 1),
    (Leaf::CreatedOn, "created-on", Form::Date, 2, 2),
    (Leaf::DomainCertRevocationChecks, "domain-cert-revocation-checks", Form::Flag, 3, 3),
    (Leaf::ExpiresOn, "expires-on", Form::Date, 4, 4),
    (Leaf::IdevidIssuer, "idevid-issuer", Form::Binary, 5, 5),
    (Leaf::LastRenewalDate, "last-renewal-date", Form::Date, 6, 6),
    (Leaf::Nonce, "nonce", Form::Binary, 7, 7),
    (Leaf::PinnedDomainCert, "pinned-domain-cert", Form::Binary, 8, 8),
    (Leaf::PinnedDomainPubk, "pinned-domain-pubk", Form::Binary, 9, 17),
    (Leaf::PinnedDomainPubkSha256, "pinned-domain-pubk-sha256", Form::Binary, 10, 18),
    (Leaf::SerialNumber, "serial-number", Form::Text, 11, 13),
    (Leaf::AdditionalConfigurationUrl, "additional-configuration-url", Form::Text, 12, 19),
    (Leaf::EstDomain, "est-domain", Form::Text, 13, 20),
    (Leaf::ManufacturerProprietary, "manufacturer-proprietary", Form::Binary, 14, 22),
    (Leaf::Extensions, "extensions", Form::List, 15, 21),
    (Leaf::PriorSignedVoucherRequest, "prior-signed-voucher-request", Form::Binary, 0, 9),
    (Leaf::ProximityRegistrarCert, "proximity-registrar-cert", Form::Binary, 0, 10),
    (Leaf::ProximityRegistrarPubkSha256, "proximity-registrar-pubk-sha256", Form::Binary, 0, 11),
    (Leaf::ProximityRegistrarPubk, "proximity-registrar-pubk", Form::Binary, 0, 12),
    (
        Leaf::AgentProvidedProximityRegistrarCert,
        "agent-provided-proximity-registrar-cert",
        Form::Binary,
        0,
        14,
    ),
    (Leaf::AgentSignCert, "agent-sign-cert", Form::Binaries, 0, 15),
    (Leaf::AgentSignedData, "agent-signed-data", Form::Binary, 0, 16),
];

/// The name of [`Leaf::ManufacturerProprietary`] in drafts up to -29.
const OLD_PROPRIETARY: &str = "manufacturer-private";

impl Leaf {
    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.0 == self)
    }

    /// The place in an array of all leaves.
    pub(crate) fn place(self) -> usize {
        TABLE.iter().position(|row| row.0 == self).unwrap_or(LEAVES)
    }

    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.1)
    }

    pub(crate) fn form(self) -> Form {
        self.row().map_or(Form::Text, |row| row.2)
    }

    /// The identifier; `None` where this kind of document has no such leaf.
    #[must_use]
    pub fn sid(self, of: Kind) -> Option<u64> {
        kind_delta(self.row()?, of).checked_add(of.sid()).filter(|sid| *sid != of.sid())
    }

    /// The leaf with this identifier.
    pub(crate) fn of_sid(sid: u64, of: Kind) -> Option<Self> {
        let delta = sid.checked_sub(of.sid()).filter(|delta| *delta != 0)?;
        TABLE.iter().find(|row| kind_delta(row, of) == delta).map(|row| row.0)
    }

    /// The leaf with this name.
    pub(crate) fn of_name(of: Kind, is: impl Fn(&str) -> bool) -> Option<Self> {
        if is(OLD_PROPRIETARY) {
            return Some(Self::ManufacturerProprietary);
        }
        TABLE.iter().find(|row| kind_delta(row, of) != 0 && is(row.1)).map(|row| row.0)
    }
}

const fn kind_delta(row: &Row, of: Kind) -> u64 {
    match of {
        Kind::Voucher => row.3,
        Kind::Request => row.4,
    }
}
