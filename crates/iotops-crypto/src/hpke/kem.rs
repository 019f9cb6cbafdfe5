//! DHKEM (RFC 9180 §4.1).

use iotops_wire::Random;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::Psk;
use super::schedule::{Domain, HASH, Secret};
use crate::agreement::{Agreement, Curve, LONGEST_SECRET, PublicKey, ephemeral};
use crate::rules::cipher as rules;
use crate::{Error, Refused, rules as common};

/// A private key of the receiver, wherever it is held, with its public key, which the keys of a
/// message also depend on; and perhaps a key that the sender must have.
#[derive(Clone, Copy)]
pub struct ReceiverKey<'k> {
    private: &'k dyn Agreement,
    public: PublicKey,
    psk: Option<Psk<'k>>,
}

impl core::fmt::Debug for ReceiverKey<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ReceiverKey")
            .field("public", &self.public)
            .field("psk", &self.psk)
            .finish_non_exhaustive()
    }
}

impl<'k> ReceiverKey<'k> {
    /// A private key and its public one; with that of another key nothing can be opened.
    ///
    /// # Errors
    /// [`rules::PEER_KEY`] if the public key is of another curve, or no point of it.
    pub fn new(private: &'k dyn Agreement, public: &PublicKey) -> Result<Self, Error> {
        match public.serialized() {
            Some(public) if public.curve() == private.curve() => {
                Ok(Self { private, public, psk: None })
            }
            _ => Err(Error::new(rules::PEER_KEY, 0)),
        }
    }

    /// The same for senders who have `psk`, and for no others.
    #[must_use]
    pub const fn with_psk(self, psk: Psk<'k>) -> Self {
        Self { psk: Some(psk), ..self }
    }

    /// Its curve.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        self.public.curve()
    }

    /// The key that the sender must have.
    #[must_use]
    pub const fn psk(&self) -> Option<Psk<'k>> {
        self.psk
    }
}

/// `Encap`: the public key to be sent, and the secret.
pub(super) fn encapsulate(
    to: &PublicKey,
    random: &mut dyn Random,
) -> Result<(PublicKey, Secret), Error> {
    let Some(to) = to.serialized() else {
        return Err(Error::new(rules::SHARED_SECRET, 0));
    };
    let mut agreed = Zeroizing::new([0; LONGEST_SECRET]);
    let sent = ephemeral(&to, random, &mut agreed)?;
    Ok((sent, shared(&agreed, &sent, &to)?))
}

/// `Decap`: the secret behind the bytes that were sent.
pub(super) fn decapsulate(sent: &[u8], own: &ReceiverKey<'_>) -> Result<Secret, Error> {
    // §7.1.1: of the two forms of a point only the uncompressed one is sent.
    let sent = match PublicKey::new(own.curve(), sent) {
        Ok(key) if key.as_bytes().len() == own.public.as_bytes().len() => key,
        _ => return Err(Error::new(rules::ENCAPSULATED_KEY, 0)),
    };
    let mut agreed = Zeroizing::new([0; LONGEST_SECRET]);
    match own.private.agree(sent.as_bytes(), agreed.as_mut_slice()) {
        Ok(LONGEST_SECRET) => shared(&agreed, &sent, &own.public),
        Ok(_) | Err(Refused::Unavailable) => Err(Error::new(common::UNAVAILABLE, 0)),
        Err(Refused::Invalid) => Err(Error::new(rules::SHARED_SECRET, 0)),
    }
}

/// `ExtractAndExpand`.
fn shared(
    agreed: &Zeroizing<[u8; LONGEST_SECRET]>,
    sent: &PublicKey,
    to: &PublicKey,
) -> Result<Secret, Error> {
    // §7.1.4: "the recipient MUST check whether the Diffie-Hellman shared secret is the all-zero
    // value and abort if so." A device that holds the key may have left that to us.
    if bool::from(agreed.as_slice().ct_eq(&[0; LONGEST_SECRET])) {
        return Err(Error::new(rules::SHARED_SECRET, 0));
    }
    let domain = Domain::of_kem(to.curve());
    let key = domain.extract(&[], b"eae_prk", &[agreed.as_slice()]);
    let mut secret = Zeroizing::new([0; HASH]);
    let context = [sent.as_bytes(), to.as_bytes()];
    domain.expand(&key, b"shared_secret", context, secret.as_mut_slice())?;
    Ok(secret)
}
