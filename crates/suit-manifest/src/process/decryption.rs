//! Encrypted payloads (SUIT FE): read once to authenticate them, and again to decrypt them.
//!
//! Nothing is written before the ciphertext is known to be what its sender made: by the tag of an
//! AEAD, by the digest of the component that holds it, or because the signed manifest holds it.

use iotops_crypto::Hasher;
use iotops_crypto::cipher::{Key, Opening, unauthenticated::Decrypting};
use iotops_crypto::cose::Encrypt;
use iotops_wire::Rule;
use iotops_wire::cbor::sort_maps;

use super::condition::bytes;
use super::directive::Source;
use super::log::Journal;
use super::run::{Flow, Run, Stop, ask};
use super::state::Frame;
use super::{Platform, wide};
use crate::model::{INFO, ParameterKey, SuitDigest};
use crate::rules;

/// Bytes of the tag of the AEADs that SUIT uses (draft-ietf-suit-mti).
const TAG: usize = 16;

/// A payload that is being decrypted. It holds keys, so it is no part of the engine's memory:
/// after an interruption it begins anew.
pub(super) struct Decryption {
    stage: Stage,
    /// Bytes of the ciphertext that this stage has read.
    offset: u64,
    /// Bytes of the ciphertext without its tag; known behind the first stage.
    length: u64,
}

enum Stage {
    /// How long is it?
    Measure,
    /// Is its tag right? With the key for the second reading.
    Authenticate(Opening, Key),
    /// Is it what the manifest names?
    Compare(Hasher),
    /// Its plaintext is written; the tag must be right once more.
    Open(Opening),
    /// The plaintext is written of what was compared, or came in the manifest.
    Decrypt(Decrypting),
    /// All is written.
    Finish,
}

impl Decryption {
    const BEGIN: Self = Self { stage: Stage::Measure, offset: 0, length: 0 };
}

impl<'m, P: Platform + ?Sized, J: Journal + ?Sized> Run<'_, '_, 'm, P, J> {
    /// Moves an encrypted payload a block further; `true` when all of it is there.
    pub(super) fn decrypt(
        &mut self,
        frame: &Frame,
        place: usize,
        source: Source<'m>,
    ) -> Flow<bool> {
        let Some(mut decryption) = self.tree.decryption().take() else {
            if self.was_done()? {
                return self.done();
            }
            (self.state.progress, self.state.filled) = (None, 0);
            *self.tree.decryption() = Some(Decryption::BEGIN);
            return Ok(false);
        };
        let result = self.decrypt_step(&mut decryption, frame, place, source);
        match result {
            Ok(true) => {
                self.mark_done()?;
                self.done()
            }
            Ok(false) | Err(Stop::Pending) => {
                *self.tree.decryption() = Some(decryption);
                result
            }
            Err(Stop::Failed(_)) => result,
        }
    }

