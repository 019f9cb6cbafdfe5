//! From the text of a message to its signatures.

use iotops_wire::json::{Items, Value};

use super::headers::Headers;
use super::signature::{Content, Signature, Verified};
use crate::{Error, Verifier, base64, rules::jws as rules};

/// The most signatures that a message may have: each may cost a public-key operation per key.
pub const SIGNERS: usize = 16;

/// A decoded message, not yet verified.
#[derive(Clone, Copy, Debug)]
pub struct Jws<'a> {
    signatures: Signatures<'a>,
    count: usize,
}

impl<'a> Jws<'a> {
    /// Decodes the compact serialization (RFC 7515 §7.1).
    ///
    /// `scratch` takes what is decoded: as many bytes as `text` has are always enough.
    ///
    /// # Errors
    /// [`rules::JWS_COMPACT`], [`rules::BASE64URL`], [`rules::JWS_SCRATCH`], and the rules of JSON
    /// and of headers. Offsets are those of `text`.
    pub fn decode_compact(text: &'a [u8], scratch: &'a mut [u8]) -> Result<Self, Error> {
        if u32::try_from(text.len()).is_err() {
            return Err(Error::new(iotops_wire::rules::SIZE, 0));
        }
        let mut parts = text.split(|byte| *byte == b'.');
        let parts = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(protected), Some(payload), Some(signature), None) = parts else {
            return Err(Error::new(rules::JWS_COMPACT, 0));
        };
        let protected = Part { text: protected, offset: 0 };
        let payload = protected.followed_by(payload);
        let signature = payload.followed_by(signature);
        let one = Piece { protected, unprotected: None, signature };
        Self::decode(Pieces::One(Some(one)), Some(payload), scratch)
    }

    /// Decodes one of the JSON serializations (RFC 7515 §7.2): general, or flattened.
    ///
    /// `scratch` takes what is decoded: as many bytes as `text` has are always enough.
    ///
    /// # Errors
    /// [`rules::JWS_MEMBER`], [`rules::JWS_SIGNERS`] for none or more than [`SIGNERS`], and as
    /// [`Jws::decode_compact`].
    pub fn decode_json(text: &'a [u8], scratch: &'a mut [u8]) -> Result<Self, Error> {
        let root = Value::read(text)?;
        let payload = root.member("payload")?.map(|value| Part::read(&value)).transpose()?;
        let pieces = match (root.member("signatures")?, root.member("signature")?) {
            (Some(list), None) => Pieces::List(list.items()?),
            // RFC 7515 §7.2.2: "The "signatures" member MUST NOT be present when using this
            // syntax."
            (None, Some(_)) => Pieces::One(Some(Piece::read(&root)?)),
            _ => return Err(root.error(rules::JWS_MEMBER).into()),
        };
        Self::decode(pieces, payload, scratch)
    }

    fn decode(
        pieces: Pieces<'a>,
        payload: Option<Part<'a>>,
        scratch: &'a mut [u8],
    ) -> Result<Self, Error> {
        let (count, used) = decode_pieces(pieces, scratch)?;
        let (decoded, space) = scratch.split_at_mut_checked(used).unwrap_or_default();
        let mut signatures = Signatures { pieces, decoded, content: Content::default() };
        let is_encoded = check_headers(signatures)?;
        if let Some(payload) = payload {
            signatures.content.text = payload.text;
            signatures.content.payload = match payload.text {
                _ if is_encoded => Some(payload.decode_into(space)?),
                [] => None,
                _ => return Err(Error::new(rules::JWS_UNENCODED, payload.offset)),
            };
        }
        Ok(Self { signatures, count })
    }

    /// The same message for a receiver that understands these extensions: what `crit` lists
    /// beyond them is refused. `b64` need not be named.
    #[must_use]
    pub const fn understanding(self, extensions: &'a [&'a str]) -> Self {
        let content = Content { understood: extensions, ..self.signatures.content };
        Self { signatures: Signatures { content, ..self.signatures }, ..self }
    }

    /// The payload, as yet unverified; `None` if it is detached.
    #[must_use]
    pub const fn payload(&self) -> Option<&'a [u8]> {
        self.signatures.content.payload
    }

    /// The signatures, in order.
    #[must_use]
    pub const fn signatures(&self) -> Signatures<'a> {
        self.signatures
    }

    /// Verifies a message with one signature that carries its payload.
    ///
    /// # Errors
    /// [`rules::JWS_SEVERAL`] if it has more, and as [`Signature::verify`].
    pub fn verify(&self, keys: &[&dyn Verifier]) -> Result<Verified<'a>, Error> {
        self.only()?.verify(keys)
    }

    /// The signature of a message that has one.
    ///
    /// # Errors
    /// [`rules::JWS_SEVERAL`] if it has more.
    pub fn only(&self) -> Result<Signature<'a>, Error> {
        let mut signatures = self.signatures;
        match (signatures.next(), self.count) {
            (Some(one), 1) => Ok(one),
            _ => Err(Error::new(rules::JWS_SEVERAL, 0)),
        }
    }
}

