//! Values that are written differently in JSON and in CBOR, and mean the same.

use core::fmt;

#[cfg(any(feature = "cms", feature = "jws"))]
use iotops_wire::json;

use super::base64;
use crate::{Error, rules};

/// Bytes: as they are, or in base64 that is decoded when it is read.
#[derive(Clone, Copy)]
pub struct Binary<'a>(Form<'a>);

#[derive(Clone, Copy)]
enum Form<'a> {
    Bytes(&'a [u8]),
    /// Checked to be base64.
    Base64(Characters<'a>),
}

impl<'a> Binary<'a> {
    pub(crate) const fn bytes(bytes: &'a [u8]) -> Self {
        Self(Form::Bytes(bytes))
    }

    /// Takes base64; tells whether it is the standard form, and `None` if it is none.
    pub(crate) fn of_base64(text: Characters<'a>) -> Option<(Self, bool)> {
        Some((Self(Form::Base64(text)), text.base64()?.is_standard))
    }

    /// Takes base64 that was checked before.
    #[cfg(any(feature = "cms", feature = "jws"))]
    pub(crate) const fn checked(text: Characters<'a>) -> Self {
        Self(Form::Base64(text))
    }

    /// The bytes, if they stand in the document as they are.
    #[must_use]
    pub const fn as_bytes(&self) -> Option<&'a [u8]> {
        match self.0 {
            Form::Bytes(bytes) => Some(bytes),
            Form::Base64(_) => None,
        }
    }

    /// How many bytes there are.
    #[must_use]
    pub fn length(&self) -> usize {
        match self.0 {
            Form::Bytes(bytes) => bytes.len(),
            Form::Base64(text) => text.base64().map_or(0, |read| read.length),
        }
    }

    /// Whether they are these.
    #[must_use]
    pub fn is(&self, other: &[u8]) -> bool {
        match self.0 {
            Form::Bytes(bytes) => bytes == other,
            Form::Base64(text) => {
                let (mut rest, mut is_same) = (other.iter(), true);
                let read =
                    base64::decode(text.chars(), |byte| is_same &= rest.next() == Some(&byte));
                is_same && read.is_some() && rest.next().is_none()
            }
        }
    }

    /// A copy of the bytes.
    ///
    /// # Errors
    /// None that a document can cause: it was read before.
    #[cfg(feature = "alloc")]
    pub fn to_vec(&self) -> Result<alloc::vec::Vec<u8>, Error> {
        let mut buffer = alloc::vec![0; self.length()];
        Ok(self.read_into(&mut buffer)?.to_vec())
    }

    /// The bytes, decoded into `buffer` where that is needed.
    ///
    /// # Errors
    /// [`rules::SCRATCH`] if `buffer` is too small.
    pub fn read_into<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error>
    where
        'a: 'b,
    {
        let text = match self.0 {
            Form::Bytes(bytes) => return Ok(bytes),
            Form::Base64(text) => text,
        };
        let length = self.length();
        let Some(space) = buffer.get_mut(..length) else {
            return Err(Error::new(rules::SCRATCH, 0));
        };
        let mut places = space.iter_mut();
        let _ = base64::decode(text.chars(), |byte| {
            if let Some(place) = places.next() {
                *place = byte;
            }
        });
        Ok(space)
    }
}

impl PartialEq for Binary<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.0, other.0) {
            (Form::Bytes(bytes), _) => other.is(bytes),
            (_, Form::Bytes(bytes)) => self.is(bytes),
            // The same bytes may be written in two alphabets, and with other bits that no byte takes.
            (Form::Base64(one), Form::Base64(two)) => {
                base64::bytes(one.chars()).eq(base64::bytes(two.chars()))
            }
        }
    }
}

impl Eq for Binary<'_> {}

impl fmt::Debug for Binary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Form::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Form::Base64(text) => write!(f, "{text}"),
        }
    }
}

/// A text, which JSON may write with escapes.
#[derive(Clone, Copy)]
pub struct Characters<'a>(Written<'a>);

#[derive(Clone, Copy)]
enum Written<'a> {
    Plain(&'a str),
    #[cfg(any(feature = "cms", feature = "jws"))]
    Json(json::Text<'a>),
}

impl<'a> Characters<'a> {
    pub(crate) const fn plain(text: &'a str) -> Self {
        Self(Written::Plain(text))
    }

    #[cfg(any(feature = "cms", feature = "jws"))]
    pub(crate) const fn json(text: json::Text<'a>) -> Self {
        Self(Written::Json(text))
    }

    /// The text, if it is written without escapes.
    #[must_use]
    pub fn as_str(&self) -> Option<&'a str> {
        match self.0 {
            Written::Plain(text) => Some(text),
            #[cfg(any(feature = "cms", feature = "jws"))]
            Written::Json(text) => text.as_str(),
        }
    }

    /// What it means as base64, if it is that.
    fn base64(&self) -> Option<base64::Read> {
        match self.as_str() {
            Some(plain) => base64::check(plain.as_bytes()),
            None => base64::decode(self.chars(), |_| {}),
        }
    }

    /// The characters that it means.
    #[cfg(not(any(feature = "cms", feature = "jws")))]
    pub fn chars(&self) -> impl Iterator<Item = char> + use<'a> {
        let Written::Plain(text) = self.0;
        text.chars()
    }

    /// The characters that it means.
    #[cfg(any(feature = "cms", feature = "jws"))]
    pub fn chars(&self) -> impl Iterator<Item = char> + use<'a> {
        let (plain, json): (_, Option<json::Chars<'a>>) = match self.0 {
            Written::Plain(text) => (text.chars(), None),
            Written::Json(text) => ("".chars(), Some(text.chars())),
        };
        plain.chain(json.into_iter().flatten())
    }

    /// Whether it means this.
    #[must_use]
    pub fn is(&self, other: &str) -> bool {
        match self.as_str() {
            Some(own) => own == other,
            None => self.chars().eq(other.chars()),
        }
    }
}

impl PartialEq for Characters<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.chars().eq(other.chars())
    }
}

impl Eq for Characters<'_> {}

impl fmt::Display for Characters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        self.chars().try_for_each(|character| f.write_char(character))
    }
}

impl fmt::Debug for Characters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
