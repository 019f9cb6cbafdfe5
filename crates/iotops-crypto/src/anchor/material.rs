//! What an anchor is, and the identifier that follows from it.

use iotops_wire::cbor::{Cursor, Encoder};

use crate::key::{Imported, KeyId, KeyIdKind, KeyType, VerifyingKey, import_cose_key};
use crate::{Algorithm, Error, digest, rules};

const KEY: u64 = 1;
const SPKI_HASH: u64 = 2;
const CERTIFICATE: u64 = 3;
const AUTHORITY: u64 = 4;

/// The identifier of an anchor: the digest of its material.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnchorId([u8; 32]);

impl AnchorId {
    /// The identifier of nothing.
    pub(super) const ZERO: Self = Self([0; 32]);

    /// The identifier with these bytes; `None` if they are not 32.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Error> {
        let start = cursor.position();
        let bytes = cursor.bytes()?;
        Self::from_bytes(bytes).ok_or_else(|| cursor.error_at(start, rules::anchor::ID).into())
    }
}

impl core::fmt::Display for AnchorId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl core::fmt::Debug for AnchorId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "AnchorId({self})")
    }
}

/// What an anchor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Material<'a> {
    /// A public key, as `COSE_Key`.
    Key(&'a [u8]),
    /// A key that comes with the documents; its SPKI has the SHA-256 that is the identifier.
    SpkiHash(AnchorId),
    /// A certificate in DER, mostly of a certification authority.
    Certificate(&'a [u8]),
    /// A certification authority by its name and key (RFC 5280 §6.1.1).
    Authority {
        /// The Name in DER.
        name: &'a [u8],
        /// The SPKI in DER.
        spki: &'a [u8],
    },
}

impl<'a> Material<'a> {
    pub(super) fn id(&self) -> Result<AnchorId, Error> {
        let id = match self {
            Self::Key(bytes) => {
                let id = KeyId::of(KeyIdKind::CoseThumbprint, &public_key(bytes)?)?;
                AnchorId::from_bytes(id.as_bytes())
            }
            Self::SpkiHash(id) => Some(*id),
            Self::Certificate(bytes) => sha256(&[bytes]),
            Self::Authority { name, spki } => sha256(&[name, spki]),
        };
        id.ok_or(Error::new(rules::anchor::ID, 0))
    }

    pub(super) fn read(id: AnchorId, cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        let items = cursor.array()?;
        match (cursor.unsigned()?, items) {
            (KEY, 2) => Ok(Self::Key(cursor.bytes()?)),
            (SPKI_HASH, 1) => Ok(Self::SpkiHash(id)),
            (CERTIFICATE, 2) => Ok(Self::Certificate(cursor.bytes()?)),
            (AUTHORITY, 3) => Ok(Self::Authority { name: cursor.bytes()?, spki: cursor.bytes()? }),
            _ => Err(cursor.error_at(start, rules::anchor::MATERIAL).into()),
        }
    }

    pub(super) fn write(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::Key(bytes) => encoder.array(2)?.unsigned(KEY)?.bytes(bytes)?,
            Self::SpkiHash(_) => encoder.array(1)?.unsigned(SPKI_HASH)?,
            Self::Certificate(bytes) => encoder.array(2)?.unsigned(CERTIFICATE)?.bytes(bytes)?,
            Self::Authority { name, spki } => {
                encoder.array(3)?.unsigned(AUTHORITY)?.bytes(name)?.bytes(spki)?
            }
        };
        Ok(())
    }
}

/// A public key: a set of anchors is no secret, so no other key may stand in it.
pub(super) fn public_key(bytes: &[u8]) -> Result<VerifyingKey, Error> {
    match import_cose_key(bytes) {
        Ok(Imported::Verifying(key)) if key.key_type() != KeyType::Hmac => Ok(key),
        Ok(_) => Err(Error::new(rules::anchor::MATERIAL, 0)),
        Err(error) => Err(Error::new(error.rule(), 0)),
    }
}

fn sha256(parts: &[&[u8]]) -> Option<AnchorId> {
    AnchorId::from_bytes(digest(Algorithm::Sha256, parts)?.as_bytes())
}
