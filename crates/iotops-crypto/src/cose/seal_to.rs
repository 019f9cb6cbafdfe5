//! Writing recipients.

use iotops_wire::Random;
use iotops_wire::cbor::{Encoder, SliceOutput};
use zeroize::Zeroizing;

#[cfg(feature = "hpke-draft")]
use super::hpke::Binding;
use super::sign_write::only_algorithm;
use super::write::PROTECTED;
#[cfg(feature = "ecdh")]
use crate::agreement::ephemeral;
use crate::agreement::{Kdf, KdfContext, KdfInfo, LONGEST_SECRET, PublicKey, derive};
use crate::cipher::{Key, LONGEST_WRAPPED, Wrapper, derived_length};
#[cfg(feature = "hpke-draft")]
use crate::hpke::Psk;
use crate::rules::cipher as rules;
use crate::{Algorithm, Error, rules as common};

const ALGORITHM: i64 = 1;
const KEY_ID: i64 = 4;
const EPHEMERAL_KEY: i64 = -1;
const SALT: i64 = -20;
const ITEMS: usize = 3;
/// As long as the hash (RFC 5869 §3.1).
const SALT_LENGTH: usize = 32;

/// How one receiver is to come to the key of the content.
#[non_exhaustive]
pub enum NewRecipient<'r> {
    /// Both sides have the key of the content itself; nobody else can be a recipient then.
    Direct(&'r Key),
    /// Both sides have a secret that the key is derived from, with a salt that is drawn for this
    /// message; nobody else can be a recipient then. The key is bound to direct+HKDF.
    Derive(&'r Key),
    /// The key is wrapped with one that both sides have.
    Wrap(&'r mut dyn Wrapper),
    /// The receiver has the private key of this public one, and the sender draws a key for this
    /// message: with `EcdhEsHkdf256` or `EcdhEsHkdf512`, nobody else can be a recipient; with
    /// `EcdhEsA128Kw` and its like the key of the content is wrapped.
    Agree(Algorithm, &'r PublicKey),
    /// The key is encrypted to this public key with HPKE, by one of the algorithms for keys as
    /// `Hpke0Ke`; perhaps with a pre-shared key that shows who did it.
    #[cfg(feature = "hpke-draft")]
    Hpke(Algorithm, &'r PublicKey, Option<Psk<'r>>),
}

impl core::fmt::Debug for NewRecipient<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Direct(_) => "Direct",
            Self::Derive(_) => "Derive",
            Self::Wrap(_) => "Wrap",
            Self::Agree(..) => "Agree",
            #[cfg(feature = "hpke-draft")]
            Self::Hpke(..) => "Hpke",
        })
    }
}

/// A recipient to be written.
pub struct To<'r> {
    how: NewRecipient<'r>,
    key_id: Option<&'r [u8]>,
}

impl core::fmt::Debug for To<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("To").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// What a recipient sends beside its algorithm and key identifier.
enum Sent {
    Nothing,
    Salt([u8; SALT_LENGTH]),
    Ephemeral(PublicKey),
}

/// The key of the content, and what the one recipient that leads to it must send.
pub(super) struct Prepared {
    pub(super) key: Key,
    sent: Sent,
}

/// What all recipients of a message share.
pub(super) struct Common<'c> {
    pub(super) target: Algorithm,
    pub(super) info: KdfInfo<'c>,
    #[cfg(feature = "hpke-draft")]
    pub(super) binding: Binding<'c>,
}

impl<'r> To<'r> {
    /// A recipient.
    #[must_use]
    pub const fn new(how: NewRecipient<'r>) -> Self {
        Self { how, key_id: None }
    }

    /// The same with a key identifier.
    #[must_use]
    pub const fn with_key_id(self, key_id: &'r [u8]) -> Self {
        Self { how: self.how, key_id: Some(key_id) }
    }

    const fn algorithm(&self) -> Option<Algorithm> {
        match &self.how {
            NewRecipient::Direct(_) => Some(Algorithm::Direct),
            NewRecipient::Derive(key) => Some(key.algorithm()),
            NewRecipient::Agree(algorithm, _) => Some(*algorithm),
            #[cfg(feature = "hpke-draft")]
            NewRecipient::Hpke(algorithm, ..) => Some(*algorithm),
            NewRecipient::Wrap(_) => None,
        }
    }

