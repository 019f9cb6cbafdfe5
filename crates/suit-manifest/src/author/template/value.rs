//! The values of a template: bytes, identifiers, digests, and what is computed from files.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use iotops_crypto::{Algorithm, digest};
use iotops_wire::Rule;
use iotops_wire::cbor::Encoder;
use iotops_wire::json::{Text, Type, Value};
use iotops_wire::shape::Shape;
use sha1::{Digest as _, Sha1};

use crate::author::names;
use crate::author::open;
use crate::encode::{Written, written};
use crate::model::{SuitDigest, Uuid};
use crate::{Error, rules};

const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
/// RFC 9562 §6.6.
const NAMESPACE_DNS: Uuid = [
    0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
];

/// Where the files come from that a template names.
pub(super) struct Files<'f>(pub(super) &'f mut dyn FnMut(&str) -> Option<Vec<u8>>);

impl Files<'_> {
    fn read(&mut self, name: Value<'_>) -> Result<Vec<u8>, Error> {
        let file = (self.0)(&text(name)?);
        file.ok_or_else(|| fault(name, rules::TEMPLATE_FILE))
    }

    /// Bytes as text, as `{"hex": …}` or as `{"file": …}`.
    pub(super) fn bytes(&mut self, value: Value<'_>) -> Result<Vec<u8>, Error> {
        match value.kind() {
            Type::String => Ok(text(value)?.into_bytes()),
            Type::Object => {
                let (form, content) = only_member(value, rules::TEMPLATE_BYTES)?;
                match form {
                    _ if form == *"hex" => hex(content),
                    _ if form == *"file" => self.read(content),
                    _ => Err(form.error(rules::TEMPLATE_BYTES).into()),
                }
            }
            _ => Err(fault(value, rules::TEMPLATE_BYTES)),
        }
    }

    /// A number, or the size of `{"file": …}`.
    pub(super) fn size(&mut self, value: Value<'_>) -> Result<u64, Error> {
        if value.kind() == Type::Number {
            return Ok(value.unsigned()?);
        }
        let (form, content) = only_member(value, rules::TEMPLATE_VALUE)?;
        if form != *"file" {
            return Err(form.error(rules::TEMPLATE_VALUE).into());
        }
        Ok(u64::try_from(self.read(content)?.len()).unwrap_or(u64::MAX))
    }

    /// `{ALGORITHM: "…"}` in hexadecimal, `{ALGORITHM: {"file": …}}`, or
    /// `{ALGORITHM: {"envelope": …}}`, the digest of the manifest in it.
    pub(super) fn digest(
        &mut self,
        value: Value<'_>,
        encoder: &mut Encoder<'_>,
    ) -> Result<(), Error> {
        let (name, content) = only_member(value, rules::TEMPLATE_DIGEST)?;
        let known = Algorithm::ALL.iter().find(|one| name == *one.name());
        let Some(algorithm) = known else {
            return Err(name.error(rules::TEMPLATE_DIGEST).into());
        };
        let bytes = self.digest_bytes(*algorithm, content)?;
        let place = |error: Error| Error::new(error.rule(), content.offset());
        SuitDigest::new(*algorithm, &bytes).map_err(place)?.encode(encoder)
    }

    fn digest_bytes(&mut self, algorithm: Algorithm, value: Value<'_>) -> Result<Vec<u8>, Error> {
        if value.kind() == Type::String {
            return hex(value);
        }
        let (form, name) = only_member(value, rules::TEMPLATE_DIGEST)?;
        let content = match form {
            _ if form == *"file" => self.read(name)?,
            _ if form == *"envelope" => {
                let envelope = self.read(name)?;
                let manifest = open(&envelope).map_err(|error| fault(name, error.rule()))?;
                manifest.envelope().manifest_bytes().to_vec()
            }
            _ => return Err(form.error(rules::TEMPLATE_DIGEST).into()),
        };
        let computed = digest(algorithm, &[&content]);
        let unsupported = iotops_crypto::rules::DIGEST_UNSUPPORTED;
        computed.map(|one| one.as_bytes().to_vec()).ok_or_else(|| fault(value, unsupported))
    }

    /// An array of bytes.
    pub(super) fn identifier(&mut self, value: Value<'_>) -> Result<Vec<Vec<u8>>, Error> {
        value.items()?.map(|part| self.bytes(part)).collect()
    }
}

/// `rule` is broken by this value.
pub(super) fn fault(value: Value<'_>, rule: Rule) -> Error {
    value.error(rule).into()
}

pub(super) fn text(value: Value<'_>) -> Result<String, Error> {
    Ok(value.text()?.to_string())
}

/// The one member of an object.
pub(super) fn only_member(value: Value<'_>, rule: Rule) -> Result<(Text<'_>, Value<'_>), Error> {
    let mut members = value.members().map_err(|_| fault(value, rule))?;
    match (members.next(), members.next()) {
        (Some(member), None) => Ok(member),
        _ => Err(fault(value, rule)),
    }
}

pub(super) fn hex(value: Value<'_>) -> Result<Vec<u8>, Error> {
    digits(&text(value)?).ok_or_else(|| fault(value, rules::TEMPLATE_HEX))
}

