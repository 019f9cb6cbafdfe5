//! Which paths a manifest has, and what is set on each of them.
//!
//! Every section is followed from its shared sequence to its end, on all paths: a condition may
//! hold or fail, except where that is known. A component has one slot, so what was chosen by
//! `condition-component-slot` stays chosen; what is a dependency is one always. Paths that have
//! come to the same state are one path.

mod command;
mod state;

use state::Frame;
pub(super) use state::{Paths, State};

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::Manifest;
use crate::decode::Member;
use crate::model::{Command, Parameter, ParameterKey, Section, Sequence};

/// What may be spent on following commands; see [`State::cost`].
const FUEL: usize = 1 << 17;

/// What happens on a path. Offsets are those of commands, and of the keys of parameters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event<'s> {
    /// A command is reached.
    Reached(u32),
    /// No path comes to a command.
    Missed(u32),
    /// A component is chosen.
    Selected(u64),
    /// A parameter is set, by set-parameters if so said.
    Assigned { key: u32, component: u64, code: i64, is_set: bool },
    /// A parameter is consumed.
    Used(u32),
    /// A command lacks a parameter.
    Unset(u32),
    /// A component is fetched.
    Fetched { at: u32, component: u64, state: &'s State },
    /// A component is overwritten from another.
    Copied { at: u32, component: u64, source: Option<u64> },
    /// The image of a component is compared with its digest.
    Matched(u64),
    /// A command works against the order that is not strict.
    Disordered(u32),
    /// A component is invoked.
    Invoked { at: u32, component: u64 },
    /// A dependency is processed.
    Processed(u64),
    /// A dependency is processed that was not checked before.
    Unchecked(u32),
    /// What is no dependency is treated as one.
    NotDependency(u32),
    /// There are too many paths.
    Exhausted,
}

/// The parameters that were met, by the offsets of their keys.
pub(super) type Values<'m> = BTreeMap<u32, Parameter<'m>>;

/// What is told of each event.
type Observer<'m, 'o> = dyn FnMut(Section, &Values<'m>, Event<'_>) + 'o;

/// Follows the paths of a manifest.
pub(super) struct Flow<'m, 'o> {
    manifest: Manifest<'m>,
    components: Vec<u64>,
    dependencies: Vec<u64>,
    values: Values<'m>,
    fuel: usize,
    observe: &'o mut Observer<'m, 'o>,
    section: Section,
}

/// Follows every section that is there. Sections that are not leave nothing to be told of.
pub(super) fn follow<'m>(manifest: &Manifest<'m>, observe: &mut Observer<'m, '_>) {
    let dependencies: Vec<u64> = manifest.dependencies().iter().map(|one| one.index).collect();
    let mut flow = Flow {
        manifest: *manifest,
        components: manifest.indices().map(u64::from).collect(),
        dependencies,
        values: BTreeMap::new(),
        fuel: FUEL,
        observe,
        section: Section::Validate,
    };
    let present = |section: &Section| match manifest.section(*section) {
        Member::Present(sequence) => Some((*section, Some(sequence))),
        _ => None,
    };
    let mut sections: Vec<_> = Section::ALL.iter().filter_map(present).collect();
    if sections.is_empty() {
        sections.push((Section::Validate, None));
    }
    for (section, sequence) in sections {
        flow.section = section;
        flow.section(sequence);
    }
    if flow.fuel == 0 {
        flow.tell(Event::Exhausted);
    }
}