/// Decodes all headers and signatures one behind the other, and gives their number and length.
fn decode_pieces(pieces: Pieces<'_>, scratch: &mut [u8]) -> Result<(usize, usize), Error> {
    let (mut count, mut used) = (0_usize, 0_usize);
    for piece in pieces {
        let piece = piece?;
        count = count.saturating_add(1);
        if count > SIGNERS {
            return Err(Error::new(rules::JWS_SIGNERS, piece.protected.offset));
        }
        for part in [piece.protected, piece.signature] {
            let space = scratch.get_mut(used..).unwrap_or_default();
            used = used.saturating_add(base64::decode(part.text, part.offset, space)?);
        }
    }
    if count == 0 { Err(Error::new(rules::JWS_SIGNERS, 0)) } else { Ok((count, used)) }
}

/// Reads all headers, and says whether the payload is signed as base64url.
///
/// RFC 7797 §3: with several signatures "the "b64" Header Parameter value MUST be the same for all
/// of them."
fn check_headers(mut signatures: Signatures<'_>) -> Result<bool, Error> {
    let mut is_encoded = None;
    while let Some(signature) = signatures.read() {
        let headers = *signature?.headers();
        if *is_encoded.get_or_insert_with(|| headers.is_encoded()) != headers.is_encoded() {
            return Err(Error::new(rules::JWS_B64, headers.offset()));
        }
    }
    Ok(is_encoded.unwrap_or(true))
}

/// A part in base64url, and where it stands.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    text: &'a [u8],
    offset: u32,
}

impl<'a> Part<'a> {
    /// A string of JSON. It must be written as it is signed, without escapes.
    fn read(value: &Value<'a>) -> Result<Self, Error> {
        let text = value.text()?;
        match text.as_str() {
            Some(plain) => {
                Ok(Self { text: plain.as_bytes(), offset: text.offset().saturating_add(1) })
            }
            None => Err(text.error(rules::BASE64URL).into()),
        }
    }

    /// The part of a compact message that stands behind this one.
    fn followed_by<'b>(&self, text: &'b [u8]) -> Part<'b> {
        let length = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        Part { text, offset: self.offset.saturating_add(length).saturating_add(1) }
    }

    fn decode_into(&self, buffer: &'a mut [u8]) -> Result<&'a [u8], Error> {
        let length = base64::decode(self.text, self.offset, buffer)?;
        Ok(buffer.get(..length).unwrap_or_default())
    }
}

/// What belongs to one signature.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    protected: Part<'a>,
    unprotected: Option<Value<'a>>,
    signature: Part<'a>,
}

impl<'a> Piece<'a> {
    fn read(value: &Value<'a>) -> Result<Self, Error> {
        let Some(protected) = value.member("protected")? else {
            return Err(value.error(rules::JWS_ALGORITHM_MISSING).into());
        };
        let Some(signature) = value.member("signature")? else {
            return Err(value.error(rules::JWS_MEMBER).into());
        };
        Ok(Self {
            protected: Part::read(&protected)?,
            unprotected: value.member("header")?,
            signature: Part::read(&signature)?,
        })
    }
}

#[derive(Clone, Copy, Debug)]
enum Pieces<'a> {
    One(Option<Piece<'a>>),
    List(Items<'a>),
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<Piece<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::One(one) => one.take().map(Ok),
            Self::List(items) => Some(Piece::read(&items.next()?)),
        }
    }
}

/// The signatures of a message.
#[derive(Clone, Copy, Debug)]
pub struct Signatures<'a> {
    pieces: Pieces<'a>,
    /// What they were decoded to, those that come first removed.
    decoded: &'a [u8],
    content: Content<'a>,
}

impl<'a> Signatures<'a> {
    fn read(&mut self) -> Option<Result<Signature<'a>, Error>> {
        Some(self.pieces.next()?.and_then(|piece| self.signature(&piece)))
    }

    fn signature(&mut self, piece: &Piece<'a>) -> Result<Signature<'a>, Error> {
        let protected = self.take(piece.protected.text);
        let bytes = self.take(piece.signature.text);
        let headers = Headers::read(protected, piece.protected.offset, piece.unprotected)?;
        Ok(Signature::new(headers, piece.protected.text, bytes, self.content))
    }

    /// The bytes that `text` was decoded to.
    fn take(&mut self, text: &[u8]) -> &'a [u8] {
        let length = base64::decoded_length(text.len());
        let (taken, rest) = self.decoded.split_at_checked(length).unwrap_or_default();
        self.decoded = rest;
        taken
    }
}

impl<'a> Iterator for Signatures<'a> {
    type Item = Signature<'a>;

    fn next(&mut self) -> Option<Signature<'a>> {
        // All of them were read when the message was decoded.
        self.read()?.ok()
    }
}
