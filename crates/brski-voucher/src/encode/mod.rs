//! Builders: a voucher or request that obeys its rules, or none.

mod builder;
mod copy;
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
    Binaries(Vec<Vec<u8>>),
    Text(String),
}

/// How the keys of leaves are written in CBOR (RFC 9254 §3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum KeyForm {
    /// Differences of identifiers: the shortest.
    #[default]
    Differences,
    /// Names.
    Names,
    /// Identifiers, with tag 47.
    Identifiers,
}

/// An extension (bis §8.6): its module, by name for JSON and by identifier for CBOR, and what it
/// says in each, well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Extension<'e> {
    /// The name of the module.
    pub name: &'e str,
    /// Its identifier.
    pub sid: u64,
    /// The body in JSON.
    pub json: &'e str,
    /// The body in CBOR.
    pub cbor: &'e [u8],
}

impl<'e> Extension<'e> {
    /// An extension.
    #[must_use]
    pub const fn new(name: &'e str, sid: u64, json: &'e str, cbor: &'e [u8]) -> Self {
        Self { name, sid, json, cbor }
    }
}

/// A leaf that no module known here has: its keys, and its values, in the encodings that it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    name: Option<String>,
    sid: Option<u64>,
    json: Option<String>,
    cbor: Option<Vec<u8>>,
    /// The name in the list of extensions, if it is one.
    extension: Option<String>,
}

/// Leaves that are to be written, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaves {
    pub(crate) kind: Kind,
    values: Vec<(Leaf, Owned)>,
    foreign: Vec<Foreign>,
    keys: KeyForm,
    /// Items of the list of extensions that came from elsewhere: identifiers and names.
    listed: (Vec<u64>, Vec<String>),
}

impl Leaves {
    const fn new(kind: Kind) -> Self {
        let listed = (Vec::new(), Vec::new());
        Self { kind, values: Vec::new(), foreign: Vec::new(), keys: KeyForm::Differences, listed }
    }

    /// Puts a value in the place of the one that was there.
    fn set(&mut self, leaf: Leaf, value: Owned) {
        self.values.retain(|(known, _)| *known != leaf);
        self.values.push((leaf, value));
    }

    fn extend(&mut self, extension: &Extension<'_>) {
        self.foreign.push(Foreign {
            name: Some(alloc::format!("extension:{}", extension.name)),
            sid: Some(extension.sid),
            json: Some(extension.json.into()),
            cbor: Some(extension.cbor.to_vec()),
            extension: Some(extension.name.into()),
        });
    }

    /// The leaves in the order of their identifiers.
    fn sorted(&self) -> Vec<(Leaf, &Owned)> {
        let mut sorted: Vec<_> = self.values.iter().map(|(leaf, value)| (*leaf, value)).collect();
        sorted.sort_by_key(|(leaf, _)| leaf.sid(self.kind));
        sorted
    }
}
