//! Keys in DER: SPKI (RFC 5280), PKCS#8 (RFC 5958) and SEC 1 (RFC 5915).

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode as _, Reader as _, SliceReader, Tag, Tagged as _};
use pkcs8::PrivateKeyInfoRef;
use sec1::{EcParameters, EcPrivateKey};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::{Imported, KeyType, SecretKey, VerifyingKey};
use crate::{Error, rules};

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const PRIME256V1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const SECP384R1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ML_DSA_44: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17");
const ML_DSA_65: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18");
const ML_DSA_87: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19");

/// What stands behind the object identifier of an algorithm.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameters {
    /// RFC 8410 §3, RFC 9881 §2: "the parameters MUST be absent".
    Absent,
    /// RFC 3279 §2.3.1: "The parameters field MUST have ASN.1 type NULL".
    Null,
    /// RFC 5480 §2.1.1: a named curve.
    Curve(ObjectIdentifier),
}

/// The types that have a form in DER, by algorithm and parameters.
pub(super) const TYPES: [(KeyType, ObjectIdentifier, Parameters); 7] = [
    (KeyType::Es256, EC_PUBLIC_KEY, Parameters::Curve(PRIME256V1)),
    (KeyType::Es384, EC_PUBLIC_KEY, Parameters::Curve(SECP384R1)),
    (KeyType::Ed25519, ED25519, Parameters::Absent),
    (KeyType::Rsa, RSA_ENCRYPTION, Parameters::Null),
    (KeyType::MlDsa44, ML_DSA_44, Parameters::Absent),
    (KeyType::MlDsa65, ML_DSA_65, Parameters::Absent),
    (KeyType::MlDsa87, ML_DSA_87, Parameters::Absent),
];

/// RFC 9881 §6: the private key as a seed, `[0] IMPLICIT OCTET STRING (SIZE (32))`. The forms with
/// the expanded key are refused: nothing proves that it belongs to a seed.
pub(super) const SEED_HEAD: [u8; 2] = [0x80, 32];

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

pub(crate) fn import_spki(bytes: &[u8]) -> Result<Imported, Error> {
    let spki = SubjectPublicKeyInfoRef::from_der(bytes).map_err(|error| encoding(&error))?;
    let Some(key) = spki.subject_public_key.as_bytes() else {
        return Err(Error::new(rules::KEY_ENCODING, 0));
    };
    let key_type = key_type(&spki.algorithm)?;
    Ok(Imported::Verifying(VerifyingKey::from_raw(key_type, key)?))
}

pub(super) fn import_pkcs8(bytes: &[u8]) -> Result<Imported, Error> {
    let info = PrivateKeyInfoRef::from_der(bytes).map_err(|error| encoding(&error))?;
    let content = info.private_key.as_bytes();
    let beside = match info.public_key.map(|key| key.as_bytes()) {
        Some(None) => return Err(Error::new(rules::KEY_ENCODING, 0)),
        beside => beside.flatten(),
    };
    let key_type = key_type(&info.algorithm)?;
    let secret = match key_type {
        KeyType::Es256 | KeyType::Es384 => sec1_secret(content, Some(key_type))?,
        KeyType::Ed25519 => {
            // RFC 8410 §7: the seed is an OCTET STRING in the OCTET STRING.
            let seed = <&OctetStringRef>::from_der(content).map_err(|error| encoding(&error))?;
            SecretKey::from_raw(key_type, seed.as_bytes())?
        }
        KeyType::MlDsa44 | KeyType::MlDsa65 | KeyType::MlDsa87 => {
            let seed = content.strip_prefix(&SEED_HEAD).ok_or(Error::new(rules::KEY_FORM, 0))?;
            SecretKey::from_raw(key_type, seed)?
        }
        _ => return Err(Error::new(rules::KEY_TYPE, 0)),
    };
    if let Some(public) = beside {
        secret.check_pair(&VerifyingKey::from_raw(key_type, public)?)?;
    }
    Ok(Imported::Secret(secret))
}

pub(super) fn import_sec1(bytes: &[u8]) -> Result<Imported, Error> {
    Ok(Imported::Secret(sec1_secret(bytes, None)?))
}

/// RFC 5915 §3: outside of PKCS#8 nothing but the parameters names the curve. Inside they may be
/// left out, and must not name another.
fn sec1_secret(bytes: &[u8], key_type: Option<KeyType>) -> Result<SecretKey, Error> {
    let key = EcPrivateKey::from_der(bytes).map_err(|error| encoding(&error))?;
    let named = match key.parameters {
        Some(EcParameters::NamedCurve(curve)) => curve_type(curve),
        _ => None,
    };
    let key_type = match (key_type, named, key.parameters) {
        (Some(outer), _, None) => outer,
        (Some(outer), Some(named), _) if outer == named => outer,
        (None, Some(named), _) => named,
        _ => return Err(Error::new(rules::KEY_TYPE, 0)),
    };
    let secret = SecretKey::from_raw(key_type, key.private_key)?;
    if let Some(public) = key.public_key {
        secret.check_pair(&VerifyingKey::from_raw(key_type, public)?)?;
    }
    Ok(secret)
}

fn curve_type(curve: ObjectIdentifier) -> Option<KeyType> {
    by_algorithm(EC_PUBLIC_KEY, Parameters::Curve(curve))
}

fn key_type(algorithm: &AlgorithmIdentifierRef<'_>) -> Result<KeyType, Error> {
    let parameters = match algorithm.parameters {
        None => Some(Parameters::Absent),
        Some(any) if any.is_null() => Some(Parameters::Null),
        Some(any) => any.decode_as().ok().map(Parameters::Curve),
    };
    let found = parameters.and_then(|parameters| by_algorithm(algorithm.oid, parameters));
    found.ok_or(Error::new(rules::KEY_TYPE, 0))
}

fn by_algorithm(oid: ObjectIdentifier, parameters: Parameters) -> Option<KeyType> {
    let found = TYPES.iter().find(|row| row.1 == oid && row.2 == parameters);
    found.map(|row| row.0)
}

#[cold]
fn encoding(error: &der::Error) -> Error {
    let position = error.position().map_or(0, u32::from);
    Error::new(rules::KEY_ENCODING, position)
}
