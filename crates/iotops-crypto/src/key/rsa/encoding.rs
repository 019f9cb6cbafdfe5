//! The encodings of a digest that RSA signs (RFC 8017 §9).

use super::byte_length;
use crate::{Algorithm, digest};

/// What stands before the digest in a `DigestInfo` (RFC 8017 §9.2, note 1).
pub(super) const fn digest_info(hash: Algorithm) -> Option<[u8; 19]> {
    // SEQUENCE { SEQUENCE { OID 2.16.840.1.101.3.4.2.x, NULL }, OCTET STRING }
    let (outer, last_of_oid, length) = match hash {
        Algorithm::Sha256 => (0x31, 1, 32),
        Algorithm::Sha384 => (0x41, 2, 48),
        Algorithm::Sha512 => (0x51, 3, 64),
        _ => return None,
    };
    Some([
        0x30,
        outer,
        0x30,
        13,
        6,
        9,
        0x60,
        0x86,
        0x48,
        1,
        0x65,
        3,
        4,
        2,
        last_of_oid,
        5,
        0,
        4,
        length,
    ])
}

/// Whether `encoded` is the one encoding of the digest by EMSA-PKCS1-v1_5 (RFC 8017 §9.2).
///
/// Nothing in `encoded` is parsed: it is compared with what it must be.
pub(super) fn is_pkcs1(encoded: &[u8], digest_info: [u8; 19], digest: &[u8]) -> bool {
    const AROUND: usize = 3;
    let used = AROUND.saturating_add(digest_info.len()).saturating_add(digest.len());
    // "PS will be at least eight octets": always, with a modulus of 2048 bits.
    let padding = encoded.len().saturating_sub(used);
    let expected = [0, 1].into_iter().chain(core::iter::repeat_n(0xff, padding)).chain([0]);
    let expected = expected.chain(digest_info).chain(digest.iter().copied());
    expected.eq(encoded.iter().copied())
}

/// The parameters of EMSA-PSS (RFC 8017 §9.1), with MGF1 over the same hash.
pub(super) struct Pss {
    pub(super) hash: Algorithm,
    pub(super) salt_length: usize,
    /// emBits: one less than the bits of the modulus.
    pub(super) bits: u32,
}

impl Pss {
    /// EMSA-PSS-VERIFY (RFC 8017 §9.1.2). `encoded` is as long as the modulus and is overwritten.
    pub(super) fn is_encoding(&self, encoded: &mut [u8], digest: &[u8]) -> bool {
        self.check(encoded, digest).is_some()
    }

    fn check(&self, encoded: &mut [u8], digest: &[u8]) -> Option<()> {
        // The steps are those of the RFC. A modulus of 8n + 1 bits has one byte more.
        let (surplus, encoded) =
            encoded.split_at_mut_checked(encoded.len().checked_sub(byte_length(self.bits))?)?;
        // 3: too short for the salt and the digest.
        let length = encoded.len().checked_sub(digest.len())?.checked_sub(1)?;
        let padding = length.checked_sub(self.salt_length)?.checked_sub(1)?;
        let (masked, rest) = encoded.split_at_mut_checked(length)?;
        let (hash, trailer) = rest.split_at_checked(digest.len())?;
        // 4 and 6.
        let zero_bits = byte_length(self.bits).checked_mul(8)?;
        let zero_bits = u32::try_from(zero_bits).ok()?.checked_sub(self.bits)?;
        let mask = u8::MAX.checked_shr(zero_bits)?;
        let first = *masked.first()?;
        if trailer != [0xbc] || first & !mask != 0 || surplus.iter().any(|byte| *byte != 0) {
            return None;
        }
        // 7 to 9.
        self.unmask(hash, masked)?;
        *masked.first_mut()? &= mask;
        // 10.
        let (zeros, salt) = masked.split_at_checked(padding)?;
        let (one, salt) = salt.split_first()?;
        if *one != 1 || zeros.iter().any(|byte| *byte != 0) {
            return None;
        }
        // 12 to 14.
        let own = crate::digest(self.hash, &[&[0; 8], digest, salt])?;
        (own.as_bytes() == hash).then_some(())
    }

    /// MGF1 (RFC 8017 §B.2.1) of `seed` applied to `masked` by XOR.
    fn unmask(&self, seed: &[u8], masked: &mut [u8]) -> Option<()> {
        let mut counter = 0_u32;
        for chunk in masked.chunks_mut(seed.len()) {
            let mask = digest(self.hash, &[seed, &counter.to_be_bytes()])?;
            for (byte, mask) in chunk.iter_mut().zip(mask.as_bytes()) {
                *byte ^= mask;
            }
            counter = counter.checked_add(1)?;
        }
        Some(())
    }
}
