//! Conditions: tests without side effect (SUIT §8.4.9, SUIT TD §5.6, SUIT UM §4).

use core::task::Poll;

use iotops_crypto::Digest;
use iotops_wire::Rule;
use iotops_wire::cbor::Cursor;

#[cfg(feature = "report")]
use super::failure::Measured;
use super::log::Journal;
use super::run::{Flow, Run, Stop};
use super::state::Frame;
use super::{Answer, CHUNK, Call, Fault, Identity, Platform, wide};
use crate::model::{Condition, Parameter, ParameterKey, SuitDigest};
use crate::rules;

/// What a condition gave: it holds, or the rule that it broke.
pub(super) type Verdict = Result<(), Rule>;

pub(super) const fn holds(result: bool) -> Verdict {
    if result { Ok(()) } else { Err(rules::CONDITION) }
}

impl<'m, P: Platform + ?Sized, J: Journal + ?Sized> Run<'_, '_, 'm, P, J> {
    /// What a condition gives, now or before the power failed.
    pub(super) fn verdict(
        &mut self,
        condition: Condition,
        frame: &Frame,
        place: usize,
    ) -> Flow<Verdict> {
        if frame.is_shared && frame.manifest == 0 {
            self.state.identities &= !super::engine::bit(condition.code());
        }
        match condition {
            Condition::Abort => return Ok(Err(rules::CONDITION)),
            #[cfg(feature = "trust-domains")]
            Condition::IsDependency => {
                return Ok(holds(self.dependency_index(frame).is_some()));
            }
            #[cfg(feature = "trust-domains")]
            Condition::DependencyIntegrity => return self.integrity(frame, place).map(Ok),
            _ => {}
        }
        let recalled = self.state.log.recall(self.journal);
        if let Some(result) = recalled.map_err(|_| Stop::Failed(rules::JOURNAL))? {
            return Ok(holds(result));
        }
        let verdict = self.test(condition, frame, place)?;
        let noted = self.state.log.note(self.journal, verdict.is_ok());
        noted.map_err(|_| Stop::Failed(rules::JOURNAL))?;
        Ok(verdict)
    }

    #[inline]
    fn test(&mut self, condition: Condition, frame: &Frame, place: usize) -> Flow<Verdict> {
        match condition {
            Condition::VendorIdentifier => self.is(place, ParameterKey::VendorIdentifier),
            Condition::ClassIdentifier => self.is(place, ParameterKey::ClassIdentifier),
            Condition::DeviceIdentifier => self.is(place, ParameterKey::DeviceIdentifier),
            Condition::ImageMatch => self.image_match(frame, place),
            Condition::CheckContent => self.check_content(place),
            Condition::ComponentSlot => self.component_slot(place),
            #[cfg(feature = "update-management")]
            _ => self.test_management(condition, frame, place),
            #[cfg(not(feature = "update-management"))]
            _ => Err(Stop::Failed(rules::DIRECTIVE_UNSUPPORTED)),
        }
    }

    /// A call about a component, beside the platform that it is for.
    #[inline]
    pub(super) fn call(&mut self, place: usize) -> Flow<(Call<'_>, &mut P)> {
        let slot = self.slots.get(place).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        let token = self.state.token;
        Ok((Call { manifests: self.tree.view(), slot, token }, self.platform))
    }

    /// SUIT §8.4.9.1: "If no ID has been set, this condition fails."
    fn is(&mut self, place: usize, key: ParameterKey) -> Flow<Verdict> {
        let (call, platform) = self.call(place)?;
        let identity = match call.parameter(key) {
            Some(Parameter::VendorIdentifier(vendor)) => Identity::Vendor(vendor),
            Some(Parameter::ClassIdentifier(class)) => Identity::Class(class),
            Some(Parameter::DeviceIdentifier(device)) => Identity::Device(device),
            _ => return Ok(Err(rules::PARAMETER_UNSET)),
        };
        Ok(holds(platform.is(&call, identity)))
    }

