//! What the tests of this crate share.

#![allow(
    dead_code,
    clippy::std_instead_of_alloc,
    clippy::unwrap_in_result,
    reason = "each test binary uses a part of it; tests have std"
)]

#[cfg(all(feature = "trust-domains", feature = "update-management"))]
pub mod device;
#[cfg(all(feature = "report", feature = "trust-domains", feature = "update-management"))]
pub mod reporting;
#[cfg(all(feature = "trust-domains", feature = "update-management"))]
pub mod run;

use std::fs;
use std::path::Path;

use iotops_crypto::key::{HmacKey, VerifyingKey, import};
use iotops_crypto::{Algorithm, Refused, Verifier};
use iotops_wire::cbor::Encoder;
use suit_manifest::{Envelope, Error, Manifest};

/// The keys that the drafts and this project sign with.
pub fn trusted() -> Vec<VerifyingKey> {
    let keys = test_support::testdata().join("keys");
    let file = |name: &str| fs::read(keys.join(name)).unwrap();
    let imported = |name: &str| import(&file(name)).unwrap().verifying_key();
    vec![
        imported("suit-example-p256-public.pem"),
        imported("generated-ed25519-public.cosekey.cbor"),
        VerifyingKey::Hmac(HmacKey::from_bytes(&file("suit-example-hmac256.bin")).unwrap()),
    ]
}

/// Keys by which the vectors of other projects are signed; INDEX.md there says which.
pub fn foreign_keys(folder: &Path) -> Vec<VerifyingKey> {
    let mut keys = trusted();
    for name in ["tam_esp256_public", "trust_anchor_hmac256_secret", "trust_anchor_esp256_public"] {
        let file = fs::read(folder.join(format!("keys/{name}.cosekey.cbor"))).unwrap();
        keys.push(import(&file).unwrap().verifying_key());
    }
    keys
}

pub fn borrowed(keys: &[VerifyingKey]) -> Vec<&dyn Verifier> {
    keys.iter().map(|key| -> &dyn Verifier { key }).collect()
}

/// Decodes by the tag that is there.
pub fn decode(bytes: &[u8]) -> Result<Envelope<'_>, Error> {
    match bytes.first() {
        Some(0xa0..=0xbf) => Envelope::decode_untagged(bytes),
        _ => Envelope::decode(bytes),
    }
}

/// Everything that `iotops suit verify` does.
pub fn verify<'a>(bytes: &'a [u8], keys: &[&dyn Verifier]) -> Result<Manifest<'a>, Error> {
    decode(bytes)?.authenticate(keys)?.validate()
}

/// The envelope written again, all of it from the typed view.
pub fn encode(manifest: &Manifest<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    manifest.encode(&mut Encoder::new(&mut bytes)).unwrap();
    bytes
}

pub fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// Takes every signature: what is behind the signature can be tested with it.
pub struct Anyone;

impl Verifier for Anyone {
    fn accepts(&self, _: Algorithm) -> bool {
        true
    }

    fn verify(&self, _: &[&[u8]], _: &[u8]) -> Result<(), Refused> {
        Ok(())
    }
}

/// Reads all that a manifest lets one read.
pub fn read_all(manifest: &Manifest<'_>) -> usize {
    let mut read = format!("{manifest:?}").len();
    for section in suit_manifest::model::Section::ALL {
        if let Some(sequence) = manifest.section(*section).present() {
            read += commands(sequence);
        }
    }
    read += manifest.shared_sequence().map_or(0, commands);
    read +=
        manifest.components().iter().flat_map(|one| one.parts()).map(<[u8]>::len).sum::<usize>();
    read += manifest.dependencies().iter().count();
    read += manifest.integrated_payloads().map(|one| one.uri.len()).sum::<usize>();
    if let Some(text) = manifest.text().present() {
        for (language, text) in text.languages() {
            read += language.len() + text.texts().iter().count();
            read += text.components().iter().map(|(_, texts)| texts.iter().count()).sum::<usize>();
        }
    }
    read += manifest.reference_uri().map_or(0, str::len);
    read += manifest.set_version().map_or(0, |version| version.numbers().count());
    read + manifest.component_id().map_or(0, |one| one.parts().count())
}

fn commands(sequence: suit_manifest::model::Sequence<'_>) -> usize {
    use suit_manifest::model::Command;
    sequence
        .commands()
        .map(|command| match command {
            Command::RunSequence(inner) => commands(inner),
            Command::TryEach(inner) => inner.sequences().map(commands).sum(),
            Command::SetParameters(parameters) | Command::OverrideParameters(parameters) => {
                parameters.iter().map(|one| format!("{one:?}").len()).sum()
            }
            Command::OverrideMultiple(several) => several.iter().count(),
            Command::CopyParameters(several) => several.iter().count(),
            other => format!("{other:?}").len(),
        })
        .sum()
}
