//! Writing messages, in one step or in two.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use base64ct::{Base64, Encoding as _};
use iotops_wire::json::Writer;

use super::{Payload, SIGNERS, Signature};
use crate::{
    Algorithm, Digest, Error, Signer, base64, digest, rules as common, rules::jws as rules,
};

/// The longest signature of an algorithm that does not fix the length: RSA with 8192 bits.
const LONGEST_SIGNATURE: usize = 1024;

/// A signature that is not made yet: what its protected header says.
///
/// It is a small plain value and the signed bytes follow from it and the payload alone, so it may
/// wait for days while a signing service is asked: [`Unsigned::to_be_signed`] or
/// [`Unsigned::prehash`] first, [`Unsigned::finish`] with the signature later.
#[derive(Clone, Copy, Debug)]
pub struct Unsigned<'k> {
    algorithm: Algorithm,
    name: &'static str,
    key_id: Option<&'k str>,
    message_type: Option<&'k str>,
    content_type: Option<&'k str>,
    certificates: &'k [&'k [u8]],
    is_encoded: bool,
}

impl<'k> Unsigned<'k> {
    /// A message to be signed or MACed with `algorithm`.
    ///
    /// # Errors
    /// [`rules::JWS_ALGORITHM_UNKNOWN`] if JOSE has no name for it.
    pub fn new(algorithm: Algorithm) -> Result<Self, Error> {
        let Some(name) = algorithm.to_jose() else {
            return Err(Error::new(rules::JWS_ALGORITHM_UNKNOWN, 0));
        };
        Ok(Self {
            algorithm,
            name,
            key_id: None,
            message_type: None,
            content_type: None,
            certificates: &[],
            is_encoded: true,
        })
    }

    /// The same with a key identifier, `kid`.
    #[must_use]
    pub const fn with_key_id(self, key_id: &'k str) -> Self {
        Self { key_id: Some(key_id), ..self }
    }

    /// The same with a type of the whole message, `typ`.
    #[must_use]
    pub const fn with_message_type(self, message_type: &'k str) -> Self {
        Self { message_type: Some(message_type), ..self }
    }

    /// The same with a type of the payload, `cty`.
    #[must_use]
    pub const fn with_content_type(self, content_type: &'k str) -> Self {
        Self { content_type: Some(content_type), ..self }
    }

    /// The same with certificates in DER, `x5c`, that of the signer first.
    #[must_use]
    pub const fn with_certificates(self, certificates: &'k [&'k [u8]]) -> Self {
        Self { certificates, ..self }
    }

    /// The same for a detached payload that is signed as it is, `"b64": false` (RFC 7797).
    #[must_use]
    pub const fn unencoded(self) -> Self {
        Self { is_encoded: false, ..self }
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Lends what is to be signed, in parts.
    ///
    /// # Errors
    /// None that a caller can cause; the writer of the header is fallible.
    pub fn to_be_signed<R>(
        &self,
        payload: &[u8],
        read: impl FnOnce(&[&[u8]]) -> R,
    ) -> Result<R, Error> {
        let protected = self.protected()?;
        let encoded = self.is_encoded.then(|| base64::text(payload));
        let signed = encoded.as_ref().map_or(payload, |text| text.as_bytes());
        Ok(read(&[protected.as_bytes(), b".", signed]))
    }

    /// The digest to be signed, for algorithms that sign a digest; `None` for the others.
    #[must_use]
    pub fn prehash(&self, payload: &[u8]) -> Option<Digest> {
        let algorithm = self.algorithm.prehash()?;
        self.to_be_signed(payload, |parts| digest(algorithm, parts)).ok()?
    }

    /// Puts a signature that was made elsewhere behind the header.
    ///
    /// # Errors
    /// [`common::SIGNATURE_LENGTH`] if it cannot be one of the algorithm.
    pub fn finish(&self, signature: &[u8]) -> Result<Signed, Error> {
        if self.algorithm.signature_length().is_some_and(|length| length != signature.len()) {
            return Err(Error::new(common::SIGNATURE_LENGTH, 0));
        }
        Ok(Signed {
            protected: self.protected()?,
            unprotected: None,
            signature: base64::text(signature),
            is_encoded: self.is_encoded,
        })
    }

    /// Signs `payload` with `signer`.
    ///
    /// # Errors
    /// [`common::UNAVAILABLE`] if the signer does not answer, [`common::ALGORITHM_PURPOSE`] if it
    /// is for another algorithm, and as [`Unsigned::finish`].
    pub fn sign(&self, signer: &mut dyn Signer, payload: &[u8]) -> Result<Signed, Error> {
        if signer.algorithm().fully_specified() != self.algorithm.fully_specified() {
            return Err(Error::new(common::ALGORITHM_PURPOSE, 0));
        }
        let mut buffer = vec![0; self.algorithm.signature_length().unwrap_or(LONGEST_SIGNATURE)];
        let made = self.to_be_signed(payload, |parts| signer.sign(parts, &mut buffer))?;
        match made.ok().and_then(|length| buffer.get(..length)) {
            Some(signature) => self.finish(signature),
            None => Err(Error::new(common::UNAVAILABLE, 0)),
        }
    }

    /// The protected header in base64url; its members always come in this order.
    fn protected(&self) -> Result<String, Error> {
        let mut header = Vec::new();
        Writer::new(&mut header).object::<Error>(|object| {
            object.member("alg")?.string(self.name)?;
            let texts =
                [("kid", self.key_id), ("typ", self.message_type), ("cty", self.content_type)];
            for (name, text) in texts {
                if let Some(text) = text {
                    object.member(name)?.string(text)?;
                }
            }
            if !self.certificates.is_empty() {
                object.member("x5c")?.array::<Error>(|array| {
                    self.certificates.iter().try_for_each(|certificate| {
                        Ok(array.item()?.string(&Base64::encode_string(certificate))?)
                    })
                })?;
            }
            if !self.is_encoded {
                object.member("b64")?.boolean(false)?;
                object
                    .member("crit")?
                    .array::<Error>(|array| Ok(array.item()?.string("b64")?))?;
            }
            Ok(())
        })?;
        Ok(base64::text(&header))
    }
}

