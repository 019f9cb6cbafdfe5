//! Signs for, and verifies after, the libraries of other languages.
//!
//! `interop make FOLDER` writes keys and messages; `interop check FOLDER` verifies what others put
//! there, each file by the key of its name: `cose-es256-ANYTHING` with `es256.pem`, and so on.
//! Every message signs the same payload. The exit status is 1 if one is refused.

use core::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use iotops_crypto::cose::{Mac0, Sign1, Unsigned};
use iotops_crypto::jws::Jws;
use iotops_crypto::key::{KeyType, SecretKey, VerifyingKey, import};
use iotops_crypto::wire::cbor::Encoder;
use iotops_crypto::{Algorithm, cose, jws};

type Outcome<T> = Result<T, Box<dyn Error>>;

const PAYLOAD: &[u8] = b"what every message says";
const AAD: &[u8] = b"context";
/// A key for each type: its name in files, and the algorithms it signs with.
const KEYS: [(&str, KeyType, &[Algorithm]); 3] = [
    ("es256", KeyType::Es256, &[Algorithm::Es256, Algorithm::Esp256]),
    ("ed25519", KeyType::Ed25519, &[Algorithm::EdDsa, Algorithm::Ed25519]),
    ("hmac", KeyType::Hmac, &[Algorithm::Hmac256]),
];

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["make", folder] => make(Path::new(folder)),
        ["check", folder] => check(Path::new(folder)),
        _ => Err("interop make|check FOLDER".into()),
    }
}

fn make(folder: &Path) -> Outcome<()> {
    fs::create_dir_all(folder)?;
    for (name, key_type, algorithms) in KEYS {
        let mut key = SecretKey::from_raw(key_type, &[42; 32])?;
        fs::write(folder.join(format!("{name}.cosekey")), key.to_cose_key()?.as_bytes())?;
        fs::write(folder.join(format!("{name}.jwk")), key.to_jwk()?.as_str())?;
        for algorithm in algorithms {
            let number = algorithm.to_cose();
            let mut message = Vec::new();
            let payload = cose::Payload::Attached(PAYLOAD);
            Unsigned::new(*algorithm)?.with_key_id(b"1").sign(
                &mut key,
                payload,
                AAD,
                &mut Encoder::new(&mut message),
            )?;
            fs::write(folder.join(format!("cose-{name}{number}.ours")), message)?;
            let signed = jws::Unsigned::new(*algorithm)?.sign(&mut key, PAYLOAD)?;
            let compact = signed.to_compact(payload)?;
            fs::write(folder.join(format!("jws-{name}{number}.ours")), compact)?;
            let json = jws::write_json(payload, &[signed])?;
            fs::write(folder.join(format!("json-{name}{number}.ours")), json)?;
        }
    }
    Ok(())
}

fn check(folder: &Path) -> Outcome<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "theirs"));
    files.sort();
    for path in &files {
        one(folder, path).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("{}: verified", path.display());
    }
    println!("{} messages of others verified", files.len());
    if files.is_empty() { Err("there was nothing to verify".into()) } else { Ok(()) }
}

/// Verifies one message with the key that its name says.
fn one(folder: &Path, path: &Path) -> Outcome<()> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).ok_or("a name")?;
    let mut words = stem.split('-');
    let (kind, key) = (words.next().ok_or("a kind")?, words.next().ok_or("a key")?);
    let key = fs::read(folder.join(format!("{key}.cosekey")))?;
    let key: VerifyingKey = import(&key)?.verifying_key();
    let message = fs::read(path)?;
    let mut scratch = [0; 4096];
    let payload = match kind {
        "cose" => Sign1::decode(&message)?.verify(AAD, &[&key])?.payload(),
        "mac" => Mac0::decode(&message)?.verify(AAD, &[&key])?.payload(),
        "jws" => Jws::decode_compact(&message, &mut scratch)?.verify(&[&key])?.payload(),
        "json" => Jws::decode_json(&message, &mut scratch)?.verify(&[&key])?.payload(),
        _ => return Err("a kind of message".into()),
    };
    if payload == PAYLOAD { Ok(()) } else { Err("another payload".into()) }
}
