//! How device management names the states and ends of an update: LwM2M object 5 (Firmware Update)
//! and object 33629 (Advanced Firmware Update), and the DDI of Eclipse hawkBit.

use crate::model::Section;
use crate::process::Reason;

/// Where an update is, as both LwM2M objects name it (resource 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stage {
    /// 0: before downloading, or after the update.
    Idle,
    /// 1: on the way.
    Downloading,
    /// 2: all is here.
    Downloaded,
    /// 3: being installed.
    Updating,
}

/// Stage, number of LwM2M, and `status.execution` of hawkBit while the update goes on.
const STAGES: [(Stage, u8, &str); 4] = [
    (Stage::Idle, 0, "closed"),
    (Stage::Downloading, 1, "proceeding"),
    (Stage::Downloaded, 2, "downloaded"),
    (Stage::Updating, 3, "proceeding"),
];

impl Stage {
    /// The stage in which a section is run.
    #[must_use]
    pub const fn of(section: Section) -> Self {
        match section {
            Section::DependencyResolution | Section::PayloadFetch => Self::Downloading,
            Section::CandidateVerification => Self::Downloaded,
            Section::Install => Self::Updating,
            Section::Validate | Section::Load | Section::Invoke | Section::Uninstall => {
                Self::Updating
            }
        }
    }

    fn row(self) -> (u8, &'static str) {
        let row = STAGES.iter().find(|(stage, ..)| *stage == self);
        row.map_or((0, "proceeding"), |(_, number, execution)| (*number, execution))
    }

    /// The value of resource 3, State.
    #[must_use]
    pub fn lwm2m(self) -> u8 {
        self.row().0
    }

    /// `status.execution` of the feedback.
    #[must_use]
    pub fn hawkbit_execution(self) -> &'static str {
        self.row().1
    }
}

/// How an update ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The new image is installed, and confirmed where it was on trial.
    Success,
    /// A manifest was refused, or a command failed; [`Reason::InvokePending`] is no end yet.
    Failed(Reason),
    /// The new image has not the digest that the manifest gives.
    Corrupt,
    /// There is no room for it.
    NoSpace,
    /// The download did not come to its end.
    ConnectionLost,
    /// The URI is none.
    InvalidUri,
    /// The scheme of the URI is none that the device knows.
    UnsupportedProtocol,
    /// Somebody called it off.
    Cancelled,
    /// The user wants it later.
    Deferred,
    /// Another update is in the way.
    Conflicting,
    /// Another component is missing that this one needs.
    Dependency,
}

/// Update Result of object 5 and of object 33629 (resource 5 of both), and whether hawkBit is told
/// of a success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Codes {
    /// Object 5.
    pub firmware_update: u8,
    /// Object 33629.
    pub advanced_firmware_update: u8,
    /// `status.execution` and `status.result.finished`.
    pub hawkbit: (&'static str, &'static str),
}

const FAILURE: (&str, &str) = ("closed", "failure");

const fn codes(firmware_update: u8, advanced_firmware_update: u8) -> Codes {
    Codes { firmware_update, advanced_firmware_update, hawkbit: FAILURE }
}

/// How each reason of an engine is told (SUIT R §4.2).
pub const REASONS: [(Reason, Codes); 13] = [
    (Reason::Ok, codes(8, 8)),
    (Reason::CborParse, codes(6, 6)),
    (Reason::CoseUnsupported, codes(6, 6)),
    (Reason::AlgorithmUnsupported, codes(6, 6)),
    (Reason::Unauthorised, codes(5, 5)),
    (Reason::CommandUnsupported, codes(8, 8)),
    (Reason::ComponentUnsupported, codes(8, 8)),
    (Reason::ComponentUnauthorised, codes(8, 8)),
    (Reason::ParameterUnsupported, codes(8, 8)),
    (Reason::SeveringUnsupported, codes(8, 8)),
    (Reason::ConditionFailed, codes(8, 8)),
    (Reason::OperationFailed, codes(8, 8)),
    // Nothing has failed: the result keeps its initial value until the image has told.
    (Reason::InvokePending, Codes { hawkbit: ("proceeding", "none"), ..codes(0, 0) }),
];

impl Outcome {
    /// How it is told.
    #[must_use]
    pub fn codes(self) -> Codes {
        match self {
            Self::Success => Codes { hawkbit: ("closed", "success"), ..codes(1, 1) },
            Self::Failed(reason) => {
                let row = REASONS.iter().find(|(found, _)| *found == reason);
                row.map_or(codes(8, 8), |(_, codes)| *codes)
            }
            Self::NoSpace => codes(2, 2),
            Self::ConnectionLost => codes(4, 4),
            Self::Corrupt => codes(5, 5),
            Self::InvalidUri => codes(7, 7),
            Self::UnsupportedProtocol => codes(9, 9),
            Self::Cancelled => Codes { hawkbit: ("canceled", "none"), ..codes(10, 10) },
            Self::Deferred => Codes { hawkbit: ("scheduled", "none"), ..codes(11, 11) },
            // Object 5 knows one component: all that it can say is that it failed.
            Self::Conflicting => codes(8, 12),
            Self::Dependency => codes(8, 13),
        }
    }
}
