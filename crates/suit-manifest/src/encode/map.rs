//! Maps whose entries come in any order.

use alloc::vec::Vec;

use iotops_wire::cbor::Encoder;

use crate::{Error, rules};

/// Entries as encoded keys and values; written in the order of the keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct SortedMap {
    entries: Vec<(Vec<u8>, Vec<u8>)>,
}

/// What writes one item; builders keep the first error for their end.
pub(crate) type Written = Result<(), Error>;

/// The result of writing one item.
pub(crate) fn written(result: Result<&mut Encoder<'_>, iotops_wire::Error>) -> Written {
    match result {
        Ok(_) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl SortedMap {
    /// Adds an entry.
    pub(crate) fn insert(
        &mut self,
        key: impl FnOnce(&mut Encoder<'_>) -> Written,
        value: impl FnOnce(&mut Encoder<'_>) -> Written,
    ) -> Written {
        let (mut encoded_key, mut encoded_value) = (Vec::new(), Vec::new());
        key(&mut Encoder::new(&mut encoded_key))?;
        value(&mut Encoder::new(&mut encoded_value))?;
        if self.entries.iter().any(|(other, _)| *other == encoded_key) {
            return Err(Error::new(rules::BUILDER, 0));
        }
        self.entries.push((encoded_key, encoded_value));
        Ok(())
    }

    /// Adds an entry with an integer key.
    pub(crate) fn insert_code(
        &mut self,
        code: i64,
        value: impl FnOnce(&mut Encoder<'_>) -> Written,
    ) -> Written {
        self.insert(
            |encoder| {
                encoder.integer(code)?;
                Ok(())
            },
            value,
        )
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Writes the map.
    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Written {
        let mut sorted: Vec<_> = self.entries.iter().collect();
        sorted.sort();
        let mut map = encoder.map(sorted.len())?;
        for (key, value) in sorted {
            map.entry()?.raw(key)?.raw(value)?;
        }
        Ok(map.end()?)
    }
}
