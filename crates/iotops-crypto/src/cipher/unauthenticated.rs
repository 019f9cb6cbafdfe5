//! Ciphers that hide and do not authenticate: AES-CTR and AES-CBC (RFC 9459).
//!
//! Whoever can change the ciphertext changes the plaintext. RFC 9459 §4 and §5: such a cipher is for
//! use "in conjunction with an authentication and integrity mechanism, such as a digital signature".
//! Let it cover the **ciphertext**, and check it before anything is decrypted (§8); a protocol that
//! has only a digest of the plaintext must not tell a sender why a message was refused.

use aes::cipher::{BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use aes::{Aes128, Aes192, Aes256};
use cbc::{Decryptor, Encryptor};
use subtle::{Choice, ConstantTimeEq as _, ConstantTimeGreater as _};
use zeroize::Zeroizing;

use super::Key;
use super::aes::{BLOCK, Counter};
use super::parameters::is_unauthenticated;
use crate::rules::cipher as rules;
use crate::{Algorithm, Error};

enum Cbc {
    Aes128(Decryptor<Aes128>),
    Aes192(Decryptor<Aes192>),
    Aes256(Decryptor<Aes256>),
}

impl Cbc {
    fn new(key: &[u8], iv: &[u8]) -> Option<Self> {
        Some(match key.len() {
            16 => Self::Aes128(Decryptor::new_from_slices(key, iv).ok()?),
            24 => Self::Aes192(Decryptor::new_from_slices(key, iv).ok()?),
            _ => Self::Aes256(Decryptor::new_from_slices(key, iv).ok()?),
        })
    }

    fn apply(&mut self, blocks: &mut [super::blocks::Block]) {
        match self {
            Self::Aes128(cbc) => cbc.decrypt_blocks(blocks),
            Self::Aes192(cbc) => cbc.decrypt_blocks(blocks),
            Self::Aes256(cbc) => cbc.decrypt_blocks(blocks),
        }
    }
}

enum Mode {
    Counter(Counter),
    /// The last block that was decrypted tells how long the padding is.
    Cbc(Cbc, Zeroizing<[u8; BLOCK]>),
}

/// Decrypts content in parts, authenticating nothing.
///
/// Parts of CBC are multiples of 16 bytes.
pub struct Decrypting {
    mode: Mode,
    length: u64,
}

impl core::fmt::Debug for Decrypting {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Decrypting")
    }
}

impl Decrypting {
    /// Begins.
    ///
    /// # Errors
    /// [`rules::UNAUTHENTICATED`] if the key is for another kind of algorithm,
    /// [`rules::IV_LENGTH`].
    pub fn new(key: &Key, iv: &[u8]) -> Result<Self, Error> {
        let (first, key_bytes) = (check(key, iv)?, key.as_bytes());
        let mode = if is_cbc(key.algorithm()) {
            Cbc::new(key_bytes, iv).map(|cbc| Mode::Cbc(cbc, Zeroizing::new([0; BLOCK])))
        } else {
            Counter::new(key_bytes, &first).map(Mode::Counter)
        };
        match mode {
            Some(mode) => Ok(Self { mode, length: 0 }),
            None => Err(Error::new(rules::KEY_LENGTH, 0)),
        }
    }

    /// Decrypts the next part in place.
    ///
    /// # Errors
    /// [`rules::PADDING`] if a part of CBC is not whole blocks; nothing is decrypted then.
    pub fn update(&mut self, part: &mut [u8]) -> Result<(), Error> {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        match &mut self.mode {
            Mode::Counter(counter) => counter.apply(part),
            Mode::Cbc(cbc, last) => {
                let (blocks, rest) = super::blocks::Block::slice_as_chunks_mut(part);
                if !rest.is_empty() {
                    return Err(Error::new(rules::PADDING, 0));
                }
                cbc.apply(blocks);
                if let Some(block) = blocks.last() {
                    last.copy_from_slice(block);
                }
            }
        }
        self.length = self.length.saturating_add(length);
        Ok(())
    }

    /// Ends, and gives how many bytes at the end of the last part are padding: none for CTR.
    ///
    /// # Errors
    /// [`rules::PADDING`], whatever is wrong with it, in the same time.
    pub fn finish(self) -> Result<usize, Error> {
        match self.mode {
            Mode::Counter(_) => Ok(0),
            Mode::Cbc(_, last) if self.length > 0 => padding(&last),
            Mode::Cbc(..) => Err(Error::new(rules::PADDING, 0)),
        }
    }
}

/// RFC 9459 §5: PKCS #7. All bytes of the block are looked at, whatever they are.
fn padding(last: &[u8; BLOCK]) -> Result<usize, Error> {
    let [.., length] = *last;
    let mut is_good = !length.ct_eq(&0) & !length.ct_gt(&16);
    for (distance, byte) in (1_u8..).zip(last.iter().rev()) {
        is_good &= distance.ct_gt(&length) | byte.ct_eq(&length);
    }
    match bool::from(is_good & Choice::from(1)) {
        true => Ok(usize::from(length)),
        false => Err(Error::new(rules::PADDING, 0)),
    }
}

fn check(key: &Key, iv: &[u8]) -> Result<[u8; BLOCK], Error> {
    if !is_unauthenticated(key.algorithm()) {
        return Err(Error::new(rules::UNAUTHENTICATED, 0));
    }
    iv.try_into().map_err(|_| Error::new(rules::IV_LENGTH, 0))
}

