//! The small types that all protocol crates share.

use crate::{Place, Rule};

/// A moment: seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Time(u64);

impl Time {
    /// The moment `seconds` after the epoch.
    #[must_use]
    pub const fn from_unix(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since the epoch.
    #[must_use]
    pub const fn unix(self) -> u64 {
        self.0
    }
}

/// What the caller knows about the present time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Clock {
    /// It is this time.
    Trusted(Time),
    /// It is this time or later; the caller knows no more.
    NotBefore(Time),
    /// Nothing is known.
    Unknown,
}

/// A source of randomness, given by the caller.
pub trait Random {
    /// Fills `buffer` with unpredictable bytes.
    ///
    /// # Errors
    /// [`Unavailable`] when the source cannot give them now; `buffer` is then undefined.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Unavailable>;
}

/// Something outside (an HSM, a random source) did not answer: no verdict about any input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Unavailable;

impl Unavailable {
    /// It did not answer.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl core::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the device or source is unavailable")
    }
}

impl core::error::Error for Unavailable {}

/// One thing that was found in an input: a tolerated deviation, a warning, a repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Finding {
    rule: Rule,
    place: Place,
}

impl Finding {
    /// `rule` was found broken at `place`.
    #[must_use]
    pub const fn new(rule: Rule, place: Place) -> Self {
        Self { rule, place }
    }

    /// The rule.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }

    /// The place.
    #[must_use]
    pub const fn place(&self) -> Place {
        self.place
    }
}
