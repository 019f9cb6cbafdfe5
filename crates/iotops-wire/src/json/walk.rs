//! The strict walk: the whole document, all checks.

use super::text::{Text, escape};
use crate::{Error, Rule, rules};

/// How deep objects and arrays may lie in each other.
///
/// The walk recurses; the counter is this constant and no input raises it.
pub const DEPTH: u8 = 16;

/// How many members all objects that are open at one time may have.
pub const MEMBERS: usize = 256;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Checks all of `bytes`, and gives them as text with the position of the one value in it.
pub(super) fn check(bytes: &[u8]) -> Result<(&str, usize), Error> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(Error::new(rules::SIZE, 0));
    }
    let text = core::str::from_utf8(bytes)
        .map_err(|error| Error::new(rules::JSON_UTF8, offset(error.valid_up_to())))?;
    // RFC 8259 §8.1: "Implementations MUST NOT add a byte order mark".
    if text.starts_with(BYTE_ORDER_MARK) {
        return Err(Error::new(rules::JSON_BYTE_ORDER_MARK, 0));
    }
    let mut walk = Walk { text, position: 0, names: [0; MEMBERS], open: 0, has_escapes: false };
    walk.blank();
    let start = walk.position;
    walk.value(DEPTH)?;
    walk.blank();
    if walk.peek().is_some() {
        return Err(walk.error(rules::JSON_TRAILING));
    }
    Ok((text, start))
}

pub(super) fn offset(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

struct Walk<'a> {
    text: &'a str,
    position: usize,
    /// Where the names of the open objects stand, those of the innermost last.
    names: [u32; MEMBERS],
    /// How many of them there are.
    open: usize,
    /// Whether some name was written with escapes: only then is comparing bytes not enough.
    has_escapes: bool,
}

impl Walk<'_> {
    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    const fn step(&mut self, bytes: usize) {
        self.position = self.position.wrapping_add(bytes);
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.step(1);
        }
        is_next
    }

    fn blank(&mut self) {
        while self.peek().is_some_and(is_blank) {
            self.step(1);
        }
    }

    /// `rule` is broken here, or rather the input ends.
    #[cold]
    fn error(&self, rule: Rule) -> Error {
        let rule = if self.peek().is_none() { rules::JSON_TRUNCATED } else { rule };
        Error::new(rule, offset(self.position))
    }

    fn value(&mut self, depth: u8) -> Result<(), Error> {
        match self.peek() {
            Some(b'{') => self.object(self.inside(depth)?),
            Some(b'[') => self.array(self.inside(depth)?),
            Some(b'"') => self.string().map(drop),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal(b"true"),
            Some(b'f') => self.literal(b"false"),
            Some(b'n') => self.literal(b"null"),
            _ => Err(self.error(rules::JSON_VALUE)),
        }
    }

    fn inside(&self, depth: u8) -> Result<u8, Error> {
        depth.checked_sub(1).ok_or_else(|| self.error(rules::JSON_DEPTH))
    }

    fn object(&mut self, depth: u8) -> Result<(), Error> {
        let first = self.open;
        self.step(1);
        self.blank();
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            self.name(first)?;
            self.blank();
            if !self.take(b':') {
                return Err(self.error(rules::JSON_SEPARATOR));
            }
            self.blank();
            self.value(depth)?;
            if !self.goes_on(b'}')? {
                self.open = first;
                return Ok(());
            }
        }
    }

    fn array(&mut self, depth: u8) -> Result<(), Error> {
        self.step(1);
        self.blank();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.value(depth)?;
            if !self.goes_on(b']')? {
                return Ok(());
            }
        }
    }

    /// Behind a value: whether another follows, or the end of what it stands in.
    fn goes_on(&mut self, end: u8) -> Result<bool, Error> {
        self.blank();
        if self.take(end) {
            return Ok(false);
        }
        if !self.take(b',') {
            return Err(self.error(rules::JSON_SEPARATOR));
        }
        self.blank();
        Ok(true)
    }

    /// A member name, which must be new among those since `first`.
    fn name(&mut self, first: usize) -> Result<(), Error> {
        let start = self.position;
        if self.peek() != Some(b'"') {
            return Err(self.error(rules::JSON_NAME));
        }
        self.has_escapes |= self.string()?;
        let name = self.text.as_bytes().get(start..self.position).unwrap_or_default();
        let before = self.names.get(first..self.open).unwrap_or_default();
        // RFC 8259 §4: "The names within an object SHOULD be unique"; RFC 7515 §4 and RFC 7493
        // §2.3 make that a MUST.
        if before.iter().any(|earlier| self.is_same(*earlier, start, name)) {
            return Err(Error::new(rules::JSON_MEMBER_TWICE, offset(start)));
        }
        let Some(free) = self.names.get_mut(self.open) else {
            return Err(Error::new(rules::JSON_MEMBERS, offset(start)));
        };
        *free = offset(start);
        self.open = self.open.wrapping_add(1);
        Ok(())
    }

    /// Whether the name at `earlier` is the one at `start`, which is written as `name`.
    fn is_same(&self, earlier: u32, start: usize, name: &[u8]) -> bool {
        let at = usize::try_from(earlier).unwrap_or(usize::MAX);
        let before = self.text.as_bytes().get(at..).unwrap_or_default();
        // Both with their quotation marks, so that neither is the beginning of the other.
        before.starts_with(name)
            || (self.has_escapes
                && text_at(self.text, earlier) == text_at(self.text, offset(start)))
    }

    /// Steps over a string, and says whether it has escapes.
    fn string(&mut self) -> Result<bool, Error> {
        self.step(1);
        let mut has_escapes = false;
        loop {
            self.step(plain_length(self.rest()));
            match self.peek() {
                Some(b'"') => {
                    self.step(1);
                    return Ok(has_escapes);
                }
                Some(b'\\') => {
                    let (_, length) = escape(self.rest())
                        .map_err(|rule| Error::new(rule, offset(self.position)))?;
                    self.step(length);
                    has_escapes = true;
                }
                _ => return Err(self.error(rules::JSON_CONTROL)),
            }
        }
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), Error> {
        if self.rest().starts_with(word) {
            self.step(word.len());
            return Ok(());
        }
        let is_cut = word.starts_with(self.rest());
        let rule = if is_cut { rules::JSON_TRUNCATED } else { rules::JSON_VALUE };
        Err(self.error(rule))
    }

    /// RFC 8259 §6: `number = [ minus ] int [ frac ] [ exp ]`.
    fn number(&mut self) -> Result<(), Error> {
        self.take(b'-');
        // "Leading zeros are not allowed."
        if !self.take(b'0') {
            self.digits()?;
        } else if matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.error(rules::JSON_NUMBER));
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Error> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.error(rules::JSON_NUMBER));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.step(1);
        }
        Ok(())
    }
}

