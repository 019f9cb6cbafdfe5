//! `iotops suit verify`: authentication and full static validation, with a list of the checks.

use clap::{Args, ValueEnum};
use iotops_crypto::{Algorithm, Verifier};
use serde_json::{Value, json};
use suit_manifest::model::{Element, Section};
use suit_manifest::{Authenticated, Block, Envelope, Error, Manifest, Member, Policy, rules};

use super::Agreed;
use crate::failure::Failure;
use crate::files;
use crate::key::KeyFile;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  iotops suit verify --key author.pem update.suit
  iotops suit verify --key author.pem --key release.cbor --policy all update.suit
  iotops suit verify --key hmac:shared.bin --format json - < update.suit")]
pub(crate) struct Arguments {
    /// The envelope; - is standard input.
    file: String,
    /// A trusted key: PEM, DER, COSE_Key or raw public key, told apart by content; raw secrets as
    /// hmac:FILE, es256-scalar:FILE or ed25519-seed:FILE. May be given several times.
    #[arg(long = "key", value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// How many keys must have signed: any (one of them), all (every signature must verify), or
    /// a number of different keys.
    #[arg(long, default_value = "any", value_parser = policy)]
    policy: Policy,
    /// Expect an envelope without tag 107, as TEEP carries it.
    #[arg(long)]
    untagged: bool,
    /// How to report.
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    #[command(flatten)]
    agreed: Agreed,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// A JSON object.
    Json,
}

fn policy(text: &str) -> Result<Policy, String> {
    match (text, text.parse()) {
        ("any", _) => Ok(Policy::Any),
        ("all", _) => Ok(Policy::All),
        (_, Ok(number @ 1..)) => Ok(Policy::Threshold(number)),
        _ => Err("it must be any, all, or a number from 1 to 255".into()),
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let keys: Vec<KeyFile> =
        arguments.keys.iter().map(|name| KeyFile::load(name)).collect::<Result<_, _>>()?;
    let bytes = files::read(&arguments.file)?;
    let mut report = Report::default();
    let result = report.verify(&bytes, arguments, &keys);
    let error = result.err().map(|error| explain(error, &bytes));
    let text = match arguments.format {
        Format::Text => report.text(error.is_none()),
        Format::Json => report.json(&arguments.file, error.as_deref()),
    };
    files::print(text.as_bytes())?;
    match error {
        None => Ok(()),
        Some(error) => Err(Failure::Rejected(format!("{}: {error}", arguments.file))),
    }
}

/// The sentence of an error, and the path of what it is about.
fn explain(error: Error, bytes: &[u8]) -> String {
    let text = super::explain(error, bytes);
    let is_map = matches!(bytes.first(), Some(0xa0..=0xbf));
    if error.rule() == rules::ENVELOPE_TAG && is_map {
        return format!("{text}; it looks untagged, which --untagged accepts");
    }
    text
}

/// What came of one check.
#[derive(Clone, Copy)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

struct Check {
    name: &'static str,
    section: &'static str,
    outcome: Outcome,
    detail: String,
}

/// The checks that were made, in order.
#[derive(Default)]
struct Report {
    checks: Vec<Check>,
}

impl Report {
    fn verify(
        &mut self,
        bytes: &[u8],
        arguments: &Arguments,
        keys: &[KeyFile],
    ) -> Result<(), Error> {
        let envelope = self.step("envelope", "SUIT §8.2", decode(bytes, arguments.untagged))?;
        self.detail(format!("{} bytes of deterministic CBOR", bytes.len()));
        let verifiers: Vec<&dyn Verifier> = keys.iter().map(KeyFile::verifier).collect();
        let authenticated = envelope.authenticate_by(arguments.policy, &verifiers);
        let authenticated = self.authentication(&envelope, authenticated, keys)?;
        let manifest = authenticated.validate_within(arguments.agreed.limits());
        let manifest = self.step("static rules", "SUIT §8.4", manifest)?;
        self.detail(summary(&manifest));
        self.severed(&manifest);
        self.skip("rollback", "SUIT §8.4.2", "it needs the sequence number that a device stored");
        self.skip("identity", "SUIT §6.2", "vendor and class are compared by a device");
        self.skip("images", "SUIT §8.4.9", "no payload was fetched, so none was compared");
        Ok(())
    }

    /// Authentication is two checks: the digest, which comes first, and the signatures.
    fn authentication<'a>(
        &mut self,
        envelope: &Envelope<'a>,
        result: Result<Authenticated<'a>, Error>,
        keys: &[KeyFile],
    ) -> Result<Authenticated<'a>, Error> {
        let digest = envelope.claimed_digest();
        if result.as_ref().is_err_and(|error| error.rule() == rules::MANIFEST_DIGEST) {
            return self.step("manifest digest", "SUIT §8.3", result);
        }
        self.step::<(), Error>("manifest digest", "SUIT §8.3", Ok(())).ok();
        self.detail(format!("{} {}", digest.algorithm().name(), hex(digest.bytes())));
        let authenticated = self.step("signature", "SUIT §6.2", result);
        let claimed = algorithms(envelope);
        self.detail(if claimed.is_empty() {
            "none".into()
        } else {
            format!("{claimed} by no given key")
        });
        let authenticated = authenticated?;
        let signers = keys.iter().enumerate();
        let signers = signers.filter(|(place, _)| authenticated.signers().contains(*place));
        let names: Vec<&str> = signers.map(|(_, key)| key.name()).collect();
        self.detail(format!("{} by {}", algorithms(envelope), names.join(" and by ")));
        Ok(authenticated)
    }

    /// Severed elements that are not here cannot be checked.
    fn severed(&mut self, manifest: &Manifest<'_>) {
        let sections = Section::ALL.iter().filter_map(|section| {
            is_severed(&manifest.section(*section)).then_some(section.name())
        });
        let mut names: Vec<&str> = sections.collect();
        if is_severed(&manifest.text()) {
            names.push(Element::Text.name());
        }
        if is_severed(&manifest.coswid()) {
            names.push(Element::Coswid.name());
        }
        if !names.is_empty() {
            self.skip("severed elements", "SUIT §8.6", &format!("not here: {}", names.join(", ")));
        }
    }

    fn step<T, E>(
        &mut self,
        name: &'static str,
        section: &'static str,
        result: Result<T, E>,
    ) -> Result<T, E> {
        let outcome = if result.is_ok() { Outcome::Passed } else { Outcome::Failed };
        self.checks.push(Check { name, section, outcome, detail: String::new() });
        result
    }

    fn skip(&mut self, name: &'static str, section: &'static str, reason: &str) {
        let check = Check { name, section, outcome: Outcome::Skipped, detail: reason.into() };
        self.checks.push(check);
    }

    /// Says more of the last check.
    fn detail(&mut self, detail: String) {
        if let Some(check) = self.checks.last_mut() {
            check.detail = detail;
        }
    }

    fn text(&self, is_verified: bool) -> String {
        let mut lines: Vec<String> = self.checks.iter().map(Check::line).collect();
        lines.push(if is_verified { "verified\n".into() } else { "NOT verified\n".into() });
        lines.join("\n")
    }

    fn json(&self, file: &str, error: Option<&str>) -> String {
        let checks: Vec<Value> = self.checks.iter().map(Check::json).collect();
        let report = json!({
            "schema_version": 1,
            "file": file,
            "verified": error.is_none(),
            "checks": checks,
            "error": error,
        });
        format!("{report:#}\n")
    }
}

