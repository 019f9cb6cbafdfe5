//! Anchors as words of the command line.

use iotops_crypto::Error;
use iotops_crypto::anchor::{Anchor, AnchorId, AnchorSet, Material, Prefixes, Purpose, Purposes};
use iotops_wire::Time;
use iotops_wire::cbor::Encoder;

use crate::failure::Failure;
use crate::{files, key, source};

/// How anchors are written, for the help of the commands.
pub(super) const HELP: &str = "Anchors are written MATERIAL,FIELD=VALUE,...
  material  a key file (as for --key), certificate:FILE (DER), spki-sha256:HEX,
            or authority:NAME:SPKI (two files in DER)
  fields    purposes, updates and recovers (names joined by +), prefix (parts of a
            component identifier in hex joined by a full stop; may be repeated),
            first and last (sequence numbers), not-before and not-after (seconds
            since 1970)
  purposes  suit-author masa idevid-issuer owner mud-signer snapshot-signer escrow
            verifier recovery";

/// An anchor as it was given: it owns what an [`Anchor`] borrows.
pub(super) struct Spec {
    text: String,
    material: Owned,
    purposes: Purposes,
    updates: Purposes,
    recovers: Purposes,
    prefixes: Vec<Vec<Vec<u8>>>,
    encoded_prefixes: Vec<u8>,
    first: u64,
    last: Option<u64>,
    not_before: Option<u64>,
    not_after: Option<u64>,
}

enum Owned {
    Key(Vec<u8>),
    SpkiHash(AnchorId),
    Certificate(Vec<u8>),
    Authority(Vec<u8>, Vec<u8>),
}

impl Spec {
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let mut words = text.split(',');
        let material = Owned::parse(words.next().unwrap_or_default())?;
        let mut spec = Self {
            text: text.into(),
            material,
            purposes: Purposes::NONE,
            updates: Purposes::NONE,
            recovers: Purposes::NONE,
            prefixes: Vec::new(),
            encoded_prefixes: Vec::new(),
            first: 0,
            last: None,
            not_before: None,
            not_after: None,
        };
        for word in words {
            let field = word.split_once('=').and_then(|(name, value)| spec.set(name, value));
            field.ok_or_else(|| unusable(text, format!("{word} is no field and its value")))?;
        }
        spec.encode_prefixes().map_err(|error| unusable(text, error))?;
        Ok(spec)
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "purposes" => self.purposes = purposes(value)?,
            "updates" => self.updates = purposes(value)?,
            "recovers" => self.recovers = purposes(value)?,
            "prefix" => {
                let parts: Option<Vec<Vec<u8>>> = value.split('.').map(source::unhex).collect();
                self.prefixes.push(parts?);
            }
            "first" => self.first = value.parse().ok()?,
            "last" => self.last = Some(value.parse().ok()?),
            "not-before" => self.not_before = Some(value.parse().ok()?),
            "not-after" => self.not_after = Some(value.parse().ok()?),
            _ => return None,
        }
        Some(())
    }

    /// Prefixes ascend by their encodings, each once.
    fn encode_prefixes(&mut self) -> Result<(), Error> {
        let mut encoded =
            self.prefixes.iter().map(|parts| prefix(parts)).collect::<Result<Vec<_>, _>>()?;
        encoded.sort();
        encoded.dedup();
        if !encoded.is_empty() {
            let mut encoder = Encoder::new(&mut self.encoded_prefixes);
            encoder.array(encoded.len())?;
            for one in encoded {
                encoder.raw(&one)?;
            }
        }
        Ok(())
    }

    pub(super) fn anchor(&self) -> Result<Anchor<'_>, Failure> {
        let failed = |error: Error| unusable(&self.text, error);
        let material = match &self.material {
            Owned::Key(bytes) => Material::Key(bytes),
            Owned::SpkiHash(id) => Material::SpkiHash(*id),
            Owned::Certificate(bytes) => Material::Certificate(bytes),
            Owned::Authority(name, spki) => Material::Authority { name, spki },
        };
        let prefixes = match self.encoded_prefixes.as_slice() {
            [] => Prefixes::EVERY,
            encoded => Prefixes::decode(encoded).map_err(failed)?,
        };
        let time = |seconds: Option<u64>| seconds.map(Time::from_unix);
        Ok(Anchor::new(material, self.purposes)
            .map_err(failed)?
            .with_prefixes(prefixes)
            .with_updates(self.updates)
            .with_recovers(self.recovers)
            .with_sequence(self.first, self.last)
            .with_time(time(self.not_before), time(self.not_after)))
    }
}

impl Owned {
    fn parse(word: &str) -> Result<Self, Failure> {
        if let Some(hex) = word.strip_prefix("spki-sha256:") {
            let id = source::unhex(hex).and_then(|bytes| AnchorId::from_bytes(&bytes));
            return id.map(Self::SpkiHash).ok_or_else(|| unusable(word, "a SHA-256 has 64 digits"));
        }
        if let Some(file) = word.strip_prefix("certificate:") {
            return Ok(Self::Certificate(der(file)?));
        }
        if let Some((name, spki)) =
            word.strip_prefix("authority:").and_then(|files| files.split_once(':'))
        {
            return Ok(Self::Authority(der(name)?, der(spki)?));
        }
        let key = key::load(word)?.verifying_key().to_cose_key();
        Ok(Self::Key(key.map_err(|error| unusable(word, error))?.as_bytes().to_vec()))
    }
}

/// A file that holds DER: at least, one that begins like it.
fn der(name: &str) -> Result<Vec<u8>, Failure> {
    let bytes = files::read(name)?;
    if bytes.first() == Some(&0x30) {
        return Ok(bytes);
    }
    Err(unusable(name, "it is not DER (openssl converts it with -outform DER)"))
}

fn prefix(parts: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    encoder.array(parts.len())?;
    for part in parts {
        encoder.bytes(part)?;
    }
    Ok(bytes)
}

fn purposes(names: &str) -> Option<Purposes> {
    let purposes: Option<Vec<Purpose>> = names.split('+').map(Purpose::from_name).collect();
    Some(Purposes::of(&purposes?))
}

/// The identifier that begins with these digits, of which there must be one in the set.
pub(super) fn id(set: &AnchorSet<'_>, digits: &str) -> Result<AnchorId, Failure> {
    let mut found = set
        .anchors()
        .map(|anchor| anchor.id())
        .filter(|id| !digits.is_empty() && id.to_string().starts_with(&digits.to_lowercase()));
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id),
        (None, _) => Err(unusable(digits, "no anchor of the set has such an identifier")),
        _ => Err(unusable(digits, "several anchors of the set begin so")),
    }
}

pub(super) fn unusable(subject: &str, reason: impl core::fmt::Display) -> Failure {
    Failure::unusable("anchor", format_args!("{subject}: {reason}"))
}
