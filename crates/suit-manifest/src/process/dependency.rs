//! Dependencies: manifests that a manifest fetches, checks and runs in step (SUIT TD §5).

use core::task::Poll;

use iotops_wire::Rule;

use super::condition::tested;
use super::log::Journal;
use super::run::{Flow, Run, Stop, ask};
use super::state::{Caller, Frame, Selection, Slot};
use super::tree::{Branch, Manifests};
use super::{Answer, Call, Platform, wide};
use crate::decode::Member;
use crate::model::{Section, SuitDigest};
use crate::{Authenticated, Envelope, Manifest, rules};

impl<'m, P: Platform + ?Sized, J: Journal + ?Sized> Run<'_, '_, 'm, P, J> {
    /// The index of the component whose turn it is, if that is a dependency.
    pub(super) fn dependency_index(&self, frame: &Frame) -> Option<u16> {
        let index = self.index(frame);
        let manifest = self.tree.manifest(frame.manifest);
        manifest.dependencies().find(index).map(|_| index)
    }

    /// Another place for the same component: dependencies name it by an index of their own.
    pub(super) fn namesake(&self, slots: &[Slot], manifest: u8, index: u16) -> Option<usize> {
        let manifests = self.tree.view();
        let wanted = Slot::new(manifest, index);
        manifests.identifier(manifest, index)?;
        slots.iter().position(|slot| is_same(manifests, slot, &wanted))
    }

    /// SUIT TD §5.6.4: signature, digest and manifest must fit, "if any of these steps fails, the
    /// Manifest Processor MUST immediately Abort".
    pub(super) fn integrity(&mut self, frame: &Frame, place: usize) -> Flow<()> {
        let index = self.dependency_index(frame).ok_or(Stop::Failed(rules::NOT_DEPENDENCY))?;
        let expected = self.image_digest(place).map_err(Stop::Failed)?;
        if let Some(number) = self.loaded(frame.manifest, index) {
            let known = self.tree.manifest(number).digest();
            return if known == expected { Ok(()) } else { Err(Stop::Failed(rules::INTEGRITY)) };
        }
        let manifest = self.load(place, &expected)?;
        if self.state.needs_all_sections {
            check_sections(&self.tree.manifest(frame.manifest), &manifest).map_err(Stop::Failed)?;
        }
        let branch =
            Branch { manifest, parent: frame.manifest, index, is_current: true, processed: 0 };
        let number = self.keep(branch)?;
        self.adopt(number, &manifest)
    }

    /// The number of the manifest of a dependency that was checked and not changed since.
    fn loaded(&self, parent: u8, index: u16) -> Option<u8> {
        let mut branches = (1..).zip(self.tree.loaded());
        let found = branches.find(|(_, branch)| {
            let branch = branch.as_ref();
            branch.is_some_and(|one| one.is_current && one.parent == parent && one.index == index)
        });
        found.map(|(number, _)| number)
    }