impl Check {
    fn line(&self) -> String {
        let line = format!(
            "{:<8} {:<16} {:<12} {}",
            self.outcome.name(),
            self.name,
            self.section,
            self.detail
        );
        line.trim_end().to_owned()
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "section": self.section,
            "result": self.outcome.name(),
            "detail": self.detail,
        })
    }
}

fn decode(bytes: &[u8], untagged: bool) -> Result<Envelope<'_>, Error> {
    if untagged { Envelope::decode_untagged(bytes) } else { Envelope::decode(bytes) }
}

const fn is_severed<T>(member: &Member<'_, T>) -> bool {
    matches!(member, Member::Severed(_))
}

fn summary(manifest: &Manifest<'_>) -> String {
    let sections = Section::ALL.iter();
    let present = sections.filter(|section| manifest.section(**section).present().is_some());
    let sequences =
        present.count().saturating_add(usize::from(manifest.shared_sequence().is_some()));
    let mut counts = vec![
        format!("sequence number {}", manifest.sequence_number()),
        counted(manifest.components().len(), "component", "components"),
        counted(sequences, "command sequence", "command sequences"),
    ];
    if !manifest.dependencies().is_empty() {
        counts.push(counted(manifest.dependencies().len(), "dependency", "dependencies"));
    }
    counts.join(", ")
}

fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// The algorithms of the authentication blocks, as they claim them.
fn algorithms(envelope: &Envelope<'_>) -> String {
    let name =
        |number: Option<i64>| match number.map(|number| (number, Algorithm::from_cose(number))) {
            Some((_, Some(algorithm))) => algorithm.name().to_owned(),
            Some((number, None)) => format!("algorithm {number}"),
            None => "no algorithm".to_owned(),
        };
    let names = envelope.blocks().flatten().flat_map(|block| match block {
        Block::Sign1(message) => vec![name(message.headers().algorithm())],
        Block::Mac0(message) => vec![name(message.headers().algorithm())],
        Block::Sign(message) => {
            message.signatures().map(|one| name(one.headers().algorithm())).collect()
        }
        _ => vec![],
    });
    names.collect::<Vec<_>>().join(", ")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
