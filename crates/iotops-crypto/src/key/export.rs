//! Export: PEM, raw bytes and `COSE_Key`.

use alloc::string::String;
use alloc::vec::Vec;

use der::Encode as _;
use der::asn1::{AnyRef, BitStringRef, Null, ObjectIdentifier, OctetStringRef};
use iotops_wire::cbor::Encoder;
use pem_rfc7468::LineEnding;
use pkcs8::PrivateKeyInfoRef;
use sec1::EcPrivateKey;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use zeroize::Zeroizing;

use super::cose_key::{ALGORITHM, CURVE_OR_KEY, KEY_TYPE, numbers};
use super::der::{Parameters, SEED_HEAD, TYPES};
use super::{KeyType, SecretBytes, SecretKey, SecretText, VerifyingKey};
use crate::{Error, rules};

impl VerifyingKey {
    /// The key as PEM (`PUBLIC KEY`).
    ///
    /// # Errors
    /// [`rules::KEY_FORM`] for a MAC key or an HSS/LMS key, which have no such form.
    pub fn to_pem(&self) -> Result<String, Error> {
        let (oid, parameters) = der_algorithm(self.key_type())?;
        let bytes = self.to_raw();
        let encoded = BitStringRef::from_bytes(bytes.as_bytes()).and_then(|subject_public_key| {
            let algorithm = identifier(oid, &parameters);
            SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_der()
        });
        pem("PUBLIC KEY", encoded)
    }

    /// The raw bytes: an uncompressed point, an Ed25519, HSS/LMS or ML-DSA key, an `RSAPublicKey`
    /// in DER, or a MAC key.
    #[must_use]
    pub fn to_raw(&self) -> SecretBytes {
        SecretBytes::new(match *self {
            #[cfg(feature = "es256")]
            Self::Es256(ref key) => key.to_sec1().to_vec(),
            #[cfg(feature = "es384")]
            Self::Es384(ref key) => key.to_sec1().to_vec(),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(ref key) => key.to_bytes().to_vec(),
            #[cfg(feature = "hmac")]
            Self::Hmac(ref key) => key.as_bytes().to_vec(),
            #[cfg(feature = "hss-lms")]
            Self::HssLms(ref key) => key.as_bytes().to_vec(),
            #[cfg(feature = "ml-dsa")]
            Self::MlDsa44(ref key) => key.as_bytes().to_vec(),
            #[cfg(feature = "ml-dsa")]
            Self::MlDsa65(ref key) => key.as_bytes().to_vec(),
            #[cfg(feature = "ml-dsa")]
            Self::MlDsa87(ref key) => key.as_bytes().to_vec(),
            #[cfg(feature = "rsa")]
            Self::Rsa(ref key) => key.to_der(),
        })
    }

    /// The key as a `COSE_Key` with its algorithm; an RSA key without, if it is bound to none.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn to_cose_key(&self) -> Result<SecretBytes, Error> {
        cose_key(self, None)
    }
}

impl SecretKey {
    /// The key as PEM (`PRIVATE KEY`, PKCS#8 version 1).
    ///
    /// # Errors
    /// [`rules::KEY_FORM`] for a MAC key, which has no such form.
    pub fn to_pem(&self) -> Result<SecretText, Error> {
        let public = self.verifying_key();
        let (oid, parameters) = der_algorithm(public.key_type())?;
        let encoded = self.der_content(&public).map(Zeroizing::new).and_then(|content| {
            let private_key = <&OctetStringRef>::try_from(content.as_slice())?;
            PrivateKeyInfoRef::new(identifier(oid, &parameters), private_key).to_der()
        });
        Ok(SecretText::new(pem("PRIVATE KEY", encoded.map(Zeroizing::new))?))
    }

    /// What the OCTET STRING of PKCS#8 holds (RFC 5915, RFC 8410, RFC 9881).
    fn der_content(&self, public: &VerifyingKey) -> der::Result<Vec<u8>> {
        let secret = self.to_raw();
        match public.key_type() {
            KeyType::MlDsa44 | KeyType::MlDsa65 | KeyType::MlDsa87 => {
                Ok([&SEED_HEAD, secret.as_bytes()].concat())
            }
            KeyType::Ed25519 => <&OctetStringRef>::try_from(secret.as_bytes())?.to_der(),
            _ => {
                let point = public.to_raw();
                let key = EcPrivateKey {
                    private_key: secret.as_bytes(),
                    parameters: None,
                    public_key: Some(point.as_bytes()),
                };
                key.to_der()
            }
        }
    }

