//! Labeled HKDF and the key schedule (RFC 9180 §4, §5.1).

use hkdf::{Hkdf, HkdfExtract};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Psk, Suite};
use crate::agreement::Curve;
use crate::cipher::{AeadParameters, Key};
use crate::rules::cipher as rules;
use crate::{Algorithm, Error};

/// Bytes of a hash and of all secrets that are made of one.
pub(super) const HASH: usize = 32;
/// Bytes of a nonce: the three AEADs have the same.
pub(super) const NONCE: usize = 12;
/// The longest key of the three.
const LONGEST_AEAD_KEY: usize = 32;

const VERSION: &[u8] = b"HPKE-v1";
const MODE_BASE: u8 = 0;
const MODE_PSK: u8 = 1;
/// HKDF-SHA256 (table 3).
const KDF: u16 = 1;

pub(super) type Secret = Zeroizing<[u8; HASH]>;

/// What separates the uses of HKDF: `suite_id`.
#[derive(Clone, Copy)]
pub(super) enum Domain {
    Kem(u16),
    Hpke(u16, u16),
}

impl Domain {
    pub(super) const fn of_kem(curve: Curve) -> Self {
        Self::Kem(kem(curve))
    }

    const fn of_suite(suite: Suite) -> Self {
        Self::Hpke(kem(suite.curve), aead(suite.aead))
    }

    /// `"KEM" || kem_id`, or `"HPKE" || kem_id || kdf_id || aead_id`.
    fn lend<R>(self, read: impl FnOnce(&[&[u8]; 4]) -> R) -> R {
        match self {
            Self::Kem(kem) => read(&[b"KEM", &kem.to_be_bytes(), &[], &[]]),
            Self::Hpke(kem, aead) => {
                read(&[b"HPKE", &kem.to_be_bytes(), &KDF.to_be_bytes(), &aead.to_be_bytes()])
            }
        }
    }

    /// `LabeledExtract` of the concatenation of `parts`.
    pub(super) fn extract(self, salt: &[u8], label: &[u8], parts: &[&[u8]]) -> Secret {
        let mut extract = HkdfExtract::<Sha256>::new(Some(salt));
        extract.input_ikm(VERSION);
        self.lend(|id| id.iter().for_each(|part| extract.input_ikm(part)));
        extract.input_ikm(label);
        parts.iter().for_each(|part| extract.input_ikm(part));
        Zeroizing::new(extract.finalize().0.into())
    }

    /// `LabeledExpand`, with two parts of information.
    pub(super) fn expand(
        self,
        key: &Secret,
        label: &[u8],
        info: [&[u8]; 2],
        output: &mut [u8],
    ) -> Result<(), Error> {
        let refused = Error::new(rules::EXPORT_LENGTH, 0);
        let length = u16::try_from(output.len()).map_err(|_| refused)?.to_be_bytes();
        let key = Hkdf::<Sha256>::from_prk(key.as_slice()).map_err(|_| refused)?;
        let [first, second] = info;
        self.lend(|[a, b, c, d]| {
            let info = [&length[..], VERSION, a, b, c, d, label, first, second];
            key.expand_multi_info(&info, output).map_err(|_| refused)
        })
    }
}

/// Table 2.
const fn kem(curve: Curve) -> u16 {
    match curve {
        Curve::P256 => 0x10,
        Curve::X25519 => 0x20,
    }
}

/// Table 5.
const fn aead(algorithm: Algorithm) -> u16 {
    match algorithm {
        Algorithm::A128Gcm => 1,
        Algorithm::A256Gcm => 2,
        _ => 3,
    }
}

/// What both sides have after `KeySchedule`.
pub(super) struct Schedule {
    domain: Domain,
    pub(super) key: Key,
    pub(super) base_nonce: Zeroizing<[u8; NONCE]>,
    exporter: Secret,
}

impl Schedule {
    /// The keys that follow from a shared secret; `info` is the concatenation of its parts.
    pub(super) fn new(
        suite: Suite,
        shared: &Secret,
        info: &[&[u8]],
        psk: Option<Psk<'_>>,
    ) -> Result<Self, Error> {
        let domain = Domain::of_suite(suite);
        let (mode, psk, id) = match psk {
            Some(psk) => (MODE_PSK, psk.key, psk.id),
            None => (MODE_BASE, &[][..], &[][..]),
        };
        let id_hash = domain.extract(&[], b"psk_id_hash", &[id]);
        let info_hash = domain.extract(&[], b"info_hash", info);
        let mut context = [mode; 1 + HASH + HASH];
        let hashes = id_hash.iter().chain(info_hash.iter());
        for (to, from) in context.iter_mut().skip(1).zip(hashes) {
            *to = *from;
        }
        let secret = domain.extract(shared.as_slice(), b"secret", &[psk]);
        let mut key = Zeroizing::new([0; LONGEST_AEAD_KEY]);
        let length = AeadParameters::of(suite.aead).map_or(0, |parameters| parameters.key);
        let key = key.get_mut(..length).unwrap_or_default();
        let mut base_nonce = Zeroizing::new([0; NONCE]);
        let mut exporter = Zeroizing::new([0; HASH]);
        domain.expand(&secret, b"key", [&context, &[]], key)?;
        domain.expand(&secret, b"base_nonce", [&context, &[]], base_nonce.as_mut_slice())?;
        domain.expand(&secret, b"exp", [&context, &[]], exporter.as_mut_slice())?;
        Ok(Self { domain, key: Key::new(suite.aead, key)?, base_nonce, exporter })
    }

    /// A secret for something else (§5.3).
    pub(super) fn export(&self, context: &[u8], output: &mut [u8]) -> Result<(), Error> {
        self.domain.expand(&self.exporter, b"sec", [context, &[]], output)
    }
}
