//! Text for people (SUIT §8.4.4): never interpreted, only shown.

use iotops_wire::cbor::{Cursor, Encoder, Type};

use super::{ComponentIdentifier, Components};
use crate::{Error, rules};

/// The greatest registered key for the manifest as a whole.
const GREATEST_KEY: i64 = 4;
/// The greatest registered key for a component (7 and 8 are of SUIT UM §3.3 and §3.4).
const GREATEST_COMPONENT_KEY: i64 = 8;

/// The text of a manifest, by language; never empty.
#[derive(Clone, Copy, Debug)]
pub struct TextMap<'a> {
    entries: Cursor<'a>,
    count: usize,
}

impl<'a> TextMap<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>, listed: &Components<'_>) -> Result<Self, Error> {
        let start = cursor.position();
        let count = cursor.map()?;
        if count == 0 {
            return Err(cursor.error_at(start, rules::TEXT_EMPTY).into());
        }
        let entries = *cursor;
        let mut previous: &[u8] = &[];
        for _ in 0..count {
            let key = cursor.position();
            if !is_language_tag(cursor.text()?) {
                return Err(cursor.error_at(key, rules::TEXT_LANGUAGE).into());
            }
            previous = cursor.ascending(key, previous)?;
            Text::read(cursor, Some(listed))?;
        }
        Ok(Self { entries, count })
    }

    /// The languages, as tags, and what is said in them.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn languages(&self) -> impl Iterator<Item = (&'a str, Text<'a>)> + use<'a> {
        self.placed().map(|(_, language, text)| (language, text))
    }

    /// The same with the offsets of the languages.
    pub(crate) fn placed(&self) -> impl Iterator<Item = (u32, &'a str, Text<'a>)> + use<'a> {
        let mut cursor = self.entries;
        (0..self.count).map_while(move |_| {
            let offset = cursor.offset();
            let language = cursor.text().ok()?;
            Some((offset, language, Text::read(&mut cursor, None).ok()?))
        })
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.count)?;
        for (language, text) in self.languages() {
            let mut entry = map.entry()?;
            entry.text(language)?;
            text.encode(&mut entry)?;
        }
        Ok(map.end()?)
    }
}

/// Text in one language.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    texts: Texts<'a>,
    components: ComponentTexts<'a>,
}

impl<'a> Text<'a> {
    /// `listed` are the components that may have text; `None` when that was checked before.
    fn read(cursor: &mut Cursor<'a>, listed: Option<&Components<'_>>) -> Result<Self, Error> {
        let count = cursor.map()?;
        let texts = Texts::read(cursor, count, GREATEST_KEY)?;
        let left = count.saturating_sub(texts.count);
        let components = ComponentTexts::read(cursor, left, listed)?;
        Ok(Self { texts, components })
    }

    /// What is said of the manifest, by key: 1 its description, 2 that of the update, 3 its JSON
    /// and 4 its YAML source; negative ones are the application's.
    #[must_use]
    pub const fn texts(&self) -> Texts<'a> {
        self.texts
    }

    /// What is said of single components.
    #[must_use]
    pub const fn components(&self) -> ComponentTexts<'a> {
        self.components
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.texts.count.saturating_add(self.components.count))?;
        for (key, text) in self.texts.iter() {
            map.key(key)?.text(text)?;
        }
        for (component, texts) in self.components.iter() {
            let mut entry = map.entry()?;
            component.encode(&mut entry)?;
            texts.encode(&mut entry)?;
        }
        Ok(map.end()?)
    }
}

/// Texts by key.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    entries: Cursor<'a>,
    count: usize,
}

