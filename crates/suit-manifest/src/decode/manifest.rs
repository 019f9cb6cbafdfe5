//! The manifest (SUIT §8.4): authenticated, and valid by every static rule.

use iotops_crypto::is_digest;
use iotops_wire::Rule;
use iotops_wire::cbor::{Ascending, Cursor, Type};

use super::{Envelope, IntegratedPayload, sequence};
use crate::model::{
    ComponentIdentifier, Components, Dependencies, Element, Section, Sequence, SuitDigest, TextMap,
    Version,
};
use crate::verify::{Authenticated, Signers};
use crate::{Error, rules};

/// The version of the format that this crate reads.
const VERSION: u64 = 1;
/// The elements that every manifest begins with: version, sequence number and common.
const REQUIRED: usize = 3;
/// The code of the last of them.
const LAST_REQUIRED: u8 = 3;

const DEPENDENCIES: i64 = 1;
const COMPONENTS: i64 = 2;
const SHARED_SEQUENCE: i64 = 4;

/// What a recipient can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most components that a manifest may list (SUIT §6.2: no more "than the number in the
    /// target system").
    pub components: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { components: 255 }
    }
}

impl Limits {
    /// The default limits with another number of components.
    #[must_use]
    pub const fn with_components(components: usize) -> Self {
        Self { components }
    }
}

/// An element that the manifest may hold itself or name by its digest (SUIT §8.6).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Member<'a, T> {
    /// The manifest has no such element.
    Absent,
    /// It was severed, and the envelope does not carry it.
    Severed(SuitDigest<'a>),
    /// It is here; if it was severed, its digest was checked.
    Present(T),
}

impl<T> Member<'_, T> {
    /// The element, if it is here.
    #[must_use]
    pub fn present(self) -> Option<T> {
        match self {
            Self::Present(value) => Some(value),
            _ => None,
        }
    }
}

/// A manifest that somebody trusted signed and that is valid: the proof that an engine asks for.
///
/// No public constructor makes one but [`Authenticated::validate`]. All that can be read from it
/// has been checked: no accessor fails.
#[derive(Clone, Copy, Debug)]
pub struct Manifest<'a> {
    envelope: Envelope<'a>,
    signers: Signers,
    sequence_number: u64,
    common: Common,
    /// Where the elements behind the required ones begin.
    elements: u32,
    count: u32,
}

impl<'a> Manifest<'a> {
    pub(crate) fn validate(
        authenticated: &Authenticated<'a>,
        limits: Limits,
    ) -> Result<Self, Error> {
        let envelope = *authenticated.envelope();
        let mut cursor = envelope.manifest().embedded()?;
        let start = cursor.position();
        let count = cursor.map()?;
        if count < REQUIRED {
            return Err(cursor.error_at(start, rules::REQUIRED).into());
        }
        let sequence_number = preamble(&mut cursor)?;
        let common = Common::read(cursor.embedded()?, limits)?;
        let manifest = Self {
            envelope,
            signers: authenticated.signers(),
            sequence_number,
            common,
            elements: cursor.offset(),
            count: u32::try_from(count.saturating_sub(REQUIRED)).unwrap_or(u32::MAX),
        };
        let dependencies = manifest.dependencies();
        manifest.check_elements(cursor, &dependencies)?;
        if envelope.has_others() {
            manifest.check_severed(&dependencies)?;
        }
        Ok(manifest)
    }

    #[inline]
    fn check_elements(
        &self,
        mut cursor: Cursor<'a>,
        dependencies: &Dependencies<'_>,
    ) -> Result<(), Error> {
        let mut order = Ascending::after(LAST_REQUIRED);
        for _ in 0..self.count {
            let key = cursor.position();
            let Some(element) = Element::from_code(order.key(&mut cursor)?) else {
                return Err(cursor.error_at(key, rules::ELEMENT).into());
            };
            self.check_element(element, &mut cursor, dependencies)?;
        }
        Ok(cursor.end()?)
    }

    #[inline]
    fn check_element(
        &self,
        element: Element,
        cursor: &mut Cursor<'a>,
        dependencies: &Dependencies<'_>,
    ) -> Result<(), Error> {
        match element {
            Element::ReferenceUri => drop(cursor.text()?),
            Element::ComponentId => drop(ComponentIdentifier::read(cursor)?),
            Element::Validate | Element::Load | Element::Invoke | Element::Uninstall => {
                self.check_content(element, cursor.embedded()?, dependencies)?;
            }
            Element::SetVersion => self.check_content(element, cursor.embedded()?, dependencies)?,
            _ if cursor.peek() == Some(Type::Array) => drop(SuitDigest::read(cursor)?),
            _ => self.check_content(element, cursor.embedded()?, dependencies)?,
        }
        Ok(())
    }

    /// Checks what is inside of the byte string of an element, wherever that stands.
    #[inline]
    fn check_content(
        &self,
        element: Element,
        mut content: Cursor<'a>,
        dependencies: &Dependencies<'_>,
    ) -> Result<(), Error> {
        match element {
            Element::Text => drop(TextMap::read(&mut content, &self.components())?),
            Element::SetVersion => drop(Version::read(&mut content)?),
            // A CoSWID is not for the recipient: it is passed on, and must never make it fail.
            Element::Coswid => return Ok(()),
            _ => {
                let components = u64::from(self.common.component_count);
                return sequence::check(content, components, dependencies, false);
            }
        }
        Ok(content.end()?)
    }