    /// The digest that the image must have.
    pub(super) fn image_digest(&self, place: usize) -> Result<SuitDigest<'m>, Rule> {
        let mut value = self.needed(place, ParameterKey::ImageDigest)?;
        let mut content = value.embedded().unwrap_or_default();
        Ok(SuitDigest::read_checked(&mut content))
    }

    /// SUIT §8.4.9.2: "If no digest is specified, the condition fails."
    fn image_match(&mut self, frame: &Frame, place: usize) -> Flow<Verdict> {
        match self.compare_image(frame, place)? {
            Ok(is_equal) => Ok(holds(is_equal)),
            Err(rule) => Ok(Err(rule)),
        }
    }

    /// Whether the image has the digest that it must have.
    pub(super) fn compare_image(
        &mut self,
        frame: &Frame,
        place: usize,
    ) -> Flow<Result<bool, Rule>> {
        let expected = match self.image_digest(place) {
            Ok(expected) => expected,
            Err(rule) => return Ok(Err(rule)),
        };
        #[cfg(feature = "trust-domains")]
        if self.dependency_index(frame).is_some() {
            return self.is_manifest(place, &expected);
        }
        let _ = frame;
        let Some(hasher) = expected.hasher() else {
            return Ok(Err(rules::DIGEST_ALGORITHM));
        };
        let (call, platform) = self.call(place)?;
        let digest: Option<Digest> = tested(platform.digest(&call, hasher))?;
        #[cfg(feature = "report")]
        {
            self.measured = digest.map(|digest| Measured::Digest(expected.algorithm(), digest));
        }
        Ok(Ok(digest.is_some_and(|digest| expected.matches(&digest))))
    }

    /// SUIT §8.4.9.3: "MUST be constant time: no early exits".
    fn check_content(&mut self, place: usize) -> Flow<Verdict> {
        let mut value = match self.needed(place, ParameterKey::Content) {
            Ok(value) => value,
            Err(rule) => return Ok(Err(rule)),
        };
        let content = value.bytes().unwrap_or_default();
        let (call, platform) = self.call(place)?;
        let mut buffer = [0; CHUNK];
        let mut offset = 0_usize;
        let mut difference = 0_u8;
        loop {
            let read = tested(platform.read(&call, wide(offset), &mut buffer))?;
            let Some(read) = read.filter(|read| *read > 0) else { break };
            let expected = content.get(offset..).unwrap_or_default().iter();
            let found = buffer.get(..read).unwrap_or_default();
            difference |= found.iter().zip(expected).fold(0, |all, (a, b)| all | a ^ b);
            offset = offset.saturating_add(read);
        }
        Ok(holds(offset == content.len() && core::hint::black_box(difference) == 0))
    }

    fn component_slot(&mut self, place: usize) -> Flow<Verdict> {
        let expected = match self.needed(place, ParameterKey::ComponentSlot) {
            Ok(mut value) => value.unsigned().unwrap_or_default(),
            Err(rule) => return Ok(Err(rule)),
        };
        let (call, platform) = self.call(place)?;
        let slot = platform.slot(&call);
        #[cfg(feature = "report")]
        {
            self.measured = slot.map(Measured::Slot);
        }
        Ok(holds(slot == Some(expected)))
    }

    /// An integer among the parameters.
    #[cfg(feature = "update-management")]
    pub(super) fn unsigned(&self, place: usize, key: ParameterKey) -> Result<u64, Rule> {
        Ok(self.needed(place, key)?.unsigned().unwrap_or_default())
    }
}

/// What the platform gave for a condition: nothing if it could not say, which fails the condition.
pub(super) fn tested<T>(answer: Answer<T>) -> Flow<Option<T>> {
    match answer {
        Poll::Ready(Ok(value)) => Ok(Some(value)),
        Poll::Ready(Err(Fault::Unsupported)) => Err(Stop::Failed(rules::DIRECTIVE_UNSUPPORTED)),
        Poll::Ready(Err(_)) => Ok(None),
        Poll::Pending => Err(Stop::Pending),
    }
}

/// The bytes of a byte string that was read before.
pub(super) fn bytes<'m>(mut value: Cursor<'m>) -> &'m [u8] {
    value.bytes().unwrap_or_default()
}
