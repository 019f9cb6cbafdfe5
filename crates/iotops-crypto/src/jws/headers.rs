//! The two headers of a signature.

use base64ct::{Base64, Encoding as _};
use iotops_wire::json::{Chars, Text, Type, Value};

use crate::{Algorithm, Error, rules::jws as rules};

const ALGORITHM: &str = "alg";
const CRITICAL: &str = "crit";
const ENCODED: &str = "b64";
const KEY_ID: &str = "kid";
const TYPE: &str = "typ";
const CONTENT_TYPE: &str = "cty";
const CERTIFICATES: &str = "x5c";

/// The parameters of RFC 7515 §4.1 with their types: an extension cannot bear their names.
const REGISTERED: [(&str, Type); 11] = [
    (ALGORITHM, Type::String),
    ("jku", Type::String),
    ("jwk", Type::Object),
    (KEY_ID, Type::String),
    ("x5u", Type::String),
    (CERTIFICATES, Type::Array),
    ("x5t", Type::String),
    ("x5t#S256", Type::String),
    (TYPE, Type::String),
    (CONTENT_TYPE, Type::String),
    (CRITICAL, Type::Array),
];

/// Parameters that mean nothing when anyone may change them.
const PROTECTED_ONLY: [&str; 3] = [ALGORITHM, CRITICAL, ENCODED];

/// Each name that crit lists is looked for in the headers: a bound on hostile work.
const MOST_CRITICAL: usize = 16;

/// No algorithm has a longer name.
const LONGEST_NAME: usize = 16;

const NONE: &str = "none";

/// The headers of one signature: well formed and disjoint.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    protected: Value<'a>,
    unprotected: Option<Value<'a>>,
    /// Where the text of the protected header stands in the document.
    offset: u32,
    algorithm: Option<Algorithm>,
    is_encoded: bool,
}

impl<'a> Headers<'a> {
    /// `protected` was decoded from the text at `offset`; `unprotected` is part of the document.
    pub(super) fn read(
        protected: &'a [u8],
        offset: u32,
        unprotected: Option<Value<'a>>,
    ) -> Result<Self, Error> {
        let mapped = |error: iotops_wire::Error| decoded_place(error.into(), offset);
        let protected = Value::read(protected).map_err(mapped)?;
        let mut headers =
            Self { protected, unprotected, offset, algorithm: None, is_encoded: true };
        headers.check_protected().map_err(|error| decoded_place(error, offset))?;
        headers.check_unprotected()?;
        headers.check_critical().map_err(|error| decoded_place(error, offset))?;
        Ok(headers)
    }

    fn check_protected(&mut self) -> Result<(), Error> {
        check_types(&self.protected)?;
        let Some(algorithm) = self.protected.member(ALGORITHM)? else {
            return Err(self.protected.error(rules::JWS_ALGORITHM_MISSING).into());
        };
        let name = algorithm.text()?;
        // RFC 7518 §3.6: implementations "MUST NOT accept such objects as valid unless the
        // application specifies" it. There is no way to specify it here.
        if name == *NONE {
            return Err(name.error(rules::JWS_ALGORITHM_NONE).into());
        }
        let mut buffer = [0; LONGEST_NAME];
        self.algorithm = name.read_into(&mut buffer).ok().and_then(Algorithm::from_jose);
        if let Some(flag) = self.protected.member(ENCODED)? {
            self.is_encoded = flag.boolean()?;
        }
        Ok(())
    }

    /// RFC 7515 §7.2.1: "The Header Parameter names in the two locations MUST be disjoint."
    fn check_unprotected(&self) -> Result<(), Error> {
        let Some(unprotected) = self.unprotected else {
            return Ok(());
        };
        check_types(&unprotected)?;
        for (name, _) in unprotected.members()? {
            if PROTECTED_ONLY.iter().any(|only| name == **only) {
                return Err(name.error(rules::JWS_UNPROTECTED).into());
            }
            if self.protected.members()?.any(|(other, _)| other == name) {
                return Err(name.error(rules::JWS_HEADER_IN_BOTH).into());
            }
        }
        Ok(())
    }

    fn check_critical(&self) -> Result<(), Error> {
        let list = self.protected.member(CRITICAL)?;
        if let Some(list) = list {
            self.check_list(&list)?;
        }
        // RFC 7797 §6: "The "crit" Header Parameter MUST be included with "b64" in its set of
        // values when using the "b64" Header Parameter".
        let has_flag = self.protected.member(ENCODED)?.is_some();
        if has_flag && !self.critical().any(|name| name == *ENCODED) {
            return Err(self.protected.error(rules::JWS_B64).into());
        }
        Ok(())
    }

    /// RFC 7515 §4.1.11: crit must not be empty, nor hold names "defined by this specification",
    /// "duplicate names, or names that do not occur as Header Parameter names".
    fn check_list(&self, list: &Value<'a>) -> Result<(), Error> {
        let broken = |value: &Value<'_>| Err(Error::from(value.error(rules::JWS_CRITICAL_LIST)));
        for (index, item) in list.items()?.enumerate() {
            if index >= MOST_CRITICAL {
                return Err(item.error(rules::JWS_CRITICAL_COUNT).into());
            }
            let Ok(name) = item.text() else { return broken(&item) };
            let is_registered = REGISTERED.iter().any(|(registered, _)| name == **registered);
            let mut before = list.items()?.take(index).flat_map(|earlier| earlier.text());
            if is_registered || before.any(|earlier| earlier == name) || !self.has(name)? {
                return broken(&item);
            }
        }
        if list.items()?.next().is_none() { broken(list) } else { Ok(()) }
    }

