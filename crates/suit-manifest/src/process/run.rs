//! One step of a run: frames, and how sequences begin, end and fail.

use core::task::Poll;

use iotops_wire::Rule;
use iotops_wire::cbor::Cursor;

use super::command::index;
#[cfg(feature = "report")]
use super::failure::Measured;
use super::failure::{Failure, Position, rule_of};
use super::log::Journal;
use super::state::{Caller, Frame, Phase, Selection, Slot, State};
use super::{CHUNK, Call, Fault, Platform, Record, Step, Tree};
use crate::decode::Member;
use crate::model::{ReportingPolicy, Section, Sequence};
use crate::rules;

/// What a step works on.
pub(super) struct Run<'r, 't, 'm, P: ?Sized, J: ?Sized> {
    pub(super) state: &'r mut State,
    pub(super) slots: &'r mut [Slot],
    pub(super) frames: &'r mut [Frame],
    pub(super) buffer: &'r mut [u8; CHUNK],
    pub(super) tree: &'r mut Tree<'t, 'm>,
    pub(super) platform: &'r mut P,
    pub(super) journal: &'r mut J,
    /// What the condition of this step found, where it measured something.
    #[cfg(feature = "report")]
    pub(super) measured: Option<Measured>,
}

/// Why a step did not come to its end.
pub(super) enum Stop {
    Pending,
    /// The run is over: a directive failed, or something else that no soft failure covers.
    Failed(Rule),
}

pub(super) type Flow<T> = Result<T, Stop>;

/// What the platform gave for a directive, as a flow.
#[inline]
pub(super) fn ask<T>(answer: Poll<Result<T, Fault>>) -> Flow<T> {
    match answer {
        Poll::Ready(Ok(value)) => Ok(value),
        Poll::Ready(Err(fault)) => Err(Stop::Failed(rule_of(fault))),
        Poll::Pending => Err(Stop::Pending),
    }
}

/// The code that stands for the shared sequence where a section is named.
const SHARED: u8 = 4;

impl Frame {
    /// The shared sequence of the root, by itself.
    pub(super) fn shared(sequence: Sequence<'_>) -> Self {
        let (next, left) = open(sequence.0);
        Self { next, left, section: SHARED, is_shared: true, ..Self::EMPTY }
    }
}

/// Where the run is, if it is anywhere.
pub(super) fn position(
    tree: &Tree<'_, '_>,
    state: &State,
    frames: &[Frame],
    command: i64,
) -> Option<Position> {
    let frame = frames.get(usize::from(state.depth).checked_sub(1)?)?;
    Some(Position {
        manifest: frame.manifest,
        section: if frame.is_shared { SHARED } else { frame.section },
        component: index(tree, frame),
        command,
        offset: frame.next,
    })
}

impl<'m, P: Platform + ?Sized, J: Journal + ?Sized> Run<'_, '_, 'm, P, J> {
    pub(super) fn step(&mut self) -> Flow<Step> {
        #[cfg(feature = "report")]
        {
            self.measured = None;
        }
        let Some(frame) = self.top() else {
            return self.next_section();
        };
        if frame.left == 0 {
            self.complete()?;
        } else {
            self.command(frame)?;
        }
        Ok(Step::More)
    }

    /// The sequence that is being run.
    #[inline]
    pub(super) fn top(&self) -> Option<Frame> {
        self.frames.get(usize::from(self.state.depth).checked_sub(1)?).copied()
    }

    #[inline]
    pub(super) fn top_mut(&mut self) -> Option<&mut Frame> {
        self.frames.get_mut(usize::from(self.state.depth).checked_sub(1)?)
    }

    /// The run ends here, for good.
    pub(super) fn fail(&mut self, rule: Rule) -> Failure {
        let code = self.top().map(|frame| self.code(&frame));
        let position = code.and_then(|code| position(self.tree, self.state, self.frames, code));
        let failure =
            position.map_or_else(|| Failure::before(rule), |position| Failure::at(position, rule));
        self.state.phase = Phase::Failed(failure);
        #[cfg(feature = "trust-domains")]
        self.tree.forget_checks();
        // What was done stays done; the next run must not take it for its own.
        let _ = self.journal.end();
        failure
    }

    /// The code of the next command of a sequence.
    fn code(&self, frame: &Frame) -> i64 {
        self.tree.at(frame.manifest, frame.next).integer().unwrap_or_default()
    }