fn digits(text: &str) -> Option<Vec<u8>> {
    let digit = |character: char| u8::try_from(character.to_digit(16)?).ok();
    let nibbles: Option<Vec<u8>> = text.chars().map(digit).collect();
    let (pairs, rest) = nibbles.as_deref()?.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// A UUID in hexadecimal, or `{"uuid5": [domain, name, …]}`, which computes it.
pub(super) fn uuid(value: Value<'_>) -> Result<Uuid, Error> {
    if value.kind() == Type::Object {
        return match only_member(value, rules::TEMPLATE_UUID)? {
            (form, names) if form == *"uuid5" => of_names(names),
            (form, _) => Err(form.error(rules::TEMPLATE_UUID).into()),
        };
    }
    let text = text(value)?;
    let is_grouped = text.split('-').map(str::len).eq(GROUPS);
    let plain = if is_grouped { text.replace('-', "") } else { text };
    let bytes = digits(&plain).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| fault(value, rules::TEMPLATE_UUID))
}

/// SUIT §8.4.8.2: "Vendor ID = UUID5(<IANA UUID Namespace ID DNS>, vendor domain name)", "Class ID =
/// UUID5(Vendor ID, Class-Specific-Information)".
fn of_names(names: Value<'_>) -> Result<Uuid, Error> {
    let mut items = names.items()?;
    let domain = items.next().ok_or_else(|| fault(names, rules::TEMPLATE_UUID))?;
    let vendor = uuid5(&NAMESPACE_DNS, &text(domain)?);
    items.try_fold(vendor, |within, name| Ok(uuid5(&within, &text(name)?)))
}

/// The UUID of a name in a namespace (RFC 9562 §5.5).
fn uuid5(namespace: &Uuid, name: &str) -> Uuid {
    let hash = Sha1::new().chain_update(namespace).chain_update(name).finalize();
    let mut uuid = Uuid::default();
    uuid.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    let [.., version, _, variant, _, _, _, _, _, _, _] = &mut uuid;
    *version = *version & 0x0f | 0x50;
    *variant = *variant & 0x3f | 0x80;
    uuid
}

/// The bits with these names.
pub(super) fn bits(table: &Shape, value: Value<'_>) -> Result<u64, Error> {
    value.items()?.try_fold(0, |bits, item| {
        let name = item.text()?;
        let bit = names::bits(table).find(|(_, found)| name == **found);
        let (bit, _) = bit.ok_or_else(|| fault(item, rules::TEMPLATE_NAME))?;
        Ok(bits | bit)
    })
}

/// The code of a value with a registered name.
pub(super) fn registered(table: &Shape, value: Value<'_>) -> Result<i64, Error> {
    let code = names::value(table, &text(value)?);
    code.ok_or_else(|| fault(value, rules::TEMPLATE_NAME))
}

/// A name that is the index of a component.
pub(super) fn index(name: Text<'_>) -> Result<u64, Error> {
    let text = name.to_string();
    let index: Option<u64> = text.parse().ok();
    let is_plain = |index: &u64| index.to_string() == text;
    index.filter(is_plain).ok_or_else(|| name.error(rules::TEMPLATE_INDEX).into())
}

pub(super) fn integers(value: Value<'_>) -> Result<Vec<i64>, Error> {
    value.items()?.map(|item| Ok(item.integer()?)).collect()
}

/// A version, as an array of its numbers.
pub(super) fn version(value: Value<'_>, encoder: &mut Encoder<'_>) -> Written {
    let numbers = integers(value)?;
    encoder.array(numbers.len())?;
    numbers.iter().try_for_each(|number| written(encoder.integer(*number)))
}

/// Where a member of an object stands, or what is said of its name.
pub(super) fn unknown(name: Text<'_>) -> Error {
    name.error(rules::TEMPLATE_MEMBER).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn computed(names: &str) -> Result<Uuid, Error> {
        let json = alloc::format!(r#"{{"uuid5": {names}}}"#);
        uuid(Value::read(json.as_bytes())?)
    }

    #[test]
    fn identifiers_are_computed_of_names() {
        // The identifiers of RFC 9124 §3.1.3's names, as Python's uuid computes them.
        let vendor = [
            0x51, 0x21, 0x61, 0xd1, 0x74, 0x49, 0x54, 0xa7, 0x8f, 0x30, 0x9c, 0x87, 0xc1, 0x2b,
            0xd2, 0x95,
        ];
        let class = [
            0xee, 0x89, 0x8c, 0x61, 0x74, 0xd6, 0x5d, 0x9e, 0x98, 0xbb, 0x74, 0xa0, 0x66, 0x27,
            0xa3, 0x6f,
        ];
        assert_eq!(computed(r#"["vendor-a.example"]"#), Ok(vendor));
        assert_eq!(computed(r#"["vendor-a.example", "Product Z"]"#), Ok(class));
        for wrong in ["[]", "\"vendor-a.example\"", "[1]"] {
            assert!(computed(wrong).is_err(), "{wrong}");
        }
    }
}
