//! AEADs: AES-GCM, AES-CCM and ChaCha20/Poly1305, over content in parts.
//!
//! All three are a key stream beside a MAC over blocks, and differ in how the two begin and end:
//! GCM is SP 800-38D §7, CCM RFC 3610 §2, ChaCha20/Poly1305 RFC 8439 §2.8.

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _};
use ghash::GHash;
use ghash::universal_hash::{KeyInit as _, UniversalHash as _};
use poly1305::Poly1305;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::aes::{Aes, BLOCK, Counter};
use super::blocks::Blocks;
use super::{AeadParameters, CbcMac, Key};
use crate::rules::cipher as rules;
use crate::{Algorithm, Error};

/// SP 800-38D §5.2.1.1: at most 2^39 - 256 bits of content. The other two can do more.
const MOST_CONTENT: u64 = (1 << 36) - 32;

/// The flags of the first block of CCM: bit 6 says that there is associated data.
const CCM_HAS_AAD: u8 = 0x40;

/// The longest length of associated data that CCM tells in two bytes.
const CCM_SHORT_AAD: u64 = 0xff00;

#[expect(clippy::large_enum_variant, reason = "there is no heap to put the larger one on")]
enum Stream {
    Counter(Counter),
    ChaCha(ChaCha20),
}

impl Stream {
    fn apply(&mut self, bytes: &mut [u8]) {
        match self {
            Self::Counter(counter) => counter.apply(bytes),
            Self::ChaCha(chacha) => chacha.apply_keystream(bytes),
        }
    }

    /// Goes to a place of the content, which begins behind the block that made the mask or the key
    /// of the MAC; `false` if the stream does not reach so far.
    fn seek(&mut self, content: u64) -> bool {
        match self {
            Self::Counter(counter) => counter.seek(content.saturating_add(16)),
            Self::ChaCha(chacha) => chacha.try_seek(content.saturating_add(64)).is_ok(),
        }
    }
}

enum Mac {
    Gcm(GHash, Blocks),
    Poly(Poly1305, Blocks),
    /// CCM authenticates the plaintext, the others the ciphertext.
    Ccm(CbcMac),
}

impl Mac {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Gcm(mac, blocks) => blocks.feed(bytes, |whole| mac.update(whole)),
            Self::Poly(mac, blocks) => blocks.feed(bytes, |whole| mac.update(whole)),
            Self::Ccm(mac) => mac.update(bytes),
        }
    }

    fn pad(&mut self) {
        match self {
            Self::Gcm(mac, blocks) => blocks.pad(|whole| mac.update(whole)),
            Self::Poly(mac, blocks) => blocks.pad(|whole| mac.update(whole)),
            Self::Ccm(mac) => mac.pad(),
        }
    }

    fn finish(self, aad: u64, content: u64) -> Zeroizing<[u8; BLOCK]> {
        match self {
            Self::Gcm(mut mac, _) => {
                let bits = |bytes: u64| bytes.saturating_mul(8).to_be_bytes();
                mac.update(&[both(bits(aad), bits(content)).into()]);
                Zeroizing::new(mac.finalize().into())
            }
            Self::Poly(mut mac, _) => {
                mac.update(&[both(aad.to_le_bytes(), content.to_le_bytes()).into()]);
                Zeroizing::new(mac.finalize().into())
            }
            Self::Ccm(mac) => mac.finish(),
        }
    }
}

fn both(first: [u8; 8], second: [u8; 8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    fill(&mut block, first.into_iter().chain(second));
    block
}

fn fill<'b>(space: impl IntoIterator<Item = &'b mut u8>, bytes: impl IntoIterator<Item = u8>) {
    for (to, from) in space.into_iter().zip(bytes) {
        *to = from;
    }
}

/// An AEAD at work, whichever way.
struct State {
    stream: Stream,
    mac: Mac,
    /// What is added to the MAC to make the tag.
    mask: Zeroizing<[u8; BLOCK]>,
    tag: usize,
    aad: u64,
    declared: u64,
    content: u64,
    /// Whether content came that the stream was not applied to.
    is_behind: bool,
}

