//! Versions and what they are compared with (SUIT UM §4.4).

use iotops_wire::cbor::{Cursor, Encoder};

use super::Integers;
use crate::{Error, rules};

const ITEMS: usize = 2;

/// A version: numbers from the most to the least important; -1, -2 and -3 behind the first stand
/// for release candidate, beta and alpha.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a>(Integers<'a>);

impl<'a> Version<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        let numbers = Integers::read_any(cursor, rules::VERSION_NUMBERS)?;
        // SUIT UM §4.4.1: "The pre-release indicator MUST NOT appear as element 0."
        if numbers.iter().next().is_some_and(i64::is_negative) {
            return Err(cursor.error_at(start, rules::VERSION_NUMBERS).into());
        }
        Ok(Self(numbers))
    }

    /// The numbers.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn numbers(&self) -> impl Iterator<Item = i64> + use<'a> {
        self.0.iter()
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        self.0.encode(encoder)
    }
}

/// How a version is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Comparison {
    /// Greater than the number given, code 1.
    Greater,
    /// Greater or equal, code 2.
    GreaterEqual,
    /// Equal, code 3.
    Equal,
    /// Lesser or equal, code 4.
    LesserEqual,
    /// Lesser, code 5.
    Lesser,
}

impl Comparison {
    const ALL: [Self; 5] =
        [Self::Greater, Self::GreaterEqual, Self::Equal, Self::LesserEqual, Self::Lesser];

    fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|comparison| comparison.code() == code)
    }

    /// Its code.
    #[must_use]
    pub const fn code(self) -> i64 {
        match self {
            Self::Greater => 1,
            Self::GreaterEqual => 2,
            Self::Equal => 3,
            Self::LesserEqual => 4,
            Self::Lesser => 5,
        }
    }
}

/// A comparison with a version.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct VersionMatch<'a> {
    /// How to compare.
    pub comparison: Comparison,
    /// What to compare with.
    pub version: Version<'a>,
}

impl<'a> VersionMatch<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        if cursor.array()? != ITEMS {
            return Err(cursor.error_at(start, rules::VERSION_MATCH).into());
        }
        let at = cursor.position();
        let Some(comparison) = Comparison::from_code(cursor.integer()?) else {
            return Err(cursor.error_at(at, rules::VERSION_MATCH).into());
        };
        Ok(Self { comparison, version: Version::read(cursor)? })
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.array(ITEMS)?.integer(self.comparison.code())?;
        self.version.encode(encoder)
    }
}
