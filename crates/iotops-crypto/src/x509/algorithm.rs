//! Algorithm identifiers as certificates and CMS messages carry them.

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

#[cfg(feature = "alloc")]
use crate::Purpose;
use crate::der::{Any, Oid, Reader, Tag};
#[cfg(feature = "alloc")]
use crate::der::{Writer, write};
use crate::rules::x509 as rules;
use crate::{Algorithm, Error};

/// The longest signature that is turned from DER into fixed form: two numbers of 66 bytes.
const LONGEST_ECDSA: usize = 132;

/// `AlgorithmIdentifier` (RFC 5280 §4.1.1.2).
#[derive(Clone, Copy, Debug)]
pub struct AlgorithmIdentifier<'a> {
    oid: Oid<'a>,
    parameters: Option<Any<'a>>,
    /// All of its encoding.
    whole: &'a [u8],
    offset: u32,
}

/// What may follow the object identifier.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parameters {
    /// Nothing.
    Absent,
    /// `NULL`, or nothing: both are found (RFC 4055 §2.1).
    Null,
}

macro_rules! table {
    ($name:ident: $($oid:expr => $algorithm:ident, $parameters:ident;)*) => {
        const $name: &[(Oid<'static>, Algorithm, Parameters)] = &[
            $((Oid::known(&$oid), Algorithm::$algorithm, Parameters::$parameters),)*
        ];
    };
}

table! { SIGNATURES:
    [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02] => Es256, Absent;
    [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03] => Es384, Absent;
    [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04] => Es512, Absent;
    [0x2b, 0x65, 0x70] => Ed25519, Absent;
    [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b] => Rs256, Null;
    [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c] => Rs384, Null;
    [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d] => Rs512, Null;
    [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x11] => MlDsa44, Absent;
    [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x12] => MlDsa65, Absent;
    [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, 0x13] => MlDsa87, Absent;
}

table! { DIGESTS:
    [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01] => Sha256, Null;
    [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02] => Sha384, Null;
    [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03] => Sha512, Null;
    [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x0c] => Shake256, Absent;
}

const RSA_ENCRYPTION: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]);
const RSASSA_PSS: Oid<'static> =
    Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a]);
const MGF1: Oid<'static> = Oid::known(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08]);

/// RSA algorithms by their digests: PKCS #1 v1.5, PSS, and the salt of PSS in bytes.
const RSA: [(Algorithm, Algorithm, Algorithm, u32); 3] = [
    (Algorithm::Sha256, Algorithm::Rs256, Algorithm::Ps256, 32),
    (Algorithm::Sha384, Algorithm::Rs384, Algorithm::Ps384, 48),
    (Algorithm::Sha512, Algorithm::Rs512, Algorithm::Ps512, 64),
];

impl<'a> AlgorithmIdentifier<'a> {
    /// Reads an algorithm identifier.
    ///
    /// # Errors
    /// The rules of DER.
    #[inline]
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, Error> {
        let (start, offset) = (reader.position(), reader.offset());
        let mut content = reader.sequence()?;
        let oid = content.oid()?;
        let parameters = if content.is_at_end() { None } else { Some(content.any()?) };
        content.end()?;
        Ok(Self { oid, parameters, whole: reader.since(start), offset })
    }

