//! What a device can do (SUIT R §6).

use iotops_wire::cbor::{Ascending, Cursor, Encoder, Type};

use crate::model::{Element, Integers};
use crate::{Error, rules};

const COMPONENTS: i64 = 1;
pub(super) const COMMANDS: i64 = 2;
pub(super) const PARAMETERS: i64 = 3;
pub(super) const ALGORITHMS: i64 = 4;
pub(super) const ENVELOPE: i64 = 5;
pub(super) const MANIFEST: i64 = 6;
pub(super) const COMMON: i64 = 7;
const DEPENDENCY: i64 = 10;

/// The keys of the lists that must be there, a bit for each: components, commands, parameters and
/// algorithms.
const REQUIRED: u32 = 0b1_1110;

/// The capability report of a device.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities<'a> {
    entries: Cursor<'a>,
    count: usize,
}

/// A component that a device has, or a beginning that stands for all identifiers with it.
#[derive(Clone, Copy, Debug)]
pub struct ComponentCapability<'a> {
    parts: Cursor<'a>,
    count: usize,
    is_prefix: bool,
}

impl<'a> Capabilities<'a> {
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        let count = cursor.map()?;
        let (entries, mut order, mut seen) = (*cursor, Ascending::new(), 0_u32);
        let mut previous: &[u8] = &[];
        for _ in 0..count {
            let key = cursor.position();
            if cursor.peek() == Some(Type::Array) {
                list(cursor)?;
                previous = cursor.ascending(key, previous)?;
                list(cursor)?;
                continue;
            }
            if !previous.is_empty() {
                return Err(cursor.error_at(key, iotops_wire::rules::KEY_ORDER).into());
            }
            let code = order.key(cursor)?;
            match code {
                COMPONENTS => check_components(cursor)?,
                COMMANDS..=DEPENDENCY => drop(list(cursor)?),
                _ => return Err(cursor.error_at(key, rules::REPORT_ELEMENT).into()),
            }
            seen |= 1 << (code & 31);
        }
        if seen & REQUIRED != REQUIRED {
            return Err(cursor.error_at(start, rules::CAPABILITIES).into());
        }
        Ok(Self { entries, count })
    }

    /// The components.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn components(&self) -> impl Iterator<Item = ComponentCapability<'a>> + use<'a> {
        let mut cursor = self.value(COMPONENTS).unwrap_or_default();
        let count = cursor.array().unwrap_or(0);
        (0..count).map_while(move |_| ComponentCapability::read(&mut cursor).ok())
    }

    /// The list with this key, from 2 to 10: commands, parameters, algorithms; elements of the
    /// envelope, of manifests, of common, of texts, of texts of components, of dependencies.
    #[must_use]
    pub fn list(&self, key: i64) -> Option<Integers<'a>> {
        list(&mut self.value(key)?).ok()
    }

    /// The codes of the commands.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn commands(&self) -> impl Iterator<Item = i64> + use<'a> {
        self.list(COMMANDS).into_iter().flat_map(|list| list.iter())
    }

    /// The codes of the parameters.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn parameters(&self) -> impl Iterator<Item = i64> + use<'a> {
        self.list(PARAMETERS).into_iter().flat_map(|list| list.iter())
    }

    /// The COSE numbers of the algorithms.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn algorithms(&self) -> impl Iterator<Item = i64> + use<'a> {
        self.list(ALGORITHMS).into_iter().flat_map(|list| list.iter())
    }

    /// What is supported in other places: the keys that lead there, and the keys known there.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn others(&self) -> impl Iterator<Item = (Integers<'a>, Integers<'a>)> + use<'a> {
        let entries = self.entries();
        entries
            .filter_map(|(mut key, mut value)| Some((list(&mut key).ok()?, list(&mut value).ok()?)))
    }

    /// The entries: cursors at key and value.
    fn entries(&self) -> impl Iterator<Item = (Cursor<'a>, Cursor<'a>)> + use<'a> {
        let mut cursor = self.entries;
        (0..self.count).map_while(move |_| {
            let key = cursor;
            cursor.skip().ok()?;
            let value = cursor;
            cursor.skip().ok()?;
            Some((key, value))
        })
    }

    fn value(&self, key: i64) -> Option<Cursor<'a>> {
        let mut entries = self.entries();
        entries.find(|(found, _)| { *found }.integer() == Ok(key)).map(|(_, value)| value)
    }

    pub(super) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.count)?;
        for (mut key, mut value) in self.entries() {
            let mut entry = map.entry()?;
            match key.integer() {
                Ok(COMPONENTS) => {
                    entry.integer(COMPONENTS)?.array(self.components().count())?;
                    self.components().try_for_each(|one| one.encode(&mut entry))?;
                }
                Ok(code) => list(&mut value)?.encode(entry.integer(code)?)?,
                Err(_) => {
                    list(&mut key)?.encode(&mut entry)?;
                    list(&mut value)?.encode(&mut entry)?;
                }
            }
        }
        Ok(map.end()?)
    }
}