    /// Every element that the envelope carries must be one that the manifest names by digest.
    #[cold]
    fn check_severed(&self, dependencies: &Dependencies<'_>) -> Result<(), Error> {
        for (element, value) in self.envelope.severed() {
            let Some(Member::Severed(digest)) = self.element(element).map(member) else {
                return Err(value.error(rules::NOT_SEVERED).into());
            };
            let mut after = value;
            let content = after.embedded()?;
            let mut whole = value;
            whole.cut_before(&after);
            check_digest(&digest, &[whole.rest()], value, rules::SEVERED_DIGEST)?;
            self.check_content(element, content, dependencies)?;
        }
        Ok(())
    }

    /// The number that must never go down (SUIT §8.4.2). Comparing it with the stored one is the
    /// caller's: a static check knows no history.
    #[must_use]
    pub const fn sequence_number(&self) -> u64 {
        self.sequence_number
    }

    /// The reference digest of the manifest: it names this manifest, whoever signs it.
    #[must_use]
    pub fn digest(&self) -> SuitDigest<'a> {
        self.envelope.claimed_digest()
    }

    /// Which of the given keys signed it.
    #[must_use]
    pub const fn signers(&self) -> Signers {
        self.signers
    }

    /// The components.
    #[must_use]
    pub fn components(&self) -> Components<'a> {
        self.common.components(self.envelope.document())
    }

    /// Which components are dependencies.
    #[must_use]
    pub fn dependencies(&self) -> Dependencies<'a> {
        self.common.dependencies(self.envelope.document())
    }

    /// The sequence that is run before every other.
    #[must_use]
    pub fn shared_sequence(&self) -> Option<Sequence<'a>> {
        self.common.shared(self.envelope.document())
    }

    /// A command sequence.
    #[must_use]
    pub fn section(&self, section: Section) -> Member<'a, Sequence<'a>> {
        match Element::from_code(section.code()) {
            Some(element) => self.content(element, |content| Some(Sequence(content))),
            None => Member::Absent,
        }
    }

    /// The text for people.
    #[must_use]
    pub fn text(&self) -> Member<'a, TextMap<'a>> {
        let components = self.components();
        self.content(Element::Text, |mut content| TextMap::read(&mut content, &components).ok())
    }

    /// The concise software identification tag, as encoded.
    #[must_use]
    pub fn coswid(&self) -> Member<'a, &'a [u8]> {
        self.content(Element::Coswid, |content| Some(content.rest()))
    }

    /// Where a full copy of this manifest can be found.
    #[must_use]
    pub fn reference_uri(&self) -> Option<&'a str> {
        self.element(Element::ReferenceUri)?.text().ok()
    }

    /// Where a root manifest is stored (SUIT TD §5.2.1).
    #[must_use]
    pub fn component_id(&self) -> Option<ComponentIdentifier<'a>> {
        ComponentIdentifier::read(&mut self.element(Element::ComponentId)?).ok()
    }

    /// The version that the component set has after this update (SUIT UM §3.1).
    #[must_use]
    pub fn set_version(&self) -> Option<Version<'a>> {
        Version::read(&mut self.element(Element::SetVersion)?.embedded().ok()?).ok()
    }

    /// The integrated payload that a fetch from `uri` means (SUIT §5.5): exact match.
    #[must_use]
    pub fn integrated(&self, uri: &str) -> Option<&'a [u8]> {
        self.envelope.integrated().find(|one| one.uri == uri).map(|one| one.content)
    }

    /// All integrated payloads.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn integrated_payloads(&self) -> impl Iterator<Item = IntegratedPayload<'a>> + use<'a> {
        self.envelope.integrated()
    }

    /// The envelope around it.
    #[must_use]
    pub const fn envelope(&self) -> &Envelope<'a> {
        &self.envelope
    }

    /// The number of elements, the required ones included.
    pub(crate) fn element_count(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX).saturating_add(REQUIRED)
    }

    /// The elements behind the required ones, with a cursor at their values.
    pub(crate) fn elements(&self) -> impl Iterator<Item = (Element, Cursor<'a>)> + use<'a> {
        let mut cursor = Cursor::at(self.envelope.document(), self.elements);
        (0..self.count).map_while(move |_| {
            let element = Element::from_code(cursor.integer().ok()?)?;
            let value = cursor;
            cursor.skip().ok()?;
            Some((element, value))
        })
    }

    fn element(&self, element: Element) -> Option<Cursor<'a>> {
        self.elements().find(|(found, _)| *found == element).map(|(_, value)| value)
    }

    /// An element that may be severed, with what `read` makes of its content.
    fn content<T>(
        &self,
        element: Element,
        read: impl FnOnce(Cursor<'a>) -> Option<T>,
    ) -> Member<'a, T> {
        let Some(value) = self.element(element) else {
            return Member::Absent;
        };
        let content = match member(value) {
            Member::Present(content) => Some(content),
            Member::Severed(digest) => {
                let found = self.envelope.severed().find(|(found, _)| *found == element);
                match found.and_then(|(_, mut value)| value.embedded().ok()) {
                    Some(content) => Some(content),
                    None => return Member::Severed(digest),
                }
            }
            Member::Absent => None,
        };
        content.and_then(read).map_or(Member::Absent, Member::Present)
    }
}