    /// Tells the platform how a command went.
    #[inline]
    pub(super) fn record(
        &mut self,
        code: i64,
        place: usize,
        policy: ReportingPolicy,
        result: Result<(), Rule>,
    ) {
        let Some(position) = position(self.tree, self.state, self.frames, code) else { return };
        let Some(slot) = self.slots.get(place) else { return };
        let call = Call { manifests: self.tree.view(), slot, token: self.state.token };
        let record = Record {
            position,
            policy,
            result,
            #[cfg(feature = "report")]
            measured: self.measured,
        };
        self.platform.record(&call, &record);
    }

    fn next_section(&mut self) -> Flow<Step> {
        while let Some((section, rest)) = self.state.sections.split_first() {
            self.state.sections = rest;
            if self.state.present & super::engine::bit(section.code()) != 0 {
                self.enter(Frame::EMPTY, *section)?;
                return Ok(Step::More);
            }
        }
        self.end()
    }

    /// Begins a section of a manifest, the shared sequence before it, if there is such a section.
    pub(super) fn enter(&mut self, frame: Frame, section: Section) -> Flow<bool> {
        let manifest = self.tree.manifest(frame.manifest);
        let sequence = match manifest.section(section) {
            Member::Absent => return Ok(false),
            Member::Severed(_) => return Err(Stop::Failed(rules::SEVERED_ABSENT)),
            Member::Present(sequence) => sequence,
        };
        let section = u8::try_from(section.code()).unwrap_or_default();
        self.push(sequence, Frame { section, ..frame })?;
        match manifest.shared_sequence() {
            Some(shared) => self.push(shared, Frame { section, is_shared: true, ..frame })?,
            None if frame.caller == Caller::Procedure => self.check_identity()?,
            None => {}
        }
        Ok(true)
    }

    /// Begins a sequence; all but its place is in `frame`.
    pub(super) fn push(&mut self, sequence: Sequence<'m>, frame: Frame) -> Flow<()> {
        self.charge()?;
        let place = self.frames.get_mut(usize::from(self.state.depth));
        let place = place.ok_or(Stop::Failed(rules::ENGINE_DEPTH))?;
        let (next, left) = open(sequence.0);
        *place = Frame { next, left, ..frame };
        self.state.depth = self.state.depth.saturating_add(1);
        Ok(())
    }

    fn end(&mut self) -> Flow<Step> {
        if self.state.stores_number {
            let root = self.tree.root();
            let stored =
                self.platform.store_sequence_number(root.component_id(), root.sequence_number());
            stored.map_err(|_| Stop::Failed(rules::SEQUENCE_NUMBER))?;
        }
        self.journal.end().map_err(|_| Stop::Failed(rules::JOURNAL))?;
        self.state.phase = Phase::Idle;
        #[cfg(feature = "trust-domains")]
        self.tree.forget_checks();
        Ok(Step::Done)
    }

    /// The sequence on top came to its end.
    pub(super) fn complete(&mut self) -> Flow<()> {
        let Some(done) = self.top() else { return Ok(()) };
        #[cfg(feature = "trust-domains")]
        if !done.is_shared && matches!(done.caller, Caller::Procedure | Caller::Dependency) {
            self.check_processed(&done)?;
        }
        self.pop();
        match done.caller {
            Caller::Procedure if done.is_shared => self.check_identity(),
            Caller::Procedure => Ok(()),
            Caller::TryEach | Caller::RunSequence => self.returned(&done),
            #[cfg(feature = "trust-domains")]
            Caller::Dependency if done.is_shared => Ok(()),
            #[cfg(feature = "trust-domains")]
            Caller::Dependency => self.advance(),
        }
    }

    /// SUIT §6.2: "SHOULD check that the shared sequence contains at least Check Vendor Identifier
    /// command and at least one Check Class Identifier command". They count when they were run.
    pub(super) fn check_identity(&self) -> Flow<()> {
        if self.state.identities == 0 { Ok(()) } else { Err(Stop::Failed(rules::IDENTITY_CHECKS)) }
    }

    pub(super) fn pop(&mut self) -> Option<Frame> {
        let frame = self.top()?;
        self.state.depth = self.state.depth.saturating_sub(1);
        Some(frame)
    }

