//! `COSE_Sign1` decoded over `minicbor::Decoder`: what an own reader of heads is compared with.
//!
//! [`strict`] makes the checks that `iotops_crypto::cose::Sign1::decode` makes, but tells no rule
//! and no place; [`plain`] is the least that one would write. Both read the same parts. Neither
//! allocates. This file is compiled into the host benchmarks and into the firmware-like binaries
//! whose size is measured.

use minicbor::Decoder;
use minicbor::data::Type;

const TAG: u64 = 18;
const DEPTH: u8 = 16;

/// What a caller needs of a message.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    pub protected: &'a [u8],
    pub algorithm: Option<i64>,
    pub key_id: Option<&'a [u8]>,
    pub payload: Option<&'a [u8]>,
    pub signature: &'a [u8],
}

/// Types only: other encodings, any order, duplicates and trailing bytes are taken.
pub fn plain(document: &[u8]) -> Option<Message<'_>> {
    let mut decoder = Decoder::new(document);
    if decoder.tag().ok()?.as_u64() != TAG || decoder.array().ok()? != Some(4) {
        return None;
    }
    let protected = decoder.bytes().ok()?;
    let mut algorithm = None;
    let mut key_id = None;
    if !protected.is_empty() {
        plain_bucket(&mut Decoder::new(protected), &mut algorithm, &mut key_id)?;
    }
    plain_bucket(&mut decoder, &mut algorithm, &mut key_id)?;
    let payload = match decoder.datatype().ok()? {
        Type::Null => {
            decoder.null().ok()?;
            None
        }
        _ => Some(decoder.bytes().ok()?),
    };
    let signature = decoder.bytes().ok()?;
    Some(Message { protected, algorithm, key_id, payload, signature })
}

fn plain_bucket<'a>(
    decoder: &mut Decoder<'a>,
    algorithm: &mut Option<i64>,
    key_id: &mut Option<&'a [u8]>,
) -> Option<()> {
    for _ in 0..decoder.map().ok()?? {
        match decoder.datatype().ok()? {
            Type::String => {
                decoder.str().ok()?;
                decoder.skip().ok()?;
            }
            _ => match decoder.i64().ok()? {
                1 => *algorithm = Some(decoder.i64().ok()?),
                4 => *key_id = Some(decoder.bytes().ok()?),
                _ => decoder.skip().ok()?,
            },
        }
    }
    Some(())
}

/// Deterministic encoding, sorted and unique labels in and over both buckets, a critical list
/// that is well formed, no trailing bytes.
pub fn strict(document: &[u8]) -> Option<Message<'_>> {
    let mut decoder = Decoder::new(document);
    if head(&mut decoder, |d| Some(d.tag().ok()?.as_u64()))? != TAG || array(&mut decoder)? != 4 {
        return None;
    }
    let protected = bytes(&mut decoder)?;
    let mut found = Found::default();
    if !protected.is_empty() {
        let mut inner = Decoder::new(protected);
        found.bucket(&mut inner, true)?;
        at_end(&inner)?;
    }
    let (small, others) = (found.small, found.others);
    (found.small, found.others) = (0, false);
    let start = decoder.position();
    found.bucket(&mut decoder, false)?;
    if small & found.small != 0 || (others && found.others) {
        disjoint(protected, document.get(start..decoder.position())?)?;
    }
    if let Some(list) = found.critical {
        critical(list, protected)?;
    }
    let payload = match decoder.datatype().ok()? {
        Type::Null => {
            decoder.null().ok()?;
            None
        }
        _ => Some(bytes(&mut decoder)?),
    };
    let signature = bytes(&mut decoder)?;
    at_end(&decoder)?;
    Some(Message {
        protected,
        algorithm: found.algorithm,
        key_id: found.key_id,
        payload,
        signature,
    })
}

#[derive(Default)]
struct Found<'a> {
    algorithm: Option<i64>,
    key_id: Option<&'a [u8]>,
    critical: Option<&'a [u8]>,
    small: u64,
    others: bool,
}

impl<'a> Found<'a> {
    fn bucket(&mut self, decoder: &mut Decoder<'a>, is_protected: bool) -> Option<()> {
        let mut previous: &[u8] = &[];
        for _ in 0..map(decoder)? {
            let start = decoder.position();
            let number = label(decoder)?;
            let key = decoder.input().get(start..decoder.position())?;
            if key <= previous {
                return None;
            }
            previous = key;
            match number.and_then(|number| u32::try_from(number).ok()) {
                Some(small) if small < 64 => self.small |= 1 << small,
                _ => self.others = true,
            }
            self.value(number, decoder, is_protected)?;
        }
        Some(())
    }

    fn value(
        &mut self,
        label: Option<i64>,
        decoder: &mut Decoder<'a>,
        is_protected: bool,
    ) -> Option<()> {
        match label {
            Some(1 | 2) if !is_protected => return None,
            Some(1) => self.algorithm = Some(integer(decoder)?),
            Some(2) => {
                let start = decoder.position();
                item(decoder, DEPTH)?;
                self.critical = decoder.input().get(start..decoder.position());
            }
            Some(4) => self.key_id = Some(bytes(decoder)?),
            Some(5 | 6) => drop(bytes(decoder)?),
            _ => item(decoder, DEPTH)?,
        }
        Some(())
    }
}

/// A label; `None` for a text.
fn label(decoder: &mut Decoder<'_>) -> Option<Option<i64>> {
    if decoder.datatype().ok()? == Type::String {
        text(decoder)?;
        return Some(None);
    }
    Some(Some(integer(decoder)?))
}

