//! Writing messages that are encrypted with HPKE (draft-ietf-cose-hpke-27).

use iotops_wire::Random;
use iotops_wire::cbor::{Encoder, Head};
use zeroize::Zeroizing;

use super::TAG_ENCRYPT0;
use super::encrypt::OPENING0;
use super::hpke::{
    Binding, ENCAPSULATED_KEY, Protected, TAG, integrated, key_encryption, lend, lend_recipient,
};
use super::seal::{Plaintext, seal};
use crate::agreement::{INTEGER, PublicKey, integer};
use crate::cipher::{Key, LONGEST_KEY};
use crate::hpke::{Psk, Sending};
use crate::{Algorithm, Error, rules};

const KEY_ID: i64 = 4;
const ITEMS: usize = 3;
/// The heads of maps with up to three entries.
const MAPS: [u8; 4] = [0xa0, 0xa1, 0xa2, 0xa3];
/// The labels of the protected bucket, encoded: alg 1, kid 4, `psk_id` -5.
const LABELS: [u8; 3] = [0x01, 0x04, 0x24];
/// The head of a map, a label, and an integer or the head of a string.
const LONGEST: usize = 2 + INTEGER;

/// A few bytes of a bucket.
#[derive(Default)]
struct Part {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Part {
    fn of(parts: [&[u8]; 2]) -> Self {
        let mut part = Self::default();
        for (to, from) in part.bytes.iter_mut().zip(parts.into_iter().flatten()) {
            *to = *from;
            part.length = part.length.saturating_add(1);
        }
        part
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// The protected bucket: the algorithm, and identifiers of any length, if there are any.
struct Bucket<'p> {
    heads: [Part; 3],
    ids: [&'p [u8]; 2],
}

impl<'p> Bucket<'p> {
    fn new(algorithm: Algorithm, key_id: Option<&'p [u8]>, psk: Option<Psk<'p>>) -> Self {
        let [alg, kid, psk_id] = LABELS;
        let ids = [key_id, psk.map(|psk| psk.id())];
        let others = ids.iter().flatten().count();
        let map = MAPS.get(others.saturating_add(1)).copied().unwrap_or_default();
        let mut space = [0; INTEGER];
        let first = Part::of([&[map, alg], integer(&mut space, algorithm.to_cose())]);
        let head = |label, id: Option<&[u8]>| {
            id.map_or_else(Part::default, |id| {
                Part::of([&[label], Head::of_bytes(id.len()).as_bytes()])
            })
        };
        let [own, shared] = ids;
        let heads = [first, head(kid, own), head(psk_id, shared)];
        Self { heads, ids: ids.map(Option::unwrap_or_default) }
    }

    fn parts(&self) -> Protected<'_> {
        let ([first, second, third], [own, shared]) = (&self.heads, self.ids);
        [first.as_bytes(), second.as_bytes(), own, third.as_bytes(), shared]
    }

    fn write(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.wrapped(|content| {
            self.parts().into_iter().try_for_each(|part| content.raw(part).map(drop))
        })?;
        Ok(())
    }
}

fn unprotected(
    key_id: Option<&[u8]>,
    encapsulated: &PublicKey,
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    let mut map = encoder.map(if key_id.is_some() { 2 } else { 1 })?;
    if let Some(key_id) = key_id {
        map.key(KEY_ID)?.bytes(key_id)?;
    }
    map.key(ENCAPSULATED_KEY)?.bytes(encapsulated.as_bytes())?;
    Ok(map.end()?)
}

/// One to encrypt the key of the content to.
pub(super) struct Receiver<'r> {
    pub(super) algorithm: Algorithm,
    pub(super) peer: &'r PublicKey,
    pub(super) psk: Option<Psk<'r>>,
    pub(super) own: Option<&'r [u8]>,
}

impl Receiver<'_> {
    /// Writes a recipient (§3.3.2) with `key`.
    pub(super) fn write_key(
        &self,
        key: &Key,
        binding: &Binding<'_>,
        random: &mut dyn Random,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        let Some(suite) = key_encryption(self.algorithm) else {
            return Err(Error::new(rules::ALGORITHM_PURPOSE, 0));
        };
        // "Including it in the protected header parameters ensures that it is input into the key
        // derivation function of HPKE."
        let bucket = Bucket::new(self.algorithm, self.own, self.psk);
        let target = key.algorithm();
        let (encapsulated, mut sending) =
            lend_recipient(target, bucket.parts(), binding.info, |info| {
                Sending::new(suite, self.peer, self.psk, info, random)
            })?;
        let mut space = Zeroizing::new([0; LONGEST_KEY]);
        let content = space.get_mut(..key.as_bytes().len()).unwrap_or_default();
        content.copy_from_slice(key.as_bytes());
        let mut tag = [0; TAG];
        sending.seal(&[binding.aad], content, &mut tag)?;
        encoder.array(ITEMS)?;
        bucket.write(encoder)?;
        unprotected(None, &encapsulated, encoder)?;
        encoder.wrapped(|output| output.raw(content)?.raw(&tag).map(drop))?;
        Ok(())
    }
}