impl State {
    fn new(key: &Key, iv: &[u8], aad: &[&[u8]], length: u64) -> Result<Self, Error> {
        let parameters = parameters(key, iv, length)?;
        let aad_length = aad.iter().fold(0_u64, |sum, part| sum.saturating_add(len(part)));
        let begun = match key.algorithm() {
            Algorithm::ChaCha20Poly1305 => chacha(key, iv),
            Algorithm::A128Gcm | Algorithm::A192Gcm | Algorithm::A256Gcm => gcm(key, iv),
            _ => ccm(key, iv, parameters, aad_length, length),
        };
        let Some((stream, mut mac, mask)) = begun else {
            return Err(Error::new(rules::KEY_LENGTH, 0));
        };
        aad.iter().for_each(|part| mac.update(part));
        mac.pad();
        let tag = parameters.tag;
        let (aad, declared) = (aad_length, length);
        Ok(Self { stream, mac, mask, tag, aad, declared, content: 0, is_behind: false })
    }

    /// Counts content; more than was declared is refused.
    fn count(&mut self, part: &[u8]) -> Result<(), Error> {
        let content = self.content.saturating_add(len(part));
        if content > self.declared {
            return Err(Error::new(rules::CONTENT_LENGTH, 0));
        }
        self.content = content;
        Ok(())
    }

    fn finish(mut self) -> Result<(Zeroizing<[u8; BLOCK]>, usize), Error> {
        if self.content != self.declared {
            return Err(Error::new(rules::CONTENT_LENGTH, 0));
        }
        self.mac.pad();
        let mut tag = self.mac.finish(self.aad, self.content);
        for (to, from) in tag.iter_mut().zip(self.mask.iter()) {
            *to ^= *from;
        }
        Ok((tag, self.tag))
    }
}

fn parameters(key: &Key, iv: &[u8], length: u64) -> Result<AeadParameters, Error> {
    let Some(parameters) = AeadParameters::of(key.algorithm()) else {
        return Err(Error::new(rules::UNAUTHENTICATED, 0));
    };
    if iv.len() != parameters.iv {
        return Err(Error::new(rules::IV_LENGTH, 0));
    }
    if length > most_content(parameters) {
        return Err(Error::new(rules::CONTENT_LENGTH, 0));
    }
    Ok(parameters)
}

/// The checks before anything is computed, for content in memory that another backend takes.
#[cfg(feature = "aws-lc-rs")]
pub(crate) fn check_lengths(key: &Key, iv: &[u8], content: &[u8]) -> Result<AeadParameters, Error> {
    parameters(key, iv, len(content))
}

fn len(part: &[u8]) -> u64 {
    u64::try_from(part.len()).unwrap_or(u64::MAX)
}

/// The content that CCM can tell the length of, in as many bytes as the IV leaves; and for all
/// AEADs what their counters can do.
fn most_content(parameters: AeadParameters) -> u64 {
    match parameters.iv {
        13 => u64::from(u16::MAX),
        _ => MOST_CONTENT,
    }
}

type Begun = Option<(Stream, Mac, Zeroizing<[u8; BLOCK]>)>;

fn gcm(key: &Key, iv: &[u8]) -> Begun {
    let mut hash_key = Zeroizing::new([0; BLOCK]);
    Aes::new(key.as_bytes())?.encrypt(&mut hash_key);
    let mac = GHash::new(&(*hash_key).into());
    // SP 800-38D §7.1: J0 is the IV and a counter of 32 bits that begins at 1.
    let mut first = [0; BLOCK];
    let counter = [0, 0, 0, 1];
    fill(&mut first, iv.iter().copied().chain(counter));
    let (stream, mask) = counter_and_mask(key, &first)?;
    Some((stream, Mac::Gcm(mac, Blocks::new()), mask))
}

fn counter_and_mask(key: &Key, first: &[u8; BLOCK]) -> Option<(Stream, Zeroizing<[u8; BLOCK]>)> {
    let mut counter = Counter::new(key.as_bytes(), first)?;
    let mut mask = Zeroizing::new([0; BLOCK]);
    counter.apply(mask.as_mut_slice());
    Some((Stream::Counter(counter), mask))
}

fn chacha(key: &Key, iv: &[u8]) -> Begun {
    let mut chacha = ChaCha20::new_from_slices(key.as_bytes(), iv).ok()?;
    // RFC 8439 §2.6: the first half of block 0 is the key of the MAC; the rest is discarded.
    let mut block = Zeroizing::new([0; 64]);
    chacha.apply_keystream(block.as_mut_slice());
    let mac = Poly1305::new_from_slice(block.get(..32)?).ok()?;
    Some((Stream::ChaCha(chacha), Mac::Poly(mac, Blocks::new()), Zeroizing::new([0; BLOCK])))
}

