//! The device's side: records into a buffer, while the manifest runs.

use iotops_wire::cbor::{Encoder, Output as _, SliceOutput};

use super::measure::{found, measured, parameter};
use super::{COMPONENT, RECORD_ITEMS};
use crate::Error;
use crate::model::{Condition, Parameter, ReportingPolicy};
use crate::process::{Call, CommandPlace, Measured, Record};

/// Gathers the records of a run in a buffer of the caller, without heap.
///
/// A platform hands it what the engine tells: `self.recorder.record(call, record)` in
/// [`Platform::record`](crate::process::Platform::record). It keeps, in order,
/// - a record of each success and failure that the reporting policy of its command asks for;
/// - a record of every other condition that failed, without which nobody can tell how the run went
///   (SUIT R §3: "a developer needs a list of metadata about failed conditions"); see
///   [`Recorder::only_by_policy`];
/// - the system property that a condition measured, if the policy asks for system information.
///
/// The failure that ends the run is told in the result, not in the list. When the buffer is full,
/// what comes later is counted and not kept: the report says how many items are missing.
#[derive(Debug)]
pub struct Recorder<'b> {
    buffer: &'b mut [u8],
    length: usize,
    items: usize,
    dropped: u32,
    /// The failure that was told last: it may be the one that ends the run.
    last: Option<Last>,
    is_only_by_policy: bool,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    place: CommandPlace,
    measured: Option<Measured>,
    is_wanted: bool,
}

impl<'b> Recorder<'b> {
    /// Nothing is recorded yet. A record takes about 8 bytes, and 40 more with a digest.
    #[must_use]
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        let (length, items, dropped, last) = (0, 0, 0, None);
        Self { buffer, length, items, dropped, last, is_only_by_policy: false }
    }

    /// Without the records of failed conditions that no reporting policy asks for: a server can
    /// replay such a report only if the author asked for them.
    #[must_use]
    pub fn only_by_policy(self) -> Self {
        Self { is_only_by_policy: true, ..self }
    }

    /// Forgets all, for the next run.
    pub fn clear(&mut self) {
        (self.length, self.items, self.dropped, self.last) = (0, 0, 0, None);
    }

    /// How many items had no room in the buffer.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Takes what the engine tells of a command.
    pub fn record(&mut self, call: &Call<'_>, record: &Record) {
        self.keep_last();
        let place = call.place(&record.position);
        let is_ok = record.result.is_ok();
        let (of_record, of_system) = if is_ok {
            (ReportingPolicy::RECORD_ON_SUCCESS, ReportingPolicy::SYSINFO_ON_SUCCESS)
        } else {
            (ReportingPolicy::RECORD_ON_FAILURE, ReportingPolicy::SYSINFO_ON_FAILURE)
        };
        if record.policy.has(of_system) {
            found(call, record).into_iter().for_each(|property| self.claim(call, property));
        }
        let is_wanted = record.policy.has(of_record);
        if !is_ok {
            let is_wanted = is_wanted || !self.is_only_by_policy && is_condition(record);
            self.last = Some(Last { place, measured: measured(call, record), is_wanted });
        } else if is_wanted {
            let found = found(call, record);
            self.put(|encoder| encode_record(&place, found, encoder));
        }
    }

    /// Adds a property of the system that the device knows of a component (SUIT R §4.1).
    pub fn claim(&mut self, call: &Call<'_>, property: Parameter<'_>) {
        self.keep_last();
        self.put(|encoder| {
            let mut map = encoder.map(2)?;
            let mut component = map.key(COMPONENT)?;
            component.array(call.path().count())?;
            call.path().try_for_each(|part| component.bytes(part).map(drop))?;
            property.encode_value(&mut map.key(property.code())?)?;
            Ok(map.end()?)
        });
    }

    /// The last failure did not end the run.
    pub(super) fn keep_last(&mut self) {
        let Some(last) = self.last.take().filter(|last| last.is_wanted) else { return };
        self.put(|encoder| {
            encode_record(&last.place, last.measured.as_ref().and_then(parameter), encoder)
        });
    }

    /// The run ended here: what was measured there, if it was the last failure that was told.
    pub(super) fn end_at(&mut self, place: &CommandPlace) -> Option<Measured> {
        match self.last {
            Some(last) if last.place == *place => {
                self.last = None;
                last.measured
            }
            _ => {
                self.keep_last();
                None
            }
        }
    }

    /// The items, as encoded, and their number.
    pub(super) fn items(&self) -> (&[u8], usize) {
        (self.buffer.get(..self.length).unwrap_or_default(), self.items)
    }

    /// Adds an item if it has room, and nothing was left out before it.
    fn put(&mut self, item: impl FnOnce(&mut Encoder<'_>) -> Result<(), Error>) {
        let space = self.buffer.get_mut(self.length..).filter(|_| self.dropped == 0);
        let mut output = SliceOutput::new(space.unwrap_or_default());
        if item(&mut Encoder::new(&mut output)).is_ok() {
            self.length = self.length.saturating_add(output.position());
            self.items = self.items.saturating_add(1);
        } else {
            self.dropped = self.dropped.saturating_add(1);
        }
    }
}

/// Commands of the platform's own are conditions where they fail without a fault.
const fn is_condition(record: &Record) -> bool {
    let code = record.position.command;
    Condition::from_code(code).is_some() || code <= crate::model::GREATEST_CUSTOM
}

/// SUIT R §3.
pub(super) fn encode_record(
    place: &CommandPlace,
    property: Option<Parameter<'_>>,
    encoder: &mut Encoder<'_>,
) -> Result<(), Error> {
    encoder.array(RECORD_ITEMS)?.array(place.path().len())?;
    place.path().iter().try_for_each(|index| encoder.unsigned(u64::from(*index)).map(drop))?;
    encoder.unsigned(u64::from(place.section))?.unsigned(u64::from(place.offset))?;
    encoder.unsigned(u64::from(place.component))?;
    let mut properties = encoder.map(usize::from(property.is_some()))?;
    if let Some(property) = property {
        property.encode_value(&mut properties.key(property.code())?)?;
    }
    Ok(properties.end()?)
}