    /// Copies an envelope out of its component, and authenticates and validates the copy: what is
    /// checked is what is run.
    fn load(&mut self, place: usize, expected: &SuitDigest<'_>) -> Flow<Manifest<'m>> {
        let slot = self.slots.get(place).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        let (manifests, branches) = self.tree.split();
        let call = Call { manifests, slot, token: self.state.token };
        let length = ask(read_all(self.platform, &call, branches.arena.rest()))?;
        let length = length.map_err(Stop::Failed)?;
        let envelope = branches.arena.take(length).ok_or(Stop::Failed(rules::ARENA))?;
        let refused = |_| Stop::Failed(rules::INTEGRITY);
        let envelope = decode(envelope).map_err(refused)?;
        if envelope.claimed_digest() != *expected {
            return Err(Stop::Failed(rules::INTEGRITY));
        }
        let authenticated = envelope.authenticate_by(branches.policy, branches.keys);
        authenticated.and_then(Authenticated::validate).map_err(refused)
    }

    /// Keeps a dependency; gives its number.
    fn keep(&mut self, branch: Branch<'m>) -> Flow<u8> {
        let loaded = self.tree.loaded_mut();
        let free = (1_u8..).zip(loaded).find(|(_, place)| place.is_none());
        let (number, place) = free.ok_or(Stop::Failed(rules::ARENA))?;
        *place = Some(branch);
        Ok(number)
    }

    /// Gives the components of a dependency places, where they have none yet.
    fn adopt(&mut self, number: u8, manifest: &Manifest<'m>) -> Flow<()> {
        for index in manifest.indices() {
            if self.place(number, index).is_ok() {
                continue;
            }
            let place = self.slots.get_mut(usize::from(self.state.slots));
            let place = place.ok_or(Stop::Failed(rules::ENGINE_COMPONENTS))?;
            *place = Slot::new(number, index);
            let call = Call { manifests: self.tree.view(), slot: place, token: self.state.token };
            if !self.platform.has(&call) {
                return Err(Stop::Failed(rules::COMPONENT_UNSUPPORTED));
            }
            self.state.slots = self.state.slots.saturating_add(1);
        }
        Ok(())
    }

    /// SUIT TD §5.2.2: the digest of a dependency is computed "over just the bstr-wrapped
    /// `SUIT_Manifest`".
    pub(super) fn is_manifest(
        &mut self,
        place: usize,
        expected: &SuitDigest<'_>,
    ) -> Flow<Result<bool, Rule>> {
        let slot = self.slots.get(place).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        let (manifests, branches) = self.tree.split();
        let call = Call { manifests, slot, token: self.state.token };
        let buffer = branches.arena.rest();
        let Some(length) = tested(read_all(self.platform, &call, buffer))? else {
            return Ok(Ok(false));
        };
        let length = match length {
            Ok(length) => length,
            Err(rule) => return Ok(Err(rule)),
        };
        let envelope = decode(branches.arena.rest().get(..length).unwrap_or_default());
        Ok(Ok(envelope.is_ok_and(|envelope| envelope.is_manifest(expected))))
    }

    /// SUIT TD §5.6.2: runs the shared sequence of the dependency, and the section that the
    /// dependent is in.
    pub(super) fn process_dependency(&mut self, frame: &Frame, place: usize) -> Flow<bool> {
        if frame.is_shared {
            return Err(Stop::Failed(rules::PROCESS_SHARED));
        }
        let Some(index) = self.dependency_index(frame) else {
            // "If the current Component is True, then this Directive applies to all Dependencies."
            let applies = frame.selection != Selection::All;
            return if applies { Err(Stop::Failed(rules::NOT_DEPENDENCY)) } else { Ok(true) };
        };
        let number = self.checked(frame, place, index)?;
        let section = Section::from_code(i64::from(frame.section));
        let section = section.ok_or(Stop::Failed(rules::DIRECTIVE_UNSUPPORTED))?;
        if let Some(branch) = self.tree.branch_mut(number) {
            branch.processed = frame.section;
        }
        let nested = Frame { manifest: number, caller: Caller::Dependency, ..Frame::EMPTY };
        // "If the specified Dependency does not contain the current section, Process Dependency
        // succeeds immediately."
        Ok(!self.enter(nested, section)?)
    }

    /// The number of a dependency that has been checked for integrity.
    fn checked(&mut self, frame: &Frame, place: usize, index: u16) -> Flow<u8> {
        if self.loaded(frame.manifest, index).is_none() && self.state.implicit_integrity {
            self.integrity(frame, place)?;
        }
        let number = self.loaded(frame.manifest, index);
        number.ok_or(Stop::Failed(rules::INTEGRITY_UNCHECKED))
    }

    /// SUIT TD §5.6.5: when the last reference to a manifest goes, its uninstall section is run.
    pub(super) fn unlink(&mut self, frame: &Frame, place: usize) -> Flow<bool> {
        let dependency = self.dependency_index(frame);
        let mine = 1_u16 << (frame.manifest & 15);
        // "The reference counter MUST NOT be decremented by a given Manifest more than once, and
        // the Manifest Processor must enforce this."
        if self.slots.get(place).is_none_or(|slot| slot.unlinked & mine != 0) {
            return Ok(true);
        }
        if let Some(index) = dependency.filter(|_| self.state.implicit_integrity) {
            self.checked(frame, place, index)?;
        }
        let was_last = self.unlink_once(place)?;
        if let Some(slot) = self.slots.get_mut(place) {
            slot.unlinked |= mine;
        }
        self.state.token = self.state.token.wrapping_add(1);
        let Some(index) = dependency.filter(|_| was_last) else {
            return Ok(true);
        };
        let number = self.checked(frame, place, index)?;
        let nested = Frame { manifest: number, caller: Caller::Dependency, ..Frame::EMPTY };
        Ok(!self.enter(nested, Section::Uninstall)?)
    }

    /// Takes a reference away, or remembers that it was done before the power failed; whether it
    /// was the last one.
    fn unlink_once(&mut self, place: usize) -> Flow<bool> {
        let unavailable = |_| Stop::Failed(rules::JOURNAL);
        if let Some(was_last) = self.state.log.recall(self.journal).map_err(unavailable)? {
            return Ok(was_last);
        }
        let (call, platform) = self.call(place)?;
        let was_last = ask(platform.unlink(&call))? == 0;
        self.state.log.note(self.journal, was_last).map_err(unavailable)?;
        // At once: what changes the device is repeated for the last token only.
        self.state.log.flush(self.journal).map_err(unavailable)?;
        Ok(was_last)
    }

    /// A component is about to be changed: what was checked of it holds no more, and nobody may
    /// refer to it (SUIT TD §5.6.4 and §5.6.5).
    pub(super) fn forget(&mut self, place: usize) -> Flow<()> {
        let (call, platform) = self.call(place)?;
        let references = platform.references(&call);
        if references.map_err(|fault| Stop::Failed(super::failure::rule_of(fault)))? > 0 {
            return Err(Stop::Failed(rules::REFERENCED));
        }
        let numbers = 1..=u8::try_from(self.tree.loaded().len()).unwrap_or(u8::MAX);
        for number in numbers {
            let Some(branch) = self.tree.branch_mut(number) else { continue };
            let (parent, index) = (branch.parent, branch.index);
            let is_changed = self.place(parent, index).is_ok_and(|found| found == place);
            if let Some(branch) = self.tree.branch_mut(number).filter(|_| is_changed) {
                branch.is_current = false;
            }
        }
        Ok(())
    }

    /// SUIT TD §5.1: "At the end of each section in the dependent: The corresponding section in
    /// each Dependency has been executed, if present."
    pub(super) fn check_processed(&self, done: &Frame) -> Flow<()> {
        let section = Section::from_code(i64::from(done.section));
        let is_left = |branch: &Branch<'_>| {
            branch.is_current
                && branch.parent == done.manifest
                && branch.processed != done.section
                && section.is_some_and(|section| {
                    // It is run when the last reference goes, and not before.
                    section != Section::Uninstall && has(&branch.manifest, section)
                })
        };
        if self.tree.loaded().iter().flatten().any(is_left) {
            return Err(Stop::Failed(rules::SECTION_UNPROCESSED));
        }
        Ok(())
    }
}

