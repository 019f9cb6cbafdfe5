//! Wire codes, one table for each registry.

/// Makes an enum of codes with their registered names.
macro_rules! codes {
    ($(#[$meta:meta])* $name:ident: $($variant:ident = $code:literal, $text:literal;)*) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum $name {
            $(
                #[doc = concat!("`", $text, "`, code ", stringify!($code), ".")]
                $variant,
            )*
        }

        impl $name {
            /// All of them, in ascending order of their codes.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The one with this code.
            #[must_use]
            #[inline]
            pub const fn from_code(code: i64) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its code.
            #[must_use]
            pub const fn code(self) -> i64 {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// Its registered name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

codes! {
    /// The elements of a manifest (SUIT §11.2, SUIT TD, SUIT UM).
    Element:
    Version = 1, "suit-manifest-version";
    SequenceNumber = 2, "suit-manifest-sequence-number";
    Common = 3, "suit-common";
    ReferenceUri = 4, "suit-reference-uri";
    ComponentId = 5, "suit-manifest-component-id";
    SetVersion = 6, "suit-set-version";
    Validate = 7, "suit-validate";
    Load = 8, "suit-load";
    Invoke = 9, "suit-invoke";
    Coswid = 14, "suit-coswid";
    DependencyResolution = 15, "suit-dependency-resolution";
    PayloadFetch = 16, "suit-payload-fetch";
    CandidateVerification = 18, "suit-candidate-verification";
    Install = 20, "suit-install";
    Text = 23, "suit-text";
    Uninstall = 24, "suit-uninstall";
}

codes! {
    /// The command sequences of a manifest, beside the shared one.
    Section:
    Validate = 7, "suit-validate";
    Load = 8, "suit-load";
    Invoke = 9, "suit-invoke";
    DependencyResolution = 15, "suit-dependency-resolution";
    PayloadFetch = 16, "suit-payload-fetch";
    CandidateVerification = 18, "suit-candidate-verification";
    Install = 20, "suit-install";
    Uninstall = 24, "suit-uninstall";
}

codes! {
    /// Conditions (SUIT §11.4): tests without side effect.
    Condition:
    VendorIdentifier = 1, "suit-condition-vendor-identifier";
    ClassIdentifier = 2, "suit-condition-class-identifier";
    ImageMatch = 3, "suit-condition-image-match";
    UseBefore = 4, "suit-condition-use-before";
    ComponentSlot = 5, "suit-condition-component-slot";
    CheckContent = 6, "suit-condition-check-content";
    DependencyIntegrity = 7, "suit-condition-dependency-integrity";
    IsDependency = 8, "suit-condition-is-dependency";
    Abort = 14, "suit-condition-abort";
    DeviceIdentifier = 24, "suit-condition-device-identifier";
    ImageNotMatch = 25, "suit-condition-image-not-match";
    MinimumBattery = 26, "suit-condition-minimum-battery";
    UpdateAuthorized = 27, "suit-condition-update-authorized";
    Version = 28, "suit-condition-version";
}

codes! {
    /// Directives that act on the current component and take a reporting policy (SUIT §11.4).
    Action:
    ProcessDependency = 11, "suit-directive-process-dependency";
    Write = 18, "suit-directive-write";
    Fetch = 21, "suit-directive-fetch";
    Copy = 22, "suit-directive-copy";
    Invoke = 23, "suit-directive-invoke";
    Wait = 29, "suit-directive-wait";
    Swap = 31, "suit-directive-swap";
    Unlink = 33, "suit-directive-unlink";
}

pub(crate) const SET_COMPONENT_INDEX: i64 = 12;
pub(crate) const TRY_EACH: i64 = 15;
pub(crate) const SET_PARAMETERS: i64 = 19;
pub(crate) const OVERRIDE_PARAMETERS: i64 = 20;
pub(crate) const RUN_SEQUENCE: i64 = 32;
pub(crate) const OVERRIDE_MULTIPLE: i64 = 34;
pub(crate) const COPY_PARAMETERS: i64 = 35;

/// Codes from here down are custom: SUIT §11 says "-256 and below", §8.4.9 "less than -256"; the
/// registry's words decide.
pub(crate) const GREATEST_CUSTOM: i64 = -256;

/// What follows the code of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    /// A reporting policy, behind a condition.
    Condition,
    /// A reporting policy, behind a directive.
    Action,
    Index,
    TryEach,
    Sequence,
    /// Parameters that override.
    Override,
    /// Parameters that do not.
    Set,
    OverrideMultiple,
    CopyParameters,
    Custom,
}

impl Argument {
    /// The argument of the command with this code; `None` for a code that is not registered.
    #[inline]
    pub(crate) const fn of(code: i64) -> Option<Self> {
        Some(match code {
            1..=8 | 14 | 24..=28 => Self::Condition,
            11 | 18 | 21..=23 | 29 | 31 | 33 => Self::Action,
            SET_COMPONENT_INDEX => Self::Index,
            TRY_EACH => Self::TryEach,
            SET_PARAMETERS => Self::Set,
            OVERRIDE_PARAMETERS => Self::Override,
            RUN_SEQUENCE => Self::Sequence,
            OVERRIDE_MULTIPLE => Self::OverrideMultiple,
            COPY_PARAMETERS => Self::CopyParameters,
            ..=GREATEST_CUSTOM => Self::Custom,
            _ => return None,
        })
    }

    /// SUIT App. A: a `SUIT_Shared_Sequence` has conditions and four directives, nothing else.
    pub(crate) const fn is_shared(self) -> bool {
        matches!(
            self,
            Self::Condition | Self::Index | Self::TryEach | Self::Sequence | Self::Override
        )
    }
}

codes! {
    /// Parameters (SUIT §11.5, SUIT UM, SUIT FE).
    ParameterKey:
    VendorIdentifier = 1, "suit-parameter-vendor-identifier";
    ClassIdentifier = 2, "suit-parameter-class-identifier";
    ImageDigest = 3, "suit-parameter-image-digest";
    UseBefore = 4, "suit-parameter-use-before";
    ComponentSlot = 5, "suit-parameter-component-slot";
    StrictOrder = 12, "suit-parameter-strict-order";
    SoftFailure = 13, "suit-parameter-soft-failure";
    ImageSize = 14, "suit-parameter-image-size";
    Content = 18, "suit-parameter-content";
    EncryptionInfo = 19, "suit-parameter-encryption-info";
    Uri = 21, "suit-parameter-uri";
    SourceComponent = 22, "suit-parameter-source-component";
    InvokeArguments = 23, "suit-parameter-invoke-args";
    DeviceIdentifier = 24, "suit-parameter-device-identifier";
    FetchArguments = 25, "suit-parameter-fetch-arguments";
    MinimumBattery = 26, "suit-parameter-minimum-battery";
    UpdatePriority = 27, "suit-parameter-update-priority";
    Version = 28, "suit-parameter-version";
    WaitInfo = 29, "suit-parameter-wait-info";
    ComponentMetadata = 30, "suit-parameter-component-metadata";
}

codes! {
    /// Events to wait for (SUIT UM §4.5).
    Event:
    Authorization = 1, "suit-wait-event-authorization";
    Power = 2, "suit-wait-event-power";
    Network = 3, "suit-wait-event-network";
    OtherDeviceVersion = 4, "suit-wait-event-other-device-version";
    Time = 5, "suit-wait-event-time";
    TimeOfDay = 6, "suit-wait-event-time-of-day";
    DayOfWeek = 7, "suit-wait-event-day-of-week";
    TimeOfDayUtc = 8, "suit-wait-event-time-of-day-utc";
    DayOfWeekUtc = 9, "suit-wait-event-day-of-week-utc";
}

codes! {
    /// File types in component metadata (SUIT UM §4.6.5).
    FileType:
    Regular = 1, "suit-filetype-regular";
    Directory = 2, "suit-filetype-directory";
    Symlink = 3, "suit-filetype-symlink";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_agree_with_the_tables() {
        for code in -300..=300 {
            let is_condition = Argument::of(code) == Some(Argument::Condition);
            assert_eq!(is_condition, Condition::from_code(code).is_some(), "{code}");
            let is_action = Argument::of(code) == Some(Argument::Action);
            assert_eq!(is_action, Action::from_code(code).is_some(), "{code}");
        }
    }
}
