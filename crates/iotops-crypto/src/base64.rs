//! base64url without padding (RFC 7515 §2): one text for the same bytes.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use zeroize::Zeroizing;

use crate::{Error, rules::jws as rules};

/// How many bytes `length` characters hold.
pub(crate) fn decoded_length(length: usize) -> usize {
    let rest = match length & 3 {
        3 => 2,
        2 => 1,
        _ => 0,
    };
    (length >> 2).saturating_mul(3).saturating_add(rest)
}

/// Decodes `text`, which stands at `offset`, to the start of `buffer`, and gives the length.
pub(crate) fn decode(text: &[u8], offset: u32, buffer: &mut [u8]) -> Result<usize, Error> {
    let length = decoded_length(text.len());
    let Some(space) = buffer.get_mut(..length) else {
        return Err(Error::new(rules::JWS_SCRATCH, offset));
    };
    match Base64UrlUnpadded::decode(text, space) {
        Ok(decoded) => Ok(decoded.len()),
        Err(_) => Err(broken(text, offset)),
    }
}

/// At the first character that does not belong; else the last one has too many bits.
#[cold]
fn broken(text: &[u8], offset: u32) -> Error {
    let is_foreign = |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let last = text.len().saturating_sub(1);
    let at = text.iter().position(is_foreign).unwrap_or(last);
    Error::new(rules::BASE64URL, offset.saturating_add(u32::try_from(at).unwrap_or(u32::MAX)))
}

/// Encodes `bytes` to the start of `buffer`; `None` if it is too small.
pub(crate) fn encode<'b>(bytes: &[u8], buffer: &'b mut [u8]) -> Option<&'b str> {
    Base64UrlUnpadded::encode(bytes, buffer).ok()
}

/// Bytes that are encoded at once: a multiple of three.
const CHUNK: usize = 48;
const CHUNK_ENCODED: usize = 64;

/// Lends the text of `bytes` piece by piece.
pub(crate) fn stream(bytes: &[u8], mut write: impl FnMut(&str)) {
    for chunk in bytes.chunks(CHUNK) {
        // What is encoded may be a secret.
        let mut buffer = Zeroizing::new([0; CHUNK_ENCODED]);
        write(encode(chunk, buffer.as_mut_slice()).unwrap_or_default());
    }
}

/// The text of `bytes`.
#[cfg(feature = "alloc")]
pub(crate) fn text(bytes: &[u8]) -> alloc::string::String {
    let mut text = alloc::string::String::with_capacity(Base64UrlUnpadded::encoded_len(bytes));
    stream(bytes, |piece| text.push_str(piece));
    text
}