/// Whether two places name one component.
fn is_same(manifests: Manifests<'_>, slot: &Slot, other: &Slot) -> bool {
    let path = |slot| Call { manifests, slot, token: 0 }.path();
    path(slot).eq(path(other))
}

/// Reads all of a component into `buffer`; gives its length, or the rule that it is too long.
fn read_all<P: Platform + ?Sized>(
    platform: &mut P,
    call: &Call<'_>,
    buffer: &mut [u8],
) -> Answer<Result<usize, Rule>> {
    let mut length = 0_usize;
    loop {
        let Some(free) = buffer.get_mut(length..).filter(|free| !free.is_empty()) else {
            return Poll::Ready(Ok(Err(rules::ARENA)));
        };
        match platform.read(call, wide(length), free) {
            Poll::Ready(Ok(0)) => return Poll::Ready(Ok(Ok(length))),
            Poll::Ready(Ok(read)) => length = length.saturating_add(read),
            Poll::Ready(Err(fault)) => return Poll::Ready(Err(fault)),
            Poll::Pending => return Poll::Pending,
        }
    }
}

/// An envelope with its tag, or without.
fn decode(document: &[u8]) -> Result<Envelope<'_>, crate::Error> {
    let tagged = Envelope::decode(document);
    tagged.or_else(|_| Envelope::decode_untagged(document))
}

fn has(manifest: &Manifest<'_>, section: Section) -> bool {
    !matches!(manifest.section(section), Member::Absent)
}

/// SUIT TD §5.1: "the dependent MUST populate all Command Sequences for each Procedure specified
/// by the Dependency".
fn check_sections(dependent: &Manifest<'_>, dependency: &Manifest<'_>) -> Result<(), Rule> {
    let missing = |section: &Section| {
        *section != Section::Uninstall && has(dependency, *section) && !has(dependent, *section)
    };
    if Section::ALL.iter().any(missing) { Err(rules::SECTION_MISSING) } else { Ok(()) }
}
