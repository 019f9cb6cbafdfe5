//! JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037).

use iotops_wire::json::{Text, Value};
use zeroize::Zeroizing;

use super::{Imported, KeyType, SecretKey, VerifyingKey};
use crate::{Algorithm, Error, Verifier as _, base64, rules, rules::jws};

/// The longest parameter: an ML-DSA key, an RSA modulus, or a MAC key.
const LONGEST: usize = match (cfg!(feature = "ml-dsa"), cfg!(feature = "rsa")) {
    (true, _) => 2592,
    (_, true) => 1024,
    _ => 128,
};

/// RFC 7517 §4.3: operations beyond those that are registered may be listed; bounds the work.
const MOST_OPERATIONS: usize = 16;

/// SEC 1 §2.3.3: what stands before both coordinates of a point.
const TAG_UNCOMPRESSED: u8 = 4;
/// A point of P-384: its tag and its coordinates.
const LONGEST_POINT: usize = 97;

/// A curve: `kty`, `crv`, the type of its keys, and the bytes of a coordinate (RFC 7518 §6.2.1,
/// RFC 8037 §2).
const CURVES: [(&str, &str, KeyType, usize); 3] = [
    (EC, "P-256", KeyType::Es256, 32),
    (EC, "P-384", KeyType::Es384, 48),
    (OKP, "Ed25519", KeyType::Ed25519, 32),
];

/// The types of keys whose algorithm says what they are (RFC 7518 §6.4, RFC 9964 §3).
const BY_ALGORITHM: [(&str, Algorithm, KeyType); 6] = [
    (OCTETS, Algorithm::Hmac256, KeyType::Hmac),
    (OCTETS, Algorithm::Hmac384, KeyType::Hmac384),
    (OCTETS, Algorithm::Hmac512, KeyType::Hmac512),
    (ALGORITHM_KEY_PAIR, Algorithm::MlDsa44, KeyType::MlDsa44),
    (ALGORITHM_KEY_PAIR, Algorithm::MlDsa65, KeyType::MlDsa65),
    (ALGORITHM_KEY_PAIR, Algorithm::MlDsa87, KeyType::MlDsa87),
];

const EC: &str = "EC";
const OKP: &str = "OKP";
const OCTETS: &str = "oct";
const RSA: &str = "RSA";
const ALGORITHM_KEY_PAIR: &str = "AKP";

pub(super) fn import(bytes: &[u8]) -> Result<Imported, Error> {
    let key = Key(Value::read(bytes)?);
    let key_type = key.require("kty")?;
    let imported = match key_type.as_str() {
        Some(EC) => key.on_curve(EC, &["x", "y"])?,
        Some(OKP) => key.on_curve(OKP, &["x"])?,
        Some(OCTETS) => key.symmetric()?,
        Some(RSA) => key.rsa()?,
        Some(ALGORITHM_KEY_PAIR) => key.algorithm_key_pair()?,
        _ => return Err(key_type.error(rules::KEY_TYPE).into()),
    };
    key.restrict(key.bind(imported)?)
}

/// An object that should be a key.
struct Key<'a>(Value<'a>);

impl<'a> Key<'a> {
    /// A key with these coordinates. The private part, if there is one, must belong to the public
    /// one, which must be there.
    fn on_curve(&self, key_type: &str, coordinates: &[&str]) -> Result<Imported, Error> {
        let name = self.require("crv")?;
        let found = CURVES.iter().find(|row| row.0 == key_type && name == *row.1);
        let Some((_, _, key_type, length)) = found else {
            return Err(name.error(rules::KEY_TYPE).into());
        };
        let public = self.point(*key_type, *length, coordinates)?;
        self.pair(*key_type, public, "d")
    }

    /// The private key of this name, if there is one; it must belong to the public one.
    fn pair(
        &self,
        key_type: KeyType,
        public: VerifyingKey,
        secret: &str,
    ) -> Result<Imported, Error> {
        let Some(secret) = self.read(secret, |bytes| SecretKey::from_raw(key_type, bytes))? else {
            return Ok(Imported::Verifying(public));
        };
        secret.check_pair(&public).map_err(|error| self.place(error))?;
        Ok(Imported::Secret(secret))
    }

    fn point(
        &self,
        key_type: KeyType,
        length: usize,
        coordinates: &[&str],
    ) -> Result<VerifyingKey, Error> {
        let mut point = [TAG_UNCOMPRESSED; LONGEST_POINT];
        // One coordinate is the encoding of the point by itself.
        let mut end = usize::from(coordinates.len() > 1);
        for name in coordinates {
            let next = end.saturating_add(length);
            let space = point.get_mut(end..next).unwrap_or_default();
            let found = self.read(name, |bytes| {
                // RFC 7518 §6.2.1.2: the length "MUST be the full size of a coordinate".
                if bytes.len() != space.len() {
                    return Err(Error::new(rules::KEY_POINT, 0));
                }
                space.copy_from_slice(bytes);
                Ok(())
            })?;
            found.ok_or_else(|| self.0.error(jws::JWK_MEMBER))?;
            end = next;
        }
        let bytes = point.get(..end).unwrap_or_default();
        VerifyingKey::from_raw(key_type, bytes).map_err(|error| self.place(error))
    }

    /// A symmetric key says nothing of what it is for: its algorithm must.
    fn symmetric(&self) -> Result<Imported, Error> {
        let key_type = self.by_algorithm(OCTETS)?;
        let key = self.read("k", |k| SecretKey::from_raw(key_type, k))?;
        Ok(Imported::Secret(key.ok_or_else(|| self.0.error(jws::JWK_MEMBER))?))
    }

