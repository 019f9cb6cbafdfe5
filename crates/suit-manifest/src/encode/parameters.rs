//! Building the parameters of one directive.

use iotops_crypto::Algorithm;
use iotops_wire::cbor::Encoder;

use super::SortedMap;
use super::map::Written;
use crate::Error;
use crate::model::{Comparison, Parameter, ParameterKey, SuitDigest, Uuid, VendorIdentifier};

/// Parameters for override-parameters and set-parameters, in any order.
///
/// What is wrong is told by the builder of the manifest, at its end.
#[derive(Clone, Debug, Default)]
pub struct ParametersBuilder {
    map: SortedMap,
    error: Option<Error>,
}

impl ParametersBuilder {
    /// No parameters yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Any parameter.
    #[must_use]
    pub fn set(self, parameter: &Parameter<'_>) -> Self {
        self.insert(parameter.code(), |encoder| parameter.encode_value(encoder))
    }

    /// The vendor, as a UUID.
    #[must_use]
    pub fn vendor_identifier(self, uuid: &Uuid) -> Self {
        self.set(&Parameter::VendorIdentifier(VendorIdentifier::Uuid(uuid)))
    }

    /// The class, as a UUID.
    #[must_use]
    pub fn class_identifier(self, uuid: &Uuid) -> Self {
        self.set(&Parameter::ClassIdentifier(uuid))
    }

    /// The digest of the image, by SHA-256.
    #[must_use]
    pub fn image_digest(self, sha256: &[u8; 32]) -> Self {
        match SuitDigest::new(Algorithm::Sha256, sha256) {
            Ok(digest) => self.set(&Parameter::ImageDigest(digest)),
            Err(error) => self.fail(error),
        }
    }

    /// The size of the image in bytes.
    #[must_use]
    pub fn image_size(self, bytes: u64) -> Self {
        self.set(&Parameter::ImageSize(bytes))
    }

    /// Where to fetch from.
    #[must_use]
    pub fn uri(self, uri: &str) -> Self {
        self.set(&Parameter::Uri(uri))
    }

    /// The component to copy from or to swap with.
    #[must_use]
    pub fn source_component(self, index: u64) -> Self {
        self.set(&Parameter::SourceComponent(index))
    }

    /// The version that the component must have.
    #[must_use]
    pub fn version(self, comparison: Comparison, numbers: &[i64]) -> Self {
        self.insert(ParameterKey::Version.code(), |encoder| {
            encoder.wrapped(|inner| {
                inner.array(2)?.integer(comparison.code())?.array(numbers.len())?;
                numbers.iter().try_for_each(|number| inner.integer(*number).map(drop))
            })?;
            Ok(())
        })
    }

    /// Sets the parameter with this code to what `value` writes.
    pub(crate) fn insert(
        mut self,
        code: i64,
        value: impl FnOnce(&mut Encoder<'_>) -> Written,
    ) -> Self {
        match self.map.insert_code(code, value) {
            Ok(()) => self,
            Err(error) => self.fail(error),
        }
    }

    fn fail(mut self, error: Error) -> Self {
        self.error.get_or_insert(error);
        self
    }

    pub(super) fn encode(&self, encoder: &mut Encoder<'_>) -> Written {
        match self.error {
            Some(error) => Err(error),
            None => self.map.encode(encoder),
        }
    }
}
