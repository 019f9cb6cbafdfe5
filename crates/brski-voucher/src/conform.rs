//! Rules between leaves: by edition, and by the role of whoever wrote the document.

use iotops_wire::Rule;

use crate::decode::Data;
use crate::model::{Assertion, Kind, Leaf, Profile};
use crate::{Error, rules};

/// Who wrote a document, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Role {
    /// The manufacturer wrote a voucher.
    Masa,
    /// The device wrote a request.
    Pledge,
    /// The registrar wrote a request.
    Registrar,
}

impl Role {
    const fn kind(self) -> Kind {
        match self {
            Self::Masa => Kind::Voucher,
            Self::Pledge | Self::Registrar => Kind::Request,
        }
    }
}

/// What is asked of leaves.
enum Need {
    All(&'static [Leaf]),
    Any(&'static [Leaf]),
    Nothing(&'static [Leaf]),
    NotBoth(Leaf, Leaf),
}

struct Row {
    role: Role,
    /// The edition that asks for it; every one for none.
    profile: Option<Profile>,
    /// The assertion that asks for it; every one for none.
    assertion: Option<Assertion>,
    need: Need,
    rule: Rule,
}

const TABLE: [Row; 9] = [
    Row {
        role: Role::Masa,
        profile: Some(Profile::Rfc8366),
        assertion: None,
        need: Need::NotBoth(Leaf::Nonce, Leaf::ExpiresOn),
        rule: rules::NONCE_EXPIRES,
    },
    Row {
        role: Role::Masa,
        profile: Some(Profile::Rfc8366),
        assertion: None,
        need: Need::All(&[Leaf::Assertion, Leaf::CreatedOn, Leaf::PinnedDomainCert]),
        rule: rules::LEAF_MISSING,
    },
    Row {
        role: Role::Pledge,
        profile: None,
        assertion: None,
        need: Need::All(&[Leaf::Nonce]),
        rule: rules::REQUEST_NONCE,
    },
    Row {
        role: Role::Pledge,
        profile: None,
        assertion: Some(Assertion::Proximity),
        need: Need::Any(&[
            Leaf::ProximityRegistrarCert,
            Leaf::ProximityRegistrarPubk,
            Leaf::ProximityRegistrarPubkSha256,
        ]),
        rule: rules::REQUEST_PROXIMITY,
    },
    Row {
        role: Role::Pledge,
        profile: None,
        assertion: Some(Assertion::AgentProximity),
        need: Need::All(&[Leaf::AgentProvidedProximityRegistrarCert, Leaf::AgentSignedData]),
        rule: rules::REQUEST_AGENT,
    },
    Row {
        role: Role::Pledge,
        profile: None,
        assertion: None,
        need: Need::Nothing(&[Leaf::PriorSignedVoucherRequest]),
        rule: rules::REQUEST_PRIOR,
    },
    Row {
        role: Role::Registrar,
        profile: Some(Profile::Rfc8366bis),
        assertion: None,
        need: Need::All(&[Leaf::IdevidIssuer]),
        rule: rules::REQUEST_ISSUER,
    },
    Row {
        role: Role::Registrar,
        profile: None,
        assertion: None,
        need: Need::Nothing(&[Leaf::ProximityRegistrarCert]),
        rule: rules::REQUEST_SEEN,
    },
    Row {
        role: Role::Registrar,
        profile: None,
        assertion: Some(Assertion::AgentProximity),
        need: Need::All(&[Leaf::AgentSignCert]),
        rule: rules::REQUEST_AGENT_CERT,
    },
];

/// The rules that a document breaks, in the order of the table.
pub(crate) fn broken(
    data: Data<'_>,
    role: Role,
    profile: Profile,
) -> impl Iterator<Item = Rule> + use<'_> {
    let kind = (role.kind() != data.kind()).then_some(rules::KIND);
    let asked = TABLE.iter().filter(move |row| {
        row.role == role
            && kind.is_none()
            && row.profile.is_none_or(|asking| asking == profile)
            && row.assertion.is_none_or(|asking| data.assertion() == Some(asking))
    });
    kind.into_iter().chain(asked.filter(move |row| !is_met(&data, &row.need)).map(|row| row.rule))
}

fn is_met(data: &Data<'_>, need: &Need) -> bool {
    match need {
        Need::All(leaves) => leaves.iter().all(|leaf| data.has(*leaf)),
        Need::Any(leaves) => leaves.iter().any(|leaf| data.has(*leaf)),
        Need::Nothing(leaves) => !leaves.iter().any(|leaf| data.has(*leaf)),
        Need::NotBoth(one, other) => !(data.has(*one) && data.has(*other)),
    }
}

/// Fails with the first rule that a document breaks.
pub(crate) fn check(data: Data<'_>, role: Role, profile: Profile) -> Result<(), Error> {
    broken(data, role, profile).next().map_or(Ok(()), |rule| Err(Error::new(rule, 0)))
}
