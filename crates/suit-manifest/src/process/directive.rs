//! Directives that act on a component (SUIT §8.4.10, SUIT TD §5.6, SUIT UM §5).

use super::access::Wish;
use super::condition::{bytes, tested};
use super::log::{Entry, Journal};
use super::run::{Flow, Run, Stop, ask};
use super::state::Frame;
use super::{CHUNK, Call, Platform};
use crate::model::{Action, Custom, ParameterKey};
use crate::rules;

/// Where a payload comes from.
#[derive(Clone, Copy)]
pub(super) enum Source<'m> {
    /// Bytes of an envelope.
    Bytes(&'m [u8]),
    /// A resource that the platform fetches.
    Uri(&'m str),
    /// Another component, by its place.
    Component(usize),
}

impl Source<'_> {
    /// The component that a call for a part of it is about, where `target` is written to.
    pub(super) const fn place(self, target: usize) -> usize {
        if let Self::Component(source) = self { source } else { target }
    }

    /// Reads the part at `offset`; nothing at the end.
    pub(super) fn read<P: Platform + ?Sized>(
        self,
        platform: &mut P,
        call: &Call<'_>,
        offset: u64,
        buffer: &mut [u8; CHUNK],
    ) -> Flow<usize> {
        let read = match self {
            Self::Bytes(bytes) => part(bytes, offset, buffer),
            Self::Uri(uri) => ask(platform.fetch(call, uri, offset, buffer))?,
            Self::Component(_) => ask(platform.read(call, offset, buffer))?,
        };
        Ok(read.min(CHUNK))
    }
}

impl<'m, P: Platform + ?Sized, J: Journal + ?Sized> Run<'_, '_, 'm, P, J> {
    /// Runs a directive; `false` if it needs another step.
    #[inline]
    pub(super) fn directive(&mut self, action: Action, frame: &Frame, place: usize) -> Flow<bool> {
        match action {
            Action::Write => self.write(frame, place),
            Action::Fetch => self.fetch(frame, place),
            Action::Copy => self.copy(frame, place),
            Action::Swap => self.swap(frame, place),
            Action::Invoke => self.invoke(place),
            #[cfg(feature = "trust-domains")]
            Action::ProcessDependency => self.process_dependency(frame, place),
            #[cfg(feature = "trust-domains")]
            Action::Unlink => self.unlink(frame, place),
            #[cfg(feature = "update-management")]
            Action::Wait => self.wait(place),
            #[cfg(not(all(feature = "trust-domains", feature = "update-management")))]
            _ => Err(Stop::Failed(rules::DIRECTIVE_UNSUPPORTED)),
        }
    }

    fn write(&mut self, frame: &Frame, place: usize) -> Flow<bool> {
        let content = self.needed(place, ParameterKey::Content).map_err(Stop::Failed)?;
        self.store(frame, place, Source::Bytes(bytes(content)))
    }

    /// SUIT §8.4.10.4. What the envelope itself carries under the URI is taken from there (§7.5).
    fn fetch(&mut self, frame: &Frame, place: usize) -> Flow<bool> {
        let mut value = self.needed(place, ParameterKey::Uri).map_err(Stop::Failed)?;
        let uri = value.text().unwrap_or_default();
        let integrated = self.tree.manifest(frame.manifest).integrated(uri);
        let source = integrated.map_or(Source::Uri(uri), Source::Bytes);
        self.transfer(frame, place, source)
    }

    fn copy(&mut self, frame: &Frame, place: usize) -> Flow<bool> {
        let source = self.source(frame, place)?;
        self.store(frame, place, Source::Component(source))
    }

    /// SUIT §8.4.10.9.
    fn swap(&mut self, frame: &Frame, place: usize) -> Flow<bool> {
        let source = self.source(frame, place)?;
        // The source is changed as well.
        self.permit(frame, source, Wish::Run(Action::Swap.code()))?;
        self.changes(frame, place)?;
        if !self.was_done()? {
            let slot = self.slots.get(source).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
            let target = self.slots.get(place).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
            let (manifests, token) = (self.tree.view(), self.state.token);
            let source = Call { manifests, slot, token };
            let target = Call { manifests, slot: target, token };
            ask(self.platform.swap(&target, &source))?;
            self.mark_done()?;
        }
        self.done()
    }

