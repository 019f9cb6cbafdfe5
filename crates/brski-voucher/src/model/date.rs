//! Dates of RFC 3339, as `yang:date-and-time` has them (RFC 6991 §3).

use iotops_wire::Time;

/// A date with nanoseconds and offset has 35 characters; some have more digits.
#[cfg(any(feature = "cms", feature = "jws"))]
pub(crate) const LONGEST_DATE: usize = 48;

const DAY: u64 = 86_400;
const EPOCH: u32 = 719_468;
const ERA_YEARS: u32 = 400;
const ERA_DAYS: u32 = 146_097;

/// The time that a date means, fractions cut off; what lies before 1970 is none. Where
/// `is_lenient`, a date without a time is midnight.
pub(crate) fn read_date(text: &str, is_lenient: bool) -> Option<Time> {
    let mut rest = text.as_bytes();
    let year = digits(&mut rest, 4)?;
    let month = digits(after(&mut rest, b"-")?, 2)?;
    let day = digits(after(&mut rest, b"-")?, 2)?;
    let days = days_before(year, month, day)?;
    if is_lenient && rest.is_empty() {
        return Some(Time::from_unix(u64::from(days).checked_mul(DAY)?));
    }
    let hour = digits(after(&mut rest, b"Tt")?, 2)?;
    let minute = digits(after(&mut rest, b":")?, 2)?;
    let second = digits(after(&mut rest, b":")?, 2)?;
    // RFC 3339 §5.7: a leap second has the number 60.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    fraction(&mut rest)?;
    let local = hour.checked_mul(60)?.checked_add(minute)?.checked_mul(60)?.checked_add(second)?;
    let local = u64::from(days).checked_mul(DAY)?.checked_add(u64::from(local))?;
    Some(Time::from_unix(without_offset(local, rest)?))
}

fn fraction(rest: &mut &[u8]) -> Option<()> {
    if rest.first() != Some(&b'.') {
        return Some(());
    }
    let tail = rest.get(1..)?;
    let count = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
    *rest = tail.get(count..)?;
    (count > 0).then_some(())
}

fn without_offset(local: u64, rest: &[u8]) -> Option<u64> {
    let (sign, mut tail) = rest.split_first()?;
    if matches!(sign, b'Z' | b'z') {
        return tail.is_empty().then_some(local);
    }
    let hours = digits(&mut tail, 2)?;
    let minutes = digits(after(&mut tail, b":")?, 2)?;
    if hours > 23 || minutes > 59 || !tail.is_empty() {
        return None;
    }
    let offset = hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?;
    match sign {
        b'+' => local.checked_sub(u64::from(offset)),
        b'-' => local.checked_add(u64::from(offset)),
        _ => None,
    }
}

fn after<'r, 'a>(rest: &'r mut &'a [u8], one_of: &[u8]) -> Option<&'r mut &'a [u8]> {
    let (first, tail) = rest.split_first()?;
    *rest = tail;
    one_of.contains(first).then_some(rest)
}

fn digits(rest: &mut &[u8], count: usize) -> Option<u32> {
    let (head, tail) = rest.split_at_checked(count)?;
    *rest = tail;
    head.iter().try_fold(0_u32, |number, byte| {
        let digit = char::from(*byte).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Days from 1970-01-01 to this one, in the Gregorian calendar whose years begin in March.
fn days_before(year: u32, month: u32, day: u32) -> Option<u32> {
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let (year, month) = if month > 2 {
        (year, month.checked_sub(3)?)
    } else {
        (year.checked_sub(1)?, month.checked_add(9)?)
    };
    let (era, of_era) = (year.checked_div(ERA_YEARS)?, year.checked_rem(ERA_YEARS)?);
    let of_year = month.checked_mul(153)?.checked_add(2)?.checked_div(5)?;
    let leaps = of_era.checked_div(4)?.checked_sub(of_era.checked_div(100)?)?;
    let days = of_era.checked_mul(365)?.checked_add(leaps)?.checked_add(of_year)?;
    era.checked_mul(ERA_DAYS)?
        .checked_add(days)?
        .checked_add(day.checked_sub(1)?)?
        .checked_sub(EPOCH)
}

fn days_in(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The date of a time, in seconds and UTC; `None` behind the year 9999.
#[cfg(feature = "alloc")]
pub(crate) fn write_date(time: Time) -> Option<alloc::string::String> {
    let days = u32::try_from(time.unix().checked_div(DAY)?).ok()?;
    let second = time.unix().checked_rem(DAY)?;
    let shifted = days.checked_add(EPOCH)?;
    let (era, of_era) = (shifted.checked_div(ERA_DAYS)?, shifted.checked_rem(ERA_DAYS)?);
    let drift = of_era.checked_div(1460)?.checked_add(of_era.checked_div(146_096)?)?;
    let year =
        of_era.checked_add(of_era.checked_div(36_524)?)?.checked_sub(drift)?.checked_div(365)?;
    let leaps = year.checked_div(4)?.checked_sub(year.checked_div(100)?)?;
    let of_year = of_era.checked_sub(year.checked_mul(365)?.checked_add(leaps)?)?;
    let month = of_year.checked_mul(5)?.checked_add(2)?.checked_div(153)?;
    let start = month.checked_mul(153)?.checked_add(2)?.checked_div(5)?;
    let day = of_year.checked_sub(start)?.checked_add(1)?;
    let is_next = month >= 10;
    let month = if is_next { month.checked_sub(9)? } else { month.checked_add(3)? };
    let year = era.checked_mul(ERA_YEARS)?.checked_add(year)?.checked_add(u32::from(is_next))?;
    let (hour, rest) = (second.checked_div(3600)?, second.checked_rem(3600)?);
    let (minute, second) = (rest.checked_div(60)?, rest.checked_rem(60)?);
    let text = alloc::format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z");
    (year <= 9999).then_some(text)
}
