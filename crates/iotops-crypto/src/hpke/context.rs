//! Contexts of the two sides (RFC 9180 §5.2, §5.3).

use iotops_wire::Random;
use zeroize::Zeroizing;

use super::kem::{decapsulate, encapsulate};
use super::schedule::{NONCE, Schedule};
use super::{Psk, ReceiverKey, Suite};
use crate::Error;
use crate::agreement::PublicKey;
use crate::cipher::{Opening, Sealing};
use crate::rules::cipher as rules;

/// A schedule and the number of the next message.
struct Context {
    schedule: Schedule,
    sequence: u64,
}

impl Context {
    const fn new(schedule: Schedule) -> Self {
        Self { schedule, sequence: 0 }
    }

    /// `ComputeNonce`.
    fn nonce(&self) -> Zeroizing<[u8; NONCE]> {
        let mut nonce = self.schedule.base_nonce.clone();
        let number = self.sequence.to_be_bytes();
        for (to, from) in nonce.iter_mut().rev().zip(number.iter().rev()) {
            *to ^= *from;
        }
        nonce
    }

    /// `IncrementSeq`; the last number is never used.
    fn next(&self) -> Result<u64, Error> {
        self.sequence.checked_add(1).ok_or_else(|| Error::new(rules::SEQUENCE, 0))
    }
}

/// The context of the sender: it encrypts messages that the receiver decrypts in the same order.
pub struct Sending(Context);

impl core::fmt::Debug for Sending {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Sending").field("sequence", &self.0.sequence).finish_non_exhaustive()
    }
}

impl Sending {
    /// Draws a key for this context, and gives its public key for the receiver, as
    /// [`PublicKey::as_bytes`] has it. `info` is the concatenation of its parts.
    ///
    /// # Errors
    /// [`rules::PEER_KEY`] if `to` is of another curve than the suite, [`rules::SHARED_SECRET`] if
    /// it is no point or a weak one, [`crate::rules::UNAVAILABLE`] if `random` does not answer.
    pub fn new(
        suite: Suite,
        to: &PublicKey,
        psk: Option<Psk<'_>>,
        info: &[&[u8]],
        random: &mut dyn Random,
    ) -> Result<(PublicKey, Self), Error> {
        if to.curve() != suite.curve() {
            return Err(Error::new(rules::PEER_KEY, 0));
        }
        let (sent, secret) = encapsulate(to, random)?;
        Ok((sent, Self(Context::new(Schedule::new(suite, &secret, info, psk)?))))
    }

    /// Encrypts `content` in place, writes the tag to `tag`, of 16 bytes at least, and gives its
    /// length.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`], [`rules::SEQUENCE`].
    pub fn seal(
        &mut self,
        aad: &[&[u8]],
        content: &mut [u8],
        tag: &mut [u8],
    ) -> Result<usize, Error> {
        let next = self.0.next()?;
        let length = self.0.schedule.key.seal(self.0.nonce().as_slice(), aad, content, tag)?;
        self.0.sequence = next;
        Ok(length)
    }

    /// Begins to encrypt the next message, of `length` bytes, in parts.
    ///
    /// # Errors
    /// [`rules::CONTENT_LENGTH`] for more than the AEAD can do, [`rules::SEQUENCE`].
    pub fn sealing(&mut self, aad: &[&[u8]], length: u64) -> Result<Sealing, Error> {
        let next = self.0.next()?;
        let sealing = Sealing::new(&self.0.schedule.key, self.0.nonce().as_slice(), aad, length)?;
        self.0.sequence = next;
        Ok(sealing)
    }

    /// Fills `output` with a secret that only the two sides have (§5.3).
    ///
    /// # Errors
    /// [`rules::EXPORT_LENGTH`] for more than HKDF gives: 8160 bytes.
    pub fn export(&self, context: &[u8], output: &mut [u8]) -> Result<(), Error> {
        self.0.schedule.export(context, output)
    }
}

/// The context of the receiver: it decrypts messages in the order that they were encrypted in.
pub struct Receiving(Context);

impl core::fmt::Debug for Receiving {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Receiving").field("sequence", &self.0.sequence).finish_non_exhaustive()
    }
}

impl Receiving {
    /// The context that the bytes `sent` open to the holder of `key`, in the mode that the key
    /// says: with its pre-shared key if it has one, else without.
    ///
    /// # Errors
    /// [`rules::PEER_KEY`] if the key is of another curve than the suite,
    /// [`rules::ENCAPSULATED_KEY`], [`rules::SHARED_SECRET`], [`crate::rules::UNAVAILABLE`].
    pub fn new(
        suite: Suite,
        sent: &[u8],
        key: &ReceiverKey<'_>,
        info: &[&[u8]],
    ) -> Result<Self, Error> {
        if key.curve() != suite.curve() {
            return Err(Error::new(rules::PEER_KEY, 0));
        }
        let secret = decapsulate(sent, key)?;
        Ok(Self(Context::new(Schedule::new(suite, &secret, info, key.psk())?)))
    }

    /// Decrypts `content` in place if it is authentic; if not, it is wiped, and the same message
    /// is still awaited.
    ///
    /// # Errors
    /// [`rules::TAG`], [`rules::SEQUENCE`].
    pub fn open(&mut self, aad: &[&[u8]], content: &mut [u8], tag: &[u8]) -> Result<(), Error> {
        let next = self.0.next()?;
        self.0.schedule.key.open(self.0.nonce().as_slice(), aad, content, tag)?;
        self.0.sequence = next;
        Ok(())
    }

    /// Begins to decrypt the next message, of `length` bytes without its tag, in parts. Mind what
    /// [`Opening`] says of content that is not authenticated yet.
    ///
    /// # Errors
    /// [`rules::CONTENT_LENGTH`] for more than the AEAD can do, [`rules::SEQUENCE`].
    pub fn opening(&mut self, aad: &[&[u8]], length: u64) -> Result<Opening, Error> {
        let next = self.0.next()?;
        let opening = Opening::new(&self.0.schedule.key, self.0.nonce().as_slice(), aad, length)?;
        self.0.sequence = next;
        Ok(opening)
    }

    /// Fills `output` with a secret that only the two sides have (§5.3).
    ///
    /// # Errors
    /// [`rules::EXPORT_LENGTH`] for more than HKDF gives: 8160 bytes.
    pub fn export(&self, context: &[u8], output: &mut [u8]) -> Result<(), Error> {
        self.0.schedule.export(context, output)
    }
}
