//! What a receiver brings to a message with recipients.

#[cfg(feature = "hpke-draft")]
use super::hpke::Binding;
use crate::agreement::{Agreement, KdfInfo, PublicKey};
use crate::cipher::{Key, Unwrapper};
#[cfg(feature = "hpke-draft")]
use crate::hpke::ReceiverKey;

/// One key of the receiver, and what it is for.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum RecipientKey<'k> {
    /// A secret of both sides: for `direct`, a key that is bound to the algorithm of the content;
    /// for direct+HKDF, one that is bound to that.
    Shared(&'k Key),
    /// A key that unwraps the key of the content.
    Unwrap(&'k dyn Unwrapper),
    /// A private key, for a sender with a key of one use (ECDH-ES).
    Agree(&'k dyn Agreement),
    /// A private key, for a sender whose static public key the caller knows (ECDH-SS).
    AgreeWith(&'k dyn Agreement, &'k PublicKey),
    /// A private key, for a sender who encrypts the key of the content with HPKE.
    #[cfg(feature = "hpke-draft")]
    Hpke(&'k ReceiverKey<'k>),
}

impl core::fmt::Debug for RecipientKey<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Shared(_) => "Shared",
            Self::Unwrap(_) => "Unwrap",
            Self::Agree(_) => "Agree",
            Self::AgreeWith(..) => "AgreeWith",
            #[cfg(feature = "hpke-draft")]
            Self::Hpke(_) => "Hpke",
        })
    }
}

/// The keys of the receiver, and what its protocol adds.
#[derive(Clone, Copy, Debug)]
pub struct Keyring<'k> {
    pub(super) keys: &'k [RecipientKey<'k>],
    pub(super) info: KdfInfo<'k>,
    pub(super) base_iv: Option<&'k [u8]>,
    #[cfg(feature = "hpke-draft")]
    pub(super) binding: Binding<'k>,
}

impl<'k> Keyring<'k> {
    /// These keys, and nothing else.
    #[must_use]
    pub fn new(keys: &'k [RecipientKey<'k>]) -> Self {
        Self {
            keys,
            info: KdfInfo::default(),
            base_iv: None,
            #[cfg(feature = "hpke-draft")]
            binding: Binding::default(),
        }
    }

    /// With what the protocol adds to the context of derived keys.
    #[must_use]
    pub const fn with_info(self, info: KdfInfo<'k>) -> Self {
        Self { info, ..self }
    }

    /// With the Base IV that a Partial IV completes; of a message with neither, it is the IV.
    #[must_use]
    pub const fn with_base_iv(self, base_iv: &'k [u8]) -> Self {
        Self { base_iv: Some(base_iv), ..self }
    }

    /// With what the protocol binds keys to that are encrypted with HPKE.
    #[cfg(feature = "hpke-draft")]
    #[must_use]
    pub const fn with_binding(self, binding: Binding<'k>) -> Self {
        Self { binding, ..self }
    }
}
