//! Public keys for key agreement, as `COSE_Key` carries them in a header (RFC 9053 §7).

use iotops_wire::cbor::{Ascending, Cursor, Encoder, Type};

use super::Curve;
use crate::Error;
use crate::rules::cipher as rules;

const KEY_TYPE: i64 = 1;
const CURVE: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
const D: i64 = -4;

const OKP: i64 = 1;
const EC2: i64 = 2;
const P256: i64 = 1;
const X25519: i64 = 4;

const COORDINATE: usize = 32;
const LONGEST: usize = 65;
/// SEC 1 §2.3.3: an uncompressed point; a compressed one has the sign of y instead.
const UNCOMPRESSED: u8 = 4;

/// A public key for key agreement. That it is a point of its curve is checked when it is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey {
    curve: Curve,
    bytes: [u8; LONGEST],
    length: usize,
}

impl core::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PublicKey").field("curve", &self.curve).finish_non_exhaustive()
    }
}

impl PublicKey {
    /// The key of `curve` in the form that [`Curve`] tells.
    ///
    /// # Errors
    /// [`rules::PEER_KEY`] for another form.
    pub fn new(curve: Curve, bytes: &[u8]) -> Result<Self, Error> {
        let is_form = match curve {
            Curve::P256 => matches!(
                (bytes.first(), bytes.len()),
                (Some(&UNCOMPRESSED), 65) | (Some(2 | 3), 33)
            ),
            Curve::X25519 => bytes.len() == COORDINATE,
        };
        if is_form { Ok(Self::of(curve, &[bytes])) } else { Err(Error::new(rules::PEER_KEY, 0)) }
    }

    /// The caller answers for the form.
    pub(super) fn of(curve: Curve, parts: &[&[u8]]) -> Self {
        let mut key = Self { curve, bytes: [0; LONGEST], length: 0 };
        let bytes = parts.iter().copied().flatten();
        for (to, from) in key.bytes.iter_mut().zip(bytes) {
            *to = *from;
            key.length = key.length.saturating_add(1);
        }
        key
    }

    /// Its curve.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        self.curve
    }

    /// Its bytes, in the form that [`Curve`] tells.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The key in the form of RFC 9180 §7.1.1, which is never compressed; `None` if it is no point.
    #[cfg(feature = "hpke-draft")]
    pub(crate) fn serialized(&self) -> Option<Self> {
        match self.curve {
            Curve::P256 if self.length < LONGEST => super::p256::decompress(self.as_bytes()),
            _ => Some(*self),
        }
    }

    /// Whether it is the same key; a compressed point is compared by what both forms tell.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let parts = |key: &Self| {
            let (form, rest) = key.as_bytes().split_first().map(|(form, rest)| (*form, rest))?;
            let (x, y) = rest.split_at_checked(COORDINATE)?;
            let sign = y.last().map_or(form & 1, |last| last & 1);
            Some((<[u8; COORDINATE]>::try_from(x).ok()?, sign))
        };
        match self.curve {
            Curve::P256 if self.length != other.length => parts(self) == parts(other),
            _ => self == other,
        }
    }

    /// Reads a `COSE_Key`; `None` for a curve that is not known here.
    ///
    /// # Errors
    /// [`rules::PEER_KEY`] if it is no public key, and the rules of the encoding.
    pub fn read(cursor: &mut Cursor<'_>) -> Result<Option<Self>, Error> {
        let start = cursor.position();
        let fields = Fields::read(cursor)?;
        let broken = || Error::from(cursor.error_at(start, rules::PEER_KEY));
        match (fields.key_type, fields.curve) {
            (Some(EC2), Some(P256)) => fields.point().map(Some).ok_or_else(broken),
            (Some(OKP), Some(X25519)) => match fields.x {
                Some(x) if x.len() == COORDINATE => Ok(Some(Self::of(Curve::X25519, &[x]))),
                _ => Err(broken()),
            },
            (Some(OKP | EC2), Some(_)) => Ok(None),
            _ => Err(broken()),
        }
    }

    /// Writes it as a `COSE_Key`.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let bytes = self.as_bytes();
        if self.curve == Curve::X25519 {
            let mut map = encoder.map(3)?;
            map.key(KEY_TYPE)?.integer(OKP)?;
            map.key(CURVE)?.integer(X25519)?;
            map.key(X)?.bytes(bytes)?;
            return Ok(map.end()?);
        }
        let (form, coordinates) = bytes.split_first().unwrap_or((&0, &[]));
        let (x, y) = coordinates.split_at_checked(COORDINATE).unwrap_or_default();
        let mut map = encoder.map(4)?;
        map.key(KEY_TYPE)?.integer(EC2)?;
        map.key(CURVE)?.integer(P256)?;
        map.key(X)?.bytes(x)?;
        match *form {
            UNCOMPRESSED => map.key(Y)?.bytes(y)?,
            _ => map.key(Y)?.boolean(*form == 3)?,
        };
        Ok(map.end()?)
    }
}

#[derive(Default)]
struct Fields<'a> {
    key_type: Option<i64>,
    curve: Option<i64>,
    x: Option<&'a [u8]>,
    y: Option<&'a [u8]>,
    sign: Option<bool>,
}

impl<'a> Fields<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let mut fields = Self::default();
        let count = cursor.map()?;
        let mut order = Ascending::new();
        for _ in 0..count {
            match order.key(cursor)? {
                KEY_TYPE => fields.key_type = Some(cursor.integer()?),
                CURVE => fields.curve = Some(cursor.integer()?),
                X => fields.x = Some(cursor.bytes()?),
                Y if cursor.peek() == Some(Type::Bool) => fields.sign = Some(cursor.boolean()?),
                Y => fields.y = Some(cursor.bytes()?),
                // A private key in a header is nobody's public key.
                D => return Err(cursor.error(rules::PEER_KEY).into()),
                _ => cursor.skip()?,
            }
        }
        Ok(fields)
    }

    /// RFC 9053 §7.1.1: y is the coordinate, or just its sign.
    fn point(&self) -> Option<PublicKey> {
        let x = self.x.filter(|x| x.len() == COORDINATE)?;
        Some(match (self.y, self.sign) {
            (Some(y), None) if y.len() == COORDINATE => {
                PublicKey::of(Curve::P256, &[&[UNCOMPRESSED], x, y])
            }
            (None, Some(sign)) => PublicKey::of(Curve::P256, &[&[if sign { 3 } else { 2 }], x]),
            _ => return None,
        })
    }
}
