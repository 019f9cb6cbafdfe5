//! A value of a checked document.

use super::text::Text;
use super::walk::{check, is_blank, offset, string_end, text_at};
use crate::{Error, Rule, rules};

/// A value of a document that was checked as a whole.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    document: &'a str,
    start: usize,
}

impl core::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_json())
    }
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// An object.
    Object,
    /// An array.
    Array,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
}

impl<'a> Value<'a> {
    /// Reads a document that holds one value and white space, and checks all of it.
    ///
    /// # Errors
    /// The rule that it breaks, and where: those named `JSON_…` in [`rules`](mod@crate::rules), and
    /// [`rules::SIZE`].
    pub fn read(document: &'a [u8]) -> Result<Self, Error> {
        let (document, start) = check(document)?;
        Ok(Self { document, start })
    }

    /// The value that begins at this place of the same document, as an earlier value told it.
    #[must_use]
    pub fn at(&self, offset: u32) -> Self {
        Self { document: self.document, start: usize::try_from(offset).unwrap_or(usize::MAX) }
    }

    /// Where it begins in the document.
    #[must_use]
    pub fn offset(&self) -> u32 {
        offset(self.start)
    }

    /// `rule` is broken by this value.
    #[cold]
    #[must_use]
    pub fn error(&self, rule: Rule) -> Error {
        Error::new(rule, self.offset())
    }

    /// The value as it is written.
    #[must_use]
    pub fn as_json(&self) -> &'a str {
        self.document.get(self.start..self.end()).unwrap_or_default()
    }

    /// The type.
    #[must_use]
    pub fn kind(&self) -> Type {
        match self.document.as_bytes().get(self.start) {
            Some(b'{') => Type::Object,
            Some(b'[') => Type::Array,
            Some(b'"') => Type::String,
            Some(b't' | b'f') => Type::Bool,
            Some(b'n') => Type::Null,
            _ => Type::Number,
        }
    }

    /// The members of an object, in the order in which they are written.
    ///
    /// # Errors
    /// [`rules::JSON_EXPECT_OBJECT`] for another type.
    pub fn members(&self) -> Result<Members<'a>, Error> {
        self.expect(Type::Object, rules::JSON_EXPECT_OBJECT)?;
        Ok(Members(self.inside()))
    }

    /// The member of an object with this name.
    ///
    /// # Errors
    /// [`rules::JSON_EXPECT_OBJECT`] for another type.
    pub fn member(&self, name: &str) -> Result<Option<Self>, Error> {
        Ok(self.members()?.find(|(found, _)| *found == *name).map(|(_, value)| value))
    }

    /// The items of an array.
    ///
    /// # Errors
    /// [`rules::JSON_EXPECT_ARRAY`] for another type.
    pub fn items(&self) -> Result<Items<'a>, Error> {
        self.expect(Type::Array, rules::JSON_EXPECT_ARRAY)?;
        Ok(Items(self.inside()))
    }

    /// A string.
    ///
    /// # Errors
    /// [`rules::JSON_EXPECT_STRING`] for another type.
    pub fn text(&self) -> Result<Text<'a>, Error> {
        self.expect(Type::String, rules::JSON_EXPECT_STRING)?;
        Ok(text_at(self.document, self.offset()))
    }

    /// A number as it is written.
    ///
    /// # Errors
    /// [`rules::JSON_EXPECT_NUMBER`] for another type.
    pub fn number(&self) -> Result<&'a str, Error> {
        self.expect(Type::Number, rules::JSON_EXPECT_NUMBER)?;
        Ok(self.as_json())
    }

    /// A number that is written as an integer of either sign.
    ///
    /// # Errors
    /// [`rules::JSON_EXPECT_NUMBER`] for another type, [`rules::JSON_INTEGER`] outside of `i64`
    /// and for a fraction or an exponent.
    pub fn integer(&self) -> Result<i64, Error> {
        self.number()?.parse().map_err(|_| self.error(rules::JSON_INTEGER))
    }

    /// A number that is written as an unsigned integer.
    ///
    /// # Errors
    /// [`rules::JSON_EXPECT_NUMBER`] for another type, [`rules::JSON_INTEGER`] outside of `u64`
    /// and for a sign, a fraction or an exponent.
    pub fn unsigned(&self) -> Result<u64, Error> {
        self.number()?.parse().map_err(|_| self.error(rules::JSON_INTEGER))
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// [`rules::JSON_EXPECT_BOOL`] for another type.
    pub fn boolean(&self) -> Result<bool, Error> {
        self.expect(Type::Bool, rules::JSON_EXPECT_BOOL)?;
        Ok(self.document.as_bytes().get(self.start) == Some(&b't'))
    }

    /// `null`.
    ///
    /// # Errors
    /// [`rules::JSON_EXPECT_NULL`] for another type.
    pub fn null(&self) -> Result<(), Error> {
        self.expect(Type::Null, rules::JSON_EXPECT_NULL)
    }

    fn expect(&self, kind: Type, rule: Rule) -> Result<(), Error> {
        if self.kind() == kind { Ok(()) } else { Err(self.error(rule)) }
    }

    /// A scan behind the bracket that opens it.
    const fn inside(&self) -> Scan<'a> {
        Scan { document: self.document, position: self.start.wrapping_add(1) }
    }

    fn end(&self) -> usize {
        let bytes = self.document.as_bytes();
        let is_behind = |byte: &u8| is_blank(*byte) || matches!(byte, b',' | b']' | b'}');
        match self.kind() {
            Type::String => string_end(bytes, self.start.wrapping_add(1)),
            Type::Object | Type::Array => container_end(bytes, self.start),
            _ => {
                let rest = bytes.get(self.start..).unwrap_or_default();
                let length = rest.iter().position(is_behind).unwrap_or(rest.len());
                self.start.wrapping_add(length)
            }
        }
    }
}

/// The position behind the object or array at `position`; brackets match, as it was checked.
fn container_end(bytes: &[u8], mut position: usize) -> usize {
    let mut level = 0_usize;
    while let Some(byte) = bytes.get(position) {
        position = position.wrapping_add(1);
        match byte {
            b'"' => position = string_end(bytes, position),
            b'{' | b'[' => level = level.wrapping_add(1),
            b'}' | b']' => level = level.wrapping_sub(1),
            _ => {}
        }
        if level == 0 {
            break;
        }
    }
    position
}

/// A position inside of a checked object or array.
#[derive(Clone, Copy, Debug)]
struct Scan<'a> {
    document: &'a str,
    position: usize,
}

impl<'a> Scan<'a> {
    /// The next value behind white space and separators; `None` at the closing bracket.
    fn next(&mut self) -> Option<Value<'a>> {
        let rest = self.document.as_bytes().get(self.position..)?;
        let is_token = |byte: &u8| !is_blank(*byte) && !matches!(byte, b',' | b':');
        let start = self.position.wrapping_add(rest.iter().position(is_token)?);
        let value = Value { document: self.document, start };
        let is_end = matches!(self.document.as_bytes().get(start), Some(b'}' | b']'));
        self.position = if is_end { start } else { value.end() };
        (!is_end).then_some(value)
    }
}

/// The members of an object.
#[derive(Clone, Copy, Debug)]
pub struct Members<'a>(Scan<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (Text<'a>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let name = self.0.next()?.text().ok()?;
        Some((name, self.0.next()?))
    }
}

/// The items of an array.
#[derive(Clone, Copy, Debug)]
pub struct Items<'a>(Scan<'a>);

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}