/// A message whose content is to be encrypted to one public key with HPKE: integrated encryption
/// (§3.2).
#[derive(Clone, Copy, Debug)]
pub struct UnsealedHpke<'k> {
    algorithm: Algorithm,
    key_id: Option<&'k [u8]>,
    psk: Option<Psk<'k>>,
    info: &'k [u8],
}

impl<'k> UnsealedHpke<'k> {
    /// A message that is encrypted by one of the algorithms for content, as `Hpke0`.
    ///
    /// # Errors
    /// [`rules::ALGORITHM_PURPOSE`] for any other algorithm.
    pub const fn new(algorithm: Algorithm) -> Result<Self, Error> {
        match integrated(algorithm) {
            Some(_) => Ok(Self { algorithm, key_id: None, psk: None, info: &[] }),
            None => Err(Error::new(rules::ALGORITHM_PURPOSE, 0)),
        }
    }

    /// The same with the identifier of the key of the receiver.
    #[must_use]
    pub const fn with_key_id(self, key_id: &'k [u8]) -> Self {
        Self { key_id: Some(key_id), ..self }
    }

    /// The same with a pre-shared key, which shows that the sender has it.
    #[must_use]
    pub const fn with_psk(self, psk: Psk<'k>) -> Self {
        Self { psk: Some(psk), ..self }
    }

    /// The same with what both sides know and keys are derived from.
    #[must_use]
    pub const fn with_info(self, info: &'k [u8]) -> Self {
        Self { info, ..self }
    }

    /// Encrypts to the holder of a private key and writes a `COSE_Encrypt0` message.
    ///
    /// # Errors
    /// [`rules::cipher::PEER_KEY`] for a public key of another curve,
    /// [`rules::cipher::SHARED_SECRET`] for one that is no point or a weak one,
    /// [`rules::UNAVAILABLE`] if `random` does not answer, [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn encrypt0(
        &self,
        to: &PublicKey,
        plaintext: Plaintext<'_>,
        aad: &[u8],
        random: &mut dyn Random,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        let Some(suite) = integrated(self.algorithm) else {
            return Err(Error::new(rules::ALGORITHM_PURPOSE, 0));
        };
        let bucket = Bucket::new(self.algorithm, None, self.psk);
        let (encapsulated, mut sending) = Sending::new(suite, to, self.psk, &[self.info], random)?;
        encoder.tag(TAG_ENCRYPT0)?.array(ITEMS)?;
        bucket.write(encoder)?;
        unprotected(self.key_id, &encapsulated, encoder)?;
        let bytes = match &plaintext {
            Plaintext::Attached(bytes) | Plaintext::Detached(bytes, _) => *bytes,
        };
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let sealing =
            lend([OPENING0, &[]], bucket.parts(), aad, |aad| sending.sealing(aad, length))?;
        match plaintext {
            Plaintext::Attached(bytes) => {
                encoder.raw(Head::of_bytes(bytes.len().saturating_add(TAG)).as_bytes())?;
                seal(sealing, bytes, encoder)
            }
            Plaintext::Detached(bytes, output) => {
                encoder.null()?;
                seal(sealing, bytes, &mut Encoder::new(output))
            }
        }
    }
}
