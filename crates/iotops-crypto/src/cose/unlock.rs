//! From recipients and the receiver's keys to the key of the content.

use iotops_wire::Rule;
use iotops_wire::cbor::Type;
use zeroize::Zeroizing;

use super::Headers;
use super::keyring::{Keyring, RecipientKey};
use super::recipient::{PARTIES, Recipient, Recipients};
use crate::agreement::{Agreement, Kdf, LONGEST_SECRET, PublicKey, derive};
use crate::cipher::{Key, LONGEST_KEY};
use crate::rules::cipher as rules;
use crate::{Algorithm, Error, Refused, rules as common};

use Algorithm as A;

const SALT: i64 = -20;
const EPHEMERAL_KEY: i64 = -1;
const STATIC_KEY: i64 = -2;
const NONCES: [i64; 2] = [-22, -25];

/// What is done with a key that was found: it is the right one if this succeeds. The second
/// argument says which of the receiver's keys led to it.
pub(super) type Use<'u> = dyn FnMut(&Key, usize) -> Result<(), Error> + 'u;

/// How a recipient algorithm leads to a key (RFC 9052 §8.5).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Direct,
    Derive,
    Wrap,
    /// A key agreement, and the algorithm that wraps with what it gives, if one does.
    Agree {
        is_ephemeral: bool,
        wrap: Option<Algorithm>,
    },
    /// The key is encrypted to a public key.
    #[cfg(feature = "hpke-draft")]
    Hpke(crate::hpke::Suite),
}

impl Class {
    const fn of(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            A::Direct => Self::Direct,
            A::DirectHkdfSha256
            | A::DirectHkdfSha512
            | A::DirectHkdfAes128
            | A::DirectHkdfAes256 => Self::Derive,
            A::A128Kw | A::A192Kw | A::A256Kw => Self::Wrap,
            A::EcdhEsHkdf256 | A::EcdhEsHkdf512 => Self::Agree { is_ephemeral: true, wrap: None },
            A::EcdhSsHkdf256 | A::EcdhSsHkdf512 => Self::Agree { is_ephemeral: false, wrap: None },
            A::EcdhEsA128Kw => Self::Agree { is_ephemeral: true, wrap: Some(A::A128Kw) },
            A::EcdhEsA192Kw => Self::Agree { is_ephemeral: true, wrap: Some(A::A192Kw) },
            A::EcdhEsA256Kw => Self::Agree { is_ephemeral: true, wrap: Some(A::A256Kw) },
            A::EcdhSsA128Kw => Self::Agree { is_ephemeral: false, wrap: Some(A::A128Kw) },
            A::EcdhSsA192Kw => Self::Agree { is_ephemeral: false, wrap: Some(A::A192Kw) },
            A::EcdhSsA256Kw => Self::Agree { is_ephemeral: false, wrap: Some(A::A256Kw) },
            #[cfg(feature = "hpke-draft")]
            _ => match super::hpke::key_encryption(algorithm) {
                Some(suite) => Self::Hpke(suite),
                None => return None,
            },
            #[cfg(not(feature = "hpke-draft"))]
            _ => return None,
        })
    }

    const fn wraps(self) -> bool {
        match self {
            Self::Wrap | Self::Agree { wrap: Some(_), .. } => true,
            #[cfg(feature = "hpke-draft")]
            Self::Hpke(_) => true,
            _ => false,
        }
    }

    /// Whether the protected bucket enters the derivation of the key.
    const fn is_bound(self) -> bool {
        !matches!(self, Self::Direct | Self::Wrap)
    }
}

/// The search for a key of `target`.
pub(super) struct Unlock<'u, 'k> {
    pub(super) keyring: &'u Keyring<'k>,
    pub(super) target: Algorithm,
}

/// The more telling of two failures, and of two alike the first: that nothing was decided before
/// all others, and how far the best recipient came before how others fell behind.
fn worse(first: Option<Error>, next: Error) -> Option<Error> {
    match first {
        Some(first) if weight(first) >= weight(next) => Some(first),
        _ => Some(next),
    }
}

fn weight(error: Error) -> u8 {
    match error.rule() {
        common::UNAVAILABLE => 4,
        rules::TAG | common::MAC => 3,
        rules::UNWRAP => 1,
        rules::NO_RECIPIENT => 0,
        _ => 2,
    }
}

impl Unlock<'_, '_> {
    /// Tries the recipients with the keys that fit them, until `use_key` takes what comes of it.
    pub(super) fn any(
        &self,
        recipients: &Recipients<'_>,
        use_key: &mut Use<'_>,
    ) -> Result<(), Error> {
        let mut failure = None;
        for recipient in recipients.iter() {
            match self.one(&recipient, recipients.count(), use_key) {
                Ok(()) => return Ok(()),
                Err(error) => failure = worse(failure, error),
            }
        }
        Err(failure.unwrap_or_else(|| Error::new(rules::NO_RECIPIENT, 0)))
    }