    fn is_wrapping(&self) -> bool {
        match &self.how {
            NewRecipient::Wrap(_) => true,
            NewRecipient::Agree(algorithm, _) => wrap_of(*algorithm).is_some(),
            #[cfg(feature = "hpke-draft")]
            NewRecipient::Hpke(..) => true,
            _ => false,
        }
    }
}

const fn wrap_of(algorithm: Algorithm) -> Option<Algorithm> {
    match algorithm {
        Algorithm::EcdhEsA128Kw => Some(Algorithm::A128Kw),
        Algorithm::EcdhEsA192Kw => Some(Algorithm::A192Kw),
        Algorithm::EcdhEsA256Kw => Some(Algorithm::A256Kw),
        _ => None,
    }
}

impl Common<'_> {
    /// Draws or derives the key of the content.
    pub(super) fn prepare(
        &self,
        to: &[To<'_>],
        random: &mut dyn Random,
    ) -> Result<Prepared, Error> {
        let error = |rule| Err(Error::new(rule, 0));
        match to {
            [] => error(rules::RECIPIENTS),
            _ if to.len() > super::RECIPIENTS => error(rules::RECIPIENT_COUNT),
            _ if to.iter().all(To::is_wrapping) => {
                Ok(Prepared { key: Key::generate(self.target, random)?, sent: Sent::Nothing })
            }
            [alone] => self.alone(alone, random),
            // RFC 9052 §8.5.1: direct "MUST be the only mode used on the message."
            _ => error(rules::DIRECT_ALONE),
        }
    }

    fn alone(&self, to: &To<'_>, random: &mut dyn Random) -> Result<Prepared, Error> {
        match &to.how {
            NewRecipient::Direct(key) if key.algorithm() == self.target => {
                Ok(Prepared { key: (*key).clone(), sent: Sent::Nothing })
            }
            NewRecipient::Derive(secret) => {
                let mut salt = [0; SALT_LENGTH];
                random.fill(&mut salt).map_err(|_| Error::new(common::UNAVAILABLE, 0))?;
                let algorithm = secret.algorithm();
                let key = self.derive(algorithm, secret.as_bytes(), Some(&salt), self.target)?;
                Ok(Prepared { key, sent: Sent::Salt(salt) })
            }
            NewRecipient::Agree(algorithm, peer) => {
                let (key, public) = self.agree(*algorithm, peer, self.target, random)?;
                Ok(Prepared { key, sent: Sent::Ephemeral(public) })
            }
            _ => Err(Error::new(common::NO_KEY, 0)),
        }
    }

    fn derive(
        &self,
        algorithm: Algorithm,
        secret: &[u8],
        salt: Option<&[u8]>,
        target: Algorithm,
    ) -> Result<Key, Error> {
        let Some(kdf) = Kdf::of(algorithm) else {
            return Err(Error::new(common::ALGORITHM_PURPOSE, 0));
        };
        let mut space = [0; PROTECTED];
        let mut protected = SliceOutput::new(&mut space);
        only_algorithm(algorithm, &mut Encoder::new(&mut protected))?;
        let bits = u64::try_from(derived_length(target)).unwrap_or(0).saturating_mul(8);
        let context = KdfContext::new(target, bits, protected.written(), &self.info);
        derive(kdf, secret, salt, &context)
    }

    fn agree(
        &self,
        algorithm: Algorithm,
        peer: &PublicKey,
        target: Algorithm,
        random: &mut dyn Random,
    ) -> Result<(Key, PublicKey), Error> {
        let is_ephemeral = wrap_of(algorithm).is_some()
            || matches!(algorithm, Algorithm::EcdhEsHkdf256 | Algorithm::EcdhEsHkdf512);
        if !is_ephemeral {
            return Err(Error::new(common::ALGORITHM_PURPOSE, 0));
        }
        let mut secret = Zeroizing::new([0; LONGEST_SECRET]);
        let public = ephemeral(peer, random, &mut secret)?;
        Ok((self.derive(algorithm, secret.as_slice(), None, target)?, public))
    }

    /// Writes the recipients.
    pub(super) fn write(
        &self,
        prepared: &Prepared,
        to: &mut [To<'_>],
        random: &mut dyn Random,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        encoder.array(to.len())?;
        to.iter_mut().try_for_each(|to| self.write_one(prepared, to, random, encoder))
    }

    fn write_one(
        &self,
        prepared: &Prepared,
        to: &mut To<'_>,
        random: &mut dyn Random,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        let (own, algorithm) = (to.key_id, to.algorithm());
        let mut wrapped = [0; LONGEST_WRAPPED];
        let key = prepared.key.as_bytes();
        if let NewRecipient::Wrap(wrapper) = &mut to.how {
            let algorithm = wrapper.algorithm();
            let wrapped = wrap(*wrapper, key, &mut wrapped)?;
            headers(algorithm, own, &Sent::Nothing, encoder)?.bytes(wrapped)?;
            return Ok(());
        }
        if let NewRecipient::Agree(algorithm, peer) = &to.how
            && let Some(kw) = wrap_of(*algorithm)
        {
            let (mut kek, public) = self.agree(*algorithm, peer, kw, random)?;
            let wrapped = wrap(&mut kek, key, &mut wrapped)?;
            headers(*algorithm, own, &Sent::Ephemeral(public), encoder)?.bytes(wrapped)?;
            return Ok(());
        }
        #[cfg(feature = "hpke-draft")]
        if let NewRecipient::Hpke(algorithm, peer, psk) = &to.how {
            let to = super::seal_hpke::Receiver { algorithm: *algorithm, peer, psk: *psk, own };
            return to.write_key(&prepared.key, &self.binding, random, encoder);
        }
        headers(algorithm.unwrap_or(Algorithm::Direct), own, &prepared.sent, encoder)?.bytes(&[])?;
        Ok(())
    }
}

fn wrap<'w>(wrapper: &mut dyn Wrapper, key: &[u8], space: &'w mut [u8]) -> Result<&'w [u8], Error> {
    let length = wrapper.wrap_key(key, space);
    let wrapped = length.ok().and_then(|length| space.get(..length));
    wrapped.ok_or_else(|| Error::new(common::UNAVAILABLE, 0))
}

