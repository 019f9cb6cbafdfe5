//! Vouchers in CBOR (RFC 9254).
//!
//! Keys need no order: RFC 9254 does not ask for deterministic encoding. They are differences of
//! identifiers, names, or identifiers with tag 47, and may be mixed.

use iotops_wire::cbor::{Cursor, Type};
use iotops_wire::{Rule, Time, rules as wire};

use super::contents::{Data, Items, List, Source, Value};
use super::reading::Reading;
use crate::model::{Assertion, Binary, Characters, Form, Kind, Leaf, Registry, read_date};
use crate::{Error, rules};

/// The tag of an identifier that is no difference.
const ABSOLUTE: u64 = 47;
/// The tag of a time in seconds.
const EPOCH_TAG: u64 = 1;
/// More leaves than any document has.
const MOST: usize = 64;
/// Leaves of other modules that are stepped over.
const MOST_UNKNOWN: usize = 16;
/// A map that ends with a break, and the break.
const INDEFINITE_MAP: u8 = 0xbf;
const BREAK: u8 = 0xff;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Key<'a> {
    Sid(u64),
    Name(&'a str),
}

impl Key<'_> {
    /// The leaf that it names, and whether by its name of today.
    pub(super) fn leaf(self, registry: &Registry) -> Option<(Leaf, bool)> {
        match self {
            Key::Sid(sid) => Some((registry.leaf(sid)?, true)),
            Key::Name(name) => Leaf::of_name(registry.kind, name),
        }
    }
}

/// Reads all of `payload`.
pub(crate) fn read<'a>(payload: &'a [u8], reading: &mut Reading<'_>) -> Result<Data<'a>, Error> {
    let mut reader = Reader { cursor: Cursor::new(payload)?, reading };
    match reader.document(payload) {
        Ok(data) => {
            data.check(reader.reading)?;
            Ok(data)
        }
        Err(Fault::Here(rule, offset)) => Err(reader.reading.error(rule, offset)),
        Err(Fault::Told(error)) => Err(error),
        Err(Fault::Lower(error)) => Err(reader.reading.moved(error)),
    }
}

/// Reads one value of a payload that was read before.
pub(super) fn again(payload: &[u8], place: u32, leaf: Leaf) -> Option<Value<'_>> {
    let mut reading = Reading::again();
    Reader { cursor: Cursor::at(payload, place), reading: &mut reading }.value(leaf).ok()
}

/// A failure, and whether its offset is already that of the document.
pub(super) enum Fault {
    Here(Rule, u32),
    Lower(iotops_wire::Error),
    Told(Error),
}

impl From<iotops_wire::Error> for Fault {
    fn from(error: iotops_wire::Error) -> Self {
        Self::Lower(error)
    }
}

/// The entries of a map: a number of them, or as many as come before the break.
#[derive(Clone, Copy)]
pub(super) struct Entries(Option<usize>);

impl Entries {
    /// Reads the head of a map. A lenient reader takes indefinite length: what is in it is
    /// checked all the same, and it is signed as it stands.
    pub(super) fn open(cursor: &mut Cursor<'_>, reading: &mut Reading<'_>) -> Result<Self, Fault> {
        if reading.is_lenient() && cursor.rest().first() == Some(&INDEFINITE_MAP) {
            reading.deviation(wire::INDEFINITE, cursor.offset()).map_err(Fault::Told)?;
            step(cursor);
            return Ok(Self(None));
        }
        Ok(Self(Some(cursor.map()?)))
    }

    /// Whether another entry follows; the break is stepped over.
    pub(super) fn next(&mut self, cursor: &mut Cursor<'_>) -> bool {
        match &mut self.0 {
            Some(left) => left.checked_sub(1).map(|rest| *left = rest).is_some(),
            None if cursor.rest().first() == Some(&BREAK) => {
                step(cursor);
                false
            }
            None => true,
        }
    }
}

/// Steps over one byte.
fn step(cursor: &mut Cursor<'_>) {
    *cursor = Cursor::at(cursor.document(), cursor.offset().saturating_add(1));
}

