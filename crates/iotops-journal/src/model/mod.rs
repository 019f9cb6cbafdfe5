//! NOR flash whose power is cut, for the tests of this crate and of those that stand on it.
//!
//! [`Flash`] keeps the rules that real flash has: a word is programmed once after its page was
//! erased, and whoever breaks that has lost ([`Flash::faults`]). [`Flash::cut`] tears the
//! operation with that number, in one of the ways of [`Torn`]; from then on nothing is answered
//! until [`Flash::restart`]. [`for_every_cut`] tries all of them.

mod cut;
mod flash;

pub use cut::{Counts, for_every_cut};
pub use flash::{Failure, Flash, Tear, Torn};
