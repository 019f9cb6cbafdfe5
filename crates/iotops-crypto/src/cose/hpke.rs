//! Content and keys that are encrypted with HPKE (draft-ietf-cose-hpke-27), opened.

use iotops_wire::cbor::{Head, Type};
use zeroize::Zeroizing;

use super::content::{Content, Decrypted};
use super::recipient::Recipient;
use super::{Encrypt0, Headers};
use crate::agreement::{Curve, INTEGER, integer};
use crate::cipher::{Key, LONGEST_KEY, Opening};
use crate::hpke::{ReceiverKey, Receiving, Suite};
use crate::rules::cipher as rules;
use crate::{Algorithm, Error, rules as common};

use Algorithm as A;

/// §7.3: `ek`, as yet assumed.
pub(super) const ENCAPSULATED_KEY: i64 = -4;
/// §7.3: `psk_id`, as yet assumed.
pub(super) const PSK_ID: i64 = -5;
/// All three AEADs have it.
pub(super) const TAG: usize = 16;

/// What both sides of HPKE know and bind the encryption to, although no message carries it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Binding<'a> {
    /// For content the `info` of HPKE; for a key `recipient_extra_info` inside of it.
    pub info: &'a [u8],
    /// For a key the `aad` of HPKE, which the draft would have empty. Content has its own.
    pub aad: &'a [u8],
}

impl<'a> Binding<'a> {
    /// Bound to `info`, which keys are derived from.
    #[must_use]
    pub const fn new(info: &'a [u8]) -> Self {
        Self { info, aad: &[] }
    }

    /// The same with additional data for keys.
    #[must_use]
    pub const fn with_aad(self, aad: &'a [u8]) -> Self {
        Self { aad, ..self }
    }
}

/// §4: the suite of an algorithm that encrypts content.
pub(super) const fn integrated(algorithm: Algorithm) -> Option<Suite> {
    suite(match algorithm {
        A::Hpke0 => (Curve::P256, A::A128Gcm),
        A::Hpke3 => (Curve::X25519, A::A128Gcm),
        A::Hpke4 => (Curve::X25519, A::ChaCha20Poly1305),
        A::Hpke7 => (Curve::P256, A::A256Gcm),
        _ => return None,
    })
}

/// §4: the suite of an algorithm that encrypts keys. "Algorithm identifiers MUST only be used in
/// the COSE HPKE mode that is specified for them" (§3.1).
pub(super) const fn key_encryption(algorithm: Algorithm) -> Option<Suite> {
    suite(match algorithm {
        A::Hpke0Ke => (Curve::P256, A::A128Gcm),
        A::Hpke3Ke => (Curve::X25519, A::A128Gcm),
        A::Hpke4Ke => (Curve::X25519, A::ChaCha20Poly1305),
        A::Hpke7Ke => (Curve::P256, A::A256Gcm),
        _ => return None,
    })
}

const fn suite((curve, aead): (Curve, Algorithm)) -> Option<Suite> {
    match Suite::new(curve, aead) {
        Ok(suite) => Some(suite),
        Err(_) => None,
    }
}

/// A protected bucket, in parts: what an author writes is never in one piece.
pub(super) type Protected<'p> = [&'p [u8]; 5];

/// Lends the `Recipient_structure` (§3.3.1) of a key for `target`, in parts.
pub(super) fn lend_recipient<R>(
    target: Algorithm,
    protected: Protected<'_>,
    info: &[u8],
    read: impl FnOnce(&[&[u8]]) -> R,
) -> R {
    let mut space = [0; INTEGER];
    let target = integer(&mut space, target.to_cose());
    lend([b"\x84\x6eHPKE Recipient", target], protected, info, read)
}

/// Lends a structure that ends with a protected bucket and another byte string.
pub(super) fn lend<R>(
    [start, more]: [&[u8]; 2],
    protected: Protected<'_>,
    last: &[u8],
    read: impl FnOnce(&[&[u8]]) -> R,
) -> R {
    let length = protected.iter().map(|part| part.len()).fold(0, usize::saturating_add);
    let (head, last_head) = (Head::of_bytes(length), Head::of_bytes(last.len()));
    let [a, b, c, d, e] = protected;
    read(&[start, more, head.as_bytes(), a, b, c, d, e, last_head.as_bytes(), last])
}

