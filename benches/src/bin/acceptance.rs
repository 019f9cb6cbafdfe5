//! Envelopes that the author's side makes of every template are taken by other implementations,
//! within what they support. What they do not take is listed here, with the reason.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use dress_up::SuitManifest;
use iotops_crypto::cose::Sign1;
use iotops_crypto::key::{Es256PublicKey, Es256SecretKey};
use suit_manifest::Envelope;
use suit_manifest::author::compose;
use suit_validator::SuitError;
use suit_validator::crypto::SuitCrypto;
use suit_validator::handler::GenericStartHandler;

/// What a peer does not take.
const LISTED: &[(&str, &str, &str)] = &[
    ("dress-up", "example2", "it reads no severed sections"),
    ("suit_validator", "integrated-dependency", "it reads no keys of text in an envelope"),
    ("suit_validator", "integrated-payload", "it reads no keys of text in an envelope"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/suit/templates")
}

fn main() -> io::Result<ExitCode> {
    let mut templates: Vec<PathBuf> =
        fs::read_dir(folder())?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    templates.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    templates.sort();
    let (mut wrong, mut taken) = (0, 0);
    for path in &templates {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let envelope = envelope(path);
        for (peer, verdict) in
            [("dress-up", dress_up(&envelope)), ("suit_validator", validator(&envelope))]
        {
            let listed = LISTED.iter().find(|row| row.0 == peer && row.1 == name);
            match (&verdict, listed) {
                (Ok(()), None) => taken += 1,
                (Err(_), Some((.., reason))) => println!("{peer}, {name}: not taken: {reason}"),
                _ => {
                    println!("{peer}, {name}: {verdict:?}, listed: {}", listed.is_some());
                    wrong += 1;
                }
            }
        }
    }
    println!(
        "acceptance: {} templates, {taken} times taken, {} listed",
        templates.len(),
        LISTED.len()
    );
    let is_right = wrong == 0 && !templates.is_empty();
    Ok(if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn key() -> Es256SecretKey {
    Es256SecretKey::from_scalar(&[7; 32]).expect("a scalar")
}

fn envelope(template: &Path) -> Vec<u8> {
    let template = fs::read(template).expect("it was listed");
    let mut draft =
        compose(&template, &mut |name| fs::read(folder().join(name)).ok()).expect("a template");
    draft.sign(&mut key()).expect("it answers");
    let envelope = draft.envelope().expect("valid");
    let key = key().public_key();
    let ours = Envelope::decode(&envelope).and_then(|one| one.authenticate(&[&key])?.validate());
    ours.expect("our own reader takes it");
    envelope
}

fn verifies(key: &Es256PublicKey, block: &[u8], signed: &[u8]) -> bool {
    Sign1::decode(block).is_ok_and(|message| message.verify_detached(signed, b"", &[key]).is_ok())
}

/// Authenticates, with a signature by our backend, and reads what is not run.
fn dress_up(envelope: &[u8]) -> Result<(), String> {
    let key = key().public_key();
    let said = |error| format!("{error:?}");
    let authenticated = SuitManifest::from_bytes(&envelope)
        .authenticate(|block, signed| Ok(verifies(&key, block, signed)))
        .map_err(said)?;
    let envelope = authenticated.envelope().map_err(said)?;
    let manifest = envelope.manifest().map_err(said)?;
    manifest.version().map_err(said)?;
    manifest.sequence_number().map_err(said)?;
    for found in [
        manifest.has_payload_fetch(),
        manifest.has_payload_installation(),
        manifest.has_image_validation(),
        manifest.has_image_loading(),
        manifest.has_invoke(),
    ] {
        found.map_err(said)?;
    }
    Ok(())
}

struct Crypto(Es256PublicKey);

impl SuitCrypto for Crypto {
    fn verify_cose(&self, block: &[u8], signed: &[u8]) -> Result<(), SuitError> {
        if verifies(&self.0, block, signed) { Ok(()) } else { Err(SuitError::invalid_digest()) }
    }
}

/// Decodes envelope, digest and manifest, with a signature by our backend.
fn validator(envelope: &[u8]) -> Result<(), String> {
    let mut handler = GenericStartHandler {
        on_envelope: |_: &suit_validator::suit_manifest::SuitEnvelope<'_>| {},
        on_manifest: |_: &suit_validator::suit_manifest::SuitManifest<'_>| {},
    };
    let mut crypto = Crypto(key().public_key());
    suit_validator::suit_decode(envelope, &mut handler, &mut crypto)
        .map_err(|error| format!("{error:?}"))
}
