//! ECDSA: ES256 and ESP256 on P-256, ES384 and ESP384 on P-384 (RFC 9053 §2.1, RFC 9864).

use iotops_wire::{Random, Unavailable};
#[cfg(feature = "alloc")]
use zeroize::Zeroizing;

use crate::{Algorithm, Error, Refused, Signer, Verifier, rules};

const TAG_UNCOMPRESSED: u8 = 4;

/// Whether a point is written in one of the two forms of SEC 1 §2.3.3 that have one length each.
fn is_point(bytes: &[u8], coordinate: usize) -> bool {
    let compressed = coordinate.saturating_add(1);
    match bytes.first() {
        Some(&TAG_UNCOMPRESSED) => bytes.len() == compressed.saturating_add(coordinate),
        Some(2 | 3) => bytes.len() == compressed,
        _ => false,
    }
}

/// The two types of keys on one curve.
macro_rules! curve {
    (
        $feature:literal, $curve:literal, $backend:ident::$marker:ident, $hash:ident,
        $coordinate:literal, $uncompressed:literal,
        $public:ident, $secret:ident, $algorithm:ident, $specified:ident
    ) => {
        #[doc = concat!("A public key on ", $curve, ".")]
        #[cfg(feature = $feature)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $public($backend::ecdsa::VerifyingKey);

        #[cfg(feature = $feature)]
        impl $public {
            #[doc = concat!(
                "The key of a point as SEC 1 encodes it: ", $uncompressed,
                " bytes uncompressed, or compressed."
            )]
            ///
            /// # Errors
            /// [`rules::KEY_POINT`] for any other length or tag, and for what is no point of the
            /// curve.
            pub fn from_sec1(bytes: &[u8]) -> Result<Self, Error> {
                match $backend::ecdsa::VerifyingKey::from_sec1_bytes(bytes) {
                    Ok(key) if is_point(bytes, $coordinate) => Ok(Self(key)),
                    _ => Err(Error::new(rules::KEY_POINT, 0)),
                }
            }

            #[doc = concat!("The key of a point with these coordinates, of ", $coordinate, " bytes each.")]
            ///
            /// # Errors
            /// [`rules::KEY_POINT`] if it is no point of the curve.
            pub fn from_coordinates(
                x: &[u8; $coordinate],
                y: &[u8; $coordinate],
            ) -> Result<Self, Error> {
                let mut bytes = [TAG_UNCOMPRESSED; $uncompressed];
                let coordinates = x.iter().chain(y);
                for (to, from) in bytes.iter_mut().skip(1).zip(coordinates) {
                    *to = *from;
                }
                Self::from_sec1(&bytes)
            }

            /// The point, uncompressed.
            #[must_use]
            pub fn to_sec1(&self) -> [u8; $uncompressed] {
                let mut bytes = [0; $uncompressed];
                for (to, from) in bytes.iter_mut().zip(self.0.to_sec1_point(false).as_bytes()) {
                    *to = *from;
                }
                bytes
            }
        }

        #[cfg(feature = $feature)]
        impl Verifier for $public {
            fn accepts(&self, algorithm: Algorithm) -> bool {
                matches!(algorithm, Algorithm::$algorithm | Algorithm::$specified)
            }

            #[doc = concat!("A signature is r and s of ", $coordinate, " bytes each.")]
            /// Both values of s are taken, as RFC 9053 does not choose: a signature is never the
            /// name of a message.
            fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
                use $backend::ecdsa::signature::hazmat::PrehashVerifier as _;
                let signature = $backend::ecdsa::Signature::from_slice(signature);
                let signature = signature.map_err(|_| Refused::Invalid)?;
                let hash = hash::<sha2::$hash>(message);
                self.0.verify_prehash(&hash, &signature).map_err(|_| Refused::Invalid)
            }
        }

        #[doc = concat!(
            "A private key on ", $curve,
            ". It is wiped when dropped, and signs deterministically (RFC 6979)."
        )]
        #[cfg(feature = $feature)]
        #[derive(Clone)]
        pub struct $secret($backend::ecdsa::SigningKey);

        #[cfg(feature = $feature)]
        impl core::fmt::Debug for $secret {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(stringify!($secret))
            }
        }

        #[cfg(feature = $feature)]
        impl $secret {
            #[doc = concat!("The key with this scalar, of ", $coordinate, " bytes.")]
            ///
            /// # Errors
            /// [`rules::KEY_SCALAR`] if it is 0, too great, or of another length.
            pub fn from_scalar(bytes: &[u8]) -> Result<Self, Error> {
                match $backend::ecdsa::SigningKey::from_slice(bytes) {
                    Ok(key) if bytes.len() == $coordinate => Ok(Self(key)),
                    _ => Err(Error::new(rules::KEY_SCALAR, 0)),
                }
            }

            /// The scalar; it wipes itself.
            #[cfg(feature = "alloc")]
            pub(super) fn to_scalar(&self) -> Zeroizing<[u8; $coordinate]> {
                Zeroizing::new(self.0.to_bytes().into())
            }

            /// The public key that belongs to it.
            #[must_use]
            pub fn public_key(&self) -> $public {
                $public(*self.0.verifying_key())
            }

            /// Signs as [`Signer::sign`] does, with random bytes mixed into the nonce
            /// (RFC 6979 §3.6): against faults that are injected while the same message is signed
            /// again.
            ///
            /// # Errors
            /// [`Unavailable`] if `random` does not answer, or `signature` is too short.
            pub fn sign_hedged(
                &mut self,
                random: &mut dyn Random,
                message: &[&[u8]],
                signature: &mut [u8],
            ) -> Result<usize, Unavailable> {
                let mut added = [0; $coordinate];
                random.fill(&mut added)?;
                self.make(&added, message, signature)
            }

            fn make(
                &self,
                added: &[u8],
                message: &[&[u8]],
                signature: &mut [u8],
            ) -> Result<usize, Unavailable> {
                let hash = hash::<sha2::$hash>(message);
                let scalar = self.0.as_nonzero_scalar();
                let (made, _) = ecdsa::hazmat::sign_prehashed_rfc6979::<
                    $backend::$marker,
                    sha2::$hash,
                >(scalar, &hash, added);
                super::put(&made.to_bytes(), signature)
            }
        }

        #[cfg(feature = $feature)]
        impl Signer for $secret {
            fn algorithm(&self) -> Algorithm {
                Algorithm::$specified
            }

            fn sign(
                &mut self,
                message: &[&[u8]],
                signature: &mut [u8],
            ) -> Result<usize, Unavailable> {
                self.make(&[], message, signature)
            }
        }
    };
}

fn hash<H: sha2::Digest>(message: &[&[u8]]) -> sha2::digest::Output<H> {
    let mut hasher = H::new();
    for part in message {
        hasher.update(part);
    }
    hasher.finalize()
}

curve!(
    "es256",
    "P-256",
    p256::NistP256,
    Sha256,
    32,
    65,
    Es256PublicKey,
    Es256SecretKey,
    Es256,
    Esp256
);
curve!(
    "es384",
    "P-384",
    p384::NistP384,
    Sha384,
    48,
    97,
    Es384PublicKey,
    Es384SecretKey,
    Es384,
    Esp384
);
