//! Encrypted payloads (SUIT FE).

use alloc::vec::Vec;

use iotops_crypto::agreement::KdfInfo;
use iotops_crypto::cose::{Plaintext, To, Unsealed, UnsealedUnauthenticated};
use iotops_crypto::{Algorithm, rules as crypto};
use iotops_wire::cbor::Encoder;
use iotops_wire::{Input, Random};

use crate::model::{INFO, KDF_CONTEXT};
use crate::{Error, rules};

/// An encrypted payload, and what its recipients need to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Encrypted {
    /// The value of suit-parameter-encryption-info.
    pub info: Vec<u8>,
    /// The payload as it is distributed, with its tag behind it.
    pub ciphertext: Vec<u8>,
}

/// Encrypts a payload to recipients, with a key that is drawn for it.
///
/// The AEADs are for every use. AES-CTR hides and does not authenticate: a device takes such a
/// ciphertext only if the manifest holds it, or has its digest (RFC 9459 §8).
///
/// # Errors
/// [`crypto::ALGORITHM_PURPOSE`] for algorithms that encrypt no content, [`rules::ENCRYPTED`] for
/// more recipients than devices read, and those of [`Unsealed::encrypt`].
pub fn encrypt(
    algorithm: Algorithm,
    to: &mut [To<'_>],
    payload: &[u8],
    random: &mut dyn Random,
) -> Result<Encrypted, Error> {
    let (mut info, mut ciphertext) = (Vec::new(), Vec::new());
    let context = KdfInfo::default().with_public(KDF_CONTEXT);
    let (encoder, payload) =
        (&mut Encoder::new(&mut info), Plaintext::Detached(payload, &mut ciphertext));
    match algorithm {
        Algorithm::A128Ctr | Algorithm::A256Ctr => {
            let message = UnsealedUnauthenticated::new(algorithm)?.with_info(context);
            message.encrypt(to, payload, random, encoder)?;
        }
        Algorithm::A128Gcm | Algorithm::A256Gcm | Algorithm::ChaCha20Poly1305 => {
            let message = Unsealed::new(algorithm)?.with_info(context);
            message.encrypt(to, payload, b"", random, encoder)?;
        }
        _ => return Err(Error::new(crypto::ALGORITHM_PURPOSE, 0)),
    }
    if info.len() > INFO {
        return Err(Error::new(rules::ENCRYPTED, 0).of(Input::Output));
    }
    Ok(Encrypted { info, ciphertext })
}
