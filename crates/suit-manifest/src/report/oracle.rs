//! A device that does nothing, and a journal by which the engine runs as a report has it.
//!
//! The engine takes the results of conditions, and that directives are done, from its journal when
//! it goes on after a power failure. A replay gives it a journal that never ends.

use crate::model::{ComponentIdentifier, Parameter, ParameterKey};
use crate::process::{
    Answer, Call, Entry, Fault, Identity, Journal, Platform, Record, RunId, ready, refused,
};
use crate::{Envelope, Manifest};

/// What the next command gives.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Script {
    /// Whether it succeeds.
    pub(super) is_ok: bool,
    /// Whether it has a result of its own in the journal, and not just a mark.
    pub(super) has_result: bool,
    /// The token of what is done next.
    pub(super) token: u32,
}

impl Journal for Script {
    fn begin(&mut self, _: &RunId) -> Result<u32, Fault> {
        Ok(u32::MAX)
    }

    fn entry(&mut self, _: u32) -> Result<Entry, Fault> {
        if self.has_result {
            return Ok(Entry::Conditions { results: u32::from(self.is_ok), count: 1 });
        }
        Ok(Entry::Done { token: self.token })
    }

    fn append(&mut self, _: Entry) -> Result<(), Fault> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), Fault> {
        Ok(())
    }
}

/// A device that has every component, and the envelopes of dependencies in those that must hold
/// them.
pub(super) struct Oracle<'o, 'm> {
    pub(super) root: Manifest<'m>,
    pub(super) envelopes: &'o [&'o [u8]],
    /// What the last step told, if it ran a command that can have a record.
    pub(super) told: Option<Record>,
}

impl Oracle<'_, '_> {
    /// The envelope with the digest that the component must have.
    fn envelope(&self, call: &Call<'_>) -> Option<&[u8]> {
        let Some(Parameter::ImageDigest(wanted)) = call.parameter(ParameterKey::ImageDigest) else {
            return None;
        };
        let integrated = self.root.integrated_payloads().map(|one| one.content);
        let mut all = self.envelopes.iter().copied().chain(integrated);
        all.find(|bytes| {
            let envelope = Envelope::decode(bytes).or_else(|_| Envelope::decode_untagged(bytes));
            envelope.is_ok_and(|envelope| envelope.claimed_digest() == wanted)
        })
    }
}

impl Platform for Oracle<'_, '_> {
    fn has(&mut self, _: &Call<'_>) -> bool {
        true
    }

    fn is(&mut self, _: &Call<'_>, _: Identity<'_>) -> bool {
        true
    }

    fn read(&mut self, call: &Call<'_>, offset: u64, buffer: &mut [u8]) -> Answer<usize> {
        let Some(envelope) = self.envelope(call) else { return refused(Fault::Absent) };
        let rest = usize::try_from(offset).ok().and_then(|offset| envelope.get(offset..));
        let bytes = rest.unwrap_or_default().iter();
        ready(buffer.iter_mut().zip(bytes).map(|(to, from)| *to = *from).count())
    }

    #[cfg(feature = "update-management")]
    fn wait(&mut self, _: &Call<'_>, _: crate::model::WaitEvent<'_>) -> Answer<()> {
        ready(())
    }

    fn record(&mut self, _: &Call<'_>, record: &Record) {
        self.told = Some(*record);
    }

    fn sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
    ) -> Result<Option<u64>, Fault> {
        Ok(None)
    }

    fn store_sequence_number(
        &mut self,
        _: Option<ComponentIdentifier<'_>>,
        _: u64,
    ) -> Result<(), Fault> {
        Ok(())
    }
}