fn ccm(key: &Key, iv: &[u8], parameters: AeadParameters, aad: u64, content: u64) -> Begun {
    // RFC 3610 §2.1: N is 15 - L bytes; the flags are L - 1, the tag by half, and the data.
    let width = 15_usize.checked_sub(iv.len())?;
    let width_flag = u8::try_from(width.checked_sub(1)?).ok()?;
    let tag_flag = u8::try_from(parameters.tag.checked_sub(2)? / 2).ok()?.checked_shl(3)?;
    let aad_flag = if aad > 0 { CCM_HAS_AAD } else { 0 };
    let mut first = [0; BLOCK];
    let length = content.to_be_bytes();
    let length = length.get(8_usize.checked_sub(width)?..)?;
    let flags = [width_flag | tag_flag | aad_flag];
    fill(&mut first, flags.into_iter().chain(iv.iter().copied()).chain(length.iter().copied()));
    let mut mac = CbcMac::new(Aes::new(key.as_bytes())?);
    mac.update(&first);
    ccm_aad_length(&mut mac, aad);
    let mut counter = [0; BLOCK];
    fill(&mut counter, [width_flag].into_iter().chain(iv.iter().copied()));
    let (stream, mask) = counter_and_mask(key, &counter)?;
    Some((stream, Mac::Ccm(mac), mask))
}

/// RFC 3610 §2.2: the length before the associated data.
fn ccm_aad_length(mac: &mut CbcMac, aad: u64) {
    let bytes = aad.to_be_bytes();
    let [_, _, _, _, long @ ..] = &bytes;
    let [.., first, second] = bytes;
    match aad {
        0 => {}
        1..CCM_SHORT_AAD => mac.update(&[first, second]),
        0xff00..=0xffff_ffff => {
            mac.update(&[0xff, 0xfe]);
            mac.update(long);
        }
        _ => {
            mac.update(&[0xff, 0xff]);
            mac.update(&bytes);
        }
    }
}

/// An AEAD that decrypts content in parts.
///
/// **What [`Opening::update`] gives is not authenticated** until [`Opening::finish`] says so: write
/// it only to where nothing uses it before, as to the slot of an image that is not yet valid, and
/// wipe it if `finish` refuses. Where the ciphertext can be read twice, [`Opening::authenticate`]
/// it all first and decrypt it in a second pass. [`Key::open`] does so for content in memory.
pub struct Opening(State);

impl core::fmt::Debug for Opening {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Opening")
    }
}

impl Opening {
    /// Begins. `aad` is the concatenation of its parts; `length` is that of the content, without
    /// the tag.
    ///
    /// # Errors
    /// [`rules::UNAUTHENTICATED`] if the key is for no AEAD, [`rules::IV_LENGTH`],
    /// [`rules::CONTENT_LENGTH`] for more than the algorithm can do.
    pub fn new(key: &Key, iv: &[u8], aad: &[&[u8]], length: u64) -> Result<Self, Error> {
        Ok(Self(State::new(key, iv, aad, length)?))
    }

    /// Decrypts the next part of the content in place, not authenticated yet.
    ///
    /// # Errors
    /// [`rules::CONTENT_LENGTH`] for more than was declared; nothing is decrypted then.
    pub fn update(&mut self, part: &mut [u8]) -> Result<(), Error> {
        let place = self.0.content;
        self.0.count(part)?;
        if core::mem::take(&mut self.0.is_behind) && !self.0.stream.seek(place) {
            return Err(Error::new(rules::CONTENT_LENGTH, 0));
        }
        if let Mac::Ccm(mac) = &mut self.0.mac {
            self.0.stream.apply(part);
            mac.update(part);
        } else {
            self.0.mac.update(part);
            self.0.stream.apply(part);
        }
        Ok(())
    }

