//! What a key is called: thumbprints, hashes of its SPKI, and the forms of X.509 and BRSKI.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use der::Decode as _;
use sha1::{Digest as _, Sha1};
use spki::SubjectPublicKeyInfoRef;

use super::{VerifyingKey, der::import_spki};
use crate::{Algorithm, Digest, Error, Hasher, digest, rules};

/// The longest key: two coordinates of P-384 behind the tag of SEC 1.
const LONGEST_POINT: usize = 97;
/// The longest SPKI: that of P-384.
const LONGEST_SPKI: usize = 120;
/// The longest identifier; SHA-512 is the longest digest that certificates use for one.
const LONGEST_ID: usize = 64;
/// Its base64url text.
const LONGEST_TEXT: usize = 86;

/// How a key is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum KeyIdKind {
    /// COSE Key Thumbprint with SHA-256 (RFC 9679).
    CoseThumbprint,
    /// JWK Thumbprint with SHA-256 (RFC 7638).
    JwkThumbprint,
    /// SHA-256 of the SPKI in DER (RFC 7469 §2.4).
    SpkiSha256,
    /// SHA-1 of the BIT STRING of the SPKI (RFC 5280 §4.2.1.2, method 1). SHA-1 only names here.
    SubjectKeyIdentifier,
}

impl KeyIdKind {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::CoseThumbprint, Self::JwkThumbprint, Self::SpkiSha256, Self::SubjectKeyIdentifier];
}

/// The name of a key: bytes that tell which key is meant, and prove nothing.
///
/// ```
/// use iotops_crypto::key::{KeyId, KeyIdKind, import};
///
/// # fn show(file: &[u8]) -> Result<(), iotops_crypto::Error> {
/// let key = import(file)?.verifying_key();
/// let thumbprint = KeyId::of(KeyIdKind::CoseThumbprint, &key)?;
/// assert_eq!(thumbprint.as_bytes().len(), 32);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct KeyId {
    bytes: [u8; LONGEST_ID],
    length: usize,
}

impl core::fmt::Debug for KeyId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KeyId(")?;
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(")")
    }
}

impl KeyId {
    /// The name of `key`.
    ///
    /// # Errors
    /// [`rules::KEY_FORM`] for a MAC key: it has no public form, and a hash of a secret tells
    /// something of it.
    pub fn of(kind: KeyIdKind, key: &VerifyingKey) -> Result<Self, Error> {
        if kind == KeyIdKind::JwkThumbprint {
            return Self::new(key.jwk_thumbprint()?.as_bytes());
        }
        let Some(point) = Point::of(key) else {
            return Self::of_other(kind, key);
        };
        match kind {
            KeyIdKind::CoseThumbprint => point.cose_thumbprint(),
            KeyIdKind::SpkiSha256 => sha256(&[point.form.spki, point.as_bytes()]),
            _ => Self::new(&Sha1::digest(point.as_bytes())),
        }
    }

    /// Keys that are no points are long, and are encoded on the heap.
    #[cfg(feature = "alloc")]
    fn of_other(kind: KeyIdKind, key: &VerifyingKey) -> Result<Self, Error> {
        #[cfg(feature = "hmac")]
        if matches!(key, VerifyingKey::Hmac(_)) {
            return Err(Error::new(rules::KEY_FORM, 0));
        }
        match kind {
            KeyIdKind::CoseThumbprint => sha256(&[key.to_required_cose_key()?.as_bytes()]),
            _ => Self::of_spki(kind, &key.to_spki_der()?),
        }
    }

    #[cfg(not(feature = "alloc"))]
    fn of_other(_: KeyIdKind, _: &VerifyingKey) -> Result<Self, Error> {
        Err(Error::new(rules::KEY_FORM, 0))
    }

    /// The name of the key in an SPKI, such as that of a certificate.
    ///
    /// The thumbprints need a key that is built in; the others take every type.
    ///
    /// # Errors
    /// [`rules::KEY_ENCODING`] if it is no SPKI, and for thumbprints those of [`super::import`].
    pub fn of_spki(kind: KeyIdKind, spki: &[u8]) -> Result<Self, Error> {
        match kind {
            KeyIdKind::SpkiSha256 => bit_string(spki).and_then(|_| sha256(&[spki])),
            KeyIdKind::SubjectKeyIdentifier => Self::new(&Sha1::digest(bit_string(spki)?)),
            KeyIdKind::CoseThumbprint | KeyIdKind::JwkThumbprint => {
                Self::of(kind, &import_spki(spki)?.verifying_key())
            }
        }
    }

    /// The domainID of BRSKI, of a certificate with this SPKI, and this value of the
    /// `SubjectKeyIdentifier` extension if it has one.
    ///
    /// RFC 8995 §5.8.2: "If the pinned-domain-cert certificate includes the
    /// `SubjectKeyIdentifier` …, then it is used as the domainID. If not, the SPKI Fingerprint … is
    /// used."
    ///
    /// # Errors
    /// [`rules::anchor::KEY_ID`] for an extension of more than 64 bytes or none, and as
    /// [`KeyId::of_spki`].
    pub fn domain_id(subject_key_identifier: Option<&[u8]>, spki: &[u8]) -> Result<Self, Error> {
        match subject_key_identifier {
            Some(identifier) => Self::new(identifier),
            None => Self::of_spki(KeyIdKind::SpkiSha256, spki),
        }
    }

