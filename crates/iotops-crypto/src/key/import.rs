//! Import: which form it is, told by the first bytes.

use zeroize::Zeroizing;

use super::{Imported, KeyType, VerifyingKey, cose_key, der};
use crate::{Error, rules};

const PEM_BEGIN: &[u8] = b"-----BEGIN ";
const PEM_EC_PARAMETERS: &[u8] = b"-----BEGIN EC PARAMETERS-----";
/// No key of the supported types is longer as DER.
const LONGEST_DER: usize = match (cfg!(feature = "ml-dsa"), cfg!(feature = "rsa")) {
    (true, _) => 2700,
    (_, true) => 1100,
    _ => 512,
};
const DER_SEQUENCE: u8 = 0x30;
const P256_UNCOMPRESSED: usize = 65;
const P256_COMPRESSED: usize = 33;
const P384_UNCOMPRESSED: usize = 97;
const P384_COMPRESSED: usize = 49;
const ED25519: usize = 32;

/// Imports a key from PEM, DER (SPKI, PKCS#8, SEC 1), a `COSE_Key`, or raw bytes.
///
/// Raw bytes are public keys: 65 or 33 bytes a point of P-256 (SEC 1), 97 or 49 bytes one of P-384,
/// 32 bytes an Ed25519 key.
/// They are never taken for a MAC key or a private key: whoever knows a public key could then
/// make MACs that verify with it. [`super::SecretKey::from_raw`] is for who says which it is.
///
/// # Errors
/// The rule that the key breaks, and where in `bytes`, as far as that is known.
pub fn import(bytes: &[u8]) -> Result<Imported, Error> {
    let trimmed = bytes.trim_ascii_start();
    match bytes.first() {
        _ if trimmed.starts_with(PEM_BEGIN) => pem(trimmed),
        // No other form is so short, and an Ed25519 key may begin with any byte.
        _ if bytes.len() == ED25519 => raw(bytes),
        Some(&DER_SEQUENCE) => der::import(bytes),
        Some(0xa1..=0xb7) => cose_key::import(bytes),
        _ => raw(bytes),
    }
}

fn raw(bytes: &[u8]) -> Result<Imported, Error> {
    let key_type = match bytes.len() {
        P256_UNCOMPRESSED | P256_COMPRESSED => KeyType::Es256,
        P384_UNCOMPRESSED | P384_COMPRESSED => KeyType::Es384,
        ED25519 => KeyType::Ed25519,
        _ => return Err(Error::new(rules::KEY_FORM, 0)),
    };
    Ok(Imported::Verifying(VerifyingKey::from_raw(key_type, bytes)?))
}

fn pem(text: &[u8]) -> Result<Imported, Error> {
    let mut buffer = Zeroizing::new([0; LONGEST_DER]);
    let block = behind_parameters(text).trim_ascii_end();
    match pem_rfc7468::decode(block, buffer.as_mut_slice()) {
        Ok(("PUBLIC KEY", content)) => der::import_spki(content),
        Ok(("PRIVATE KEY", content)) => der::import_pkcs8(content),
        Ok(("EC PRIVATE KEY", content)) => der::import_sec1(content),
        Ok(_) => Err(Error::new(rules::KEY_FORM, 0)),
        Err(_) => Err(Error::new(rules::PEM, 0)),
    }
}

/// `openssl ecparam -genkey` writes the parameters of the curve before the key.
fn behind_parameters(text: &[u8]) -> &[u8] {
    if !text.starts_with(PEM_EC_PARAMETERS) {
        return text;
    }
    let rest = text.get(PEM_BEGIN.len()..).unwrap_or_default();
    let next = rest.windows(PEM_BEGIN.len()).position(|window| window == PEM_BEGIN);
    next.and_then(|position| rest.get(position..)).unwrap_or(text)
}
