//! The deterministic writer: no white space, members in the order in which they are given, and no
//! escape that is not needed.

use super::{Output, Value};
use crate::Error;

/// Writes one value.
///
/// ```
/// use iotops_wire::json::{SliceOutput, Writer};
///
/// let mut buffer = [0; 32];
/// let mut output = SliceOutput::new(&mut buffer);
/// Writer::new(&mut output).object(|object| {
///     object.member("alg")?.string("ES256")?;
///     object.member("b64")?.boolean(false)
/// })?;
/// assert_eq!(output.written(), br#"{"alg":"ES256","b64":false}"#);
/// # Ok::<(), iotops_wire::Error>(())
/// ```
#[must_use = "a value must be written"]
pub struct Writer<'o> {
    output: &'o mut dyn Output,
}

impl core::fmt::Debug for Writer<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Writer")
    }
}

impl<'o> Writer<'o> {
    /// A writer of one value at the end of `output`.
    pub const fn new(output: &'o mut dyn Output) -> Self {
        Self { output }
    }

    /// Writes a string.
    ///
    /// # Errors
    /// [`crate::rules::OUT_OF_SPACE`], as all of these methods.
    pub fn string(self, text: &str) -> Result<(), Error> {
        quoted(self.output, text)
    }

    /// Writes a number.
    ///
    /// # Errors
    /// [`crate::rules::OUT_OF_SPACE`].
    pub fn integer(self, number: i64) -> Result<(), Error> {
        if number < 0 {
            self.output.write(b"-")?;
        }
        decimal(self.output, number.unsigned_abs())
    }

    /// Writes a number.
    ///
    /// # Errors
    /// [`crate::rules::OUT_OF_SPACE`].
    pub fn unsigned(self, number: u64) -> Result<(), Error> {
        decimal(self.output, number)
    }

    /// Writes `true` or `false`.
    ///
    /// # Errors
    /// [`crate::rules::OUT_OF_SPACE`].
    pub fn boolean(self, is_true: bool) -> Result<(), Error> {
        self.output.write(if is_true { b"true" } else { b"false" })
    }

    /// Writes `null`.
    ///
    /// # Errors
    /// [`crate::rules::OUT_OF_SPACE`].
    pub fn null(self) -> Result<(), Error> {
        self.output.write(b"null")
    }

    /// Writes a value that was read, as it was written there.
    ///
    /// # Errors
    /// [`crate::rules::OUT_OF_SPACE`].
    pub fn value(self, value: Value<'_>) -> Result<(), Error> {
        self.output.write(value.as_json().as_bytes())
    }

    /// Writes an object with the members that `content` writes. That their names differ is the
    /// care of the caller.
    ///
    /// # Errors
    /// [`crate::rules::OUT_OF_SPACE`], and those of `content`.
    pub fn object<E: From<Error>>(
        self,
        content: impl FnOnce(&mut ObjectWriter<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.output.write(b"{")?;
        content(&mut ObjectWriter { output: &mut *self.output, separator: b"" })?;
        Ok(self.output.write(b"}")?)
    }

    /// Writes an array with the items that `content` writes.
    ///
    /// # Errors
    /// [`crate::rules::OUT_OF_SPACE`], and those of `content`.
    pub fn array<E: From<Error>>(
        self,
        content: impl FnOnce(&mut ArrayWriter<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.output.write(b"[")?;
        content(&mut ArrayWriter { output: &mut *self.output, separator: b"" })?;
        Ok(self.output.write(b"]")?)
    }
}

/// Writes the members of one object.
pub struct ObjectWriter<'o> {
    output: &'o mut dyn Output,
    separator: &'static [u8],
}

impl core::fmt::Debug for ObjectWriter<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ObjectWriter")
    }
}

impl ObjectWriter<'_> {
    /// Writes a name; the value must follow.
    ///
    /// # Errors
    /// [`crate::rules::OUT_OF_SPACE`].
    pub fn member(&mut self, name: &str) -> Result<Writer<'_>, Error> {
        self.output.write(self.separator)?;
        self.separator = b",";
        quoted(self.output, name)?;
        self.output.write(b":")?;
        Ok(Writer::new(&mut *self.output))
    }
}

/// Writes the items of one array.
pub struct ArrayWriter<'o> {
    output: &'o mut dyn Output,
    separator: &'static [u8],
}

impl core::fmt::Debug for ArrayWriter<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ArrayWriter")
    }
}

impl ArrayWriter<'_> {
    /// The next item, which must be written.
    ///
    /// # Errors
    /// [`crate::rules::OUT_OF_SPACE`].
    pub fn item(&mut self) -> Result<Writer<'_>, Error> {
        self.output.write(self.separator)?;
        self.separator = b",";
        Ok(Writer::new(&mut *self.output))
    }
}

const HEXADECIMAL: &[u8; 16] = b"0123456789abcdef";

/// RFC 8259 §7: what "MUST be escaped" are "quotation mark, reverse solidus, and the control
/// characters (U+0000 through U+001F)".
fn quoted(output: &mut dyn Output, text: &str) -> Result<(), Error> {
    output.write(b"\"")?;
    let must_escape = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(must_escape) {
        let (plain, behind) = rest.split_at_checked(at).unwrap_or_default();
        output.write(plain)?;
        let Some((byte, behind)) = behind.split_first() else { break };
        escape(output, *byte)?;
        rest = behind;
    }
    output.write(rest)?;
    output.write(b"\"")
}

fn escape(output: &mut dyn Output, byte: u8) -> Result<(), Error> {
    match byte {
        b'"' => output.write(b"\\\""),
        b'\\' => output.write(b"\\\\"),
        0x08 => output.write(b"\\b"),
        0x09 => output.write(b"\\t"),
        0x0a => output.write(b"\\n"),
        0x0c => output.write(b"\\f"),
        0x0d => output.write(b"\\r"),
        _ => {
            let digit = |nibble: u8| HEXADECIMAL.get(usize::from(nibble)).copied().unwrap_or(b'0');
            output.write(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 0x0f)])
        }
    }
}

/// The longest number has 20 digits.
const DIGITS: usize = 20;

fn decimal(output: &mut dyn Output, number: u64) -> Result<(), Error> {
    let mut digits = [0; DIGITS];
    let mut left = number;
    let mut first = DIGITS;
    for (at, digit) in digits.iter_mut().enumerate().rev() {
        let [.., last] = left.wrapping_rem(10).to_be_bytes();
        *digit = last | b'0';
        left = left.wrapping_div(10);
        first = at;
        if left == 0 {
            break;
        }
    }
    output.write(digits.get(first..).unwrap_or_default())
}
