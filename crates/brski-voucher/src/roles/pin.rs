//! What a voucher pins, and whether a registrar is that.

#[cfg(feature = "x509")]
use iotops_crypto::x509::{
    Certificate,
    path::{self, Anchor, Options},
};
use iotops_crypto::{Algorithm, digest};

use crate::decode::Voucher;
use crate::model::Binary;
use crate::{Error, rules};

/// A kind of pin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PinKind {
    /// The SHA-256 of a public key.
    PublicKeyDigest,
    /// A public key.
    PublicKey,
    /// A certificate.
    Certificate,
}

/// bis §8.1: without a nonce "the first of the above attributes that it understands, in the order
/// given above".
const ORDER: [PinKind; 3] = [PinKind::PublicKeyDigest, PinKind::PublicKey, PinKind::Certificate];

/// Kinds of pins that a device understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PinKinds(u8);

impl PinKinds {
    /// Keys and digests of keys, and certificates if they are built in.
    pub const ALL: Self = Self(if cfg!(feature = "x509") { 0b111 } else { 0b011 });

    /// Only this one.
    #[must_use]
    pub const fn only(kind: PinKind) -> Self {
        Self(Self::bit(kind) & Self::ALL.0)
    }

    const fn has(self, kind: PinKind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    const fn bit(kind: PinKind) -> u8 {
        match kind {
            PinKind::PublicKeyDigest => 1,
            PinKind::PublicKey => 2,
            PinKind::Certificate => 4,
        }
    }
}

/// What a voucher pins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pin<'a> {
    /// The SHA-256 of the public key of the registrar.
    PublicKeyDigest(&'a [u8]),
    /// The public key of the registrar, as `SubjectPublicKeyInfo`.
    PublicKey(&'a [u8]),
    /// A certificate of the domain: of the registrar, or of an authority above it.
    Certificate(&'a [u8]),
}

impl<'a> Pin<'a> {
    /// The pin to use: of several, the kind that the device sent.
    pub(super) fn choose(
        voucher: &Voucher<'a>,
        sent: Option<PinKind>,
        understood: PinKinds,
        scratch: &'a mut [u8],
    ) -> Result<Self, Error> {
        let find = |kind| leaf(voucher, kind).filter(|_| understood.has(kind));
        let preferred = sent.filter(|_| voucher.nonce().is_some());
        let candidates = preferred.into_iter().chain(ORDER);
        let mut found = candidates.filter_map(|kind| Some((kind, find(kind)?)));
        // RFC 8995 §5.6.1: the pledge must fail gracefully where it cannot use the voucher.
        let Some((kind, binary)) = found.next() else {
            return Err(Error::new(rules::PIN_MISSING, 0));
        };
        let bytes = binary.read_into(scratch)?;
        Ok(match kind {
            PinKind::PublicKeyDigest => Self::PublicKeyDigest(bytes),
            PinKind::PublicKey => Self::PublicKey(bytes),
            PinKind::Certificate => Self::Certificate(bytes),
        })
    }

    /// Checks that a key, given as `SubjectPublicKeyInfo`, is the one that is pinned.
    ///
    /// # Errors
    /// [`rules::REGISTRAR_PIN`], also where a certificate is pinned: that takes a path.
    pub fn check_key(&self, public_key: &[u8]) -> Result<(), Error> {
        let is_pinned = match self {
            Self::PublicKey(pinned) => *pinned == public_key,
            Self::PublicKeyDigest(pinned) => digest(Algorithm::Sha256, &[public_key])
                .is_some_and(|made| made.as_bytes() == *pinned),
            Self::Certificate(_) => false,
        };
        if is_pinned { Ok(()) } else { Err(Error::new(rules::REGISTRAR_PIN, 0)) }
    }

    /// Checks that the certificates which a registrar showed in TLS, its own first, are the ones
    /// that are pinned or lead there.
    ///
    /// # Errors
    /// [`rules::REGISTRAR_PIN`], and the rules of certificates and paths of
    /// [`iotops_crypto::rules`].
    #[cfg(feature = "x509")]
    pub fn check_certificate(
        &self,
        registrar: &Certificate<'_>,
        others: &[Certificate<'_>],
        options: &Options<'_>,
    ) -> Result<(), Error> {
        let Self::Certificate(pinned) = self else {
            return self.check_key(registrar.public_key());
        };
        let anchors = [Anchor::certificate(Certificate::decode(pinned)?)];
        path::verify(registrar, others, &anchors, options)?;
        Ok(())
    }
}

fn leaf<'a>(voucher: &Voucher<'a>, kind: PinKind) -> Option<Binary<'a>> {
    match kind {
        PinKind::PublicKeyDigest => voucher.pinned_domain_pubk_sha256(),
        PinKind::PublicKey => voucher.pinned_domain_pubk(),
        PinKind::Certificate => voucher.pinned_domain_cert(),
    }
}
