//! Payloads that are changed on their way into a component.

use super::directive::Source;
use super::failure::rule_of;
use super::log::Journal;
use super::run::{Flow, Run, Stop};
use super::state::{Frame, Spot};
use super::{CHUNK, Call, Platform, wide};
use crate::model::ParameterKey;
use crate::rules;

/// How much more input than output is taken: whatever is packed into an image is not longer than
/// the image, but for a head.
const SURPLUS: u64 = 4096;

/// What a transform did with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[allow(clippy::exhaustive_structs, reason = "made by platforms")]
pub struct Transformed {
    /// How many bytes of the input it took.
    pub taken: usize,
    /// How many bytes of output it made.
    pub made: usize,
}

impl<'m, P: Platform + ?Sized, J: Journal + ?Sized> Run<'_, '_, 'm, P, J> {
    /// Whether the platform transforms what goes into a component.
    pub(super) fn is_transformed(&mut self, place: usize) -> Flow<bool> {
        let slot = self.slots.get(place).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        if !slot.custom().iter().copied().any(Spot::is_set) {
            return Ok(false);
        }
        let (call, platform) = self.call(place)?;
        Ok(platform.transforms(&call))
    }

    /// A transfer begins: what bounds a transform, and checks it, must be known.
    pub(super) fn begin_transform(&mut self, place: usize, progress: u64) -> Flow<()> {
        (self.state.taken, self.state.is_drained) = (0, false);
        if !self.is_transformed(place)? {
            return Ok(());
        }
        let is_bound = self.image_size(place).is_some()
            && self.value(place, ParameterKey::ImageDigest).is_some()
            && self.value(place, ParameterKey::EncryptionInfo).is_none();
        match progress {
            _ if !is_bound => Err(Stop::Failed(rules::TRANSFORM_PARAMETERS)),
            0 => Ok(()),
            _ => Err(Stop::Failed(rules::TRANSFORM)),
        }
    }

    /// Takes a block in, or writes what was made of one, or finishes.
    pub(super) fn transform(
        &mut self,
        frame: &Frame,
        place: usize,
        source: Source<'m>,
    ) -> Flow<bool> {
        if self.state.filled > 0 {
            self.write_block(place)?;
            return Ok(false);
        }
        if !self.state.is_drained {
            self.make_block(place, source)?;
            return Ok(false);
        }
        let size = self.state.progress.unwrap_or_default();
        if self.image_size(place) != Some(size) || self.compare_image(frame, place)? != Ok(true) {
            return Err(Stop::Failed(rules::TRANSFORM));
        }
        self.finish(place, size)
    }

    /// Lets the platform make a block of output, or say that all was made.
    fn make_block(&mut self, place: usize, source: Source<'m>) -> Flow<()> {
        let mut block = [0; CHUNK];
        let (manifests, token) = (self.tree.view(), self.state.token);
        let slot = self.slots.get(source.place(place)).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        let call = Call { manifests, slot, token };
        let read = source.read(self.platform, &call, self.state.taken, &mut block)?;
        let slot = self.slots.get(place).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        let call = Call { manifests, slot, token };
        let input = block.get(..read).unwrap_or_default();
        let done = self.platform.transform(&call, input, self.buffer);
        let Transformed { taken, made } = done.map_err(|fault| Stop::Failed(rule_of(fault)))?;
        self.state.is_drained = taken == 0 && made == 0;
        if taken > read || made > CHUNK || self.state.is_drained && read > 0 {
            return Err(Stop::Failed(rules::TRANSFORM));
        }
        let all = self.state.taken.saturating_add(wide(taken));
        let most = self.image_size(place).unwrap_or_default().saturating_add(SURPLUS);
        if all > most {
            return Err(Stop::Failed(rules::TRANSFORM));
        }
        self.state.taken = all;
        self.state.filled = u16::try_from(made).unwrap_or_default();
        Ok(())
    }
}
