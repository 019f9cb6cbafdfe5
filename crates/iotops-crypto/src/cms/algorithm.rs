//! Algorithm identifiers as CMS messages carry them (RFC 5652 §10.1).

use crate::der::{Oid, Reader};
use crate::rules::cms as rules;
use crate::x509::signature;
use crate::{Algorithm, Error};

/// `AlgorithmIdentifier`, well formed.
#[derive(Clone, Copy, Debug)]
pub(super) struct AlgorithmIdentifier<'a> {
    oid: Oid<'a>,
    whole: &'a [u8],
    offset: u32,
}

/// Digests by their identifiers (RFC 5754 §2, RFC 8702 §3.1).
const DIGESTS: [(Oid<'static>, Algorithm); 4] = [
    (Oid::known(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01]), Algorithm::Sha256),
    (Oid::known(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02]), Algorithm::Sha384),
    (Oid::known(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03]), Algorithm::Sha512),
    (Oid::known(&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x0c]), Algorithm::Shake256),
];

/// `rsaEncryption`: the digest beside it says the rest (RFC 5754 §3.2).
const RSA: Oid<'static> = Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]);

impl<'a> AlgorithmIdentifier<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let (start, offset) = (reader.position(), reader.offset());
        let mut content = reader.sequence()?;
        let oid = content.oid()?;
        if !content.is_at_end() {
            content.skip()?;
        }
        content.end()?;
        Ok(Self { oid, whole: reader.since(start), offset })
    }

    pub(super) const fn oid(&self) -> Oid<'a> {
        self.oid
    }

    /// All of its encoding.
    pub(super) const fn encoding(&self) -> &'a [u8] {
        self.whole
    }

    /// The digest that it names; its parameters are NULL or absent.
    pub(super) fn digest(&self) -> Result<Algorithm, Error> {
        let found = DIGESTS.iter().find(|(oid, _)| *oid == self.oid);
        let has_parameters = !matches!(self.parameters(), [] | [0x05, 0x00]);
        match found {
            Some((_, algorithm)) if !has_parameters => Ok(*algorithm),
            _ => Err(Error::new(rules::ALGORITHM, self.offset)),
        }
    }

    /// The signature algorithm that it names, beside this digest.
    pub(super) fn signature(&self, digest: Algorithm) -> Result<Algorithm, Error> {
        let found = match (self.oid, digest) {
            (RSA, Algorithm::Sha256) => Some(Algorithm::Rs256),
            (RSA, Algorithm::Sha384) => Some(Algorithm::Rs384),
            (RSA, Algorithm::Sha512) => Some(Algorithm::Rs512),
            _ => signature::algorithm(self.whole),
        };
        found.ok_or_else(|| Error::new(rules::ALGORITHM, self.offset))
    }

    fn parameters(&self) -> &'a [u8] {
        let mut content = Reader::at(self.whole, 0).sequence().unwrap_or_default();
        let _ = content.oid();
        content.rest()
    }
}

/// The identifier of a digest, without parameters (RFC 5754 §2).
#[cfg(feature = "alloc")]
pub(super) fn digest_oid(algorithm: Algorithm) -> Option<Oid<'static>> {
    DIGESTS.iter().find(|(_, own)| *own == algorithm).map(|(oid, _)| *oid)
}