/// Reads a key of a map of leaves.
pub(super) fn key<'a>(cursor: &mut Cursor<'a>, container: u64) -> Result<Key<'a>, Fault> {
    let offset = cursor.offset();
    match cursor.peek() {
        Some(Type::Unsigned | Type::Negative) => {
            let sid = container.checked_add_signed(cursor.integer()?);
            sid.map(Key::Sid).ok_or(Fault::Here(rules::KEY, offset))
        }
        Some(Type::Text) => Ok(Key::Name(cursor.text()?)),
        // RFC 9254 §3.2: an identifier that is no difference has tag 47.
        Some(Type::Tag) if cursor.tag()? == ABSOLUTE => Ok(Key::Sid(cursor.unsigned()?)),
        Some(_) => Err(Fault::Here(rules::KEY, offset)),
        None => Err(Fault::Here(wire::TRUNCATED, offset)),
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

    fn document(&mut self, payload: &'a [u8]) -> Result<Data<'a>, Fault> {
        let mut outer = Entries::open(&mut self.cursor, self.reading)?;
        let container = self.fault(rules::CONTAINER);
        if !outer.next(&mut self.cursor) {
            return Err(container);
        }
        let Some(registry) = self.container()? else { return Err(container) };
        let data = self.leaves(registry, payload)?;
        if outer.next(&mut self.cursor) {
            return Err(self.fault(rules::CONTAINER));
        }
        self.cursor.end()?;
        Ok(data)
    }

    fn container(&mut self) -> Result<Option<&'static Registry>, Fault> {
        let start = self.cursor;
        let registry = match self.cursor.peek() {
            Some(Type::Unsigned) => Registry::of_sid(self.cursor.unsigned()?),
            Some(Type::Text) => {
                let name = self.cursor.text()?;
                let known = [Kind::Voucher, Kind::Request];
                known.into_iter().find(|kind| kind.name() == name).map(Registry::of_kind)
            }
            _ => None,
        };
        if registry.is_some_and(Registry::is_old) {
            self.reading.deviation(rules::OLD_SID, start.offset()).map_err(Fault::Told)?;
        }
        Ok(registry)
    }

    fn leaves(
        &mut self,
        registry: &'static Registry,
        payload: &'a [u8],
    ) -> Result<Data<'a>, Fault> {
        let mut data = Data::new(registry, Source::Cbor(payload), self.cursor.offset());
        let mut unknown = [Key::Sid(0); MOST_UNKNOWN];
        let mut entries = Entries::open(&mut self.cursor, self.reading)?;
        let mut count = 0_usize;
        while entries.next(&mut self.cursor) {
            count = count.saturating_add(1);
            if count > MOST {
                return Err(self.fault(rules::LEAVES));
            }
            let start = self.cursor.offset();
            let key = key(&mut self.cursor, registry.sid)?;
            let is_new = match key.leaf(registry) {
                Some((leaf, is_today)) => {
                    if !is_today {
                        self.deviation(rules::OLD_NAME)?;
                    }
                    let place = self.cursor.offset();
                    self.value(leaf)?;
                    data.put(leaf, place)
                }
                // RFC 8995 §5.6.1: unknown fields are ignored.
                None => {
                    self.cursor.skip()?;
                    self.remember(&mut unknown, &mut data.unknown, key)?
                }
            };
            if !is_new {
                return Err(Fault::Here(rules::LEAF_TWICE, start));
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
                Assertion::from_name(self.cursor.text()?)
            }
            _ => return Err(self.fault(rules::LEAF_TYPE)),
        };
        found.ok_or(unknown)
    }

    fn date(&mut self) -> Result<Time, Fault> {
        let broken = self.fault(rules::DATE);
        match self.cursor.peek() {
            Some(Type::Text) => {
                let text = self.cursor.text()?;
                if let Some(time) = read_date(text, false) {
                    return Ok(time);
                }
                let Some(time) = read_date(text, true) else { return Err(broken) };
                self.deviation(rules::DATE)?;
                Ok(time)
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
