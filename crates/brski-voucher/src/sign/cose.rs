//! Signing in COSE with what cBRSKI puts into the headers.

use alloc::vec;
use alloc::vec::Vec;

use iotops_crypto::cose::TAG_SIGN1;
use iotops_crypto::{Algorithm, Purpose, Signer, rules as crypto};
use iotops_wire::Time;
use iotops_wire::cbor::{Encoder, MapEncoder};

use super::Draft;
use crate::Error;
use crate::decode::{BAG, CLAIMS, ISSUED_AT};

/// The label of the algorithm (RFC 9052 §3.1).
const ALGORITHM: i64 = 1;
/// The items of the message, and of what is signed (RFC 9052 §4.2, §4.4).
const ITEMS: usize = 4;
/// The longest signature of an algorithm that does not fix the length: RSA with 8192 bits.
const LONGEST_SIGNATURE: usize = 1024;

/// cBRSKI §9.2 asks for the algorithms of RFC 9053, which do not tell the curve: devices may know
/// no other number.
const NAMED: [(Algorithm, Algorithm); 4] = [
    (Algorithm::Esp256, Algorithm::Es256),
    (Algorithm::Esp384, Algorithm::Es384),
    (Algorithm::Esp512, Algorithm::Es512),
    (Algorithm::Ed25519, Algorithm::EdDsa),
];

fn named(algorithm: Algorithm) -> Algorithm {
    NAMED.iter().find(|row| row.0 == algorithm).map_or(algorithm, |row| row.1)
}

/// What stands in the headers of a document in COSE, beside the algorithm.
#[derive(Clone, Copy, Debug, Default)]
pub struct CoseHeaders<'h> {
    bag: &'h [&'h [u8]],
    protected_bag: &'h [&'h [u8]],
    issued_at: Option<Time>,
}

impl<'h> CoseHeaders<'h> {
    /// None of it: as a device signs its request (cBRSKI §9.2.2).
    #[must_use]
    pub const fn new() -> Self {
        Self { bag: &[], protected_bag: &[], issued_at: None }
    }

    /// With these certificates in the unprotected header, in DER: the chain of a registrar and that
    /// of the device (cBRSKI §9.2.1), or that of a manufacturer, which a registrar takes out again
    /// before it forwards the voucher (§9.2.3).
    #[must_use]
    pub const fn with_bag(self, certificates: &'h [&'h [u8]]) -> Self {
        Self { bag: certificates, ..self }
    }

    /// With these certificates in the protected header, in DER: for devices that need them to reach
    /// their anchor, whom they cost that many bytes (cBRSKI §9.2.3).
    #[must_use]
    pub const fn with_protected_bag(self, certificates: &'h [&'h [u8]]) -> Self {
        Self { protected_bag: certificates, ..self }
    }

    /// With the time of signing as a number, for devices that read no dates (cBRSKI §9.2.5).
    #[must_use]
    pub const fn with_issued_at(self, time: Time) -> Self {
        Self { issued_at: Some(time), ..self }
    }

    fn protected(&self, algorithm: Algorithm) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes);
        let more = [self.issued_at.is_some(), !self.protected_bag.is_empty()];
        let count = more.into_iter().filter(|is_there| *is_there).count().saturating_add(1);
        let mut map = encoder.map(count)?;
        map.key(ALGORITHM)?.integer(named(algorithm).to_cose())?;
        if let Some(time) = self.issued_at {
            let mut entry = map.key(CLAIMS)?;
            let mut claims = entry.map(1)?;
            claims.key(ISSUED_AT)?.unsigned(time.unix())?;
            claims.end()?;
        }
        bag(&mut map, self.protected_bag)?;
        map.end()?;
        Ok(bytes)
    }

    fn unprotected(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(usize::from(!self.bag.is_empty()))?;
        bag(&mut map, self.bag)?;
        Ok(map.end()?)
    }
}

/// RFC 9360 §2: a single certificate is a byte string, several are an array of them.
fn bag(map: &mut MapEncoder<'_>, certificates: &[&[u8]]) -> Result<(), Error> {
    match certificates {
        [] => {}
        [only] => drop(map.key(BAG)?.bytes(only)?),
        several => {
            let mut encoder = map.key(BAG)?;
            encoder.array(several.len())?;
            several.iter().try_for_each(|one| encoder.bytes(one).map(drop))?;
        }
    }
    Ok(())
}

impl Draft {
    /// What is signed in COSE (RFC 9052 §4.4), for a signing service.
    ///
    /// # Errors
    /// [`crypto::ALGORITHM_PURPOSE`] if `algorithm` makes no signatures, [`crate::rules::DATE`].
    pub fn cose_to_be_signed(
        &self,
        algorithm: Algorithm,
        headers: &CoseHeaders<'_>,
    ) -> Result<Vec<u8>, Error> {
        if algorithm.purpose() != Purpose::Signature {
            return Err(Error::new(crypto::ALGORITHM_PURPOSE, 0));
        }
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes);
        encoder.array(ITEMS)?.text("Signature1")?.bytes(&headers.protected(algorithm)?)?;
        encoder.bytes(&[])?.bytes(&self.to_cbor()?)?;
        Ok(bytes)
    }

    /// Puts a signature over [`Draft::cose_to_be_signed`] that was made elsewhere into COSE.
    ///
    /// # Errors
    /// [`crypto::SIGNATURE_LENGTH`] if it cannot be one of the algorithm.
    pub fn finish_cose_with(
        &self,
        algorithm: Algorithm,
        headers: &CoseHeaders<'_>,
        signature: &[u8],
    ) -> Result<Vec<u8>, Error> {
        if algorithm.signature_length().is_some_and(|length| length != signature.len()) {
            return Err(Error::new(crypto::SIGNATURE_LENGTH, 0));
        }
        let mut bytes = Vec::new();
        let mut encoder = Encoder::new(&mut bytes);
        encoder.tag(TAG_SIGN1)?.array(ITEMS)?.bytes(&headers.protected(algorithm)?)?;
        headers.unprotected(&mut encoder)?;
        encoder.bytes(&self.to_cbor()?)?.bytes(signature)?;
        Ok(bytes)
    }

    /// Signs it in COSE with these headers.
    ///
    /// # Errors
    /// [`crypto::UNAVAILABLE`] if the signer does not answer, and as
    /// [`Draft::cose_to_be_signed`].
    pub fn sign_cose_with(
        &self,
        signer: &mut dyn Signer,
        headers: &CoseHeaders<'_>,
    ) -> Result<Vec<u8>, Error> {
        let algorithm = signer.algorithm();
        let signed = self.cose_to_be_signed(algorithm, headers)?;
        let mut buffer = vec![0; algorithm.signature_length().unwrap_or(LONGEST_SIGNATURE)];
        let made = signer.sign(&[&signed], &mut buffer);
        match made.ok().and_then(|length| buffer.get(..length)) {
            Some(signature) => self.finish_cose_with(algorithm, headers, signature),
            None => Err(Error::new(crypto::UNAVAILABLE, 0)),
        }
    }
}
