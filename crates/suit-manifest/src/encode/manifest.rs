//! Building a manifest.

use alloc::vec::Vec;

use iotops_crypto::{Algorithm, digest};
use iotops_wire::cbor::Encoder;

use super::map::{Written, written};
use super::text::{encode_identifier, encoded};
use super::{SequenceBuilder, SortedMap, TextBuilder};
use crate::decode::{COMMON, Limits};
use crate::model::{Element, Section};
use crate::sign::Draft;
use crate::{Error, rules};

const VERSION: u64 = 1;
const DEPENDENCY_PREFIX: i64 = 1;

/// Builds a manifest. It cannot end in an invalid one: [`ManifestBuilder::build`] validates what
/// it wrote by every rule that a reader applies.
#[derive(Clone, Debug, Default)]
pub struct ManifestBuilder {
    elements: SortedMap,
    components: Vec<Vec<u8>>,
    dependencies: SortedMap,
    shared: Option<SequenceBuilder>,
    /// Severed elements: their code, and the byte string that the envelope carries.
    severed: Vec<(i64, Vec<u8>)>,
    text: SortedMap,
    limits: Limits,
    error: Option<Error>,
}

impl ManifestBuilder {
    /// A manifest with this sequence number, which must be greater than that of all before it.
    #[must_use]
    pub fn new(sequence_number: u64) -> Self {
        Self::default()
            .element(Element::Version, |encoder| written(encoder.unsigned(VERSION)))
            .element(Element::SequenceNumber, |encoder| written(encoder.unsigned(sequence_number)))
    }

    /// Adds a component; the first has index 0.
    #[must_use]
    pub fn component(mut self, identifier: &[&[u8]]) -> Self {
        match encoded(|encoder| encode_identifier(identifier, encoder)) {
            Ok(identifier) => self.components.push(identifier),
            Err(error) => return self.fail(error),
        }
        self
    }

    /// Says that the component with this index is a dependency (SUIT TD §5.2.2).
    #[must_use]
    pub fn dependency(mut self, index: u64, prefix: Option<&[&[u8]]>) -> Self {
        let result = self.dependencies.insert(
            |encoder| written(encoder.unsigned(index)),
            |encoder| {
                let mut map = encoder.map(usize::from(prefix.is_some()))?;
                if let Some(prefix) = prefix {
                    encode_identifier(prefix, &mut map.key(DEPENDENCY_PREFIX)?)?;
                }
                Ok(map.end()?)
            },
        );
        self.keep(result)
    }

    /// The sequence that is run before every other.
    #[must_use]
    pub fn shared_sequence(mut self, sequence: SequenceBuilder) -> Self {
        self.shared = Some(sequence);
        self
    }

    /// A command sequence in the manifest.
    #[must_use]
    pub fn section(self, section: Section, sequence: &SequenceBuilder) -> Self {
        match Element::from_code(section.code()) {
            Some(element) => self.element(element, |encoder| sequence.encode_wrapped(encoder)),
            None => self,
        }
    }

    /// A command sequence that the envelope carries and that can be severed from it.
    #[must_use]
    pub fn severed_section(self, section: Section, sequence: &SequenceBuilder) -> Self {
        match encoded(|encoder| sequence.encode_wrapped(encoder)) {
            Ok(content) => self.sever(section.code(), content),
            Err(error) => self.fail(error),
        }
    }

    /// Where a full copy of the manifest can be found.
    #[must_use]
    pub fn reference_uri(self, uri: &str) -> Self {
        self.element(Element::ReferenceUri, |encoder| written(encoder.text(uri)))
    }

    /// Where a root manifest is stored (SUIT TD §5.2.1).
    #[must_use]
    pub fn component_id(self, identifier: &[&[u8]]) -> Self {
        self.element(Element::ComponentId, |encoder| encode_identifier(identifier, encoder))
    }

    /// The version that the components have after this update (SUIT UM §3.1).
    #[must_use]
    pub fn set_version(self, numbers: &[i64]) -> Self {
        self.element(Element::SetVersion, |encoder| {
            encoder.wrapped(|inner| {
                inner.array(numbers.len())?;
                numbers.iter().try_for_each(|number| inner.integer(*number).map(drop))
            })?;
            Ok(())
        })
    }

