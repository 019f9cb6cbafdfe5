//! Keys for one message.

use iotops_wire::Random;

use super::{Agreement, Curve, LONGEST_SECRET, P256SecretKey, PublicKey, X25519SecretKey};
use crate::rules::cipher as rules;
use crate::{Error, Refused, rules as common};

/// Draws a key pair, agrees with the holder of `peer`, and gives the public key.
pub(crate) fn ephemeral(
    peer: &PublicKey,
    random: &mut dyn Random,
    secret: &mut [u8; LONGEST_SECRET],
) -> Result<PublicKey, Error> {
    match peer.curve() {
        Curve::P256 => {
            let key = P256SecretKey::generate(random)?;
            agreed(&key, peer, secret).map(|()| key.public_key())
        }
        Curve::X25519 => {
            let key = X25519SecretKey::generate(random)?;
            agreed(&key, peer, secret).map(|()| key.public_key())
        }
    }
}

fn agreed(key: &dyn Agreement, peer: &PublicKey, secret: &mut [u8]) -> Result<(), Error> {
    match key.agree(peer.as_bytes(), secret) {
        Ok(_) => Ok(()),
        Err(Refused::Invalid) => Err(Error::new(rules::SHARED_SECRET, 0)),
        Err(Refused::Unavailable) => Err(Error::new(common::UNAVAILABLE, 0)),
    }
}
