//! From what was read to what is written again: in another container, or changed.

use alloc::string::ToString as _;
use alloc::vec::Vec;

use super::{Foreign, Leaves, Owned};
use crate::Error;
use crate::decode::{Contents, Encoded, LeafKey, List, Unknown, Value};
use crate::model::{Leaf, read_date};

impl Leaves {
    /// All leaves of a document, those that are not known here among them.
    pub(super) fn copy(contents: &Contents<'_>) -> Result<Self, Error> {
        let data = contents.data();
        let mut leaves = Self::new(data.kind());
        for leaf in Leaf::ALL {
            match (data.get(leaf), data.written_text(leaf)) {
                // A date keeps its fraction and its offset.
                (Some(Value::Date(_)), Some(text))
                    if read_date(&text.to_string(), false).is_some() =>
                {
                    leaves.set(leaf, Owned::Text(text.to_string()));
                }
                (Some(value), _) => leaves.put(leaf, &value)?,
                (None, _) => {}
            }
        }
        let unknown = match contents {
            Contents::Voucher(voucher) => voucher.unknown_leaves().collect::<Vec<_>>(),
            Contents::Request(request) => request.unknown_leaves().collect::<Vec<_>>(),
        };
        leaves.foreign.extend(unknown.iter().map(foreign));
        Ok(leaves)
    }

    fn put(&mut self, leaf: Leaf, value: &Value<'_>) -> Result<(), Error> {
        let owned = match value {
            Value::Assertion(assertion) => Owned::Assertion(*assertion),
            Value::Date(time) => Owned::Date(*time),
            Value::Flag(flag) => Owned::Flag(*flag),
            Value::Binary(binary) => Owned::Binary(binary.to_vec()?),
            Value::Text(text) => Owned::Text(text.to_string()),
            Value::List(list) if leaf == Leaf::Extensions => {
                self.listed =
                    (list.numbers().collect(), list.texts().map(|one| one.to_string()).collect());
                return Ok(());
            }
            Value::List(list) => Owned::Binaries(binaries(list)?),
        };
        self.set(leaf, owned);
        Ok(())
    }
}

impl Contents<'_> {
    /// All that it says in JSON as RFC 7951 writes it, also what breaks a rule between leaves: to be
    /// looked at.
    ///
    /// # Errors
    /// [`crate::rules::OTHER_ENCODING`] for leaves that are not known here, if it came in CBOR.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        super::json(&Leaves::copy(self)?)
    }
}

fn binaries(list: &List<'_>) -> Result<Vec<Vec<u8>>, Error> {
    list.binaries().map(|one| one.to_vec()).collect()
}

fn foreign(unknown: &Unknown<'_>) -> Foreign {
    let (sid, name) = match unknown.key() {
        LeafKey::Sid(sid) => (Some(sid), None),
        LeafKey::Name(name) => (None, Some(name.to_string())),
    };
    let (cbor, json) = match unknown.value() {
        Encoded::Cbor(item) => (Some(item.to_vec()), None),
        Encoded::Json(text) => (None, Some(text.into())),
    };
    Foreign { name, sid, json, cbor, extension: None }
}
