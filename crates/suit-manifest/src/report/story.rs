//! What a report says of a run, beside the run.

use iotops_wire::{Finding, Input, Place, Rule};

use super::measure::{consumed, held};
use super::{Claims, Item, Items, Outcome, Report, ReportRecord};
use crate::decode::Member;
use crate::model::{
    Action, Command, Condition, GREATEST_CUSTOM, Parameter, RUN_SEQUENCE, ReportingPolicy, Section,
    Sequence, TRY_EACH,
};
use crate::process::{Call, CommandPlace, Failure, Position, Reason, Record, Tree};
use crate::{Error, Manifest, rules};

/// The command that is next.
pub(super) struct Here {
    pub(super) position: Position,
    place: CommandPlace,
    policy: ReportingPolicy,
}

impl Here {
    pub(super) fn new(position: Position, tree: &Tree<'_, '_>) -> Self {
        let mut cursor = tree.at(position.manifest, position.offset);
        let policy = cursor.integer().and_then(|_| cursor.unsigned()).ok();
        let policy = policy.and_then(ReportingPolicy::from_bits).unwrap_or_default();
        Self { position, place: tree.place(&position), policy }
    }

    const fn condition(&self) -> Option<Condition> {
        Condition::from_code(self.position.command)
    }

    /// Whether it can fail without ending the run.
    const fn is_condition(&self) -> bool {
        self.condition().is_some() || self.position.command <= GREATEST_CUSTOM
    }

    /// Whether the run is in a try-each or run-sequence, and the record is of that.
    fn is_inside(&self, record: &ReportRecord<'_>, tree: &Tree<'_, '_>) -> bool {
        let Ok(offset) = u32::try_from(record.section_offset) else { return false };
        if !record.is_at(&self.place.moved_to(offset, self.component_of(record))) {
            return false;
        }
        let start = self.position.offset.saturating_sub(self.place.offset);
        let mut cursor = tree.at(self.position.manifest, start.saturating_add(offset));
        let is_flow = matches!(cursor.integer(), Ok(TRY_EACH | RUN_SEQUENCE));
        is_flow && cursor.skip().is_ok() && {
            let end = cursor.offset().saturating_sub(start);
            (offset..=end).contains(&self.place.offset)
        }
    }

    /// Sequences within others choose components of their own.
    fn component_of(&self, record: &ReportRecord<'_>) -> u16 {
        u16::try_from(record.component_index).unwrap_or(self.place.component)
    }

    /// Whether its result is in a journal.
    pub(super) const fn has_result(&self) -> bool {
        self.is_condition() || self.position.command == Action::Unlink.code()
    }

    /// What its condition asks for.
    fn wanted<'c>(&self, call: Option<&Call<'c>>) -> Option<Parameter<'c>> {
        call?.parameter(consumed(self.condition()?)?)
    }
}

/// A report, and how far the run has come in it.
pub(super) struct Story<'a, 'f> {
    root: Manifest<'f>,
    items: Items<'a>,
    /// The record that has not come yet.
    next: Option<ReportRecord<'a>>,
    claims: Items<'a>,
    claim: Option<Claims<'a>>,
    outcome: Outcome<'a>,
    result: u32,
    /// Whether records are missing behind the last.
    is_short: bool,
    found: &'f mut dyn FnMut(Finding),
}

impl<'a, 'f> Story<'a, 'f> {
    pub(super) fn new(
        report: &Report<'a>,
        root: &Manifest<'f>,
        found: &'f mut dyn FnMut(Finding),
    ) -> Self {
        let mut story = Self {
            root: *root,
            items: report.items(),
            next: None,
            claims: report.items(),
            claim: None,
            outcome: report.outcome(),
            result: report.result_offset(),
            is_short: report.dropped() > 0,
            found,
        };
        story.check_places(report);
        story.on_to_next();
        story.on_to_claim();
        story
    }

    fn tell(&mut self, rule: Rule, offset: u32) {
        (self.found)(Finding::new(rule, Place::new(Input::Document, offset)));
    }

    /// Every record must be where the manifest has a command.
    fn check_places(&mut self, report: &Report<'a>) {
        for record in report.records() {
            if let Some(rule) = fault(&self.root, &record, false) {
                self.tell(rule, record.offset);
            }
        }
        if let Outcome::Failure { record, .. } = self.outcome
            && record.section != 0
            && let Some(rule) = fault(&self.root, &record, true)
        {
            self.tell(rule, record.offset);
        }
    }

