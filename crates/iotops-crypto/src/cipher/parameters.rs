//! What each algorithm asks of keys, IVs and tags.

use core::ops::RangeInclusive;

use crate::Algorithm;

use Algorithm as A;

/// The lengths that an AEAD asks for, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AeadParameters {
    /// The key.
    pub key: usize,
    /// The IV.
    pub iv: usize,
    /// The authentication tag behind the content.
    pub tag: usize,
}

impl AeadParameters {
    const fn new(key: usize, iv: usize, tag: usize) -> Self {
        Self { key, iv, tag }
    }

    /// The lengths of `algorithm`; `None` if it is no AEAD (RFC 9053 §4).
    #[must_use]
    pub const fn of(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            A::A128Gcm => Self::new(16, 12, 16),
            A::A192Gcm => Self::new(24, 12, 16),
            A::A256Gcm => Self::new(32, 12, 16),
            A::ChaCha20Poly1305 => Self::new(32, 12, 16),
            A::AesCcm16_64_128 => Self::new(16, 13, 8),
            A::AesCcm16_64_256 => Self::new(32, 13, 8),
            A::AesCcm64_64_128 => Self::new(16, 7, 8),
            A::AesCcm64_64_256 => Self::new(32, 7, 8),
            A::AesCcm16_128_128 => Self::new(16, 13, 16),
            A::AesCcm16_128_256 => Self::new(32, 13, 16),
            A::AesCcm64_128_128 => Self::new(16, 7, 16),
            A::AesCcm64_128_256 => Self::new(32, 7, 16),
            _ => return None,
        })
    }
}

/// Bytes of the IV of a cipher with or without authentication; `None` for other algorithms.
#[must_use]
pub const fn iv_length(algorithm: Algorithm) -> Option<usize> {
    match (AeadParameters::of(algorithm), is_unauthenticated(algorithm)) {
        (Some(parameters), _) => Some(parameters.iv),
        (None, true) => Some(16),
        (None, false) => None,
    }
}

/// Whether it encrypts without authenticating (RFC 9459).
pub(crate) const fn is_unauthenticated(algorithm: Algorithm) -> bool {
    matches!(algorithm, A::A128Ctr | A::A192Ctr | A::A256Ctr | A::A128Cbc | A::A192Cbc | A::A256Cbc)
}

/// The lengths that a key may have; empty for algorithms that take no symmetric key.
pub(super) const fn key_lengths(algorithm: Algorithm) -> RangeInclusive<usize> {
    match algorithm {
        A::A128Kw | A::A128Ctr | A::A128Cbc => 16..=16,
        A::A192Kw | A::A192Ctr | A::A192Cbc => 24..=24,
        A::A256Kw | A::A256Ctr | A::A256Cbc => 32..=32,
        A::AesMac128_64 | A::AesMac128_128 | A::DirectHkdfAes128 => 16..=16,
        A::AesMac256_64 | A::AesMac256_128 | A::DirectHkdfAes256 => 32..=32,
        // RFC 9053 §3.1: a MAC key is as long as the hash at least; no longer than its block.
        A::Hmac256Truncated64 | A::Hmac256 => 32..=64,
        A::Hmac384 => 48..=64,
        A::Hmac512 => 64..=64,
        A::DirectHkdfSha256 | A::DirectHkdfSha512 => 16..=64,
        _ => match AeadParameters::of(algorithm) {
            Some(parameters) => parameters.key..=parameters.key,
            None => RangeInclusive::new(1, 0),
        },
    }
}

/// Bytes of a key that is derived or drawn for `algorithm`.
pub(crate) const fn derived_length(algorithm: Algorithm) -> usize {
    match algorithm {
        // A secret that keys are derived from may be shorter, but need not.
        A::DirectHkdfSha256 | A::DirectHkdfSha512 => 32,
        _ => *key_lengths(algorithm).start(),
    }
}

/// Bytes of the MAC; `None` for what is no MAC of this module.
pub(super) const fn mac_length(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        A::Hmac256Truncated64 | A::AesMac128_64 | A::AesMac256_64 => Some(8),
        A::AesMac128_128 | A::AesMac256_128 => Some(16),
        A::Hmac256 => Some(32),
        A::Hmac384 if cfg!(feature = "sha512") => Some(48),
        A::Hmac512 if cfg!(feature = "sha512") => Some(64),
        _ => None,
    }
}
