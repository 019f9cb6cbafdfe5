//! Content in memory: AES-GCM, ChaCha20/Poly1305 and AES-CTR.

use aws_lc_rs::aead::{
    AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce,
    UnboundKey,
};
use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;

use crate::cipher::{Key, check_lengths};
use crate::rules::cipher as rules;
use crate::{Algorithm, Error};

/// The same key, which computes here over content in memory if it is one for AES-GCM (in about a
/// fifth of the time), ChaCha20/Poly1305 or AES-CTR (half of it).
///
/// That is [`Key::open`] and [`Key::seal`], `encrypt` and `decrypt` of
/// [`unauthenticated`](crate::cipher::unauthenticated), and messages that are decrypted with the
/// key: a `COSE_Encrypt0`, and a `COSE_Encrypt` to `direct`. Content in parts computes as before, and
/// so does what is encrypted on its way to an output, and with keys that a recipient leads to.
#[must_use]
pub fn content_key(key: Key) -> Key {
    key.into_backend()
}

/// `None` if the key was not made for here, or is for an algorithm that is not here.
fn aead(key: &Key) -> Option<LessSafeKey> {
    let algorithm = match key.algorithm() {
        _ if !key.is_in_backend() => return None,
        Algorithm::A128Gcm => &AES_128_GCM,
        Algorithm::A192Gcm => &AES_192_GCM,
        Algorithm::A256Gcm => &AES_256_GCM,
        Algorithm::ChaCha20Poly1305 => &CHACHA20_POLY1305,
        _ => return None,
    };
    UnboundKey::new(algorithm, key.as_bytes()).ok().map(LessSafeKey::new)
}

fn nonce(iv: &[u8]) -> Result<Nonce, Error> {
    match <[u8; NONCE_LEN]>::try_from(iv) {
        Ok(iv) => Ok(Nonce::assume_unique_for_key(iv)),
        Err(_) => Err(Error::new(rules::IV_LENGTH, 0)),
    }
}

/// Decrypts in place; `None` if it is not for here. The caller wipes what is not authentic.
pub(crate) fn open(
    key: &Key,
    iv: &[u8],
    aad: &[&[u8]],
    content: &mut [u8],
    tag: &[u8],
) -> Option<Result<(), Error>> {
    let aead = aead(key)?;
    Some(check_lengths(key, iv, content).and_then(|parameters| {
        let nonce = nonce(iv)?;
        if tag.len() != parameters.tag {
            return Err(Error::new(rules::TAG, 0));
        }
        let opened = aead.open_in_place_separate_tag(nonce, Aad::from(aad.concat()), tag, content);
        opened.map(drop).map_err(|_| Error::new(rules::TAG, 0))
    }))
}

/// Encrypts in place, writes the tag and gives its length; `None` if it is not for here.
pub(crate) fn seal(
    key: &Key,
    iv: &[u8],
    aad: &[&[u8]],
    content: &mut [u8],
    tag: &mut [u8],
) -> Option<Result<usize, Error>> {
    let aead = aead(key)?;
    Some(check_lengths(key, iv, content).and_then(|parameters| {
        let nonce = nonce(iv)?;
        let Some(space) = tag.get_mut(..parameters.tag) else {
            return Err(Error::new(iotops_wire::rules::OUT_OF_SPACE, 0));
        };
        let made = aead.seal_in_place_separate_tag(nonce, Aad::from(aad.concat()), content);
        let made = made.map_err(|_| Error::new(crate::rules::UNAVAILABLE, 0))?;
        space.copy_from_slice(made.as_ref());
        Ok(parameters.tag)
    }))
}

/// Applies the key stream of AES-CTR in place; `None` if it is not for here.
pub(crate) fn counter(key: &Key, iv: &[u8], content: &mut [u8]) -> Option<Result<(), Error>> {
    let algorithm = match key.algorithm() {
        _ if !key.is_in_backend() => return None,
        Algorithm::A128Ctr => &AES_128,
        Algorithm::A192Ctr => &AES_192,
        Algorithm::A256Ctr => &AES_256,
        _ => return None,
    };
    let Ok(iv) = <[u8; 16]>::try_from(iv) else {
        return Some(Err(Error::new(rules::IV_LENGTH, 0)));
    };
    let key = UnboundCipherKey::new(algorithm, key.as_bytes()).and_then(DecryptingKey::ctr).ok()?;
    // Decrypting is encrypting, and takes the IV that is there.
    let done = key.decrypt(content, DecryptionContext::Iv128(FixedLength::from(iv)));
    Some(done.map(drop).map_err(|_| Error::new(crate::rules::UNAVAILABLE, 0)))
}
