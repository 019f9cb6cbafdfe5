//! What a voucher or request says: one view over both encodings.

use iotops_wire::Time;
use iotops_wire::cbor::{Cursor, Type};
#[cfg(any(feature = "cms", feature = "jws"))]
use iotops_wire::json;

use super::reading::Reading;
use crate::model::{Assertion, Binary, Characters, Kind, LEAVES, Leaf, Profile};
use crate::{Error, rules};

/// The value of a leaf.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'a> {
    Assertion(Assertion),
    Date(Time),
    Flag(bool),
    Binary(Binary<'a>),
    Text(Characters<'a>),
    List(List<'a>),
}

/// A list of a leaf, each item checked.
#[derive(Clone, Copy, Debug)]
pub struct List<'a>(pub(super) Items<'a>);

#[derive(Clone, Copy, Debug)]
pub(super) enum Items<'a> {
    Cbor(Cursor<'a>, usize),
    #[cfg(any(feature = "cms", feature = "jws"))]
    Json(json::Items<'a>),
}

impl<'a> List<'a> {
    /// How many items there are.
    #[must_use]
    pub fn count(&self) -> usize {
        match self.0 {
            Items::Cbor(_, count) => count,
            #[cfg(any(feature = "cms", feature = "jws"))]
            Items::Json(items) => items.count(),
        }
    }

    /// The items that are texts, in order.
    pub fn texts(&self) -> impl Iterator<Item = Characters<'a>> + use<'a> {
        let mut items = self.0;
        core::iter::from_fn(move || next(&mut items)).flatten()
    }

    /// The items that are texts of base64.
    pub fn binaries(&self) -> impl Iterator<Item = Binary<'a>> + use<'a> {
        self.texts().filter_map(|text| Some(Binary::of_base64(text)?.0))
    }

    /// The items that are numbers, in order.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + use<'a> {
        let (mut cursor, mut left) = match self.0 {
            Items::Cbor(cursor, count) => (Some(cursor), count),
            #[cfg(any(feature = "cms", feature = "jws"))]
            Items::Json(_) => (None, 0),
        };
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let cursor = cursor.as_mut()?;
            if cursor.peek() == Some(Type::Unsigned) {
                return Some(cursor.unsigned().ok());
            }
            cursor.skip().ok().map(|()| None)
        })
        .flatten()
    }
}

/// The next item: `Some(None)` for one that is no text.
fn next<'a>(items: &mut Items<'a>) -> Option<Option<Characters<'a>>> {
    match items {
        Items::Cbor(cursor, left) => {
            *left = left.checked_sub(1)?;
            if cursor.peek() == Some(Type::Text) {
                return Some(cursor.text().ok().map(Characters::plain));
            }
            cursor.skip().ok().map(|()| None)
        }
        #[cfg(any(feature = "cms", feature = "jws"))]
        Items::Json(items) => Some(items.next()?.text().ok().map(Characters::json)),
    }
}

/// All leaves of one document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Data<'a> {
    pub(super) kind: Kind,
    values: [Option<Value<'a>>; LEAVES],
    /// How many leaves were ignored, because no module that is known here has them.
    pub(super) unknown: usize,
}

impl<'a> Data<'a> {
    pub(super) const fn new(kind: Kind) -> Self {
        Self { kind, values: [None; LEAVES], unknown: 0 }
    }

    pub(crate) fn get(&self, leaf: Leaf) -> Option<Value<'a>> {
        self.values.get(leaf.place()).copied().flatten()
    }

    /// Puts a value in its place; refuses a second one.
    pub(super) fn put(&mut self, leaf: Leaf, value: Value<'a>) -> bool {
        match self.values.get_mut(leaf.place()) {
            Some(place @ None) => {
                *place = Some(value);
                true
            }
            _ => false,
        }
    }

    pub(crate) fn binary(&self, leaf: Leaf) -> Option<Binary<'a>> {
        match self.get(leaf)? {
            Value::Binary(binary) => Some(binary),
            _ => None,
        }
    }

    pub(crate) fn date(&self, leaf: Leaf) -> Option<Time> {
        match self.get(leaf)? {
            Value::Date(time) => Some(time),
            _ => None,
        }
    }

    fn flag(&self, leaf: Leaf) -> Option<bool> {
        match self.get(leaf)? {
            Value::Flag(flag) => Some(flag),
            _ => None,
        }
    }

    pub(crate) fn text(&self, leaf: Leaf) -> Option<Characters<'a>> {
        match self.get(leaf)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn list(&self, leaf: Leaf) -> Option<List<'a>> {
        match self.get(leaf)? {
            Value::List(list) => Some(list),
            _ => None,
        }
    }

    pub(crate) fn assertion(&self) -> Option<Assertion> {
        match self.get(Leaf::Assertion)? {
            Value::Assertion(assertion) => Some(assertion),
            _ => None,
        }
    }

    /// The rules between leaves that hold in every profile.
    pub(super) fn check(&self, reading: &mut Reading<'_>) -> Result<(), Error> {
        if let Some(nonce) = self.binary(Leaf::Nonce) {
            // RFC 8366 §5.3: "length "8..32"".
            if !(8..=32).contains(&nonce.length()) {
                reading.deviation(rules::NONCE_LENGTH, 0)?;
            }
        }
        for leaf in [Leaf::PinnedDomainPubkSha256, Leaf::ProximityRegistrarPubkSha256] {
            if self.binary(leaf).is_some_and(|digest| digest.length() != 32) {
                return Err(reading.error(rules::DIGEST_LENGTH, 0));
            }
        }
        if self.get(Leaf::SerialNumber).is_none() {
            reading.deviation(rules::SERIAL_MISSING, 0)?;
        }
        // RFC 8366 §5.3: "must "../expires-on"".
        let is_alone =
            self.get(Leaf::LastRenewalDate).is_some() && self.get(Leaf::ExpiresOn).is_none();
        if is_alone && self.kind == Kind::Voucher {
            return Err(reading.error(rules::RENEWAL, 0));
        }
        Ok(())
    }

    /// The rules of an edition.
    pub(crate) fn conforms(&self, profile: Profile) -> Result<(), Error> {
        if profile == Profile::Rfc8366bis || self.kind == Kind::Request {
            return Ok(());
        }
        // RFC 8366 §5.3: "must "not(../nonce)"".
        if self.get(Leaf::Nonce).is_some() && self.get(Leaf::ExpiresOn).is_some() {
            return Err(Error::new(rules::NONCE_EXPIRES, 0));
        }
        let mandatory = [Leaf::Assertion, Leaf::CreatedOn, Leaf::PinnedDomainCert];
        match mandatory.iter().all(|leaf| self.get(*leaf).is_some()) {
            true => Ok(()),
            false => Err(Error::new(rules::LEAF_MISSING, 0)),
        }
    }
}

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
        match data.kind {
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