    /// SUIT §8.4.10.7.
    fn invoke(&mut self, place: usize) -> Flow<bool> {
        let arguments = self.value(place, ParameterKey::InvokeArguments).map(bytes);
        if !self.was_done()? {
            let (call, platform) = self.call(place)?;
            ask(platform.invoke(&call, arguments))?;
            self.mark_done()?;
        }
        self.done()
    }

    /// A condition or directive of the platform's own: whether the condition holds.
    pub(super) fn custom_command(
        &mut self,
        code: i64,
        argument: Custom<'_>,
        place: usize,
    ) -> Flow<bool> {
        let recalled = self.state.log.recall(self.journal);
        if let Some(result) = recalled.map_err(|_| Stop::Failed(rules::JOURNAL))? {
            return Ok(result);
        }
        let (call, platform) = self.call(place)?;
        let result = tested(platform.custom(&call, code, argument))?.unwrap_or(false);
        let noted = self.state.log.note(self.journal, result);
        noted.map_err(|_| Stop::Failed(rules::JOURNAL))?;
        Ok(result)
    }

    /// The place of the source component (SUIT §8.4.10.5: "If either the source component
    /// parameter or the source component itself is absent, this command fails").
    fn source(&mut self, frame: &Frame, place: usize) -> Flow<usize> {
        let key = ParameterKey::SourceComponent;
        let slot = self.slots.get(place).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        let spot = slot.parameter(key).ok_or(Stop::Failed(rules::PARAMETER_UNSET))?;
        let mut value = self.tree.at(spot.manifest(), spot.offset());
        // The index is one of the manifest that set the parameter.
        let source = self.place(spot.manifest(), super::command::small(&mut value))?;
        if source == place {
            return Err(Stop::Failed(rules::SOURCE_SELF));
        }
        self.reads(frame, source)?;
        Ok(source)
    }

    /// SUIT §6.7: "A Component MUST NOT be both a target of an operation and a source of data
    /// [...] in a Command Sequence where Strict Order is False."
    pub(super) fn changes(&mut self, frame: &Frame, place: usize) -> Flow<()> {
        #[cfg(feature = "trust-domains")]
        self.forget(place)?;
        if frame.is_strict {
            return Ok(());
        }
        let bit = bit(place);
        match self.top_mut() {
            Some(top) if top.sources & bit == 0 => top.targets |= bit,
            _ => return Err(Stop::Failed(rules::ORDER_SOURCE)),
        }
        Ok(())
    }

    fn reads(&mut self, frame: &Frame, place: usize) -> Flow<()> {
        if frame.is_strict {
            return Ok(());
        }
        let bit = bit(place);
        match self.top_mut() {
            Some(top) if top.targets & bit == 0 => top.sources |= bit,
            _ => return Err(Stop::Failed(rules::ORDER_SOURCE)),
        }
        Ok(())
    }

    /// Whether the next thing that changes the device was done before the power failed.
    pub(super) fn was_done(&mut self) -> Flow<bool> {
        let done = self.state.log.is_done(self.journal, self.state.token);
        done.map_err(|_| Stop::Failed(rules::JOURNAL))
    }

    /// It is done now.
    pub(super) fn mark_done(&mut self) -> Flow<()> {
        let marked = self.journal.append(Entry::Done { token: self.state.token });
        marked.map_err(|_| Stop::Failed(rules::JOURNAL))
    }

    /// It is done, now or before.
    pub(super) fn done(&mut self) -> Flow<bool> {
        self.state.token = self.state.token.wrapping_add(1);
        self.state.progress = None;
        Ok(true)
    }