/// The string at `start` of a text in which it was checked.
pub(super) fn text_at(text: &str, start: u32) -> Text<'_> {
    let first = usize::try_from(start).unwrap_or(usize::MAX).saturating_add(1);
    let end = string_end(text.as_bytes(), first).saturating_sub(1);
    Text::new(text.get(first..end).unwrap_or_default(), start)
}

/// How many bytes are compared at once.
const STRIDE: usize = 32;

/// How many bytes stand before the first that a string must escape or that ends it. Long strings
/// are certificates in base64: a stride has no early way out, so that it becomes a few wide
/// comparisons.
fn plain_length(bytes: &[u8]) -> usize {
    let is_special = |byte: &u8| (*byte == b'"') | (*byte == b'\\') | (*byte < b' ');
    let (strides, _) = bytes.as_chunks::<STRIDE>();
    let specials = |stride: &[u8; STRIDE]| {
        stride.iter().fold(0_u8, |found, byte| found | u8::from(is_special(byte)))
    };
    let is_plain = |stride: &&[u8; STRIDE]| specials(stride) == 0;
    let whole = strides.iter().take_while(is_plain).count().saturating_mul(STRIDE);
    let rest = bytes.get(whole..).unwrap_or_default();
    whole.saturating_add(rest.iter().position(is_special).unwrap_or(rest.len()))
}

/// The position behind the string whose content begins at `position`; it was checked.
pub(super) fn string_end(bytes: &[u8], mut position: usize) -> usize {
    loop {
        let rest = bytes.get(position..).unwrap_or_default();
        let found = plain_length(rest);
        position = position.saturating_add(found);
        match rest.get(found) {
            Some(b'"') => return position.saturating_add(1),
            Some(_) => position = position.saturating_add(2),
            None => return bytes.len(),
        }
    }
}
