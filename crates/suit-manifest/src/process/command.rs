//! What a command does: conditions, parameters, and the flow of control. Directives that act on a
//! component are in [`super::directive`].

use iotops_wire::Rule;
use iotops_wire::cbor::{Cursor, Type};

use super::access::{Wish, allows};
use super::log::Journal;
use super::run::{Flow, Run, Stop};
use super::state::{Caller, Frame, Selection, Spot};
use super::{Call, Platform, Tree};
use crate::model::{Action, Argument, Condition, Custom, ParameterKey, ReportingPolicy, Sequence};
use crate::rules;

impl<'m, P: Platform + ?Sized, J: Journal + ?Sized> Run<'_, '_, 'm, P, J> {
    /// Runs the next command for the next of the selected components.
    pub(super) fn command(&mut self, frame: Frame) -> Flow<()> {
        let mut cursor = self.tree.at(frame.manifest, frame.next);
        let code = cursor.integer().unwrap_or_default();
        let argument = Argument::of(code).ok_or(Stop::Failed(rules::DIRECTIVE_UNSUPPORTED))?;
        match self.argument(argument, code, cursor, &frame)? {
            Some(end) => self.advance_to(&frame, end),
            None => Ok(()),
        }
    }

    /// Runs a command, and gives where it ends; nothing if it is not done, or went on by itself.
    #[inline]
    fn argument(
        &mut self,
        argument: Argument,
        code: i64,
        cursor: Cursor<'m>,
        frame: &Frame,
    ) -> Flow<Option<u32>> {
        match argument {
            Argument::Condition => self.condition(code, cursor, frame),
            Argument::Action => self.action(code, cursor, frame),
            Argument::Index => self.set_index(cursor, frame),
            Argument::Override => self.parameters(cursor, frame, true),
            Argument::TryEach => self.try_each(cursor),
            Argument::Sequence => self.run_sequence(cursor, frame),
            #[cfg(feature = "trust-domains")]
            Argument::Set => self.parameters(cursor, frame, false),
            #[cfg(feature = "update-management")]
            Argument::OverrideMultiple => self.override_multiple(cursor, frame),
            #[cfg(feature = "update-management")]
            Argument::CopyParameters => self.copy_parameters(cursor, frame),
            Argument::Custom => self.custom(code, cursor, frame),
            #[cfg(not(all(feature = "trust-domains", feature = "update-management")))]
            _ => Err(Stop::Failed(rules::DIRECTIVE_UNSUPPORTED)),
        }
    }

    fn condition(&mut self, code: i64, mut cursor: Cursor<'m>, frame: &Frame) -> Flow<Option<u32>> {
        let Some(condition) = Condition::from_code(code) else {
            return Err(Stop::Failed(rules::DIRECTIVE_UNSUPPORTED));
        };
        let place = self.current(frame)?;
        self.permit(frame, place, Wish::Run(code))?;
        let verdict = self.verdict(condition, frame, place)?;
        self.record(code, place, policy(&mut cursor), verdict);
        match verdict {
            Ok(()) => Ok(Some(cursor.offset())),
            Err(rule) => self.condition_failed(rule).map(|()| None),
        }
    }

    fn action(&mut self, code: i64, mut cursor: Cursor<'m>, frame: &Frame) -> Flow<Option<u32>> {
        let Some(action) = Action::from_code(code) else {
            return Err(Stop::Failed(rules::DIRECTIVE_UNSUPPORTED));
        };
        let place = self.current(frame)?;
        let policy = policy(&mut cursor);
        let permitted = self.permit(frame, place, Wish::Run(code));
        match permitted.and_then(|()| self.directive(action, frame, place)) {
            Ok(is_done) => {
                if is_done {
                    self.record(code, place, policy, Ok(()));
                }
                Ok(is_done.then(|| cursor.offset()))
            }
            Err(Stop::Failed(rule)) => {
                self.record(code, place, policy, Err(rule));
                Err(Stop::Failed(rule))
            }
            Err(Stop::Pending) => Err(Stop::Pending),
        }
    }

    fn custom(&mut self, code: i64, mut cursor: Cursor<'m>, frame: &Frame) -> Flow<Option<u32>> {
        let place = self.current(frame)?;
        self.permit(frame, place, Wish::Run(code))?;
        let argument = Custom::read(&mut cursor).unwrap_or(Custom::Nil);
        let is_met = self.custom_command(code, argument, place)?;
        let verdict = if is_met { Ok(()) } else { Err(rules::CONDITION) };
        self.record(code, place, ReportingPolicy::NONE, verdict);
        if is_met {
            return Ok(Some(self.end_of(frame)));
        }
        self.condition_failed(rules::CONDITION).map(|()| None)
    }