    /// The raw bytes: a scalar, a seed or a MAC key.
    #[must_use]
    pub fn to_raw(&self) -> SecretBytes {
        SecretBytes::new(match *self {
            #[cfg(feature = "es256")]
            Self::Es256(ref key) => key.to_scalar().to_vec(),
            #[cfg(feature = "es384")]
            Self::Es384(ref key) => key.to_scalar().to_vec(),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(ref key) => key.to_seed().to_vec(),
            #[cfg(feature = "hmac")]
            Self::Hmac(ref key) => key.as_bytes().to_vec(),
            #[cfg(feature = "ml-dsa")]
            Self::MlDsa44(ref key) => key.seed().to_vec(),
            #[cfg(feature = "ml-dsa")]
            Self::MlDsa65(ref key) => key.seed().to_vec(),
            #[cfg(feature = "ml-dsa")]
            Self::MlDsa87(ref key) => key.seed().to_vec(),
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

fn der_algorithm(key_type: KeyType) -> Result<(ObjectIdentifier, Parameters), Error> {
    let found = TYPES.iter().find(|row| row.0 == key_type);
    found.map(|row| (row.1, row.2)).ok_or(Error::new(rules::KEY_FORM, 0))
}

fn identifier(oid: ObjectIdentifier, parameters: &Parameters) -> AlgorithmIdentifierRef<'_> {
    let parameters = match parameters {
        Parameters::Absent => None,
        Parameters::Null => Some(AnyRef::from(Null)),
        Parameters::Curve(curve) => Some(AnyRef::from(curve)),
    };
    AlgorithmIdentifierRef { oid, parameters }
}

fn pem(label: &str, der: der::Result<impl AsRef<[u8]>>) -> Result<String, Error> {
    let encoded = der
        .ok()
        .and_then(|der| pem_rfc7468::encode_string(label, LineEnding::LF, der.as_ref()).ok());
    encoded.ok_or(Error::new(rules::KEY_FORM, 0))
}

/// The values of the labels -1 to -4, where they are bytes.
type Fields<'a> = [Option<&'a [u8]>; 4];

/// A key of RFC 9053 §7, RFC 8230 §4, RFC 8778 §4 or RFC 9964 §3 with its algorithm.
fn cose_key(key: &VerifyingKey, secret: Option<&[u8]>) -> Result<SecretBytes, Error> {
    #[cfg(feature = "rsa")]
    if let VerifyingKey::Rsa(rsa) = key {
        let (modulus, exponent) = (rsa.modulus(), rsa.exponent());
        return write_key(key, [Some(&modulus), Some(&exponent), None, None]);
    }
    let raw = key.to_raw();
    let raw = raw.as_bytes();
    // Behind the first byte of a point stand x and y.
    let point = raw.get(1..).unwrap_or_default();
    let (x, y) = point.split_at_checked(point.len() >> 1).unwrap_or_default();
    let fields = match key.key_type() {
        KeyType::Es256 | KeyType::Es384 => [None, Some(x), Some(y), secret],
        KeyType::Ed25519 => [None, Some(raw), None, secret],
        KeyType::MlDsa44 | KeyType::MlDsa65 | KeyType::MlDsa87 => [Some(raw), secret, None, None],
        _ => [Some(raw), None, None, None],
    };
    write_key(key, fields)
}

fn write_key(key: &VerifyingKey, fields: Fields<'_>) -> Result<SecretBytes, Error> {
    let (key_type, curve) = numbers(key.key_type()).ok_or(Error::new(rules::KEY_TYPE, 0))?;
    let algorithm = key.algorithm();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let present = fields.iter().flatten().count();
    let heads = usize::from(curve.is_some()).saturating_add(usize::from(algorithm.is_some()));
    let mut map = encoder.map(present.saturating_add(heads).saturating_add(1))?;
    map.key(KEY_TYPE)?.integer(key_type)?;
    if let Some(algorithm) = algorithm {
        map.key(ALGORITHM)?.integer(algorithm.to_cose())?;
    }
    if let Some(curve) = curve {
        map.key(CURVE_OR_KEY)?.integer(curve)?;
    }
    for (label, value) in (-4..=CURVE_OR_KEY).rev().zip(fields) {
        if let Some(value) = value {
            map.key(label)?.bytes(value)?;
        }
    }
    map.end()?;
    Ok(SecretBytes::new(bytes))
}
