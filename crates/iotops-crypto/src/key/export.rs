//! Export: PEM and `COSE_Key`.

use alloc::string::String;
use alloc::vec::Vec;

use der::Encode as _;
#[cfg(feature = "es256")]
use der::asn1::AnyRef;
use der::asn1::{BitStringRef, OctetStringRef};
use iotops_wire::cbor::Encoder;
use pem_rfc7468::LineEnding;
use pkcs8::PrivateKeyInfoRef;
#[cfg(feature = "es256")]
use sec1::EcPrivateKey;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use zeroize::Zeroizing;

#[cfg(feature = "ed25519")]
use super::der::ED25519;
#[cfg(feature = "es256")]
use super::der::{EC_PUBLIC_KEY, PRIME256V1};
use super::{SecretBytes, SecretKey, SecretText, VerifyingKey};
use crate::{Algorithm, Error, rules};

/// No key of the supported types is longer as DER.
const LONGEST_DER: usize = 512;

impl VerifyingKey {
    /// The key as PEM (`PUBLIC KEY`).
    ///
    /// # Errors
    /// [`rules::KEY_FORM`] for a MAC key, which has no such form.
    pub fn to_pem(&self) -> Result<String, Error> {
        let bytes = self.to_raw();
        let mut buffer = [0; LONGEST_DER];
        let Ok(subject_public_key) = BitStringRef::from_bytes(bytes.as_bytes()) else {
            return Err(Error::new(rules::KEY_FORM, 0));
        };
        let spki = SubjectPublicKeyInfoRef { algorithm: self.der_algorithm()?, subject_public_key };
        pem("PUBLIC KEY", spki.encode_to_slice(&mut buffer))
    }

    /// The raw bytes: an uncompressed point, an Ed25519 key, or a MAC key.
    #[must_use]
    pub fn to_raw(&self) -> SecretBytes {
        SecretBytes::new(match self {
            #[cfg(feature = "es256")]
            Self::Es256(key) => key.to_sec1().to_vec(),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(key) => key.to_bytes().to_vec(),
            #[cfg(feature = "hmac")]
            Self::Hmac(key) => key.as_bytes().to_vec(),
        })
    }

    /// The key as a `COSE_Key` with its algorithm.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn to_cose_key(&self) -> Result<SecretBytes, Error> {
        cose_key(self, None)
    }

    fn der_algorithm(&self) -> Result<AlgorithmIdentifierRef<'static>, Error> {
        match self {
            #[cfg(feature = "es256")]
            Self::Es256(_) => Ok(AlgorithmIdentifierRef {
                oid: EC_PUBLIC_KEY,
                parameters: Some(AnyRef::from(&PRIME256V1)),
            }),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(_) => Ok(AlgorithmIdentifierRef { oid: ED25519, parameters: None }),
            #[cfg(feature = "hmac")]
            Self::Hmac(_) => Err(Error::new(rules::KEY_FORM, 0)),
        }
    }
}

impl SecretKey {
    /// The key as PEM (`PRIVATE KEY`, PKCS#8 version 1).
    ///
    /// # Errors
    /// [`rules::KEY_FORM`] for a MAC key, which has no such form.
    pub fn to_pem(&self) -> Result<SecretText, Error> {
        let public = self.verifying_key();
        let algorithm = public.der_algorithm()?;
        let (mut inner, mut outer) =
            (Zeroizing::new([0; LONGEST_DER]), Zeroizing::new([0; LONGEST_DER]));
        let content = self.der_content(public.to_raw().as_bytes(), inner.as_mut_slice());
        let content = content.ok_or(Error::new(rules::KEY_FORM, 0))?;
        let Ok(private_key) = <&OctetStringRef>::try_from(content) else {
            return Err(Error::new(rules::KEY_FORM, 0));
        };
        let info = PrivateKeyInfoRef::new(algorithm, private_key);
        Ok(SecretText::new(pem("PRIVATE KEY", info.encode_to_slice(outer.as_mut_slice()))?))
    }