    fn one(
        &self,
        recipient: &Recipient<'_>,
        beside: usize,
        use_key: &mut Use<'_>,
    ) -> Result<(), Error> {
        let algorithm = algorithm(recipient)?;
        let Some(class) = Class::of(algorithm) else {
            return Err(Error::new(common::ALGORITHM_PURPOSE, recipient.offset()));
        };
        check_form(recipient, class, beside)?;
        if let (Class::Wrap, Some(above)) = (class, recipient.recipients()) {
            // RFC 9052 appendix B: the wrapping key itself has recipients.
            let unlock = Unlock { keyring: self.keyring, target: algorithm };
            return unlock
                .any(&above, &mut |kek, index| self.unwrapped(kek, recipient, index, use_key));
        }
        let mut failure = None;
        for (index, key) in self.keyring.keys.iter().enumerate() {
            let Some(tried) = self.try_key(recipient, algorithm, class, *key, index, use_key)
            else {
                continue;
            };
            match tried {
                Ok(()) => return Ok(()),
                Err(error) => failure = worse(failure, error),
            }
        }
        Err(failure.unwrap_or_else(|| Error::new(rules::NO_RECIPIENT, recipient.offset())))
    }

    /// `None` if the key is not for this recipient.
    fn try_key(
        &self,
        recipient: &Recipient<'_>,
        algorithm: Algorithm,
        class: Class,
        key: RecipientKey<'_>,
        index: usize,
        use_key: &mut Use<'_>,
    ) -> Option<Result<(), Error>> {
        match (class, key) {
            (Class::Direct, RecipientKey::Shared(key)) if key.algorithm() == self.target => {
                Some(use_key(key, index))
            }
            (Class::Derive, RecipientKey::Shared(key)) if key.algorithm() == algorithm => {
                let made = self.derived(recipient, algorithm, key.as_bytes(), self.target);
                Some(made.and_then(|key| use_key(&key, index)))
            }
            (Class::Wrap, RecipientKey::Unwrap(kek)) if kek.accepts(algorithm) => {
                Some(self.unwrapped(kek, recipient, index, use_key))
            }
            (Class::Agree { is_ephemeral, wrap }, key) => {
                let secret = match shared_secret(recipient, is_ephemeral, key).transpose()? {
                    Ok(secret) => secret,
                    Err(error) => return Some(Err(error)),
                };
                let target = wrap.unwrap_or(self.target);
                let made = self.derived(recipient, algorithm, secret.as_slice(), target);
                Some(made.and_then(|key| match wrap {
                    Some(_) => self.unwrapped(&key, recipient, index, use_key),
                    None => use_key(&key, index),
                }))
            }
            #[cfg(feature = "hpke-draft")]
            (Class::Hpke(suite), RecipientKey::Hpke(own)) => {
                let (binding, target) = (&self.keyring.binding, self.target);
                let made = super::hpke::open_key(recipient, suite, own, binding, target);
                Some(made.transpose()?.and_then(|key| use_key(&key, index)))
            }
            _ => None,
        }
    }

    fn unwrapped(
        &self,
        kek: &dyn crate::cipher::Unwrapper,
        recipient: &Recipient<'_>,
        index: usize,
        use_key: &mut Use<'_>,
    ) -> Result<(), Error> {
        let error = |rule| Error::new(rule, recipient.offset());
        let mut space = Zeroizing::new([0; LONGEST_KEY]);
        let length = match kek.unwrap_key(recipient.ciphertext(), space.as_mut_slice()) {
            Ok(length) => length,
            Err(Refused::Unavailable) => return Err(error(common::UNAVAILABLE)),
            Err(Refused::Invalid) => return Err(error(rules::UNWRAP)),
        };
        let bytes = space.get(..length).unwrap_or_default();
        let key = Key::new(self.target, bytes).map_err(|broken| error(broken.rule()))?;
        use_key(&key, index)
    }

    /// A key for `target` that is derived from a secret and the context of the message.
    fn derived(
        &self,
        recipient: &Recipient<'_>,
        algorithm: Algorithm,
        secret: &[u8],
        target: Algorithm,
    ) -> Result<Key, Error> {
        let Some(kdf) = Kdf::of(algorithm) else {
            return Err(Error::new(common::ALGORITHM_PURPOSE, recipient.offset()));
        };
        let salt = match recipient.headers().find(SALT) {
            Some(mut value) => Some(value.bytes()?),
            None => None,
        };
        derive(kdf, secret, salt, &recipient.kdf_context(target, &self.keyring.info))
    }
}

