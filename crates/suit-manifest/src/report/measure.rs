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

/// What is known of the device by a record: what was measured; or what a condition found by what it
/// gave, as one did that held before the power failed.
pub(super) fn found<'a>(call: &Call<'a>, record: &'a Record) -> Option<Parameter<'a>> {
    if let Some(measured) = &record.measured {
        return parameter(measured);
    }
    let condition = Condition::from_code(record.position.command)?;
    let wanted = call.parameter(consumed(condition)?)?;
    match (condition, wanted) {
        // An image that must differ and does not is the one that is named.
        (Condition::ImageNotMatch, _) => record.result.is_err().then_some(wanted),
        _ if record.result.is_err() => None,
        (_, Parameter::UseBefore(limit)) => Some(Parameter::UseBefore(limit.saturating_sub(1))),
        _ => Some(wanted),
    }
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
/// from this information, so it is not included").
pub(super) fn held(
    condition: Condition,
    wanted: Option<Parameter<'_>>,
    properties: &Parameters<'_>,
) -> bool {
    let (Some(key), Some(wanted)) = (consumed(condition), wanted) else { return false };
    match (condition, properties.find(key)) {
        (Condition::ImageNotMatch, found) => !found.is_some_and(|found| is_same(wanted, found)),
        (_, None) => false,
        (Condition::UseBefore | Condition::MinimumBattery, Some(found)) => is_within(wanted, found),
        (Condition::Version, Some(_)) => true,
        (_, Some(found)) => is_same(wanted, found),
    }
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
