//! A cut at every operation, in every way.

use core::fmt;

use super::{Flash, Tear, Torn};

/// How much was tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Power cuts.
    pub cuts: u64,
    /// Words programmed and pages erased by the scenario without a cut.
    pub operations: u64,
    /// The most erases of one page that one run of the scenario took, before and after its cut.
    pub erases: u32,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cuts, operations, erases } = self;
        write!(f, "{cuts} cuts in {operations} operations, at most {erases} erases of a page")
    }
}

/// Runs `scenario` on copies of `flash`, each time cutting the power one operation later, in every
/// way of [`Torn`] and [`Tear`]; then restarts, and lets `check` look.
///
/// `check` is what the device does when it starts again, and what must hold then; it may cut the
/// power itself, and restart. The scenario must end with the first error.
pub fn for_every_cut<const WRITE: usize, const ERASE: usize>(
    flash: &Flash<WRITE, ERASE>,
    mut scenario: impl FnMut(&mut Flash<WRITE, ERASE>),
    mut check: impl FnMut(&mut Flash<WRITE, ERASE>),
) -> Counts {
    let mut counts = Counts::default();
    for torn in Torn::ALL {
        for tear in Tear::ALL {
            for after in 0.. {
                let mut flash = flash.clone().with_seed(counts.cuts);
                let before = flash.clone();
                flash.cut(after, torn, tear);
                scenario(&mut flash);
                let was_cut = flash.restart();
                check(&mut flash);
                let pairs = flash.erases().iter().zip(before.erases());
                let most = pairs.map(|(now, then)| now.saturating_sub(*then)).max();
                counts.erases = counts.erases.max(most.unwrap_or(0));
                if !was_cut {
                    counts.operations = after;
                    break;
                }
                counts.cuts = counts.cuts.saturating_add(1);
            }
        }
    }
    counts
}
