//! Component identifiers, and the lists of components and dependencies in common.

use iotops_wire::cbor::{Cursor, Encoder};

use crate::{Error, rules};

/// The key of a prefix in dependency metadata.
const PREFIX: i64 = 1;

/// A component identifier: a list of byte strings, such as the segments of a path.
#[derive(Clone, Copy, Debug)]
pub struct ComponentIdentifier<'a> {
    encoded: Cursor<'a>,
}

impl PartialEq for ComponentIdentifier<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.encoded.rest() == other.encoded.rest()
    }
}

impl Eq for ComponentIdentifier<'_> {}

impl<'a> ComponentIdentifier<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let mut encoded = *cursor;
        let count = cursor.array()?;
        for _ in 0..count {
            cursor.bytes()?;
        }
        encoded.cut_before(cursor);
        Ok(Self { encoded })
    }

    #[cfg(any(feature = "alloc", feature = "discovery", feature = "report"))]
    pub(crate) fn offset(&self) -> u32 {
        self.encoded.offset()
    }

    /// Its deterministic encoding.
    #[must_use]
    pub fn as_encoded(&self) -> &'a [u8] {
        self.encoded.rest()
    }

    /// Its parts.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn parts(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        let mut cursor = self.encoded;
        let count = cursor.array().unwrap_or(0);
        (0..count).map_while(move |_| cursor.bytes().ok())
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.array(self.parts().count())?;
        for part in self.parts() {
            encoder.bytes(part)?;
        }
        Ok(())
    }
}

/// The components of a manifest, in order: their places are the component indices.
#[derive(Clone, Copy, Debug)]
pub struct Components<'a> {
    items: Cursor<'a>,
    count: usize,
}

impl<'a> Components<'a> {
    /// Checks and steps over a list; `limit` is the most that the recipient can have.
    pub(crate) fn check(cursor: &mut Cursor<'a>, limit: usize) -> Result<(), Error> {
        let start = cursor.position();
        let count = cursor.array()?;
        if count == 0 {
            return Err(cursor.error_at(start, rules::COMPONENTS).into());
        }
        if count > limit {
            return Err(cursor.error_at(start, rules::COMPONENT_LIMIT).into());
        }
        let components = Self { items: *cursor, count };
        for index in 0..count {
            let at = cursor.position();
            let identifier = ComponentIdentifier::read(cursor)?;
            // One component under two indices would have two sets of parameters.
            if components.iter().take(index).any(|other| other == identifier) {
                return Err(cursor.error_at(at, rules::COMPONENT_TWICE).into());
            }
        }
        Ok(())
    }

    /// The list here, which [`Components::check`] has seen.
    pub(crate) fn reread(mut items: Cursor<'a>) -> Self {
        let count = items.array().unwrap_or(0);
        Self { items, count }
    }

    /// Whether there is a component with this index.
    pub(crate) fn has(&self, index: u64) -> bool {
        usize::try_from(index).is_ok_and(|index| index < self.count)
    }

    /// The number of components; never 0.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "the list is never empty")]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// The identifiers, in order.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn iter(&self) -> impl Iterator<Item = ComponentIdentifier<'a>> + use<'a> {
        let mut cursor = self.items;
        (0..self.count).map_while(move |_| ComponentIdentifier::read(&mut cursor).ok())
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.array(self.count)?;
        self.iter().try_for_each(|identifier| identifier.encode(encoder))
    }
}

/// Which components are dependencies, that is envelopes of their own (SUIT TD §5.2.2).
#[derive(Clone, Copy, Debug)]
pub struct Dependencies<'a> {
    entries: Cursor<'a>,
    count: usize,
}

/// One dependency.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Dependency<'a> {
    /// The index of the component that it is.
    pub index: u64,
    /// The prefix under which its components lie.
    pub prefix: Option<ComponentIdentifier<'a>>,
}

impl<'a> Dependencies<'a> {
    /// Checks and steps over a map.
    pub(crate) fn check(cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let start = cursor.position();
        let count = cursor.map()?;
        if count == 0 {
            return Err(cursor.error_at(start, rules::DEPENDENCIES).into());
        }
        let mut previous: &[u8] = &[];
        for _ in 0..count {
            let key = cursor.position();
            cursor.unsigned()?;
            previous = cursor.ascending(key, previous)?;
            Dependency::read_metadata(cursor)?;
        }
        Ok(())
    }

    /// The map here, which [`Dependencies::check`] has seen; `None` if there is no such element.
    pub(crate) fn reread(value: Option<Cursor<'a>>) -> Self {
        let mut entries = value.unwrap_or_default();
        let count = entries.map().unwrap_or(0);
        Self { entries, count }
    }

    #[cfg(any(feature = "alloc", feature = "report"))]
    pub(crate) fn offset(&self) -> u32 {
        self.entries.offset()
    }

    /// The number of dependencies.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The dependencies, by ascending index.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn iter(&self) -> impl Iterator<Item = Dependency<'a>> + use<'a> {
        let mut entries = self.entries;
        (0..self.count).map_while(move |_| Dependency::read(&mut entries).ok())
    }

    /// The dependency with this index, if there is one.
    #[must_use]
    pub fn find(&self, index: u16) -> Option<Dependency<'a>> {
        self.iter().find(|one| one.index == u64::from(index))
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.count)?;
        for dependency in self.iter() {
            let mut entry = map.entry()?;
            entry.unsigned(dependency.index)?;
            dependency.encode_metadata(&mut entry)?;
        }
        Ok(map.end()?)
    }
}

impl<'a> Dependency<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let index = cursor.unsigned()?;
        Ok(Self { index, prefix: Self::read_metadata(cursor)? })
    }

    fn read_metadata(cursor: &mut Cursor<'a>) -> Result<Option<ComponentIdentifier<'a>>, Error> {
        let count = cursor.map()?;
        if count == 0 {
            return Ok(None);
        }
        let key = cursor.position();
        if cursor.integer()? != PREFIX || count > 1 {
            return Err(cursor.error_at(key, rules::DEPENDENCY_ELEMENT).into());
        }
        Ok(Some(ComponentIdentifier::read(cursor)?))
    }

    fn encode_metadata(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(usize::from(self.prefix.is_some()))?;
        if let Some(prefix) = self.prefix {
            prefix.encode(&mut map.key(PREFIX)?)?;
        }
        Ok(map.end()?)
    }
}