impl<'a> ComponentCapability<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let items = cursor.array()?;
        let (parts, mut count) = (*cursor, 0_usize);
        while count < items && cursor.peek() == Some(Type::Bytes) {
            cursor.bytes()?;
            count = count.saturating_add(1);
        }
        let start = cursor.position();
        let is_prefix = count < items && cursor.boolean()?;
        if count.saturating_add(usize::from(is_prefix)) != items {
            return Err(cursor.error_at(start, rules::CAPABILITIES).into());
        }
        Ok(Self { parts, count, is_prefix })
    }

    /// The parts of the identifier, or of its beginning.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn parts(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        let mut cursor = self.parts;
        (0..self.count).map_while(move |_| cursor.bytes().ok())
    }

    /// Whether every identifier that begins so is meant.
    #[must_use]
    pub const fn is_prefix(&self) -> bool {
        self.is_prefix
    }

    /// Whether it means the component of these parts.
    pub fn covers<'p>(&self, mut component: impl Iterator<Item = &'p [u8]>) -> bool {
        let begins = self.parts().all(|part| component.next() == Some(part));
        begins && (self.is_prefix || component.next().is_none())
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        component(encoder, self.parts(), self.is_prefix)
    }
}

fn component<'p>(
    encoder: &mut Encoder<'_>,
    parts: impl Iterator<Item = &'p [u8]> + Clone,
    is_prefix: bool,
) -> Result<(), Error> {
    encoder.array(parts.clone().count().saturating_add(usize::from(is_prefix)))?;
    for part in parts {
        encoder.bytes(part)?;
    }
    if is_prefix {
        encoder.boolean(true)?;
    }
    Ok(())
}

fn list<'a>(cursor: &mut Cursor<'a>) -> Result<Integers<'a>, Error> {
    Integers::read_any(cursor, rules::CAPABILITIES)
}

fn check_components(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    let start = cursor.position();
    let count = cursor.array()?;
    if count == 0 {
        return Err(cursor.error_at(start, rules::CAPABILITIES).into());
    }
    (0..count).try_for_each(|_| ComponentCapability::read(cursor).map(drop))
}

/// What this crate does as it was built, in tables that grow by features.
const KNOWN_COMMANDS: &[&[i64]] = &[
    &[1, 2, 3, 5, 6, 12, 14, 15, 18, 20, 21, 22, 23, 24, 31, 32],
    #[cfg(feature = "trust-domains")]
    &[7, 8, 11, 19, 33],
    #[cfg(feature = "update-management")]
    &[4, 25, 26, 27, 28, 29, 34, 35],
];
const KNOWN_PARAMETERS: &[&[i64]] = &[
    &[1, 2, 3, 5, 12, 13, 14, 18, 21, 22, 23, 24, 25],
    #[cfg(feature = "update-management")]
    &[4, 26, 27, 28, 29, 30],
    #[cfg(feature = "encryption")]
    &[19],
];
const KNOWN_ALGORITHMS: &[&[i64]] = &[
    &[-16],
    #[cfg(feature = "es256")]
    &[-7, -9],
    #[cfg(feature = "ed25519")]
    &[-8, -19],
    #[cfg(feature = "hmac")]
    &[5],
    #[cfg(feature = "sha512")]
    &[-43, -44],
    #[cfg(feature = "shake")]
    &[-18, -45],
    #[cfg(feature = "encryption")]
    &[1, 2, 3, 24, -3, -4, -5, -29, -30, -31, -65534, -65533, -65532],
];
const KNOWN_ENVELOPE: &[&[i64]] = &[&[2, 3, 14, 15, 16, 18, 20, 23]];
const KNOWN_COMMON: &[&[i64]] = &[
    &[2, 4],
    #[cfg(feature = "trust-domains")]
    &[1],
];
/// Prefixes.
const KNOWN_DEPENDENCY: &[i64] = &[1];

