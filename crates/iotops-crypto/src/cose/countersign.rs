//! Countersignatures: verifying that somebody signed what somebody else made (RFC 9338).

use iotops_wire::cbor::{Cursor, Head, Type};

use super::sign::Signature;
use super::verify::Claim;
use super::{Headers, SIGNERS, Sign, Single, Verified};
use crate::{Algorithm, Error, Purpose, Verifier, rules};

/// Labels of RFC 8152, which RFC 9338 deprecates: 7 and 9; of RFC 9338: 11 and 12.
const FULL: [(i64, Version); 2] = [(7, Version::V1), (11, Version::V2)];
const ABBREVIATED: [(i64, Version); 2] = [(9, Version::V1), (12, Version::V2)];

/// Which structure was countersigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Version {
    /// That of RFC 8152. It leaves the signature or MAC of the target out: a countersigner did not
    /// vouch for it.
    V1,
    /// That of RFC 9338.
    V2,
}

/// One countersignature, not yet verified.
#[derive(Clone, Copy, Debug)]
pub struct Countersignature<'a> {
    version: Version,
    /// `None` for the abbreviated form, which has no headers.
    headers: Option<Headers<'a>>,
    signature: &'a [u8],
    offset: u32,
}

impl<'a> Countersignature<'a> {
    /// Which structure it signs.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Its headers; `None` for the abbreviated form, whose algorithm and key both sides know.
    #[must_use]
    pub const fn headers(&self) -> Option<&Headers<'a>> {
        self.headers.as_ref()
    }

    /// The bytes of the signature.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.signature
    }
}

/// A message, or a part of one, as it is countersigned: its headers and its byte strings.
#[derive(Clone, Copy, Debug)]
pub struct Target<'t> {
    headers: Headers<'t>,
    payload: &'t [u8],
    /// The byte string after the payload, of messages that have one.
    other: Option<&'t [u8]>,
}

impl<'t> Target<'t> {
    pub(super) const fn new(
        headers: Headers<'t>,
        payload: &'t [u8],
        other: Option<&'t [u8]>,
    ) -> Self {
        Self { headers, payload, other }
    }

    /// Gives `each` the countersignatures in the unprotected headers.
    ///
    /// # Errors
    /// [`rules::COUNTERSIGNATURES`] if a header is no such list, or too long a one, the rules of
    /// headers, and those of `each`.
    pub fn countersignatures(
        &self,
        each: &mut dyn FnMut(Countersignature<'t>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for (label, version) in FULL {
            if let Some(value) = self.headers.find_unprotected(label) {
                full(value, version, each)?;
            }
        }
        for (label, version) in ABBREVIATED {
            if let Some(mut value) = self.headers.find_unprotected(label) {
                let offset = value.offset();
                let Ok(signature) = value.bytes() else {
                    return Err(value.error(rules::COUNTERSIGNATURES).into());
                };
                each(Countersignature { version, headers: None, signature, offset })?;
            }
        }
        Ok(())
    }

    /// Verifies a countersignature. `algorithm` is for the abbreviated form, which does not tell
    /// its own; of the full form the algorithm header counts.
    ///
    /// # Errors
    /// [`rules::NO_KEY`], [`rules::COUNTERSIGNATURE`], [`rules::UNAVAILABLE`],
    /// [`rules::ALGORITHM_MISSING`] if an abbreviated form comes without `algorithm`, and the
    /// rules of the algorithm header.
    pub fn verify(
        &self,
        countersignature: &Countersignature<'_>,
        algorithm: Option<Algorithm>,
        aad: &[u8],
        keys: &[&dyn Verifier],
    ) -> Result<Verified<'t>, Error> {
        let headers = countersignature.headers.as_ref();
        let claim = Claim {
            headers: headers.unwrap_or(&self.headers),
            signature: countersignature.signature,
            purpose: Purpose::Signature,
            refused: rules::COUNTERSIGNATURE,
            offset: countersignature.offset,
        };
        let algorithm = match (headers, algorithm) {
            (Some(_), _) => claim.algorithm()?,
            (None, Some(algorithm)) => algorithm,
            (None, None) => return Err(claim.error(rules::ALGORITHM_MISSING)),
        };
        let by = self.lend(countersignature, aad, |parts| claim.settle_as(algorithm, keys, parts));
        Ok(Verified::new(self.payload, by?))
    }

    /// Lends the `Countersign_structure` (RFC 9338 §3.3), in parts.
    fn lend<R>(
        &self,
        countersignature: &Countersignature<'_>,
        aad: &[u8],
        read: impl FnOnce(&[&[u8]]) -> R,
    ) -> R {
        let own = countersignature.headers.map(|headers| headers.protected_bytes());
        // other_fields is "Omitted if there are only two bstr fields in the target structure",
        // and RFC 8152 has none.
        let other = self.other.filter(|_| countersignature.version == Version::V2);
        let (is_full, version) = (own.is_some(), countersignature.version);
        let opening: &[u8] = match (is_full, other.is_some(), version) {
            (true, false, _) => b"\x85\x70CounterSignature",
            (true, true, _) => b"\x86\x72CounterSignatureV2",
            (false, true, _) => b"\x85\x73CounterSignature0V2",
            (false, false, Version::V2) => b"\x84\x71CounterSignature0",
            (false, false, Version::V1) => b"\x85\x71CounterSignature0",
        };
        // sign_protected "is omitted for the Countersignature0V2 attribute"; RFC 8152 §4.4 omitted
        // it "for the COSE_Sign1 signature structure" alone, so there it is empty.
        let own = own.or_else(|| (version == Version::V1).then_some(&[][..]));
        let body = self.headers.protected_bytes();
        let head = |bytes: &[u8]| Head::of_bytes(bytes.len());
        let (a, b, c, d) = (head(body), own.map(head), head(aad), head(self.payload));
        let e = other.map(head);
        read(&[
            opening,
            a.as_bytes(),
            body,
            b.as_ref().map_or(&[], Head::as_bytes),
            own.unwrap_or_default(),
            c.as_bytes(),
            aad,
            d.as_bytes(),
            self.payload,
            other.map_or(&[], |_| b"\x81"),
            e.as_ref().map_or(&[], Head::as_bytes),
            other.unwrap_or_default(),
        ])
    }
}

