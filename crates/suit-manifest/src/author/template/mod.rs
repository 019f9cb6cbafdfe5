//! JSON → manifest.

mod locate;
mod metadata;
mod parameters;
mod sequence;
mod text;
mod value;

use alloc::string::ToString as _;
use alloc::vec::Vec;

use iotops_wire::Input;
#[cfg(feature = "suit-mud-draft")]
use iotops_wire::cbor::Cursor;
use iotops_wire::cbor::Encoder;
use iotops_wire::json::{Text, Value};

use self::locate::locate;
use self::sequence::sequence;
use self::text::text_in;
use self::value::{Files, fault, index, integers, only_member, text, unknown};
use super::names;
use crate::decode::{Limits, is_severable};
use crate::model::Section;
#[cfg(feature = "suit-mud-draft")]
use crate::model::{Mud, SuitDigest};
use crate::shape::MANIFEST;
use crate::{Draft, Error, ManifestBuilder, rules};

const SEQUENCE_NUMBER: &str = "manifest-sequence-number";
const COMPONENTS: &str = "components";
const SEVERED: &str = "severed";
const DEPENDENCY_PREFIX: &str = "dependency-prefix";
#[cfg(feature = "suit-mud-draft")]
const URL: &str = "url";
#[cfg(feature = "suit-mud-draft")]
const THUMBPRINT: &str = "thumbprint";

/// Makes a manifest of a [template](crate::author#templates).
///
/// `files` gives the content of a file that the template names, if there is one of this name.
///
/// # Errors
/// Rules of JSON, those named `TEMPLATE_…` in [`rules`], and every rule that a reader of the
/// manifest would apply. The place is in the template where the fault has a place there, and in the
/// output otherwise.
pub fn compose(
    template: &[u8],
    files: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
) -> Result<Draft, Error> {
    compose_within(template, Limits::default(), files)
}

/// The same for a device with these limits: they also have the codes of `mud`.
///
/// # Errors
/// As [`compose`].
pub fn compose_within(
    template: &[u8],
    limits: Limits,
    files: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
) -> Result<Draft, Error> {
    let template = Value::read(template)?;
    let composer = Composer::new(template, limits, Files(files))?;
    let draft = composer.manifest()?;
    if let Err(error) = draft.validate_within(limits) {
        let bytes = draft.envelope()?;
        return Err(match locate(&bytes, error.place().offset(), template) {
            Some(place) => Error::new(error.rule(), place),
            None => error.of(Input::Output),
        });
    }
    Ok(draft)
}

/// A template that is being read.
struct Composer<'t, 'f> {
    template: Value<'t>,
    #[cfg(feature = "suit-mud-draft")]
    limits: Limits,
    files: Files<'f>,
    components: Vec<Vec<Vec<u8>>>,
    severed: Vec<Section>,
}

impl<'t, 'f> Composer<'t, 'f> {
    fn new(template: Value<'t>, limits: Limits, mut files: Files<'f>) -> Result<Self, Error> {
        let Some(components) = template.member(COMPONENTS)? else {
            return Err(fault(template, rules::TEMPLATE_REQUIRED));
        };
        let components =
            components.items()?.map(|one| files.identifier(one)).collect::<Result<_, _>>()?;
        let severed = template.member(SEVERED)?;
        let severed =
            severed.map_or_else(|| Ok(Vec::new()), |list| self::severed(template, list))?;
        #[cfg(not(feature = "suit-mud-draft"))]
        let _ = limits;
        Ok(Self {
            template,
            #[cfg(feature = "suit-mud-draft")]
            limits,
            files,
            components,
            severed,
        })
    }

    fn manifest(mut self) -> Result<Draft, Error> {
        let Some(number) = self.template.member(SEQUENCE_NUMBER)? else {
            return Err(fault(self.template, rules::TEMPLATE_REQUIRED));
        };
        let mut builder = ManifestBuilder::new(number.unsigned()?);
        for identifier in &self.components {
            builder = builder.component(&borrowed(identifier));
        }
        for (name, value) in self.template.members()? {
            builder = self.member(builder, name, value)?;
        }
        let mut draft = builder.assemble()?;
        if let Some(integrated) = self.template.member("integrated")? {
            for (uri, content) in integrated.members()? {
                draft = draft.integrate(&uri.to_string(), &self.files.bytes(content)?);
            }
        }
        Ok(draft)
    }