    /// Text in one language; the text is severed, as SUIT §8.4.4 recommends.
    #[must_use]
    pub fn text(mut self, language: &str, text: &TextBuilder) -> Self {
        let result = self
            .text
            .insert(|encoder| written(encoder.text(language)), |encoder| text.encode(encoder));
        self.keep(result)
    }

    /// A concise software identification tag, as encoded; it is severed.
    #[must_use]
    pub fn coswid(self, tag: &[u8]) -> Self {
        match encoded(|encoder| written(encoder.bytes(tag))) {
            Ok(content) => self.sever(Element::Coswid.code(), content),
            Err(error) => self.fail(error),
        }
    }

    /// Where the MUD file of this software is, and whose signature it has; the codes are those
    /// that the devices are set to ([`Limits::with_mud`]). It cannot be severed.
    #[cfg(feature = "suit-mud-draft")]
    #[must_use]
    pub fn mud(mut self, codes: crate::model::MudCodes, link: &crate::model::Mud<'_>) -> Self {
        self.limits = self.limits.with_mud(codes);
        let result = self.elements.insert_code(codes.element, |encoder| {
            encoder.wrapped(|inner| link.encode(inner, codes))?;
            Ok(())
        });
        self.keep(result)
    }

    /// Writes the manifest.
    ///
    /// # Errors
    /// [`rules::BUILDER`] for an element given twice, and every rule that a reader would apply.
    pub fn build(self) -> Result<Draft, Error> {
        let limits = self.limits;
        let draft = self.assemble()?;
        draft.validate_within(limits)?;
        Ok(draft)
    }

    /// Writes the manifest, and does not validate it yet.
    pub(crate) fn assemble(mut self) -> Result<Draft, Error> {
        if !self.text.is_empty() {
            let text = core::mem::take(&mut self.text);
            let content = encoded(|encoder| {
                encoder.wrapped(|inner| text.encode(inner))?;
                Ok(())
            })?;
            self = self.sever(Element::Text.code(), content);
        }
        let common = encoded(|encoder| self.encode_common(encoder))?;
        self = self.element(Element::Common, |encoder| written(encoder.bytes(&common)));
        match self.error {
            Some(error) => Err(error),
            None => Draft::new(encoded(|encoder| self.elements.encode(encoder))?, self.severed),
        }
    }

    fn encode_common(&self, encoder: &mut Encoder<'_>) -> Written {
        let [dependencies, components, shared_sequence] = COMMON;
        let mut common = SortedMap::default();
        if !self.dependencies.is_empty() {
            common.insert_code(dependencies, |encoder| self.dependencies.encode(encoder))?;
        }
        common.insert_code(components, |encoder| {
            encoder.array(self.components.len())?;
            self.components.iter().try_for_each(|one| written(encoder.raw(one)))
        })?;
        if let Some(shared) = &self.shared {
            common.insert_code(shared_sequence, |encoder| shared.encode_wrapped(encoder))?;
        }
        common.encode(encoder)
    }

    /// Names an element by its encoded digest; the envelope does not carry it.
    pub(crate) fn absent(mut self, code: i64, digest: &[u8]) -> Self {
        let result = self.elements.insert_code(code, |encoder| written(encoder.raw(digest)));
        self.keep(result)
    }

    /// Puts the digest of `content`, an encoded byte string, in the place of an element.
    fn sever(mut self, code: i64, content: Vec<u8>) -> Self {
        // SUIT §8.6: the digest is of the byte string, its head included.
        let Some(computed) = digest(Algorithm::Sha256, &[&content]) else {
            return self.fail(Error::new(rules::DIGEST_ALGORITHM, 0));
        };
        let result = self.elements.insert_code(code, |encoder| {
            let number = Algorithm::Sha256.to_cose();
            written(encoder.array(2)?.integer(number)?.bytes(computed.as_bytes()))
        });
        self.severed.push((code, content));
        self.keep(result)
    }

    fn element(
        mut self,
        element: Element,
        value: impl FnOnce(&mut Encoder<'_>) -> Written,
    ) -> Self {
        let result = self.elements.insert_code(element.code(), value);
        self.keep(result)
    }

    fn keep(self, result: Written) -> Self {
        match result {
            Ok(()) => self,
            Err(error) => self.fail(error),
        }
    }

    fn fail(mut self, error: Error) -> Self {
        self.error.get_or_insert(error);
        self
    }
}
