//! Metadata of a component that is a file (SUIT UM §4.6).

use iotops_wire::Time;
use iotops_wire::cbor::{Ascending, Cursor, Encoder, Type};

use super::FileType;
use crate::{Error, rules};

const DEFAULT_PERMISSIONS: i64 = 1;
const USER_PERMISSIONS: i64 = 2;
const GROUP_PERMISSIONS: i64 = 3;
const ROLE_PERMISSIONS: i64 = 4;
const FILE_TYPE: i64 = 5;
const MODIFICATION_TIME: i64 = 6;
const CREATION_TIME: i64 = 7;
const CREATOR: i64 = 8;

const TAG_EPOCH_TIME: u64 = 1;
const TAG_UUID: u64 = 37;

/// What is to be known of a component beside its content.
#[derive(Clone, Copy, Debug)]
pub struct ComponentMetadata<'a>(Cursor<'a>);

impl<'a> ComponentMetadata<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let encoded = *cursor;
        MetadataFields::read(cursor)?;
        Ok(Self(encoded))
    }

    /// The fields, decoded.
    #[must_use]
    pub fn fields(&self) -> MetadataFields<'a> {
        let mut cursor = self.0;
        MetadataFields::read(&mut cursor).unwrap_or_default()
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        self.fields().encode(encoder)
    }
}

/// The fields of [`ComponentMetadata`].
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct MetadataFields<'a> {
    /// Permissions of everyone.
    pub default_permissions: Option<Permissions>,
    /// Permissions by user.
    pub user_permissions: Option<ActorPermissions<'a>>,
    /// Permissions by group.
    pub group_permissions: Option<ActorPermissions<'a>>,
    /// Permissions by role.
    pub role_permissions: Option<ActorPermissions<'a>>,
    /// The type of the file.
    pub file_type: Option<FileType>,
    /// When it was changed.
    pub modification_time: Option<Time>,
    /// When it was made.
    pub creation_time: Option<Time>,
    /// Who made it.
    pub creator: Option<ActorId<'a>>,
}

impl<'a> MetadataFields<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let count = cursor.map()?;
        let mut order = Ascending::new();
        let mut metadata = Self::default();
        for _ in 0..count {
            let start = cursor.position();
            let key = order.key(cursor)?;
            metadata.read_entry(key, cursor, start)?;
        }
        Ok(metadata)
    }

    fn read_entry(&mut self, key: i64, cursor: &mut Cursor<'a>, start: usize) -> Result<(), Error> {
        match key {
            DEFAULT_PERMISSIONS => self.default_permissions = Some(Permissions::read(cursor)?),
            USER_PERMISSIONS => self.user_permissions = Some(ActorPermissions::read(cursor)?),
            GROUP_PERMISSIONS => self.group_permissions = Some(ActorPermissions::read(cursor)?),
            ROLE_PERMISSIONS => self.role_permissions = Some(ActorPermissions::read(cursor)?),
            FILE_TYPE => self.file_type = Some(file_type(cursor)?),
            MODIFICATION_TIME => self.modification_time = Some(time(cursor)?),
            CREATION_TIME => self.creation_time = Some(time(cursor)?),
            CREATOR => self.creator = Some(ActorId::read(cursor)?),
            _ => return Err(cursor.error_at(start, rules::METADATA).into()),
        }
        Ok(())
    }

    fn count(&self) -> usize {
        [
            self.default_permissions.is_some(),
            self.user_permissions.is_some(),
            self.group_permissions.is_some(),
            self.role_permissions.is_some(),
            self.file_type.is_some(),
            self.modification_time.is_some(),
            self.creation_time.is_some(),
            self.creator.is_some(),
        ]
        .into_iter()
        .filter(|present| *present)
        .count()
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.count())?;
        if let Some(permissions) = self.default_permissions {
            map.key(DEFAULT_PERMISSIONS)?.unsigned(permissions.bits())?;
        }
        for (key, permissions) in [
            (USER_PERMISSIONS, self.user_permissions),
            (GROUP_PERMISSIONS, self.group_permissions),
            (ROLE_PERMISSIONS, self.role_permissions),
        ] {
            if let Some(permissions) = permissions {
                permissions.encode(&mut map.key(key)?)?;
            }
        }
        if let Some(file_type) = self.file_type {
            map.key(FILE_TYPE)?.integer(file_type.code())?;
        }
        for (key, time) in
            [(MODIFICATION_TIME, self.modification_time), (CREATION_TIME, self.creation_time)]
        {
            if let Some(time) = time {
                map.key(key)?.tag(TAG_EPOCH_TIME)?.unsigned(time.unix())?;
            }
        }
        if let Some(creator) = self.creator {
            creator.encode(&mut map.key(CREATOR)?)?;
        }
        Ok(map.end()?)
    }
}

