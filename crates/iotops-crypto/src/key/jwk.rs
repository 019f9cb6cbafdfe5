//! JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037).

use iotops_wire::json::{Text, Value};
use zeroize::Zeroizing;

use super::{Imported, KeyType, SecretKey, VerifyingKey, check_pair, ed25519_public, es256_public};
use crate::{Algorithm, Error, base64, rules, rules::jws};

/// The longest parameter: a MAC key, or a coordinate.
const LONGEST: usize = 128;
const COORDINATE: usize = 32;
const TAG_UNCOMPRESSED: u8 = 4;

/// RFC 7517 §4.3: operations beyond those that are registered may be listed; bounds the work.
const MOST_OPERATIONS: usize = 16;

pub(super) fn import(bytes: &[u8]) -> Result<Imported, Error> {
    let key = Key(Value::read(bytes)?);
    let imported = key.import()?;
    key.restrict(imported)
}

/// An object that should be a key.
struct Key<'a>(Value<'a>);

impl<'a> Key<'a> {
    /// The table of key types: a new one is a new row.
    fn import(&self) -> Result<Imported, Error> {
        let key_type = self.require("kty")?;
        let curve = self.text("crv")?;
        match (key_type.as_str(), curve.and_then(|curve| curve.as_str())) {
            (Some("EC"), Some("P-256")) => {
                self.allow(&[Algorithm::Es256])?;
                self.pair(KeyType::Es256, self.point()?)
            }
            (Some("OKP"), Some("Ed25519")) => {
                self.allow(&[Algorithm::EdDsa, Algorithm::Ed25519])?;
                let public = self.read("x", ed25519_public)?;
                self.pair(KeyType::Ed25519, public)
            }
            (Some("oct"), _) => {
                // A symmetric key says nothing of what it is for: its algorithm must.
                self.require("alg").map_err(|_| self.0.error(rules::KEY_ALGORITHM))?;
                self.allow(&[Algorithm::Hmac256])?;
                let key = self.read("k", |k| SecretKey::from_raw(KeyType::Hmac, k))?;
                Ok(Imported::Secret(key.ok_or_else(|| self.0.error(jws::JWK_MEMBER))?))
            }
            (Some("EC" | "OKP"), None) => Err(self.0.error(jws::JWK_MEMBER).into()),
            _ => Err(curve.unwrap_or(key_type).error(rules::KEY_TYPE).into()),
        }
    }

    fn point(&self) -> Result<VerifyingKey, Error> {
        let mut point = [TAG_UNCOMPRESSED; 1 + 2 * COORDINATE];
        let (_, coordinates) = point.split_first_mut().unwrap_or((&mut 0, &mut []));
        for (name, to) in ["x", "y"].into_iter().zip(coordinates.chunks_mut(COORDINATE)) {
            let found = self.read(name, |bytes| {
                // RFC 7518 §6.2.1.2: the length "MUST be the full size of a coordinate".
                if bytes.len() != to.len() {
                    return Err(Error::new(rules::KEY_POINT, 0));
                }
                to.copy_from_slice(bytes);
                Ok(())
            })?;
            found.ok_or_else(|| self.0.error(jws::JWK_MEMBER))?;
        }
        es256_public(&point).map_err(|error| self.place(error))
    }

    /// The private key if there is one; it must belong to the public one, which must be there.
    fn pair(
        &self,
        key_type: KeyType,
        public: impl Into<Option<VerifyingKey>>,
    ) -> Result<Imported, Error> {
        let Some(public) = public.into() else {
            return Err(self.0.error(jws::JWK_MEMBER).into());
        };
        match self.read("d", |d| SecretKey::from_raw(key_type, d))? {
            Some(secret) => {
                check_pair(&secret, &public).map_err(|error| self.place(error))?;
                Ok(Imported::Secret(secret))
            }
            None => Ok(Imported::Verifying(public)),
        }
    }

    /// RFC 7517 §4.4: alg "identifies the algorithm intended for use with the key".
    fn allow(&self, algorithms: &[Algorithm]) -> Result<(), Error> {
        let Some(name) = self.text("alg")? else {
            return Ok(());
        };
        let is_allowed = algorithms.iter().any(|one| one.to_jose() == name.as_str());
        if is_allowed { Ok(()) } else { Err(name.error(rules::KEY_ALGORITHM).into()) }
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
        let is_mac = imported.verifying_key().key_type() == KeyType::Hmac;
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
