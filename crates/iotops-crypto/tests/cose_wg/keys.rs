//! The keys that the files of the working group tell, and what both sides know beside them.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use iotops_crypto::agreement::{KdfInfo, P256SecretKey, PublicKey, X25519SecretKey};
use iotops_crypto::cipher::Key;
use iotops_crypto::cose::RecipientKey;
use iotops_crypto::key::{Imported, VerifyingKey, import};
use iotops_crypto::wire::cbor::Encoder;
use iotops_crypto::{Algorithm, rules};
use serde_json::Value;

pub(crate) fn hex(text: &str) -> Vec<u8> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// base64url, also with the stray last bits that one file has.
pub(crate) fn base64(text: &str) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text).unwrap_or_else(|_| {
        let mut digits: Vec<u8> = text.bytes().collect();
        let last = digits.last_mut().unwrap();
        *last = if text.len() % 4 == 2 { b'Q' } else { b'A' };
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let value = alphabet.iter().position(|c| *c == text.as_bytes()[text.len() - 1]).unwrap();
        *last = alphabet[value & if text.len() % 4 == 2 { 0x30 } else { 0x3c }];
        Base64UrlUnpadded::decode_vec(std::str::from_utf8(&digits).unwrap()).unwrap()
    })
}

/// A member that is text in one of three forms.
pub(crate) fn member(of: &Value, name: &str) -> Option<Vec<u8>> {
    match (of[name].as_str(), of[format!("{name}_hex").as_str()].as_str()) {
        (Some(text), _) => Some(text.as_bytes().to_vec()),
        (None, Some(digits)) => Some(hex(digits)),
        _ => None,
    }
}

pub(crate) fn key_member(key: &Value, name: &str) -> Option<Vec<u8>> {
    match (key[name].as_str(), key[format!("{name}_hex").as_str()].as_str()) {
        (Some(text), _) => Some(base64(text)),
        (None, Some(digits)) => Some(hex(digits)),
        _ => None,
    }
}

pub(crate) fn algorithm_name(of: &Value) -> &str {
    ["protected", "unprotected", "unsent"]
        .into_iter()
        .find_map(|bucket| of[bucket]["alg"].as_str())
        .or_else(|| of["alg"].as_str())
        .unwrap_or("?")
}

/// The key of a signer, by way of the `COSE_Key` that the library imports: what it does not know
/// is not built in.
pub(crate) fn verifying_key(key: &Value) -> Result<VerifyingKey, String> {
    match import(&cose_key(key)) {
        Ok(Imported::Verifying(key)) => Ok(key),
        Ok(_) => panic!("a public key"),
        Err(error) => {
            assert_eq!(error.rule(), rules::KEY_TYPE, "{error}");
            Err(format!("key type {}, curve {}", key["kty"], key["crv"]))
        }
    }
}

fn cose_key(key: &Value) -> Vec<u8> {
    let number = |kty: i64, curve: i64| (kty, Some(curve));
    let (kty, curve) = match key["crv"].as_str().or_else(|| key["kty"].as_str()).unwrap() {
        "P-256" => number(2, 1),
        "P-384" => number(2, 2),
        "P-521" => number(2, 3),
        "Ed25519" => number(1, 6),
        "Ed448" => number(1, 7),
        "HSS-LMS" => (5, None),
        "RSA" => (3, None),
        other => panic!("no key type {other}"),
    };
    // RFC 9053 §7.1: x and y; RFC 8230 §4: n and e; RFC 8778 §4: the whole public key.
    let values: Vec<Vec<u8>> = ["x", "y", "n", "e"]
        .into_iter()
        .filter_map(|name| key_member(key, name))
        .chain(key["public"].as_str().map(hex))
        .collect();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let mut map = encoder.map(1 + values.len() + usize::from(curve.is_some())).unwrap();
    map.key(1).unwrap().integer(kty).unwrap();
    let mut label = -1;
    if let Some(curve) = curve {
        map.key(label).unwrap().integer(curve).unwrap();
        label -= 1;
    }
    for value in values {
        map.key(label).unwrap().bytes(&value).unwrap();
        label -= 1;
    }
    map.end().unwrap();
    bytes
}

pub(crate) enum OwnKey {
    Shared(Key),
    P256(P256SecretKey, Option<PublicKey>),
    X25519(X25519SecretKey, Option<PublicKey>),
}

