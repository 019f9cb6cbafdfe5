//! Commands and command sequences (SUIT §8.4.6 to §8.4.11).

use iotops_wire::cbor::{Cursor, Encoder, Type};

use super::list::map_entries;
use super::{
    Action, Argument, COPY_PARAMETERS, Condition, Integers, OVERRIDE_MULTIPLE, OVERRIDE_PARAMETERS,
    Parameters, RUN_SEQUENCE, SET_COMPONENT_INDEX, SET_PARAMETERS, TRY_EACH, Unsigneds,
};
use crate::{Error, rules};

/// Which results of a command the author wants reported (SUIT §8.4.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReportingPolicy(u8);

impl ReportingPolicy {
    /// Nothing is asked for.
    pub const NONE: Self = Self(0);
    /// A record when the command succeeds.
    pub const RECORD_ON_SUCCESS: Self = Self(1);
    /// A record when the command fails.
    pub const RECORD_ON_FAILURE: Self = Self(2);
    /// System information when the command succeeds.
    pub const SYSINFO_ON_SUCCESS: Self = Self(4);
    /// System information when the command fails.
    pub const SYSINFO_ON_FAILURE: Self = Self(8);
    /// Everything is asked for.
    pub const ALL: Self = Self(15);

    /// The policy of these bits; `None` if others than the four are set.
    pub(crate) fn from_bits(bits: u64) -> Option<Self> {
        u8::try_from(bits).ok().filter(|bits| *bits <= Self::ALL.0).map(Self)
    }

    /// This and that.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is asked for.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The four bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }
}