    /// Moves a payload into a component, and decrypts it if it is encrypted (SUIT FE §4: by the
    /// directives write and copy).
    fn store(&mut self, frame: &Frame, place: usize, source: Source<'m>) -> Flow<bool> {
        if self.value(place, ParameterKey::EncryptionInfo).is_none() {
            return self.transfer(frame, place, source);
        }
        #[cfg(feature = "transform")]
        if self.is_transformed(place)? {
            return Err(Stop::Failed(rules::TRANSFORM_PARAMETERS));
        }
        #[cfg(feature = "encryption")]
        return self.decrypt(frame, place, source);
        #[cfg(not(feature = "encryption"))]
        Err(Stop::Failed(rules::ENCRYPTED))
    }

    /// Moves a payload into a component: begins, or moves one block, or finishes.
    fn transfer(&mut self, frame: &Frame, place: usize, source: Source<'m>) -> Flow<bool> {
        let Some(progress) = self.state.progress else {
            return self.begin(frame, place);
        };
        #[cfg(feature = "transform")]
        if self.is_transformed(place)? {
            return self.transform(frame, place, source);
        }
        if self.move_block(place, source, progress)? {
            return Ok(false);
        }
        self.finish(place, progress)
    }

    /// All of a payload is in its component.
    pub(super) fn finish(&mut self, place: usize, size: u64) -> Flow<bool> {
        let (call, platform) = self.call(place)?;
        ask(platform.finish(&call, size))?;
        self.mark_done()?;
        self.done()
    }

    fn begin(&mut self, frame: &Frame, place: usize) -> Flow<bool> {
        self.changes(frame, place)?;
        if self.was_done()? {
            return self.done();
        }
        let size = self.image_size(place);
        let (call, platform) = self.call(place)?;
        let progress = ask(platform.begin(&call, size))?;
        #[cfg(feature = "transform")]
        self.begin_transform(place, progress)?;
        self.state.progress = Some(progress);
        Ok(false)
    }

    pub(super) fn image_size(&self, place: usize) -> Option<u64> {
        self.value(place, ParameterKey::ImageSize)?.unsigned().ok()
    }

    /// Moves the next block; `false` at the end. What was read is kept until it is written.
    fn move_block(&mut self, place: usize, source: Source<'m>, progress: u64) -> Flow<bool> {
        if self.state.filled == 0 {
            self.state.filled = self.read_block(place, source, progress)?;
        }
        if self.state.filled == 0 {
            return Ok(false);
        }
        self.write_block(place)?;
        Ok(true)
    }

    /// Writes the block that waits in the buffer.
    pub(super) fn write_block(&mut self, place: usize) -> Flow<()> {
        let (progress, filled) = (self.state.progress.unwrap_or_default(), self.state.filled);
        let after = progress.saturating_add(u64::from(filled));
        if self.image_size(place).is_some_and(|size| after > size) {
            return Err(Stop::Failed(rules::IMAGE_SIZE));
        }
        let slot = self.slots.get(place).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        let call = Call { manifests: self.tree.view(), slot, token: self.state.token };
        let block = self.buffer.get(..usize::from(filled)).unwrap_or_default();
        ask(self.platform.write(&call, progress, block))?;
        (self.state.progress, self.state.filled) = (Some(after), 0);
        Ok(())
    }

    pub(super) fn read_block(
        &mut self,
        place: usize,
        source: Source<'m>,
        progress: u64,
    ) -> Flow<u16> {
        let slot = self.slots.get(source.place(place)).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        let call = Call { manifests: self.tree.view(), slot, token: self.state.token };
        let read = source.read(self.platform, &call, progress, self.buffer)?;
        Ok(u16::try_from(read).unwrap_or_default())
    }
}

/// Copies what stands at `offset` of `bytes`, and says how much it was.
fn part(bytes: &[u8], offset: u64, buffer: &mut [u8; CHUNK]) -> usize {
    let rest = usize::try_from(offset).ok().and_then(|offset| bytes.get(offset..));
    let rest = rest.unwrap_or_default();
    buffer.iter_mut().zip(rest).map(|(to, from)| *to = *from).count()
}

/// The bit of a component in a set; those from the 32nd on share one.
fn bit(place: usize) -> u32 {
    1 << place.min(31)
}