    fn member(
        &mut self,
        builder: ManifestBuilder,
        name: Text<'_>,
        value: Value<'_>,
    ) -> Result<ManifestBuilder, Error> {
        let member = name.to_string();
        if let Some(digest) = absent(&member, value) {
            let mut encoded = Vec::new();
            self.files.digest(digest, &mut Encoder::new(&mut encoded))?;
            let code = names::code(&MANIFEST, &member).unwrap_or_default();
            return Ok(builder.absent(code, &encoded));
        }
        if let Some(section) = section(&member) {
            let sequence = sequence(&mut self.files, value)?;
            return Ok(if self.severed.contains(&section) {
                builder.severed_section(section, &sequence)
            } else {
                builder.section(section, &sequence)
            });
        }
        Ok(match member.as_str() {
            SEQUENCE_NUMBER | COMPONENTS | SEVERED | "integrated" => builder,
            "dependencies" => self.dependencies(builder, value)?,
            "shared-sequence" => builder.shared_sequence(sequence(&mut self.files, value)?),
            "reference-uri" => builder.reference_uri(&text(value)?),
            "manifest-component-id" => {
                builder.component_id(&borrowed(&self.files.identifier(value)?))
            }
            "set-version" => builder.set_version(&integers(value)?),
            "text" => self.text(builder, value)?,
            "coswid" => builder.coswid(&self.files.bytes(value)?),
            #[cfg(feature = "suit-mud-draft")]
            "mud" => self.mud(builder, name, value)?,
            _ => return Err(unknown(name)),
        })
    }

    fn dependencies(
        &mut self,
        mut builder: ManifestBuilder,
        value: Value<'_>,
    ) -> Result<ManifestBuilder, Error> {
        for (name, metadata) in value.members()? {
            let index = index(name)?;
            if let Some((other, _)) =
                metadata.members()?.find(|(name, _)| *name != *DEPENDENCY_PREFIX)
            {
                return Err(unknown(other));
            }
            builder = match metadata.member(DEPENDENCY_PREFIX)? {
                None => builder.dependency(index, None),
                Some(prefix) => {
                    let prefix = self.files.identifier(prefix)?;
                    builder.dependency(index, Some(&borrowed(&prefix)))
                }
            };
        }
        Ok(builder)
    }

    /// Without codes there is no such element.
    #[cfg(feature = "suit-mud-draft")]
    fn mud(
        &mut self,
        builder: ManifestBuilder,
        name: Text<'_>,
        value: Value<'_>,
    ) -> Result<ManifestBuilder, Error> {
        let codes = self.limits.mud.ok_or_else(|| unknown(name))?;
        if let Some((other, _)) =
            value.members()?.find(|(name, _)| *name != *URL && *name != *THUMBPRINT)
        {
            return Err(unknown(other));
        }
        let member = |name| value.member(name)?.ok_or_else(|| fault(value, rules::MUD_REQUIRED));
        let mut encoded = Vec::new();
        self.files.digest(member(THUMBPRINT)?, &mut Encoder::new(&mut encoded))?;
        let thumbprint = SuitDigest::read(&mut Cursor::new(&encoded)?)?;
        Ok(builder.mud(codes, &Mud::new(&text(member(URL)?)?, thumbprint)))
    }

    fn text(
        &self,
        mut builder: ManifestBuilder,
        value: Value<'_>,
    ) -> Result<ManifestBuilder, Error> {
        for (language, value) in value.members()? {
            let text = text_in(value, &self.components)?;
            builder = builder.text(&language.to_string(), &text);
        }
        Ok(builder)
    }
}

/// The digest of an element that the envelope is not to carry: `{"severed": digest}`.
fn absent<'t>(name: &str, value: Value<'t>) -> Option<Value<'t>> {
    names::code(&MANIFEST, name).filter(|code| is_severable(*code))?;
    let (form, digest) = only_member(value, rules::TEMPLATE_VALUE).ok()?;
    (form == *SEVERED).then_some(digest)
}

fn borrowed(identifier: &[Vec<u8>]) -> Vec<&[u8]> {
    identifier.iter().map(Vec::as_slice).collect()
}

/// The section with this name.
fn section(name: &str) -> Option<Section> {
    names::code(&MANIFEST, name).and_then(Section::from_code)
}

/// The sections that the envelope is to carry.
fn severed(template: Value<'_>, list: Value<'_>) -> Result<Vec<Section>, Error> {
    list.items()?
        .map(|item| {
            let name = text(item)?;
            let section = section(&name).filter(|section| is_severable(section.code()));
            let is_there = template.member(&name)?.is_some();
            section.filter(|_| is_there).ok_or_else(|| fault(item, rules::TEMPLATE_SEVERED))
        })
        .collect()
}