fn algorithm(recipient: &Recipient<'_>) -> Result<Algorithm, Error> {
    let error = |rule| Err(Error::new(rule, recipient.offset()));
    if recipient.headers().is_critical() {
        return error(common::CRITICAL_UNKNOWN);
    }
    match recipient.headers().algorithm().map(Algorithm::from_cose) {
        Some(Some(algorithm)) => Ok(algorithm),
        Some(None) => error(common::ALGORITHM_UNKNOWN),
        None => error(common::ALGORITHM_MISSING),
    }
}

/// RFC 9052 §8.5.1 to §8.5.5: where the algorithm stands, and what else a recipient must have.
fn check_form(recipient: &Recipient<'_>, class: Class, beside: usize) -> Result<(), Error> {
    let error = |rule| Err(Error::new(rule, recipient.offset()));
    let headers = recipient.headers();
    match class {
        // "The 'protected' field MUST be a zero-length byte string if the key wrap algorithm is
        // an AE algorithm"; so it is for direct.
        Class::Direct | Class::Wrap if !headers.protected_bytes().is_empty() => {
            return error(rules::PROTECTED_EMPTY);
        }
        // RFC 9052 §3.1: alg "MUST be authenticated where the ability to do so exists", as by the
        // context of a derived key.
        _ if class.is_bound() && headers.is_algorithm_unprotected() => {
            return error(rules::ALGORITHM_PLACE);
        }
        _ => {}
    }
    // §8.5.2, and "The 'ciphertext' field MUST be a zero-length byte string" of §8.5.1.
    if recipient.ciphertext().is_empty() == class.wraps() {
        return error(rules::RECIPIENT_CIPHERTEXT);
    }
    // "When direct-encryption mode is used, it MUST be the only mode used on the message."
    let is_nested = class != Class::Wrap && recipient.recipients().is_some();
    if is_nested || (beside > 1 && !class.wraps()) {
        return error(rules::DIRECT_ALONE);
    }
    match class {
        Class::Derive | Class::Agree { .. } => check_parties(headers),
        _ => Ok(()),
    }
}

/// RFC 9053 table 10: byte strings all, but for nonces, which may be integers.
fn check_parties(headers: &Headers<'_>) -> Result<(), Error> {
    for label in PARTIES {
        let Some(value) = headers.find(label) else { continue };
        match value.peek() {
            Some(Type::Bytes) => {}
            Some(Type::Unsigned | Type::Negative) if NONCES.contains(&label) => {}
            _ => return Err(value.error(common::HEADER_VALUE).into()),
        }
    }
    Ok(())
}

type Secret = Zeroizing<[u8; LONGEST_SECRET]>;

/// The secret that is shared with the sender; `None` if the key is not for this recipient.
fn shared_secret(
    recipient: &Recipient<'_>,
    is_ephemeral: bool,
    key: RecipientKey<'_>,
) -> Result<Option<Secret>, Error> {
    match (key, is_ephemeral) {
        (RecipientKey::Agree(own), true) => {
            let Some(mut value) = recipient.headers().find(EPHEMERAL_KEY) else {
                return Err(Error::new(rules::PEER_KEY, recipient.offset()));
            };
            match PublicKey::read(&mut value)? {
                Some(peer) if peer.curve() == own.curve() => agreed(recipient, own, &peer),
                _ => Ok(None),
            }
        }
        (RecipientKey::AgreeWith(own, peer), false) => {
            if own.curve() != peer.curve() {
                return Ok(None);
            }
            // The sender is who the caller says, not who the message says.
            if let Some(mut value) = recipient.headers().find(STATIC_KEY)
                && PublicKey::read(&mut value)?.is_none_or(|sent| !sent.is_same(peer))
            {
                return Err(Error::new(rules::SENDER_KEY, recipient.offset()));
            }
            agreed(recipient, own, peer)
        }
        _ => Ok(None),
    }
}

fn agreed(
    recipient: &Recipient<'_>,
    own: &dyn Agreement,
    peer: &PublicKey,
) -> Result<Option<Secret>, Error> {
    let error = |rule: Rule| Err(Error::new(rule, recipient.offset()));
    let mut secret = Zeroizing::new([0; LONGEST_SECRET]);
    match own.agree(peer.as_bytes(), secret.as_mut_slice()) {
        Ok(LONGEST_SECRET) => Ok(Some(secret)),
        Ok(_) | Err(Refused::Unavailable) => error(common::UNAVAILABLE),
        Err(Refused::Invalid) => error(rules::SHARED_SECRET),
    }
}
