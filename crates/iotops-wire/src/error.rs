//! Errors: which rule was broken, and where.

use core::fmt;
use core::num::NonZeroU32;

use crate::{Row, Rule};

/// What kind of failure it is: what a caller branches on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// The input ends too early.
    Truncated,
    /// The bytes are no well-formed encoding at all.
    Malformed,
    /// Well formed, but not in the one encoding that the specification allows.
    NotDeterministic,
    /// Deeper, longer or more numerous than this implementation reads.
    Limit,
    /// Not what the grammar of the document has in this place.
    Structure,
    /// Grammatical, but it breaks a static rule of the specification.
    Constraint,
    /// A registered or unknown code that is not built in.
    Unsupported,
    /// A digest, signature or MAC is wrong, or nobody trusted made it.
    Rejected,
    /// The check could not be made (an HSM is away): never to be read as rejected.
    Unavailable,
    /// The caller's buffer is too small.
    OutOfSpace,
    /// The caller asked for something that cannot be: not a fault of any input.
    Argument,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::Truncated,
        Self::Malformed,
        Self::NotDeterministic,
        Self::Limit,
        Self::Structure,
        Self::Constraint,
        Self::Unsupported,
        Self::Rejected,
        Self::Unavailable,
        Self::OutOfSpace,
        Self::Argument,
    ];

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Truncated => 1,
            Self::Malformed => 2,
            Self::NotDeterministic => 3,
            Self::Limit => 4,
            Self::Structure => 5,
            Self::Constraint => 6,
            Self::Unsupported => 7,
            Self::Rejected => 8,
            Self::Unavailable => 9,
            Self::OutOfSpace => 10,
            Self::Argument => 11,
        }
    }

    pub(crate) const fn from_code(code: u8) -> Self {
        let mut kinds: &[Self] = &Self::ALL;
        while let [kind, rest @ ..] = kinds {
            if kind.code() == code {
                return *kind;
            }
            kinds = rest;
        }
        Self::Malformed
    }
}

/// Which input an offset counts in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Input {
    /// The document that was given.
    #[default]
    Document,
    /// The n-th dependency of the document.
    Dependency(u8),
    /// The n-th certificate.
    Certificate(u8),
    /// The n-th key that the caller gave.
    Key(u8),
    /// State that was stored earlier.
    Stored,
    /// What is being written.
    Output,
}

impl Input {
    /// As three bits, and an index.
    const fn code(self) -> (u8, u8) {
        match self {
            Self::Document => (0, 0),
            Self::Dependency(index) => (1, index),
            Self::Certificate(index) => (2, index),
            Self::Key(index) => (3, index),
            Self::Stored => (4, 0),
            Self::Output => (5, 0),
        }
    }

    const fn from_code(code: u8, index: u8) -> Self {
        match code {
            1 => Self::Dependency(index),
            2 => Self::Certificate(index),
            3 => Self::Key(index),
            4 => Self::Stored,
            5 => Self::Output,
            _ => Self::Document,
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document => f.write_str("the document"),
            Self::Dependency(n) => write!(f, "dependency {n}"),
            Self::Certificate(n) => write!(f, "certificate {n}"),
            Self::Key(n) => write!(f, "key {n}"),
            Self::Stored => f.write_str("the stored state"),
            Self::Output => f.write_str("the output"),
        }
    }
}

/// Where a rule was broken: an input and a byte offset in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Place {
    input: Input,
    offset: u32,
}

impl Place {
    /// Byte `offset` of `input`.
    #[must_use]
    pub const fn new(input: Input, offset: u32) -> Self {
        Self { input, offset }
    }

    /// The input.
    #[must_use]
    pub const fn input(self) -> Input {
        self.input
    }

    /// The byte offset, from the start of the outermost input.
    #[must_use]
    pub const fn offset(self) -> u32 {
        self.offset
    }
}

/// A rule and a place, packed: what every error is made of.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fault {
    /// From the top: input (3 bits) and kind (5 bits), index of the input, number of the rule.
    word: NonZeroU32,
    offset: u32,
}

