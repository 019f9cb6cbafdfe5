//! Power that can be cut, to try what an interruption does.

use core::cell::Cell;

/// Counts changes, and fails from one on.
#[derive(Debug)]
pub(in super::super) struct Power(Cell<Option<u32>>);

impl Power {
    /// Power for so many changes, or without end.
    pub(in super::super) fn new(changes: Option<u32>) -> Self {
        // One more: 0 stands for what is off already.
        Self(Cell::new(changes.map(|changes| changes.saturating_add(1))))
    }

    /// Takes the power for one change; `false` if there is none.
    pub(super) fn change(&self) -> bool {
        let left = self.0.get().map(|left| left.saturating_sub(1));
        self.0.set(left);
        left != Some(0)
    }

    pub(super) fn is_off(&self) -> bool {
        self.0.get() == Some(0)
    }
}
