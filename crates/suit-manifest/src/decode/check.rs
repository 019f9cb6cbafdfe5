//! Static validation of the manifest, element by element.

use iotops_crypto::is_digest;
use iotops_wire::Rule;
use iotops_wire::cbor::{Ascending, Cursor, Type};

use super::manifest::{COMPONENTS, DEPENDENCIES, SHARED_SEQUENCE, elements, find, member};
use super::sequence::{self, Scope};
use super::{Envelope, Limits, Member};
use crate::model::{
    ComponentIdentifier, Components, Dependencies, Element, SuitDigest, TextMap, Version,
};
#[cfg(feature = "suit-mud-draft")]
use crate::model::{Mud, MudCodes};
use crate::{Error, rules};

/// The version of the format that this crate reads.
const VERSION: u64 = 1;
/// The elements that every manifest begins with: version, sequence number and common.
const REQUIRED: usize = 3;
/// The code of the last of them.
const LAST_REQUIRED: u8 = 3;

/// Where the parts of a manifest stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub(super) sequence_number: u32,
    pub(super) common: Common,
    /// The elements behind the required ones.
    pub(super) elements: u32,
    /// The MUD element: its codes, and where its value stands.
    #[cfg(feature = "suit-mud-draft")]
    pub(super) mud: Option<(MudCodes, u32)>,
}

/// Checks a manifest by every static rule; gives the places of its parts.
pub(super) fn check(envelope: &Envelope<'_>, limits: Limits) -> Result<Places, Error> {
    let mut cursor = envelope.manifest().embedded()?;
    let start = cursor.position();
    #[cfg(feature = "suit-mud-draft")]
    if limits.mud.is_some_and(|codes| !codes.are_free()) {
        return Err(cursor.error_at(start, rules::MUD_CODES).into());
    }
    let Some(count) = cursor.map()?.checked_sub(REQUIRED) else {
        return Err(cursor.error_at(start, rules::REQUIRED).into());
    };
    let sequence_number = preamble(&mut cursor)?;
    let common = Common::check(cursor.embedded()?, limits)?;
    let document = envelope.document();
    let components = Components::reread(Cursor::at(document, common.components));
    let dependencies = Dependencies::reread(value(document, common.dependencies));
    let mut scope = Scope::shared(components, &dependencies);
    if let Some(mut shared) = value(document, common.shared) {
        sequence::check(&mut shared.embedded()?, &mut scope)?;
    }
    scope.is_shared = false;
    let elements = cursor.offset();
    check_elements(&mut cursor, count, &mut scope, limits)?;
    if !envelope.others().is_at_end() {
        check_severed(envelope, elements, &mut scope)?;
    }
    Ok(Places {
        sequence_number,
        common,
        elements,
        #[cfg(feature = "suit-mud-draft")]
        mud: limits.mud.and_then(|codes| mud_place(envelope, elements, codes)),
    })
}

/// Checks the value of an element that no registry has, if the recipient knows its code.
#[cfg(feature = "suit-mud-draft")]
fn check_unregistered(code: i64, cursor: &mut Cursor<'_>, limits: Limits) -> Result<bool, Error> {
    let Some(codes) = limits.mud.filter(|codes| codes.element == code) else {
        return Ok(false);
    };
    // It is unseverable: a digest in its place is refused.
    let mut content = cursor.embedded()?;
    Mud::read(&mut content, codes)?;
    content.end()?;
    Ok(true)
}

/// Where the value of the MUD element stands, in a manifest that was checked.
#[cfg(feature = "suit-mud-draft")]
fn mud_place(envelope: &Envelope<'_>, from: u32, codes: MudCodes) -> Option<(MudCodes, u32)> {
    let mut cursor = Cursor::at(envelope.document(), from);
    cursor.cut_before(&envelope.others());
    while cursor.integer().ok()? != codes.element {
        cursor.pass().ok()?;
    }
    Some((codes, cursor.offset()))
}

fn check_elements(
    cursor: &mut Cursor<'_>,
    count: usize,
    scope: &mut Scope<'_>,
    limits: Limits,
) -> Result<(), Error> {
    let _ = limits;
    let mut order = Ascending::after(LAST_REQUIRED);
    for _ in 0..count {
        let key = cursor.position();
        let code = order.key(cursor)?;
        match Element::from_code(code) {
            Some(element) => check_element(element, cursor, scope)?,
            #[cfg(feature = "suit-mud-draft")]
            None if check_unregistered(code, cursor, limits)? => {}
            None => return Err(cursor.error_at(key, rules::ELEMENT).into()),
        }
    }
    Ok(cursor.end()?)
}