/// One command.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Command<'a> {
    /// A test.
    Condition(Condition, ReportingPolicy),
    /// A directive that acts on the current component.
    Action(Action, ReportingPolicy),
    /// Chooses the current component.
    SetComponentIndex(Index<'a>),
    /// Runs sequences until one succeeds.
    TryEach(TryEach<'a>),
    /// Runs a sequence.
    RunSequence(Sequence<'a>),
    /// Sets parameters that are not set.
    SetParameters(Parameters<'a>),
    /// Sets parameters.
    OverrideParameters(Parameters<'a>),
    /// Sets parameters of several components.
    OverrideMultiple(OverrideMultiple<'a>),
    /// Copies parameters from other components into the current one.
    CopyParameters(CopyParameters<'a>),
    /// A command of the platform's own, -256 or below.
    Custom(i64, Custom<'a>),
}

impl<'a> Command<'a> {
    /// Reads a command that was checked before.
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let code = cursor.integer().ok()?;
        Some(match Argument::of(code)? {
            Argument::Condition => Self::Condition(Condition::from_code(code)?, policy(cursor)?),
            Argument::Action => Self::Action(Action::from_code(code)?, policy(cursor)?),
            Argument::Index => Self::SetComponentIndex(Index::read(cursor)?),
            Argument::TryEach => Self::TryEach(TryEach::read(cursor)?),
            Argument::Sequence => Self::RunSequence(Sequence(cursor.embedded().ok()?)),
            Argument::Override => Self::OverrideParameters(Parameters::read(cursor)?),
            Argument::Set => Self::SetParameters(Parameters::read(cursor)?),
            Argument::OverrideMultiple => Self::OverrideMultiple(OverrideMultiple::read(cursor)?),
            Argument::CopyParameters => Self::CopyParameters(CopyParameters::read(cursor)?),
            Argument::Custom => Self::Custom(code, Custom::read(cursor)?),
        })
    }

    /// The code of the command.
    #[must_use]
    pub const fn code(&self) -> i64 {
        match self {
            Self::Condition(condition, _) => condition.code(),
            Self::Action(action, _) => action.code(),
            Self::SetComponentIndex(_) => SET_COMPONENT_INDEX,
            Self::TryEach(_) => TRY_EACH,
            Self::RunSequence(_) => RUN_SEQUENCE,
            Self::SetParameters(_) => SET_PARAMETERS,
            Self::OverrideParameters(_) => OVERRIDE_PARAMETERS,
            Self::OverrideMultiple(_) => OVERRIDE_MULTIPLE,
            Self::CopyParameters(_) => COPY_PARAMETERS,
            Self::Custom(code, _) => *code,
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.integer(self.code())?;
        match self {
            Self::Condition(_, policy) | Self::Action(_, policy) => {
                encoder.unsigned(u64::from(policy.bits()))?;
                Ok(())
            }
            Self::SetComponentIndex(index) => index.encode(encoder),
            Self::TryEach(try_each) => try_each.encode(encoder),
            Self::RunSequence(sequence) => sequence.encode_wrapped(encoder),
            Self::SetParameters(parameters) | Self::OverrideParameters(parameters) => {
                parameters.encode(encoder)
            }
            Self::OverrideMultiple(overrides) => overrides.encode(encoder),
            Self::CopyParameters(copies) => copies.encode(encoder),
            Self::Custom(_, argument) => argument.encode(encoder),
        }
    }
}

fn policy(cursor: &mut Cursor<'_>) -> Option<ReportingPolicy> {
    ReportingPolicy::from_bits(cursor.unsigned().ok()?)
}

/// Which component or components the next commands act on (SUIT §6.5).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Index<'a> {
    /// One.
    One(u64),
    /// All of the manifest, in order.
    All,
    /// Several, in the order given.
    Several(Unsigneds<'a>),
}

impl<'a> Index<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        Some(match cursor.peek()? {
            Type::Unsigned => Self::One(cursor.unsigned().ok()?),
            Type::Array => Self::Several(Unsigneds::read_any(cursor, rules::INDEX_FORM).ok()?),
            _ => cursor.boolean().ok().map(|_| Self::All)?,
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::One(index) => encoder.unsigned(*index)?,
            Self::All => encoder.boolean(true)?,
            Self::Several(indices) => return indices.encode(encoder),
        };
        Ok(())
    }
}

/// A command sequence; never empty.
#[derive(Clone, Copy, Debug)]
pub struct Sequence<'a>(pub(crate) Cursor<'a>);

impl<'a> Sequence<'a> {
    /// Reads the head of a sequence, and gives the number of its commands.
    #[inline]
    pub(crate) fn open(cursor: &mut Cursor<'a>) -> Result<usize, Error> {
        let start = cursor.position();
        let items = cursor.array()?;
        if items == 0 || items & 1 == 1 {
            let rule = if items == 0 { rules::SEQUENCE_EMPTY } else { rules::SEQUENCE_ODD };
            return Err(cursor.error_at(start, rule).into());
        }
        Ok(items >> 1)
    }

    /// The commands, in order.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn commands(&self) -> impl Iterator<Item = Command<'a>> + use<'a> {
        let mut cursor = self.0;
        let count = Self::open(&mut cursor).unwrap_or(0);
        (0..count).map_while(move |_| Command::read(&mut cursor))
    }

    /// The commands, each with its offset.
    #[cfg(any(feature = "alloc", feature = "report"))]
    pub(crate) fn placed(&self) -> impl Iterator<Item = (u32, Command<'a>)> + use<'a> {
        let mut cursor = self.0;
        let count = Self::open(&mut cursor).unwrap_or(0);
        (0..count).map_while(move |_| Some((cursor.offset(), Command::read(&mut cursor)?)))
    }

    /// Whether it holds this condition, in itself or in a sequence within it.
    #[cfg(feature = "alloc")]
    pub(crate) fn has(&self, wanted: Condition) -> bool {
        self.commands().any(|command| match command {
            Command::Condition(condition, _) => condition == wanted,
            Command::RunSequence(sequence) => sequence.has(wanted),
            Command::TryEach(try_each) => try_each.sequences().any(|one| one.has(wanted)),
            _ => false,
        })
    }

    /// The offset of the sequence in the envelope.
    #[must_use]
    pub fn offset(&self) -> u32 {
        self.0.offset()
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut cursor = self.0;
        let count = Self::open(&mut cursor)?;
        encoder.array(count.saturating_mul(2))?;
        self.commands().try_for_each(|command| command.encode(encoder))
    }

    pub(crate) fn encode_wrapped(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.wrapped(|inner| self.encode(inner))?;
        Ok(())
    }
}

/// Sequences of which the first that succeeds ends the trial (SUIT §8.4.10.2).
#[derive(Clone, Copy, Debug)]
pub struct TryEach<'a> {
    sequences: Cursor<'a>,
    count: usize,
    ends_with_nil: bool,
}

impl<'a> TryEach<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let items = cursor.array().ok()?;
        let sequences = *cursor;
        for _ in 1..items {
            cursor.bytes().ok()?;
        }
        // Only the last may be nil.
        let ends_with_nil = cursor.null_if_next();
        if !ends_with_nil {
            cursor.bytes().ok()?;
        }
        let count = items.saturating_sub(usize::from(ends_with_nil));
        Some(Self { sequences, count, ends_with_nil })
    }

    /// The sequences, in order.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn sequences(&self) -> impl Iterator<Item = Sequence<'a>> + use<'a> {
        let mut cursor = self.sequences;
        (0..self.count).map_while(move |_| cursor.embedded().ok().map(Sequence))
    }

    /// Whether the trial succeeds when all sequences fail.
    #[must_use]
    pub const fn ends_with_nil(&self) -> bool {
        self.ends_with_nil
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.array(self.count.saturating_add(usize::from(self.ends_with_nil)))?;
        self.sequences().try_for_each(|sequence| sequence.encode_wrapped(encoder))?;
        if self.ends_with_nil {
            encoder.null()?;
        }
        Ok(())
    }
}