const fn is_cbc(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::A128Cbc | Algorithm::A192Cbc | Algorithm::A256Cbc)
}

/// Decrypts the whole of `content` in place and gives the length of the plaintext; if it does not
/// decrypt, it is wiped.
///
/// # Errors
/// As [`Decrypting`].
pub fn decrypt(key: &Key, iv: &[u8], content: &mut [u8]) -> Result<usize, Error> {
    let done = decrypt_whole(key, iv, content);
    if done.is_err() {
        zeroize::Zeroize::zeroize(content);
    }
    done
}

fn decrypt_whole(key: &Key, iv: &[u8], content: &mut [u8]) -> Result<usize, Error> {
    #[cfg(feature = "aws-lc-rs")]
    if let Some(done) = crate::backend::aws_lc::counter(key, iv, content) {
        return done.map(|()| content.len());
    }
    let mut decrypting = Decrypting::new(key, iv)?;
    decrypting.update(content)?;
    Ok(content.len().saturating_sub(decrypting.finish()?))
}

enum EncryptMode {
    Counter(Counter),
    Cbc(CbcEncrypt),
}

enum CbcEncrypt {
    Aes128(Encryptor<Aes128>),
    Aes192(Encryptor<Aes192>),
    Aes256(Encryptor<Aes256>),
}

impl CbcEncrypt {
    fn new(key: &[u8], iv: &[u8]) -> Option<Self> {
        Some(match key.len() {
            16 => Self::Aes128(Encryptor::new_from_slices(key, iv).ok()?),
            24 => Self::Aes192(Encryptor::new_from_slices(key, iv).ok()?),
            _ => Self::Aes256(Encryptor::new_from_slices(key, iv).ok()?),
        })
    }

    fn apply(&mut self, blocks: &mut [super::blocks::Block]) {
        match self {
            Self::Aes128(cbc) => cbc.encrypt_blocks(blocks),
            Self::Aes192(cbc) => cbc.encrypt_blocks(blocks),
            Self::Aes256(cbc) => cbc.encrypt_blocks(blocks),
        }
    }
}

/// Encrypts content in parts, authenticating nothing.
pub struct Encrypting(EncryptMode);

impl core::fmt::Debug for Encrypting {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Encrypting")
    }
}

impl Encrypting {
    /// Begins. **For CTR an IV must never come twice with the same key; for CBC it must be
    /// unpredictable.**
    ///
    /// # Errors
    /// As [`Decrypting::new`].
    pub fn new(key: &Key, iv: &[u8]) -> Result<Self, Error> {
        let (first, key_bytes) = (check(key, iv)?, key.as_bytes());
        let mode = if is_cbc(key.algorithm()) {
            CbcEncrypt::new(key_bytes, iv).map(EncryptMode::Cbc)
        } else {
            Counter::new(key_bytes, &first).map(EncryptMode::Counter)
        };
        mode.map(Self).ok_or_else(|| Error::new(rules::KEY_LENGTH, 0))
    }

    /// Encrypts the next part in place; of CBC, whole blocks.
    ///
    /// # Errors
    /// [`rules::PADDING`] if a part of CBC is not whole blocks; nothing is encrypted then.
    pub fn update(&mut self, part: &mut [u8]) -> Result<(), Error> {
        match &mut self.0 {
            EncryptMode::Counter(counter) => counter.apply(part),
            EncryptMode::Cbc(cbc) => {
                let (blocks, rest) = super::blocks::Block::slice_as_chunks_mut(part);
                if !rest.is_empty() {
                    return Err(Error::new(rules::PADDING, 0));
                }
                cbc.apply(blocks);
            }
        }
        Ok(())
    }

    /// Encrypts the last part: the first `length` bytes of `buffer`, behind which CBC needs up to
    /// 16 bytes for its padding. Gives the length of the ciphertext.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn finish(mut self, buffer: &mut [u8], length: usize) -> Result<usize, Error> {
        let padding = match &self.0 {
            EncryptMode::Counter(_) => 0,
            EncryptMode::Cbc(_) => pad_length(length),
        };
        let end = length.saturating_add(usize::from(padding));
        let Some(content) = buffer.get_mut(..end) else {
            return Err(Error::new(iotops_wire::rules::OUT_OF_SPACE, 0));
        };
        content.iter_mut().skip(length).for_each(|byte| *byte = padding);
        self.update(content)?;
        Ok(end)
    }
}

/// Bytes of the ciphertext of so much plaintext.
pub(crate) fn ciphertext_length(algorithm: Algorithm, length: usize) -> usize {
    let padding = if is_cbc(algorithm) { pad_length(length) } else { 0 };
    length.saturating_add(usize::from(padding))
}

/// Encrypts the first `length` bytes of `buffer` in place and gives the length of the ciphertext,
/// which for CBC is the next multiple of 16.
///
/// # Errors
/// As [`Encrypting`], which also says what an IV must be.
pub fn encrypt(key: &Key, iv: &[u8], buffer: &mut [u8], length: usize) -> Result<usize, Error> {
    #[cfg(feature = "aws-lc-rs")]
    if let Some(content) = buffer.get_mut(..length)
        && let Some(done) = crate::backend::aws_lc::counter(key, iv, content)
    {
        return done.map(|()| length);
    }
    Encrypting::new(key, iv)?.finish(buffer, length)
}

/// 1 to 16 bytes: a whole block behind whole blocks.
fn pad_length(length: usize) -> u8 {
    let over = u8::try_from(length % BLOCK).unwrap_or_default();
    16_u8.saturating_sub(over)
}
