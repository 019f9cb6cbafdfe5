//! The manifest (SUIT §8.4): authenticated, and valid by every static rule.

use iotops_wire::cbor::{Cursor, Type};

use super::check::{Places, check, value};
use super::{Envelope, IntegratedPayload};
use crate::Error;
use crate::model::{
    ComponentIdentifier, Components, Dependencies, Element, Section, Sequence, SuitDigest, TextMap,
    Version,
};
#[cfg(feature = "suit-mud-draft")]
use crate::model::{Mud, MudCodes};
use crate::verify::{Authenticated, Signers};

pub(super) const DEPENDENCIES: i64 = 1;
pub(super) const COMPONENTS: i64 = 2;
pub(super) const SHARED_SEQUENCE: i64 = 4;

/// Codes of the elements of common.
pub(crate) const COMMON: [i64; 3] = [DEPENDENCIES, COMPONENTS, SHARED_SEQUENCE];

/// What a recipient can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The most components that a manifest may list (SUIT §6.2: no more "than the number in the
    /// target system").
    pub components: usize,
    /// The codes of the MUD element, if the recipient takes it.
    #[cfg(feature = "suit-mud-draft")]
    pub mud: Option<MudCodes>,
}

impl Default for Limits {
    fn default() -> Self {
        Self::with_components(255)
    }
}

impl Limits {
    /// The default limits with another number of components.
    #[must_use]
    pub const fn with_components(components: usize) -> Self {
        Self {
            components,
            #[cfg(feature = "suit-mud-draft")]
            mud: None,
        }
    }

    /// The same limits, with a MUD element (draft-ietf-suit-mud) of these codes. They are not
    /// allocated: without them the element is refused as [`crate::rules::ELEMENT`], and codes that
    /// mean something else as [`crate::rules::MUD_CODES`].
    #[cfg(feature = "suit-mud-draft")]
    #[must_use]
    pub const fn with_mud(self, codes: MudCodes) -> Self {
        Self { mud: Some(codes), ..self }
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
    places: Places,
}

impl<'a> Manifest<'a> {
    #[inline]
    pub(crate) fn validate(
        authenticated: &Authenticated<'a>,
        limits: Limits,
    ) -> Result<Self, Error> {
        let envelope = *authenticated.envelope();
        let signers = authenticated.signers();
        let places = check(&envelope, limits)?;
        Ok(Self { envelope, signers, places })
    }

    /// The number that must never go down (SUIT §8.4.2). Comparing it with the stored one is the
    /// caller's: a static check knows no history.
    #[must_use]
    pub fn sequence_number(&self) -> u64 {
        self.at(self.places.sequence_number).unsigned().unwrap_or_default()
    }

    fn at(&self, offset: u32) -> Cursor<'a> {
        Cursor::at(self.envelope.document(), offset)
    }

    /// The value at an offset that is 0 where there is none.
    fn optional(&self, offset: u32) -> Option<Cursor<'a>> {
        value(self.envelope.document(), offset)
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
        Components::reread(self.at(self.places.common.components))
    }

    /// Which components are dependencies.
    #[must_use]
    pub fn dependencies(&self) -> Dependencies<'a> {
        Dependencies::reread(self.optional(self.places.common.dependencies))
    }

    /// The indices of all components and dependencies: dependencies behind the list come last.
    pub(crate) fn indices(&self) -> impl Iterator<Item = u16> + use<'a> {
        let components = self.components();
        let listed = (0..components.len()).filter_map(|index| u16::try_from(index).ok());
        let dependencies = self.dependencies();
        let behind = dependencies.iter().filter(move |one| !components.has(one.index));
        listed.chain(behind.filter_map(|one| u16::try_from(one.index).ok()))
    }

    /// The sequence that is run before every other.
    #[must_use]
    pub fn shared_sequence(&self) -> Option<Sequence<'a>> {
        self.optional(self.places.common.shared)?.embedded().ok().map(Sequence)
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

    /// The MUD file of the software, if the manifest has the element and its codes were given
    /// ([`Limits::with_mud`]).
    #[cfg(feature = "suit-mud-draft")]
    #[must_use]
    pub fn mud(&self) -> Option<Mud<'a>> {
        self.placed_mud().map(|(_, _, mud)| mud)
    }

    /// The same with its codes, and the offset of the value.
    #[cfg(feature = "suit-mud-draft")]
    pub(crate) fn placed_mud(&self) -> Option<(MudCodes, u32, Mud<'a>)> {
        let (codes, offset) = self.places.mud?;
        let mud = Mud::read(&mut self.at(offset).embedded().ok()?, codes).ok()?;
        Some((codes, offset, mud))
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

    /// The elements behind the required ones, with a cursor at their values.
    pub(crate) fn elements(&self) -> impl Iterator<Item = (Element, Cursor<'a>)> + use<'a> {
        elements(&self.envelope, self.places.elements)
    }

    fn element(&self, element: Element) -> Option<Cursor<'a>> {
        find(self.elements(), element)
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

/// The elements of a manifest that [`check()`] has seen, from `offset` on.
pub(super) fn elements<'a>(
    envelope: &Envelope<'a>,
    offset: u32,
) -> impl Iterator<Item = (Element, Cursor<'a>)> + use<'a> {
    let mut cursor = Cursor::at(envelope.document(), offset);
    cursor.cut_before(&envelope.others());
    core::iter::from_fn(move || {
        loop {
            let element = Element::from_code(cursor.integer().ok()?);
            let value = cursor;
            cursor.pass().ok()?;
            // What is no element is MUD, which has a place of its own.
            if let Some(element) = element {
                return Some((element, value));
            }
        }
    })
}

/// The value of one of them.
pub(super) fn find<'a>(
    mut elements: impl Iterator<Item = (Element, Cursor<'a>)>,
    element: Element,
) -> Option<Cursor<'a>> {
    elements.find(|(found, _)| *found == element).map(|(_, value)| value)
}

/// The value of a severable element: a digest, or the byte string itself.
pub(super) fn member<'a>(mut value: Cursor<'a>) -> Member<'a, Cursor<'a>> {
    if value.peek() == Some(Type::Array) {
        SuitDigest::read(&mut value).map_or(Member::Absent, Member::Severed)
    } else {
        value.embedded().map_or(Member::Absent, Member::Present)
    }
}
