//! RSA, verification only: RSASSA-PKCS1-v1_5 and RSASSA-PSS (RFC 8017 §8, RFC 8230, RFC 8812).

mod encoding;

use alloc::vec::Vec;

use crypto_bigint::modular::{BoxedMontyForm, BoxedMontyParams};
use crypto_bigint::{BoxedUint, Odd};
use der::asn1::{AnyRef, UintRef};
use der::{Decode as _, Encode as _, Reader as _, SliceReader, Tag, Tagged as _};

use crate::{Algorithm, Error, Refused, Verifier, digest, rules};

/// RFC 8230 §6.1: shorter moduli are not secure, and longer ones cost the verifier too much.
const LEAST_BITS: u32 = 2048;
const MOST_BITS: u32 = 8192;
/// The work of a verification grows with the exponent; in use are 3, 17 and 65537.
const MOST_EXPONENT: u64 = 1 << 33;
const LEAST_EXPONENT: u64 = 3;

/// An RSA public key.
///
/// The key itself does not say what it is used with. As a [`Verifier`] it accepts nothing until it
/// is bound to one algorithm with [`RsaPublicKey::with_algorithm`]; a `COSE_Key` with an algorithm
/// is bound when it is imported. Certificates and CMS name the algorithm beside each signature, and
/// use [`RsaPublicKey::verify_pkcs1`] and [`RsaPublicKey::verify_pss`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RsaPublicKey {
    modulus: BoxedMontyParams,
    exponent: u64,
    algorithm: Option<Algorithm>,
}

impl RsaPublicKey {
    /// The key with this modulus and public exponent, big-endian without leading zeros.
    ///
    /// # Errors
    /// [`rules::KEY_MODULUS_SHORT`] and [`rules::KEY_MODULUS_LONG`] below 2048 and above 8192 bits,
    /// [`rules::KEY_MODULUS`] if it is even or has leading zeros, [`rules::KEY_EXPONENT`] if the
    /// exponent is even, below 3, above 2^33 or has leading zeros.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Result<Self, Error> {
        let exponent = read_exponent(exponent).ok_or(Error::new(rules::KEY_EXPONENT, 0))?;
        let bits = bits(modulus).ok_or(Error::new(rules::KEY_MODULUS, 0))?;
        if bits < LEAST_BITS {
            return Err(Error::new(rules::KEY_MODULUS_SHORT, 0));
        }
        if bits > MOST_BITS {
            return Err(Error::new(rules::KEY_MODULUS_LONG, 0));
        }
        let modulus = BoxedUint::from_be_slice_vartime(modulus);
        let Some(modulus) = Odd::new(modulus).into_option() else {
            return Err(Error::new(rules::KEY_MODULUS, 0));
        };
        let modulus = BoxedMontyParams::new_vartime(modulus);
        Ok(Self { modulus, exponent, algorithm: None })
    }

    /// The key of an `RSAPublicKey` in DER (RFC 8017 §A.1.1).
    ///
    /// # Errors
    /// [`rules::KEY_ENCODING`] if it is another structure, and those of [`RsaPublicKey::new`].
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        match components(bytes) {
            Ok((modulus, exponent)) => Self::new(modulus.as_bytes(), exponent.as_bytes()),
            Err(_) => Err(Error::new(rules::KEY_ENCODING, 0)),
        }
    }

    /// The same key for this algorithm and no other.
    ///
    /// # Errors
    /// [`rules::KEY_ALGORITHM`] if it is no RSA algorithm, or the key is bound to another.
    pub fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, Error> {
        let is_free = self.algorithm.is_none_or(|own| own == algorithm);
        match scheme(algorithm) {
            Some(_) if is_free => Ok(Self { algorithm: Some(algorithm), ..self }),
            _ => Err(Error::new(rules::KEY_ALGORITHM, 0)),
        }
    }

    /// The algorithm that the key is bound to.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// The modulus, big-endian without leading zeros.
    #[must_use]
    pub fn modulus(&self) -> Vec<u8> {
        self.modulus.modulus().to_be_bytes_trimmed_vartime().into_vec()
    }

    /// The public exponent, big-endian without leading zeros.
    #[must_use]
    pub fn exponent(&self) -> Vec<u8> {
        let bytes = self.exponent.to_be_bytes();
        bytes.into_iter().skip_while(|byte| *byte == 0).collect()
    }

    /// The key as an `RSAPublicKey` in DER (RFC 8017 §A.1.1).
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let (modulus, exponent) = (self.modulus(), self.exponent());
        let parts = UintRef::new(&modulus).and_then(|n| Ok([n, UintRef::new(&exponent)?]));
        parts.and_then(|parts| parts.to_der()).unwrap_or_default()
    }

    /// Checks a signature of RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2) with this digest.
    ///
    /// # Errors
    /// [`Refused::Invalid`]; [`Refused::Unavailable`] if `hash` is not SHA-256, SHA-384 or SHA-512.
    pub fn verify_pkcs1(
        &self,
        hash: Algorithm,
        message: &[&[u8]],
        signature: &[u8],
    ) -> Result<(), Refused> {
        let prefix = encoding::digest_info(hash).ok_or(Refused::Unavailable)?;
        let encoded = self.open(signature)?;
        let digest = digest(hash, message).ok_or(Refused::Unavailable)?;
        let is_valid = encoding::is_pkcs1(&encoded, prefix, digest.as_bytes());
        if is_valid { Ok(()) } else { Err(Refused::Invalid) }
    }

    /// Checks a signature of RSASSA-PSS (RFC 8017 §8.1.2) with this digest, MGF1 with the same one,
    /// and a salt of `salt_length` bytes.
    ///
    /// # Errors
    /// [`Refused::Invalid`]; [`Refused::Unavailable`] if `hash` is not SHA-256, SHA-384 or SHA-512.
    pub fn verify_pss(
        &self,
        hash: Algorithm,
        salt_length: usize,
        message: &[&[u8]],
        signature: &[u8],
    ) -> Result<(), Refused> {
        encoding::digest_info(hash).ok_or(Refused::Unavailable)?;
        let mut encoded = self.open(signature)?;
        let digest = digest(hash, message).ok_or(Refused::Unavailable)?;
        let pss = encoding::Pss { hash, salt_length, bits: self.bits().saturating_sub(1) };
        let is_valid = pss.is_encoding(&mut encoded, digest.as_bytes());
        if is_valid { Ok(()) } else { Err(Refused::Invalid) }
    }

    /// RSAVP1 (RFC 8017 §5.2.2): what the signature hides, as long as the modulus.
    fn open(&self, signature: &[u8]) -> Result<Vec<u8>, Refused> {
        let length = byte_length(self.bits());
        if signature.len() != length {
            return Err(Refused::Invalid);
        }
        let precision = self.modulus.bits_precision();
        let signature = BoxedUint::from_be_slice(signature, precision);
        let signature = signature.map_err(|_| Refused::Invalid)?;
        // "If the signature representative s is not between 0 and n - 1, output 'signature
        // representative out of range'".
        if signature >= *self.modulus.modulus().as_ref() {
            return Err(Refused::Invalid);
        }
        let exponent = BoxedUint::from(self.exponent);
        let bits = exponent.bits();
        let base = BoxedMontyForm::new(signature, &self.modulus);
        let opened = base.pow_bounded_exp(&exponent, bits).retrieve().to_be_bytes();
        let surplus = opened.len().saturating_sub(length);
        Ok(opened.get(surplus..).unwrap_or_default().to_vec())
    }

    fn bits(&self) -> u32 {
        self.modulus.modulus().as_ref().bits_vartime()
    }
}

