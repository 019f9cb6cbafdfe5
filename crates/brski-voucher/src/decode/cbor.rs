//! Vouchers in CBOR (RFC 9254).
//!
//! Keys need no order: RFC 9254 does not ask for deterministic encoding. They are differences of
//! identifiers, names, or identifiers with tag 47, and may be mixed.

use iotops_wire::cbor::{Cursor, Type};
use iotops_wire::{Rule, Time};

use super::contents::{Data, Items, List, Value};
use super::reading::Reading;
use crate::model::{Assertion, Binary, Characters, Form, Kind, Leaf, read_date};
use crate::{Error, rules};

/// The tag of an identifier that is no difference.
const ABSOLUTE: u64 = 47;
/// The tag of a time in seconds.
const EPOCH_TAG: u64 = 1;
/// More leaves than any document has.
const MOST: usize = 64;
/// Leaves of other modules that are stepped over.
const MOST_UNKNOWN: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key<'a> {
    Sid(u64),
    Name(&'a str),
}

/// Reads all of `payload`.
pub(crate) fn read<'a>(payload: &'a [u8], reading: &mut Reading<'_>) -> Result<Data<'a>, Error> {
    let mut reader = Reader { cursor: Cursor::new(payload)?, reading };
    let data = reader.document();
    match data {
        Ok(data) => {
            data.check(reader.reading)?;
            Ok(data)
        }
        Err(Fault::Here(rule, offset)) => Err(reader.reading.error(rule, offset)),
        Err(Fault::Told(error)) => Err(error),
        Err(Fault::Lower(error)) => Err(reader.reading.moved(error)),
    }
}

/// A failure, and whether its offset is already that of the document.
enum Fault {
    Here(Rule, u32),
    Lower(iotops_wire::Error),
    Told(Error),
}

impl From<iotops_wire::Error> for Fault {
    fn from(error: iotops_wire::Error) -> Self {
        Self::Lower(error)
    }
}

struct Reader<'a, 'r, 'f> {
    cursor: Cursor<'a>,
    reading: &'r mut Reading<'f>,
}

impl<'a> Reader<'a, '_, '_> {
    fn fault(&self, rule: Rule) -> Fault {
        Fault::Here(rule, self.cursor.offset())
    }

    fn deviation(&mut self, rule: Rule) -> Result<(), Fault> {
        self.reading.deviation(rule, self.cursor.offset()).map_err(Fault::Told)
    }