/// RFC 9052 §8.5: the algorithm is unprotected where nothing protects it, as for direct and for
/// key wrapping, and protected where a key is derived.
fn headers<'e, 'o>(
    algorithm: Algorithm,
    own: Option<&[u8]>,
    sent: &Sent,
    encoder: &'e mut Encoder<'o>,
) -> Result<&'e mut Encoder<'o>, Error> {
    let is_protected = Kdf::of(algorithm).is_some();
    encoder.array(ITEMS)?;
    encoder.wrapped(|content| match is_protected {
        true => only_algorithm(algorithm, content),
        false => Ok(()),
    })?;
    let has_sent = !matches!(sent, Sent::Nothing);
    let count = [!is_protected, own.is_some(), has_sent].into_iter().filter(|has| *has).count();
    let mut map = encoder.map(count)?;
    if !is_protected {
        map.key(ALGORITHM)?.integer(algorithm.to_cose())?;
    }
    if let Some(own) = own {
        map.key(KEY_ID)?.bytes(own)?;
    }
    match sent {
        Sent::Nothing => {}
        Sent::Salt(salt) => drop(map.key(SALT)?.bytes(salt)?),
        Sent::Ephemeral(public) => public.encode(&mut map.key(EPHEMERAL_KEY)?)?,
    }
    map.end()?;
    Ok(encoder)
}

#[cfg(not(feature = "ecdh"))]
fn ephemeral(
    _peer: &PublicKey,
    _random: &mut dyn Random,
    _secret: &mut [u8; LONGEST_SECRET],
) -> Result<PublicKey, Error> {
    Err(Error::new(common::KEY_TYPE, 0))
}
