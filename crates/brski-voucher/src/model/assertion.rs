//! How sure the manufacturer is of the owner (bis §8.5).

/// The assertion of a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Assertion {
    /// The ownership was verified.
    Verified,
    /// The issuance was logged; who owns the device was not verified.
    Logged,
    /// The device was seen near the registrar.
    Proximity,
    /// An agent near the device vouched for the registrar.
    AgentProximity,
}

/// Names and numbers, by number.
const TABLE: [(Assertion, &str, u64); 4] = [
    (Assertion::Verified, "verified", 0),
    (Assertion::Logged, "logged", 1),
    (Assertion::Proximity, "proximity", 2),
    (Assertion::AgentProximity, "agent-proximity", 3),
];

impl Assertion {
    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        TABLE.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// The number in CBOR.
    #[must_use]
    pub fn number(self) -> u64 {
        TABLE.iter().find(|row| row.0 == self).map_or(0, |row| row.2)
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    pub(crate) fn from_number(number: u64) -> Option<Self> {
        TABLE.iter().find(|row| row.2 == number).map(|row| row.0)
    }
}

/// A set of assertions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Assertions(u8);

impl Assertions {
    /// Every assertion that is registered.
    pub const ALL: Self = Self(0b1111);

    /// None; add to it by [`Assertions::and`].
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// The set with this one.
    #[must_use]
    pub fn and(self, assertion: Assertion) -> Self {
        Self(self.0 | Self::bit(assertion))
    }

    /// Whether it is in the set.
    #[must_use]
    pub fn has(self, assertion: Assertion) -> bool {
        self.0 & Self::bit(assertion) != 0
    }

    const fn bit(assertion: Assertion) -> u8 {
        match assertion {
            Assertion::Verified => 1,
            Assertion::Logged => 2,
            Assertion::Proximity => 4,
            Assertion::AgentProximity => 8,
        }
    }
}