impl Verifier for RsaPublicKey {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        self.algorithm == Some(algorithm)
    }

    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        match self.algorithm.and_then(scheme) {
            Some(Scheme::Pkcs1(hash)) => self.verify_pkcs1(hash, message, signature),
            // RFC 8230 §2: "the length of the salt value is the same length as the hash function
            // output".
            Some(Scheme::Pss(hash, salt)) => self.verify_pss(hash, salt, message, signature),
            None => Err(Refused::Unavailable),
        }
    }
}

fn components(bytes: &[u8]) -> der::Result<(UintRef<'_>, UintRef<'_>)> {
    let sequence = AnyRef::from_der(bytes)?;
    sequence.tag().assert_eq(Tag::Sequence)?;
    let mut items = SliceReader::new(sequence.value())?;
    let both = (items.decode()?, items.decode()?);
    items.finish()?;
    Ok(both)
}

#[derive(Clone, Copy)]
enum Scheme {
    Pkcs1(Algorithm),
    Pss(Algorithm, usize),
}

const fn scheme(algorithm: Algorithm) -> Option<Scheme> {
    Some(match algorithm {
        Algorithm::Rs256 => Scheme::Pkcs1(Algorithm::Sha256),
        Algorithm::Rs384 => Scheme::Pkcs1(Algorithm::Sha384),
        Algorithm::Rs512 => Scheme::Pkcs1(Algorithm::Sha512),
        Algorithm::Ps256 => Scheme::Pss(Algorithm::Sha256, 32),
        Algorithm::Ps384 => Scheme::Pss(Algorithm::Sha384, 48),
        Algorithm::Ps512 => Scheme::Pss(Algorithm::Sha512, 64),
        _ => return None,
    })
}

/// `None` with leading zeros, if it is empty, and for what no `u32` counts.
fn bits(bytes: &[u8]) -> Option<u32> {
    let first = bytes.first().filter(|first| **first != 0)?;
    u32::try_from(bytes.len()).ok()?.checked_mul(8)?.checked_sub(first.leading_zeros())
}

fn byte_length(bits: u32) -> usize {
    usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX)
}

fn read_exponent(bytes: &[u8]) -> Option<u64> {
    bits(bytes).filter(|bits| *bits <= u64::BITS)?;
    let exponent = bytes.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    let is_good = exponent & 1 == 1 && (LEAST_EXPONENT..=MOST_EXPONENT).contains(&exponent);
    is_good.then_some(exponent)
}
