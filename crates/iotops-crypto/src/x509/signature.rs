//! Signatures of certificates and CRLs: from algorithm identifiers and DER to the seam.

use crate::der::Reader;
use crate::key::{VerifyingKey, import_spki};
use crate::rules::x509 as rules;
use crate::{Algorithm, Error, Refused, Verifier as _};
use iotops_wire::Rule;

/// The key of a `SubjectPublicKeyInfo`. Keys of other forms are not taken here.
///
/// # Errors
/// [`rules::KEY`].
#[allow(unreachable_code, unused_variables, reason = "a build may have no type of key")]
pub fn verifying_key(public_key: &[u8]) -> Result<VerifyingKey, Error> {
    match import_spki(public_key) {
        Ok(imported) => Ok(imported.verifying_key()),
        Err(_) => Err(Error::new(rules::KEY, 0)),
    }
}

/// Identifiers of signature algorithms, as the content of `AlgorithmIdentifier`: RFC 5758, RFC
/// 8410, RFC 4055 (whose parameters are NULL or, to be accepted, absent) and RFC 9881.
const ALGORITHMS: [(&[u8], Algorithm); 16] = [
    (&[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02], Algorithm::Esp256),
    (&[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03], Algorithm::Esp384),
    (&[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04], Algorithm::Esp512),
    (&[0x06, 0x03, 0x2b, 0x65, 0x70], Algorithm::Ed25519),
    (
        &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00],
        Algorithm::Rs256,
    ),
    (
        &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c, 0x05, 0x00],
        Algorithm::Rs384,
    ),
    (
        &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d, 0x05, 0x00],
        Algorithm::Rs512,
    ),
    (&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b], Algorithm::Rs256),
    (&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c], Algorithm::Rs384),
    (&[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d], Algorithm::Rs512),
    (
        &[
            0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0,
            0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
            0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
            0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
            0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x20,
        ],
        Algorithm::Ps256,
    ),
    (
        &[
            0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0,
            0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02,
            0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
            0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
            0x02, 0x02, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x30,
        ],
        Algorithm::Ps384,
    ),
    (
        &[
            0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0,
            0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03,
            0x05, 0x00, 0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
            0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
            0x02, 0x03, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x40,
        ],
        Algorithm::Ps512,
    ),
    (&[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11], Algorithm::MlDsa44),
    (&[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12], Algorithm::MlDsa65),
    (&[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13], Algorithm::MlDsa87),
];

/// The algorithm of an `AlgorithmIdentifier`.
pub(crate) fn algorithm(identifier: &[u8]) -> Option<Algorithm> {
    let content = Reader::at(identifier, 0).sequence().ok()?.rest();
    ALGORITHMS.iter().find(|(known, _)| *known == content).map(|(_, algorithm)| *algorithm)
}

/// The content of the `AlgorithmIdentifier` of an algorithm; of one with polymorphic names, that
/// of its curve.
#[cfg(feature = "alloc")]
pub(crate) fn identifier(algorithm: Algorithm) -> Option<&'static [u8]> {
    let algorithm = match algorithm {
        Algorithm::Es256 => Algorithm::Esp256,
        Algorithm::Es384 => Algorithm::Esp384,
        Algorithm::EdDsa => Algorithm::Ed25519,
        algorithm => algorithm,
    };
    ALGORITHMS.iter().find(|(_, own)| *own == algorithm).map(|(content, _)| *content)
}

/// Checks a signature over `signed` with the key of an issuer.
#[allow(unreachable_code, unused_variables, reason = "a build may have no type of key")]
pub(super) fn verify(
    public_key: &[u8],
    identifier: &[u8],
    signed: &[u8],
    signature: &[u8],
) -> Result<(), Rule> {
    let Some(algorithm) = algorithm(identifier) else { return Err(rules::ALGORITHM) };
    let key = bound(verifying_key(public_key).map_err(|error| error.rule())?, algorithm);
    if !key.accepts(algorithm) {
        return Err(rules::ALGORITHM);
    }
    let mut fixed = Fixed::default();
    let Some(signature) = fixed.fill(algorithm, signature) else {
        return Err(rules::SIGNATURE);
    };
    match key.verify(&[signed], signature) {
        Ok(()) => Ok(()),
        Err(Refused::Unavailable) => Err(rules::UNAVAILABLE),
        Err(Refused::Invalid) => Err(rules::SIGNATURE),
    }
}

/// An RSA key does not say what it is for: the signed identifier of the algorithm does.
#[cfg(feature = "rsa")]
fn bound(key: VerifyingKey, algorithm: Algorithm) -> VerifyingKey {
    match key {
        VerifyingKey::Rsa(key) => match key.clone().with_algorithm(algorithm) {
            Ok(bound) => VerifyingKey::Rsa(bound),
            Err(_) => VerifyingKey::Rsa(key),
        },
        key => key,
    }
}

#[cfg(not(feature = "rsa"))]
const fn bound(key: VerifyingKey, _algorithm: Algorithm) -> VerifyingKey {
    key
}

/// The coordinates of the largest curve, P-521, are of 66 bytes.
const LONGEST: usize = 132;

/// Room for r and s at their fixed lengths.
pub(crate) struct Fixed([u8; LONGEST]);

impl Default for Fixed {
    fn default() -> Self {
        Self([0; LONGEST])
    }
}

impl Fixed {
    /// The signature as the seam takes it.
    ///
    /// RFC 3279 §2.2.3: `Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }`.
    pub(crate) fn fill<'s>(
        &'s mut self,
        algorithm: Algorithm,
        signature: &'s [u8],
    ) -> Option<&'s [u8]> {
        if algorithm.prehash().is_none() {
            return Some(signature);
        }
        let length = algorithm.signature_length()?;
        let mut outer = Reader::new(signature).ok()?;
        let mut values = outer.sequence().ok()?;
        let (r, s) = (values.unsigned().ok()?, values.unsigned().ok()?);
        if !outer.is_at_end() || !values.is_at_end() {
            return None;
        }
        let (left, right) = self.0.get_mut(..length)?.split_at_mut_checked(length >> 1)?;
        put_right(left, r)?;
        put_right(right, s)?;
        self.0.get(..length)
    }
}

/// Puts a number at the end of zeros.
fn put_right(space: &mut [u8], number: &[u8]) -> Option<()> {
    let start = space.len().checked_sub(number.len())?;
    space.get_mut(start..)?.copy_from_slice(number);
    Some(())
}
