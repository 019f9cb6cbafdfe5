//! HSS/LMS, verification only (RFC 8554, RFC 8778), with the parameter sets of SHA-256 and
//! SHA-256/192 (NIST SP 800-208 §4).

mod parameters;
mod tree;

use crate::{Algorithm, Error, Refused, Verifier, rules};
use tree::{LmsKey, LmsSignature, Reader};

/// Of a public key: the number of levels, and an LMS key with hashes of 32 bytes.
const LONGEST: usize = 60;

/// An HSS/LMS public key.
///
/// Its number of levels, its type codes and with them the length of its signatures at the top level
/// are those of the key; nothing in a signature changes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HssLmsPublicKey {
    bytes: [u8; LONGEST],
    length: usize,
}

impl HssLmsPublicKey {
    /// The key with this encoding (RFC 8554 §6.1), of 60 bytes, or 52 with SHA-256/192.
    ///
    /// # Errors
    /// [`rules::KEY_LENGTH`] for another length than the one of its type, and
    /// [`rules::KEY_PARAMETER_SET`] for types that are unknown or do not belong together, and for
    /// no levels or more than 8.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes);
        let levels = reader.number().ok_or(Error::new(rules::KEY_LENGTH, 0))?;
        if !parameters::LEVELS.contains(&levels) {
            return Err(Error::new(rules::KEY_PARAMETER_SET, 0));
        }
        LmsKey::read(&mut reader)?;
        if !reader.is_empty() {
            return Err(Error::new(rules::KEY_LENGTH, 0));
        }
        let mut own = [0; LONGEST];
        for (to, from) in own.iter_mut().zip(bytes) {
            *to = *from;
        }
        Ok(Self { bytes: own, length: bytes.len() })
    }

    /// The encoding.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Walks down the levels: each but the last signs the key of the next one. `visit` gets the
    /// key, its signature, and the key that it signs.
    fn walk<'a>(
        &'a self,
        signature: &'a [u8],
        mut visit: impl FnMut(&LmsKey<'a>, &LmsSignature<'a>, Option<&'a [u8]>) -> Option<()>,
    ) -> Option<()> {
        let mut own = Reader::new(self.as_bytes());
        let levels = own.number()?;
        let mut key = LmsKey::read(&mut own).ok()?;
        let mut reader = Reader::new(signature);
        // RFC 8554 §6.3: "if Nspk+1 is not equal to the number of levels L in pub: return INVALID".
        let below = reader.number().filter(|below| below.checked_add(1) == Some(levels))?;
        for _ in 0..below {
            let signed = LmsSignature::read(&mut reader, &key)?;
            let next = LmsKey::read(&mut reader).ok()?;
            visit(&key, &signed, Some(next.bytes))?;
            key = next;
        }
        let signed = LmsSignature::read(&mut reader, &key)?;
        if !reader.is_empty() {
            return None;
        }
        visit(&key, &signed, None)
    }
}

impl Verifier for HssLmsPublicKey {
    fn accepts(&self, algorithm: Algorithm) -> bool {
        algorithm == Algorithm::HssLms
    }

    /// The whole signature is parsed before anything is hashed. The work is bounded by the levels
    /// (8) and the widest chains (W8): less than 70 000 calls of the hash function.
    fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
        let well_formed = self.walk(signature, |_, _, _| Some(()));
        let verified = well_formed.and_then(|()| {
            self.walk(signature, |key, signed, next| match next {
                Some(next) => key.verify(&[next], signed),
                None => key.verify(message, signed),
            })
        });
        verified.ok_or(Refused::Invalid)
    }
}