/// What the headers say of HPKE.
struct Sent<'a> {
    encapsulated: &'a [u8],
    psk_id: Option<&'a [u8]>,
}

impl<'a> Sent<'a> {
    fn read(headers: &Headers<'a>, offset: u32) -> Result<Self, Error> {
        // §3.2, §3.3.2: enc "MUST be placed" into ek "in the unprotected bucket".
        let Some(mut encapsulated) = headers.find_unprotected(ENCAPSULATED_KEY) else {
            return Err(Error::new(rules::ENCAPSULATED_KEY, offset));
        };
        if encapsulated.peek() != Some(Type::Bytes) {
            return Err(encapsulated.error(rules::ENCAPSULATED_KEY).into());
        }
        // §7.3.2: psk_id "MUST NOT be present as an unprotected header parameter".
        if let Some(value) = headers.find_unprotected(PSK_ID) {
            return Err(value.error(rules::PSK_ID).into());
        }
        let psk_id = match headers.find_protected(PSK_ID) {
            Some(mut value) if value.peek() == Some(Type::Bytes) => Some(value.bytes()?),
            Some(value) => return Err(value.error(rules::PSK_ID).into()),
            None => None,
        };
        Ok(Self { encapsulated: encapsulated.bytes()?, psk_id })
    }

    /// Whether a key is of the curve and the mode of the message: one that wants senders with a
    /// pre-shared key takes no message without, or with another.
    fn fits(&self, suite: Suite, key: &ReceiverKey<'_>) -> bool {
        key.curve() == suite.curve() && key.psk().map(|psk| psk.id()) == self.psk_id
    }
}

/// The key for `target` that a recipient carries; `None` if `own` is not for this recipient.
pub(super) fn open_key(
    recipient: &Recipient<'_>,
    suite: Suite,
    own: &ReceiverKey<'_>,
    binding: &Binding<'_>,
    target: Algorithm,
) -> Result<Option<Key>, Error> {
    let at = |broken: Error| match broken.rule() {
        rules::TAG => Error::new(rules::UNWRAP, recipient.offset()),
        rule => Error::new(rule, recipient.offset()),
    };
    let sent = Sent::read(recipient.headers(), recipient.offset())?;
    if !sent.fits(suite, own) {
        return Ok(None);
    }
    let mut space = Zeroizing::new([0; LONGEST_KEY]);
    let split = recipient.ciphertext().len().checked_sub(TAG);
    let parts = split.and_then(|length| recipient.ciphertext().split_at_checked(length));
    let (Some((content, tag)), Some(length)) = (parts, split) else {
        return Err(Error::new(rules::UNWRAP, recipient.offset()));
    };
    let Some(key) = space.get_mut(..length) else {
        return Err(Error::new(rules::KEY_LENGTH, recipient.offset()));
    };
    key.copy_from_slice(content);
    let protected = [recipient.headers().protected_bytes(), &[], &[], &[], &[]];
    let receiving = lend_recipient(target, protected, binding.info, |info| {
        Receiving::new(suite, sent.encapsulated, own, info)
    });
    receiving.and_then(|mut one| one.open(&[binding.aad], key, tag)).map_err(at)?;
    Key::new(target, key).map(Some).map_err(at)
}

impl Content<'_> {
    /// The algorithm of content that is encrypted with HPKE, and what the headers say of it.
    fn hpke(&self) -> Result<(Algorithm, Suite, Sent<'_>), Error> {
        if self.headers.is_critical() {
            return Err(self.error(common::CRITICAL_UNKNOWN));
        }
        let Some(number) = self.headers.algorithm() else {
            return Err(self.error(common::ALGORITHM_MISSING));
        };
        let Some(algorithm) = Algorithm::from_cose(number) else {
            return Err(self.error(common::ALGORITHM_UNKNOWN));
        };
        let Some(suite) = integrated(algorithm) else {
            return Err(self.error(common::ALGORITHM_PURPOSE));
        };
        // §3.2: alg "MUST be included in the protected header".
        if self.headers.is_algorithm_unprotected() {
            return Err(self.error(common::ALGORITHM_UNPROTECTED));
        }
        Ok((algorithm, suite, Sent::read(&self.headers, self.offset)?))
    }
}

