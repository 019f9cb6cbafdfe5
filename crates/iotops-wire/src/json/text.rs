//! Strings: lent as they stand, escapes decoded one by one.

use core::fmt;

use crate::{Error, Input, Rule, rules};

/// A string of a document: what stands between its quotation marks.
///
/// Two are equal when they mean the same characters, however those are written.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    raw: &'a str,
    offset: u32,
}

impl<'a> Text<'a> {
    /// `raw` stands between quotation marks at `offset`, and was checked.
    pub(super) const fn new(raw: &'a str, offset: u32) -> Self {
        Self { raw, offset }
    }

    /// The string, if it is written without escapes.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        if self.raw.contains('\\') { None } else { Some(self.raw) }
    }

    /// The string as it is written, escapes and all.
    #[must_use]
    pub const fn raw(&self) -> &'a str {
        self.raw
    }

    /// Where its first quotation mark stands.
    #[must_use]
    pub const fn offset(&self) -> u32 {
        self.offset
    }

    /// The characters that it means.
    #[must_use]
    pub const fn chars(&self) -> Chars<'a> {
        Chars { rest: self.raw }
    }

    /// Writes the string as UTF-8 into `buffer`, and gives what was written.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`] if it does not fit.
    pub fn read_into<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, Error> {
        let mut length = 0_usize;
        for character in self.chars() {
            let end = length.saturating_add(character.len_utf8());
            let Some(space) = buffer.get_mut(length..end) else {
                return Err(Error::new(rules::OUT_OF_SPACE, self.offset).of(Input::Output));
            };
            character.encode_utf8(space);
            length = end;
        }
        Ok(core::str::from_utf8(buffer.get(..length).unwrap_or_default()).unwrap_or_default())
    }

    /// `rule` is broken by this string.
    #[cold]
    #[must_use]
    pub const fn error(&self, rule: Rule) -> Error {
        Error::new(rule, self.offset)
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        match self.as_str() {
            Some(own) => own == other,
            None => self.chars().eq(other.chars()),
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw || self.chars().eq(other.chars())
    }
}

impl Eq for Text<'_> {}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        self.chars().try_for_each(|character| f.write_char(character))
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.raw)
    }
}

/// The characters of a string.
#[derive(Clone, Debug)]
pub struct Chars<'a> {
    rest: &'a str,
}

impl Iterator for Chars<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        let first = self.rest.chars().next()?;
        // The string was checked, so every escape in it means a character.
        let (character, length) = match first {
            '\\' => escape(self.rest.as_bytes()).ok()?,
            _ => (first, first.len_utf8()),
        };
        self.rest = self.rest.get(length..)?;
        Some(character)
    }
}

const HIGH: core::ops::RangeInclusive<u32> = 0xd800..=0xdbff;
const LOW: core::ops::RangeInclusive<u32> = 0xdc00..=0xdfff;

/// The character that the escape at the start of `bytes` means, and how long the escape is.
pub(super) fn escape(bytes: &[u8]) -> Result<(char, usize), Rule> {
    let character = match bytes.get(1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(bytes),
        Some(_) => return Err(rules::JSON_ESCAPE),
        None => return Err(rules::JSON_TRUNCATED),
    };
    Ok((character, 2))
}

/// RFC 8259 §7: a character beyond the first plane is "a 12-character sequence, encoding the
/// UTF-16 surrogate pair".
fn unicode(bytes: &[u8]) -> Result<(char, usize), Rule> {
    let unit = digits(bytes)?;
    if !HIGH.contains(&unit) {
        return char::from_u32(unit).map(|one| (one, 6)).ok_or(rules::JSON_SURROGATE);
    }
    let rest = bytes.get(6..).unwrap_or_default();
    let low = match rest {
        [] | [b'\\'] => return Err(rules::JSON_TRUNCATED),
        [b'\\', b'u', ..] => digits(rest)?,
        _ => return Err(rules::JSON_SURROGATE),
    };
    if !LOW.contains(&low) {
        return Err(rules::JSON_SURROGATE);
    }
    let plane = unit.wrapping_sub(*HIGH.start()).wrapping_shl(10);
    let code = plane.wrapping_add(low.wrapping_sub(*LOW.start())).wrapping_add(0x1_0000);
    char::from_u32(code).map(|one| (one, 12)).ok_or(rules::JSON_SURROGATE)
}

/// The four hexadecimal digits behind `\u`.
fn digits(bytes: &[u8]) -> Result<u32, Rule> {
    let mut unit = 0_u32;
    for at in 2..6 {
        let Some(byte) = bytes.get(at) else { return Err(rules::JSON_TRUNCATED) };
        let Some(digit) = char::from(*byte).to_digit(16) else { return Err(rules::JSON_ESCAPE) };
        unit = unit.wrapping_shl(4) | digit;
    }
    Ok(unit)
}
