//! What single commands need and do.

use alloc::vec::Vec;

use super::state::{Paths, State};
use super::{Event, Flow};
use crate::model::{Action, Command, Condition, Index, Parameter, ParameterKey, Parameters};

/// What a condition consumes.
const fn needed(condition: Condition) -> Option<ParameterKey> {
    Some(match condition {
        Condition::VendorIdentifier => ParameterKey::VendorIdentifier,
        Condition::ClassIdentifier => ParameterKey::ClassIdentifier,
        Condition::DeviceIdentifier => ParameterKey::DeviceIdentifier,
        Condition::ImageMatch | Condition::ImageNotMatch | Condition::DependencyIntegrity => {
            ParameterKey::ImageDigest
        }
        Condition::UseBefore => ParameterKey::UseBefore,
        Condition::ComponentSlot => ParameterKey::ComponentSlot,
        Condition::CheckContent => ParameterKey::Content,
        Condition::MinimumBattery => ParameterKey::MinimumBattery,
        Condition::UpdateAuthorized => ParameterKey::UpdatePriority,
        Condition::Version => ParameterKey::Version,
        Condition::IsDependency | Condition::Abort => return None,
    })
}

/// What a directive consumes: what it needs, and what it heeds.
const fn consumed(action: Action) -> (Option<ParameterKey>, &'static [ParameterKey]) {
    const TRANSFER: &[ParameterKey] = &[
        ParameterKey::EncryptionInfo,
        ParameterKey::ImageSize,
        ParameterKey::ImageDigest,
        ParameterKey::FetchArguments,
        ParameterKey::ComponentMetadata,
    ];
    match action {
        Action::Fetch => (Some(ParameterKey::Uri), TRANSFER),
        Action::Copy => (Some(ParameterKey::SourceComponent), TRANSFER),
        Action::Write => (Some(ParameterKey::Content), TRANSFER),
        Action::Swap => (Some(ParameterKey::SourceComponent), &[]),
        Action::Invoke => (None, &[ParameterKey::InvokeArguments]),
        Action::Wait => (Some(ParameterKey::WaitInfo), &[]),
        Action::ProcessDependency | Action::Unlink => (None, &[]),
    }
}