    /// On to the next record that can be anywhere.
    fn on_to_next(&mut self) {
        self.next = None;
        for item in self.items.by_ref() {
            let Item::Record(record) = item else { continue };
            if fault(&self.root, &record, false).is_none() {
                self.next = Some(record);
                return;
            }
        }
    }

    fn on_to_claim(&mut self) {
        let claims = self.claims.by_ref().filter_map(|item| match item {
            Item::Claims(claims) => Some(claims),
            Item::Record(_) => None,
        });
        let mut claims = claims;
        self.claim = claims.next();
    }

    /// The record that the run ended with, and why it did.
    const fn end(&self) -> Option<(ReportRecord<'a>, Reason)> {
        match self.outcome {
            Outcome::Failure { record, reason, .. } => Some((record, reason)),
            Outcome::Success => None,
        }
    }

    fn is_next(&self, place: &CommandPlace) -> bool {
        self.next.is_some_and(|next| next.is_at(place))
    }

    /// Whether nothing is left but, at most, the failure in this place once more.
    fn is_used_up(&self, place: Option<&CommandPlace>) -> bool {
        match place.filter(|place| self.is_next(place)) {
            Some(_) => !self.items.clone().any(|item| matches!(item, Item::Record(_))),
            None => self.next.is_none(),
        }
    }

    /// Whether the run ended where it is now, or no more is known of it.
    pub(super) fn ends(&mut self, here: Option<&Here>, tree: &Tree<'_, '_>) -> bool {
        if self.next.is_none() && self.is_short {
            return true;
        }
        let Some((record, reason)) = self.end() else { return false };
        if record.section == 0 && self.next.is_none() {
            return true;
        }
        let Some(here) = here else { return false };
        if !record.is_at(&here.place) {
            return self.next.is_none() && here.is_inside(&record, tree);
        }
        if !self.is_used_up(Some(&here.place)) {
            return false;
        }
        // Whether a condition that fails here ends the run, the engine tells.
        if reason == Reason::ConditionFailed && here.is_condition() {
            return false;
        }
        let is_possible = match reason {
            Reason::Ok | Reason::ConditionFailed => false,
            Reason::InvokePending => here.position.command == Action::Invoke.code(),
            _ => true,
        };
        if !is_possible {
            self.tell(rules::REPLAY_RESULT, self.result);
        }
        true
    }

    /// What the command here gives.
    pub(super) fn succeeds(&self, here: &Here, call: Option<&Call<'_>>) -> bool {
        if here.position.command == Action::Unlink.code() {
            return self.goes_on_in_uninstall(here);
        }
        if !here.is_condition() {
            return true;
        }
        if let Some(next) = self.next.filter(|next| next.is_at(&here.place)) {
            let Some(condition) = here.condition() else { return false };
            return held(condition, here.wanted(call), &next.properties);
        }
        let is_end = self.end().is_some_and(|(record, _)| record.is_at(&here.place));
        !(is_end && self.next.is_none())
    }

    /// Whether what comes next is in the uninstall section of a dependency of this manifest: then
    /// its last reference was taken away.
    fn goes_on_in_uninstall(&self, here: &Here) -> bool {
        let next = self.next.or_else(|| self.end().map(|(record, _)| record));
        next.is_some_and(|next| {
            next.section == Section::Uninstall.code()
                && next.manifest_id.iter().count() > here.place.path().len()
        })
    }

    /// A command was run: its record is next, or there must be none.
    pub(super) fn take(&mut self, here: &Here, record: &Record) {
        let asks = match record.result {
            Ok(()) => ReportingPolicy::RECORD_ON_SUCCESS,
            Err(_) => ReportingPolicy::RECORD_ON_FAILURE,
        };
        if let Some(next) = self.next.filter(|next| next.is_at(&here.place)) {
            // SUIT R §5: "at an offset that is not a condition and does not have a reporting policy
            // that would indicate a SUIT_Record is needed".
            if !here.is_condition() && !here.policy.has(asks) {
                self.tell(rules::REPLAY_POLICY, next.offset);
            }
            self.on_to_next();
            return;
        }
        let is_end = record.result.is_err()
            && self.next.is_none()
            && self.end().is_some_and(|(record, _)| record.is_at(&here.place));
        if here.policy.has(asks) && !is_end {
            let offset = self.next.map_or(self.result, |next| next.offset);
            self.tell(rules::REPLAY_MISSING, offset);
        }
    }

