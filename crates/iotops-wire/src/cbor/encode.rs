//! The deterministic writer.

use super::Ascending;
use super::head::{self, Major};
use crate::{Error, Input, rules};

/// Where encoded bytes go: a caller's buffer, a `Vec`, or only a count.
pub trait Output {
    /// Appends `bytes`.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`] when they do not fit; nothing is written then.
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error>;

    /// The number of bytes so far.
    fn position(&self) -> usize;

    /// Inserts `head` at `position`, moving what is behind it.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`] when it does not fit.
    fn insert(&mut self, position: usize, head: &[u8]) -> Result<(), Error>;
}

#[cold]
fn out_of_space(position: usize) -> Error {
    let offset = u32::try_from(position).unwrap_or(u32::MAX);
    Error::new(rules::OUT_OF_SPACE, offset).of(Input::Output)
}

/// Writes into a buffer of the caller.
#[derive(Debug)]
pub struct SliceOutput<'b> {
    buffer: &'b mut [u8],
    length: usize,
}

impl<'b> SliceOutput<'b> {
    /// Nothing is written to `buffer` yet.
    #[must_use]
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    /// What was written.
    #[must_use]
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }
}

impl Output for SliceOutput<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let end = self.length.saturating_add(bytes.len());
        let Some(space) = self.buffer.get_mut(self.length..end) else {
            return Err(out_of_space(self.length));
        };
        space.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }

    fn position(&self) -> usize {
        self.length
    }

    fn insert(&mut self, position: usize, head: &[u8]) -> Result<(), Error> {
        let end = self.length.saturating_add(head.len());
        let Some(space) = self.buffer.get_mut(position..end) else {
            return Err(out_of_space(self.length));
        };
        space.rotate_right(head.len());
        if let Some(start) = space.get_mut(..head.len()) {
            start.copy_from_slice(head);
        }
        self.length = end;
        Ok(())
    }
}

#[cfg(feature = "alloc")]
impl Output for alloc::vec::Vec<u8> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.extend_from_slice(bytes);
        Ok(())
    }

    fn position(&self) -> usize {
        self.len()
    }

    fn insert(&mut self, position: usize, head: &[u8]) -> Result<(), Error> {
        let position = position.min(self.len());
        self.splice(position..position, head.iter().copied());
        Ok(())
    }
}

/// Counts bytes and keeps none: the dry run that tells how large a buffer must be.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    length: usize,
}

impl Count {
    /// Nothing counted yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { length: 0 }
    }
}

impl Output for Count {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.length = self.length.saturating_add(bytes.len());
        Ok(())
    }

    fn position(&self) -> usize {
        self.length
    }

    fn insert(&mut self, _position: usize, head: &[u8]) -> Result<(), Error> {
        self.write(head)
    }
}

/// A head of at most nine bytes.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    bytes: [u8; 9],
    length: u8,
}

impl Head {
    /// The head of a byte string of `length` bytes.
    #[must_use]
    pub fn of_bytes(length: usize) -> Self {
        Self::new(head::BYTES, argument(length))
    }

    /// The head of a text of `length` bytes.
    #[must_use]
    pub fn of_text(length: usize) -> Self {
        Self::new(head::TEXT, argument(length))
    }

    /// All of an integer.
    #[must_use]
    pub fn of_integer(value: i64) -> Self {
        if value < 0 {
            Self::new(head::NEGATIVE, (!value).cast_unsigned())
        } else {
            Self::new(head::UNSIGNED, value.cast_unsigned())
        }
    }

    pub(super) fn new(major: Major, argument: u64) -> Self {
        let [.., b4, b5, b6, b7] = argument.to_be_bytes();
        let mut bytes = [0; 9];
        let (info, length) = match argument {
            0..24 => (b7, 1),
            24..0x100 => (24, 2),
            0x100..0x1_0000 => (25, 3),
            0x1_0000..0x1_0000_0000 => (26, 5),
            _ => (27, 9),
        };
        let [first, tail @ ..] = &mut bytes;
        *first = major.0 | info;
        match length {
            1 => {}
            2 => fill(tail, &[b7]),
            3 => fill(tail, &[b6, b7]),
            5 => fill(tail, &[b4, b5, b6, b7]),
            _ => fill(tail, &argument.to_be_bytes()),
        }
        Self { bytes, length }
    }

    /// The encoded head.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }
}

fn fill(space: &mut [u8], bytes: &[u8]) {
    for (to, from) in space.iter_mut().zip(bytes) {
        *to = *from;
    }
}

fn argument(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Writes deterministic CBOR (RFC 8949 §4.2) to an [`Output`].
///
/// ```
/// use iotops_wire::cbor::{Encoder, SliceOutput};
///
/// let mut buffer = [0; 16];
/// let mut output = SliceOutput::new(&mut buffer);
/// let mut encoder = Encoder::new(&mut output);
/// encoder.array(2)?.unsigned(1)?.wrapped(|inner| inner.text("a").map(drop))?;
/// assert_eq!(output.written(), [0x82, 0x01, 0x42, 0x61, b'a']);
/// # Ok::<(), iotops_wire::Error>(())
/// ```
pub struct Encoder<'o> {
    output: &'o mut dyn Output,
}