impl<'m> Flow<'m, '_> {
    /// Marks a parameter as consumed; gives its value.
    fn take(&mut self, path: &State, component: u64, key: ParameterKey) -> Option<Parameter<'m>> {
        let place = *path.parameters.get(&(component, key.code()))?;
        self.tell(Event::Used(place));
        self.values.get(&place).copied()
    }

    /// The same for a parameter without which the command at `at` fails.
    fn need(
        &mut self,
        at: u32,
        path: &State,
        component: u64,
        key: ParameterKey,
    ) -> Option<Parameter<'m>> {
        let value = self.take(path, component, key);
        if value.is_none() {
            self.tell(Event::Unset(at));
        }
        value
    }

    /// Marks all parameters as consumed, or those of a component.
    pub(super) fn use_all(&mut self, path: &State, component: Option<u64>) {
        for ((owner, _), place) in &path.parameters {
            if component.is_none_or(|component| component == *owner) {
                self.tell(Event::Used(*place));
            }
        }
    }

    pub(super) fn conditions(
        &mut self,
        at: u32,
        condition: Condition,
        mut path: State,
        next: &mut Paths,
        failed: &mut Paths,
    ) {
        for component in path.selection.clone() {
            let before = path.clone();
            let (holds, fails) = self.condition(at, condition, component, &mut path);
            if fails {
                failed.insert(before);
            }
            if !holds {
                return;
            }
        }
        next.insert(path);
    }

    /// Whether a condition can hold, and whether it can fail.
    fn condition(
        &mut self,
        at: u32,
        condition: Condition,
        component: u64,
        path: &mut State,
    ) -> (bool, bool) {
        let value = needed(condition).and_then(|key| self.need(at, path, component, key));
        let is_dependency = self.dependencies.contains(&component);
        match condition {
            Condition::Abort => (false, true),
            Condition::IsDependency => (is_dependency, !is_dependency),
            Condition::ComponentSlot => match (path.slots.get(&component), value) {
                (Some(known), Some(Parameter::ComponentSlot(wanted))) => {
                    (*known == wanted, *known != wanted)
                }
                (None, Some(Parameter::ComponentSlot(wanted))) => {
                    path.slots.insert(component, wanted);
                    (true, true)
                }
                _ => (true, true),
            },
            Condition::DependencyIntegrity => {
                if !is_dependency {
                    self.tell(Event::NotDependency(at));
                }
                path.checked.insert(component);
                self.tell(Event::Matched(component));
                // SUIT TD §5.6.4: its failure is never soft.
                (true, false)
            }
            Condition::ImageMatch => {
                self.take(path, component, ParameterKey::ImageSize);
                self.tell(Event::Matched(component));
                (true, true)
            }
            _ => (true, true),
        }
    }

    /// A command that no path branches at.
    pub(super) fn plain(&mut self, at: u32, command: &Command<'m>, path: &mut State) {
        match command {
            Command::SetComponentIndex(index) => self.choose(at, *index, path),
            Command::Action(action, _) => {
                for component in path.selection.clone() {
                    self.action(at, *action, component, path);
                }
            }
            Command::SetParameters(set) | Command::OverrideParameters(set) => {
                let is_set = matches!(command, Command::SetParameters(_));
                for component in path.selection.clone() {
                    self.assign(*set, component, is_set, path);
                }
            }
            Command::OverrideMultiple(several) => {
                for one in several.iter() {
                    self.assign(one.parameters, one.index, false, path);
                    self.select(Index::One(one.index), path);
                }
            }
            Command::CopyParameters(copies) => {
                for (source, codes) in copies.iter() {
                    self.copy_parameters(source, codes.iter(), path);
                }
            }
            _ => {}
        }
    }

    fn choose(&mut self, at: u32, index: Index<'m>, path: &mut State) {
        if let Some(choices) = path.frame.choices {
            match choices.checked_sub(1) {
                Some(left) => path.frame.choices = Some(left),
                None => self.tell(Event::Disordered(at)),
            }
        }
        self.select(index, path);
    }

    fn select(&mut self, index: Index<'m>, path: &mut State) {
        path.is_all = matches!(index, Index::All);
        path.selection = match index {
            Index::One(index) => Vec::from([index]),
            Index::All => self.components.clone(),
            Index::Several(indices) => indices.iter().collect(),
        };
        for component in &path.selection {
            self.tell(Event::Selected(*component));
        }
    }

    fn assign(&mut self, set: Parameters<'m>, component: u64, is_set: bool, path: &mut State) {
        for (key, parameter) in set.placed() {
            match parameter {
                Parameter::SoftFailure(is_soft) => path.frame.is_soft = is_soft,
                Parameter::StrictOrder(is_strict) => {
                    let frame = &mut path.frame;
                    frame.is_strict = is_strict;
                    frame.targets.clear();
                    frame.sources.clear();
                }
                _ => {
                    let code = parameter.code();
                    self.values.insert(key, parameter);
                    self.tell(Event::Assigned { key, component, code, is_set });
                    let place = path.parameters.entry((component, code)).or_insert(key);
                    if !is_set {
                        *place = key;
                    }
                }
            }
        }
    }

    fn copy_parameters(&mut self, source: u64, codes: impl Iterator<Item = i64>, path: &mut State) {
        for code in codes {
            let Some(place) = path.parameters.get(&(source, code)).copied() else { continue };
            self.tell(Event::Used(place));
            for component in path.selection.clone() {
                path.parameters.insert((component, code), place);
            }
        }
    }

    fn action(&mut self, at: u32, action: Action, component: u64, path: &mut State) {
        let (key, heeded) = consumed(action);
        let value = key.and_then(|key| self.need(at, path, component, key));
        for key in heeded {
            self.take(path, component, *key);
        }
        match action {
            Action::Fetch => self.tell(Event::Fetched { at, component, state: path }),
            Action::Copy | Action::Swap => {
                let source = match value {
                    Some(Parameter::SourceComponent(source)) => Some(source),
                    _ => None,
                };
                self.tell(Event::Copied { at, component, source });
                if let Some(source) = source.filter(|_| !path.frame.is_strict) {
                    path.frame.sources.insert(source);
                }
            }
            Action::Invoke => self.tell(Event::Invoked { at, component }),
            Action::ProcessDependency => self.process(at, component, path),
            _ => {}
        }
        if matches!(action, Action::Fetch | Action::Copy | Action::Swap | Action::Write) {
            path.checked.remove(&component);
            self.order(at, component, path);
        }
    }

    /// SUIT §6.7: "A Component MUST NOT be both a target of an operation and a source of data
    /// [...] in a Command Sequence where Strict Order is False."
    fn order(&mut self, at: u32, component: u64, path: &mut State) {
        if path.frame.is_strict {
            return;
        }
        path.frame.targets.insert(component);
        if !path.frame.targets.is_disjoint(&path.frame.sources) {
            self.tell(Event::Disordered(at));
        }
    }

    fn process(&mut self, at: u32, component: u64, path: &State) {
        if !self.dependencies.contains(&component) {
            // With all components selected, it is for those that are dependencies.
            if !path.is_all {
                self.tell(Event::NotDependency(at));
            }
            return;
        }
        if !path.checked.contains(&component) {
            self.tell(Event::Unchecked(at));
        }
        // The dependency may use any of them.
        self.use_all(path, None);
        self.tell(Event::Processed(component));
    }
}