    /// A claim that the command here may have made must be one by which it went as it did.
    pub(super) fn compare(&mut self, here: &Here, call: Option<&Call<'_>>, record: &Record) {
        let asks = match record.result {
            Ok(()) => ReportingPolicy::SYSINFO_ON_SUCCESS,
            Err(_) => ReportingPolicy::SYSINFO_ON_FAILURE,
        };
        let (Some(claim), Some(call)) = (self.claim, call) else { return };
        let Some(condition) = here.condition().filter(|_| here.policy.has(asks)) else { return };
        let Some(key) = consumed(condition) else { return };
        let is_of_this = claim.component.parts().eq(call.path());
        if !is_of_this || claim.properties.find(key).is_none() {
            return;
        }
        let held = held(condition, here.wanted(Some(call)), &claim.properties);
        if held != record.result.is_ok() {
            self.tell(rules::REPLAY_CLAIM, claim.offset);
        }
        self.on_to_claim();
    }

    /// The procedure came to its end.
    pub(super) fn done(mut self) {
        self.check_used_up();
        if self.end().is_some() {
            self.tell(rules::REPLAY_RESULT, self.result);
        }
    }

    /// The run failed, as the report has it or not.
    pub(super) fn failed(mut self, failure: &Failure, tree: &Tree<'_, '_>) -> Result<(), Error> {
        if is_out_of_reach(failure) {
            return Err(Error::new(rules::REPLAY_DEPENDENCY, failure.error().place().offset()));
        }
        let place = failure.position().map(|position| tree.place(&position));
        let is_end =
            |(record, _): (ReportRecord<'_>, _)| place.is_some_and(|place| record.is_at(&place));
        if !self.end().is_some_and(is_end) {
            self.tell(rules::REPLAY_RESULT, self.result);
        }
        self.check_used_up();
        Ok(())
    }

    /// SUIT R §4.1: what is left of the list has no place in the run.
    fn check_used_up(&mut self) {
        if let Some(next) = self.next {
            self.tell(rules::REPLAY_ORDER, next.offset);
        }
    }
}

/// Failures of a replay that say nothing about the device.
fn is_out_of_reach(failure: &Failure) -> bool {
    matches!(
        failure.error().rule(),
        rules::SOURCE_ABSENT
            | rules::INTEGRITY
            | rules::ARENA
            | rules::SEVERED_ABSENT
            | rules::ENGINE_COMPONENTS
            | rules::ENGINE_DEPTH
            | rules::ENGINE_FUEL
    )
}

/// What is wrong with the place of a record, in the root manifest. Where a run that ends with a
/// failure stands, any command may be.
fn fault(root: &Manifest<'_>, record: &ReportRecord<'_>, is_end: bool) -> Option<Rule> {
    if let Some(index) = record.manifest_id.iter().next() {
        let is_dependency = root.dependencies().iter().any(|one| one.index == index);
        return (!is_dependency).then_some(rules::REPLAY_COMMAND);
    }
    let mut indices = root.indices();
    if !indices.any(|index| u64::from(index) == record.component_index) {
        return Some(rules::REPLAY_COMMAND);
    }
    let sequence = match Section::from_code(record.section) {
        Some(section) => root.section(section),
        None if record.section == CommandPlace::SHARED => {
            root.shared_sequence().map_or(Member::Absent, Member::Present)
        }
        None => Member::Absent,
    };
    let sequence = match sequence {
        Member::Present(sequence) => sequence,
        // It cannot be looked at here.
        Member::Severed(_) => return None,
        Member::Absent => return Some(rules::REPLAY_COMMAND),
    };
    let offset = u64::from(sequence.offset()).saturating_add(record.section_offset);
    match command_at(sequence, offset) {
        None => Some(rules::REPLAY_COMMAND),
        Some(Command::Condition(..) | Command::Action(..) | Command::Custom(..)) => None,
        Some(_) => (!is_end).then_some(rules::REPLAY_POLICY),
    }
}

/// The command that stands at an offset, in a sequence or in those within it, which are nested as
/// deep as validation allowed.
fn command_at(sequence: Sequence<'_>, offset: u64) -> Option<Command<'_>> {
    for (at, command) in sequence.placed() {
        if u64::from(at) == offset {
            return Some(command);
        }
        let inner = match command {
            Command::RunSequence(inner) => command_at(inner, offset),
            Command::TryEach(inner) => inner.sequences().find_map(|one| command_at(one, offset)),
            _ => None,
        };
        if inner.is_some() {
            return inner;
        }
    }
    None
}