    fn document(&mut self) -> Result<Data<'a>, Fault> {
        if self.cursor.map()? != 1 {
            return Err(self.fault(rules::CONTAINER));
        }
        let container = self.fault(rules::CONTAINER);
        let kind = match self.cursor.peek() {
            Some(Type::Unsigned) => Kind::of_sid(self.cursor.unsigned()?),
            Some(Type::Text) => {
                let name = self.cursor.text()?;
                [Kind::Voucher, Kind::Request].into_iter().find(|kind| kind.name() == name)
            }
            _ => None,
        };
        let Some(kind) = kind else { return Err(container) };
        let data = self.leaves(kind)?;
        self.cursor.end()?;
        Ok(data)
    }

    fn leaves(&mut self, kind: Kind) -> Result<Data<'a>, Fault> {
        let mut data = Data::new(kind);
        let mut unknown = [Key::Sid(0); MOST_UNKNOWN];
        let count = self.cursor.map()?;
        if count > MOST {
            return Err(self.fault(rules::LEAVES));
        }
        for _ in 0..count {
            let twice = self.fault(rules::LEAF_TWICE);
            let key = self.key(kind)?;
            let leaf = match key {
                Key::Sid(sid) => Leaf::of_sid(sid, kind),
                Key::Name(name) => Leaf::of_name(kind, |known| known == name),
            };
            let is_new = match leaf {
                Some(leaf) => {
                    let value = self.value(leaf)?;
                    data.put(leaf, value)
                }
                // RFC 8995 §5.6.1: unknown fields are ignored.
                None => {
                    self.cursor.skip()?;
                    self.remember(&mut unknown, &mut data.unknown, key)?
                }
            };
            if !is_new {
                return Err(twice);
            }
        }
        Ok(data)
    }

    fn remember(
        &self,
        unknown: &mut [Key<'a>; MOST_UNKNOWN],
        count: &mut usize,
        key: Key<'a>,
    ) -> Result<bool, Fault> {
        let is_known = unknown.iter().take(*count).any(|one| *one == key);
        let Some(place) = unknown.get_mut(*count) else {
            return Err(self.fault(rules::LEAVES));
        };
        *place = key;
        *count = count.saturating_add(1);
        Ok(!is_known)
    }

    fn key(&mut self, kind: Kind) -> Result<Key<'a>, Fault> {
        let fault = self.fault(rules::KEY);
        match self.cursor.peek() {
            Some(Type::Unsigned | Type::Negative) => {
                let delta = self.cursor.integer()?;
                kind.sid().checked_add_signed(delta).map(Key::Sid).ok_or(fault)
            }
            Some(Type::Text) => Ok(Key::Name(self.cursor.text()?)),
            Some(Type::Tag) if self.cursor.tag()? == ABSOLUTE => {
                Ok(Key::Sid(self.cursor.unsigned()?))
            }
            _ => Err(fault),
        }
    }

    fn value(&mut self, leaf: Leaf) -> Result<Value<'a>, Fault> {
        match leaf.form() {
            Form::Assertion => Ok(Value::Assertion(self.assertion()?)),
            Form::Date => Ok(Value::Date(self.date()?)),
            Form::Flag => match self.cursor.peek() {
                Some(Type::Bool) => Ok(Value::Flag(self.cursor.boolean()?)),
                _ => Err(self.fault(rules::LEAF_TYPE)),
            },
            Form::Binary | Form::Binaries => Ok(Value::Binary(self.binary(leaf)?)),
            Form::Text => Ok(Value::Text(self.text(leaf)?)),
            Form::List => Ok(Value::List(self.list()?)),
        }
    }

    fn assertion(&mut self) -> Result<Assertion, Fault> {
        let unknown = self.fault(rules::ASSERTION);
        let found = match self.cursor.peek() {
            Some(Type::Unsigned) => Assertion::from_number(self.cursor.unsigned()?),
            Some(Type::Text) => {
                self.deviation(rules::ENUMERATION)?;
                let name = self.cursor.text()?;
                Assertion::from_name(|known| known == name)
            }
            _ => return Err(self.fault(rules::LEAF_TYPE)),
        };
        found.ok_or(unknown)
    }

    fn date(&mut self) -> Result<Time, Fault> {
        let broken = self.fault(rules::DATE);
        match self.cursor.peek() {
            Some(Type::Text) => {
                let is_lenient = self.reading.is_lenient();
                let text = self.cursor.text()?;
                read_date(text, is_lenient).ok_or(broken)
            }
            Some(Type::Tag) => {
                self.deviation(rules::DATE_TAG)?;
                if self.cursor.tag()? != EPOCH_TAG {
                    return Err(broken);
                }
                Ok(Time::from_unix(self.cursor.unsigned()?))
            }
            _ => Err(self.fault(rules::LEAF_TYPE)),
        }
    }

    fn binary(&mut self, leaf: Leaf) -> Result<Binary<'a>, Fault> {
        match self.cursor.peek() {
            Some(Type::Bytes) => Ok(Binary::bytes(self.cursor.bytes()?)),
            Some(Type::Text) => {
                self.deviation(rules::BINARY_TEXT)?;
                let broken = self.fault(rules::BASE64);
                let text = self.cursor.text()?;
                match Binary::of_base64(Characters::plain(text)) {
                    Some((binary, _)) => Ok(binary),
                    // Some wrote any text for a nonce.
                    None if leaf == Leaf::Nonce => Ok(Binary::bytes(text.as_bytes())),
                    None => Err(broken),
                }
            }
            _ => Err(self.fault(rules::LEAF_TYPE)),
        }
    }

    fn text(&mut self, leaf: Leaf) -> Result<Characters<'a>, Fault> {
        let broken = self.fault(rules::LEAF_TYPE);
        match self.cursor.peek() {
            Some(Type::Text) => Ok(Characters::plain(self.cursor.text()?)),
            Some(Type::Bytes) if leaf == Leaf::SerialNumber => {
                self.deviation(rules::SERIAL_BYTES)?;
                let text = core::str::from_utf8(self.cursor.bytes()?);
                text.map(Characters::plain).map_err(|_| broken)
            }
            _ => Err(broken),
        }
    }

    fn list(&mut self) -> Result<List<'a>, Fault> {
        if self.cursor.peek() != Some(Type::Array) {
            return Err(self.fault(rules::LEAF_TYPE));
        }
        let count = self.cursor.array()?;
        let start = self.cursor;
        for _ in 0..count {
            match self.cursor.peek() {
                Some(Type::Unsigned | Type::Text) => self.cursor.skip()?,
                _ => return Err(self.fault(rules::LEAF_TYPE)),
            }
        }
        Ok(List(Items::Cbor(start, count)))
    }
}
