//! From a decoded document to one that a trusted signer made.

#[cfg(feature = "cms")]
use iotops_crypto::cms::SignedData;
#[cfg(feature = "x509")]
use iotops_crypto::x509::{
    Certificate, Name,
    path::{self, Anchor, Options},
    verifying_key,
};
use iotops_crypto::{Algorithm, Verifier};
use iotops_wire::Time;

use crate::decode::{Contents, Data, Message, Request, Signed, Voucher};
use crate::{Error, rules};

/// A document that a trusted signer made: still not for this device, nor fresh.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated<'a> {
    data: Data<'a>,
    issued_at: Option<Time>,
}

impl<'a> Authenticated<'a> {
    /// What the signer said.
    #[must_use]
    pub const fn contents(&self) -> Contents<'a> {
        Contents::of(self.data)
    }

    /// When the signer says that it signed: the claim `iat` of COSE (cBRSKI §9.2.5), or the signing
    /// time of CMS. A number, for devices that read no dates.
    #[must_use]
    pub const fn issued_at(&self) -> Option<Time> {
        self.issued_at
    }

    /// The voucher.
    ///
    /// # Errors
    /// [`rules::KIND`] if it is a request: a request that the manufacturer signed is no voucher.
    pub fn voucher(&self) -> Result<Voucher<'a>, Error> {
        match self.contents() {
            Contents::Voucher(voucher) => Ok(voucher),
            Contents::Request(_) => Err(Error::new(rules::KIND, 0)),
        }
    }

    /// The request.
    ///
    /// # Errors
    /// [`rules::KIND`] if it is a voucher.
    pub fn request(&self) -> Result<Request<'a>, Error> {
        match self.contents() {
            Contents::Request(request) => Ok(request),
            Contents::Voucher(_) => Err(Error::new(rules::KIND, 0)),
        }
    }
}

impl<'a> Signed<'a> {
    /// Checks that one of `keys` signed it. Keys that the message carries are not looked at.
    ///
    /// # Errors
    /// The rules of signatures of [`iotops_crypto::rules`].
    pub fn verify(&self, keys: &[&dyn Verifier]) -> Result<Authenticated<'a>, Error> {
        match &self.message {
            #[cfg(feature = "cms")]
            Message::Cms(message) => verify_cms(message, self.is_algorithm_open, keys)?,
            #[cfg(feature = "jws")]
            Message::Jws(message) => first_of(message, keys)?,
            // An open algorithm was tolerated; those who leave it out sign with this one.
            Message::Cose(message) if self.is_algorithm_open => {
                message.verify_as(Algorithm::Es256, &[], keys)?;
            }
            Message::Cose(message) => drop(message.verify(&[], keys)?),
        }
        Ok(self.authenticated())
    }

    /// Checks that one of `keys` made the signature with this number, counted from 0. A registrar
    /// countersigns the voucher of a manufacturer (BRSKI-PRM §7.3.6): the device checks the first
    /// by the key of the manufacturer, and the second by a key that the voucher pins.
    ///
    /// # Errors
    /// [`rules::SIGNER_UNKNOWN`] if there is no such signature, and as [`Signed::verify`].
    pub fn verify_signature(
        &self,
        signature: usize,
        keys: &[&dyn Verifier],
    ) -> Result<Authenticated<'a>, Error> {
        #[cfg(feature = "jws")]
        if let Message::Jws(message) = &self.message {
            let Some(one) = message.signatures().nth(signature) else {
                return Err(Error::new(rules::SIGNER_UNKNOWN, 0));
            };
            one.verify(keys)?;
            return Ok(self.authenticated());
        }
        match signature {
            0 => self.verify(keys),
            _ => Err(Error::new(rules::SIGNER_UNKNOWN, 0)),
        }
    }

    const fn authenticated(&self) -> Authenticated<'a> {
        Authenticated { data: self.data, issued_at: self.issued_at }
    }
}

