//! ML-DSA-44, ML-DSA-65 and ML-DSA-87 (FIPS 204, RFC 9964), in pure mode.

use iotops_wire::Unavailable;
use ml_dsa::signature::MultipartSigner as _;
use ml_dsa::{Signature, SigningKey, VerifyingKey};
use sha2::digest::Update as _;
use zeroize::Zeroizing;

use crate::{Algorithm, Error, Refused, Signer, Verifier, rules};

/// RFC 9964 §4: the private key "MUST be the seed", of 32 bytes.
const SEED: usize = 32;

/// The two types of keys of one parameter set.
macro_rules! parameter_set {
    ($name:literal, $set:ident, $public:ident, $length:literal, $secret:ident) => {
        #[doc = concat!("An ", $name, " public key, as it is encoded: ", $length, " bytes.")]
        ///
        /// It is expanded when it verifies, on the stack: in `VerifyingKey` it is therefore small,
        /// and boxed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $public([u8; $length]);

        impl $public {
            /// The key with this encoding (FIPS 204 §7.2).
            ///
            /// # Errors
            /// [`rules::KEY_LENGTH`] for another length. Any bytes of that length are a key.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
                bytes.try_into().map(Self).map_err(|_| Error::new(rules::KEY_LENGTH, 0))
            }

            /// The encoding.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }

            /// Checks `signature` as [`Verifier::verify`] does, over a message with a context
            /// (FIPS 204 §5.3). COSE and X.509 use the empty one.
            ///
            /// # Errors
            /// [`Refused::Invalid`], also for a context of more than 255 bytes.
            pub fn verify_in_context(
                &self,
                context: &[u8],
                message: &[&[u8]],
                signature: &[u8],
            ) -> Result<(), Refused> {
                // First what costs little: the length of the signature, and its hints.
                let signature = Signature::<ml_dsa::$set>::try_from(signature);
                let signature = signature.map_err(|_| Refused::Invalid)?;
                let key = VerifyingKey::<ml_dsa::$set>::decode((&self.0).into());
                let digest = key.compute_mu(
                    |hasher| {
                        message.iter().for_each(|part| hasher.update(part));
                        Ok(())
                    },
                    context,
                );
                let digest = digest.map_err(|_| Refused::Invalid)?;
                let is_valid = key.verify_mu(&digest, &signature);
                if is_valid { Ok(()) } else { Err(Refused::Invalid) }
            }
        }

        impl Verifier for $public {
            fn accepts(&self, algorithm: Algorithm) -> bool {
                algorithm == Algorithm::$set
            }

            fn verify(&self, message: &[&[u8]], signature: &[u8]) -> Result<(), Refused> {
                self.verify_in_context(b"", message, signature)
            }
        }

        #[doc = concat!("An ", $name, " private key: its seed. It is wiped when dropped.")]
        ///
        /// It signs deterministically (FIPS 204 §3.4), with the empty context.
        #[derive(Clone)]
        pub struct $secret(Zeroizing<[u8; SEED]>);

        impl core::fmt::Debug for $secret {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(stringify!($secret))
            }
        }

        impl $secret {
            /// The key of this seed, of 32 bytes.
            ///
            /// # Errors
            /// [`rules::KEY_LENGTH`] for another length.
            pub fn from_seed(bytes: &[u8]) -> Result<Self, Error> {
                let seed = bytes.try_into().map_err(|_| Error::new(rules::KEY_LENGTH, 0))?;
                Ok(Self(Zeroizing::new(seed)))
            }

            /// The seed.
            #[cfg(feature = "alloc")]
            pub(super) fn seed(&self) -> &[u8] {
                self.0.as_slice()
            }

            /// The public key that belongs to it.
            #[must_use]
            pub fn public_key(&self) -> $public {
                let key = self.expanded().expanded_key().verifying_key();
                $public(key.encode().into())
            }

            fn expanded(&self) -> SigningKey<ml_dsa::$set> {
                let seed: &[u8; SEED] = &self.0;
                SigningKey::from_seed(seed.into())
            }
        }

        impl Signer for $secret {
            fn algorithm(&self) -> Algorithm {
                Algorithm::$set
            }

            fn sign(
                &mut self,
                message: &[&[u8]],
                signature: &mut [u8],
            ) -> Result<usize, Unavailable> {
                let made = self.expanded().try_multipart_sign(message);
                super::put(&made.map_err(|_| Unavailable::new())?.encode(), signature)
            }
        }
    };
}

parameter_set!("ML-DSA-44", MlDsa44, MlDsa44PublicKey, 1312, MlDsa44SecretKey);
parameter_set!("ML-DSA-65", MlDsa65, MlDsa65PublicKey, 1952, MlDsa65SecretKey);
parameter_set!("ML-DSA-87", MlDsa87, MlDsa87PublicKey, 2592, MlDsa87SecretKey);