impl<'m> Flow<'m, '_> {
    fn section(&mut self, sequence: Option<Sequence<'m>>) {
        let mut paths = Paths::from([State::new(&self.components)]);
        if let Some(shared) = self.manifest.shared_sequence() {
            (paths, _) = self.sequence(shared, paths);
        }
        if let Some(sequence) = sequence {
            let only = State::new(&self.components).selection;
            let enter = |path| State { selection: only.clone(), is_all: false, ..path };
            self.sequence(sequence, paths.into_iter().map(enter).collect());
        }
    }

    fn tell(&mut self, event: Event<'_>) {
        (self.observe)(self.section, &self.values, event);
    }

    /// Follows a sequence; gives the paths that come to its end, and those that fail in it.
    fn sequence(&mut self, sequence: Sequence<'m>, mut paths: Paths) -> (Paths, Paths) {
        let mut failed = Paths::new();
        for (at, command) in sequence.placed() {
            if paths.is_empty() {
                if self.fuel > 0 {
                    self.tell(Event::Missed(at));
                }
                break;
            }
            self.tell(Event::Reached(at));
            let mut next = Paths::new();
            for path in paths {
                let Some(fuel) = self.fuel.checked_sub(path.cost()) else {
                    self.fuel = 0;
                    return (next, failed);
                };
                self.fuel = fuel;
                self.command(at, &command, path, &mut next, &mut failed);
            }
            paths = next;
        }
        (paths, failed)
    }

    fn command(
        &mut self,
        at: u32,
        command: &Command<'m>,
        path: State,
        next: &mut Paths,
        failed: &mut Paths,
    ) {
        match command {
            Command::TryEach(try_each) => {
                let sequences: Vec<_> = try_each.sequences().collect();
                self.for_each(path, next, failed, |flow, path, next, failed| {
                    flow.try_each(&sequences, try_each.ends_with_nil(), path, next, failed);
                });
            }
            Command::RunSequence(sequence) => {
                let is_single = path.selection.len() == 1;
                self.for_each(path, next, failed, |flow, path, next, failed| {
                    flow.run_sequence(*sequence, is_single, path, next, failed);
                });
            }
            Command::Condition(condition, _) => {
                self.conditions(at, *condition, path, next, failed);
            }
            Command::Custom(..) => {
                for component in path.selection.clone() {
                    self.use_all(&path, Some(component));
                }
                failed.insert(path.clone());
                next.insert(path);
            }
            _ => {
                let mut path = path;
                self.plain(at, command, &mut path);
                next.insert(path);
            }
        }
    }

    /// Runs what is nested once for each component that is selected.
    fn for_each(
        &mut self,
        path: State,
        next: &mut Paths,
        failed: &mut Paths,
        mut run: impl FnMut(&mut Self, State, &mut Paths, &mut Paths),
    ) {
        let selection = path.selection.clone();
        let is_single = selection.len() == 1;
        let mut paths = Paths::from([path]);
        for component in &selection {
            let mut after = Paths::new();
            for path in paths {
                run(self, State { selection: Vec::from([*component]), ..path }, &mut after, failed);
            }
            paths = after;
        }
        for path in paths {
            // What a nested sequence chose stays chosen, unless it ran for each of several.
            let selection = if is_single { path.selection.clone() } else { selection.clone() };
            next.insert(State { selection, ..path });
        }
    }

    fn try_each(
        &mut self,
        sequences: &[Sequence<'m>],
        ends_with_nil: bool,
        path: State,
        next: &mut Paths,
        failed: &mut Paths,
    ) {
        let (selection, frame) = (path.selection.clone(), path.frame.clone());
        let mut paths = Paths::from([path]);
        for sequence in sequences {
            let begun = Frame::new(true, None);
            let enter = |path| State { selection: selection.clone(), frame: begun.clone(), ..path };
            let (ends, fails) = self.sequence(*sequence, paths.into_iter().map(enter).collect());
            next.extend(ends.into_iter().map(|path| State { frame: frame.clone(), ..path }));
            // A failure that is not soft ends the procedure.
            paths = fails.into_iter().filter(|path| path.frame.is_soft).collect();
        }
        let leave = |path| State { selection: selection.clone(), frame: frame.clone(), ..path };
        let left = paths.into_iter().map(leave);
        if ends_with_nil {
            next.extend(left);
        } else {
            failed.extend(left);
        }
    }

    fn run_sequence(
        &mut self,
        sequence: Sequence<'m>,
        is_single: bool,
        path: State,
        next: &mut Paths,
        failed: &mut Paths,
    ) {
        let (selection, frame) = (path.selection.clone(), path.frame.clone());
        // SUIT §6.7: with one component current, the sequence may begin with set-component-index.
        let choices = if frame.is_strict { frame.choices } else { Some(u8::from(is_single)) };
        let begun = State { frame: Frame::new(false, choices), ..path };
        let (ends, fails) = self.sequence(sequence, Paths::from([begun]));
        next.extend(ends.into_iter().map(|path| State { frame: frame.clone(), ..path }));
        for path in fails {
            let target = if path.frame.is_soft { &mut *next } else { &mut *failed };
            let selection = selection.clone();
            target.insert(State { selection, frame: frame.clone(), ..path });
        }
    }
}

/// The value of a parameter on a path.
pub(super) fn value<'m>(
    values: &Values<'m>,
    state: &State,
    component: u64,
    key: ParameterKey,
) -> Option<Parameter<'m>> {
    values.get(state.parameters.get(&(component, key.code()))?).copied()
}