    fn has(&self, name: Text<'_>) -> Result<bool, Error> {
        let unprotected = self.unprotected.map(|header| header.members()).transpose()?;
        let mut all = self.protected.members()?.chain(unprotected.into_iter().flatten());
        Ok(all.any(|(found, _)| found == name))
    }

    /// The names that `crit` lists; [`Jws::understanding`](super::Jws::understanding) must name
    /// them all.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn critical(&self) -> impl Iterator<Item = Text<'a>> + use<'a> {
        self.texts(CRITICAL)
    }

    /// The algorithm; `None` for one that is not registered for signatures.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// Whether the payload is signed as base64url, as all but those of RFC 7797 are.
    #[must_use]
    pub const fn is_encoded(&self) -> bool {
        self.is_encoded
    }

    /// The key identifier, `kid`, from either header: a hint, never a key.
    #[must_use]
    pub fn key_id(&self) -> Option<Text<'a>> {
        self.text(KEY_ID)
    }

    /// The type of the whole message, `typ`.
    #[must_use]
    pub fn message_type(&self) -> Option<Text<'a>> {
        self.text(TYPE)
    }

    /// The type of the payload, `cty`.
    #[must_use]
    pub fn content_type(&self) -> Option<Text<'a>> {
        self.text(CONTENT_TYPE)
    }

    /// The certificates, `x5c`, from either header, that of the signer first: what a path to a
    /// trust anchor may be built of, and no more.
    #[must_use = "iterators do nothing unless consumed"]
    pub fn certificates(&self) -> impl Iterator<Item = Text<'a>> + use<'a> {
        self.texts(CERTIFICATES)
    }

    /// Decodes one of the certificates into `buffer`.
    ///
    /// # Errors
    /// [`rules::CERTIFICATE_BASE64`], [`rules::JWS_SCRATCH`] if `buffer` is too small.
    pub fn decode_certificate<'b>(
        certificate: Text<'_>,
        buffer: &'b mut [u8],
    ) -> Result<&'b [u8], Error> {
        // Character by character, as an encoder may have written the slash as `\/`.
        let mut characters = certificate.chars();
        let mut length = 0_usize;
        let mut is_last = false;
        while let Some(group) = group(&mut characters) {
            let mut bytes = [0; 3];
            let decoded = Base64::decode(group, &mut bytes).unwrap_or_default();
            if decoded.is_empty() || is_last {
                return Err(certificate.error(rules::CERTIFICATE_BASE64).into());
            }
            let end = length.saturating_add(decoded.len());
            let Some(space) = buffer.get_mut(length..end) else {
                return Err(certificate.error(rules::JWS_SCRATCH).into());
            };
            space.copy_from_slice(decoded);
            (length, is_last) = (end, decoded.len() < 3);
        }
        Ok(buffer.get(..length).unwrap_or_default())
    }

    /// The parameter of the protected header with this name.
    #[must_use]
    pub fn protected(&self, name: &str) -> Option<Value<'a>> {
        self.protected.member(name).ok().flatten()
    }

    /// The parameter of the unprotected header with this name.
    #[must_use]
    pub fn unprotected(&self, name: &str) -> Option<Value<'a>> {
        self.unprotected?.member(name).ok().flatten()
    }

    /// The parameter with this name in either header.
    fn any(&self, name: &str) -> Option<Value<'a>> {
        self.protected(name).or_else(|| self.unprotected(name))
    }

    fn text(&self, name: &str) -> Option<Text<'a>> {
        self.any(name)?.text().ok()
    }

    /// The strings of an array.
    fn texts(&self, name: &str) -> impl Iterator<Item = Text<'a>> + use<'a> {
        let items = self.any(name).and_then(|list| list.items().ok());
        items.into_iter().flatten().flat_map(|item| item.text())
    }

    /// The unprotected header as it is written.
    #[cfg(feature = "alloc")]
    pub(super) const fn unprotected_value(&self) -> Option<Value<'a>> {
        self.unprotected
    }

    /// Where the protected header stands in the document.
    pub(super) const fn offset(&self) -> u32 {
        self.offset
    }
}

/// The next four characters; a foreign one, or none, is 0, which no base64 has.
fn group(characters: &mut Chars<'_>) -> Option<[u8; 4]> {
    let mut group = [0; 4];
    for (index, to) in group.iter_mut().enumerate() {
        match characters.next() {
            Some(character) => *to = u8::try_from(character).unwrap_or(0),
            None if index == 0 => return None,
            None => {}
        }
    }
    Some(group)
}

/// Every parameter that RFC 7515 registers has its type, and `b64` is a boolean.
fn check_types(header: &Value<'_>) -> Result<(), Error> {
    for (name, value) in header.members()? {
        let registered = REGISTERED.iter().find(|(registered, _)| name == **registered);
        let expected = match registered {
            Some((_, kind)) => *kind,
            None if name == *ENCODED => Type::Bool,
            None => continue,
        };
        let is_list_of_strings =
            || value.items().is_ok_and(|mut items| items.all(|item| item.kind() == Type::String));
        let has_items = name == *CERTIFICATES;
        if value.kind() != expected || (has_items && !is_list_of_strings()) {
            return Err(value.error(rules::JWS_HEADER_VALUE).into());
        }
    }
    Ok(())
}

/// An error at a decoded byte, told of the character that holds its first bits.
#[cold]
fn decoded_place(error: Error, offset: u32) -> Error {
    let byte = error.place().offset();
    let characters = byte.saturating_add(byte.wrapping_div(3));
    Error::new(error.rule(), offset.saturating_add(characters))
}
