//! The engine's memory: plain data, without references into any manifest.

use super::failure::Failure;
use super::log::Log;
use crate::model::{ParameterKey, Section};

/// The codes of registered parameters are below this.
const PARAMETERS: usize = 31;
/// Parameters of the platform's own that one component can have.
const CUSTOM: usize = 2;

/// Where a value stands: in which manifest of the tree, and at which byte of its envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot(u32);

/// Bits of an offset in a [`Spot`]: envelopes are below 256 MiB, and a tree has 16 manifests.
const OFFSET_BITS: u32 = 28;
/// The greatest offset in a [`Spot`].
pub(super) const GREATEST_OFFSET: u32 = (1 << OFFSET_BITS) - 1;

impl Spot {
    #[inline]
    pub(super) fn new(manifest: u8, offset: u32) -> Self {
        Self(u32::from(manifest) << OFFSET_BITS | offset & GREATEST_OFFSET)
    }

    /// No value stands at the first byte of an envelope: it is what an unset parameter has.
    pub(super) const fn is_set(self) -> bool {
        self.0 != 0
    }

    pub(super) fn manifest(self) -> u8 {
        u8::try_from(self.0 >> OFFSET_BITS).unwrap_or_default()
    }

    pub(super) const fn offset(self) -> u32 {
        self.0 & GREATEST_OFFSET
    }
}

/// A component, or a dependency, with its parameters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// The manifest that named it first, and its index there.
    pub(super) manifest: u8,
    pub(super) index: u16,
    /// The manifests that took away their reference to it: a bit for each of the 16 of a tree.
    #[cfg(feature = "trust-domains")]
    pub(super) unlinked: u16,
    parameters: [Spot; PARAMETERS],
    /// Where the keys of custom parameters stand.
    custom: [Spot; CUSTOM],
}

impl Slot {
    pub(super) const EMPTY: Self = Self::new(0, 0);

    /// A component without parameters.
    pub(super) const fn new(manifest: u8, index: u16) -> Self {
        let (parameters, custom) = ([Spot(0); PARAMETERS], [Spot(0); CUSTOM]);
        Self {
            manifest,
            index,
            #[cfg(feature = "trust-domains")]
            unlinked: 0,
            parameters,
            custom,
        }
    }

    /// Where the value of a parameter stands, if it is set.
    #[inline]
    pub(super) fn parameter(&self, key: ParameterKey) -> Option<Spot> {
        let place = usize::try_from(key.code()).ok()?;
        self.parameters.get(place).copied().filter(|spot| spot.is_set())
    }

    /// The place for the parameter with this code; `None` for custom ones.
    #[inline]
    pub(super) fn place(&mut self, code: i64) -> Option<&mut Spot> {
        self.parameters.get_mut(usize::try_from(code).ok()?)
    }

    /// The places for custom parameters.
    pub(super) const fn custom(&self) -> &[Spot] {
        &self.custom
    }

    pub(super) const fn custom_mut(&mut self) -> &mut [Spot] {
        &mut self.custom
    }
}

/// Which components a sequence works on (SUIT §6.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Selection {
    One(u16),
    All,
    /// The array at this offset.
    Several(u32),
}

/// What runs a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// The procedure: a section, or the shared sequence before it.
    Procedure,
    /// `try-each`, of which more sequences may be left.
    TryEach,
    /// `run-sequence`.
    RunSequence,
    /// `process-dependency`: the section of a dependency, or its shared sequence.
    #[cfg(feature = "trust-domains")]
    Dependency,
}

/// A sequence that is being run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The offset of the next command.
    pub(super) next: u32,
    /// How many commands are left.
    pub(super) left: u16,
    /// How many of the selected components have had the next command already.
    pub(super) turn: u16,
    pub(super) selection: Selection,
    /// Where the next alternative of `try-each` stands, and how many are left.
    pub(super) alternative: u32,
    pub(super) alternatives: u16,
    pub(super) manifest: u8,
    /// The code of the section that it belongs to.
    pub(super) section: u8,
    pub(super) caller: Caller,
    pub(super) is_shared: bool,
    /// Whether a failed condition ends this sequence only.
    pub(super) is_soft: bool,
    /// Whether the commands must be run in order.
    pub(super) is_strict: bool,
    /// How often set-component-index may still occur where the order is not strict (SUIT §6.7).
    pub(super) index_budget: Option<u8>,
    /// Components written to, and read from, while the order is not strict: a bit for each.
    pub(super) targets: u32,
    pub(super) sources: u32,
}

impl Frame {
    pub(super) const EMPTY: Self = Self {
        next: 0,
        left: 0,
        turn: 0,
        selection: Selection::One(0),
        alternative: 0,
        alternatives: 0,
        manifest: 0,
        section: 0,
        caller: Caller::Procedure,
        is_shared: false,
        is_soft: false,
        is_strict: true,
        index_budget: None,
        targets: 0,
        sources: 0,
    };
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing was started, or it ended well.
    Idle,
    Running,
    Failed(Failure),
}

/// All but components and frames.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    /// The beginning of the digest of the root manifest that the run is bound to.
    pub(super) bound: [u8; 32],
    pub(super) phase: Phase,
    /// The sections still to be run.
    pub(super) sections: &'static [Section],
    /// The elements that the root has: a bit for each code.
    pub(super) present: u32,
    /// The identity conditions that the shared sequence has yet to run: a bit for each code.
    pub(super) identities: u32,
    pub(super) stores_number: bool,
    pub(super) implicit_integrity: bool,
    pub(super) needs_all_sections: bool,
    pub(super) depth: u8,
    pub(super) slots: u8,
    /// The commands that may still be run.
    pub(super) fuel: u32,
    /// Counts platform calls that change something: what makes them idempotent.
    pub(super) token: u32,
    /// How many bytes of the current transfer are done; `None` before it has begun.
    pub(super) progress: Option<u64>,
    /// Bytes of the next block that were read and are not written yet.
    pub(super) filled: u16,
    /// How many bytes of what is transformed were taken.
    #[cfg(feature = "transform")]
    pub(super) taken: u64,
    /// Whether all of it was taken, and all that comes of it made.
    #[cfg(feature = "transform")]
    pub(super) is_drained: bool,
    pub(super) log: Log,
}

impl State {
    pub(super) const IDLE: Self = Self {
        bound: [0; 32],
        phase: Phase::Idle,
        sections: &[],
        present: 0,
        identities: 0,
        stores_number: false,
        implicit_integrity: false,
        needs_all_sections: true,
        depth: 0,
        slots: 0,
        fuel: 0,
        token: 0,
        progress: None,
        filled: 0,
        #[cfg(feature = "transform")]
        taken: 0,
        #[cfg(feature = "transform")]
        is_drained: false,
        log: Log::EMPTY,
    };
}