impl core::fmt::Debug for Encoder<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Encoder").field("position", &self.output.position()).finish()
    }
}

impl<'o> Encoder<'o> {
    /// An encoder that appends to `output`.
    pub fn new(output: &'o mut dyn Output) -> Self {
        Self { output }
    }

    /// Writes an unsigned integer.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`], as every method here.
    pub fn unsigned(&mut self, value: u64) -> Result<&mut Self, Error> {
        self.head(head::UNSIGNED, value)
    }

    /// Writes an integer.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`].
    pub fn integer(&mut self, value: i64) -> Result<&mut Self, Error> {
        self.raw(Head::of_integer(value).as_bytes())
    }

    /// Writes a byte string.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`].
    pub fn bytes(&mut self, value: &[u8]) -> Result<&mut Self, Error> {
        self.head(head::BYTES, argument(value.len()))?.raw(value)
    }

    /// Writes a text string.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`].
    pub fn text(&mut self, value: &str) -> Result<&mut Self, Error> {
        self.head(head::TEXT, argument(value.len()))?.raw(value.as_bytes())
    }

    /// Writes the head of an array; as many items must follow.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`].
    pub fn array(&mut self, items: usize) -> Result<&mut Self, Error> {
        self.head(head::ARRAY, argument(items))
    }

    /// Writes the head of a map, and gives the writer of its entries.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`].
    pub fn map(&mut self, entries: usize) -> Result<MapEncoder<'_>, Error> {
        self.head(head::MAP, argument(entries))?;
        Ok(MapEncoder { output: &mut *self.output, left: entries, order: Ascending::new() })
    }

    /// Writes the head of a tag; the tagged item must follow.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`].
    pub fn tag(&mut self, number: u64) -> Result<&mut Self, Error> {
        self.head(head::TAG, number)
    }

    /// Writes `true` or `false`.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`].
    pub fn boolean(&mut self, value: bool) -> Result<&mut Self, Error> {
        self.raw(&[if value { head::TRUE } else { head::FALSE }])
    }

    /// Writes `null`.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`].
    pub fn null(&mut self) -> Result<&mut Self, Error> {
        self.raw(&[head::NULL])
    }

    /// Writes what is encoded already.
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`].
    pub fn raw(&mut self, encoded: &[u8]) -> Result<&mut Self, Error> {
        self.output.write(encoded)?;
        Ok(self)
    }

    /// Writes a byte string that holds what `content` writes (CDDL `bstr .cbor`).
    ///
    /// # Errors
    /// [`rules::OUT_OF_SPACE`], and those of `content`.
    pub fn wrapped<E: From<Error>>(
        &mut self,
        content: impl FnOnce(&mut Encoder<'_>) -> Result<(), E>,
    ) -> Result<&mut Self, E> {
        let start = self.output.position();
        content(&mut Encoder::new(&mut *self.output))?;
        let length = self.output.position().saturating_sub(start);
        self.output.insert(start, Head::of_bytes(length).as_bytes())?;
        Ok(self)
    }

    fn head(&mut self, major: Major, argument: u64) -> Result<&mut Self, Error> {
        self.raw(Head::new(major, argument).as_bytes())
    }
}

/// Writes the entries of one map, integer keys before text keys, each in ascending order.
pub struct MapEncoder<'o> {
    output: &'o mut dyn Output,
    left: usize,
    order: Ascending,
}

impl core::fmt::Debug for MapEncoder<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MapEncoder").field("left", &self.left).finish_non_exhaustive()
    }
}

impl MapEncoder<'_> {
    /// Writes a key; its value must follow.
    ///
    /// # Errors
    /// [`rules::KEY_ORDER`] if it does not come after the last key, [`rules::MAP_COUNT`] if the
    /// map is full.
    pub fn key(&mut self, key: i64) -> Result<Encoder<'_>, Error> {
        if !self.order.accepts(key) {
            return Err(self.error(rules::KEY_ORDER));
        }
        let mut encoder = self.entry()?;
        encoder.integer(key)?;
        Ok(encoder)
    }

    /// An entry whose key, of another type, the caller writes; its order is the caller's care.
    ///
    /// # Errors
    /// [`rules::MAP_COUNT`] if the map is full.
    pub fn entry(&mut self) -> Result<Encoder<'_>, Error> {
        let Some(left) = self.left.checked_sub(1) else {
            return Err(self.error(rules::MAP_COUNT));
        };
        self.left = left;
        Ok(Encoder::new(&mut *self.output))
    }

    /// Ends the map.
    ///
    /// # Errors
    /// [`rules::MAP_COUNT`] if entries are missing.
    pub fn end(self) -> Result<(), Error> {
        if self.left == 0 { Ok(()) } else { Err(self.error(rules::MAP_COUNT)) }
    }

    fn error(&self, rule: crate::Rule) -> Error {
        let offset = u32::try_from(self.output.position()).unwrap_or(u32::MAX);
        Error::new(rule, offset).of(Input::Output)
    }
}