#[inline]
fn check_element(
    element: Element,
    cursor: &mut Cursor<'_>,
    scope: &mut Scope<'_>,
) -> Result<(), Error> {
    match element {
        Element::ReferenceUri => drop(cursor.text()?),
        Element::ComponentId => drop(ComponentIdentifier::read(cursor)?),
        Element::Validate | Element::Load | Element::Invoke | Element::Uninstall => {
            sequence::check(&mut cursor.embedded()?, scope)?;
        }
        Element::SetVersion => check_content(element, &mut cursor.embedded()?, scope)?,
        _ if cursor.peek() == Some(Type::Array) => SuitDigest::check(cursor)?,
        _ => check_content(element, &mut cursor.embedded()?, scope)?,
    }
    Ok(())
}

/// Checks what is inside of the byte string of an element, wherever that stands.
#[inline]
fn check_content(
    element: Element,
    content: &mut Cursor<'_>,
    scope: &mut Scope<'_>,
) -> Result<(), Error> {
    match element {
        Element::Text => drop(TextMap::read(content, &scope.components)?),
        Element::SetVersion => drop(Version::read(content)?),
        // A CoSWID is not for the recipient: it is passed on, and must never make it fail.
        Element::Coswid => return Ok(()),
        _ => return sequence::check(content, scope),
    }
    Ok(content.end()?)
}

/// Every element that the envelope carries must be one that the manifest names by digest.
#[cold]
fn check_severed(envelope: &Envelope<'_>, from: u32, scope: &mut Scope<'_>) -> Result<(), Error> {
    for (element, value) in envelope.severed() {
        let named = find(elements(envelope, from), element).map(member);
        let Some(Member::Severed(digest)) = named else {
            return Err(value.error(rules::NOT_SEVERED).into());
        };
        let mut after = value;
        let mut content = after.embedded()?;
        let whole = after.since(value.position());
        check_digest(&digest, &[whole], value, rules::SEVERED_DIGEST)?;
        check_content(element, &mut content, scope)?;
    }
    Ok(())
}

/// Reads version, sequence number and the key of common; gives the offset of the number.
#[inline]
fn preamble(cursor: &mut Cursor<'_>) -> Result<u32, Error> {
    required(cursor, Element::Version)?;
    let at = cursor.position();
    // SUIT §6.1: "MUST inspect the manifest version field and fail when it encounters an
    // unsupported encoding version."
    if cursor.unsigned()? != VERSION {
        return Err(cursor.error_at(at, rules::VERSION).into());
    }
    required(cursor, Element::SequenceNumber)?;
    let sequence_number = cursor.offset();
    cursor.unsigned()?;
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

/// Where the values of the elements of common stand; no element stands at 0.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Common {
    pub(super) components: u32,
    pub(super) dependencies: u32,
    pub(super) shared: u32,
}

impl Common {
    #[inline]
    fn check(mut cursor: Cursor<'_>, limits: Limits) -> Result<Self, Error> {
        let start = cursor.position();
        let count = cursor.map()?;
        let mut order = Ascending::new();
        let mut common = Self::default();
        for _ in 0..count {
            let key = cursor.position();
            let element = order.key(&mut cursor)?;
            let value = cursor.offset();
            match element {
                DEPENDENCIES => {
                    common.dependencies = value;
                    Dependencies::check(&mut cursor)?;
                }
                COMPONENTS => {
                    common.components = value;
                    Components::check(&mut cursor, limits.components)?;
                }
                SHARED_SEQUENCE => {
                    common.shared = value;
                    cursor.bytes()?;
                }
                _ => return Err(cursor.error_at(key, rules::COMMON_ELEMENT).into()),
            }
        }
        cursor.end()?;
        if common.components == 0 {
            return Err(cursor.error_at(start, rules::COMPONENTS).into());
        }
        Ok(common)
    }
}

/// A cursor at the value that stands at `offset`, if there is one.
pub(super) fn value(document: &[u8], offset: u32) -> Option<Cursor<'_>> {
    (offset != 0).then(|| Cursor::at(document, offset))
}