/// A message that names its algorithm wrongly was tolerated; it is ECDSA with the digest it names.
#[cfg(feature = "cms")]
fn verify_cms(
    message: &SignedData<'_>,
    is_algorithm_open: bool,
    keys: &[&dyn Verifier],
) -> Result<(), Error> {
    let signer = message.signer()?;
    if !is_algorithm_open {
        message.verify(&signer, keys)?;
        return Ok(());
    }
    let algorithm = match signer.digest()? {
        Algorithm::Sha384 => Algorithm::Es384,
        Algorithm::Sha512 => Algorithm::Es512,
        _ => Algorithm::Es256,
    };
    message.verify_as(&signer, algorithm, keys)?;
    Ok(())
}

/// A registrar may have signed beside the manufacturer: one signature by a key of the caller is
/// asked for, and the failure of the first is told if there is none.
#[cfg(feature = "jws")]
fn first_of(message: &iotops_crypto::jws::Jws<'_>, keys: &[&dyn Verifier]) -> Result<(), Error> {
    let mut failure = None;
    for signature in message.signatures() {
        match signature.verify(keys) {
            Ok(_) => return Ok(()),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    let failure = failure.map(Error::from);
    Err(failure.unwrap_or_else(|| Error::new(rules::SIGNER_UNKNOWN, 0)))
}

/// What tells a signer of vouchers from all else that an anchor certified.
///
/// An anchor alone does not: where the same authority issues the certificates of devices, every
/// device could else sign vouchers.
#[cfg(feature = "x509")]
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Authority<'t> {
    /// The certificate names this purpose, the content of an object identifier. One without any
    /// purpose is refused.
    Purpose(&'t [u8]),
    /// The certificate has this subject.
    Subject(Name<'t>),
    /// The certificate has this key, as `SubjectPublicKeyInfo`.
    Key(&'t [u8]),
    /// The anchors certify signers of vouchers and nobody else.
    Dedicated,
}

#[cfg(feature = "x509")]
impl Authority<'_> {
    fn allows(&self, certificate: &Certificate<'_>) -> bool {
        match self {
            Self::Purpose(purpose) => certificate
                .purposes()
                .is_some_and(|mut purposes| purposes.any(|found| found.as_bytes() == *purpose)),
            Self::Subject(name) => certificate.subject().is(name),
            Self::Key(key) => certificate.public_key() == *key,
            Self::Dedicated => true,
        }
    }
}

/// Whom to trust as a signer.
#[cfg(feature = "x509")]
#[derive(Clone, Copy)]
pub struct Trust<'t> {
    anchors: &'t [Anchor<'t>],
    authority: Authority<'t>,
    options: Options<'t>,
}

#[cfg(feature = "x509")]
impl core::fmt::Debug for Trust<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Trust").field("authority", &self.authority).finish_non_exhaustive()
    }
}

#[cfg(feature = "x509")]
impl<'t> Trust<'t> {
    /// Trusts signers that a path leads to from these anchors, and that are of this kind.
    #[must_use]
    pub const fn new(
        anchors: &'t [Anchor<'t>],
        authority: Authority<'t>,
        options: Options<'t>,
    ) -> Self {
        Self { anchors, authority, options }
    }
}

/// The most certificates of a message that are tried.
#[cfg(feature = "x509")]
const CERTIFICATES: usize = 9;

