//! The certificates that came with a request, and the chain of the registrar among them.

use alloc::vec;
use alloc::vec::Vec;

use iotops_crypto::x509::path::{self, Anchor, Options};
use iotops_crypto::x509::{Certificate, oids::CMC_RA, verifying_key};

use crate::decode::Signed;
use crate::verify::Authenticated;
use crate::{Error, rules};

/// The most certificates of a message that are looked at.
const MOST: usize = 16;
/// The most certificates of a chain.
const DEPTH: usize = 8;

/// The certificates of a message, in DER: material for paths, never trusted by itself.
#[derive(Clone, Debug, Default)]
pub struct Bundle(Vec<Vec<u8>>);

impl Bundle {
    /// Those of the first signature.
    ///
    /// # Errors
    /// [`rules::CERTIFICATES`] for more than 16, and the rules of base64.
    pub fn of(document: &Signed<'_>) -> Result<Self, Error> {
        let mut all = Vec::new();
        for one in document.certificates(0) {
            if all.len() == MOST {
                return Err(Error::new(rules::CERTIFICATES, 0));
            }
            all.push(one.to_vec()?);
        }
        Ok(Self(all))
    }

    /// They, decoded.
    ///
    /// # Errors
    /// The rules of certificates.
    pub fn certificates(&self) -> Result<Vec<Certificate<'_>>, Error> {
        self.0.iter().map(|one| Ok(Certificate::decode(one)?)).collect()
    }
}

/// The chain of a registrar that signed a request: its own certificate first, each followed by that
/// of its issuer. The last is a temporary anchor: nothing says yet whose domain it is (RFC 8995
/// §5.5.2).
#[derive(Clone, Debug)]
pub struct RegistrarChain<'b> {
    certificates: Vec<Certificate<'b>>,
    authenticated: Authenticated<'b>,
}

impl<'b> RegistrarChain<'b> {
    /// The chain of the certificate whose key signed, which must be that of a registrar.
    pub(super) fn find(
        document: &Signed<'b>,
        bundle: &'b Bundle,
        options: &Options<'_>,
    ) -> Result<Self, Error> {
        let all = bundle.certificates()?;
        // RFC 8995 §5.5.4: "The MASA MUST verify that the registrar's certificate has the
        // id-kp-cmcRA" purpose.
        let is_registrar = |one: &&Certificate<'_>| {
            let mut purposes = one.purposes().into_iter().flatten();
            purposes.any(|found| found.as_bytes() == CMC_RA)
        };
        let mut failure = Error::new(rules::NOT_REGISTRAR, 0);
        for leaf in all.iter().filter(is_registrar) {
            match Self::of(document, leaf, &all, options) {
                Ok(chain) => return Ok(chain),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn of(
        document: &Signed<'b>,
        leaf: &Certificate<'b>,
        all: &[Certificate<'b>],
        options: &Options<'_>,
    ) -> Result<Self, Error> {
        let certificates = climb(leaf, all);
        let top = certificates.last().unwrap_or(leaf);
        let anchors = [Anchor::certificate(*top)];
        path::verify(leaf, all, &anchors, options)?;
        let key = verifying_key(leaf.public_key())?;
        let authenticated = document.verify(&[&key])?;
        Ok(Self { certificates, authenticated })
    }

    /// What the registrar said.
    #[must_use]
    pub const fn authenticated(&self) -> &Authenticated<'b> {
        &self.authenticated
    }

    /// The certificates, that of the registrar first.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate<'b>] {
        &self.certificates
    }

    /// The registrar's own.
    pub(super) fn registrar(&self) -> Option<&Certificate<'b>> {
        self.certificates.first()
    }

    /// The authority nearest to the registrar; itself, if it came alone.
    pub(super) fn lowest(&self) -> Option<&Certificate<'b>> {
        self.certificates.get(1).or_else(|| self.certificates.first())
    }

    /// The authority that is farthest from the registrar.
    pub(super) fn highest(&self) -> Option<&Certificate<'b>> {
        self.certificates.last()
    }

    /// Whether it leads to one of these anchors.
    pub(super) fn leads_to(&self, anchors: &[Anchor<'_>], options: &Options<'_>) -> bool {
        self.registrar().is_some_and(|registrar| {
            path::verify(registrar, &self.certificates, anchors, options).is_ok()
        })
    }

    /// The certificates in DER, and their keys.
    pub(super) fn encoded(&self) -> (Vec<&'b [u8]>, Vec<&'b [u8]>) {
        let certificates = self.certificates.iter().map(Certificate::encoding).collect();
        let keys = self.certificates.iter().map(Certificate::public_key).collect();
        (certificates, keys)
    }
}

/// From a certificate up to the last issuer that is there.
fn climb<'b>(leaf: &Certificate<'b>, all: &[Certificate<'b>]) -> Vec<Certificate<'b>> {
    let mut chain = vec![*leaf];
    while let Some(last) = chain.last().filter(|last| !last.is_self_issued()) {
        let issuer = &last.issuer();
        let is_issuer = |one: &&Certificate<'b>| {
            one.subject().is(issuer) && one.basic_constraints().is_some_and(|basic| basic.ca)
        };
        match all.iter().find(is_issuer).filter(|_| chain.len() < DEPTH) {
            Some(issuer) => chain.push(*issuer),
            None => break,
        }
    }
    chain
}
