//! Where a command stands: what the static rules allow there.

/// What surrounds a command or parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// The number of components; every index must be below it.
    pub(crate) components: u64,
    /// Whether it is (in) the shared sequence.
    pub(crate) is_shared: bool,
    /// Whether it is in a sequence that try-each or run-sequence runs.
    pub(crate) is_nested: bool,
    /// The current component, where it is known to be just this one.
    pub(crate) current: Option<u64>,
}

impl Scope {
    /// For reading again what was validated: nothing is forbidden.
    pub(crate) const VALIDATED: Self =
        Self { components: u64::MAX, is_shared: false, is_nested: true, current: None };
}
