//! Keys in DER: SPKI (RFC 5280), PKCS#8 (RFC 5958) and SEC 1 (RFC 5915).

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Reader as _, SliceReader, Tag, Tagged as _};
use pkcs8::PrivateKeyInfoRef;
use sec1::{EcParameters, EcPrivateKey};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::{Imported, KeyType, SecretKey, VerifyingKey, check_pair, ed25519_public, es256_public};
use crate::{Error, rules};

pub(super) const EC_PUBLIC_KEY: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(super) const PRIME256V1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// Imports whichever structure it is: the types of its first two items tell.
pub(super) fn import(bytes: &[u8]) -> Result<Imported, Error> {
    match first_tags(bytes).map_err(|error| encoding(&error))? {
        (Tag::Sequence, _) => import_spki(bytes),
        (Tag::Integer, Tag::Sequence) => import_pkcs8(bytes),
        (Tag::Integer, Tag::OctetString) => import_sec1(bytes),
        _ => Err(Error::new(rules::KEY_FORM, 0)),
    }
}

fn first_tags(bytes: &[u8]) -> der::Result<(Tag, Tag)> {
    let outer = AnyRef::from_der(bytes)?;
    let mut items = SliceReader::new(outer.value())?;
    let first: AnyRef<'_> = items.decode()?;
    let second: AnyRef<'_> = items.decode()?;
    Ok((first.tag(), second.tag()))
}

pub(super) fn import_spki(bytes: &[u8]) -> Result<Imported, Error> {
    let spki = SubjectPublicKeyInfoRef::from_der(bytes).map_err(|error| encoding(&error))?;
    let Some(key) = spki.subject_public_key.as_bytes() else {
        return Err(Error::new(rules::KEY_ENCODING, 0));
    };
    Ok(Imported::Verifying(match key_type(&spki.algorithm)? {
        KeyType::Ed25519 => ed25519_public(key)?,
        _ => es256_public(key)?,
    }))
}

pub(super) fn import_pkcs8(bytes: &[u8]) -> Result<Imported, Error> {
    let info = PrivateKeyInfoRef::from_der(bytes).map_err(|error| encoding(&error))?;
    let content = info.private_key.as_bytes();
    let beside = match info.public_key.map(|key| key.as_bytes()) {
        Some(None) => return Err(Error::new(rules::KEY_ENCODING, 0)),
        beside => beside.flatten(),
    };
    match key_type(&info.algorithm)? {
        KeyType::Ed25519 => {
            // RFC 8410 §7: the seed is an OCTET STRING in the OCTET STRING.
            let seed = <&OctetStringRef>::from_der(content).map_err(|error| encoding(&error))?;
            let secret = SecretKey::from_raw(KeyType::Ed25519, seed.as_bytes())?;
            with_public(secret, beside.map(ed25519_public))
        }
        _ => {
            let secret = sec1_secret(content)?;
            with_public(secret, beside.map(es256_public))
        }
    }
}

pub(super) fn import_sec1(bytes: &[u8]) -> Result<Imported, Error> {
    let key = EcPrivateKey::from_der(bytes).map_err(|error| encoding(&error))?;
    // RFC 5915 §3: outside of PKCS#8 nothing else names the curve.
    if key.parameters.is_none() {
        return Err(Error::new(rules::KEY_TYPE, 0));
    }
    Ok(Imported::Secret(sec1_secret(bytes)?))
}

fn sec1_secret(bytes: &[u8]) -> Result<SecretKey, Error> {
    let key = EcPrivateKey::from_der(bytes).map_err(|error| encoding(&error))?;
    let is_other_curve = matches!(
        key.parameters,
        Some(EcParameters::NamedCurve(curve)) if curve != PRIME256V1
    );
    if is_other_curve {
        return Err(Error::new(rules::KEY_TYPE, 0));
    }
    let secret = SecretKey::from_raw(KeyType::Es256, key.private_key)?;
    if let Some(public) = key.public_key {
        check_pair(&secret, &es256_public(public)?)?;
    }
    Ok(secret)
}

fn with_public(
    secret: SecretKey,
    public: Option<Result<VerifyingKey, Error>>,
) -> Result<Imported, Error> {
    if let Some(public) = public {
        check_pair(&secret, &public?)?;
    }
    Ok(Imported::Secret(secret))
}

fn key_type(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<KeyType, Error> {
    let curve = algorithm.parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    match (algorithm.oid, curve) {
        (EC_PUBLIC_KEY, Some(PRIME256V1)) => Ok(KeyType::Es256),
        // RFC 8410 §3: "the parameters MUST be absent".
        (ED25519, None) if algorithm.parameters.is_none() => Ok(KeyType::Ed25519),
        _ => Err(Error::new(rules::KEY_TYPE, 0)),
    }
}

#[cold]
fn encoding(error: &der::Error) -> Error {
    let position = error.position().map_or(0, u32::from);
    Error::new(rules::KEY_ENCODING, position)
}
