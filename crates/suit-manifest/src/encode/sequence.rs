//! Building a command sequence.

use alloc::vec::Vec;

use iotops_wire::cbor::Encoder;

use super::map::{Written, written};
use super::{ParametersBuilder, SortedMap};
use crate::Error;
use crate::model::{
    Action, COPY_PARAMETERS, Command, Condition, Custom, OVERRIDE_MULTIPLE, OVERRIDE_PARAMETERS,
    RUN_SEQUENCE, ReportingPolicy, SET_COMPONENT_INDEX, SET_PARAMETERS, TRY_EACH,
};

/// Commands, in the order in which they are given.
///
/// What is wrong is told by the builder of the manifest, at its end.
#[derive(Clone, Debug, Default)]
pub struct SequenceBuilder {
    commands: Vec<u8>,
    count: usize,
    error: Option<Error>,
}

impl SequenceBuilder {
    /// No commands yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Any command of a decoded sequence.
    #[must_use]
    pub fn command(self, command: &Command<'_>) -> Self {
        self.push(|encoder| command.encode(encoder))
    }

    /// A condition.
    #[must_use]
    pub fn condition(self, condition: Condition, policy: ReportingPolicy) -> Self {
        self.command(&Command::Condition(condition, policy))
    }

    /// A directive that acts on the current component.
    #[must_use]
    pub fn action(self, action: Action, policy: ReportingPolicy) -> Self {
        self.command(&Command::Action(action, policy))
    }

    /// A custom command; its code is -256 or below.
    #[must_use]
    pub fn custom(self, code: i64, argument: Custom<'_>) -> Self {
        self.command(&Command::Custom(code, argument))
    }

    /// The next commands act on this component.
    #[must_use]
    pub fn set_component(self, index: u64) -> Self {
        self.push_code(SET_COMPONENT_INDEX, |encoder| written(encoder.unsigned(index)))
    }

    /// The next commands act on these components.
    #[must_use]
    pub fn set_components(self, indices: &[u64]) -> Self {
        self.push_code(SET_COMPONENT_INDEX, |encoder| {
            encoder.array(indices.len())?;
            indices.iter().try_for_each(|index| written(encoder.unsigned(*index)))
        })
    }

    /// The next commands act on all components.
    #[must_use]
    pub fn set_all_components(self) -> Self {
        self.push_code(SET_COMPONENT_INDEX, |encoder| written(encoder.boolean(true)))
    }

    /// Sets parameters, whatever they were before.
    #[must_use]
    pub fn override_parameters(self, parameters: &ParametersBuilder) -> Self {
        self.push_code(OVERRIDE_PARAMETERS, |encoder| parameters.encode(encoder))
    }

    /// Sets parameters that are not set.
    #[must_use]
    pub fn set_parameters(self, parameters: &ParametersBuilder) -> Self {
        self.push_code(SET_PARAMETERS, |encoder| parameters.encode(encoder))
    }

    /// Runs these sequences until one succeeds.
    #[must_use]
    pub fn try_each(self, sequences: &[Self]) -> Self {
        self.push_code(TRY_EACH, |encoder| {
            encoder.array(sequences.len())?;
            sequences.iter().try_for_each(|sequence| sequence.encode_wrapped(encoder))
        })
    }

    /// Runs these sequences until one succeeds, and goes on if none does.
    #[must_use]
    pub fn try_each_or_nothing(self, sequences: &[Self]) -> Self {
        self.push_code(TRY_EACH, |encoder| {
            encoder.array(sequences.len().saturating_add(1))?;
            sequences.iter().try_for_each(|sequence| sequence.encode_wrapped(encoder))?;
            written(encoder.null())
        })
    }

    /// Runs this sequence.
    #[must_use]
    pub fn run_sequence(self, sequence: &Self) -> Self {
        self.push_code(RUN_SEQUENCE, |encoder| sequence.encode_wrapped(encoder))
    }

    /// Sets parameters of several components (SUIT UM §5.7); the last of them becomes the current
    /// one.
    #[must_use]
    pub fn override_multiple(self, components: &[(u64, ParametersBuilder)]) -> Self {
        self.push_code(OVERRIDE_MULTIPLE, |encoder| {
            let mut map = SortedMap::default();
            for (index, parameters) in components {
                map.insert(
                    |encoder| written(encoder.unsigned(*index)),
                    |encoder| parameters.encode(encoder),
                )?;
            }
            map.encode(encoder)
        })
    }

    /// Copies parameters, named by their codes, from other components into the current one
    /// (SUIT UM §5.8).
    #[must_use]
    pub fn copy_parameters(self, components: &[(u64, Vec<i64>)]) -> Self {
        self.push_code(COPY_PARAMETERS, |encoder| {
            let mut map = SortedMap::default();
            for (index, codes) in components {
                map.insert(
                    |encoder| written(encoder.unsigned(*index)),
                    |encoder| {
                        encoder.array(codes.len())?;
                        codes.iter().try_for_each(|code| written(encoder.integer(*code)))
                    },
                )?;
            }
            map.encode(encoder)
        })
    }

    fn push_code(self, code: i64, argument: impl FnOnce(&mut Encoder<'_>) -> Written) -> Self {
        self.push(|encoder| {
            encoder.integer(code)?;
            argument(encoder)
        })
    }

    fn push(mut self, command: impl FnOnce(&mut Encoder<'_>) -> Written) -> Self {
        match command(&mut Encoder::new(&mut self.commands)) {
            Ok(()) => self.count = self.count.saturating_add(1),
            Err(error) => drop(self.error.get_or_insert(error)),
        }
        self
    }

    pub(super) fn encode(&self, encoder: &mut Encoder<'_>) -> Written {
        if let Some(error) = self.error {
            return Err(error);
        }
        encoder.array(self.count.saturating_mul(2))?.raw(&self.commands)?;
        Ok(())
    }

    pub(super) fn encode_wrapped(&self, encoder: &mut Encoder<'_>) -> Written {
        encoder.wrapped(|inner| self.encode(inner))?;
        Ok(())
    }
}
