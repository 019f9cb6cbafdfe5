//! Export: PEM and `COSE_Key`.

use alloc::string::String;
use alloc::vec::Vec;

use der::Encode as _;
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef};
use iotops_wire::cbor::Encoder;
use pem_rfc7468::LineEnding;
use pkcs8::PrivateKeyInfoRef;
use sec1::EcPrivateKey;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use zeroize::Zeroizing;

use super::der::{EC_PUBLIC_KEY, ED25519, PRIME256V1};
use super::{SecretBytes, SecretKey, SecretText, VerifyingKey};
use crate::{Error, rules};

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
            #[allow(unreachable_patterns, reason = "reached by a build without any key type")]
            _ => Vec::new(),
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
        const CURVE: &ObjectIdentifier = &PRIME256V1;
        match self {
            #[cfg(feature = "es256")]
            Self::Es256(_) => Ok(AlgorithmIdentifierRef {
                oid: EC_PUBLIC_KEY,
                parameters: Some(AnyRef::from(CURVE)),
            }),
            #[cfg(feature = "ed25519")]
            Self::Ed25519(_) => Ok(AlgorithmIdentifierRef { oid: ED25519, parameters: None }),
            #[allow(unreachable_patterns, reason = "reached by a build without HMAC")]
            _ => Err(Error::new(rules::KEY_FORM, 0)),
        }
    }
}

impl SecretKey {
    /// The key as PEM (`PRIVATE KEY`, PKCS#8 version 1).
    ///
    /// # Errors
    /// [`rules::KEY_FORM`] for a MAC key, which has no such form.
    pub fn to_pem(&self) -> Result<SecretText, Error> {
        let public = self.verifying_key()?;
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
            #[allow(unreachable_patterns, reason = "reached by a build without HMAC")]
            _ => None,
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
            #[allow(unreachable_patterns, reason = "reached by a build without any key type")]
            _ => Vec::new(),
        })
    }

    /// The key as a `COSE_Key` with its algorithm and its public part.
    ///
    /// # Errors
    /// None that a caller can cause.
    pub fn to_cose_key(&self) -> Result<SecretBytes, Error> {
        cose_key(&self.verifying_key()?, Some(self.to_raw().as_bytes()))
    }
}

/// Labels and values of RFC 9053 §7: key type, algorithm, then curve, x, y and d.
fn cose_key(key: &VerifyingKey, secret: Option<&[u8]>) -> Result<SecretBytes, Error> {
    let raw = key.to_raw();
    let raw = raw.as_bytes();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let with_secret = usize::from(secret.is_some());
    let (count, key_type, algorithm) = match key {
        #[cfg(feature = "es256")]
        VerifyingKey::Es256(_) => {
            (5_usize.saturating_add(with_secret), 2, crate::Algorithm::Esp256)
        }
        #[cfg(feature = "ed25519")]
        VerifyingKey::Ed25519(_) => {
            (4_usize.saturating_add(with_secret), 1, crate::Algorithm::Ed25519)
        }
        #[allow(unreachable_patterns, reason = "reached by a build without HMAC")]
        _ => (3, 4, crate::Algorithm::Hmac256),
    };
    let mut map = encoder.map(count)?;
    map.key(1)?.integer(key_type)?;
    map.key(3)?.integer(algorithm.to_cose())?;
    match (key, raw.split_at_checked(33)) {
        #[cfg(feature = "es256")]
        (VerifyingKey::Es256(_), Some((x, y))) => {
            map.key(-1)?.integer(1)?;
            map.key(-2)?.bytes(x.get(1..).unwrap_or_default())?;
            map.key(-3)?.bytes(y)?;
        }
        #[cfg(feature = "ed25519")]
        (VerifyingKey::Ed25519(_), _) => {
            map.key(-1)?.integer(6)?;
            map.key(-2)?.bytes(raw)?;
        }
        _ => drop(map.key(-1)?.bytes(raw)?),
    }
    if let (Some(secret), 1 | 2) = (secret, key_type) {
        map.key(-4)?.bytes(secret)?;
    }
    map.end()?;
    Ok(SecretBytes::new(bytes))
}

fn pem(label: &str, der: der::Result<&[u8]>) -> Result<String, Error> {
    let encoded =
        der.ok().and_then(|der| pem_rfc7468::encode_string(label, LineEnding::LF, der).ok());
    encoded.ok_or(Error::new(rules::KEY_FORM, 0))
}
