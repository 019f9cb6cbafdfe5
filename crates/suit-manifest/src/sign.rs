//! The author's side: from a manifest to a signed envelope, in one step or in two.

use alloc::string::String;
use alloc::vec::Vec;

use iotops_crypto::cose::{Payload, Unsigned};
use iotops_crypto::{Algorithm, Signer, digest};
use iotops_wire::cbor::{Cursor, Encoder, Head};

use crate::decode::{Envelope, Limits, MANIFEST, TAG, WRAPPER};
use crate::encode::{SortedMap, written};
use crate::verify::Authenticated;
use crate::{Error, rules};

/// A valid manifest that nobody has signed yet, with what its envelope carries.
///
/// ```
/// use suit_manifest::model::{Condition, ReportingPolicy, Section};
/// use suit_manifest::{ManifestBuilder, ParametersBuilder, SequenceBuilder};
///
/// let draft = ManifestBuilder::new(1)
///     .component(&[b"app"])
///     .shared_sequence(SequenceBuilder::new().override_parameters(
///         &ParametersBuilder::new().image_digest(&[0x11; 32]).image_size(1024),
///     ))
///     .section(
///         Section::Validate,
///         &SequenceBuilder::new().condition(Condition::ImageMatch, ReportingPolicy::ALL),
///     )
///     .build()?;
/// assert_eq!(draft.to_be_signed().len(), 36);
/// # Ok::<(), suit_manifest::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Draft {
    /// The manifest as a byte string, its head included.
    manifest: Vec<u8>,
    /// The encoded digest of it: what is signed.
    digest: Vec<u8>,
    severed: Vec<(i64, Vec<u8>)>,
    integrated: Vec<(String, Vec<u8>)>,
    blocks: Vec<Vec<u8>>,
}

impl Draft {
    /// Takes an encoded manifest and the severed elements, as byte strings; validates nothing.
    pub(crate) fn new(manifest: Vec<u8>, severed: Vec<(i64, Vec<u8>)>) -> Result<Self, Error> {
        let mut wrapped = Head::of_bytes(manifest.len()).as_bytes().to_vec();
        wrapped.extend_from_slice(&manifest);
        let Some(computed) = digest(Algorithm::Sha256, &[&wrapped]) else {
            return Err(Error::new(rules::DIGEST_ALGORITHM, 0));
        };
        let mut signed = Vec::new();
        let mut encoder = Encoder::new(&mut signed);
        encoder.array(2)?.integer(Algorithm::Sha256.to_cose())?.bytes(computed.as_bytes())?;
        Ok(Self {
            manifest: wrapped,
            digest: signed,
            severed,
            integrated: Vec::new(),
            blocks: Vec::new(),
        })
    }

    /// An envelope taken apart.
    pub(crate) fn of(envelope: &Envelope<'_>) -> Result<Self, Error> {
        let severed = envelope.severed().map(|(element, value)| {
            let mut after = value;
            after.bytes()?;
            Ok((element.code(), after.since(value.position()).to_vec()))
        });
        let integrated = envelope.integrated().map(|one| (one.uri.into(), one.content.to_vec()));
        Ok(Self {
            manifest: envelope.manifest_bytes().to_vec(),
            digest: envelope.signed().to_vec(),
            severed: severed.collect::<Result<_, Error>>()?,
            integrated: integrated.collect(),
            blocks: envelope.encoded_blocks().map(<[u8]>::to_vec).collect(),
        })
    }

    pub(crate) fn remove_blocks(&mut self) {
        self.blocks.clear();
    }

    pub(crate) const fn block_count(&self) -> usize {
        self.blocks.len()
    }

    /// Takes a severed element out; gives the content of its byte string.
    pub(crate) fn take_severed(&mut self, code: i64) -> Option<Vec<u8>> {
        let place = self.severed.iter().position(|(found, _)| *found == code)?;
        let (_, wrapped) = self.severed.remove(place);
        Some(Cursor::new(&wrapped).ok()?.bytes().ok()?.to_vec())
    }