/// Parameters for several components at once (SUIT UM §5.7); never empty.
#[derive(Clone, Copy, Debug)]
pub struct OverrideMultiple<'a> {
    entries: Cursor<'a>,
    count: usize,
}

/// Parameters for one of several components.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ComponentParameters<'a> {
    /// The component.
    pub index: u64,
    /// What is set for it.
    pub parameters: Parameters<'a>,
}

impl<'a> OverrideMultiple<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let (entries, count) = map_entries(cursor)?;
        Some(Self { entries, count })
    }

    /// The components and their parameters, by ascending index.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn iter(&self) -> impl Iterator<Item = ComponentParameters<'a>> + use<'a> {
        let mut cursor = self.entries;
        (0..self.count).map_while(move |_| {
            let index = cursor.unsigned().ok()?;
            let parameters = Parameters::read(&mut cursor)?;
            Some(ComponentParameters { index, parameters })
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.count)?;
        for one in self.iter() {
            let mut entry = map.entry()?;
            entry.unsigned(one.index)?;
            one.parameters.encode(&mut entry)?;
        }
        Ok(map.end()?)
    }
}

/// Which parameters to copy from which components (SUIT UM §5.8); never empty.
#[derive(Clone, Copy, Debug)]
pub struct CopyParameters<'a> {
    entries: Cursor<'a>,
    count: usize,
}

impl<'a> CopyParameters<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let (entries, count) = map_entries(cursor)?;
        Some(Self { entries, count })
    }

    /// The source components, by ascending index, and the codes of the parameters to copy.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn iter(&self) -> impl Iterator<Item = (u64, Integers<'a>)> + use<'a> {
        let mut cursor = self.entries;
        (0..self.count).map_while(move |_| {
            let index = cursor.unsigned().ok()?;
            Some((index, Integers::read_any(&mut cursor, rules::COPY_PARAMETERS).ok()?))
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.count)?;
        for (index, codes) in self.iter() {
            let mut entry = map.entry()?;
            entry.unsigned(index)?;
            codes.encode(&mut entry)?;
        }
        Ok(map.end()?)
    }
}

/// The argument of a custom command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Custom<'a> {
    /// A byte string.
    Bytes(&'a [u8]),
    /// A text.
    Text(&'a str),
    /// An integer.
    Integer(i64),
    /// Nothing.
    Nil,
}

impl<'a> Custom<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        Some(match cursor.peek()? {
            Type::Bytes => Self::Bytes(cursor.bytes().ok()?),
            Type::Text => Self::Text(cursor.text().ok()?),
            Type::Null => cursor.null().ok().map(|()| Self::Nil)?,
            _ => Self::Integer(cursor.integer().ok()?),
        })
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::Bytes(bytes) => encoder.bytes(bytes)?,
            Self::Text(text) => encoder.text(text)?,
            Self::Integer(integer) => encoder.integer(*integer)?,
            Self::Nil => encoder.null()?,
        };
        Ok(())
    }
}
