//! `COSE_Key` (RFC 9052 §7, RFC 9053 §7).

use iotops_wire::cbor::{Ascending, Cursor, Type};

use super::{Imported, KeyType, SecretKey, VerifyingKey, check_pair, ed25519_public, es256_public};
use crate::{Algorithm, Error, rules};

const KEY_TYPE: i64 = 1;
const KEY_ID: i64 = 2;
const ALGORITHM: i64 = 3;
const OPERATIONS: i64 = 4;
const BASE_IV: i64 = 5;
/// Of OKP and EC2 the curve; of symmetric keys the key.
const CURVE_OR_K: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
const D: i64 = -4;

const OKP: i64 = 1;
const EC2: i64 = 2;
const SYMMETRIC: i64 = 4;
const P256: i64 = 1;
const ED25519: i64 = 6;

/// Operations of RFC 9052 table 5.
const SIGN: i64 = 1;
const VERIFY: i64 = 2;
const MAC_CREATE: i64 = 9;
const MAC_VERIFY: i64 = 10;

const COORDINATE: usize = 32;

pub(crate) fn import(bytes: &[u8]) -> Result<Imported, Error> {
    let mut cursor = Cursor::new(bytes)?;
    let fields = Fields::read(&mut cursor)?;
    cursor.end()?;
    let imported = match (fields.key_type, fields.curve) {
        (Some(EC2), Some(P256)) => fields.es256()?,
        (Some(OKP), Some(ED25519)) => fields.ed25519()?,
        (Some(SYMMETRIC), None) => fields.symmetric()?,
        (None, _) | (Some(EC2 | OKP), None) => return Err(Error::new(rules::KEY_PARAMETER, 0)),
        _ => return Err(Error::new(rules::KEY_TYPE, 0)),
    };
    fields.check_algorithm()?;
    fields.restrict(imported)
}

/// The fields of a key, whatever its type.
#[derive(Default)]
struct Fields<'a> {
    key_type: Option<i64>,
    algorithm: Option<(i64, u32)>,
    operations: Option<(Operations, u32)>,
    curve: Option<i64>,
    k: Option<&'a [u8]>,
    x: Option<&'a [u8]>,
    y: Option<CoordinateY<'a>>,
    d: Option<&'a [u8]>,
}

/// RFC 9053 §7.1.1: y is the coordinate, or just its sign.
#[derive(Clone, Copy)]
enum CoordinateY<'a> {
    Whole(&'a [u8]),
    Sign(bool),
}

