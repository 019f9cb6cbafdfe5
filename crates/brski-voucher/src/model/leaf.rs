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
}

/// The name of requests in early drafts of BRSKI-PRM.
#[cfg(any(feature = "cms", feature = "jws"))]
pub(crate) const OLD_REQUEST: &str = "ietf-voucher-request-prm:voucher";

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

/// What the modules say of a leaf. Identifiers are differences to that of the container; 0 where
/// that kind of document has no such leaf.
struct Row {
    leaf: Leaf,
    name: &'static str,
    form: Form,
    voucher: u64,
    request: u64,
}

macro_rules! table {
    ($($(#[$meta:meta])* $leaf:ident $name:literal $form:ident $voucher:literal $request:literal;)*) => {
        /// A leaf of a voucher or request.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum Leaf {
            $($(#[$meta])* $leaf,)*
        }

        const TABLE: [Row; LEAVES] = [$(Row {
            leaf: Leaf::$leaf,
            name: $name,
            form: Form::$form,
            voucher: $voucher,
            request: $request,
        },)*];

        impl Leaf {
            /// All leaves, in the order of their identifiers in requests.
            pub const ALL: [Self; LEAVES] = [$(Self::$leaf,)*];

            /// The place in an array of all leaves: the difference in requests, which have all.
            pub(crate) const fn place(self) -> usize {
                match self { $(Self::$leaf => $request,)* }
            }
        }
    };
}

/// The number of leaves.
const LEAVES: usize = 22;
/// The length of an array with a place for each.
pub(crate) const PLACES: usize = 23;

// In the order of the last column, without gaps: the row of a place is found by its number.
table! {
    /// How sure the manufacturer is of the owner.
    Assertion "assertion" Assertion 1 1;
    /// When it was made.
    CreatedOn "created-on" Date 2 2;
    /// Whether certificates of the domain must be checked for revocation.
    DomainCertRevocationChecks "domain-cert-revocation-checks" Flag 3 3;
    /// When it expires.
    ExpiresOn "expires-on" Date 4 4;
    /// The authority key identifier of the certificate of the device.
    IdevidIssuer "idevid-issuer" Binary 5 5;
    /// Until when it will be renewed.
    LastRenewalDate "last-renewal-date" Date 6 6;
    /// What the device chose for this attempt.
    Nonce "nonce" Binary 7 7;
    /// The certificate of the domain.
    PinnedDomainCert "pinned-domain-cert" Binary 8 8;
    /// The request of the device, in that of the registrar.
    PriorSignedVoucherRequest "prior-signed-voucher-request" Binary 0 9;
    /// The certificate of the registrar that the device saw.
    ProximityRegistrarCert "proximity-registrar-cert" Binary 0 10;
    /// The SHA-256 of the key of the registrar that the device saw.
    ProximityRegistrarPubkSha256 "proximity-registrar-pubk-sha256" Binary 0 11;
    /// The key of the registrar that the device saw.
    ProximityRegistrarPubk "proximity-registrar-pubk" Binary 0 12;
    /// The serial number of the device.
    SerialNumber "serial-number" Text 11 13;
    /// The certificate of the registrar that an agent gave to the device.
    AgentProvidedProximityRegistrarCert "agent-provided-proximity-registrar-cert" Binary 0 14;
    /// The certificates of the agent.
    AgentSignCert "agent-sign-cert" Binaries 0 15;
    /// What the agent signed.
    AgentSignedData "agent-signed-data" Binary 0 16;
    /// The public key of the registrar.
    PinnedDomainPubk "pinned-domain-pubk" Binary 9 17;
    /// The SHA-256 of it.
    PinnedDomainPubkSha256 "pinned-domain-pubk-sha256" Binary 10 18;
    /// Where more configuration is found.
    AdditionalConfigurationUrl "additional-configuration-url" Text 12 19;
    /// Where to enrol.
    EstDomain "est-domain" Text 13 20;
    /// Which extensions there are.
    Extensions "extensions" List 15 21;
    /// What only the manufacturer understands.
    ManufacturerProprietary "manufacturer-proprietary" Binary 14 22;
}

/// The name of [`Leaf::ManufacturerProprietary`] in drafts up to -29.
const OLD_PROPRIETARY: &str = "manufacturer-private";

impl Row {
    const fn delta(&self, of: Kind) -> u64 {
        match of {
            Kind::Voucher => self.voucher,
            Kind::Request => self.request,
        }
    }
}

impl Leaf {
    fn row(self) -> Option<&'static Row> {
        TABLE.get(self.place().checked_sub(1)?)
    }

    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    pub(crate) fn form(self) -> Form {
        self.row().map_or(Form::Text, |row| row.form)
    }

    /// The difference to the identifier of the container; `None` where this kind of document has no
    /// such leaf.
    pub(crate) fn delta(self, of: Kind) -> Option<u64> {
        Some(self.row()?.delta(of)).filter(|delta| *delta != 0)
    }

    /// The identifier; `None` where this kind of document has no such leaf.
    #[must_use]
    pub fn sid(self, of: Kind) -> Option<u64> {
        self.delta(of)?.checked_add(of.sid())
    }

    /// The leaf with this name, and whether the name is the one of today.
    pub(crate) fn of_name(of: Kind, name: &str) -> Option<(Self, bool)> {
        if name == OLD_PROPRIETARY {
            return Some((Self::ManufacturerProprietary, false));
        }
        let row = TABLE.iter().find(|row| row.name == name && row.delta(of) != 0)?;
        Some((row.leaf, true))
    }

    fn of_delta(of: Kind, delta: u64) -> Option<Self> {
        let at_place = TABLE.get(usize::try_from(delta.checked_sub(1)?).ok()?);
        let row = match at_place.filter(|row| row.delta(of) == delta) {
            Some(row) => row,
            None => TABLE.iter().find(|row| row.delta(of) == delta)?,
        };
        Some(row.leaf)
    }
}

/// The identifiers of a module in one of its editions.
#[derive(Debug)]
pub(crate) struct Registry {
    pub(crate) kind: Kind,
    /// The identifier of the container.
    pub(crate) sid: u64,
    /// The leaves by their differences, where they were others than today.
    old: Option<&'static [(u64, Leaf)]>,
}

/// Those of today, and what is known of those of drafts before 2021.
static REGISTRIES: [Registry; 4] = [
    Registry { kind: Kind::Voucher, sid: Kind::Voucher.sid(), old: None },
    Registry { kind: Kind::Request, sid: Kind::Request.sid(), old: None },
    Registry {
        kind: Kind::Voucher,
        sid: 1_001_100,
        old: Some(&[
            (5, Leaf::Assertion),
            (6, Leaf::CreatedOn),
            (11, Leaf::Nonce),
            (12, Leaf::PinnedDomainCert),
            (14, Leaf::SerialNumber),
        ]),
    },
    Registry {
        kind: Kind::Request,
        sid: 1_001_154,
        old: Some(&[
            (1, Leaf::Assertion),
            (2, Leaf::CreatedOn),
            (7, Leaf::Nonce),
            (10, Leaf::SerialNumber),
            (11, Leaf::PriorSignedVoucherRequest),
            (12, Leaf::ProximityRegistrarCert),
        ]),
    },
];

impl Registry {
    pub(crate) fn of_sid(sid: u64) -> Option<&'static Self> {
        REGISTRIES.iter().find(|one| one.sid == sid)
    }

    pub(crate) fn of_kind(kind: Kind) -> &'static Self {
        let [voucher, request, ..] = &REGISTRIES;
        match kind {
            Kind::Voucher => voucher,
            Kind::Request => request,
        }
    }

    pub(crate) const fn is_old(&self) -> bool {
        self.old.is_some()
    }

    /// The leaf with this identifier.
    pub(crate) fn leaf(&self, sid: u64) -> Option<Leaf> {
        let delta = sid.checked_sub(self.sid)?;
        match self.old {
            None => Leaf::of_delta(self.kind, delta),
            Some(rows) => rows.iter().find(|row| row.0 == delta).map(|row| row.1),
        }
    }
}
