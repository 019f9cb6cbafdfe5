//! MACs by a [`Key`]: HMAC of every length, and AES-MAC (RFC 9053 §3).

use hmac::Hmac;
use iotops_wire::Unavailable;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::aes::{Aes, BLOCK};
use super::blocks::Blocks;
use super::parameters::mac_length;
use super::{Key, LONGEST_KEY};
use crate::{Algorithm, Refused, Signer, Verifier};

/// CBC-MAC with AES and an IV of zeros.
pub(crate) struct CbcMac {
    aes: Aes,
    state: Zeroizing<[u8; BLOCK]>,
    blocks: Blocks,
}

impl CbcMac {
    pub(crate) fn new(aes: Aes) -> Self {
        Self { aes, state: Zeroizing::new([0; BLOCK]), blocks: Blocks::new() }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        let Self { aes, state, blocks } = self;
        blocks.feed(bytes, |whole| chain(aes, state, whole));
    }

    /// Fills up a block that has begun with zeros.
    pub(crate) fn pad(&mut self) {
        let Self { aes, state, blocks } = self;
        blocks.pad(|whole| chain(aes, state, whole));
    }

    pub(crate) fn finish(mut self) -> Zeroizing<[u8; BLOCK]> {
        self.pad();
        self.state
    }
}

fn chain(aes: &Aes, state: &mut [u8; BLOCK], blocks: &[super::blocks::Block]) {
    for block in blocks {
        for (to, from) in state.iter_mut().zip(block) {
            *to ^= *from;
        }
        aes.encrypt(state);
    }
}

/// A MAC of the longest length, and how much of it counts.
type Made = (Zeroizing<[u8; LONGEST_KEY]>, usize);

impl Key {
    fn mac(&self, message: &[&[u8]]) -> Option<Made> {
        let length = mac_length(self.algorithm())?;
        let key = self.as_bytes();
        let made = match self.algorithm() {
            Algorithm::Hmac256Truncated64 | Algorithm::Hmac256 => {
                keep(&hmac::<Hmac<Sha256>>(key, message)?)
            }
            #[cfg(feature = "sha512")]
            Algorithm::Hmac384 => keep(&hmac::<Hmac<sha2::Sha384>>(key, message)?),
            #[cfg(feature = "sha512")]
            Algorithm::Hmac512 => keep(&hmac::<Hmac<sha2::Sha512>>(key, message)?),
            _ => {
                let mut mac = CbcMac::new(Aes::new(key)?);
                message.iter().for_each(|part| mac.update(part));
                if message.iter().all(|part| part.is_empty()) {
                    // ISO/IEC 9797-1 pads to one block at least. The MAC over none would be zeros,
                    // whatever the key.
                    mac.update(&[0; BLOCK]);
                }
                keep(&*mac.finish())
            }
        };
        Some((made, length))
    }
}

fn hmac<M: hmac::Mac + hmac::KeyInit>(
    key: &[u8],
    message: &[&[u8]],
) -> Option<hmac::digest::Output<M>> {
    let mut mac = <M as hmac::KeyInit>::new_from_slice(key).ok()?;
    message.iter().for_each(|part| mac.update(part));
    Some(mac.finalize().into_bytes())
}

fn keep(made: &[u8]) -> Zeroizing<[u8; LONGEST_KEY]> {
    let mut bytes = Zeroizing::new([0; LONGEST_KEY]);
    for (to, from) in bytes.iter_mut().zip(made) {
        *to = *from;
    }
    bytes
}

impl Verifier for Key {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        algorithm == self.algorithm() && mac_length(algorithm).is_some()
    }

    /// The whole MAC is compared, in constant time.
    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        let (made, length) = self.mac(message).ok_or(Refused::Unavailable)?;
        let made = made.get(..length).unwrap_or_default();
        if bool::from(made.ct_eq(signature)) { Ok(()) } else { Err(Refused::Invalid) }
    }
}

impl Signer for Key {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn sign(&mut self, message: &[&[u8]], signature: &mut [u8]) -> Result<usize, Unavailable> {
        let (made, length) = self.mac(message).ok_or_else(Unavailable::new)?;
        let made = made.get(..length).unwrap_or_default();
        let space = signature.get_mut(..length).ok_or_else(Unavailable::new)?;
        space.copy_from_slice(made);
        Ok(length)
    }
}