    fn decrypt_step(
        &mut self,
        at: &mut Decryption,
        frame: &Frame,
        place: usize,
        source: Source<'m>,
    ) -> Flow<bool> {
        match at.stage {
            Stage::Measure => self.measure(at, place, source)?,
            Stage::Authenticate(..) | Stage::Compare(_) => self.check(at, place, source)?,
            Stage::Open(_) | Stage::Decrypt(_) if self.state.progress.is_none() => {
                self.changes(frame, place)?;
                let size = self.image_size(place);
                let (call, platform) = self.call(place)?;
                self.state.progress = Some(ask(platform.begin(&call, size))?);
            }
            Stage::Open(_) | Stage::Decrypt(_) => self.write_plaintext(at, place, source)?,
            Stage::Finish => {
                let size = self.state.progress.unwrap_or_default();
                let (call, platform) = self.call(place)?;
                ask(platform.finish(&call, size))?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads to the end, and then sees by which key it can be decrypted.
    fn measure(&mut self, at: &mut Decryption, place: usize, source: Source<'m>) -> Flow<()> {
        let read = self.read_block(place, source, at.offset)?;
        if read > 0 {
            at.offset = at.offset.saturating_add(u64::from(read));
            return Ok(());
        }
        let total = core::mem::take(&mut at.offset);
        (at.stage, at.length) = self.unlock(place, source, total).map_err(Stop::Failed)?;
        Ok(())
    }

    /// The stage behind measuring, and the length of the ciphertext without its tag.
    fn unlock(&self, place: usize, source: Source<'m>, total: u64) -> Result<(Stage, u64), Rule> {
        self.with_message(place, |message| {
            if message.is_unauthenticated() {
                let digest = self.ciphertext_digest(source)?;
                let stage = match digest {
                    Some(digest) => Stage::Compare(digest.hasher().ok_or(rules::DIGEST_ALGORITHM)?),
                    None => Stage::Decrypt(self.decrypting(message)?),
                };
                return Ok((stage, total));
            }
            let length = total.checked_sub(wide(TAG)).ok_or(rules::CIPHERTEXT)?;
            let key = message.content_key(&self.tree.keyring()).map_err(refused)?;
            let opening = message.opening_with(&key, None, &[], length).map_err(refused)?;
            Ok((Stage::Authenticate(opening, key), length))
        })
    }

    fn decrypting(&self, message: &Encrypt<'_>) -> Result<Decrypting, Rule> {
        message.decrypting_unauthenticated(&self.tree.keyring()).map_err(refused)
    }

    /// The digest that a ciphertext without tag must have: RFC 9459 §8 wants it checked first.
    /// What the manifest itself holds needs none.
    fn ciphertext_digest(&self, source: Source<'m>) -> Result<Option<SuitDigest<'m>>, Rule> {
        match source {
            Source::Component(place) => match self.image_digest(place) {
                Ok(digest) => Ok(Some(digest)),
                Err(_) => Err(rules::CIPHERTEXT_DIGEST),
            },
            Source::Bytes(_) | Source::Uri(_) => Ok(None),
        }
    }

    /// Lends the message that tells how a payload is encrypted.
    ///
    /// SUIT §8.1 orders the maps of manifests, not those of COSE messages in them: published ones
    /// are out of order, so they are sorted first.
    fn with_message<T>(
        &self,
        place: usize,
        read: impl FnOnce(&Encrypt<'_>) -> Result<T, Rule>,
    ) -> Result<T, Rule> {
        let info = bytes(self.needed(place, ParameterKey::EncryptionInfo)?);
        let mut buffer = [0; INFO];
        let copy = buffer.get_mut(..info.len()).ok_or(rules::ENCRYPTED)?;
        copy.copy_from_slice(info);
        sort_maps(copy).map_err(|_| rules::ENCRYPTED)?;
        let message = Encrypt::decode(copy).map_err(|_| rules::ENCRYPTED)?;
        read(&message)
    }

    /// Takes the next block of the first reading in, or says what came of it.
    fn check(&mut self, at: &mut Decryption, place: usize, source: Source<'m>) -> Flow<()> {
        if at.offset < at.length {
            let read = self.next(at, place, source)?;
            let block = self.buffer.get(..read).unwrap_or_default();
            match &mut at.stage {
                Stage::Authenticate(opening, _) => opening.authenticate(block).map_err(failed)?,
                Stage::Compare(hasher) => hasher.update(block),
                _ => {}
            }
            at.offset = at.offset.saturating_add(wide(read));
            return Ok(());
        }
        let tag = self.tag(at, place, source)?;
        at.offset = 0;
        let next = match core::mem::replace(&mut at.stage, Stage::Finish) {
            Stage::Authenticate(opening, key) => {
                opening.finish(&tag).map_err(failed)?;
                self.with_message(place, |message| {
                    let opening = message.opening_with(&key, None, &[], at.length);
                    Ok(Stage::Open(opening.map_err(refused)?))
                })
            }
            Stage::Compare(hasher) => match self.ciphertext_digest(source) {
                Ok(Some(digest)) if digest.matches(&hasher.finish()) => self
                    .with_message(place, |message| Ok(Stage::Decrypt(self.decrypting(message)?))),
                _ => Err(rules::CIPHERTEXT),
            },
            other => Ok(other),
        };
        at.stage = next.map_err(Stop::Failed)?;
        Ok(())
    }

    /// Writes the next block of plaintext, or ends.
    fn write_plaintext(
        &mut self,
        at: &mut Decryption,
        place: usize,
        source: Source<'m>,
    ) -> Flow<()> {
        if self.state.filled > 0 {
            return self.write_block(place);
        }
        if at.offset < at.length {
            return self.decrypt_block(at, place, source);
        }
        let tag = self.tag(at, place, source)?;
        match core::mem::replace(&mut at.stage, Stage::Finish) {
            Stage::Open(opening) => opening.finish(&tag).map_err(failed),
            Stage::Decrypt(decrypting) => decrypting.finish().map(drop).map_err(failed),
            _ => Ok(()),
        }
    }

    fn decrypt_block(&mut self, at: &mut Decryption, place: usize, source: Source<'m>) -> Flow<()> {
        let read = self.next(at, place, source)?;
        let block = self.buffer.get_mut(..read).unwrap_or_default();
        match &mut at.stage {
            Stage::Open(opening) => opening.update(block).map_err(failed)?,
            Stage::Decrypt(decrypting) => decrypting.update(block).map_err(failed)?,
            _ => {}
        }
        // What was written before an interruption is decrypted again, but not written again.
        let written = self.state.progress.unwrap_or_default().saturating_sub(at.offset);
        let written = usize::try_from(written).unwrap_or(usize::MAX).min(read);
        block.rotate_left(written);
        self.state.filled = u16::try_from(read.saturating_sub(written)).unwrap_or_default();
        at.offset = at.offset.saturating_add(wide(read));
        Ok(())
    }

    /// Reads the next block of the ciphertext; what ends too early is not what was measured.
    fn next(&mut self, at: &Decryption, place: usize, source: Source<'m>) -> Flow<usize> {
        let read = self.read_block(place, source, at.offset)?;
        let left = at.length.saturating_sub(at.offset);
        match u64::from(read).min(left) {
            0 => Err(Stop::Failed(rules::CIPHERTEXT)),
            read => Ok(usize::try_from(read).unwrap_or_default()),
        }
    }

    /// The tag behind the ciphertext; zeros where there is none.
    fn tag(&mut self, at: &Decryption, place: usize, source: Source<'m>) -> Flow<[u8; TAG]> {
        let mut tag = [0; TAG];
        if !matches!(at.stage, Stage::Authenticate(..) | Stage::Open(_)) {
            return Ok(tag);
        }
        let mut filled = 0_usize;
        while filled < TAG {
            let read = self.read_block(place, source, at.length.saturating_add(wide(filled)))?;
            if read == 0 {
                return Err(Stop::Failed(rules::CIPHERTEXT));
            }
            let rest = tag.iter_mut().skip(filled);
            let found = self.buffer.iter().take(usize::from(read));
            filled = filled.saturating_add(rest.zip(found).map(|(to, from)| *to = *from).count());
        }
        Ok(tag)
    }
}

/// Why the key of a payload was not found.
fn refused(error: iotops_crypto::Error) -> Rule {
    match error.rule() {
        iotops_crypto::rules::UNAVAILABLE => rules::CONTENT_KEY_UNAVAILABLE,
        _ => rules::CONTENT_KEY,
    }
}

/// The ciphertext is not what its sender made.
fn failed(_: iotops_crypto::Error) -> Stop {
    Stop::Failed(rules::CIPHERTEXT)
}
