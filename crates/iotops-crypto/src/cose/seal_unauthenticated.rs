//! Writing messages whose content is encrypted and not authenticated (RFC 9459).

use iotops_wire::Random;
use iotops_wire::cbor::{Encoder, Head};
use zeroize::Zeroizing;

#[cfg(feature = "hpke-draft")]
use super::hpke::Binding;
use super::seal::Plaintext;
use super::seal_to::{Common, To};
use super::{TAG_ENCRYPT, TAG_ENCRYPT0};
use crate::agreement::KdfInfo;
use crate::cipher::unauthenticated::{Encrypting, ciphertext_length};
use crate::cipher::{Key, is_unauthenticated};
use crate::{Algorithm, Error, rules};

const ALGORITHM: i64 = 1;
const IV: i64 = 5;
const IV_LENGTH: usize = 16;
const ITEMS0: usize = 3;
const ITEMS: usize = 4;
/// Content goes to the output in parts of whole blocks; the last needs a block for its padding.
const WINDOW: usize = 256;
const LAST: usize = WINDOW + 16;

/// A message that is not encrypted yet, and that **nothing will authenticate**: RFC 9459 §4
/// and §5 ask for an authentication around it, such as a signature that covers the ciphertext.
#[derive(Clone, Copy, Debug)]
pub struct UnsealedUnauthenticated<'k> {
    algorithm: Algorithm,
    info: KdfInfo<'k>,
    #[cfg(feature = "hpke-draft")]
    binding: Binding<'k>,
}

impl<'k> UnsealedUnauthenticated<'k> {
    /// A message whose content is encrypted with AES-CTR or AES-CBC.
    ///
    /// # Errors
    /// [`rules::cipher::UNAUTHENTICATED`] for any other algorithm.
    pub fn new(algorithm: Algorithm) -> Result<Self, Error> {
        if is_unauthenticated(algorithm) {
            Ok(Self {
                algorithm,
                info: KdfInfo::default(),
                #[cfg(feature = "hpke-draft")]
                binding: Binding::default(),
            })
        } else {
            Err(Error::new(rules::cipher::UNAUTHENTICATED, 0))
        }
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

    /// Encrypts with `key` and writes a `COSE_Encrypt0` message.
    ///
    /// # Errors
    /// [`rules::ALGORITHM_PURPOSE`] if the key is for another algorithm, [`rules::UNAVAILABLE`] if
    /// `random` does not answer, [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encrypt0(
        &self,
        key: &Key,
        plaintext: Plaintext<'_>,
        random: &mut dyn Random,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        if key.algorithm() != self.algorithm {
            return Err(Error::new(rules::ALGORITHM_PURPOSE, 0));
        }
        encoder.tag(TAG_ENCRYPT0)?.array(ITEMS0)?;
        self.content(key, plaintext, random, encoder)
    }

    /// Encrypts to recipients and writes a `COSE_Encrypt` message.
    ///
    /// # Errors
    /// As [`super::Unsealed::encrypt`].
    pub fn encrypt(
        &self,
        to: &mut [To<'_>],
        plaintext: Plaintext<'_>,
        random: &mut dyn Random,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        let common = Common {
            target: self.algorithm,
            info: self.info,
            #[cfg(feature = "hpke-draft")]
            binding: self.binding,
        };
        let prepared = common.prepare(to, random)?;
        encoder.tag(TAG_ENCRYPT)?.array(ITEMS)?;
        self.content(&prepared.key, plaintext, random, encoder)?;
        common.write(&prepared, to, random, encoder)
    }

    /// RFC 9459 §4 and §5: nothing is protected, and so the algorithm stands beside the IV.
    fn content(
        &self,
        key: &Key,
        plaintext: Plaintext<'_>,
        random: &mut dyn Random,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        let mut iv = [0; IV_LENGTH];
        random.fill(&mut iv).map_err(|_| Error::new(rules::UNAVAILABLE, 0))?;
        encoder.bytes(&[])?;
        let mut map = encoder.map(2)?;
        map.key(ALGORITHM)?.integer(self.algorithm.to_cose())?;
        map.key(IV)?.bytes(&iv)?;
        map.end()?;
        let encrypting = Encrypting::new(key, &iv)?;
        match plaintext {
            Plaintext::Attached(bytes) => {
                let length = ciphertext_length(self.algorithm, bytes.len());
                encoder.raw(Head::of_bytes(length).as_bytes())?;
                encrypt(encrypting, bytes, encoder)
            }
            Plaintext::Detached(bytes, output) => {
                encoder.null()?;
                encrypt(encrypting, bytes, &mut Encoder::new(output))
            }
        }
    }
}

fn encrypt(
    mut encrypting: Encrypting,
    plaintext: &[u8],
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    let mut window = Zeroizing::new([0; LAST]);
    let whole = plaintext.chunks_exact(WINDOW);
    let rest = whole.remainder();
    for chunk in whole {
        let space = window.get_mut(..WINDOW).unwrap_or_default();
        space.copy_from_slice(chunk);
        encrypting.update(space)?;
        encoder.raw(space)?;
    }
    for (to, from) in window.iter_mut().zip(rest) {
        *to = *from;
    }
    let length = encrypting.finish(window.as_mut_slice(), rest.len())?;
    encoder.raw(window.get(..length).unwrap_or_default())?;
    Ok(())
}