    /// SUIT §9: whether the signers of the manifest have the right to do this.
    #[inline]
    pub(super) fn permit(&self, frame: &Frame, place: usize, wish: Wish) -> Flow<()> {
        if self.tree.grants().is_empty() { Ok(()) } else { self.ask_grants(frame, place, wish) }
    }

    #[inline(never)]
    fn ask_grants(&self, frame: &Frame, place: usize, wish: Wish) -> Flow<()> {
        let slot = self.slots.get(place).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        let call = Call { manifests: self.tree.view(), slot, token: self.state.token };
        let signers = self.tree.manifest(frame.manifest).signers();
        if allows(self.tree.grants(), signers, call.path(), wish) {
            return Ok(());
        }
        Err(Stop::Failed(rules::UNAUTHORISED))
    }

    /// How many components are selected.
    pub(super) fn selected(&self, frame: &Frame) -> u16 {
        let count = match frame.selection {
            Selection::One(_) => return 1,
            Selection::Several(offset) => self.tree.at(frame.manifest, offset).array(),
            Selection::All => {
                let count = self.tree.manifest(frame.manifest).indices().count();
                return u16::try_from(count).unwrap_or(u16::MAX);
            }
        };
        count.ok().and_then(|count| u16::try_from(count).ok()).unwrap_or_default()
    }

    /// The index of the selected component whose turn it is.
    pub(super) fn index(&self, frame: &Frame) -> u16 {
        index(self.tree, frame)
    }

    /// The selection for a sequence that is run for the component whose turn it is.
    pub(super) fn turn_of(&self, frame: &Frame) -> Selection {
        Selection::One(self.index(frame))
    }

    /// The place of the component whose turn it is.
    pub(super) fn current(&self, frame: &Frame) -> Flow<usize> {
        self.place(frame.manifest, self.index(frame))
    }

    /// The place of a component of a manifest.
    #[inline]
    pub(super) fn place(&self, manifest: u8, index: u16) -> Flow<usize> {
        let slots = self.slots.get(..usize::from(self.state.slots)).unwrap_or_default();
        let found = slots.iter().position(|slot| slot.manifest == manifest && slot.index == index);
        #[cfg(feature = "trust-domains")]
        let found = found.or_else(|| self.namesake(slots, manifest, index));
        found.ok_or(Stop::Failed(rules::INDEX_RANGE))
    }

    /// SUIT §6.5, and §6.7 where the order is not strict.
    fn set_index(&mut self, mut cursor: Cursor<'m>, frame: &Frame) -> Flow<Option<u32>> {
        let (start, kind) = (cursor, cursor.peek());
        let _ = cursor.pass();
        let selection = match kind {
            Some(Type::Unsigned) => Selection::One(small(&mut { start })),
            Some(Type::Array) => Selection::Several(start.offset()),
            _ => Selection::All,
        };
        let budget = match frame.index_budget.map(|budget| budget.checked_sub(1)) {
            // "any further Set Component Index directives [...] MUST cause an Abort".
            Some(None) => return Err(Stop::Failed(rules::ORDER_INDEX)),
            Some(budget) => budget,
            None => None,
        };
        self.charge()?;
        self.leave(cursor.offset());
        if let Some(top) = self.top_mut() {
            top.selection = selection;
            top.index_budget = budget;
        }
        Ok(None)
    }

    /// SUIT §8.4.10.2.
    fn try_each(&mut self, mut cursor: Cursor<'m>) -> Flow<Option<u32>> {
        let items = cursor.array().unwrap_or_default();
        self.alternative(cursor, u16::try_from(items).unwrap_or(u16::MAX))?;
        Ok(None)
    }

    /// SUIT §8.4.10.8.
    fn run_sequence(&mut self, mut cursor: Cursor<'m>, frame: &Frame) -> Flow<Option<u32>> {
        let sequence = Sequence(cursor.embedded().unwrap_or_default());
        // With one component selected, the sequence may begin with set-component-index.
        let allowed = u8::from(matches!(frame.selection, Selection::One(_)));
        let nested = Frame {
            selection: self.turn_of(frame),
            manifest: frame.manifest,
            section: frame.section,
            is_shared: frame.is_shared,
            caller: Caller::RunSequence,
            index_budget: (!frame.is_strict).then_some(allowed).or(frame.index_budget),
            ..Frame::EMPTY
        };
        self.push(sequence, nested)?;
        Ok(None)
    }

