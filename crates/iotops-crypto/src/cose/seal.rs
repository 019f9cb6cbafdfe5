//! Writing encrypted messages, and MACed ones with recipients.

use iotops_wire::Random;
use iotops_wire::cbor::{Encoder, Head, Output, SliceOutput};
use zeroize::Zeroizing;

use super::encrypt::{OPENING, OPENING0};
#[cfg(feature = "hpke-draft")]
use super::hpke::Binding;
use super::seal_to::{Common, Prepared, To};
use super::sign_write::{key_id, only_algorithm};
use super::structure::{lend, lend_encrypt};
use super::write::PROTECTED;
use super::{Payload, TAG_ENCRYPT, TAG_ENCRYPT0, TAG_MAC, mac};
use crate::agreement::KdfInfo;
use crate::cipher::{AeadParameters, Key, LONGEST_KEY, Sealing};
use crate::{Algorithm, Error, Purpose, Signer as _, rules};

const KEY_ID: i64 = 4;
const IV: i64 = 5;
const ITEMS0: usize = 3;
const ITEMS: usize = 4;
const ITEMS_MAC: usize = 5;
const LONGEST_IV: usize = 16;
const LONGEST_TAG: usize = 16;
/// The window that content is encrypted in on its way to the output.
const WINDOW: usize = 256;

/// What is to be encrypted, and where its ciphertext goes.
#[non_exhaustive]
pub enum Plaintext<'p> {
    /// The message carries the ciphertext.
    Attached(&'p [u8]),
    /// The ciphertext, with its tag, goes to another output.
    Detached(&'p [u8], &'p mut dyn Output),
}

impl core::fmt::Debug for Plaintext<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Attached(_) => "Attached",
            Self::Detached(..) => "Detached",
        })
    }
}

/// A message that is not encrypted or MACed yet. IVs, keys and salts are drawn when it is.
#[derive(Clone, Copy, Debug)]
pub struct Unsealed<'k> {
    algorithm: Algorithm,
    key_id: Option<&'k [u8]>,
    info: KdfInfo<'k>,
    #[cfg(feature = "hpke-draft")]
    binding: Binding<'k>,
}

impl<'k> Unsealed<'k> {
    /// A message whose content is encrypted with an AEAD, or MACed.
    ///
    /// # Errors
    /// [`rules::ALGORITHM_PURPOSE`] for an algorithm of another kind,
    /// [`rules::cipher::UNAUTHENTICATED`] for encryption that does not authenticate.
    pub fn new(algorithm: Algorithm) -> Result<Self, Error> {
        let is_aead = AeadParameters::of(algorithm).is_some();
        match algorithm.purpose() {
            Purpose::Mac => {}
            Purpose::Encryption if is_aead => {}
            Purpose::Encryption => return Err(Error::new(rules::cipher::UNAUTHENTICATED, 0)),
            _ => return Err(Error::new(rules::ALGORITHM_PURPOSE, 0)),
        }
        Ok(Self {
            algorithm,
            key_id: None,
            info: KdfInfo::default(),
            #[cfg(feature = "hpke-draft")]
            binding: Binding::default(),
        })
    }

    /// The same with the identifier of the key of the content, for messages without recipients.
    #[must_use]
    pub const fn with_key_id(self, key_id: &'k [u8]) -> Self {
        Self { key_id: Some(key_id), ..self }
    }

    /// The same with what the protocol adds to the context of derived keys.
    #[must_use]
    pub const fn with_info(self, info: KdfInfo<'k>) -> Self {
        Self { info, ..self }
    }

    /// The same with what keys are bound to that are encrypted with HPKE.
    #[cfg(feature = "hpke-draft")]
    #[must_use]
    pub const fn with_binding(self, binding: Binding<'k>) -> Self {
        Self { binding, ..self }
    }

