//! Static validation of parameters.

use iotops_crypto::cose::TAG_ENCRYPT;
use iotops_wire::cbor::{Ascending, Cursor, Type};

use super::managed;
use super::sequence::{Scope, is_custom};
#[cfg(feature = "report")]
use crate::model::{Components, Dependencies};
use crate::model::{ParameterKey, SuitDigest, TAG_PEN};
use crate::{Error, rules};

const UUID_LENGTH: usize = 16;
const ENCRYPT_ITEMS: usize = 4;

/// Checks a map of parameters.
pub(super) fn check(cursor: &mut Cursor<'_>, scope: &Scope<'_>) -> Result<(), Error> {
    let start = cursor.position();
    let count = cursor.map()?;
    if count == 0 {
        return Err(cursor.error_at(start, rules::PARAMETERS_EMPTY).into());
    }
    let mut order = Ascending::new();
    for _ in 0..count {
        let key = cursor.position();
        let code = order.key(cursor)?;
        match ParameterKey::from_code(code) {
            Some(parameter) => value(parameter, cursor, key, scope)?,
            None => custom(code, cursor, key, scope)?,
        }
    }
    Ok(())
}

/// Checks the value of parameter `code`, wherever it is no command that sets it. The key stands at
/// `key`.
#[cfg(feature = "report")]
pub(crate) fn check_measured(code: i64, cursor: &mut Cursor<'_>, key: usize) -> Result<(), Error> {
    let none = Dependencies::reread(None);
    let mut scope = Scope::shared(Components::reread(Cursor::default()), &none);
    (scope.is_shared, scope.is_nested) = (false, true);
    match ParameterKey::from_code(code) {
        Some(ParameterKey::SourceComponent) => done(cursor.unsigned()),
        Some(parameter) => value(parameter, cursor, key, &scope),
        None => custom(code, cursor, key, &scope),
    }
}

#[inline]
fn value(
    parameter: ParameterKey,
    cursor: &mut Cursor<'_>,
    key: usize,
    scope: &Scope<'_>,
) -> Result<(), Error> {
    match parameter {
        ParameterKey::VendorIdentifier => vendor(cursor),
        ParameterKey::ClassIdentifier | ParameterKey::DeviceIdentifier => uuid(cursor),
        ParameterKey::ImageDigest => embedded(cursor, SuitDigest::check),
        ParameterKey::UseBefore
        | ParameterKey::ComponentSlot
        | ParameterKey::ImageSize
        | ParameterKey::MinimumBattery => done(cursor.unsigned()),
        ParameterKey::SoftFailure if !scope.is_nested => {
            // SUIT §8.4.8.15: "It MUST NOT be set outside of suit-directive-try-each or
            // suit-directive-run-sequence".
            Err(cursor.error_at(key, rules::SOFT_FAILURE).into())
        }
        ParameterKey::StrictOrder | ParameterKey::SoftFailure => done(cursor.boolean()),
        ParameterKey::Content | ParameterKey::InvokeArguments | ParameterKey::FetchArguments => {
            done(cursor.bytes())
        }
        ParameterKey::Uri => done(cursor.text()),
        ParameterKey::SourceComponent => source(cursor, scope),
        ParameterKey::UpdatePriority => done(cursor.integer()),
        ParameterKey::EncryptionInfo => embedded(cursor, encryption_info),
        ParameterKey::Version | ParameterKey::WaitInfo | ParameterKey::ComponentMetadata => {
            managed::parameter(parameter, cursor, key)
        }
    }
}

/// A value of which only the type matters.
#[inline]
fn done<T>(read: Result<T, iotops_wire::Error>) -> Result<(), Error> {
    match read {
        Ok(_) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Checks a byte string that holds one item, which `item` checks.
#[inline]
pub(super) fn embedded<'a>(
    cursor: &mut Cursor<'a>,
    item: impl FnOnce(&mut Cursor<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut content = cursor.embedded()?;
    item(&mut content)?;
    Ok(content.end()?)
}

#[inline]
fn uuid(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    let start = cursor.position();
    if cursor.bytes()?.len() == UUID_LENGTH {
        return Ok(());
    }
    Err(cursor.error_at(start, rules::UUID).into())
}

#[inline]
fn vendor(cursor: &mut Cursor<'_>) -> Result<(), Error> {
    if cursor.peek() != Some(Type::Tag) {
        return uuid(cursor);
    }
    let start = cursor.position();
    if cursor.tag()? != TAG_PEN {
        return Err(cursor.error_at(start, rules::UUID).into());
    }
    done(cursor.bytes())
}

fn source(cursor: &mut Cursor<'_>, scope: &Scope<'_>) -> Result<(), Error> {
    let start = cursor.position();
    let index = cursor.unsigned()?;
    if !scope.has_component(index) {
        return Err(cursor.error_at(start, rules::SOURCE_RANGE).into());
    }
    // No draft forbids it; copying onto itself erases the source on most flash.
    if scope.current == index {
        return Err(cursor.error_at(start, rules::SOURCE_SELF).into());
    }
    Ok(())
}

/// SUIT FE App. A: `#6.96(COSE_Encrypt)`.
///
/// What is in it is read when it is used, and kept as it came until then: SUIT §8.1 orders the
/// maps of the manifest and its envelope, not those of COSE messages in byte strings, and
/// published examples have unsorted ephemeral keys there.
fn encryption_info(content: &mut Cursor<'_>) -> Result<(), Error> {
    let start = content.position();
    if content.tag()? != TAG_ENCRYPT || content.array()? != ENCRYPT_ITEMS {
        return Err(content.error_at(start, rules::ENCRYPTION_INFO).into());
    }
    done(content.bytes())?;
    content.skip_rest();
    Ok(())
}

#[cold]
fn custom(code: i64, cursor: &mut Cursor<'_>, key: usize, scope: &Scope<'_>) -> Result<(), Error> {
    if !is_custom(code) {
        return Err(cursor.error_at(key, rules::PARAMETER).into());
    }
    // SUIT §8.4.8.16: "It MUST NOT be used in the shared sequence."
    if scope.is_shared {
        return Err(cursor.error_at(key, rules::PARAMETER_SHARED).into());
    }
    match cursor.peek() {
        Some(Type::Unsigned | Type::Negative | Type::Bool | Type::Text | Type::Bytes) => {
            Ok(cursor.skip()?)
        }
        _ => Err(cursor.error(rules::CUSTOM_PARAMETER).into()),
    }
}