    /// Sets the parameters of the current component; those set before stay unless `overrides`.
    fn parameters(
        &mut self,
        cursor: Cursor<'m>,
        frame: &Frame,
        overrides: bool,
    ) -> Flow<Option<u32>> {
        let place = self.current(frame)?;
        let cursor = self.assign(cursor, frame, place, overrides)?;
        Ok(Some(cursor.offset()))
    }

    pub(super) fn assign(
        &mut self,
        mut cursor: Cursor<'m>,
        frame: &Frame,
        place: usize,
        overrides: bool,
    ) -> Flow<Cursor<'m>> {
        for _ in 0..cursor.map().unwrap_or_default() {
            let key = Spot::new(frame.manifest, cursor.offset());
            let code = cursor.integer().unwrap_or_default();
            self.permit(frame, place, Wish::Set(code))?;
            self.set(code, key, cursor, place, overrides)?;
            let _ = cursor.pass();
        }
        Ok(cursor)
    }

    /// Sets the parameter whose value is at `cursor`, its key at `key`.
    pub(super) fn set(
        &mut self,
        code: i64,
        key: Spot,
        mut cursor: Cursor<'m>,
        place: usize,
        overrides: bool,
    ) -> Flow<()> {
        if code == ParameterKey::StrictOrder.code() || code == ParameterKey::SoftFailure.code() {
            self.set_flag(code, cursor.boolean().unwrap_or_default());
            return Ok(());
        }
        let value = Spot::new(key.manifest(), cursor.offset());
        let slot = self.slots.get_mut(place).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        let Some(spot) = slot.place(code) else {
            return self.set_custom(code, key, place, overrides);
        };
        if overrides || !spot.is_set() {
            *spot = value;
        }
        Ok(())
    }

    /// The two parameters of the interpreter itself: they belong to the sequence.
    fn set_flag(&mut self, code: i64, value: bool) {
        let Some(top) = self.top_mut() else { return };
        if code == ParameterKey::SoftFailure.code() {
            top.is_soft = value;
        } else {
            (top.is_strict, top.targets, top.sources) = (value, 0, 0);
        }
    }

    fn set_custom(&mut self, code: i64, key: Spot, place: usize, overrides: bool) -> Flow<()> {
        let tree = &*self.tree;
        let same = |spot: &Spot| {
            tree.at(spot.manifest(), spot.offset()).integer().is_ok_and(|found| found == code)
        };
        let slot = self.slots.get_mut(place).ok_or(Stop::Failed(rules::INDEX_RANGE))?;
        let places = slot.custom_mut();
        if let Some(spot) = places.iter_mut().filter(|spot| spot.is_set()).find(|spot| same(spot)) {
            if overrides {
                *spot = key;
            }
            return Ok(());
        }
        let free = places.iter_mut().find(|spot| !spot.is_set());
        *free.ok_or(Stop::Failed(rules::PARAMETER_PLACES))? = key;
        Ok(())
    }

    /// Where the value of a parameter stands, if it is set.
    #[inline]
    pub(super) fn value(&self, place: usize, key: ParameterKey) -> Option<Cursor<'m>> {
        let spot = self.slots.get(place)?.parameter(key)?;
        Some(self.tree.at(spot.manifest(), spot.offset()))
    }

    /// The value of a parameter that must be set.
    pub(super) fn needed(&self, place: usize, key: ParameterKey) -> Result<Cursor<'m>, Rule> {
        self.value(place, key).ok_or(rules::PARAMETER_UNSET)
    }
}

/// The index of the selected component whose turn it is.
pub(super) fn index(tree: &Tree<'_, '_>, frame: &Frame) -> u16 {
    match frame.selection {
        Selection::One(index) => index,
        Selection::All => {
            let mut indices = tree.manifest(frame.manifest).indices();
            indices.nth(usize::from(frame.turn)).unwrap_or(u16::MAX)
        }
        Selection::Several(offset) => {
            let mut cursor = tree.at(frame.manifest, offset);
            let _ = cursor.array();
            (0..=frame.turn).fold(0, |_, _| small(&mut cursor))
        }
    }
}

fn policy(cursor: &mut Cursor<'_>) -> ReportingPolicy {
    cursor.unsigned().ok().and_then(ReportingPolicy::from_bits).unwrap_or_default()
}

/// An index; one that is no `u16` names nothing.
pub(super) fn small(cursor: &mut Cursor<'_>) -> u16 {
    cursor.unsigned().ok().and_then(|index| u16::try_from(index).ok()).unwrap_or(u16::MAX)
}