    /// Encrypts with `key` and writes a `COSE_Encrypt0` message. The IV is drawn from `random`:
    /// with one key of AES-GCM at most 2^32 messages (SP 800-38D §8.3).
    ///
    /// # Errors
    /// [`rules::ALGORITHM_PURPOSE`] if the key or the message is for another algorithm,
    /// [`rules::UNAVAILABLE`] if `random` does not answer, [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encrypt0(
        &self,
        key: &Key,
        plaintext: Plaintext<'_>,
        aad: &[u8],
        random: &mut dyn Random,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        if key.algorithm() != self.algorithm {
            return Err(Error::new(rules::ALGORITHM_PURPOSE, 0));
        }
        encoder.tag(TAG_ENCRYPT0)?.array(ITEMS0)?;
        self.content(key, OPENING0, plaintext, aad, random, encoder)
    }

    /// Encrypts to recipients and writes a `COSE_Encrypt` message.
    ///
    /// # Errors
    /// [`rules::cipher::RECIPIENTS`], [`rules::cipher::RECIPIENT_COUNT`],
    /// [`rules::cipher::DIRECT_ALONE`], [`rules::NO_KEY`] if a direct key is for another
    /// algorithm, [`rules::cipher::SHARED_SECRET`] for a wrong public key, and as
    /// [`Unsealed::encrypt0`].
    pub fn encrypt(
        &self,
        to: &mut [To<'_>],
        plaintext: Plaintext<'_>,
        aad: &[u8],
        random: &mut dyn Random,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        let (common, prepared) = self.prepare(to, random)?;
        encoder.tag(TAG_ENCRYPT)?.array(ITEMS)?;
        self.content(&prepared.key, OPENING, plaintext, aad, random, encoder)?;
        common.write(&prepared, to, random, encoder)
    }

    /// MACs for recipients and writes a `COSE_Mac` message.
    ///
    /// # Errors
    /// As [`Unsealed::encrypt`].
    pub fn mac(
        &self,
        to: &mut [To<'_>],
        payload: Payload<'_>,
        aad: &[u8],
        random: &mut dyn Random,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        if self.algorithm.purpose() != Purpose::Mac {
            return Err(Error::new(rules::ALGORITHM_PURPOSE, 0));
        }
        let (common, mut prepared) = self.prepare(to, random)?;
        let mut space = [0; PROTECTED];
        let mut protected = SliceOutput::new(&mut space);
        only_algorithm(self.algorithm, &mut Encoder::new(&mut protected))?;
        let mut buffer = [0; LONGEST_KEY];
        let made = lend(mac::OPENING, protected.written(), aad, payload.bytes(), |parts| {
            prepared.key.sign(parts, &mut buffer)
        });
        let Some(made) = made.ok().and_then(|length| buffer.get(..length)) else {
            return Err(Error::new(rules::ALGORITHM_UNKNOWN, 0));
        };
        encoder.tag(TAG_MAC)?.array(ITEMS_MAC)?.bytes(protected.written())?;
        key_id(self.key_id, encoder)?;
        match payload {
            Payload::Attached(payload) => encoder.bytes(payload)?,
            Payload::Detached(_) => encoder.null()?,
        };
        encoder.bytes(made)?;
        common.write(&prepared, to, random, encoder)
    }

    fn prepare(
        &self,
        to: &[To<'_>],
        random: &mut dyn Random,
    ) -> Result<(Common<'k>, Prepared), Error> {
        let common = Common {
            target: self.algorithm,
            info: self.info,
            #[cfg(feature = "hpke-draft")]
            binding: self.binding,
        };
        let prepared = common.prepare(to, random)?;
        Ok((common, prepared))
    }

    /// Writes the headers and the ciphertext.
    fn content(
        &self,
        key: &Key,
        opening: &[u8],
        plaintext: Plaintext<'_>,
        aad: &[u8],
        random: &mut dyn Random,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        let Some(parameters) = AeadParameters::of(self.algorithm) else {
            return Err(Error::new(rules::ALGORITHM_PURPOSE, 0));
        };
        let mut iv = [0; LONGEST_IV];
        let iv = iv.get_mut(..parameters.iv).unwrap_or_default();
        random.fill(iv).map_err(|_| Error::new(rules::UNAVAILABLE, 0))?;
        let mut space = [0; PROTECTED];
        let mut protected = SliceOutput::new(&mut space);
        only_algorithm(self.algorithm, &mut Encoder::new(&mut protected))?;
        encoder.bytes(protected.written())?;
        self.unprotected(iv, encoder)?;
        let bytes = match &plaintext {
            Plaintext::Attached(bytes) | Plaintext::Detached(bytes, _) => *bytes,
        };
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let sealing = lend_encrypt(opening, protected.written(), aad, |aad| {
            Sealing::new(key, iv, aad, length)
        })?;
        match plaintext {
            Plaintext::Attached(bytes) => {
                let length = bytes.len().saturating_add(parameters.tag);
                encoder.raw(Head::of_bytes(length).as_bytes())?;
                seal(sealing, bytes, encoder)
            }
            Plaintext::Detached(bytes, output) => {
                encoder.null()?;
                seal(sealing, bytes, &mut Encoder::new(output))
            }
        }
    }

    fn unprotected(&self, iv: &[u8], encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(if self.key_id.is_some() { 2 } else { 1 })?;
        if let Some(key_id) = self.key_id {
            map.key(KEY_ID)?.bytes(key_id)?;
        }
        map.key(IV)?.bytes(iv)?;
        Ok(map.end()?)
    }
}

pub(super) fn seal(
    mut sealing: Sealing,
    plaintext: &[u8],
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    let mut window = Zeroizing::new([0; WINDOW]);
    for chunk in plaintext.chunks(WINDOW) {
        let space = window.get_mut(..chunk.len()).unwrap_or_default();
        space.copy_from_slice(chunk);
        sealing.update(space)?;
        encoder.raw(space)?;
    }
    let mut tag = [0; LONGEST_TAG];
    let length = sealing.finish(&mut tag)?;
    encoder.raw(tag.get(..length).unwrap_or_default())?;
    Ok(())
}
