//! JWK thumbprints (RFC 7638), and JWK export.

#[cfg(feature = "alloc")]
use alloc::string::String;

use super::VerifyingKey;
#[cfg(feature = "alloc")]
use super::{SecretKey, SecretText};
use crate::{Algorithm, Digest, Error, Hasher, base64, rules};

/// A member of a JWK: its name, and a text or bytes.
#[derive(Clone, Copy)]
enum Member<'a> {
    Text(&'static str, &'static str),
    Bytes(&'static str, &'a [u8]),
}

/// The members that make the key what it is, in the order of their names.
///
/// RFC 7638 §3: "only the required members of a JWK representing the key and with no whitespace or
/// line breaks", "ordered lexicographically". None of the texts needs an escape.
#[allow(unreachable_code, unused_variables, reason = "a build may have only HSS/LMS keys")]
fn with_members<R>(key: &VerifyingKey, read: impl FnOnce(&[Member<'_>]) -> R) -> Result<R, Error> {
    Ok(match key {
        #[cfg(feature = "es256")]
        VerifyingKey::Es256(key) => on_curve("P-256", &key.to_sec1(), read),
        #[cfg(feature = "es384")]
        VerifyingKey::Es384(key) => on_curve("P-384", &key.to_sec1(), read),
        #[cfg(feature = "ed25519")]
        VerifyingKey::Ed25519(key) => read(&[
            Member::Text("crv", "Ed25519"),
            Member::Text("kty", "OKP"),
            Member::Bytes("x", &key.to_bytes()),
        ]),
        #[cfg(feature = "rsa")]
        VerifyingKey::Rsa(key) => read(&[
            Member::Bytes("e", &key.exponent()),
            Member::Text("kty", "RSA"),
            Member::Bytes("n", &key.modulus()),
        ]),
        #[cfg(feature = "hmac")]
        VerifyingKey::Hmac(key) => {
            read(&[Member::Bytes("k", key.as_bytes()), Member::Text("kty", "oct")])
        }
        #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
        VerifyingKey::MlDsa44(key) => algorithm_key_pair("ML-DSA-44", key.as_bytes(), read),
        #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
        VerifyingKey::MlDsa65(key) => algorithm_key_pair("ML-DSA-65", key.as_bytes(), read),
        #[cfg(all(feature = "ml-dsa", feature = "alloc"))]
        VerifyingKey::MlDsa87(key) => algorithm_key_pair("ML-DSA-87", key.as_bytes(), read),
        // HSS/LMS has no JWK.
        #[allow(unreachable_patterns, reason = "reached by a build with such keys")]
        _ => return Err(Error::new(rules::KEY_FORM, 0)),
    })
}

/// RFC 9964 §6: the algorithm is one of the required members.
#[cfg(all(feature = "ml-dsa", feature = "alloc"))]
fn algorithm_key_pair<R>(
    algorithm: &'static str,
    key: &[u8],
    read: impl FnOnce(&[Member<'_>]) -> R,
) -> R {
    read(&[Member::Text("alg", algorithm), Member::Text("kty", "AKP"), Member::Bytes("pub", key)])
}

/// Behind the first byte of a point stand x and y.
#[cfg(any(feature = "es256", feature = "es384"))]
fn on_curve<R>(curve: &'static str, point: &[u8], read: impl FnOnce(&[Member<'_>]) -> R) -> R {
    let coordinates = point.get(1..).unwrap_or_default();
    let (x, y) = coordinates.split_at_checked(coordinates.len() >> 1).unwrap_or_default();
    read(&[
        Member::Text("crv", curve),
        Member::Text("kty", "EC"),
        Member::Bytes("x", x),
        Member::Bytes("y", y),
    ])
}

/// The text of an object, piece by piece.
fn stream(members: &[Member<'_>], write: &mut dyn FnMut(&str)) {
    let mut separator = "{\"";
    for member in members {
        write(separator);
        separator = "\",\"";
        match member {
            Member::Text(name, text) => [*name, "\":\"", *text].into_iter().for_each(&mut *write),
            Member::Bytes(name, bytes) => {
                [*name, "\":\""].into_iter().for_each(&mut *write);
                base64::stream(bytes, &mut *write);
            }
        }
    }
    write("\"}");
}

impl VerifyingKey {
    /// The JWK thumbprint (RFC 7638) with SHA-256: a name of the key that everyone computes alike.
    ///
    /// # Errors
    /// [`rules::KEY_FORM`] for a MAC key: what is computed from a secret is not published.
    pub fn jwk_thumbprint(&self) -> Result<Digest, Error> {
        let refused = Error::new(rules::KEY_FORM, 0);
        #[cfg(feature = "hmac")]
        if matches!(self, Self::Hmac(_)) {
            return Err(refused);
        }
        let mut hasher = Hasher::new(Algorithm::Sha256).ok_or(refused)?;
        let mut write = |piece: &str| hasher.update(piece.as_bytes());
        with_members(self, |members| stream(members, &mut write))?;
        Ok(hasher.finish())
    }

    /// The key as a JWK with its algorithm.
    ///
    /// # Errors
    /// [`rules::KEY_FORM`] for an HSS/LMS key, which has no such form.
    #[cfg(feature = "alloc")]
    pub fn to_jwk(&self) -> Result<SecretText, Error> {
        jwk(self, None)
    }
}

#[cfg(feature = "alloc")]
impl SecretKey {
    /// The key as a JWK with its algorithm and its public part.
    ///
    /// # Errors
    /// None for the types of keys that sign.
    pub fn to_jwk(&self) -> Result<SecretText, Error> {
        let public = self.verifying_key();
        match self {
            #[cfg(feature = "hmac")]
            Self::Hmac(_) => jwk(&public, None),
            #[allow(unreachable_patterns, reason = "reached by a build with several key types")]
            _ => jwk(&public, Some(self.to_raw().as_bytes())),
        }
    }
}

/// No JWK of the supported types is longer: the text is never moved while it grows, as that would
/// leave the secret behind.
#[cfg(feature = "alloc")]
const LONGEST_JWK: usize = if cfg!(feature = "ml-dsa") { 4096 } else { 2048 };

#[cfg(feature = "alloc")]
fn jwk(key: &VerifyingKey, secret: Option<&[u8]>) -> Result<SecretText, Error> {
    let mut text = String::with_capacity(LONGEST_JWK);
    let mut write = |piece: &str| text.push_str(piece);
    let algorithm = key.algorithm().and_then(Algorithm::to_jose);
    let algorithm = algorithm.map(|name| Member::Text("alg", name));
    let name = if key.key_type().is_ml_dsa() { "priv" } else { "d" };
    let secret = secret.map(|secret| Member::Bytes(name, secret));
    with_members(key, |members| {
        let mut all = [Member::Text("", ""); 6];
        // Some keys have it among their own members.
        let has_own = matches!(members, [Member::Text("alg", _), ..]);
        let algorithm = algorithm.filter(|_| !has_own);
        let used = algorithm.iter().chain(members).chain(&secret);
        let count = all.iter_mut().zip(used).map(|(to, from)| *to = *from).count();
        stream(all.get(..count).unwrap_or_default(), &mut write);
    })?;
    Ok(SecretText::new(text))
}
