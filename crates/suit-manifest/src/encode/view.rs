//! Typed views back to bytes: what was decoded is encoded the same.

use iotops_wire::cbor::{Cursor, Encoder, Type};

use crate::Error;
use crate::decode::{COMMON, Envelope, MANIFEST, Manifest, TAG, WRAPPER};
use crate::model::{ComponentIdentifier, Element, Sequence, SuitDigest, TextMap, Version};

impl<'a> Envelope<'a> {
    /// Writes the envelope, its wrapper from the typed view, the manifest as it came.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        self.encode_with(
            encoder,
            |encoder| {
                encoder.raw(self.manifest_bytes())?;
                Ok(())
            },
            |_, value, encoder| {
                let mut value = value;
                encoder.bytes(value.bytes()?)?;
                Ok(())
            },
        )
    }

    fn encode_with(
        &self,
        encoder: &mut Encoder<'_>,
        manifest: impl FnOnce(&mut Encoder<'_>) -> Result<(), Error>,
        severed: impl Fn(Element, Cursor<'a>, &mut Encoder<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.is_tagged() {
            encoder.tag(TAG)?;
        }
        let others = self.severed().count().saturating_add(self.integrated().count());
        let mut map = encoder.map(others.saturating_add(2))?;
        map.key(WRAPPER)?.wrapped(|inner| self.encode_wrapper(inner))?;
        manifest(&mut map.key(MANIFEST)?)?;
        for (element, value) in self.severed() {
            severed(element, value, &mut map.key(element.code())?)?;
        }
        for payload in self.integrated() {
            map.entry()?.text(payload.uri)?.bytes(payload.content)?;
        }
        Ok(map.end()?)
    }

    fn encode_wrapper(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.array(self.blocks().count().saturating_add(1))?;
        encoder.wrapped(|inner| self.claimed_digest().encode(inner))?;
        for block in self.blocks() {
            let block = block?;
            encoder.wrapped(|inner| block.encode(inner))?;
        }
        Ok(())
    }
}

impl Manifest<'_> {
    /// Writes the whole envelope, all of it from the typed view.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        self.envelope().encode_with(
            encoder,
            |encoder| {
                encoder.wrapped(|inner| self.encode_manifest(inner))?;
                Ok(())
            },
            |element, value, encoder| encode_element(self, element, value, encoder),
        )
    }

    /// Writes the manifest alone, without its byte string, from the typed view.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode_manifest(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let count = self.elements().count().saturating_add(3);
        #[cfg(feature = "suit-mud-draft")]
        let mut mud = self.placed_mud();
        #[cfg(feature = "suit-mud-draft")]
        let count = count.saturating_add(usize::from(mud.is_some()));
        let mut map = encoder.map(count)?;
        map.key(Element::Version.code())?.unsigned(1)?;
        map.key(Element::SequenceNumber.code())?.unsigned(self.sequence_number())?;
        map.key(Element::Common.code())?.wrapped(|inner| self.encode_common(inner))?;
        for (element, value) in self.elements() {
            #[cfg(feature = "suit-mud-draft")]
            if let Some((codes, _, mud)) = mud.take_if(|(_, offset, _)| *offset < value.offset()) {
                map.key(codes.element)?.wrapped(|inner| mud.encode(inner, codes))?;
            }
            encode_element(self, element, value, &mut map.key(element.code())?)?;
        }
        #[cfg(feature = "suit-mud-draft")]
        if let Some((codes, _, mud)) = mud {
            map.key(codes.element)?.wrapped(|inner| mud.encode(inner, codes))?;
        }
        Ok(map.end()?)
    }

    fn encode_common(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let [dependencies, components, shared_sequence] = COMMON;
        let has_dependencies = !self.dependencies().is_empty();
        let shared = self.shared_sequence();
        let count = usize::from(has_dependencies).saturating_add(usize::from(shared.is_some()));
        let mut map = encoder.map(count.saturating_add(1))?;
        if has_dependencies {
            self.dependencies().encode(&mut map.key(dependencies)?)?;
        }
        self.components().encode(&mut map.key(components)?)?;
        if let Some(shared) = shared {
            shared.encode_wrapped(&mut map.key(shared_sequence)?)?;
        }
        Ok(map.end()?)
    }
}

/// Writes the value of an element: a digest, or a byte string with its typed content.
fn encode_element(
    manifest: &Manifest<'_>,
    element: Element,
    mut value: Cursor<'_>,
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    match element {
        Element::ReferenceUri => drop(encoder.text(value.text()?)?),
        Element::ComponentId => ComponentIdentifier::read(&mut value)?.encode(encoder)?,
        _ if value.peek() == Some(Type::Array) => SuitDigest::read(&mut value)?.encode(encoder)?,
        Element::Coswid => drop(encoder.bytes(value.bytes()?)?),
        _ => {
            let mut content = value.embedded()?;
            encoder.wrapped(|inner| match element {
                Element::Text => TextMap::read(&mut content, &manifest.components())?.encode(inner),
                Element::SetVersion => Version::read(&mut content)?.encode(inner),
                _ => Sequence(content).encode(inner),
            })?;
        }
    }
    Ok(())
}