impl<'a> Texts<'a> {
    /// Reads entries with integer keys, at most `most`, and stops before the first other one.
    fn read(cursor: &mut Cursor<'a>, most: usize, greatest: i64) -> Result<Self, Error> {
        let entries = *cursor;
        let mut count = 0_usize;
        let mut previous: &[u8] = &[];
        while count < most && matches!(cursor.peek(), Some(Type::Unsigned | Type::Negative)) {
            let key = cursor.position();
            let code = cursor.integer()?;
            previous = cursor.ascending(key, previous)?;
            if code == 0 || code > greatest {
                return Err(cursor.error_at(key, rules::TEXT_KEY).into());
            }
            cursor.text()?;
            count = count.saturating_add(1);
        }
        Ok(Self { entries, count })
    }

    /// Keys and texts.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn iter(&self) -> impl Iterator<Item = (i64, &'a str)> + use<'a> {
        let mut cursor = self.entries;
        (0..self.count).map_while(move |_| Some((cursor.integer().ok()?, cursor.text().ok()?)))
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.count)?;
        for (key, text) in self.iter() {
            map.key(key)?.text(text)?;
        }
        Ok(map.end()?)
    }
}

/// Texts by component.
#[derive(Clone, Copy, Debug)]
pub struct ComponentTexts<'a> {
    entries: Cursor<'a>,
    count: usize,
}

impl<'a> ComponentTexts<'a> {
    fn read(
        cursor: &mut Cursor<'a>,
        count: usize,
        listed: Option<&Components<'_>>,
    ) -> Result<Self, Error> {
        let entries = *cursor;
        let mut previous: &[u8] = &[];
        for _ in 0..count {
            let key = cursor.position();
            let component = ComponentIdentifier::read(cursor)?;
            previous = cursor.ascending(key, previous)?;
            // SUIT §8.4.4: these "MUST also be present in suit-common".
            let is_listed = |listed: &Components<'_>| {
                listed.iter().any(|one| one.as_encoded() == component.as_encoded())
            };
            if listed.is_some_and(|listed| !is_listed(listed)) {
                return Err(cursor.error_at(key, rules::TEXT_COMPONENT).into());
            }
            read_component(cursor)?;
        }
        Ok(Self { entries, count })
    }

    /// Components and their texts, by key: 1 vendor name, 2 model name, 3 vendor domain, 4 model
    /// information, 5 description, 6 version, 7 required version, 8 current version.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn iter(&self) -> impl Iterator<Item = (ComponentIdentifier<'a>, Texts<'a>)> + use<'a> {
        let mut cursor = self.entries;
        (0..self.count).map_while(move |_| {
            let component = ComponentIdentifier::read(&mut cursor).ok()?;
            Some((component, read_component(&mut cursor).ok()?))
        })
    }
}

fn read_component<'a>(cursor: &mut Cursor<'a>) -> Result<Texts<'a>, Error> {
    let count = cursor.map()?;
    let texts = Texts::read(cursor, count, GREATEST_COMPONENT_KEY)?;
    if texts.count == count { Ok(texts) } else { Err(cursor.error(rules::TEXT_KEY).into()) }
}

/// SUIT §8.4.4: `[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*`.
fn is_language_tag(tag: &str) -> bool {
    let mut length = 0_u8;
    let mut is_first = true;
    for byte in tag.bytes() {
        match byte {
            b'-' if length > 0 => (length, is_first) = (0, false),
            _ if byte.is_ascii_alphabetic() || (byte.is_ascii_digit() && !is_first) => {
                length = length.saturating_add(1);
            }
            _ => return false,
        }
        if length > 8 {
            return false;
        }
    }
    length > 0
}

#[cfg(test)]
mod tests {
    use super::is_language_tag;

    #[test]
    fn language_tags_are_told_from_other_text() {
        for tag in ["e", "en", "en-US", "abcdefgh-12345678-x", "de-1996"] {
            assert!(is_language_tag(tag), "{tag}");
        }
        for tag in
            ["", "-", "en-", "-en", "en--US", "1en", "abcdefghi", "en-123456789", "en_US", "é"]
        {
            assert!(!is_language_tag(tag), "{tag}");
        }
    }
}
