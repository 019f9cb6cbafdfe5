//! Strict and lenient reading: the same code, and a list of what was tolerated.

use iotops_wire::{Finding, Rule};

use crate::Error;

/// What happens to a deviation.
enum Mode<'f> {
    Refuse,
    /// What other implementations are known to do is tolerated, and told.
    Tell(&'f mut dyn FnMut(Finding)),
    /// It was told before: a leaf is read again.
    Again,
}

/// How a document is read.
pub(crate) struct Reading<'f> {
    mode: Mode<'f>,
    /// Where the payload stands in the document.
    base: u32,
}

impl<'f> Reading<'f> {
    pub(crate) fn strict() -> Self {
        Self { mode: Mode::Refuse, base: 0 }
    }

    pub(crate) fn lenient(tolerated: &'f mut dyn FnMut(Finding)) -> Self {
        Self { mode: Mode::Tell(tolerated), base: 0 }
    }

    pub(super) const fn again() -> Self {
        Self { mode: Mode::Again, base: 0 }
    }

    /// The same for a payload that stands here in the document.
    pub(crate) fn at(mut self, base: u32) -> Self {
        self.base = base;
        self
    }

    pub(crate) const fn is_lenient(&self) -> bool {
        !matches!(self.mode, Mode::Refuse)
    }

    /// Whether all of it was checked before.
    #[cfg(any(feature = "cms", feature = "jws"))]
    pub(super) const fn is_again(&self) -> bool {
        matches!(self.mode, Mode::Again)
    }

    /// `rule` is broken at `offset` of the payload.
    #[cold]
    pub(crate) fn error(&self, rule: Rule, offset: u32) -> Error {
        Error::new(rule, offset.saturating_add(self.base))
    }

    /// An error of a lower floor, told of the document and not of the payload.
    #[cold]
    pub(crate) fn moved(&self, error: impl Into<Error>) -> Error {
        let error = error.into();
        self.error(error.rule(), error.place().offset())
    }

    /// Tolerates a deviation where that is wished, and tells of it.
    #[cold]
    pub(crate) fn deviation(&mut self, rule: Rule, offset: u32) -> Result<(), Error> {
        let error = self.error(rule, offset);
        match &mut self.mode {
            Mode::Tell(tell) => {
                tell(Finding::new(rule, error.place()));
                Ok(())
            }
            Mode::Again => Ok(()),
            Mode::Refuse => Err(error),
        }
    }
}