impl OwnKey {
    pub(crate) fn lend(&self) -> RecipientKey<'_> {
        match self {
            Self::Shared(key) if is_wrap(key.algorithm()) => RecipientKey::Unwrap(key),
            Self::Shared(key) => RecipientKey::Shared(key),
            Self::P256(key, None) => RecipientKey::Agree(key),
            Self::P256(key, Some(sender)) => RecipientKey::AgreeWith(key, sender),
            Self::X25519(key, None) => RecipientKey::Agree(key),
            Self::X25519(key, Some(sender)) => RecipientKey::AgreeWith(key, sender),
        }
    }
}

pub(crate) fn is_wrap(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::A128Kw | Algorithm::A192Kw | Algorithm::A256Kw)
}

/// The private or shared key of one recipient.
pub(crate) fn own_key(
    recipient: &Value,
    content: Option<Algorithm>,
) -> Result<Option<OwnKey>, String> {
    let key = &recipient["key"];
    let name = algorithm_name(recipient);
    let algorithm = match name {
        _ if key.is_null() => return Ok(None),
        "direct" => content,
        "HKDF-HMAC-SHA-256" => Some(Algorithm::DirectHkdfSha256),
        "HKDF-HMAC-SHA-512" => Some(Algorithm::DirectHkdfSha512),
        "HKDF-AES-128" => Some(Algorithm::DirectHkdfAes128),
        "HKDF-AES-256" => Some(Algorithm::DirectHkdfAes256),
        "A128KW" => Some(Algorithm::A128Kw),
        "A192KW" => Some(Algorithm::A192Kw),
        "A256KW" => Some(Algorithm::A256Kw),
        name if name.starts_with("ECDH") => None,
        name => return Err(format!("recipient algorithm {name}")),
    };
    if let Some(k) = key_member(key, "k") {
        let Some(algorithm) = algorithm else { return Ok(None) };
        return Ok(Some(OwnKey::Shared(Key::new(algorithm, &k).map_err(|e| e.to_string())?)));
    }
    let d = key_member(key, "d").unwrap();
    let sender = || recipient["sender_key"].is_object().then(|| public(&recipient["sender_key"]));
    match key["crv"].as_str().unwrap() {
        "P-256" => Ok(Some(OwnKey::P256(P256SecretKey::from_scalar(&d).unwrap(), sender()))),
        "X25519" => Ok(Some(OwnKey::X25519(X25519SecretKey::from_bytes(&d).unwrap(), sender()))),
        curve => Err(format!("key agreement on {curve}")),
    }
}

pub(crate) fn public(key: &Value) -> PublicKey {
    use iotops_crypto::agreement::Curve;
    let x = key_member(key, "x").unwrap();
    match key_member(key, "y") {
        Some(y) => PublicKey::new(Curve::P256, &[vec![4], x, y].concat()).unwrap(),
        None => PublicKey::new(Curve::X25519, &x).unwrap(),
    }
}

/// All recipients of a message, and theirs.
pub(crate) fn own_keys(
    recipients: &Value,
    content: Option<Algorithm>,
) -> Result<Vec<OwnKey>, String> {
    let mut keys = Vec::new();
    for recipient in recipients.as_array().into_iter().flatten() {
        keys.extend(own_key(recipient, content)?);
        keys.extend(own_keys(&recipient["recipients"], content)?);
    }
    Ok(keys)
}

/// What the sides know without the message telling: of the one recipient that has such.
pub(crate) struct Unsent([Option<Vec<u8>>; 8]);

impl Unsent {
    pub(crate) fn new(message: &Value) -> Self {
        let unsent = &message["recipients"][0]["unsent"];
        let names = ["apu_id", "apu_nonce", "apu_other", "apv_id", "apv_nonce", "apv_other"];
        let [a, b, c, d, e, f] = names.map(|name| member(unsent, name));
        Self([a, b, c, d, e, f, member(unsent, "pub_other"), member(unsent, "priv_other")])
    }

    pub(crate) fn info(&self) -> KdfInfo<'_> {
        let [a, b, c, d, e, f, public, private] = &self.0;
        let mut info = KdfInfo::default();
        (info.party_u.identity, info.party_u.nonce) = (a.as_deref(), b.as_deref());
        info.party_u.other = c.as_deref();
        (info.party_v.identity, info.party_v.nonce) = (d.as_deref(), e.as_deref());
        info.party_v.other = f.as_deref();
        (info.public, info.private) = (public.as_deref(), private.as_deref());

        info
    }
}