/// The capability report that a device writes: what this crate does, as it was built, less what
/// the device does not, and with what it adds.
///
/// ```
/// use suit_manifest::report::NewCapabilities;
///
/// let components: [&[&[u8]]; 2] = [&[b"slot", b"0"], &[b"slot", b"1"]];
/// // A device that cannot exchange its slots.
/// let capabilities = NewCapabilities::new(&components).without_commands(&[31]);
/// # let _ = capabilities;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct NewCapabilities<'c> {
    components: &'c [&'c [&'c [u8]]],
    prefixes: &'c [&'c [&'c [u8]]],
    without_commands: &'c [i64],
    custom_commands: &'c [i64],
    custom_parameters: &'c [i64],
}

impl<'c> NewCapabilities<'c> {
    /// Of a device with these components.
    #[must_use]
    pub const fn new(components: &'c [&'c [&'c [u8]]]) -> Self {
        let none: &[i64] = &[];
        Self {
            components,
            prefixes: &[],
            without_commands: none,
            custom_commands: none,
            custom_parameters: none,
        }
    }

    /// With all components that begin with one of these, such as files.
    #[must_use]
    pub const fn with_prefixes(self, prefixes: &'c [&'c [&'c [u8]]]) -> Self {
        Self { prefixes, ..self }
    }

    /// Without these commands, which the platform refuses.
    #[must_use]
    pub const fn without_commands(self, codes: &'c [i64]) -> Self {
        Self { without_commands: codes, ..self }
    }

    /// With commands and parameters of the platform's own, -256 and below.
    #[must_use]
    pub const fn with_custom(self, commands: &'c [i64], parameters: &'c [i64]) -> Self {
        Self { custom_commands: commands, custom_parameters: parameters, ..self }
    }

    /// Writes the report.
    ///
    /// # Errors
    /// [`rules::CAPABILITIES`] without a component, [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let count = self.components.len().saturating_add(self.prefixes.len());
        if count == 0 {
            return Err(Error::new(rules::CAPABILITIES, 0));
        }
        let has_dependencies = cfg!(feature = "trust-domains");
        let mut map = encoder.map(if has_dependencies { 8 } else { 7 })?;
        let mut components = map.key(COMPONENTS)?;
        components.array(count)?;
        for (list, is_prefix) in [(self.components, false), (self.prefixes, true)] {
            list.iter()
                .try_for_each(|one| component(&mut components, one.iter().copied(), is_prefix))?;
        }
        let commands = flat(KNOWN_COMMANDS).filter(|code| !self.without_commands.contains(code));
        let commands = commands.chain(self.custom_commands.iter().copied());
        let parameters = flat(KNOWN_PARAMETERS).chain(self.custom_parameters.iter().copied());
        integers(&mut map.key(COMMANDS)?, commands)?;
        integers(&mut map.key(PARAMETERS)?, parameters)?;
        integers(&mut map.key(ALGORITHMS)?, flat(KNOWN_ALGORITHMS))?;
        integers(&mut map.key(ENVELOPE)?, flat(KNOWN_ENVELOPE))?;
        let elements = Element::ALL.iter().map(|element| element.code());
        integers(&mut map.key(MANIFEST)?, elements)?;
        integers(&mut map.key(COMMON)?, flat(KNOWN_COMMON))?;
        if has_dependencies {
            integers(&mut map.key(DEPENDENCY)?, KNOWN_DEPENDENCY.iter().copied())?;
        }
        Ok(map.end()?)
    }
}

fn flat(tables: &'static [&'static [i64]]) -> impl Iterator<Item = i64> + Clone {
    tables.iter().flat_map(|table| table.iter().copied())
}

fn integers(
    encoder: &mut Encoder<'_>,
    codes: impl Iterator<Item = i64> + Clone,
) -> Result<(), Error> {
    encoder.array(codes.clone().count())?;
    for code in codes {
        encoder.integer(code)?;
    }
    Ok(())
}