/// draft-ietf-cose-hpke-27 §3.2: integrated encryption. `info` is what both sides know, or nothing.
impl Encrypt0<'_> {
    /// Decrypts a message that carries its ciphertext, which is encrypted to the public key of one
    /// of `keys`, into `plaintext`, which is as long at least. If no key fits, nothing of it is
    /// left there.
    ///
    /// # Errors
    /// [`rules::CIPHERTEXT_DETACHED`], [`common::NO_KEY`], [`rules::TAG`],
    /// [`rules::ENCAPSULATED_KEY`], [`rules::SHARED_SECRET`], [`rules::PSK_ID`],
    /// [`common::ALGORITHM_PURPOSE`] for what is not encrypted with HPKE,
    /// [`common::UNAVAILABLE`], and the rules of headers.
    pub fn decrypt_hpke<'b>(
        &self,
        aad: &[u8],
        keys: &[&ReceiverKey<'_>],
        info: &[u8],
        plaintext: &'b mut [u8],
    ) -> Result<Decrypted<'b>, Error> {
        let ciphertext = self.content().attached()?;
        self.decrypt_hpke_any(ciphertext, aad, keys, info, plaintext)
    }

    /// Decrypts a message whose ciphertext came another way.
    ///
    /// # Errors
    /// [`rules::CIPHERTEXT_ATTACHED`], and as [`Encrypt0::decrypt_hpke`].
    pub fn decrypt_hpke_detached<'b>(
        &self,
        ciphertext: &[u8],
        aad: &[u8],
        keys: &[&ReceiverKey<'_>],
        info: &[u8],
        plaintext: &'b mut [u8],
    ) -> Result<Decrypted<'b>, Error> {
        self.content().check_detached()?;
        self.decrypt_hpke_any(ciphertext, aad, keys, info, plaintext)
    }

    fn decrypt_hpke_any<'b>(
        &self,
        ciphertext: &[u8],
        aad: &[u8],
        keys: &[&ReceiverKey<'_>],
        info: &[u8],
        plaintext: &'b mut [u8],
    ) -> Result<Decrypted<'b>, Error> {
        let content = self.content();
        let (algorithm, suite, sent) = content.hpke()?;
        let split = ciphertext.len().checked_sub(TAG);
        let parts = split.and_then(|length| ciphertext.split_at_checked(length));
        let Some((encrypted, tag)) = parts else {
            return Err(content.error(rules::TAG));
        };
        let Some(space) = plaintext.get_mut(..encrypted.len()) else {
            return Err(content.error(iotops_wire::rules::OUT_OF_SPACE));
        };
        let mut failure = common::NO_KEY;
        for (index, key) in keys.iter().enumerate().filter(|(_, key)| sent.fits(suite, key)) {
            space.copy_from_slice(encrypted);
            let opened = Receiving::new(suite, sent.encapsulated, key, &[info])
                .and_then(|mut one| content.structure(aad, |aad| one.open(aad, space, tag)));
            match opened {
                Ok(()) => return Ok(Decrypted::new(space, algorithm, index)),
                // That nothing was decided tells more than that another key was wrong.
                Err(_) if failure == common::UNAVAILABLE => {}
                Err(error) => failure = error.rule(),
            }
        }
        zeroize::Zeroize::zeroize(space);
        Err(content.error(failure))
    }

    /// Begins to decrypt a detached ciphertext that is not in memory, of `length` bytes without
    /// its tag. Mind what [`Opening`] says of content that is not authenticated yet.
    ///
    /// # Errors
    /// [`common::NO_KEY`] if `key` is for another curve or mode, and as
    /// [`Encrypt0::decrypt_hpke_detached`].
    pub fn opening_hpke(
        &self,
        key: &ReceiverKey<'_>,
        info: &[u8],
        aad: &[u8],
        length: u64,
    ) -> Result<Opening, Error> {
        let content = self.content();
        content.check_detached()?;
        let (_, suite, sent) = content.hpke()?;
        if !sent.fits(suite, key) {
            return Err(content.error(common::NO_KEY));
        }
        Receiving::new(suite, sent.encapsulated, key, &[info])
            .and_then(|mut one| content.structure(aad, |aad| one.opening(aad, length)))
            .map_err(|error| content.error(error.rule()))
    }
}