    /// The bytes: 32, or 20 of a `SubjectKeyIdentifier` by method 1.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The bytes as base64url without padding, as JOSE writes them (RFC 7515 §2).
    pub fn base64url<'b>(&self, buffer: &'b mut [u8; LONGEST_TEXT]) -> &'b str {
        Base64UrlUnpadded::encode(self.as_bytes(), buffer).unwrap_or_default()
    }

    fn new(identifier: &[u8]) -> Result<Self, Error> {
        if identifier.is_empty() || identifier.len() > LONGEST_ID {
            return Err(Error::new(rules::anchor::KEY_ID, 0));
        }
        let mut bytes = [0; LONGEST_ID];
        for (to, from) in bytes.iter_mut().zip(identifier) {
            *to = *from;
        }
        Ok(Self { bytes, length: identifier.len() })
    }

    fn of_digest(digest: Option<Digest>) -> Result<Self, Error> {
        let digest = digest.ok_or(Error::new(rules::DIGEST_UNSUPPORTED, 0))?;
        Self::new(digest.as_bytes())
    }
}

fn sha256(parts: &[&[u8]]) -> Result<KeyId, Error> {
    KeyId::of_digest(digest(Algorithm::Sha256, parts))
}

/// The content of the BIT STRING, of whatever algorithm.
fn bit_string(spki: &[u8]) -> Result<&[u8], Error> {
    match SubjectPublicKeyInfoRef::from_der(spki) {
        Ok(spki) => Ok(spki.subject_public_key.raw_bytes()),
        Err(error) => {
            let position = error.position().map_or(0, u32::from);
            Err(Error::new(rules::KEY_ENCODING, position))
        }
    }
}

/// A public key as SPKI in DER (RFC 5280 §4.1.2.7).
#[derive(Clone, Copy, Debug)]
pub struct Spki {
    bytes: [u8; LONGEST_SPKI],
    length: usize,
}

impl Spki {
    /// The encoding.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl VerifyingKey {
    /// The key as SPKI in DER, without a heap, for keys that are points.
    ///
    /// # Errors
    /// [`rules::KEY_FORM`] for all others.
    pub fn to_spki(&self) -> Result<Spki, Error> {
        let point = Point::of(self).ok_or(Error::new(rules::KEY_FORM, 0))?;
        let parts = point.form.spki.iter().chain(point.as_bytes());
        let mut spki = Spki { bytes: [0; LONGEST_SPKI], length: 0 };
        for (to, from) in spki.bytes.iter_mut().zip(parts) {
            *to = *from;
            spki.length = spki.length.saturating_add(1);
        }
        Ok(spki)
    }
}

/// What stands around the coordinates of a key, in each of its forms.
struct Form {
    /// All of the SPKI before the key (RFC 5480 §2, RFC 8410 §4).
    spki: &'static [u8],
    /// Before each coordinate of the `COSE_Key`: the head of the map, and the required members in
    /// deterministic order (RFC 9679 §4).
    cose: &'static [&'static [u8]],
    /// Bytes of a coordinate.
    coordinate: usize,
}

#[cfg(feature = "es256")]
const P256: Form = Form {
    spki: &[
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
        0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ],
    // {1: 2, -1: 1, -2: x, -3: y}
    cose: &[&[0xa4, 0x01, 0x02, 0x20, 0x01, 0x21, 0x58, 0x20], &[0x22, 0x58, 0x20]],
    coordinate: 32,
};

#[cfg(feature = "es384")]
const P384: Form = Form {
    spki: &[
        0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05,
        0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
    ],
    // {1: 2, -1: 2, -2: x, -3: y}
    cose: &[&[0xa4, 0x01, 0x02, 0x20, 0x02, 0x21, 0x58, 0x30], &[0x22, 0x58, 0x30]],
    coordinate: 48,
};

#[cfg(feature = "ed25519")]
const ED25519: Form = Form {
    spki: &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00],
    // {1: 1, -1: 6, -2: x}
    cose: &[&[0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20]],
    coordinate: 32,
};

/// A public key as bytes, and its form.
struct Point {
    form: &'static Form,
    bytes: [u8; LONGEST_POINT],
    length: usize,
}

impl Point {
    fn of(key: &VerifyingKey) -> Option<Self> {
        match key {
            #[cfg(feature = "es256")]
            VerifyingKey::Es256(key) => Some(Self::new(&P256, &key.to_sec1())),
            #[cfg(feature = "es384")]
            VerifyingKey::Es384(key) => Some(Self::new(&P384, &key.to_sec1())),
            #[cfg(feature = "ed25519")]
            VerifyingKey::Ed25519(key) => Some(Self::new(&ED25519, &key.to_bytes())),
            #[allow(unreachable_patterns, reason = "reached by a build with other keys")]
            _ => None,
        }
    }

    #[cfg(any(feature = "es256", feature = "es384", feature = "ed25519"))]
    fn new(form: &'static Form, key: &[u8]) -> Self {
        let mut bytes = [0; LONGEST_POINT];
        for (to, from) in bytes.iter_mut().zip(key) {
            *to = *from;
        }
        Self { form, bytes, length: key.len() }
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The coordinates: the tag of SEC 1 is no part of them.
    fn coordinates(&self) -> impl Iterator<Item = &[u8]> {
        let size = self.form.coordinate.max(1);
        let tag = self.length.checked_rem(size).unwrap_or(0);
        self.as_bytes().get(tag..).unwrap_or_default().chunks(size)
    }

    fn cose_thumbprint(&self) -> Result<KeyId, Error> {
        let Some(mut hasher) = Hasher::new(Algorithm::Sha256) else {
            return KeyId::of_digest(None);
        };
        for (opening, coordinate) in self.form.cose.iter().zip(self.coordinates()) {
            hasher.update(opening);
            hasher.update(coordinate);
        }
        KeyId::of_digest(Some(hasher.finish()))
    }
}
