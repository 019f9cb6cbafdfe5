//! From a decoded document to one that a trusted signer made.

use iotops_crypto::Verifier;
#[cfg(feature = "x509")]
use iotops_crypto::x509::{
    Certificate, Name,
    path::{self, Anchor, Options},
    verifying_key,
};

use crate::decode::{Contents, Data, Message, Request, Signed, Voucher};
use crate::{Error, rules};

/// A document that a trusted signer made: still not for this device, nor fresh.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated<'a> {
    data: Data<'a>,
}

impl<'a> Authenticated<'a> {
    /// What the signer said.
    #[must_use]
    pub const fn contents(&self) -> Contents<'a> {
        Contents::of(self.data)
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
            Message::Cms(message) => drop(message.verify(&message.signer()?, keys)?),
            #[cfg(feature = "jws")]
            Message::Jws(message) => first_of(message, keys)?,
            Message::Cose(message) => drop(message.verify(&[], keys)?),
        }
        Ok(Authenticated { data: self.data })
    }
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
    /// carries and an anchor certified. Not for JWS, whose certificates are base64: see
    /// [`Signed::verify`].
    ///
    /// # Errors
    /// [`rules::SIGNER_UNKNOWN`], [`rules::SIGNER_UNAUTHORISED`], [`rules::CERTIFICATES`], and the
    /// rules of paths and signatures of [`iotops_crypto::rules`].
    pub fn verify_path(&self, trust: &Trust<'_>) -> Result<Authenticated<'a>, Error> {
        let mut failure = Error::new(rules::SIGNER_UNKNOWN, 0);
        match &self.message {
            #[cfg(feature = "cms")]
            Message::Cms(message) => {
                let signer = message.signer()?;
                let leaf = message.certificate_of(&signer)?;
                let others = Others::read(message.certificates())?;
                return self.verify_leaf(&leaf, others.as_slice(), trust);
            }
            #[cfg(feature = "jws")]
            Message::Jws(_) => {}
            Message::Cose(message) => {
                let headers = message.headers();
                let Some(list) = headers.x5chain()?.or(headers.x5bag()?) else {
                    return Err(failure);
                };
                let others = Others::read(list.iter())?;
                for leaf in others.as_slice() {
                    match self.verify_leaf(leaf, others.as_slice(), trust) {
                        Ok(done) => return Ok(done),
                        Err(error) => failure = more_telling(failure, error),
                    }
                }
            }
        }
        Err(failure)
    }

    /// Cheap checks first, public keys last.
    fn verify_leaf(
        &self,
        leaf: &Certificate<'_>,
        others: &[Certificate<'_>],
        trust: &Trust<'_>,
    ) -> Result<Authenticated<'a>, Error> {
        if !trust.authority.allows(leaf) {
            return Err(Error::new(rules::SIGNER_UNAUTHORISED, 0));
        }
        let path = path::verify(leaf, others, trust.anchors, &trust.options)?;
        let key = verifying_key(path.leaf().public_key())?;
        self.verify(&[&key])
    }
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
    fn read(encoded: impl Iterator<Item = &'a [u8]>) -> Result<Self, Error> {
        let mut others = Self::default();
        for one in encoded {
            let certificate = Certificate::decode(one)?;
            let list = others.list.get_or_insert([certificate; CERTIFICATES]);
            let Some(place) = list.get_mut(others.count) else {
                return Err(Error::new(rules::CERTIFICATES, 0));
            };
            *place = certificate;
            others.count = others.count.saturating_add(1);
        }
        Ok(others)
    }

    fn as_slice(&self) -> &[Certificate<'a>] {
        let list = self.list.as_ref().map_or(&[][..], |list| &list[..]);
        list.get(..self.count).unwrap_or_default()
    }
}
