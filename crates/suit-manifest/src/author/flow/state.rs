//! What is known on a path.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// Parameters that cost as much to copy as all else.
const ENTRIES: usize = 16;

/// Paths, each of which is another.
pub(in crate::author) type Paths = BTreeSet<State>;

/// What is known on a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::author) struct State {
    /// Where the parameter of a component was set: the offset of its key.
    pub(in crate::author) parameters: BTreeMap<(u64, i64), u32>,
    /// The slots that components have.
    pub(super) slots: BTreeMap<u64, u64>,
    /// The dependencies whose integrity was checked.
    pub(super) checked: BTreeSet<u64>,
    /// The current components.
    pub(super) selection: Vec<u64>,
    /// Whether all components were selected as such.
    pub(super) is_all: bool,
    /// What belongs to the sequence that is run.
    pub(super) frame: Frame,
}

/// What belongs to a sequence, and ends with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Frame {
    /// Whether the failure of a condition ends this sequence only.
    pub(super) is_soft: bool,
    /// Whether commands are run in order.
    pub(super) is_strict: bool,
    /// How often another component may be chosen, where that is limited.
    pub(super) choices: Option<u8>,
    /// What was changed and what was read since the order is not strict.
    pub(super) targets: BTreeSet<u64>,
    pub(super) sources: BTreeSet<u64>,
}

impl Frame {
    /// That of a sequence that has just begun.
    pub(super) fn new(is_soft: bool, choices: Option<u8>) -> Self {
        let (targets, sources) = (BTreeSet::new(), BTreeSet::new());
        Self { is_soft, is_strict: true, choices, targets, sources }
    }
}

impl State {
    /// That before all commands: with one component, it is the current one.
    pub(super) fn new(components: &[u64]) -> Self {
        let selection = if components.len() == 1 { components.to_vec() } else { Vec::new() };
        Self {
            parameters: BTreeMap::new(),
            slots: BTreeMap::new(),
            checked: BTreeSet::new(),
            selection,
            is_all: false,
            frame: Frame::new(false, None),
        }
    }

    /// What following one command costs: a copy for each current component.
    pub(super) fn cost(&self) -> usize {
        let entries = self.parameters.len().saturating_div(ENTRIES).saturating_add(1);
        self.selection.len().max(1).saturating_mul(entries)
    }
}