    /// RFC 7518 §6.3. Private keys are refused: this crate cannot sign with them.
    fn rsa(&self) -> Result<Imported, Error> {
        if let Some(secret) = self.text("d")? {
            return Err(secret.error(rules::KEY_TYPE).into());
        }
        let key = self.read("n", |n| self.read("e", |e| rsa_public(n, e)))?.flatten();
        Ok(Imported::Verifying(key.ok_or_else(|| self.0.error(jws::JWK_MEMBER))?))
    }

    /// RFC 9964 §3: the algorithm and the public key are required.
    fn algorithm_key_pair(&self) -> Result<Imported, Error> {
        let key_type = self.by_algorithm(ALGORITHM_KEY_PAIR)?;
        let public = self.read("pub", |bytes| VerifyingKey::from_raw(key_type, bytes))?;
        self.pair(key_type, public.ok_or_else(|| self.0.error(jws::JWK_MEMBER))?, "priv")
    }

    fn by_algorithm(&self, key_type: &str) -> Result<KeyType, Error> {
        let Some(name) = self.text("alg")? else {
            return Err(self.0.error(rules::KEY_ALGORITHM).into());
        };
        let fits = |row: &&(&str, Algorithm, KeyType)| {
            row.0 == key_type && name.as_str().is_some_and(|name| row.1.to_jose() == Some(name))
        };
        let found = BY_ALGORITHM.iter().find(fits);
        found.map(|row| row.2).ok_or_else(|| name.error(rules::KEY_ALGORITHM).into())
    }

    /// RFC 7517 §4.4: alg "identifies the algorithm intended for use with the key".
    fn bind(&self, imported: Imported) -> Result<Imported, Error> {
        let Some(name) = self.text("alg")? else {
            return Ok(imported);
        };
        let bound = match (name.as_str().and_then(Algorithm::from_jose), &imported) {
            (Some(algorithm), Imported::Verifying(key)) => {
                key.clone().with_algorithm(algorithm).ok().map(Imported::Verifying)
            }
            (Some(algorithm), Imported::Secret(key)) => {
                key.verifying_key().accepts(algorithm).then_some(imported)
            }
            _ => None,
        };
        bound.ok_or_else(|| name.error(rules::KEY_ALGORITHM).into())
    }

    /// RFC 7517 §4.2 and §4.3: what the key is for. Every imported key verifies; one that may not
    /// sign loses its private part.
    fn restrict(&self, imported: Imported) -> Result<Imported, Error> {
        if let Some(purpose) = self.text("use")?.filter(|purpose| *purpose != *"sig") {
            return Err(purpose.error(jws::JWK_USE).into());
        }
        let Some(list) = self.0.member("key_ops")? else {
            return Ok(imported);
        };
        let operations = Operations::read(&list)?;
        let is_mac = matches!(
            imported.verifying_key().key_type(),
            KeyType::Hmac | KeyType::Hmac384 | KeyType::Hmac512
        );
        match imported {
            Imported::Secret(key) if operations.sign && (operations.verify || !is_mac) => {
                Ok(Imported::Secret(key))
            }
            imported if operations.verify => Ok(Imported::Verifying(imported.verifying_key())),
            _ => Err(list.error(jws::JWK_USE).into()),
        }
    }

    fn text(&self, name: &str) -> Result<Option<Text<'a>>, Error> {
        let Some(value) = self.0.member(name)? else {
            return Ok(None);
        };
        value.text().map(Some).map_err(|_| value.error(jws::JWK_MEMBER).into())
    }

    fn require(&self, name: &str) -> Result<Text<'a>, Error> {
        self.text(name)?.ok_or_else(|| self.0.error(jws::JWK_MEMBER).into())
    }

    /// What `make` makes of the bytes of a parameter in base64url, if it is there.
    fn read<T>(
        &self,
        name: &str,
        make: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let Some(plain) = text.as_str() else {
            return Err(text.error(jws::BASE64URL).into());
        };
        let mut buffer = Zeroizing::new([0; LONGEST]);
        let offset = text.offset().saturating_add(1);
        if base64::decoded_length(plain.len()) > LONGEST {
            return Err(Error::new(rules::KEY_FORM, offset));
        }
        let length = base64::decode(plain.as_bytes(), offset, buffer.as_mut_slice())?;
        let made = make(buffer.get(..length).unwrap_or_default());
        made.map(Some).map_err(|error| Error::new(error.rule(), offset))
    }

    /// An error of the key as a whole.
    fn place(&self, error: Error) -> Error {
        self.0.error(error.rule()).into()
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

/// The operations that matter here.
struct Operations {
    sign: bool,
    verify: bool,
}

impl Operations {
    /// RFC 7517 §4.3: "Duplicate key operation values MUST NOT be present in the array."
    fn read(list: &Value<'_>) -> Result<Self, Error> {
        let mut operations = Self { sign: false, verify: false };
        let broken = |value: &Value<'_>| Error::from(value.error(jws::JWK_USE));
        for (index, item) in list.items().map_err(|_| broken(list))?.enumerate() {
            let Ok(name) = item.text() else { return Err(broken(&item)) };
            let mut before = list.items()?.take(index).flat_map(|earlier| earlier.text());
            if index >= MOST_OPERATIONS || before.any(|earlier| earlier == name) {
                return Err(broken(&item));
            }
            operations.sign |= name == *"sign";
            operations.verify |= name == *"verify";
        }
        Ok(operations)
    }
}