    /// The object identifier.
    #[must_use]
    pub const fn oid(&self) -> Oid<'a> {
        self.oid
    }

    /// What follows it.
    #[must_use]
    pub const fn parameters(&self) -> Option<Any<'a>> {
        self.parameters
    }

    /// All of its encoding.
    #[must_use]
    pub const fn as_encoded(&self) -> &'a [u8] {
        self.whole
    }

    /// The digest algorithm that it names.
    ///
    /// # Errors
    /// [`rules::ALGORITHM`] for none that is known, [`rules::PARAMETERS`].
    pub fn digest(&self) -> Result<Algorithm, Error> {
        self.find(DIGESTS)
    }

    /// The signature algorithm that it names.
    ///
    /// # Errors
    /// [`rules::ALGORITHM`] for none that is known, [`rules::PARAMETERS`].
    pub fn signature(&self) -> Result<Algorithm, Error> {
        if self.oid == RSASSA_PSS { self.pss() } else { self.find(SIGNATURES) }
    }

    /// The same where the digest is named apart, as CMS may do for RSA (RFC 5754 §3.2).
    ///
    /// # Errors
    /// As [`AlgorithmIdentifier::signature`].
    pub fn signature_with(&self, digest: Algorithm) -> Result<Algorithm, Error> {
        if self.oid != RSA_ENCRYPTION {
            return self.signature();
        }
        let found = RSA.iter().find(|(hash, ..)| *hash == digest);
        found.map(|(_, pkcs1, ..)| *pkcs1).ok_or_else(|| Error::new(rules::ALGORITHM, self.offset))
    }

    fn find(&self, table: &[(Oid<'_>, Algorithm, Parameters)]) -> Result<Algorithm, Error> {
        let Some((_, algorithm, parameters)) = table.iter().find(|(oid, ..)| *oid == self.oid)
        else {
            return Err(Error::new(rules::ALGORITHM, self.offset));
        };
        let fits = match self.parameters {
            None => true,
            Some(any) => {
                *parameters == Parameters::Null && any.tag == Tag::NULL && any.content.is_at_end()
            }
        };
        if fits { Ok(*algorithm) } else { Err(Error::new(rules::PARAMETERS, self.offset)) }
    }

    /// RFC 4055 §3.1: only the parameters that COSE and JOSE name as well.
    fn pss(&self) -> Result<Algorithm, Error> {
        let refused = || Error::new(rules::PARAMETERS, self.offset);
        let mut parameters = match self.parameters {
            Some(any) if any.tag == Tag::SEQUENCE => any.content,
            _ => return Err(refused()),
        };
        let mut hash = parameters.read(Tag::constructed(0))?;
        let digest = Self::read(&mut hash)?.digest()?;
        hash.end()?;
        let mut mask = parameters.read(Tag::constructed(1))?;
        let mask_digest = Self::read(&mut mask)?.mask_digest()?;
        mask.end()?;
        let mut salt = parameters.read(Tag::constructed(2))?;
        let salt_length = salt.small()?;
        salt.end()?;
        // The trailer field has one value, which is its default.
        parameters.end()?;
        let found = RSA.iter().find(|(hash, .., length)| *hash == digest && *length == salt_length);
        match found {
            Some((.., pss, _)) if mask_digest == digest => Ok(*pss),
            _ => Err(refused()),
        }
    }

    fn mask_digest(&self) -> Result<Algorithm, Error> {
        match self.parameters {
            Some(any) if self.oid == MGF1 => {
                let mut hash = Reader::new(any.whole)?;
                Self::read(&mut hash)?.digest()
            }
            _ => Err(Error::new(rules::PARAMETERS, self.offset)),
        }
    }
}

/// The object identifier of a digest or signature algorithm, and whether `NULL` follows it.
#[cfg(feature = "alloc")]
pub(crate) fn oid_of(algorithm: Algorithm) -> Option<(Oid<'static>, bool)> {
    // What is fully specified in COSE has the same identifier here.
    let named = match algorithm {
        Algorithm::Esp256 => Algorithm::Es256,
        Algorithm::Esp384 => Algorithm::Es384,
        Algorithm::Esp512 => Algorithm::Es512,
        Algorithm::EdDsa => Algorithm::Ed25519,
        other => other,
    };
    let mut rows = SIGNATURES.iter().chain(DIGESTS);
    let (oid, _, parameters) = rows.find(|(_, found, _)| *found == named)?;
    // RFC 5754 §2: the parameters of SHA-2 "SHOULD" be absent; RFC 4055 §5: those of RSA NULL.
    let is_rsa = *parameters == Parameters::Null && named.purpose() == Purpose::Signature;
    Some((*oid, is_rsa))
}

/// Writes the identifier of an algorithm that [`oid_of`] has.
#[cfg(feature = "alloc")]
pub(crate) fn write_identifier(writer: &mut Writer, algorithm: Algorithm) {
    if let Some((oid, has_null)) = oid_of(algorithm) {
        writer.nested(Tag::SEQUENCE, |content| {
            content.oid(oid);
            if has_null {
                content.value(Tag::NULL, &[]);
            }
        });
    }
}

/// A signature of the seams as X.509 and CMS have it: that of ECDSA as two numbers in DER.
#[cfg(feature = "alloc")]
pub(crate) fn encode_signature(algorithm: Algorithm, signature: &[u8]) -> Vec<u8> {
    if !is_ecdsa(algorithm) {
        return signature.to_vec();
    }
    let (r, s) = signature.split_at(signature.len() >> 1);
    write(|writer| {
        writer.nested(Tag::SEQUENCE, |numbers| {
            numbers.unsigned(r);
            numbers.unsigned(s);
        });
    })
}

/// A signature as the seams take it: that of ECDSA turned from DER into two numbers of one length.
#[derive(Clone, Copy)]
pub(crate) struct FixedSignature {
    bytes: [u8; LONGEST_ECDSA],
    length: usize,
}

impl FixedSignature {
    /// `None` if an ECDSA signature is not two positive numbers in DER that fit the curve.
    pub(crate) fn new(algorithm: Algorithm, signature: &[u8]) -> Option<Self> {
        let length = match algorithm {
            Algorithm::Es256 | Algorithm::Esp256 => 64,
            Algorithm::Es384 | Algorithm::Esp384 => 96,
            Algorithm::Es512 | Algorithm::Esp512 => 132,
            _ => return None,
        };
        let mut bytes = [0; LONGEST_ECDSA];
        let (r, s) = bytes.get_mut(..length)?.split_at_mut(length >> 1);
        let mut reader = Reader::new(signature).ok()?;
        let mut numbers = reader.sequence().ok()?;
        reader.end().ok()?;
        put(numbers.unsigned().ok()?, r)?;
        put(numbers.unsigned().ok()?, s)?;
        numbers.end().ok()?;
        Some(Self { bytes, length })
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// Puts a number at the end of `space`.
fn put(number: &[u8], space: &mut [u8]) -> Option<()> {
    let start = space.len().checked_sub(number.len())?;
    space.get_mut(start..)?.copy_from_slice(number);
    Some(())
}

/// Whether signatures of `algorithm` are two numbers in DER.
pub(crate) const fn is_ecdsa(algorithm: Algorithm) -> bool {
    matches!(
        algorithm,
        Algorithm::Es256
            | Algorithm::Esp256
            | Algorithm::Es384
            | Algorithm::Esp384
            | Algorithm::Es512
            | Algorithm::Esp512
    )
}