#[cold]
fn disjoint(protected: &[u8], unprotected: &[u8]) -> Option<()> {
    let mut right = Decoder::new(unprotected);
    for _ in 0..map(&mut right)? {
        let start = right.position();
        label(&mut right)?;
        let key = unprotected.get(start..right.position())?;
        item(&mut right, DEPTH)?;
        if has(protected, key)? {
            return None;
        }
    }
    Some(())
}

#[cold]
fn critical(list: &[u8], protected: &[u8]) -> Option<()> {
    let mut decoder = Decoder::new(list);
    let count = array(&mut decoder)?;
    for _ in 0..count {
        let start = decoder.position();
        let number = label(&mut decoder)?;
        let key = list.get(start..decoder.position())?;
        if number.is_some_and(|number| (0..=7).contains(&number)) || !has(protected, key)? {
            return None;
        }
    }
    (count > 0).then_some(())
}

fn has(bucket: &[u8], wanted: &[u8]) -> Option<bool> {
    if bucket.is_empty() {
        return Some(false);
    }
    let mut decoder = Decoder::new(bucket);
    for _ in 0..map(&mut decoder)? {
        let start = decoder.position();
        label(&mut decoder)?;
        if bucket.get(start..decoder.position())? == wanted {
            return Some(true);
        }
        item(&mut decoder, DEPTH)?;
    }
    Some(false)
}

fn at_end(decoder: &Decoder<'_>) -> Option<()> {
    (decoder.position() == decoder.input().len()).then_some(())
}

/// Reads a head with `read`, and refuses one that is longer than its argument needs: `minicbor`
/// gives the argument and where it stopped.
fn head<'a>(
    decoder: &mut Decoder<'a>,
    read: impl FnOnce(&mut Decoder<'a>) -> Option<u64>,
) -> Option<u64> {
    let start = decoder.position();
    let argument = read(decoder)?;
    (decoder.position() - start == head_length(argument)).then_some(argument)
}

const fn head_length(argument: u64) -> usize {
    match argument {
        0..24 => 1,
        24..0x100 => 2,
        0x100..0x1_0000 => 3,
        0x1_0000..0x1_0000_0000 => 5,
        _ => 9,
    }
}

fn array(decoder: &mut Decoder<'_>) -> Option<u64> {
    head(decoder, |d| d.array().ok()?)
}

fn map(decoder: &mut Decoder<'_>) -> Option<u64> {
    head(decoder, |d| d.map().ok()?)
}

fn integer(decoder: &mut Decoder<'_>) -> Option<i64> {
    let start = decoder.position();
    let value = decoder.i64().ok()?;
    let argument = if value < 0 { !value } else { value }.cast_unsigned();
    (decoder.position() - start == head_length(argument)).then_some(value)
}

fn bytes<'a>(decoder: &mut Decoder<'a>) -> Option<&'a [u8]> {
    let start = decoder.position();
    let value = decoder.bytes().ok()?;
    is_short(decoder.position() - start, value.len())?;
    Some(value)
}

fn text<'a>(decoder: &mut Decoder<'a>) -> Option<&'a str> {
    let start = decoder.position();
    let value = decoder.str().ok()?;
    is_short(decoder.position() - start, value.len())?;
    Some(value)
}

fn is_short(encoded: usize, content: usize) -> Option<()> {
    (encoded - content == head_length(u64::try_from(content).ok()?)).then_some(())
}

/// Walks over any item with the checks of the deterministic encoding; floats are refused, which
/// `minicbor` reads only with another feature, and so are integers beyond 64 bits with sign.
fn item(decoder: &mut Decoder<'_>, depth: u8) -> Option<()> {
    match decoder.datatype().ok()? {
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => drop(head(decoder, |d| d.u64().ok())?),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => drop(integer(decoder)?),
        Type::Bytes => drop(bytes(decoder)?),
        Type::String => drop(text(decoder)?),
        Type::Bool | Type::Null | Type::Undefined => decoder.skip().ok()?,
        Type::Array => {
            let depth = depth.checked_sub(1)?;
            for _ in 0..array(decoder)? {
                item(decoder, depth)?;
            }
        }
        Type::Map => entries(decoder, depth.checked_sub(1)?)?,
        Type::Tag => {
            head(decoder, |d| Some(d.tag().ok()?.as_u64()))?;
            item(decoder, depth.checked_sub(1)?)?;
        }
        _ => return None,
    }
    Some(())
}

fn entries(decoder: &mut Decoder<'_>, depth: u8) -> Option<()> {
    let mut previous: &[u8] = &[];
    for _ in 0..map(decoder)? {
        let start = decoder.position();
        item(decoder, depth)?;
        let key = decoder.input().get(start..decoder.position())?;
        if key <= previous {
            return None;
        }
        previous = key;
        item(decoder, depth)?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::{plain, strict};

    #[test]
    fn reads_what_we_read() {
        let message = crate::sign1();
        let ours = iotops_crypto::cose::Sign1::decode(&message).unwrap();
        for read in [plain(&message).unwrap(), strict(&message).unwrap()] {
            assert_eq!(read.algorithm, ours.headers().algorithm());
            assert_eq!(read.key_id, ours.headers().key_id());
            assert_eq!(read.payload, ours.payload());
            assert_eq!(read.signature, ours.signature());
        }
    }

    /// The comparison is fair only if both refuse the same.
    #[test]
    fn refuses_what_we_refuse() {
        let mut message = crate::sign1();
        for position in 0..message.len() {
            let kept = message[position];
            for changed in 0..=255 {
                message[position] = changed;
                let ours = iotops_crypto::cose::Sign1::decode(&message).is_ok();
                assert_eq!(strict(&message).is_some(), ours, "{position}: {changed:#x}");
            }
            message[position] = kept;
        }
    }
}