    /// A nested sequence ended well. What it chose as current component stays chosen, unless it
    /// was run for each of several.
    fn returned(&mut self, done: &Frame) -> Flow<()> {
        let Some(frame) = self.top() else { return Ok(()) };
        if !matches!(frame.selection, Selection::One(_)) {
            return self.advance();
        }
        self.charge()?;
        self.leave(self.end_of(&frame));
        if let Some(caller) = self.top_mut() {
            caller.selection = done.selection;
        }
        Ok(())
    }

    /// A command that ran sequences is done for one component.
    pub(super) fn advance(&mut self) -> Flow<()> {
        let Some(frame) = self.top() else { return Ok(()) };
        let end = self.end_of(&frame);
        self.advance_to(&frame, end)
    }

    /// The next command of the sequence on top, which ends at `end`, is done for one component: on
    /// to the next component, or to the next command.
    #[inline]
    pub(super) fn advance_to(&mut self, frame: &Frame, end: u32) -> Flow<()> {
        self.charge()?;
        let turn = frame.turn.saturating_add(1);
        if turn >= self.selected(frame) {
            self.leave(end);
        } else if let Some(top) = self.top_mut() {
            top.turn = turn;
        }
        Ok(())
    }

    /// Where the next command of a sequence ends.
    pub(super) fn end_of(&self, frame: &Frame) -> u32 {
        let mut cursor = self.tree.at(frame.manifest, frame.next);
        // Both were read when the manifest was validated.
        let _ = cursor.integer();
        let _ = cursor.pass();
        cursor.offset()
    }

    /// Every command costs fuel, and every sequence: what does not end is cut off.
    pub(super) fn charge(&mut self) -> Flow<()> {
        let fuel = self.state.fuel.checked_sub(1);
        self.state.fuel = fuel.ok_or(Stop::Failed(rules::ENGINE_FUEL))?;
        Ok(())
    }

    /// On to the command at `end`.
    pub(super) fn leave(&mut self, end: u32) {
        if let Some(top) = self.top_mut() {
            (top.next, top.left, top.turn) = (end, top.left.saturating_sub(1), 0);
        }
    }

    /// A condition failed: the sequence ends, and with it all around it up to one that may go on
    /// (SUIT §8.4.8.15).
    pub(super) fn condition_failed(&mut self, rule: Rule) -> Flow<()> {
        let depth = self.state.depth;
        while let Some(frame) = self.top() {
            match frame.caller {
                Caller::TryEach if frame.is_soft => {
                    if self.try_next(&frame)? {
                        return Ok(());
                    }
                }
                // "An Update Author may choose to make failures soft within a run-sequence": it
                // "simply halts with no side-effects".
                Caller::RunSequence if frame.is_soft => {
                    self.pop();
                    return self.advance();
                }
                Caller::RunSequence => drop(self.pop()),
                #[cfg(feature = "trust-domains")]
                Caller::Dependency => drop(self.pop()),
                // "if they require a failed condition in a sequence to force an Abort".
                Caller::TryEach | Caller::Procedure => break,
            }
        }
        // The failure is told where it was.
        self.state.depth = depth;
        Err(Stop::Failed(rule))
    }

    /// Begins the next alternative of try-each; `false` if there is none, and the failure goes on.
    fn try_next(&mut self, failed: &Frame) -> Flow<bool> {
        self.pop();
        let mut cursor = self.tree.at(failed.manifest, failed.alternative);
        if failed.alternatives == 0 {
            return Ok(false);
        }
        if cursor.null_if_next() {
            self.advance()?;
        } else {
            self.alternative(cursor, failed.alternatives)?;
        }
        Ok(true)
    }

    /// Begins the alternative of try-each at `cursor`, one of `left`.
    pub(super) fn alternative(&mut self, mut cursor: Cursor<'m>, left: u16) -> Flow<()> {
        let Some(caller) = self.top() else { return Ok(()) };
        let sequence = Sequence(cursor.embedded().unwrap_or_default());
        let frame = Frame {
            selection: self.turn_of(&caller),
            alternative: cursor.offset(),
            alternatives: left.saturating_sub(1),
            manifest: caller.manifest,
            section: caller.section,
            is_shared: caller.is_shared,
            caller: Caller::TryEach,
            is_soft: true,
            ..Frame::EMPTY
        };
        self.push(sequence, frame)
    }
}

/// Where the commands of a sequence begin, and how many there are.
fn open(mut cursor: Cursor<'_>) -> (u32, u16) {
    let count = Sequence::open(&mut cursor).unwrap_or_default();
    (cursor.offset(), u16::try_from(count).unwrap_or(u16::MAX))
}