/// One countersignature, or an array of them: the first item of the array tells.
fn full<'t>(
    value: Cursor<'t>,
    version: Version,
    each: &mut dyn FnMut(Countersignature<'t>) -> Result<(), Error>,
) -> Result<(), Error> {
    let broken = Error::from(value.error(rules::COUNTERSIGNATURES));
    let mut cursor = value;
    let count = cursor.array().map_err(|_| broken)?;
    let (mut cursor, count) = match cursor.peek() {
        Some(Type::Array) => (cursor, count),
        Some(Type::Bytes) => (value, 1),
        _ => return Err(broken),
    };
    if count > SIGNERS {
        return Err(broken);
    }
    for _ in 0..count {
        let Signature { headers, signature, offset } = Signature::read(&mut cursor)?;
        each(Countersignature { version, headers: Some(headers), signature, offset })?;
    }
    Ok(())
}

impl<C: super::Context> Single<'_, C> {
    /// The message as it is countersigned; `detached` is its payload if that came another way.
    ///
    /// # Errors
    /// [`rules::PAYLOAD_DETACHED`] or [`rules::PAYLOAD_ATTACHED`].
    pub fn countersigned<'t>(&'t self, detached: Option<&'t [u8]>) -> Result<Target<'t>, Error> {
        let payload = one_of(self.payload(), detached)?;
        Ok(Target::new(*self.headers(), payload, Some(self.signature())))
    }
}

impl Sign<'_> {
    /// The message as it is countersigned; `detached` is its payload if that came another way.
    ///
    /// # Errors
    /// [`rules::PAYLOAD_DETACHED`] or [`rules::PAYLOAD_ATTACHED`].
    pub fn countersigned<'t>(&'t self, detached: Option<&'t [u8]>) -> Result<Target<'t>, Error> {
        Ok(Target::new(*self.headers(), one_of(self.payload(), detached)?, None))
    }
}

impl Signature<'_> {
    /// The signature as it is countersigned.
    #[must_use]
    pub const fn countersigned(&self) -> Target<'_> {
        Target::new(self.headers, self.signature, None)
    }
}

#[cfg(feature = "encrypt")]
mod encrypted {
    use super::{Target, one_of};
    use crate::Error;
    use crate::cose::{Encrypt, Encrypt0, Mac, Recipient};
    use crate::rules::cipher as rules;

    impl Mac<'_> {
        /// The message as it is countersigned; `detached` is its payload if that came another way.
        ///
        /// # Errors
        /// [`crate::rules::PAYLOAD_DETACHED`] or [`crate::rules::PAYLOAD_ATTACHED`].
        pub fn countersigned<'t>(
            &'t self,
            detached: Option<&'t [u8]>,
        ) -> Result<Target<'t>, Error> {
            Ok(Target::new(*self.headers(), one_of(self.payload(), detached)?, Some(self.mac())))
        }
    }

    impl Encrypt0<'_> {
        /// The message as it is countersigned; `detached` is its ciphertext if that came another
        /// way.
        ///
        /// # Errors
        /// [`rules::CIPHERTEXT_DETACHED`] or [`rules::CIPHERTEXT_ATTACHED`].
        pub fn countersigned<'t>(
            &'t self,
            detached: Option<&'t [u8]>,
        ) -> Result<Target<'t>, Error> {
            let ciphertext = ciphertext(self.ciphertext(), detached)?;
            Ok(Target::new(*self.headers(), ciphertext, None))
        }
    }

    impl Encrypt<'_> {
        /// The message as it is countersigned; `detached` is its ciphertext if that came another
        /// way.
        ///
        /// # Errors
        /// [`rules::CIPHERTEXT_DETACHED`] or [`rules::CIPHERTEXT_ATTACHED`].
        pub fn countersigned<'t>(
            &'t self,
            detached: Option<&'t [u8]>,
        ) -> Result<Target<'t>, Error> {
            let ciphertext = ciphertext(self.ciphertext(), detached)?;
            Ok(Target::new(*self.headers(), ciphertext, None))
        }
    }

    impl Recipient<'_> {
        /// The recipient as it is countersigned.
        #[must_use]
        pub const fn countersigned(&self) -> Target<'_> {
            Target::new(*self.headers(), self.ciphertext(), None)
        }
    }

    fn ciphertext<'t>(
        attached: Option<&'t [u8]>,
        detached: Option<&'t [u8]>,
    ) -> Result<&'t [u8], Error> {
        match (attached, detached) {
            (Some(ciphertext), None) | (None, Some(ciphertext)) => Ok(ciphertext),
            (None, None) => Err(Error::new(rules::CIPHERTEXT_DETACHED, 0)),
            (Some(_), Some(_)) => Err(Error::new(rules::CIPHERTEXT_ATTACHED, 0)),
        }
    }
}

fn one_of<'t>(attached: Option<&'t [u8]>, detached: Option<&'t [u8]>) -> Result<&'t [u8], Error> {
    match (attached, detached) {
        (Some(payload), None) | (None, Some(payload)) => Ok(payload),
        (None, None) => Err(Error::new(rules::PAYLOAD_DETACHED, 0)),
        (Some(_), Some(_)) => Err(Error::new(rules::PAYLOAD_ATTACHED, 0)),
    }
}