    /// What the OCTET STRING of PKCS#8 holds (RFC 5915, RFC 8410).
    #[allow(unused_variables, reason = "not every key type needs all of them")]
    fn der_content<'b>(&self, public: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let secret = self.to_raw();
        match self {
            #[cfg(feature = "es256")]
            Self::Es256(_) => {
                let key = EcPrivateKey {
                    private_key: secret.as_bytes(),
                    parameters: None,
                    public_key: Some(public),
                };
                key.encode_to_slice(buffer).ok()
            }
            #[cfg(feature = "ed25519")]
            Self::Ed25519(_) => {
                <&OctetStringRef>::try_from(secret.as_bytes()).ok()?.encode_to_slice(buffer).ok()
            }
            #[cfg(feature = "hmac")]
            Self::Hmac(_) => None,
        }
    }

    /// The raw bytes: a scalar, a seed or a MAC key.
    #[must_use]
    pub fn to_raw(&self) -> SecretBytes {
        SecretBytes::new(match self {
            #[cfg(feature = "es256")]
            Self::Es256(key) => key.to_scalar().to_vec(),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(key) => key.to_seed().to_vec(),
            #[cfg(feature = "hmac")]
            Self::Hmac(key) => key.as_bytes().to_vec(),
        })
    }

    /// The key as a `COSE_Key` with its algorithm and its public part.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn to_cose_key(&self) -> Result<SecretBytes, Error> {
        cose_key(&self.verifying_key(), Some(self.to_raw().as_bytes()))
    }
}

/// A key of RFC 9053 §7 with its algorithm.
fn cose_key(key: &VerifyingKey, secret: Option<&[u8]>) -> Result<SecretBytes, Error> {
    let raw = key.to_raw();
    let mut bytes = Vec::new();
    let encoder = &mut Encoder::new(&mut bytes);
    match key {
        #[cfg(feature = "es256")]
        VerifyingKey::Es256(_) => {
            // Behind the first byte stand x and y.
            let point = raw.as_bytes().get(1..).unwrap_or_default();
            let (x, y) = point.split_at_checked(point.len() >> 1).unwrap_or_default();
            curve_key(encoder, 2, Algorithm::Esp256, 1, &[x, y], secret)?;
        }
        #[cfg(feature = "ed25519")]
        VerifyingKey::Ed25519(_) => {
            curve_key(encoder, 1, Algorithm::Ed25519, 6, &[raw.as_bytes()], secret)?;
        }
        #[cfg(feature = "hmac")]
        VerifyingKey::Hmac(_) => {
            let mut map = encoder.map(3)?;
            map.key(KEY_TYPE)?.integer(4)?;
            map.key(ALGORITHM)?.integer(Algorithm::Hmac256.to_cose())?;
            map.key(K)?.bytes(raw.as_bytes())?;
            map.end()?;
        }
    }
    Ok(SecretBytes::new(bytes))
}

const KEY_TYPE: i64 = 1;
const ALGORITHM: i64 = 3;
#[cfg(feature = "hmac")]
const K: i64 = -1;
#[cfg(any(feature = "es256", feature = "ed25519"))]
const CURVE: i64 = -1;
#[cfg(any(feature = "es256", feature = "ed25519"))]
const D: i64 = -4;

/// A key on a curve; the coordinates have labels -2 and -3.
#[cfg(any(feature = "es256", feature = "ed25519"))]
fn curve_key(
    encoder: &mut Encoder<'_>,
    key_type: i64,
    algorithm: Algorithm,
    curve: i64,
    coordinates: &[&[u8]],
    secret: Option<&[u8]>,
) -> Result<(), Error> {
    let count = 3_usize.saturating_add(coordinates.len());
    let mut map = encoder.map(count.saturating_add(usize::from(secret.is_some())))?;
    map.key(KEY_TYPE)?.integer(key_type)?;
    map.key(ALGORITHM)?.integer(algorithm.to_cose())?;
    map.key(CURVE)?.integer(curve)?;
    for (label, coordinate) in [-2, -3].into_iter().zip(coordinates) {
        map.key(label)?.bytes(coordinate)?;
    }
    if let Some(secret) = secret {
        map.key(D)?.bytes(secret)?;
    }
    Ok(map.end()?)
}

fn pem(label: &str, der: der::Result<&[u8]>) -> Result<String, Error> {
    let encoded =
        der.ok().and_then(|der| pem_rfc7468::encode_string(label, LineEnding::LF, der).ok());
    encoded.ok_or(Error::new(rules::KEY_FORM, 0))
}