fn file_type(cursor: &mut Cursor<'_>) -> Result<FileType, Error> {
    let start = cursor.position();
    FileType::from_code(cursor.integer()?)
        .ok_or_else(|| cursor.error_at(start, rules::METADATA).into())
}

fn time(cursor: &mut Cursor<'_>) -> Result<Time, Error> {
    let start = cursor.position();
    if cursor.tag()? != TAG_EPOCH_TIME {
        return Err(cursor.error_at(start, rules::METADATA).into());
    }
    Ok(Time::from_unix(cursor.unsigned()?))
}

/// Permission bits 0 to 13 of SUIT UM §4.6.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Permissions(u64);

impl Permissions {
    const ALL: u64 = 0x3fff;

    fn read(cursor: &mut Cursor<'_>) -> Result<Self, Error> {
        let start = cursor.position();
        let bits = cursor.unsigned()?;
        if bits > Self::ALL {
            Err(cursor.error_at(start, rules::METADATA).into())
        } else {
            Ok(Self(bits))
        }
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }
}

/// Permissions for users, groups or roles; never empty.
#[derive(Clone, Copy, Debug)]
pub struct ActorPermissions<'a> {
    entries: Cursor<'a>,
    count: usize,
}

impl<'a> ActorPermissions<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        let count = cursor.map()?;
        if count == 0 {
            return Err(cursor.error_at(start, rules::METADATA).into());
        }
        let entries = *cursor;
        let mut previous: &[u8] = &[];
        for _ in 0..count {
            let key = cursor.position();
            ActorId::read(cursor)?;
            previous = cursor.ascending(key, previous)?;
            Permissions::read(cursor)?;
        }
        Ok(Self { entries, count })
    }

    /// Who has which permissions.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn iter(&self) -> impl Iterator<Item = (ActorId<'a>, Permissions)> + use<'a> {
        let mut cursor = self.entries;
        (0..self.count).map_while(move |_| {
            let actor = ActorId::read(&mut cursor).ok()?;
            Some((actor, Permissions::read(&mut cursor).ok()?))
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.count)?;
        for (actor, permissions) in self.iter() {
            let mut entry = map.entry()?;
            actor.encode(&mut entry)?;
            entry.unsigned(permissions.bits())?;
        }
        Ok(map.end()?)
    }
}

/// A user, group or role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActorId<'a> {
    /// A number of the platform.
    Number(i64),
    /// A byte string of the platform.
    Bytes(&'a [u8]),
    /// A name.
    Name(&'a str),
    /// A UUID, tagged as one.
    Uuid(&'a [u8]),
}

impl<'a> ActorId<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        Ok(match cursor.peek() {
            Some(Type::Unsigned | Type::Negative) => Self::Number(cursor.integer()?),
            Some(Type::Bytes) => Self::Bytes(cursor.bytes()?),
            Some(Type::Text) => Self::Name(cursor.text()?),
            Some(Type::Tag) if cursor.tag()? == TAG_UUID => Self::Uuid(cursor.bytes()?),
            _ => return Err(cursor.error_at(start, rules::METADATA).into()),
        })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::Number(number) => encoder.integer(*number)?,
            Self::Bytes(bytes) => encoder.bytes(bytes)?,
            Self::Name(name) => encoder.text(name)?,
            Self::Uuid(bytes) => encoder.tag(TAG_UUID)?.bytes(bytes)?,
        };
        Ok(())
    }
}
