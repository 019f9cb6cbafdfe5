//! Times: `UTCTime` and `GeneralizedTime` as RFC 5280 §4.1.2.5 restricts them.

use iotops_wire::Time;

use super::{Reader, Tag};
use crate::Error;
use crate::rules::der as rules;

const DAY: u64 = 86_400;
/// Days from 0000-03-01 to 1970-01-01, and in 400 years of the Gregorian calendar.
const EPOCH: u64 = 719_468;
const ERA_YEARS: u64 = 400;
const ERA_DAYS: u64 = 146_097;

impl Reader<'_> {
    /// Reads a time of either form. What lies before 1970 gives the epoch itself.
    ///
    /// # Errors
    /// [`rules::TIME`], and as [`Reader::read`].
    pub fn time(&mut self) -> Result<Time, Error> {
        let start = self.position;
        let read = match self.peek() {
            Some(tag @ Tag::GENERALIZED_TIME) => generalized(self.content(tag)?),
            _ => utc(self.content(Tag::UTC_TIME)?),
        };
        match read {
            Some(time) => Ok(time),
            None => Err(self.error_at(start, rules::TIME)),
        }
    }

    /// Reads a `GeneralizedTime` under this tag, as [`Reader::time`] does.
    ///
    /// # Errors
    /// As [`Reader::time`].
    pub fn generalized_time(&mut self, tag: Tag) -> Result<Time, Error> {
        let start = self.position;
        match generalized(self.content(tag)?) {
            Some(time) => Ok(time),
            None => Err(self.error_at(start, rules::TIME)),
        }
    }
}

/// RFC 5280 §4.1.2.5.1: "Where YY is greater than or equal to 50, the year SHALL be interpreted as
/// 19YY".
fn utc(content: &[u8]) -> Option<Time> {
    let (year, rest) = two_digits(content)?;
    let century = if year >= 50_u64 { 1900_u64 } else { 2000 };
    in_year(century.checked_add(year)?, rest)
}

fn generalized(content: &[u8]) -> Option<Time> {
    let (century, rest) = two_digits(content)?;
    let (year, rest) = two_digits(rest)?;
    in_year(century.checked_mul(100)?.checked_add(year)?, rest)
}

/// What follows the year: `MMDDHHMMSSZ`.
fn in_year(year: u64, content: &[u8]) -> Option<Time> {
    let (month, rest) = two_digits(content)?;
    let (day, rest) = two_digits(rest)?;
    let (hour, rest) = two_digits(rest)?;
    let (minute, rest) = two_digits(rest)?;
    let (second, rest) = two_digits(rest)?;
    let is_date = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    let is_time = hour < 24 && minute < 60 && second < 60;
    if !is_date || !is_time || rest != b"Z" {
        return None;
    }
    let clock = hour.checked_mul(60)?.checked_add(minute)?.checked_mul(60)?.checked_add(second)?;
    let Some(days) = days_since_year_zero(year, month, day)?.checked_sub(EPOCH) else {
        return Some(Time::from_unix(0));
    };
    Some(Time::from_unix(days.checked_mul(DAY)?.checked_add(clock)?))
}

fn two_digits(content: &[u8]) -> Option<(u64, &[u8])> {
    let [tens @ b'0'..=b'9', units @ b'0'..=b'9', rest @ ..] = content else { return None };
    let tens = u64::from(tens & 0x0f).wrapping_mul(10);
    Some((tens.wrapping_add(u64::from(units & 0x0f)), rest))
}

pub(super) const fn days_in(year: u64, month: u64) -> u64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(super) const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Days since 0000-03-01, the day after which a leap day of a leap year comes last; in the first
/// two months of year 0 the day is that one.
fn days_since_year_zero(year: u64, month: u64, day: u64) -> Option<u64> {
    let (year, month) = if month > 2 {
        (year, month.checked_sub(3)?)
    } else {
        (year.saturating_sub(1), month.checked_add(9)?)
    };
    let in_era = year.checked_rem(ERA_YEARS)?;
    let leaps = (in_era >> 2).checked_sub(in_era.checked_div(100)?)?;
    // Months from March on: 31, 30, 31, 30, 31 days, over and over.
    let before_month = month.checked_mul(153)?.checked_add(2)?.checked_div(5)?;
    let in_year = before_month.checked_add(day)?.checked_sub(1)?;
    year.checked_div(ERA_YEARS)?
        .checked_mul(ERA_DAYS)?
        .checked_add(in_era.checked_mul(365)?)?
        .checked_add(leaps)?
        .checked_add(in_year)
}
