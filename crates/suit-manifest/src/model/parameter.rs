//! Parameters of components (SUIT §8.4.8).

use iotops_wire::cbor::{Cursor, Encoder, Type};

use super::list::map_entries;
use super::{ComponentMetadata, ParameterKey, SuitDigest, VersionMatch, WaitInfo};
use crate::Error;

/// CBOR tag for an object identifier below the private enterprise numbers (RFC 9090).
pub(crate) const TAG_PEN: u64 = 112;

/// A UUID as its 16 bytes.
pub type Uuid = [u8; 16];

/// Who made a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VendorIdentifier<'a> {
    /// A UUID.
    Uuid(&'a Uuid),
    /// An object identifier below the private enterprise numbers.
    Pen(&'a [u8]),
}

/// The value of a custom parameter: a hint, which no standard command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CustomValue<'a> {
    /// An integer.
    Integer(i64),
    /// A boolean.
    Bool(bool),
    /// A text.
    Text(&'a str),
    /// A byte string.
    Bytes(&'a [u8]),
}

/// The longest encryption info that is read: that for one device by ES-DH takes 140 bytes.
#[cfg(feature = "encryption")]
pub(crate) const INFO: usize = 512;
/// What SUIT FE §6 puts into the context of derived keys.
#[cfg(feature = "encryption")]
pub(crate) const KDF_CONTEXT: &[u8] = b"SUIT Payload Encryption";

/// How a payload is encrypted: a tagged `COSE_Encrypt`, kept as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncryptionInfo<'a>(&'a [u8]);

impl<'a> EncryptionInfo<'a> {
    /// An encoded `COSE_Encrypt`, which is checked when a manifest is built with it.
    #[must_use]
    pub const fn from_encoded(message: &'a [u8]) -> Self {
        Self(message)
    }

    /// The encoded `COSE_Encrypt`.
    #[must_use]
    pub const fn as_encoded(&self) -> &'a [u8] {
        self.0
    }
}

/// One parameter with its value.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Parameter<'a> {
    /// The vendor that the recipient must be of.
    VendorIdentifier(VendorIdentifier<'a>),
    /// The class that the recipient must be of.
    ClassIdentifier(&'a Uuid),
    /// The digest of the image.
    ImageDigest(SuitDigest<'a>),
    /// The time before which the manifest may be used, in seconds since the epoch.
    UseBefore(u64),
    /// The slot of the component.
    ComponentSlot(u64),
    /// Whether commands must be run in order.
    StrictOrder(bool),
    /// Whether a failed condition ends its sequence only.
    SoftFailure(bool),
    /// The size of the image in bytes.
    ImageSize(u64),
    /// Content to write or to compare.
    Content(&'a [u8]),
    /// How the payload is encrypted.
    EncryptionInfo(EncryptionInfo<'a>),
    /// Where to fetch from: a URI reference.
    Uri(&'a str),
    /// The component to copy from or to swap with.
    SourceComponent(u64),
    /// Arguments of the invoke directive.
    InvokeArguments(&'a [u8]),
    /// The device that the recipient must be.
    DeviceIdentifier(&'a Uuid),
    /// Arguments of the fetch directive.
    FetchArguments(&'a [u8]),
    /// The least charge of the battery, in mWh.
    MinimumBattery(u64),
    /// How urgent the update is; smaller is more urgent.
    UpdatePriority(i64),
    /// The version that the component must have.
    Version(VersionMatch<'a>),
    /// What to wait for.
    WaitInfo(WaitInfo<'a>),
    /// Metadata of the component as a file.
    ComponentMetadata(ComponentMetadata<'a>),
    /// A parameter of the platform's own, -256 or below.
    Custom(i64, CustomValue<'a>),
}

impl<'a> Parameter<'a> {
    /// Reads the value of parameter `code`, which was checked before.
    pub(crate) fn read(code: i64, cursor: &mut Cursor<'a>) -> Option<Self> {
        let Some(key) = ParameterKey::from_code(code) else {
            return Some(Self::Custom(code, CustomValue::read(cursor)?));
        };
        Some(match key {
            ParameterKey::VendorIdentifier => Self::VendorIdentifier(vendor(cursor)?),
            ParameterKey::ClassIdentifier => Self::ClassIdentifier(uuid(cursor)?),
            ParameterKey::ImageDigest => Self::ImageDigest(embedded(cursor, SuitDigest::read)?),
            ParameterKey::UseBefore => Self::UseBefore(cursor.unsigned().ok()?),
            ParameterKey::ComponentSlot => Self::ComponentSlot(cursor.unsigned().ok()?),
            ParameterKey::StrictOrder => Self::StrictOrder(cursor.boolean().ok()?),
            ParameterKey::SoftFailure => Self::SoftFailure(cursor.boolean().ok()?),
            ParameterKey::ImageSize => Self::ImageSize(cursor.unsigned().ok()?),
            ParameterKey::Content => Self::Content(cursor.bytes().ok()?),
            ParameterKey::EncryptionInfo => {
                Self::EncryptionInfo(EncryptionInfo(cursor.bytes().ok()?))
            }
            ParameterKey::Uri => Self::Uri(cursor.text().ok()?),
            ParameterKey::SourceComponent => Self::SourceComponent(cursor.unsigned().ok()?),
            ParameterKey::InvokeArguments => Self::InvokeArguments(cursor.bytes().ok()?),
            ParameterKey::DeviceIdentifier => Self::DeviceIdentifier(uuid(cursor)?),
            ParameterKey::FetchArguments => Self::FetchArguments(cursor.bytes().ok()?),
            ParameterKey::MinimumBattery => Self::MinimumBattery(cursor.unsigned().ok()?),
            ParameterKey::UpdatePriority => Self::UpdatePriority(cursor.integer().ok()?),
            ParameterKey::Version => Self::Version(embedded(cursor, VersionMatch::read)?),
            ParameterKey::WaitInfo => Self::WaitInfo(embedded(cursor, WaitInfo::read)?),
            ParameterKey::ComponentMetadata => {
                Self::ComponentMetadata(embedded(cursor, ComponentMetadata::read)?)
            }
        })
    }

    /// The code of the parameter.
    #[must_use]
    pub const fn code(&self) -> i64 {
        match self {
            Self::VendorIdentifier(_) => ParameterKey::VendorIdentifier.code(),
            Self::ClassIdentifier(_) => ParameterKey::ClassIdentifier.code(),
            Self::ImageDigest(_) => ParameterKey::ImageDigest.code(),
            Self::UseBefore(_) => ParameterKey::UseBefore.code(),
            Self::ComponentSlot(_) => ParameterKey::ComponentSlot.code(),
            Self::StrictOrder(_) => ParameterKey::StrictOrder.code(),
            Self::SoftFailure(_) => ParameterKey::SoftFailure.code(),
            Self::ImageSize(_) => ParameterKey::ImageSize.code(),
            Self::Content(_) => ParameterKey::Content.code(),
            Self::EncryptionInfo(_) => ParameterKey::EncryptionInfo.code(),
            Self::Uri(_) => ParameterKey::Uri.code(),
            Self::SourceComponent(_) => ParameterKey::SourceComponent.code(),
            Self::InvokeArguments(_) => ParameterKey::InvokeArguments.code(),
            Self::DeviceIdentifier(_) => ParameterKey::DeviceIdentifier.code(),
            Self::FetchArguments(_) => ParameterKey::FetchArguments.code(),
            Self::MinimumBattery(_) => ParameterKey::MinimumBattery.code(),
            Self::UpdatePriority(_) => ParameterKey::UpdatePriority.code(),
            Self::Version(_) => ParameterKey::Version.code(),
            Self::WaitInfo(_) => ParameterKey::WaitInfo.code(),
            Self::ComponentMetadata(_) => ParameterKey::ComponentMetadata.code(),
            Self::Custom(code, _) => *code,
        }
    }

    /// Writes the value.
    pub(crate) fn encode_value(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::VendorIdentifier(VendorIdentifier::Uuid(uuid)) => encoder.bytes(*uuid)?,
            Self::VendorIdentifier(VendorIdentifier::Pen(pen)) => {
                encoder.tag(TAG_PEN)?.bytes(pen)?
            }
            Self::ClassIdentifier(uuid) | Self::DeviceIdentifier(uuid) => encoder.bytes(*uuid)?,
            Self::ImageDigest(digest) => encoder.wrapped(|inner| digest.encode(inner))?,
            Self::UseBefore(value)
            | Self::ComponentSlot(value)
            | Self::ImageSize(value)
            | Self::SourceComponent(value)
            | Self::MinimumBattery(value) => encoder.unsigned(*value)?,
            Self::StrictOrder(value) | Self::SoftFailure(value) => encoder.boolean(*value)?,
            Self::Content(bytes) | Self::InvokeArguments(bytes) | Self::FetchArguments(bytes) => {
                encoder.bytes(bytes)?
            }
            Self::EncryptionInfo(info) => encoder.bytes(info.as_encoded())?,
            Self::Uri(uri) => encoder.text(uri)?,
            Self::UpdatePriority(priority) => encoder.integer(*priority)?,
            Self::Version(version) => encoder.wrapped(|inner| version.encode(inner))?,
            Self::WaitInfo(info) => encoder.wrapped(|inner| info.encode(inner))?,
            Self::ComponentMetadata(metadata) => encoder.wrapped(|inner| metadata.encode(inner))?,
            Self::Custom(_, value) => value.encode(encoder)?,
        };
        Ok(())
    }
}

impl<'a> CustomValue<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        Some(match cursor.peek()? {
            Type::Bool => Self::Bool(cursor.boolean().ok()?),
            Type::Text => Self::Text(cursor.text().ok()?),
            Type::Bytes => Self::Bytes(cursor.bytes().ok()?),
            _ => Self::Integer(cursor.integer().ok()?),
        })
    }

    fn encode<'e, 'o>(&self, encoder: &'e mut Encoder<'o>) -> Result<&'e mut Encoder<'o>, Error> {
        Ok(match self {
            Self::Integer(value) => encoder.integer(*value)?,
            Self::Bool(value) => encoder.boolean(*value)?,
            Self::Text(value) => encoder.text(value)?,
            Self::Bytes(value) => encoder.bytes(value)?,
        })
    }
}

/// Reads a byte string that holds one item, which `read` reads.
fn embedded<'a, T>(
    cursor: &mut Cursor<'a>,
    read: impl FnOnce(&mut Cursor<'a>) -> Result<T, Error>,
) -> Option<T> {
    read(&mut cursor.embedded().ok()?).ok()
}

fn uuid<'a>(cursor: &mut Cursor<'a>) -> Option<&'a Uuid> {
    cursor.bytes().ok()?.try_into().ok()
}

fn vendor<'a>(cursor: &mut Cursor<'a>) -> Option<VendorIdentifier<'a>> {
    if cursor.peek()? != Type::Tag {
        return Some(VendorIdentifier::Uuid(uuid(cursor)?));
    }
    cursor.tag().ok()?;
    Some(VendorIdentifier::Pen(cursor.bytes().ok()?))
}

/// Parameters with their values: in a manifest, never empty.
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a> {
    entries: Cursor<'a>,
    count: usize,
}

impl<'a> Parameters<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let (entries, count) = map_entries(cursor)?;
        Some(Self { entries, count })
    }

    /// The rest of a map of `count` entries, which was checked before.
    #[cfg(feature = "report")]
    pub(crate) const fn behind(entries: Cursor<'a>, count: usize) -> Self {
        Self { entries, count }
    }

    /// The parameter of this key, if it is there.
    #[cfg(feature = "report")]
    pub(crate) fn find(&self, key: ParameterKey) -> Option<Parameter<'a>> {
        self.iter().find(|parameter| parameter.code() == key.code())
    }

    /// The number of parameters.
    #[cfg(feature = "report")]
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// The parameters, in the order of their codes.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn iter(&self) -> impl Iterator<Item = Parameter<'a>> + use<'a> {
        let mut cursor = self.entries;
        (0..self.count).map_while(move |_| {
            let code = cursor.integer().ok()?;
            Parameter::read(code, &mut cursor)
        })
    }

    /// The parameters, each with the offset of its key.
    #[cfg(any(feature = "alloc", feature = "report"))]
    pub(crate) fn placed(&self) -> impl Iterator<Item = (u32, Parameter<'a>)> + use<'a> {
        let mut cursor = self.entries;
        (0..self.count).map_while(move |_| {
            let offset = cursor.offset();
            let code = cursor.integer().ok()?;
            Some((offset, Parameter::read(code, &mut cursor)?))
        })
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.count)?;
        for parameter in self.iter() {
            parameter.encode_value(&mut map.key(parameter.code())?)?;
        }
        Ok(map.end()?)
    }
}