impl<'a> Fields<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let mut fields = Self::default();
        let count = cursor.map()?;
        let mut order = Ascending::new();
        for _ in 0..count {
            let label = order.key(cursor)?;
            fields.read_value(label, cursor)?;
        }
        Ok(fields)
    }

    fn read_value(&mut self, label: i64, cursor: &mut Cursor<'a>) -> Result<(), Error> {
        let offset = cursor.offset();
        match label {
            KEY_TYPE => self.key_type = Some(cursor.integer()?),
            KEY_ID | BASE_IV => drop(bytes(cursor)?),
            ALGORITHM => self.algorithm = Some((cursor.integer()?, offset)),
            OPERATIONS => self.operations = Some((Operations::read(cursor)?, offset)),
            CURVE_OR_K if cursor.peek() == Some(Type::Bytes) => self.k = Some(bytes(cursor)?),
            CURVE_OR_K => self.curve = Some(cursor.integer()?),
            X => self.x = Some(bytes(cursor)?),
            Y if cursor.peek() == Some(Type::Bool) => {
                self.y = Some(CoordinateY::Sign(cursor.boolean()?));
            }
            Y => self.y = Some(CoordinateY::Whole(bytes(cursor)?)),
            D => self.d = Some(bytes(cursor)?),
            _ => cursor.skip()?,
        }
        Ok(())
    }

    fn es256(&self) -> Result<Imported, Error> {
        let public = match (self.x, self.y) {
            (Some(x), Some(y)) => Some(es256_point(x, y)?),
            (None, None) => None,
            _ => return Err(Error::new(rules::KEY_PARAMETER, 0)),
        };
        self.pair(KeyType::Es256, public)
    }

    fn ed25519(&self) -> Result<Imported, Error> {
        let public = self.x.map(ed25519_public).transpose()?;
        self.pair(KeyType::Ed25519, public)
    }

    /// The private key if there is one; it must belong to the public one beside it.
    fn pair(&self, key_type: KeyType, public: Option<VerifyingKey>) -> Result<Imported, Error> {
        match (self.d, public) {
            (None, None) => Err(Error::new(rules::KEY_PARAMETER, 0)),
            (None, Some(public)) => Ok(Imported::Verifying(public)),
            (Some(d), public) => {
                let secret = SecretKey::from_raw(key_type, d)?;
                if let Some(public) = public {
                    check_pair(&secret, &public)?;
                }
                Ok(Imported::Secret(secret))
            }
        }
    }

    /// A symmetric key says nothing of what it is for: its algorithm must.
    fn symmetric(&self) -> Result<Imported, Error> {
        let Some(k) = self.k else {
            return Err(Error::new(rules::KEY_PARAMETER, 0));
        };
        if self.algorithm.map(|(number, _)| number) != Some(Algorithm::Hmac256.to_cose()) {
            let offset = self.algorithm.map_or(0, |(_, offset)| offset);
            return Err(Error::new(rules::KEY_ALGORITHM, offset));
        }
        Ok(Imported::Secret(SecretKey::from_raw(KeyType::Hmac, k)?))
    }

    /// RFC 9052 §7.1: alg "restrict\[s\] the algorithm that is used with the key".
    fn check_algorithm(&self) -> Result<(), Error> {
        if let Some((number, offset)) = self.algorithm {
            let fits = match (self.key_type, Algorithm::from_cose(number)) {
                (Some(EC2), Some(Algorithm::Es256 | Algorithm::Esp256)) => true,
                (Some(OKP), Some(Algorithm::EdDsa | Algorithm::Ed25519)) => true,
                (key_type, _) => key_type == Some(SYMMETRIC),
            };
            if !fits {
                return Err(Error::new(rules::KEY_ALGORITHM, offset));
            }
        }
        Ok(())
    }

    /// RFC 9053 §2 and §3: `key_ops`, if present, must include what the key is used for. Every
    /// imported key verifies; one that may not sign loses its private part.
    fn restrict(&self, imported: Imported) -> Result<Imported, Error> {
        let Some((operations, offset)) = self.operations else {
            return Ok(imported);
        };
        let is_mac = self.key_type == Some(SYMMETRIC);
        let makes = if is_mac { operations.creates_mac } else { operations.signs };
        let checks = if is_mac { operations.verifies_mac } else { operations.verifies };
        match imported {
            Imported::Secret(key) if makes && (checks || !is_mac) => Ok(Imported::Secret(key)),
            imported if checks => Ok(Imported::Verifying(imported.verifying_key())),
            _ => Err(Error::new(rules::KEY_OPERATIONS, offset)),
        }
    }
}

fn bytes<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Error> {
    match cursor.peek() {
        Some(Type::Bytes) => Ok(cursor.bytes()?),
        _ => Err(cursor.error(rules::KEY_PARAMETER).into()),
    }
}

/// The operations that matter here.
#[derive(Clone, Copy, Default)]
struct Operations {
    signs: bool,
    verifies: bool,
    creates_mac: bool,
    verifies_mac: bool,
}

impl Operations {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Error> {
        let count = cursor.array()?;
        let mut operations = Self::default();
        for _ in 0..count {
            if cursor.peek() == Some(Type::Text) {
                cursor.text()?;
                continue;
            }
            match cursor.integer()? {
                SIGN => operations.signs = true,
                VERIFY => operations.verifies = true,
                MAC_CREATE => operations.creates_mac = true,
                MAC_VERIFY => operations.verifies_mac = true,
                _ => {}
            }
        }
        Ok(operations)
    }
}

fn es256_point(x: &[u8], y: CoordinateY<'_>) -> Result<VerifyingKey, Error> {
    // SEC 1 §2.3.3: 2 or 3 by the sign of y, 4 for both coordinates.
    let no_bytes: &[u8] = &[];
    let (tag, y) = match y {
        CoordinateY::Whole(y) if y.len() == COORDINATE => (4, y),
        CoordinateY::Sign(false) => (2, no_bytes),
        CoordinateY::Sign(true) => (3, no_bytes),
        CoordinateY::Whole(_) => return Err(Error::new(rules::KEY_POINT, 0)),
    };
    if x.len() != COORDINATE {
        return Err(Error::new(rules::KEY_POINT, 0));
    }
    let mut point = [0; 1 + 2 * COORDINATE];
    let parts = [tag].into_iter().chain(x.iter().copied()).chain(y.iter().copied());
    let mut length = 0_usize;
    for (to, from) in point.iter_mut().zip(parts) {
        *to = from;
        length = length.saturating_add(1);
    }
    es256_public(point.get(..length).unwrap_or_default())
}
