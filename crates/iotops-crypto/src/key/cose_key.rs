//! `COSE_Key` (RFC 9052 §7, RFC 9053 §7).

use iotops_wire::cbor::{Ascending, Cursor, Type};

use super::{Imported, KeyType, SecretKey, VerifyingKey};
use crate::{Algorithm, Error, Verifier as _, rules};

pub(super) const KEY_TYPE: i64 = 1;
const KEY_ID: i64 = 2;
pub(super) const ALGORITHM: i64 = 3;
const OPERATIONS: i64 = 4;
const BASE_IV: i64 = 5;
/// Of OKP and EC2 the curve; of symmetric keys the key, of RSA n, of HSS-LMS and AKP the public key.
pub(super) const CURVE_OR_KEY: i64 = -1;
/// Of OKP and EC2 x; of RSA e, of AKP the private key.
const X: i64 = -2;
/// Of EC2 y; of RSA d, the private exponent.
const Y: i64 = -3;
const D: i64 = -4;

/// Key types of RFC 9053 §7, RFC 8230 §4, RFC 8778 §4 and RFC 9964 §3.
const OKP: i64 = 1;
const EC2: i64 = 2;
const RSA: i64 = 3;
const SYMMETRIC: i64 = 4;
const HSS_LMS: i64 = 5;
const ALGORITHM_KEY_PAIR: i64 = 7;

/// The curves, by key type and number.
const CURVES: [(i64, i64, KeyType); 3] =
    [(EC2, 1, KeyType::Es256), (EC2, 2, KeyType::Es384), (OKP, 6, KeyType::Ed25519)];

/// The types of keys whose algorithm says what they are.
const BY_ALGORITHM: [(i64, Algorithm, KeyType); 6] = [
    (SYMMETRIC, Algorithm::Hmac256, KeyType::Hmac),
    (SYMMETRIC, Algorithm::Hmac384, KeyType::Hmac384),
    (SYMMETRIC, Algorithm::Hmac512, KeyType::Hmac512),
    (ALGORITHM_KEY_PAIR, Algorithm::MlDsa44, KeyType::MlDsa44),
    (ALGORITHM_KEY_PAIR, Algorithm::MlDsa65, KeyType::MlDsa65),
    (ALGORITHM_KEY_PAIR, Algorithm::MlDsa87, KeyType::MlDsa87),
];

/// The numbers of the key type and of the curve, if there is one.
#[cfg(feature = "alloc")]
pub(super) fn numbers(key_type: KeyType) -> Option<(i64, Option<i64>)> {
    let curve = CURVES.iter().find(|row| row.2 == key_type).map(|row| (row.0, Some(row.1)));
    let by_algorithm =
        || BY_ALGORITHM.iter().find(|row| row.2 == key_type).map(|row| (row.0, None));
    match key_type {
        KeyType::Rsa => Some((RSA, None)),
        KeyType::HssLms => Some((HSS_LMS, None)),
        _ => curve.or_else(by_algorithm),
    }
}

/// Operations of RFC 9052 table 5.
const SIGN: i64 = 1;
const VERIFY: i64 = 2;
const MAC_CREATE: i64 = 9;
const MAC_VERIFY: i64 = 10;

/// The longest coordinate: that of P-384.
const LONGEST_COORDINATE: usize = 48;

pub(crate) fn import(bytes: &[u8]) -> Result<Imported, Error> {
    let mut cursor = Cursor::new(bytes)?;
    let fields = Fields::read(&mut cursor)?;
    cursor.end()?;
    let imported = match fields.key_type {
        Some(EC2 | OKP) => fields.on_curve()?,
        Some(SYMMETRIC) => fields.symmetric()?,
        Some(RSA) => fields.rsa()?,
        Some(HSS_LMS) => fields.hss_lms()?,
        Some(ALGORITHM_KEY_PAIR) => fields.algorithm_key_pair()?,
        None => return Err(Error::new(rules::KEY_PARAMETER, 0)),
        _ => return Err(Error::new(rules::KEY_TYPE, 0)),
    };
    fields.restrict(fields.bind(imported)?)
}

