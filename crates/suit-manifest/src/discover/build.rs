//! Writing and signing catalogues.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use iotops_crypto::cose::{Payload, Unsigned};
use iotops_crypto::{Algorithm, Signer};
use iotops_wire::Time;
use iotops_wire::cbor::Encoder;

use super::catalogue::{AAD, Catalogue, ENTRY_ITEMS, VERSION, element};
use crate::model::{Command, Parameter, Sequence, Uuid, VendorIdentifier};
use crate::{Error, Manifest};

const ELEMENTS: usize = 5;

/// The vendors and classes that the shared sequence of a manifest names, each vendor with each
/// class.
#[must_use]
pub fn identities(manifest: &Manifest<'_>) -> Vec<(Uuid, Uuid)> {
    let (mut vendors, mut classes) = (BTreeSet::new(), BTreeSet::new());
    let mut sequences: Vec<Sequence<'_>> = manifest.shared_sequence().into_iter().collect();
    while let Some(sequence) = sequences.pop() {
        for command in sequence.commands() {
            match command {
                Command::RunSequence(nested) => sequences.push(nested),
                Command::TryEach(each) => sequences.extend(each.sequences()),
                Command::OverrideParameters(parameters) => {
                    for parameter in parameters.iter() {
                        match parameter {
                            Parameter::VendorIdentifier(VendorIdentifier::Uuid(uuid)) => {
                                vendors.insert(*uuid);
                            }
                            Parameter::ClassIdentifier(uuid) => {
                                classes.insert(*uuid);
                            }
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
        }
    }
    let pairs = |vendor: Uuid| classes.iter().map(move |class| (vendor, *class));
    vendors.iter().copied().flat_map(pairs).collect()
}

/// A catalogue in the making.
#[derive(Clone, Debug)]
pub struct CatalogueBuilder {
    number: u64,
    issued: Time,
    expires: Time,
    entries: BTreeMap<(Uuid, Uuid, Vec<u8>), Listed>,
}

#[derive(Clone, Debug)]
struct Listed {
    sequence_number: u64,
    digest: Vec<u8>,
    size: u64,
    uris: Vec<String>,
}

impl CatalogueBuilder {
    /// An empty catalogue. `number` must be greater than that of every one before it.
    #[must_use]
    pub const fn new(number: u64, issued: Time, expires: Time) -> Self {
        Self { number, issued, expires, entries: BTreeMap::new() }
    }

    /// With a manifest that is current for devices of this vendor and class; it takes the place of
    /// another one for the same component.
    ///
    /// # Errors
    /// None that a caller can cause; the writer is fallible.
    pub fn entry(
        mut self,
        vendor: Uuid,
        class: Uuid,
        manifest: &Manifest<'_>,
        uris: &[&str],
    ) -> Result<Self, Error> {
        let mut digest = Vec::new();
        manifest.digest().encode(&mut Encoder::new(&mut digest))?;
        let component = manifest.component_id().or_else(|| manifest.components().iter().next());
        let component = component.map_or(&[][..], |component| component.as_encoded()).to_vec();
        let listed = Listed {
            sequence_number: manifest.sequence_number(),
            digest,
            size: u64::try_from(manifest.envelope().document().len()).unwrap_or(u64::MAX),
            uris: uris.iter().map(|uri| (*uri).into()).collect(),
        };
        self.entries.insert((vendor, class, component), listed);
        Ok(self)
    }

    /// The content: what is signed.
    fn content(&self) -> Result<Vec<u8>, Error> {
        let mut content = Vec::new();
        let mut encoder = Encoder::new(&mut content);
        encoder.map(ELEMENTS)?;
        let numbers = [
            (element::VERSION, VERSION),
            (element::NUMBER, self.number),
            (element::ISSUED, self.issued.unix()),
            (element::EXPIRES, self.expires.unix()),
        ];
        for (key, value) in numbers {
            encoder.integer(key)?.unsigned(value)?;
        }
        encoder.integer(element::ENTRIES)?.array(self.entries.len())?;
        for ((vendor, class, component), listed) in &self.entries {
            encoder.array(ENTRY_ITEMS)?.bytes(vendor)?.bytes(class)?.raw(component)?;
            encoder.unsigned(listed.sequence_number)?.raw(&listed.digest)?;
            encoder.unsigned(listed.size)?.array(listed.uris.len())?;
            for uri in &listed.uris {
                encoder.text(uri)?;
            }
        }
        Ok(content)
    }

    /// Signs the catalogue.
    ///
    /// # Errors
    /// The rule that the catalogue breaks, and those of the signer.
    pub fn sign(&self, signer: &mut dyn Signer) -> Result<Vec<u8>, Error> {
        let content = self.content()?;
        let mut message = Vec::new();
        let unsigned = Unsigned::new(signer.algorithm())?;
        unsigned.sign(signer, Payload::Attached(&content), AAD, &mut Encoder::new(&mut message))?;
        Catalogue::decode(&message)?;
        Ok(message)
    }

    /// Lends what is to be signed by a key that is elsewhere, in parts.
    ///
    /// # Errors
    /// The rules of [`Unsigned::to_be_signed`].
    pub fn to_be_signed<R>(
        &self,
        algorithm: Algorithm,
        read: impl FnOnce(&[&[u8]]) -> R,
    ) -> Result<R, Error> {
        let content = self.content()?;
        Ok(Unsigned::new(algorithm)?.to_be_signed(&content, AAD, read)?)
    }

    /// The catalogue with a signature that was made elsewhere.
    ///
    /// # Errors
    /// The rule that the catalogue breaks, and those of [`Unsigned::finish`].
    pub fn finish(&self, algorithm: Algorithm, signature: &[u8]) -> Result<Vec<u8>, Error> {
        let content = self.content()?;
        let mut message = Vec::new();
        let encoder = &mut Encoder::new(&mut message);
        Unsigned::new(algorithm)?.finish(Payload::Attached(&content), signature, encoder)?;
        Catalogue::decode(&message)?;
        Ok(message)
    }
}