    pub(crate) fn put_severed(&mut self, code: i64, content: &[u8]) -> Result<(), Error> {
        if self.severed.iter().any(|(found, _)| *found == code) {
            return Err(Error::new(rules::DISTRIBUTE_TWICE, 0));
        }
        let mut wrapped = Vec::new();
        Encoder::new(&mut wrapped).bytes(content)?;
        self.severed.push((code, wrapped));
        Ok(())
    }

    pub(crate) fn take_integrated(&mut self, uri: &str) -> Option<Vec<u8>> {
        let place = self.integrated.iter().position(|(found, _)| found == uri)?;
        Some(self.integrated.remove(place).1)
    }

    pub(crate) fn put_integrated(&mut self, uri: &str, content: &[u8]) -> Result<(), Error> {
        if self.integrated.iter().any(|(found, _)| found == uri) {
            return Err(Error::new(rules::DISTRIBUTE_TWICE, 0));
        }
        self.integrated.push((uri.into(), content.to_vec()));
        Ok(())
    }

    /// What is not valid must not be signed.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.validate_within(Limits::default())
    }

    /// The same for a device with these limits.
    pub(crate) fn validate_within(&self, limits: Limits) -> Result<(), Error> {
        let bytes = self.envelope()?;
        let authenticated = Authenticated::of_own(Envelope::decode(&bytes)?);
        authenticated.validate_within(limits).map(drop)
    }

    /// Adds a payload or dependency that the envelope carries and the manifest fetches by `uri`.
    #[must_use]
    pub fn integrate(mut self, uri: &str, content: &[u8]) -> Self {
        self.integrated.push((uri.into(), content.to_vec()));
        self
    }

    /// The payload of the authentication blocks: the encoded digest of the manifest.
    ///
    /// With [`Unsigned::prehash`] or [`Unsigned::to_be_signed`] it gives what a signing service
    /// must sign; [`Draft::add_signature`] takes its answer.
    #[must_use]
    pub fn to_be_signed(&self) -> &[u8] {
        &self.digest
    }

    /// Adds an authentication block with a signature or MAC that was made elsewhere.
    ///
    /// # Errors
    /// [`iotops_crypto::rules::SIGNATURE_LENGTH`].
    pub fn add_signature(&mut self, by: &Unsigned<'_>, signature: &[u8]) -> Result<(), Error> {
        let mut block = Vec::new();
        let payload = Payload::Detached(&self.digest);
        by.finish(payload, signature, &mut Encoder::new(&mut block))?;
        self.blocks.push(block);
        Ok(())
    }

    /// Adds an authentication block made by `signer`.
    ///
    /// # Errors
    /// [`iotops_crypto::rules::UNAVAILABLE`] if the signer does not answer.
    pub fn sign(&mut self, signer: &mut dyn Signer) -> Result<(), Error> {
        let unsigned = Unsigned::new(signer.algorithm())?;
        let mut block = Vec::new();
        let payload = Payload::Detached(&self.digest);
        unsigned.sign(signer, payload, &[], &mut Encoder::new(&mut block))?;
        self.blocks.push(block);
        Ok(())
    }

    /// Writes the envelope.
    ///
    /// # Errors
    /// [`rules::BUILDER`] if two integrated payloads have the same URI.
    pub fn envelope(&self) -> Result<Vec<u8>, Error> {
        self.write(true)
    }

    pub(crate) fn write(&self, is_tagged: bool) -> Result<Vec<u8>, Error> {
        let mut map = SortedMap::default();
        map.insert_code(WRAPPER, |encoder| {
            encoder.wrapped(|inner| self.encode_wrapper(inner))?;
            Ok(())
        })?;
        map.insert_code(MANIFEST, |encoder| written(encoder.raw(&self.manifest)))?;
        for (code, content) in &self.severed {
            map.insert_code(*code, |encoder| written(encoder.raw(content)))?;
        }
        for (uri, content) in &self.integrated {
            map.insert(
                |encoder| written(encoder.text(uri)),
                |encoder| written(encoder.bytes(content)),
            )?;
        }
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes);
        if is_tagged {
            encoder.tag(TAG)?;
        }
        map.encode(&mut encoder)?;
        Ok(bytes)
    }

    fn encode_wrapper(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.array(self.blocks.len().saturating_add(1))?.bytes(&self.digest)?;
        self.blocks.iter().try_for_each(|block| written(encoder.bytes(block)))
    }
}
