//! The device's side: the report of a run, and its container.

use iotops_crypto::cose::{Payload, Unsigned};
use iotops_crypto::{Signer, rules as crypto_rules};
use iotops_wire::Kind;
use iotops_wire::cbor::{Encoder, Output as _, SliceOutput};

use super::measure::parameter;
use super::recorder::encode_record;
use super::{
    CAPABILITIES, CODE, COMPONENT, DROPPED, NONCE, NewCapabilities, REASON, RECORD, RECORDS,
    REFERENCE, RESULT, Recorder,
};
use crate::model::SuitDigest;
use crate::process::{CommandPlace, Failure, Measured, Position, Reason, Tree};
use crate::{Envelope, Error, rules};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// The procedure is complete.
    Done,
    /// It failed.
    Failed(Failure),
    /// The command here, [`Engine::position`](crate::process::Engine::position), is about to invoke
    /// an image and may not return (SUIT R §4.2).
    InvokePending(Position),
}

impl From<Result<(), Failure>> for Ended {
    fn from(ended: Result<(), Failure>) -> Self {
        ended.map_or_else(Self::Failed, |()| Self::Done)
    }
}

/// A report that is to be written.
#[derive(Clone, Copy, Debug)]
pub struct NewReport<'r> {
    uri: &'r str,
    digest: SuitDigest<'r>,
    nonce: Option<&'r [u8]>,
    records: &'r [u8],
    items: usize,
    dropped: u32,
    result: Conclusion,
    capabilities: Option<&'r NewCapabilities<'r>>,
}

#[derive(Clone, Copy, Debug)]
enum Conclusion {
    Success,
    Failure { code: i64, place: CommandPlace, measured: Option<Measured>, reason: Reason },
}

impl<'r> NewReport<'r> {
    /// The report of a run with the manifests of `tree`, of which `recorder` was told.
    #[must_use]
    pub fn of<'m: 'r>(tree: &Tree<'_, 'm>, recorder: &'r mut Recorder<'_>, ended: Ended) -> Self {
        let result = match ended {
            Ended::Done => {
                recorder.keep_last();
                Conclusion::Success
            }
            Ended::Failed(failure) => {
                let place = failure.position().map_or(CommandPlace::BEFORE, |at| tree.place(&at));
                let measured = recorder.end_at(&place);
                let code = i64::from(failure.error().rule().number());
                Conclusion::Failure { code, place, measured, reason: failure.reason() }
            }
            Ended::InvokePending(position) => {
                recorder.keep_last();
                let place = tree.place(&position);
                let reason = Reason::InvokePending;
                Conclusion::Failure { code: 0, place, measured: None, reason }
            }
        };
        let (root, (records, items)) = (tree.root(), recorder.items());
        Self {
            uri: root.reference_uri().unwrap_or_default(),
            digest: root.digest(),
            nonce: None,
            records,
            items,
            dropped: recorder.dropped(),
            result,
            capabilities: None,
        }
    }

    /// The report of an envelope that was refused before anything was run.
    ///
    /// Nothing of its manifest may be read (SUIT §6.2), so the reference has no URI, and the digest
    /// is the one that the envelope claims.
    #[must_use]
    pub fn refused(envelope: &Envelope<'r>, error: Error) -> Self {
        let (code, place) = (i64::from(error.rule().number()), CommandPlace::BEFORE);
        Self {
            uri: "",
            digest: envelope.claimed_digest(),
            nonce: None,
            records: &[],
            items: 0,
            dropped: 0,
            result: Conclusion::Failure { code, place, measured: None, reason: refusal(error) },
            capabilities: None,
        }
    }

    /// With the nonce that the server sent: proof that the report is fresh (SUIT R §4).
    #[must_use]
    pub const fn with_nonce(self, nonce: &'r [u8]) -> Self {
        Self { nonce: Some(nonce), ..self }
    }

    /// With what the device can do, where it was asked, or could not do what a manifest needs.
    #[must_use]
    pub const fn with_capabilities(self, capabilities: &'r NewCapabilities<'r>) -> Self {
        Self { capabilities: Some(capabilities), ..self }
    }

