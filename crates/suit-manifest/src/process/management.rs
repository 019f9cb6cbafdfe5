//! The commands of update management (SUIT UM §5).

use core::cmp::Ordering;

use iotops_wire::cbor::Cursor;
use iotops_wire::{Clock, Time};

use super::Platform;
use super::access::Wish;
use super::command::small;
use super::condition::{Verdict, holds, tested};
#[cfg(feature = "report")]
use super::failure::Measured;
use super::log::Journal;
use super::run::{Flow, Run, Stop, ask};
use super::state::{Frame, Selection};
use crate::model::{Comparison, Condition, Parameter, ParameterKey, Version, VersionMatch};
use crate::rules;

impl<'m, P: Platform + ?Sized, J: Journal + ?Sized> Run<'_, '_, 'm, P, J> {
    pub(super) fn test_management(
        &mut self,
        condition: Condition,
        frame: &Frame,
        place: usize,
    ) -> Flow<Verdict> {
        match condition {
            Condition::ImageNotMatch => Ok(match self.compare_image(frame, place)? {
                Ok(is_equal) => holds(!is_equal),
                Err(rule) => Err(rule),
            }),
            Condition::UseBefore => self.use_before(place),
            Condition::MinimumBattery => self.minimum_battery(place),
            Condition::UpdateAuthorized => self.update_authorized(place),
            Condition::Version => self.version(place),
            _ => Err(Stop::Failed(rules::DIRECTIVE_UNSUPPORTED)),
        }
    }

    /// SUIT UM §5.1: "MUST be evaluated in 64 bits". A clock that may be behind does not tell
    /// that it is still early.
    fn use_before(&mut self, place: usize) -> Flow<Verdict> {
        Ok(self.unsigned(place, ParameterKey::UseBefore).and_then(|limit| {
            let now = self.platform.now();
            #[cfg(feature = "report")]
            if let Clock::Trusted(now) = now {
                self.measured = Some(Measured::Time(now.unix()));
            }
            holds(matches!(now, Clock::Trusted(now) if now < Time::from_unix(limit)))
        }))
    }

    fn minimum_battery(&mut self, place: usize) -> Flow<Verdict> {
        Ok(self.unsigned(place, ParameterKey::MinimumBattery).and_then(|least| {
            let charge = self.platform.battery();
            #[cfg(feature = "report")]
            {
                self.measured = charge.map(Measured::Battery);
            }
            holds(charge.is_some_and(|charge| charge >= least))
        }))
    }

    fn update_authorized(&mut self, place: usize) -> Flow<Verdict> {
        let priority = match self.needed(place, ParameterKey::UpdatePriority) {
            Ok(mut value) => value.integer().unwrap_or_default(),
            Err(rule) => return Ok(Err(rule)),
        };
        let (call, platform) = self.call(place)?;
        Ok(holds(tested(platform.authorize(&call, priority))?.unwrap_or(false)))
    }

    fn version(&mut self, place: usize) -> Flow<Verdict> {
        let (call, platform) = self.call(place)?;
        let Some(Parameter::Version(wanted)) = call.parameter(ParameterKey::Version) else {
            return Ok(Err(rules::PARAMETER_UNSET));
        };
        Ok(holds(platform.version(&call).is_some_and(|version| wanted.is_met_by(version))))
    }

    /// SUIT UM §4.5: "All wait events MUST be satisfied before the Manifest Processor continues."
    pub(super) fn wait(&mut self, place: usize) -> Flow<bool> {
        let (call, platform) = self.call(place)?;
        let Some(Parameter::WaitInfo(info)) = call.parameter(ParameterKey::WaitInfo) else {
            return Err(Stop::Failed(rules::PARAMETER_UNSET));
        };
        for event in info.events() {
            ask(platform.wait(&call, event))?;
        }
        Ok(true)
    }

    /// SUIT UM §5.7: "The component index is set to the last component listed".
    pub(super) fn override_multiple(
        &mut self,
        mut cursor: Cursor<'m>,
        frame: &Frame,
    ) -> Flow<Option<u32>> {
        let mut last = 0;
        for _ in 0..cursor.map().unwrap_or_default() {
            last = small(&mut cursor);
            let place = self.place(frame.manifest, last)?;
            cursor = self.assign(cursor, frame, place, true)?;
        }
        self.charge()?;
        self.leave(cursor.offset());
        if let Some(top) = self.top_mut() {
            top.selection = Selection::One(last);
        }
        Ok(None)
    }

    /// SUIT UM §5.8: "Parameters are only copied between identical keys". One that is not set in
    /// the source stays as it is in the target.
    pub(super) fn copy_parameters(
        &mut self,
        mut cursor: Cursor<'m>,
        frame: &Frame,
    ) -> Flow<Option<u32>> {
        let target = self.current(frame)?;
        for _ in 0..cursor.map().unwrap_or_default() {
            let source = small(&mut cursor);
            let source = self.place(frame.manifest, source)?;
            for _ in 0..cursor.array().unwrap_or_default() {
                let code = cursor.integer().unwrap_or_default();
                self.permit(frame, target, Wish::Set(code))?;
                self.copy_parameter(code, source, target);
            }
        }
        Ok(Some(cursor.offset()))
    }

    fn copy_parameter(&mut self, code: i64, source: usize, target: usize) {
        let found =
            ParameterKey::from_code(code).and_then(|key| self.slots.get(source)?.parameter(key));
        let place = self.slots.get_mut(target).and_then(|slot| slot.place(code));
        if let (Some(found), Some(place)) = (found, place) {
            *place = found;
        }
    }
}

impl VersionMatch<'_> {
    /// Whether `version` is one that this asks for.
    #[must_use]
    pub fn is_met_by(&self, version: &[i64]) -> bool {
        let order = self.version.compare(version);
        match self.comparison {
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterEqual => order.is_ge(),
            Comparison::Equal => order.is_eq(),
            Comparison::LesserEqual => order.is_le(),
            Comparison::Lesser => order.is_lt(),
        }
    }
}

impl Version<'_> {
    /// How `other` compares with the numbers here: "Comparison stops after all integers in the
    /// array defined by the manifest have been consumed OR after a non-equal comparison has
    /// occurred." Numbers that `other` does not have are 0, so that 2.0 is above 2.0-rc.
    fn compare(&self, other: &[i64]) -> Ordering {
        let mut others = other.iter().copied().chain(core::iter::repeat(0));
        let orders = self.numbers().map(|number| others.next().unwrap_or(0).cmp(&number));
        let mut unequal = orders.filter(|order| order.is_ne());
        unequal.next().unwrap_or(Ordering::Equal)
    }
}