/// The value of a severable element: a digest, or the byte string itself.
fn member<'a>(mut value: Cursor<'a>) -> Member<'a, Cursor<'a>> {
    if value.peek() == Some(Type::Array) {
        SuitDigest::read(&mut value).map_or(Member::Absent, Member::Severed)
    } else {
        value.embedded().map_or(Member::Absent, Member::Present)
    }
}

/// Reads version, sequence number and the key of common; gives the sequence number.
#[inline]
fn preamble(cursor: &mut Cursor<'_>) -> Result<u64, Error> {
    required(cursor, Element::Version)?;
    let at = cursor.position();
    // SUIT §6.1: "MUST inspect the manifest version field and fail when it encounters an
    // unsupported encoding version."
    if cursor.unsigned()? != VERSION {
        return Err(cursor.error_at(at, rules::VERSION).into());
    }
    required(cursor, Element::SequenceNumber)?;
    let sequence_number = cursor.unsigned()?;
    required(cursor, Element::Common)?;
    Ok(sequence_number)
}

/// Keys ascend, so the required ones are the first three, or one of them is missing.
#[inline]
fn required(cursor: &mut Cursor<'_>, element: Element) -> Result<(), Error> {
    let start = cursor.position();
    if cursor.small() == Some(element.code()) {
        return Ok(());
    }
    Err(missing(*cursor, start))
}

#[cold]
fn missing(cursor: Cursor<'_>, start: usize) -> Error {
    let mut key = cursor;
    match if key.position() == start { key.integer().map(drop) } else { Ok(()) } {
        Ok(()) => cursor.error_at(start, rules::REQUIRED).into(),
        Err(error) => error.into(),
    }
}

/// Compares a digest with that of `parts`; `rule` is broken at `place` if they differ.
pub(crate) fn check_digest(
    claimed: &SuitDigest<'_>,
    parts: &[&[u8]],
    place: Cursor<'_>,
    rule: Rule,
) -> Result<(), Error> {
    match is_digest(claimed.algorithm(), parts, claimed.bytes()) {
        None => Err(place.error(iotops_crypto::rules::DIGEST_UNSUPPORTED).into()),
        Some(true) => Ok(()),
        Some(false) => Err(place.error(rule).into()),
    }
}

/// Where the elements of common stand; an offset of 0 is that of none.
#[derive(Clone, Copy, Debug, Default)]
struct Common {
    components: u32,
    component_count: u32,
    dependencies: u32,
    dependency_count: u32,
    shared: u32,
    shared_end: u32,
}

impl Common {
    #[inline]
    fn read(mut cursor: Cursor<'_>, limits: Limits) -> Result<Self, Error> {
        let start = cursor;
        let count = cursor.map()?;
        let mut order = Ascending::new();
        let mut common = Self::default();
        for _ in 0..count {
            let key = cursor.position();
            match order.key(&mut cursor)? {
                DEPENDENCIES => {
                    let read = Dependencies::read(&mut cursor)?;
                    (common.dependencies, common.dependency_count) = read.place();
                }
                COMPONENTS => {
                    let read = Components::read(&mut cursor, limits.components)?;
                    (common.components, common.component_count) = read.place();
                }
                SHARED_SEQUENCE => {
                    common.shared = cursor.embedded()?.offset();
                    common.shared_end = cursor.offset();
                }
                _ => return Err(cursor.error_at(key, rules::COMMON_ELEMENT).into()),
            }
        }
        cursor.end()?;
        if common.component_count == 0 {
            return Err(start.error(rules::COMPONENTS).into());
        }
        common.check(cursor.document())?;
        Ok(common)
    }

    fn check(&self, document: &[u8]) -> Result<(), Error> {
        let Some(shared) = self.shared(document) else {
            return Ok(());
        };
        let count = u64::from(self.component_count);
        sequence::check(shared.0, count, &self.dependencies(document), true)
    }

    fn components<'a>(&self, document: &'a [u8]) -> Components<'a> {
        Components::at(Cursor::at(document, self.components), self.component_count)
    }

    fn dependencies<'a>(&self, document: &'a [u8]) -> Dependencies<'a> {
        Dependencies::at(Cursor::at(document, self.dependencies), self.dependency_count)
    }

    fn shared<'a>(&self, document: &'a [u8]) -> Option<Sequence<'a>> {
        if self.shared == 0 {
            return None;
        }
        let mut content = Cursor::at(document, self.shared);
        content.cut_before(&Cursor::at(document, self.shared_end));
        Some(Sequence(content))
    }
}

/// Codes of the elements of common, for writing.
pub(crate) const COMMON: [i64; 3] = [DEPENDENCIES, COMPONENTS, SHARED_SEQUENCE];
