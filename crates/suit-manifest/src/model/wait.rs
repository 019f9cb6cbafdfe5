//! Events that the wait directive waits for (SUIT UM §4.5).

use iotops_wire::cbor::{Ascending, Cursor, Encoder};

use super::{Event, VersionMatch};
use crate::{Error, rules};

const OTHER_DEVICE_ITEMS: usize = 2;

/// The events to wait for, all of them; never empty.
#[derive(Clone, Copy, Debug)]
pub struct WaitInfo<'a> {
    entries: Cursor<'a>,
    count: usize,
}

/// One event.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum WaitEvent<'a> {
    /// Authorization, with an argument that the platform defines.
    Authorization(i64),
    /// External power.
    Power(i64),
    /// A network.
    Network(i64),
    /// Another device has one of some versions.
    OtherDeviceVersion(OtherDevice<'a>),
    /// A moment, in seconds since the epoch.
    Time(u64),
    /// Seconds since local midnight.
    TimeOfDay(u64),
    /// Days since Sunday, local.
    DayOfWeek(u64),
    /// Seconds since midnight in UTC.
    TimeOfDayUtc(u64),
    /// Days since Sunday in UTC.
    DayOfWeekUtc(u64),
}

impl<'a> WaitEvent<'a> {
    fn read(event: Event, cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        Ok(match event {
            Event::Authorization => Self::Authorization(cursor.integer()?),
            Event::Power => Self::Power(cursor.integer()?),
            Event::Network => Self::Network(cursor.integer()?),
            Event::OtherDeviceVersion => Self::OtherDeviceVersion(OtherDevice::read(cursor)?),
            Event::Time => Self::Time(cursor.unsigned()?),
            Event::TimeOfDay => Self::TimeOfDay(cursor.unsigned()?),
            Event::DayOfWeek => Self::DayOfWeek(cursor.unsigned()?),
            Event::TimeOfDayUtc => Self::TimeOfDayUtc(cursor.unsigned()?),
            Event::DayOfWeekUtc => Self::DayOfWeekUtc(cursor.unsigned()?),
        })
    }

    /// Which event it is.
    #[must_use]
    pub const fn event(&self) -> Event {
        match self {
            Self::Authorization(_) => Event::Authorization,
            Self::Power(_) => Event::Power,
            Self::Network(_) => Event::Network,
            Self::OtherDeviceVersion(_) => Event::OtherDeviceVersion,
            Self::Time(_) => Event::Time,
            Self::TimeOfDay(_) => Event::TimeOfDay,
            Self::DayOfWeek(_) => Event::DayOfWeek,
            Self::TimeOfDayUtc(_) => Event::TimeOfDayUtc,
            Self::DayOfWeekUtc(_) => Event::DayOfWeekUtc,
        }
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::Authorization(argument) | Self::Power(argument) | Self::Network(argument) => {
                encoder.integer(*argument)?;
            }
            Self::OtherDeviceVersion(other) => other.encode(encoder)?,
            Self::Time(value)
            | Self::TimeOfDay(value)
            | Self::DayOfWeek(value)
            | Self::TimeOfDayUtc(value)
            | Self::DayOfWeekUtc(value) => {
                encoder.unsigned(*value)?;
            }
        }
        Ok(())
    }
}

impl<'a> WaitInfo<'a> {
    pub(crate) fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        let count = cursor.map()?;
        if count == 0 {
            return Err(cursor.error_at(start, rules::WAIT_EVENT).into());
        }
        let entries = *cursor;
        let mut order = Ascending::new();
        for _ in 0..count {
            read_entry(&mut order, cursor)?;
        }
        Ok(Self { entries, count })
    }

    /// The events, in the order of their codes.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn events(&self) -> impl Iterator<Item = WaitEvent<'a>> + use<'a> {
        let mut cursor = self.entries;
        let mut order = Ascending::new();
        (0..self.count).map_while(move |_| read_entry(&mut order, &mut cursor).ok())
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        let mut map = encoder.map(self.count)?;
        for event in self.events() {
            event.encode(&mut map.key(event.event().code())?)?;
        }
        Ok(map.end()?)
    }
}

fn read_entry<'a>(order: &mut Ascending, cursor: &mut Cursor<'a>) -> Result<WaitEvent<'a>, Error> {
    let start = cursor.position();
    let Some(event) = Event::from_code(order.key(cursor)?) else {
        return Err(cursor.error_at(start, rules::WAIT_EVENT).into());
    };
    WaitEvent::read(event, cursor)
}

/// Another device, and the versions that one waits for.
#[derive(Clone, Copy, Debug)]
pub struct OtherDevice<'a> {
    device: &'a [u8],
    matches: Cursor<'a>,
    count: usize,
}

impl<'a> OtherDevice<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, Error> {
        let start = cursor.position();
        if cursor.array()? != OTHER_DEVICE_ITEMS {
            return Err(cursor.error_at(start, rules::WAIT_EVENT).into());
        }
        let device = cursor.bytes()?;
        let list = cursor.position();
        let count = cursor.array()?;
        if count == 0 {
            return Err(cursor.error_at(list, rules::WAIT_EVENT).into());
        }
        let matches = *cursor;
        for _ in 0..count {
            VersionMatch::read(cursor)?;
        }
        Ok(Self { device, matches, count })
    }

    /// The identifier of the other device.
    #[must_use]
    pub const fn device(&self) -> &'a [u8] {
        self.device
    }

    /// The comparisons that its version must pass.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn matches(&self) -> impl Iterator<Item = VersionMatch<'a>> + use<'a> {
        let mut cursor = self.matches;
        (0..self.count).map_while(move |_| VersionMatch::read(&mut cursor).ok())
    }

    fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        encoder.array(OTHER_DEVICE_ITEMS)?.bytes(self.device)?.array(self.count)?;
        self.matches().try_for_each(|one| one.encode(encoder))
    }
}
