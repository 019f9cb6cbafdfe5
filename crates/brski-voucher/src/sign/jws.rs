//! Signing in JWS, alone and beside others.

use alloc::vec::Vec;

use iotops_crypto::{Signer, jws};

use super::Draft;
use crate::Error;
use crate::decode::{MESSAGE_TYPE, Message, Signed};
use crate::rules;

impl Draft {
    /// Signs it in JWS, in the general serialisation. `chain` are the certificates that it carries,
    /// that of the signer first.
    ///
    /// # Errors
    /// [`iotops_crypto::rules::UNAVAILABLE`] if the signer does not answer.
    pub fn sign_jws(&self, signer: &mut dyn Signer, chain: &[&[u8]]) -> Result<Vec<u8>, Error> {
        let payload = self.to_json()?;
        let signed = made(signer, chain, &payload)?;
        Ok(jws::write_json(jws::Payload::Attached(&payload), &[signed])?.into_bytes())
    }
}

fn made(signer: &mut dyn Signer, chain: &[&[u8]], payload: &[u8]) -> Result<jws::Signed, Error> {
    let unsigned = jws::Unsigned::new(signer.algorithm())?
        .with_message_type(MESSAGE_TYPE)
        .with_certificates(chain);
    Ok(unsigned.sign(signer, payload)?)
}

impl Signed<'_> {
    /// Adds a signature to those of a JWS, as a registrar countersigns the voucher of a
    /// manufacturer (BRSKI-PRM §7.3.6); the others keep their bytes. `chain` are its certificates,
    /// that of the signer first.
    ///
    /// # Errors
    /// [`rules::CONTAINER`] for CMS and COSE, [`iotops_crypto::rules::UNAVAILABLE`] if the signer
    /// does not answer, and the rule of the most signatures.
    pub fn countersign_jws(
        &self,
        signer: &mut dyn Signer,
        chain: &[&[u8]],
    ) -> Result<Vec<u8>, Error> {
        let Message::Jws(message) = &self.message else {
            return Err(Error::new(rules::CONTAINER, 0));
        };
        let Some(payload) = message.payload() else {
            return Err(Error::new(rules::DETACHED, 0));
        };
        let mut all: Vec<jws::Signed> =
            message.signatures().map(|one| jws::Signed::from(&one)).collect();
        all.push(made(signer, chain, payload)?);
        Ok(jws::write_json(jws::Payload::Attached(payload), &all)?.into_bytes())
    }
}
