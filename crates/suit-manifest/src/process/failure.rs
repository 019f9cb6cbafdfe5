//! How a run fails: what, where, and for which reason a report gives.

use core::fmt;

use super::Fault;
use crate::model::{Action, ReportingPolicy};
use crate::{Error, rules};
#[cfg(feature = "report")]
use iotops_crypto::{Algorithm, Digest};
use iotops_wire::Rule;

/// Why a command failed, as a report tells it (SUIT R, "suit-report-reason").
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Reason {
    /// 0: it did not.
    Ok,
    /// 1: the manifest could not be read.
    CborParse,
    /// 2: a COSE structure is not supported.
    CoseUnsupported,
    /// 3: an algorithm is not supported.
    AlgorithmUnsupported,
    /// 4: nobody trusted signed.
    Unauthorised,
    /// 5: a command is not supported.
    CommandUnsupported,
    /// 6: a component is not supported.
    ComponentUnsupported,
    /// 7: the signer has no right to the component.
    ComponentUnauthorised,
    /// 8: a parameter is not supported.
    ParameterUnsupported,
    /// 9: severed elements are not supported, or this one is not here.
    SeveringUnsupported,
    /// 10: a condition failed.
    ConditionFailed,
    /// 11: a directive failed.
    OperationFailed,
    /// 12: an image was invoked and nothing is known of it yet.
    InvokePending,
}

impl Reason {
    const ALL: [Self; 13] = [
        Self::Ok,
        Self::CborParse,
        Self::CoseUnsupported,
        Self::AlgorithmUnsupported,
        Self::Unauthorised,
        Self::CommandUnsupported,
        Self::ComponentUnsupported,
        Self::ComponentUnauthorised,
        Self::ParameterUnsupported,
        Self::SeveringUnsupported,
        Self::ConditionFailed,
        Self::OperationFailed,
        Self::InvokePending,
    ];

    /// The code in a report.
    #[must_use]
    pub fn code(self) -> u8 {
        let place = Self::ALL.iter().position(|reason| *reason == self);
        place.and_then(|place| u8::try_from(place).ok()).unwrap_or_default()
    }

    /// The reason with this code.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The reason that a rule of the engine stands for, broken by the command with this code.
    fn of(rule: Rule, command: i64) -> Self {
        match rule {
            rules::PARAMETER_UNSET if Action::from_code(command).is_some() => Self::OperationFailed,
            rules::CONDITION | rules::PARAMETER_UNSET => Self::ConditionFailed,
            rules::DIRECTIVE_UNSUPPORTED => Self::CommandUnsupported,
            rules::COMPONENT_UNSUPPORTED | rules::ENGINE_COMPONENTS => Self::ComponentUnsupported,
            rules::UNAUTHORISED => Self::ComponentUnauthorised,
            rules::PARAMETER_PLACES | rules::ENCRYPTED => Self::ParameterUnsupported,
            rules::SEVERED_ABSENT => Self::SeveringUnsupported,
            rules::ROLLBACK => Self::Unauthorised,
            _ => Self::OperationFailed,
        }
    }
}

/// Where a run stands, or ended: what a record of a report is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Position {
    /// The manifest: 0 is the root, others are dependencies in the order they were loaded.
    pub manifest: u8,
    /// The code of the section; 4 in the shared sequence.
    pub section: u8,
    /// The component index, in this manifest.
    pub component: u16,
    /// The code of the command.
    pub command: i64,
    /// The offset of the command in the envelope of this manifest.
    pub offset: u32,
}

/// How a command went: what the reporting engine is told (SUIT §8.4.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Which command it was.
    pub position: Position,
    /// What the author wants reported.
    pub policy: ReportingPolicy,
    /// Whether it succeeded, or the rule that it broke.
    pub result: Result<(), Rule>,
    /// What it found on the device. Unknown where the result is from before the power failed.
    #[cfg(feature = "report")]
    pub measured: Option<Measured>,
}

/// What a condition found on the device: the actual value, whatever it was compared with.
#[cfg(feature = "report")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measured {
    /// The digest of an image.
    Digest(Algorithm, Digest),
    /// The slot of a component.
    Slot(u64),
    /// The time, in seconds since the epoch.
    Time(u64),
    /// The charge of the battery, in mWh.
    Battery(u64),
}

impl Record {
    /// The reason that a report gives.
    #[must_use]
    pub fn reason(&self) -> Reason {
        self.result.err().map_or(Reason::Ok, |rule| Reason::of(rule, self.position.command))
    }
}

/// A run that ended without success. What was done before it stays done; nothing after it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Failure {
    error: Error,
    reason: Reason,
    position: Option<Position>,
}

impl Failure {
    /// `rule` was broken before any command was run.
    #[cold]
    pub(super) fn before(rule: Rule) -> Self {
        Self { error: Error::new(rule, 0), reason: Reason::of(rule, 0), position: None }
    }

    /// `rule` was broken by the command that stands here.
    #[cold]
    pub(super) fn at(position: Position, rule: Rule) -> Self {
        let error = Error::new(rule, position.offset);
        Self { error, reason: Reason::of(rule, position.command), position: Some(position) }
    }

    /// The rule, and the offset of the command.
    #[must_use]
    pub const fn error(&self) -> Error {
        self.error
    }

    /// The reason that a report gives.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Which command it was, if any was run.
    #[must_use]
    pub const fn position(&self) -> Option<Position> {
        self.position
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}

impl core::error::Error for Failure {}

/// The rule that a fault of a directive breaks.
pub(super) const fn rule_of(fault: Fault) -> Rule {
    match fault {
        Fault::Absent => rules::SOURCE_ABSENT,
        Fault::Unsupported => rules::DIRECTIVE_UNSUPPORTED,
        Fault::Unauthorized => rules::UNAUTHORISED,
        Fault::Failed => rules::DIRECTIVE,
    }
}
