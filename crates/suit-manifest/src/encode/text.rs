//! Building the text for people.

use alloc::vec::Vec;

use iotops_wire::cbor::Encoder;

use super::SortedMap;
use super::map::{Written, written};
use crate::Error;

/// Text in one language.
#[derive(Clone, Debug, Default)]
pub struct TextBuilder {
    map: SortedMap,
    error: Option<Error>,
}

impl TextBuilder {
    /// Nothing is said yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A text about the manifest; the keys are those of [`crate::model::Text::texts`].
    #[must_use]
    pub fn text(mut self, key: i64, text: &str) -> Self {
        let result = self.map.insert_code(key, |encoder| written(encoder.text(text)));
        self.keep(result)
    }

    /// Texts about a component; the keys are those of [`crate::model::ComponentTexts::iter`].
    #[must_use]
    pub fn component(mut self, identifier: &[&[u8]], texts: &[(i64, &str)]) -> Self {
        let mut map = SortedMap::default();
        let result = texts.iter().try_for_each(|(key, text)| {
            map.insert_code(*key, |encoder| written(encoder.text(text)))
        });
        let inserted = self.map.insert(
            |encoder| encode_identifier(identifier, encoder),
            |encoder| map.encode(encoder),
        );
        self.keep(result.and(inserted))
    }

    fn keep(mut self, result: Result<(), Error>) -> Self {
        if let Err(error) = result {
            self.error.get_or_insert(error);
        }
        self
    }

    pub(super) fn encode(&self, encoder: &mut Encoder<'_>) -> Written {
        match self.error {
            Some(error) => Err(error),
            None => self.map.encode(encoder),
        }
    }
}

pub(super) fn encode_identifier(parts: &[&[u8]], encoder: &mut Encoder<'_>) -> Written {
    encoder.array(parts.len())?;
    parts.iter().try_for_each(|part| written(encoder.bytes(part)))
}

/// What `write` writes.
pub(super) fn encoded(write: impl FnOnce(&mut Encoder<'_>) -> Written) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    write(&mut Encoder::new(&mut bytes))?;
    Ok(bytes)
}
