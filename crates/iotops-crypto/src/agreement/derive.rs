//! HKDF with HMAC or with AES-MAC (RFC 5869, RFC 9053 §5.1).

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::cipher::{Aes, CbcMac, Key, LONGEST_KEY};
use crate::{Algorithm, Error, rules};

use super::KdfContext;

/// A key derivation function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kdf {
    /// HKDF with HMAC and SHA-256.
    HkdfSha256,
    /// HKDF with HMAC and SHA-512; needs feature `sha512`.
    HkdfSha512,
    /// The second step of HKDF with AES-MAC, for secrets that are AES keys.
    HkdfAes,
}

/// Derives a key for the algorithm of `context`, as long as its smallest.
///
/// # Errors
/// [`rules::ALGORITHM_UNKNOWN`] if the function is not built in,
/// [`rules::cipher::KEY_LENGTH`] if the algorithm takes no symmetric key, or the secret is no key
/// of the function.
pub fn derive(
    kdf: Kdf,
    secret: &[u8],
    salt: Option<&[u8]>,
    context: &KdfContext<'_>,
) -> Result<Key, Error> {
    let mut space = Zeroizing::new([0; LONGEST_KEY]);
    let length = usize::try_from(context.bits / 8).unwrap_or(usize::MAX);
    let Some(output) = space.get_mut(..length) else {
        return Err(Error::new(rules::cipher::KEY_LENGTH, 0));
    };
    context.lend(|info| expand(kdf, secret, salt, info, output))?;
    Key::new(context.algorithm, output)
}

/// Fills `output` with what the function makes of a secret, a salt and the concatenation of the
/// parts of `info`.
///
/// # Errors
/// [`rules::ALGORITHM_UNKNOWN`] if the function is not built in,
/// [`rules::cipher::KEY_LENGTH`] if the secret is no key of the function, or `output` is longer
/// than the function reaches.
pub fn expand(
    kdf: Kdf,
    secret: &[u8],
    salt: Option<&[u8]>,
    info: &[&[u8]],
    output: &mut [u8],
) -> Result<(), Error> {
    let made = match kdf {
        Kdf::HkdfSha256 => {
            Hkdf::<Sha256>::new(salt, secret).expand_multi_info(info, output).is_ok()
        }
        #[cfg(feature = "sha512")]
        Kdf::HkdfSha512 => {
            Hkdf::<sha2::Sha512>::new(salt, secret).expand_multi_info(info, output).is_ok()
        }
        #[cfg(not(feature = "sha512"))]
        Kdf::HkdfSha512 => return Err(Error::new(rules::ALGORITHM_UNKNOWN, 0)),
        Kdf::HkdfAes => expand_aes(secret, info, output).is_some(),
    };
    if made { Ok(()) } else { Err(Error::new(rules::cipher::KEY_LENGTH, 0)) }
}

/// RFC 5869 §2.3, with AES-MAC for HMAC.
fn expand_aes(secret: &[u8], info: &[&[u8]], output: &mut [u8]) -> Option<()> {
    // §2.3: "length of output keying material in octets (<= 255*HashLen)".
    if output.len() > 255 * 16 {
        return None;
    }
    let mut previous = Zeroizing::new([0; 16]);
    for (chunk, number) in output.chunks_mut(16).zip(1_u8..) {
        let mut mac = CbcMac::new(Aes::new(secret)?);
        if number > 1 {
            mac.update(previous.as_slice());
        }
        info.iter().for_each(|part| mac.update(part));
        mac.update(&[number]);
        previous = mac.finish();
        for (to, from) in chunk.iter_mut().zip(previous.iter()) {
            *to = *from;
        }
    }
    Some(())
}

impl Kdf {
    /// The function that a recipient algorithm derives with; `None` for one that derives nothing.
    pub(crate) const fn of(algorithm: Algorithm) -> Option<Self> {
        use Algorithm as A;
        match algorithm {
            A::DirectHkdfSha256
            | A::EcdhEsHkdf256
            | A::EcdhSsHkdf256
            | A::EcdhEsA128Kw
            | A::EcdhEsA192Kw
            | A::EcdhEsA256Kw
            | A::EcdhSsA128Kw
            | A::EcdhSsA192Kw
            | A::EcdhSsA256Kw => Some(Self::HkdfSha256),
            A::DirectHkdfSha512 | A::EcdhEsHkdf512 | A::EcdhSsHkdf512 => Some(Self::HkdfSha512),
            A::DirectHkdfAes128 | A::DirectHkdfAes256 => Some(Self::HkdfAes),
            _ => None,
        }
    }
}
