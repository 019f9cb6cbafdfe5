//! Times as certificates carry them (RFC 5280 §4.1.2.5).

#[cfg(feature = "alloc")]
use alloc::format;
#[cfg(feature = "alloc")]
use alloc::string::String;

use iotops_wire::Time;

use super::{Reader, Tag};
use crate::Error;
use crate::rules::der as rules;

/// Two digits stand for 1950 to 2049.
const CENTURY_BREAK: u32 = 50;
const SECONDS_OF_DAY: u64 = 86_400;

impl Reader<'_> {
    /// Reads a `UTCTime` or a `GeneralizedTime`.
    ///
    /// Times before 1970 are given as the epoch: nothing here tells them apart.
    ///
    /// # Errors
    /// [`rules::TIME`], and as [`Reader::read`].
    pub fn time(&mut self) -> Result<Time, Error> {
        let start = self.position();
        let seconds = if self.is_next(Tag::UTC_TIME) {
            utc_time(self.read(Tag::UTC_TIME)?.rest())
        } else {
            generalized_time(self.read(Tag::GENERALIZED_TIME)?.rest())
        };
        seconds.map(Time::from_unix).ok_or_else(|| self.error_at(start, rules::TIME))
    }
}

fn utc_time(text: &[u8]) -> Option<u64> {
    let [y, x, rest @ ..] = text else { return None };
    let year = two(*y, *x)?;
    let century = if year >= CENTURY_BREAK { 1900 } else { 2000 };
    moment(year.checked_add(century)?, rest)
}

fn generalized_time(text: &[u8]) -> Option<u64> {
    let [a, b, c, d, rest @ ..] = text else { return None };
    let year = two(*a, *b)?.checked_mul(100)?.checked_add(two(*c, *d)?)?;
    // RFC 5280 §4.1.2.5: earlier dates are to be written as UTCTime, but "conforming applications
    // MUST be able to process validity dates that are encoded in either".
    moment(year, rest)
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    let tens = char::from(tens).to_digit(10)?;
    tens.checked_mul(10)?.checked_add(char::from(ones).to_digit(10)?)
}

/// Month to second, and Z.
fn moment(year: u32, rest: &[u8]) -> Option<u64> {
    let [m, o, d, a, h, u, i, n, s, e, b'Z'] = rest else { return None };
    let (month, day) = (two(*m, *o)?, two(*d, *a)?);
    let (hour, minute, second) = (two(*h, *u)?, two(*i, *n)?, two(*s, *e)?);
    let is_date = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
    if !is_date || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let of_day = hour.checked_mul(60)?.checked_add(minute)?.checked_mul(60)?.checked_add(second)?;
    let Some(days) = days_since_1970(year, month, day) else { return Some(0) };
    days.checked_mul(SECONDS_OF_DAY)?.checked_add(u64::from(of_day))
}

const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_of(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01; `None` for dates before it.
fn days_since_1970(year: u32, month: u32, day: u32) -> Option<u64> {
    let years = year.checked_sub(1970)?;
    let before = year.checked_sub(1)?;
    // Leap years up to the year before, less those up to 1969.
    let leaps =
        (before / 4).checked_sub(before / 100)?.checked_add(before / 400)?.checked_sub(477)?;
    let of_year: u32 = (1..month).map(|earlier| days_of(year, earlier)).sum();
    let days =
        years.checked_mul(365)?.checked_add(leaps)?.checked_add(of_year)?.checked_add(day)?;
    days.checked_sub(1).map(u64::from)
}

/// A time as certificates write it, and whether it is a `UTCTime`.
#[cfg(feature = "alloc")]
pub(super) fn text(time: Time) -> (bool, String) {
    let days = time.unix() / SECONDS_OF_DAY;
    let of_day = time.unix() % SECONDS_OF_DAY;
    let (year, month, day) = date(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let rest = format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z");
    if year < 2050 {
        (true, format!("{:02}{rest}", year % 100))
    } else {
        (false, format!("{year:04}{rest}"))
    }
}

/// Year, month and day; times behind the year 9999 are given as its last day.
#[cfg(feature = "alloc")]
fn date(days: u64) -> (u32, u32, u32) {
    let mut left = u32::try_from(days).unwrap_or(u32::MAX);
    let mut year = 1970_u32;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        match left.checked_sub(length) {
            _ if year == 9999 && left >= length => return (9999, 12, 31),
            Some(behind) => (left, year) = (behind, year.saturating_add(1)),
            None => break,
        }
    }
    let mut month = 1_u32;
    while let Some(behind) = left.checked_sub(days_of(year, month)) {
        (left, month) = (behind, month.saturating_add(1));
    }
    (year, month, left.saturating_add(1))
}