#[cfg(feature = "x509")]
impl<'a> Signed<'a> {
    /// Checks that a signer whom `trust` allows signed it, with a certificate that the message
    /// carries and an anchor certified. `scratch` takes the certificates of a JWS, which are
    /// base64; for CMS and COSE it may be empty.
    ///
    /// # Errors
    /// [`rules::SIGNER_UNKNOWN`], [`rules::SIGNER_UNAUTHORISED`], [`rules::CERTIFICATES`],
    /// [`rules::SCRATCH`], and the rules of paths and signatures of [`iotops_crypto::rules`].
    pub fn verify_path_in(
        &self,
        trust: &Trust<'_>,
        scratch: &mut [u8],
    ) -> Result<Authenticated<'a>, Error> {
        let mut failure = Error::new(rules::SIGNER_UNKNOWN, 0);
        for signature in 0..self.signatures() {
            match self.verify_path_of(signature, trust, scratch) {
                Ok(done) => return Ok(done),
                Err(error) => failure = more_telling(failure, error),
            }
        }
        Err(failure)
    }

    /// The same of CMS and COSE, which need no memory.
    ///
    /// # Errors
    /// As [`Signed::verify_path_in`].
    pub fn verify_path(&self, trust: &Trust<'_>) -> Result<Authenticated<'a>, Error> {
        self.verify_path_in(trust, &mut [])
    }

    /// The same of the signature with this number, counted from 0.
    ///
    /// # Errors
    /// As [`Signed::verify_path_in`].
    pub fn verify_path_of(
        &self,
        signature: usize,
        trust: &Trust<'_>,
        scratch: &mut [u8],
    ) -> Result<Authenticated<'a>, Error> {
        let mut others = Others::default();
        let mut rest = scratch;
        for one in self.certificates(signature) {
            let (encoded, left) = lend(&one, rest)?;
            rest = left;
            others.add(Certificate::decode(encoded)?)?;
        }
        let all = others.as_slice();
        let candidates = match &self.message {
            #[cfg(feature = "cms")]
            Message::Cms(message) => {
                let leaf = message.certificate_of(&message.signer()?)?;
                return self.verify_leaf(signature, &leaf, all, trust);
            }
            // RFC 7515 §4.1.6: the certificate of the signer is the first.
            #[cfg(feature = "jws")]
            Message::Jws(_) => all.get(..1).unwrap_or_default(),
            Message::Cose(_) => all,
        };
        let mut failure = Error::new(rules::SIGNER_UNKNOWN, 0);
        for leaf in candidates {
            match self.verify_leaf(signature, leaf, all, trust) {
                Ok(done) => return Ok(done),
                Err(error) => failure = more_telling(failure, error),
            }
        }
        Err(failure)
    }

    /// Cheap checks first, public keys last.
    fn verify_leaf(
        &self,
        signature: usize,
        leaf: &Certificate<'_>,
        others: &[Certificate<'_>],
        trust: &Trust<'_>,
    ) -> Result<Authenticated<'a>, Error> {
        if !trust.authority.allows(leaf) {
            return Err(Error::new(rules::SIGNER_UNAUTHORISED, 0));
        }
        let path = path::verify(leaf, others, trust.anchors, &trust.options)?;
        let key = verifying_key(path.leaf().public_key())?;
        self.verify_signature(signature, &[&key])
    }
}

/// The bytes of a certificate, decoded into the front of `scratch` where that is needed, and what
/// is left of `scratch`.
#[cfg(feature = "x509")]
fn lend<'b>(
    certificate: &crate::model::Binary<'b>,
    scratch: &'b mut [u8],
) -> Result<(&'b [u8], &'b mut [u8]), Error> {
    if let Some(bytes) = certificate.as_bytes() {
        return Ok((bytes, scratch));
    }
    let Some((space, left)) = scratch.split_at_mut_checked(certificate.length()) else {
        return Err(Error::new(rules::SCRATCH, 0));
    };
    Ok((certificate.read_into(space)?, left))
}

/// That a signature is wrong says more than that some certificate of a bag is not the signer's.
#[cfg(feature = "x509")]
fn more_telling(known: Error, new: Error) -> Error {
    if known.rule() == rules::SIGNER_UNKNOWN || new.rule() == iotops_crypto::rules::SIGNATURE {
        return new;
    }
    known
}

#[cfg(feature = "x509")]
#[derive(Default)]
struct Others<'a> {
    list: Option<[Certificate<'a>; CERTIFICATES]>,
    count: usize,
}

#[cfg(feature = "x509")]
impl<'a> Others<'a> {
    fn add(&mut self, certificate: Certificate<'a>) -> Result<(), Error> {
        let list = self.list.get_or_insert([certificate; CERTIFICATES]);
        let Some(place) = list.get_mut(self.count) else {
            return Err(Error::new(rules::CERTIFICATES, 0));
        };
        *place = certificate;
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    fn as_slice(&self) -> &[Certificate<'a>] {
        let list = self.list.as_ref().map_or(&[][..], |list| &list[..]);
        list.get(..self.count).unwrap_or_default()
    }
}