    /// Writes the report.
    ///
    /// # Errors
    /// [`iotops_wire::rules::OUT_OF_SPACE`]; [`rules::CAPABILITIES`] if a list of them is empty.
    pub fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let optional = [self.nonce.is_some(), self.capabilities.is_some()];
        let count = optional.into_iter().filter(|is_there| *is_there).count();
        let mut map = encoder.map(count.saturating_add(3))?;
        if let Some(nonce) = self.nonce {
            map.key(NONCE)?.bytes(nonce)?;
        }
        self.encode_records(&mut map.key(RECORDS)?)?;
        self.encode_result(&mut map.key(RESULT)?)?;
        if let Some(capabilities) = self.capabilities {
            capabilities.encode(&mut map.key(CAPABILITIES)?)?;
        }
        let mut reference = map.key(REFERENCE)?;
        reference.array(2)?.text(self.uri)?;
        self.digest.encode(&mut reference)?;
        Ok(map.end()?)
    }

    fn encode_records(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let is_short = self.dropped > 0;
        encoder.array(self.items.saturating_add(usize::from(is_short)))?.raw(self.records)?;
        if is_short {
            let mut map = encoder.map(2)?;
            map.key(COMPONENT)?.array(0)?;
            map.key(DROPPED)?.unsigned(u64::from(self.dropped))?;
            map.end()?;
        }
        Ok(())
    }

    fn encode_result(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let Conclusion::Failure { code, place, measured, reason } = &self.result else {
            encoder.boolean(true)?;
            return Ok(());
        };
        let mut map = encoder.map(3)?;
        map.key(CODE)?.integer(*code)?;
        let property = measured.as_ref().and_then(parameter);
        encode_record(place, property, &mut map.key(RECORD)?)?;
        map.key(REASON)?.unsigned(u64::from(reason.code()))?;
        Ok(map.end()?)
    }

    /// Writes the report into a buffer, to be signed.
    ///
    /// # Errors
    /// As [`NewReport::encode`].
    pub fn write<'b>(&self, buffer: &'b mut [u8]) -> Result<UnsignedReport<'b>, Error> {
        let mut output = SliceOutput::new(buffer);
        self.encode(&mut Encoder::new(&mut output))?;
        let length = output.position();
        Ok(UnsignedReport(buffer.get(..length).unwrap_or_default()))
    }
}

/// The reason that a report gives for an envelope or manifest that was refused.
fn refusal(error: Error) -> Reason {
    match error.rule() {
        crypto_rules::ALGORITHM_UNKNOWN
        | crypto_rules::DIGEST_UNSUPPORTED
        | rules::DIGEST_ALGORITHM => Reason::AlgorithmUnsupported,
        rules::COMMAND => Reason::CommandUnsupported,
        rules::COMPONENT_LIMIT => Reason::ComponentUnsupported,
        rules::PARAMETER => Reason::ParameterUnsupported,
        rules::BLOCK_TAG | rules::BLOCK_ATTACHED => Reason::CoseUnsupported,
        crypto_rules::NO_KEY | rules::NOT_AUTHENTICATED => Reason::Unauthorised,
        rule if matches!(rule.number(), 200..=229) && error.kind() != Kind::Rejected => {
            Reason::CoseUnsupported
        }
        _ if error.kind() == Kind::Rejected => Reason::Unauthorised,
        _ if error.kind() == Kind::Unavailable => Reason::OperationFailed,
        _ => Reason::CborParse,
    }
}

/// A report that was written and that nobody has signed yet.
///
/// It is no secret, but SUIT R §8 wants it sent over "an authenticated, confidential channel": sign
/// or MAC it, or send it over one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsignedReport<'b>(&'b [u8]);

impl<'b> UnsignedReport<'b> {
    /// The report as encoded: for a channel that protects it, or a token that carries it.
    ///
    /// It is the payload of the container as well: with [`Unsigned::to_be_signed`] or
    /// [`Unsigned::prehash`] it gives what a signer elsewhere must sign, and
    /// [`UnsignedReport::finish`] takes the answer.
    #[must_use]
    pub const fn as_encoded(&self) -> &'b [u8] {
        self.0
    }

    /// Writes the container with a signature or MAC that was made elsewhere.
    ///
    /// # Errors
    /// [`iotops_crypto::rules::SIGNATURE_LENGTH`], [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn finish(
        &self,
        by: &Unsigned<'_>,
        signature: &[u8],
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        Ok(by.finish(Payload::Attached(self.0), signature, encoder)?)
    }

    /// Signs or MACs the report, and writes the tagged `COSE_Sign1` or `COSE_Mac0`.
    ///
    /// # Errors
    /// [`iotops_crypto::rules::UNAVAILABLE`] if the signer does not answer,
    /// [`iotops_wire::rules::OUT_OF_SPACE`].
    pub fn sign(&self, signer: &mut dyn Signer, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let unsigned = Unsigned::new(signer.algorithm())?;
        Ok(unsigned.sign(signer, Payload::Attached(self.0), &[], encoder)?)
    }
}
