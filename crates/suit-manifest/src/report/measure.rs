//! What a condition compares, and what a record tells of it.

use crate::model::{Condition, Parameter, ParameterKey, Parameters, SuitDigest};
use crate::process::{Call, Measured, Record};

/// The parameter that a condition consumes.
pub(super) const fn consumed(condition: Condition) -> Option<ParameterKey> {
    Some(match condition {
        Condition::VendorIdentifier => ParameterKey::VendorIdentifier,
        Condition::ClassIdentifier => ParameterKey::ClassIdentifier,
        Condition::DeviceIdentifier => ParameterKey::DeviceIdentifier,
        Condition::ImageMatch | Condition::ImageNotMatch => ParameterKey::ImageDigest,
        Condition::UseBefore => ParameterKey::UseBefore,
        Condition::ComponentSlot => ParameterKey::ComponentSlot,
        Condition::CheckContent => ParameterKey::Content,
        Condition::MinimumBattery => ParameterKey::MinimumBattery,
        Condition::UpdateAuthorized => ParameterKey::UpdatePriority,
        Condition::Version => ParameterKey::Version,
        Condition::DependencyIntegrity | Condition::IsDependency | Condition::Abort => return None,
    })
}

/// Whether a condition that holds has found just what it consumes, or something that only it can
/// know.
const fn finds_what_it_asks(condition: Condition) -> bool {
    !matches!(
        condition,
        Condition::ImageNotMatch | Condition::UseBefore | Condition::MinimumBattery
    )
}

/// What was measured, as a parameter.
pub(super) fn parameter(measured: &Measured) -> Option<Parameter<'_>> {
    Some(match measured {
        Measured::Digest(algorithm, digest) => {
            Parameter::ImageDigest(SuitDigest::new(*algorithm, digest.as_bytes()).ok()?)
        }
        Measured::Slot(slot) => Parameter::ComponentSlot(*slot),
        Measured::Time(seconds) => Parameter::UseBefore(*seconds),
        Measured::Battery(charge) => Parameter::MinimumBattery(*charge),
    })
}

/// What is known of the device by a record: what was measured, or what a condition that holds has
/// found, which is what it asks for.
pub(super) fn found<'a>(call: &Call<'a>, record: &'a Record) -> Option<Parameter<'a>> {
    if let Some(measured) = &record.measured {
        return parameter(measured);
    }
    let condition = Condition::from_code(record.position.command)?;
    // An image that must differ and does not is the one that is named.
    let is_known = record.result.is_ok() == finds_what_it_asks(condition)
        && (record.result.is_ok() || condition == Condition::ImageNotMatch);
    if is_known { call.parameter(consumed(condition)?) } else { None }
}

/// The same for a record of a failure, as something that outlives the call.
pub(super) fn measured(call: &Call<'_>, record: &Record) -> Option<Measured> {
    match (record.measured, found(call, record)) {
        (None, Some(Parameter::ImageDigest(digest))) => {
            let bytes = iotops_crypto::Digest::from_bytes(digest.bytes())?;
            Some(Measured::Digest(digest.algorithm(), bytes))
        }
        (measured, _) => measured,
    }
}

/// Whether a condition held by what a report tells of it (SUIT R §3: "The decision can be inferred
/// from this information, so it is not included"); `None` if it tells nothing.
pub(super) fn held(
    condition: Condition,
    wanted: Option<Parameter<'_>>,
    properties: &Parameters<'_>,
) -> Option<bool> {
    let key = consumed(condition)?;
    let Some(wanted) = wanted else { return Some(false) };
    let Some(found) = properties.find(key) else {
        return finds_what_it_asks(condition).then_some(false);
    };
    Some(match condition {
        Condition::ImageNotMatch => !is_same(wanted, found),
        Condition::UseBefore | Condition::MinimumBattery => is_within(wanted, found),
        Condition::Version => true,
        _ => is_same(wanted, found),
    })
}

fn is_same(wanted: Parameter<'_>, found: Parameter<'_>) -> bool {
    match (wanted, found) {
        (Parameter::VendorIdentifier(a), Parameter::VendorIdentifier(b)) => a == b,
        (Parameter::ClassIdentifier(a), Parameter::ClassIdentifier(b))
        | (Parameter::DeviceIdentifier(a), Parameter::DeviceIdentifier(b)) => a == b,
        (Parameter::ImageDigest(a), Parameter::ImageDigest(b)) => a == b,
        (Parameter::ComponentSlot(a), Parameter::ComponentSlot(b)) => a == b,
        (Parameter::Content(a), Parameter::Content(b)) => a == b,
        (Parameter::UpdatePriority(a), Parameter::UpdatePriority(b)) => a == b,
        _ => false,
    }
}

const fn is_within(wanted: Parameter<'_>, found: Parameter<'_>) -> bool {
    match (wanted, found) {
        (Parameter::UseBefore(limit), Parameter::UseBefore(now)) => now < limit,
        (Parameter::MinimumBattery(least), Parameter::MinimumBattery(charge)) => charge >= least,
        _ => false,
    }
}
