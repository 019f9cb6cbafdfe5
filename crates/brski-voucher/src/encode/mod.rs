//! Builders: a voucher or request that obeys its rules, or none.

mod builder;
mod write;

pub use builder::{RequestBuilder, VoucherBuilder};
pub(crate) use write::{cbor, json};

use alloc::string::String;
use alloc::vec::Vec;

use iotops_wire::Time;

use crate::model::{Assertion, Kind, Leaf};

/// The value of a leaf that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owned {
    Assertion(Assertion),
    Date(Time),
    Flag(bool),
    Binary(Vec<u8>),
    Text(String),
}

/// Leaves that are to be written, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaves {
    pub(crate) kind: Kind,
    values: Vec<(Leaf, Owned)>,
}

impl Leaves {
    const fn new(kind: Kind) -> Self {
        Self { kind, values: Vec::new() }
    }

    /// Puts a value in the place of the one that was there.
    fn set(&mut self, leaf: Leaf, value: Owned) {
        self.values.retain(|(known, _)| *known != leaf);
        self.values.push((leaf, value));
    }

    /// The leaves in the order of their identifiers, with the difference to that of the container.
    pub(crate) fn sorted(&self) -> Vec<(i64, Leaf, &Owned)> {
        let delta = |leaf: Leaf| leaf.sid(self.kind)?.checked_sub(self.kind.sid());
        let with_delta = self
            .values
            .iter()
            .filter_map(|(leaf, value)| Some((i64::try_from(delta(*leaf)?).ok()?, *leaf, value)));
        let mut sorted: Vec<_> = with_delta.collect();
        sorted.sort_by_key(|entry| entry.0);
        sorted
    }
}