const INPUT_SHIFT: u32 = 5;
const KIND_BITS: u8 = 0x1f;

impl Fault {
    /// `rule` was broken at `place`.
    #[must_use]
    pub const fn new(rule: Rule, place: Place) -> Self {
        let [high, low] = rule.number().to_be_bytes();
        let (input, index) = place.input.code();
        let top = input.wrapping_shl(INPUT_SHIFT) | rule.kind().code();
        let word = u32::from_be_bytes([top, index, high, low]);
        match NonZeroU32::new(word) {
            Some(word) => Self { word, offset: place.offset },
            None => Self { word: NonZeroU32::MIN, offset: place.offset },
        }
    }

    /// The rule.
    #[must_use]
    pub const fn rule(self) -> Rule {
        let [top, _, high, low] = self.word.get().to_be_bytes();
        Rule::new(u16::from_be_bytes([high, low]), Kind::from_code(top & KIND_BITS))
    }

    /// The place.
    #[must_use]
    pub const fn place(self) -> Place {
        let [top, index, ..] = self.word.get().to_be_bytes();
        Place::new(Input::from_code(top.wrapping_shr(INPUT_SHIFT), index), self.offset)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule {} {}", self.rule().number(), self.place())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}", self.offset)?;
        match self.input {
            Input::Document => Ok(()),
            input => write!(f, " of {input}"),
        }
    }
}

/// Writes the sentence of a row, its section and the place: what `Display` of every error prints.
///
/// # Errors
/// Those of the formatter.
pub fn describe(
    f: &mut fmt::Formatter<'_>,
    rule: Rule,
    row: Option<&Row>,
    place: Place,
) -> fmt::Result {
    match row {
        Some(row) => write!(f, "{} ({}) {place}", row.sentence, row.section),
        None => write!(f, "rule {} {place}", rule.number()),
    }
}

/// Makes the error type of a crate: a rule and a place in 8 bytes.
///
/// They are two words, of which the first is never 0: a result without a value goes through
/// registers, and is told apart by one comparison.
///
/// `table` is a function from a rule to its row; `from` lists the error types of lower floors
/// that turn into this one.
#[macro_export]
macro_rules! error_type {
    ($(#[$meta:meta])* table = $table:path; from = [$($lower:ty),*]; defmt = $defmt:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = $defmt, derive(defmt::Format))]
        pub struct Error($crate::Fault);

        impl Error {
            /// `rule` was broken at byte `offset` of the document.
            #[cold]
            #[inline(never)]
            #[must_use]
            pub const fn new(rule: $crate::Rule, offset: u32) -> Self {
                Self($crate::Fault::new(rule, $crate::Place::new($crate::Input::Document, offset)))
            }

            /// The same failure, told of another input.
            #[must_use]
            pub const fn of(self, input: $crate::Input) -> Self {
                let place = $crate::Place::new(input, self.place().offset());
                Self($crate::Fault::new(self.rule(), place))
            }

            /// The kind of failure.
            #[must_use]
            pub const fn kind(&self) -> $crate::Kind {
                self.0.rule().kind()
            }

            /// The rule that was broken.
            #[must_use]
            pub const fn rule(&self) -> $crate::Rule {
                self.0.rule()
            }

            /// Where it was broken.
            #[must_use]
            pub const fn place(&self) -> $crate::Place {
                self.0.place()
            }

            /// Name, section and sentence of the rule.
            #[must_use]
            pub fn row(&self) -> Option<&'static $crate::Row> {
                $table(self.rule())
            }
        }

        impl core::fmt::Display for Error {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::describe(f, self.rule(), self.row(), self.place())
            }
        }

        impl core::error::Error for Error {}

        $(
            impl From<$lower> for Error {
                fn from(lower: $lower) -> Self {
                    Self($crate::Fault::new(lower.rule(), lower.place()))
                }
            }
        )*

        const _: () = assert!(size_of::<Error>() <= 24, "an error is at most 24 bytes");
    };
}

error_type! {
    /// An input broke a rule of the encoding.
    table = crate::rules::row; from = []; defmt = "defmt"
}