    /// Takes the next part of the content in without giving its plaintext.
    ///
    /// # Errors
    /// [`rules::CONTENT_LENGTH`] for more than was declared.
    pub fn authenticate(&mut self, part: &[u8]) -> Result<(), Error> {
        self.0.count(part)?;
        if matches!(self.0.mac, Mac::Ccm(_)) {
            let mut window = Zeroizing::new([0; 64]);
            for chunk in part.chunks(window.len()) {
                let space = window.get_mut(..chunk.len()).unwrap_or_default();
                space.copy_from_slice(chunk);
                self.0.stream.apply(space);
                self.0.mac.update(space);
            }
        } else {
            self.0.mac.update(part);
            self.0.is_behind = true;
        }
        Ok(())
    }

    /// Whether all that came was authentic. The tag is compared whole, in constant time.
    ///
    /// # Errors
    /// [`rules::TAG`] if not, [`rules::CONTENT_LENGTH`] for less than was declared.
    pub fn finish(self, tag: &[u8]) -> Result<(), Error> {
        let (made, length) = self.0.finish()?;
        let made = made.get(..length).unwrap_or_default();
        if bool::from(made.ct_eq(tag)) { Ok(()) } else { Err(Error::new(rules::TAG, 0)) }
    }
}

/// An AEAD that encrypts content in parts.
pub struct Sealing(State);

impl core::fmt::Debug for Sealing {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Sealing")
    }
}

impl Sealing {
    /// Begins. **An IV must never come twice with the same key.**
    ///
    /// # Errors
    /// As [`Opening::new`].
    pub fn new(key: &Key, iv: &[u8], aad: &[&[u8]], length: u64) -> Result<Self, Error> {
        Ok(Self(State::new(key, iv, aad, length)?))
    }

    /// Encrypts the next part of the content in place.
    ///
    /// # Errors
    /// [`rules::CONTENT_LENGTH`] for more than was declared; nothing is encrypted then.
    pub fn update(&mut self, part: &mut [u8]) -> Result<(), Error> {
        self.0.count(part)?;
        if let Mac::Ccm(mac) = &mut self.0.mac {
            mac.update(part);
            self.0.stream.apply(part);
        } else {
            self.0.stream.apply(part);
            self.0.mac.update(part);
        }
        Ok(())
    }

    /// Writes the tag to `space`, and gives its length.
    ///
    /// # Errors
    /// [`rules::CONTENT_LENGTH`] for less than was declared,
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn finish(self, space: &mut [u8]) -> Result<usize, Error> {
        let (made, length) = self.0.finish()?;
        match (space.get_mut(..length), made.get(..length)) {
            (Some(space), Some(made)) => {
                space.copy_from_slice(made);
                Ok(length)
            }
            _ => Err(Error::new(iotops_wire::rules::OUT_OF_SPACE, 0)),
        }
    }
}

impl Key {
    /// Decrypts `content` in place if it is authentic; if not, it is wiped.
    ///
    /// # Errors
    /// [`rules::TAG`] if it is not authentic, and as [`Opening::new`].
    pub fn open(
        &self,
        iv: &[u8],
        aad: &[&[u8]],
        content: &mut [u8],
        tag: &[u8],
    ) -> Result<(), Error> {
        let opened = self.open_parts(iv, aad, content, tag);
        if opened.is_err() {
            zeroize::Zeroize::zeroize(content);
        }
        opened
    }

    fn open_parts(
        &self,
        iv: &[u8],
        aad: &[&[u8]],
        content: &mut [u8],
        tag: &[u8],
    ) -> Result<(), Error> {
        #[cfg(feature = "aws-lc-rs")]
        if let Some(opened) = crate::backend::aws_lc::open(self, iv, aad, content, tag) {
            return opened;
        }
        let mut opening = Opening::new(self, iv, aad, len(content))?;
        opening.update(content)?;
        opening.finish(tag)
    }

    /// Encrypts `content` in place, writes the tag to `tag` and gives its length. **An IV must
    /// never come twice with the same key.**
    ///
    /// # Errors
    /// As [`Sealing::new`] and [`Sealing::finish`].
    pub fn seal(
        &self,
        iv: &[u8],
        aad: &[&[u8]],
        content: &mut [u8],
        tag: &mut [u8],
    ) -> Result<usize, Error> {
        #[cfg(feature = "aws-lc-rs")]
        if let Some(sealed) = crate::backend::aws_lc::seal(self, iv, aad, content, tag) {
            return sealed;
        }
        let mut sealing = Sealing::new(self, iv, aad, len(content))?;
        sealing.update(content)?;
        sealing.finish(tag)
    }
}
