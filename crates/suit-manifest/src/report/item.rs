//! Records and claims of a report, as views (SUIT R §3, §4.1).

use iotops_wire::cbor::{Ascending, Cursor, Encoder, Type};

use super::{COMPONENT, DROPPED, RECORD_ITEMS};
use crate::decode::check_measured;
use crate::model::{ComponentIdentifier, CustomValue, Parameter, Parameters};
use crate::process::CommandPlace;
use crate::{Error, rules};

/// One of the list of a report.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Item<'a> {
    /// What a command did.
    Record(ReportRecord<'a>),
    /// Properties of the system.
    Claims(Claims<'a>),
}

impl<'a> Item<'a> {
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        Ok(match cursor.peek() {
            Some(Type::Map) => Self::Claims(Claims::read(cursor)?),
            _ => Self::Record(ReportRecord::read(cursor)?),
        })
    }

    pub(super) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::Record(record) => record.encode(encoder),
            Self::Claims(claims) => claims.encode(encoder),
        }
    }
}

/// The list of a report, in order.
#[derive(Clone, Debug)]
pub struct Items<'a> {
    cursor: Cursor<'a>,
    left: usize,
}

impl<'a> Items<'a> {
    /// The list here, which was checked before.
    pub(super) fn reread(mut cursor: Cursor<'a>) -> Self {
        let left = cursor.array().unwrap_or(0);
        Self { cursor, left }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        self.left = self.left.checked_sub(1)?;
        Item::read(&mut self.cursor).ok()
    }
}

/// The component indices that lead from the root manifest to one of its dependencies; none for the
/// root itself.
#[derive(Clone, Copy, Debug)]
pub struct ManifestId<'a> {
    items: Cursor<'a>,
    count: usize,
}

impl<'a> ManifestId<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let count = cursor.array()?;
        let items = *cursor;
        for _ in 0..count {
            cursor.unsigned()?;
        }
        Ok(Self { items, count })
    }

    /// The indices, from the root on.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn iter(&self) -> impl Iterator<Item = u64> + use<'a> {
        let mut cursor = self.items;
        (0..self.count).map_while(move |_| cursor.unsigned().ok())
    }
}

/// What a command did, without saying whether it succeeded: that shows when the manifest is run
/// again with it (SUIT R §3).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ReportRecord<'a> {
    /// Where the record stands in the report.
    pub offset: u32,
    /// The manifest that the command is in.
    pub manifest_id: ManifestId<'a>,
    /// The code of the section; 4 for the shared sequence, 0 before any command.
    pub section: i64,
    /// Bytes from the first of the section to the command.
    pub section_offset: u64,
    /// The index of the current component in the manifest.
    pub component_index: u64,
    /// What was measured.
    pub properties: Parameters<'a>,
}

impl<'a> ReportRecord<'a> {
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let (start, offset) = (cursor.position(), cursor.offset());
        if cursor.array()? != RECORD_ITEMS {
            return Err(cursor.error_at(start, rules::REPORT_RECORD).into());
        }
        Ok(Self {
            offset,
            manifest_id: ManifestId::read(cursor)?,
            section: cursor.integer()?,
            section_offset: cursor.unsigned()?,
            component_index: cursor.unsigned()?,
            properties: properties(cursor)?,
        })
    }

    pub(super) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.array(RECORD_ITEMS)?.array(self.manifest_id.count)?;
        self.manifest_id.iter().try_for_each(|index| encoder.unsigned(index).map(drop))?;
        encoder.integer(self.section)?.unsigned(self.section_offset)?;
        encoder.unsigned(self.component_index)?;
        self.properties.encode(encoder)
    }

    /// Whether it is of the command in this place.
    pub(super) fn is_at(&self, place: &CommandPlace) -> bool {
        self.section == i64::from(place.section)
            && self.section_offset == u64::from(place.offset)
            && self.component_index == u64::from(place.component)
            && self.manifest_id.iter().eq(place.path().iter().map(|index| u64::from(*index)))
    }
}

/// Properties that the system has by its own account, of one component (SUIT R §4.1).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Claims<'a> {
    /// Where the claims stand in the report.
    pub offset: u32,
    /// The component.
    pub component: ComponentIdentifier<'a>,
    /// Its properties; never empty.
    pub properties: Parameters<'a>,
}

impl<'a> Claims<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let (start, offset) = (cursor.position(), cursor.offset());
        let count = cursor.map()?;
        if count < 2 || cursor.integer()? != COMPONENT {
            return Err(cursor.error_at(start, rules::REPORT_CLAIMS).into());
        }
        let component = ComponentIdentifier::read(cursor)?;
        let count = count.saturating_sub(1);
        let properties = entries(cursor, count, Ascending::after(0))?;
        Ok(Self { offset, component, properties })
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.properties.count().saturating_add(1))?;
        self.component.encode(&mut map.key(COMPONENT)?)?;
        for parameter in self.properties.iter() {
            parameter.encode_value(&mut map.key(parameter.code())?)?;
        }
        Ok(map.end()?)
    }

    /// How many items the recorder had no room for, if this is the claim that says so.
    pub(super) fn dropped(&self) -> Option<u64> {
        if self.component.parts().next().is_some() {
            return None;
        }
        self.properties.iter().find_map(|parameter| match parameter {
            Parameter::Custom(DROPPED, CustomValue::Integer(count)) => u64::try_from(count).ok(),
            _ => None,
        })
    }
}

/// A map of parameters, which may be empty.
fn properties<'a>(cursor: &mut Cursor<'a>) -> Result<Parameters<'a>, Error> {
    let count = cursor.map()?;
    entries(cursor, count, Ascending::new())
}

fn entries<'a>(
    cursor: &mut Cursor<'a>,
    count: usize,
    mut order: Ascending,
) -> Result<Parameters<'a>, Error> {
    let entries = *cursor;
    for _ in 0..count {
        let key = cursor.position();
        let code = order.key(cursor)?;
        check_measured(code, cursor, key)?;
    }
    Ok(Parameters::behind(entries, count))
}