/// The fields of a key, whatever its type.
#[derive(Default)]
struct Fields<'a> {
    key_type: Option<i64>,
    algorithm: Option<(i64, u32)>,
    operations: Option<(Operations, u32)>,
    curve: Option<i64>,
    key: Option<&'a [u8]>,
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
            CURVE_OR_KEY if cursor.peek() == Some(Type::Bytes) => self.key = Some(bytes(cursor)?),
            CURVE_OR_KEY => self.curve = Some(cursor.integer()?),
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

    /// A key of RFC 9053 §7.1 or §7.2.
    fn on_curve(&self) -> Result<Imported, Error> {
        let curve = self.curve.ok_or(Error::new(rules::KEY_PARAMETER, 0))?;
        let found = CURVES.iter().find(|row| self.key_type == Some(row.0) && row.1 == curve);
        let key_type = found.ok_or(Error::new(rules::KEY_TYPE, 0))?.2;
        let public = match (key_type, self.x, self.y) {
            (_, None, None) => None,
            (KeyType::Ed25519, Some(x), _) => Some(VerifyingKey::from_raw(key_type, x)?),
            (_, Some(x), Some(y)) => Some(point(key_type, x, y)?),
            _ => return Err(Error::new(rules::KEY_PARAMETER, 0)),
        };
        pair(key_type, public, self.d)
    }

    /// A symmetric key says nothing of what it is for: its algorithm must.
    fn symmetric(&self) -> Result<Imported, Error> {
        let key = self.key.ok_or(Error::new(rules::KEY_PARAMETER, 0))?;
        Ok(Imported::Secret(SecretKey::from_raw(self.by_algorithm()?, key)?))
    }

    /// RFC 8230 §4. Private keys are refused: this crate cannot sign with them.
    fn rsa(&self) -> Result<Imported, Error> {
        match (self.key, self.x, self.y, self.d) {
            (Some(modulus), Some(exponent), None, None) => {
                Ok(Imported::Verifying(rsa_public(modulus, exponent)?))
            }
            (Some(_), Some(_), _, _) => Err(Error::new(rules::KEY_TYPE, 0)),
            _ => Err(Error::new(rules::KEY_PARAMETER, 0)),
        }
    }

    /// RFC 8778 §4.
    fn hss_lms(&self) -> Result<Imported, Error> {
        let key = self.key.ok_or(Error::new(rules::KEY_PARAMETER, 0))?;
        Ok(Imported::Verifying(VerifyingKey::from_raw(KeyType::HssLms, key)?))
    }

    /// RFC 9964 §3: alg "is REQUIRED for all AKP keys", and so is the public key.
    fn algorithm_key_pair(&self) -> Result<Imported, Error> {
        let key_type = self.by_algorithm()?;
        let public = self.key.ok_or(Error::new(rules::KEY_PARAMETER, 0))?;
        pair(key_type, Some(VerifyingKey::from_raw(key_type, public)?), self.x)
    }

    fn by_algorithm(&self) -> Result<KeyType, Error> {
        let (number, offset) = self.algorithm.unwrap_or_default();
        let fits = |row: &&(i64, Algorithm, KeyType)| {
            self.key_type == Some(row.0) && row.1.to_cose() == number
        };
        let found = BY_ALGORITHM.iter().find(fits);
        found.map(|row| row.2).ok_or_else(|| Error::new(rules::KEY_ALGORITHM, offset))
    }

    /// RFC 9052 §7.1: alg "restrict\[s\] the algorithm that is used with the key".
    fn bind(&self, imported: Imported) -> Result<Imported, Error> {
        let Some((number, offset)) = self.algorithm else {
            return Ok(imported);
        };
        let bound = match (Algorithm::from_cose(number), &imported) {
            (Some(algorithm), Imported::Verifying(key)) => {
                key.clone().with_algorithm(algorithm).ok().map(Imported::Verifying)
            }
            (Some(algorithm), Imported::Secret(key)) => {
                key.verifying_key().accepts(algorithm).then_some(imported)
            }
            _ => None,
        };
        bound.ok_or_else(|| Error::new(rules::KEY_ALGORITHM, offset))
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

/// The private key if there is one; it must belong to the public one beside it.
fn pair(
    key_type: KeyType,
    public: Option<VerifyingKey>,
    secret: Option<&[u8]>,
) -> Result<Imported, Error> {
    match (secret, public) {
        (None, None) => Err(Error::new(rules::KEY_PARAMETER, 0)),
        (None, Some(public)) => Ok(Imported::Verifying(public)),
        (Some(secret), public) => {
            let secret = SecretKey::from_raw(key_type, secret)?;
            if let Some(public) = public {
                secret.check_pair(&public)?;
            }
            Ok(Imported::Secret(secret))
        }
    }
}

#[cfg(feature = "rsa")]
fn rsa_public(modulus: &[u8], exponent: &[u8]) -> Result<VerifyingKey, Error> {
    Ok(VerifyingKey::Rsa(super::RsaPublicKey::new(modulus, exponent)?))
}

#[cfg(not(feature = "rsa"))]
fn rsa_public(_modulus: &[u8], _exponent: &[u8]) -> Result<VerifyingKey, Error> {
    Err(Error::new(rules::KEY_TYPE, 0))
}

fn point(key_type: KeyType, x: &[u8], y: CoordinateY<'_>) -> Result<VerifyingKey, Error> {
    let length = if key_type == KeyType::Es384 { 48 } else { 32 };
    // SEC 1 §2.3.3: 2 or 3 by the sign of y, 4 for both coordinates.
    let no_bytes: &[u8] = &[];
    let (tag, y) = match y {
        CoordinateY::Whole(y) if y.len() == length => (4, y),
        CoordinateY::Sign(false) => (2, no_bytes),
        CoordinateY::Sign(true) => (3, no_bytes),
        CoordinateY::Whole(_) => return Err(Error::new(rules::KEY_POINT, 0)),
    };
    if x.len() != length {
        return Err(Error::new(rules::KEY_POINT, 0));
    }
    let mut point = [0; 1 + 2 * LONGEST_COORDINATE];
    let parts = [tag].into_iter().chain(x.iter().copied()).chain(y.iter().copied());
    let mut length = 0_usize;
    for (to, from) in point.iter_mut().zip(parts) {
        *to = from;
        length = length.saturating_add(1);
    }
    VerifyingKey::from_raw(key_type, point.get(..length).unwrap_or_default())
}