/// A signature with its headers, ready to be written.
#[derive(Clone, Debug)]
pub struct Signed {
    protected: String,
    unprotected: Option<String>,
    signature: String,
    is_encoded: bool,
}

impl From<&Signature<'_>> for Signed {
    /// A signature that was read, to be written again beside others; its header keeps its bytes.
    fn from(signature: &Signature<'_>) -> Self {
        let headers = signature.headers();
        Self {
            protected: String::from_utf8_lossy(signature.protected_text()).into_owned(),
            unprotected: headers.unprotected_value().map(|value| value.as_json().into()),
            signature: base64::text(signature.bytes()),
            is_encoded: headers.is_encoded(),
        }
    }
}

impl Signed {
    /// Writes the compact serialization (RFC 7515 §7.1) with the payload that was signed.
    ///
    /// # Errors
    /// [`rules::JWS_COMPACT`] if there is an unprotected header, which has no place in it;
    /// [`rules::JWS_UNENCODED`] for an unencoded payload that is not detached.
    pub fn to_compact(&self, payload: Payload<'_>) -> Result<String, Error> {
        if self.unprotected.is_some() {
            return Err(Error::new(rules::JWS_COMPACT, 0));
        }
        let payload = attached(payload, self.is_encoded)?.unwrap_or_default();
        Ok([self.protected.as_str(), payload.as_str(), self.signature.as_str()].join("."))
    }
}

/// Writes the general JSON serialization (RFC 7515 §7.2.1) with the payload that all of `signed`
/// signed.
///
/// # Errors
/// [`rules::JWS_SIGNERS`] for none or more than [`SIGNERS`], [`rules::JWS_B64`] if some sign the
/// payload encoded and some do not, [`rules::JWS_UNENCODED`] for an unencoded payload that is not
/// detached.
pub fn write_json(payload: Payload<'_>, signed: &[Signed]) -> Result<String, Error> {
    let is_encoded = match signed {
        [first, ..] if signed.len() <= SIGNERS => first.is_encoded,
        _ => return Err(Error::new(rules::JWS_SIGNERS, 0)),
    };
    if signed.iter().any(|one| one.is_encoded != is_encoded) {
        return Err(Error::new(rules::JWS_B64, 0));
    }
    let payload = attached(payload, is_encoded)?;
    let mut text = Vec::new();
    Writer::new(&mut text).object::<Error>(|object| {
        if let Some(payload) = &payload {
            object.member("payload")?.string(payload)?;
        }
        object
            .member("signatures")?
            .array(|array| signed.iter().try_for_each(|one| write_one(one, array.item()?)))
    })?;
    Ok(String::from_utf8(text).unwrap_or_default())
}

fn write_one(one: &Signed, writer: Writer<'_>) -> Result<(), Error> {
    writer.object(|object| {
        object.member("protected")?.string(&one.protected)?;
        if let Some(unprotected) = &one.unprotected {
            let value = iotops_wire::json::Value::read(unprotected.as_bytes())?;
            object.member("header")?.value(value)?;
        }
        Ok(object.member("signature")?.string(&one.signature)?)
    })
}

/// The text of a payload that the message carries.
fn attached(payload: Payload<'_>, is_encoded: bool) -> Result<Option<String>, Error> {
    match payload {
        Payload::Attached(bytes) if is_encoded => Ok(Some(base64::text(bytes))),
        Payload::Attached(_) => Err(Error::new(rules::JWS_UNENCODED, 0)),
        Payload::Detached(_) => Ok(None),
    }
}
