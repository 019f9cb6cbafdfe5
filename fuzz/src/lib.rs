//! What the fuzz targets share.

pub mod voucher;

use iotops_crypto::{Algorithm, Refused, Signer, Verifier, digest};
use iotops_journal::model::{Tear, Torn};
use iotops_wire::Unavailable;
use iotops_wire::cbor::{Encoder, Head};
use suit_manifest::model::{Command, Section, Sequence};
use suit_manifest::{Envelope, Manifest};

/// Takes every signature: a fuzzer cannot guess one, and what is behind it is to be tested.
#[derive(Clone, Copy, Debug)]
pub struct Anyone;

impl Verifier for Anyone {
    fn accepts(&self, _: Algorithm) -> bool {
        true
    }

    fn verify(&self, message: &[&[u8]], _: &[u8]) -> Result<(), Refused> {
        assert!(!message.is_empty());
        Ok(())
    }
}

impl Signer for Anyone {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Esp256
    }

    fn sign(&mut self, _: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable> {
        let signature = signature.get_mut(..64).ok_or(Unavailable::new())?;
        signature.fill(0);
        Ok(signature.len())
    }
}

/// A detached `COSE_Sign1` by ESP256 with a signature of one byte.
const BLOCK: [u8; 10] = [0xd2, 0x84, 0x43, 0xa1, 0x01, 0x28, 0xa0, 0xf6, 0x41, 0x00];

/// An envelope around any manifest bytes, with the digest that fits: the digest would stop the
/// fuzzer before the manifest is read.
#[must_use]
pub fn wrap(manifest: &[u8]) -> Vec<u8> {
    let mut whole = Head::of_bytes(manifest.len()).as_bytes().to_vec();
    whole.extend_from_slice(manifest);
    envelope(&whole).expect("a vector has space")
}

fn envelope(whole: &[u8]) -> Result<Vec<u8>, iotops_wire::Error> {
    let digest = digest(Algorithm::Sha256, &[whole]).expect("built in");
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let mut map = encoder.tag(107)?.map(2)?;
    map.key(2)?.wrapped(|wrapper| {
        wrapper.array(2)?;
        wrapper
            .wrapped(|inner| inner.array(2)?.integer(-16)?.bytes(digest.as_bytes()).map(drop))?;
        wrapper.bytes(&BLOCK).map(drop)
    })?;
    map.key(3)?.raw(whole)?;
    map.end()?;
    Ok(bytes)
}

/// From bytes to a manifest, with or without the tag. A manifest must give its bytes back.
pub fn check(bytes: &[u8], is_tagged: bool) {
    let decoded =
        if is_tagged { Envelope::decode(bytes) } else { Envelope::decode_untagged(bytes) };
    let Ok(envelope) = decoded else { return };
    for block in envelope.blocks() {
        let _ = block.map(|block| format!("{block:?}"));
    }
    let Ok(authenticated) = envelope.authenticate(&[&Anyone]) else { return };
    let _ = authenticated.signers().count();
    let Ok(manifest) = authenticated.validate() else { return };
    read_and_encode(&manifest, bytes);
}

/// What was read of these bytes is read in full, and encodes to them.
pub fn read_and_encode(manifest: &Manifest<'_>, bytes: &[u8]) {
    read_all(manifest);
    assert_same(manifest, bytes);
}

fn assert_same(manifest: &Manifest<'_>, bytes: &[u8]) {
    let mut typed = Vec::new();
    manifest.encode(&mut Encoder::new(&mut typed)).expect("a vector has space");
    assert_eq!(typed, bytes, "the typed view encodes to what was read");
    let mut raw = Vec::new();
    manifest.envelope().encode(&mut Encoder::new(&mut raw)).expect("a vector has space");
    assert_eq!(raw, bytes, "the envelope encodes to what was read");
}

/// Calls every accessor and runs every iterator to its end.
fn read_all(manifest: &Manifest<'_>) {
    for section in Section::ALL {
        if let Some(sequence) = manifest.section(*section).present() {
            read_sequence(sequence);
        }
    }
    manifest.shared_sequence().map(read_sequence);
    let _ = (manifest.sequence_number(), manifest.digest(), manifest.signers().count());
    let components = manifest.components();
    assert_eq!(components.iter().count(), components.len());
    components.iter().for_each(|one| one.parts().for_each(drop));
    let dependencies = manifest.dependencies();
    assert_eq!(dependencies.iter().count(), dependencies.len());
    for dependency in dependencies.iter() {
        let _ = dependency.prefix.map(|prefix| prefix.parts().count());
    }
    for payload in manifest.integrated_payloads() {
        assert!(manifest.integrated(payload.uri).is_some());
    }
    read_text(manifest);
    let _ = (manifest.reference_uri(), manifest.coswid());
    let _ = manifest.component_id().map(|one| one.parts().count());
    let _ = manifest.mud().map(|mud| (mud.url().len(), mud.thumbprint()));
    let _ = manifest.set_version().map(|version| version.numbers().count());
    let _ = format!("{manifest:?}");
}

fn read_text(manifest: &Manifest<'_>) {
    let Some(text) = manifest.text().present() else { return };
    for (_, text) in text.languages() {
        text.texts().iter().for_each(drop);
        for (component, texts) in text.components().iter() {
            component.parts().for_each(drop);
            texts.iter().for_each(drop);
        }
    }
}

fn read_sequence(sequence: Sequence<'_>) {
    for command in sequence.commands() {
        let _ = (command.code(), format!("{command:?}"));
        match command {
            Command::RunSequence(inner) => read_sequence(inner),
            Command::TryEach(inner) => inner.sequences().for_each(read_sequence),
            Command::SetParameters(parameters) | Command::OverrideParameters(parameters) => {
                for parameter in parameters.iter() {
                    let _ = (parameter.code(), format!("{parameter:?}"));
                }
            }
            Command::OverrideMultiple(several) => {
                for one in several.iter() {
                    one.parameters.iter().for_each(drop);
                }
            }
            Command::CopyParameters(several) => {
                several.iter().for_each(|(_, codes)| codes.iter().for_each(drop));
            }
            _ => {}
        }
    }
}

/// A way to tear and how much of it, from one byte.
#[must_use]
pub fn cut_of(byte: u8) -> (Torn, Tear) {
    let torn = usize::from(byte >> 1) % Torn::ALL.len();
    (Torn::ALL[torn], Tear::ALL[usize::from(byte & 1)])
}
