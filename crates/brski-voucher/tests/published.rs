//! Vouchers that others published: each is read, strictly or leniently, or refused for a known
//! reason; and each signature that `VERIFY.txt` records as good verifies with the key named there.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    unreachable_pub,
    missing_docs,
    reason = "tests may panic and index"
)]

extern crate alloc;

mod common;

use alloc::collections::BTreeMap;
use std::fs;
use std::path::Path;

use brski_voucher::{Container, Contents, Error, Signed, rules};
use common::Key;
use iotops_crypto::Verifier;
use iotops_crypto::x509::{Certificate, verifying_key};
use iotops_wire::{Finding, Rule};

/// Files that are no vouchers, nor data of one: by a part of their name.
const OTHERS: [&str; 15] = [
    "csrattrs/",
    "/mud/",
    "-header.b64",
    "-payload.b64",
    "-signature.b64",
    "smarkaklink_req-challenge",
    "rvr_081196FFFE0181E0.json",
    "provision.json",
    "example-auditlog",
    "example-enrollstatus",
    "example-telemetry",
    "voucher-status.hex",
    "/script-cose-examples/keys/",
    "-cert.hex",
    "cbrski/cose-examples/",
];

fn main_files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for path in common::candidates(folder) {
        let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        let is_set = ["/pvr", "/rvr", "/voucher"].iter().any(|part| name.contains(part));
        let is_other = OTHERS.iter().any(|part| name.contains(part));
        if !is_other || (name.contains("cose-examples/") && is_set) {
            found.push((name, common::document(&path)));
        }
    }
    found
}

struct Read {
    strict: Option<Error>,
    lenient: Result<(), Error>,
    told: Vec<Finding>,
}

fn is_data(name: &str, document: &[u8]) -> bool {
    let is_json = document.trim_ascii_start().starts_with(b"{");
    let is_signed = document.windows(12).any(|part| part == b"\"signatures\"");
    name.contains("nonsigned") || (is_json && !is_signed)
}

fn read(name: &str, document: &[u8]) -> Read {
    let (mut one, mut two) = (vec![0; document.len()], vec![0; document.len()]);
    let mut told = Vec::new();
    let mut tell = |finding| told.push(finding);
    if is_data(name, document) {
        let (strict, lenient) = match document.trim_ascii_start().starts_with(b"{") {
            true => (
                Contents::decode_json(document),
                Contents::decode_json_lenient(document, &mut tell),
            ),
            false => (
                Contents::decode_cbor(document),
                Contents::decode_cbor_lenient(document, &mut tell),
            ),
        };
        return Read { strict: strict.err(), lenient: lenient.map(drop), told };
    }
    let container = Container::of_document(document).unwrap_or(Container::Cose);
    let strict = match container {
        Container::Cms => Signed::decode_cms(document),
        Container::Jws => Signed::decode_jws(document, &mut one),
        _ => Signed::decode_cose(document),
    };
    let lenient = match container {
        Container::Cms => Signed::decode_cms_lenient(document, &mut tell),
        Container::Jws => Signed::decode_jws_lenient(document, &mut two, &mut tell),
        _ => Signed::decode_cose_lenient(document, &mut tell),
    };
    Read { strict: strict.err(), lenient: lenient.map(drop), told }
}

/// Files that nothing sound can be read of, and why.
fn unreadable() -> BTreeMap<&'static str, Rule> {
    use iotops_crypto::rules::der;
    use iotops_wire::rules as wire;
    BTreeMap::from([
        ("cbrski/cms-parboiled-request.b64", rules::DETACHED),
        ("cbrski/cms-parboiled-request.bin", rules::DETACHED),
        ("cbrski/cms-voucher2.b64", rules::DETACHED),
        ("cbrski/cms-voucher2.bin", rules::DETACHED),
        // A note stands inside of the base64: "known to be bad".
        ("cbrski/parboiled_vr_00-D0-E5-F2-00-03.b64", der::TRAILING),
        ("cbrski/vr_00-D0-E5-F2-00-03.b64", der::TRAILING),
        // The payload is a map, and no byte string that could be signed.
        ("minerva-fountain/voucher_00-D0-E5-01-00-09.vch", wire::EXPECT_BYTES),
        ("minerva-fountain/voucher_00-D0-E5-F2-00-01.vch", wire::EXPECT_BYTES),
        ("minerva-fountain/voucher_00-D0-E5-F2-10-03.vch", wire::EXPECT_BYTES),
        ("minerva-fountain/voucher_jada123456789_bad.vch", wire::EXPECT_BYTES),
        ("minerva-fountain/vr_00-D0-E5-01-00-09.cwt", wire::EXPECT_BYTES),
        ("minerva-fountain/vr_00-D0-E5-E0-00-0F.vch", wire::EXPECT_BYTES),
        ("minerva-fountain/vr_00-D0-E5-F2-00-01.vrq", wire::EXPECT_BYTES),
        // MIME with several parts around it.
        ("minerva-fountain/voucher_00-D0-E5-F2-00-02.mvch", wire::EXPECT_ARRAY),
        ("minerva-fountain/voucher_00-D0-E5-F2-00-03-broken.mvch", wire::EXPECT_ARRAY),
        ("minerva-fountain/voucher_00-D0-E5-F2-00-03.mvch", wire::EXPECT_ARRAY),
        ("minerva-fountain/voucher_EMPTY.pkcs", wire::TRUNCATED),
        // The texts are broken over lines, inside of strings.
        ("rfc8995/parboiled_vr_00-D0-E5-F2-00-02.json", wire::JSON_CONTROL),
        ("rfc8995/voucher_00-D0-E5-F2-00-02.json", wire::JSON_CONTROL),
        ("rfc8995/vr_00-D0-E5-F2-00-02.json", wire::JSON_CONTROL),
    ])
}

#[test]
fn every_file_is_read_or_refused_for_its_reason() {
    let Some(folder) = test_support::vectors("brski") else { return };
    let (mut strict, mut lenient, mut refused) = (0, 0, Vec::new());
    let mut deviations = BTreeMap::<u16, usize>::new();
    let expected = unreadable();
    for (name, document) in main_files(&folder) {
        let read = read(&name, &document);
        // Strict refuses exactly what lenient reading tells of, and for the first reason.
        let first = read.told.first().map(Finding::rule);
        match &read.lenient {
            Ok(()) => assert_eq!(read.strict.map(|error| error.rule()), first, "{name}"),
            Err(_) => assert!(read.strict.is_some(), "{name}"),
        }
        for finding in &read.told {
            let row = rules::row(finding.rule()).expect("every deviation has a clause");
            assert!(!row.section.is_empty());
            *deviations.entry(finding.rule().number()).or_default() += 1;
        }
        match &read.lenient {
            Ok(()) if read.told.is_empty() => strict += 1,
            Ok(()) => lenient += 1,
            Err(error) => refused.push((name.clone(), error.rule())),
        }
    }
    for (number, count) in &deviations {
        println!("deviation {number}: {count}");
    }
    let missing: Vec<_> = refused
        .iter()
        .filter(|(name, rule)| expected.get(name.as_str()) != Some(rule))
        .map(|(name, rule)| format!("{name}: {}", rules::row(*rule).unwrap().name))
        .collect();
    println!("{strict} strict, {lenient} lenient, {} refused", refused.len());
    assert!(missing.is_empty(), "{missing:#?}");
    assert_eq!(refused.len(), expected.len());
    test_support::report("brski published", strict + lenient + refused.len());
}

/// What `VERIFY.txt` records of one file: the files of the keys that verified it, or none where the
/// message itself carried the certificate.
struct Record {
    name: String,
    is_good: bool,
    keys: Vec<String>,
}

/// The quoted items of the list behind `label`, if it has any.
fn list(line: &str, label: &str) -> Option<Vec<String>> {
    let inside = line.split_once(label)?.1.strip_prefix("=[")?;
    let items: Vec<String> = inside.split('\'').skip(1).step_by(2).map(str::to_owned).collect();
    let is_empty = inside.starts_with(']');
    (!is_empty).then_some(items)
}

fn records(text: &str) -> Vec<Record> {
    let mut found: Vec<Record> = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("### ") {
            let name = rest.split(" [").next().unwrap().to_owned();
            let by = list(rest, "verifies_with").unwrap_or_default();
            found.push(Record { name, is_good: !by.is_empty(), keys: by });
        } else if let Some(last) =
            found.last_mut().filter(|_| line.contains("sig_ok_with_embedded"))
        {
            let pool = list(line, "pool").unwrap_or_default();
            let is_embedded = list(line, "sig_ok_with_embedded").is_some();
            // Where there is no content, its digest cannot be the one that was signed.
            last.is_good = line.contains("mdok=True") && (is_embedded || !pool.is_empty());
            last.keys = if is_embedded { Vec::new() } else { pool };
        } else if line.contains(" sig") && line.contains(" ok=") {
            let name = line.split(" sig").next().unwrap().replace(" (COMPACT)", "");
            if found.last().is_none_or(|last| last.name != name) {
                found.push(Record { name, is_good: true, keys: Vec::new() });
            }
            found.last_mut().unwrap().is_good &= line.contains("ok=True");
        }
    }
    found
}

/// Signed by keys of P-384 over SHA-256, a pair for which there is no algorithm here: not run.
const OTHER_PAIR: [&str; 5] = [
    "minerva-fountain/voucher_00123456789A.pkcs",
    "minerva-fountain/voucher_081196FFFE0181E0.pkcs",
    "minerva-fountain/voucher_JADA_f2-00-01.der",
    "minerva-fountain/voucher_JADA_f2-00-01.pkcs",
    "minerva-reach/product/00-D0-E5-02-00-2D/voucher_00-d0-e5-02-00-2d.b64",
];

#[test]
fn every_signature_that_was_good_verifies_with_the_key_named() {
    let Some(folder) = test_support::vectors("brski") else { return };
    let text = fs::read_to_string(folder.join("VERIFY.txt")).unwrap();
    let (mut verified, mut absent, mut not_good, mut signatures) = (0, 0, 0, 0);
    let mut unsupported = 0;
    let mut failed = Vec::new();
    for record in records(&text) {
        let path = folder.join(&record.name);
        if !path.exists() {
            absent += 1;
            continue;
        }
        if !record.is_good {
            not_good += 1;
            continue;
        }
        match check(&folder, &record, &common::document(&path)) {
            Ok(count) => {
                verified += 1;
                signatures += count;
            }
            Err(error) if OTHER_PAIR.contains(&record.name.as_str()) => {
                assert_eq!(error.rule(), iotops_crypto::rules::SIGNATURE);
                unsupported += 1;
            }
            Err(error) => failed.push(format!("{}: {error}", record.name)),
        }
    }
    println!(
        "{verified} files with {signatures} signatures verified; {not_good} not recorded as good; \
         {unsupported} of a pair of curve and digest that is not built in; {absent} not here"
    );
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!((verified, signatures, unsupported), (53, 54, OTHER_PAIR.len()));
    test_support::report("brski signatures", signatures);
}

fn check(folder: &Path, record: &Record, document: &[u8]) -> Result<usize, Error> {
    let mut scratch = vec![0; document.len()];
    let mut tell = |_| {};
    let signed = match Container::of_document(document).unwrap_or(Container::Cose) {
        Container::Cms => Signed::decode_cms_lenient(document, &mut tell)?,
        Container::Jws => Signed::decode_jws_lenient(document, &mut scratch, &mut tell)?,
        _ => Signed::decode_cose_lenient(document, &mut tell)?,
    };
    let named: Vec<Key> = record.keys.iter().filter_map(|named| key_of(folder, named)).collect();
    for signature in 0..signed.signatures() {
        let embedded = embedded(&signed, signature);
        let keys = if record.keys.is_empty() { &embedded } else { &named };
        signed.verify_signature(signature, &common::all(keys))?;
        let stranger = Stranger;
        assert!(signed.verify_signature(signature, &[&stranger]).is_err(), "{}", record.name);
    }
    Ok(signed.signatures())
}

/// The key of `path [subject]`.
fn key_of(folder: &Path, named: &str) -> Option<Key> {
    let path = folder.join(named.split(" [").next()?);
    path.exists().then(|| common::certificate_key(&path))
}

/// The keys of the certificates in the message: the record says that one of them verified it.
fn embedded(signed: &Signed<'_>, signature: usize) -> Vec<Key> {
    let decoded = signed.certificates(signature).map(|one| {
        let mut buffer = vec![0; one.length()];
        one.read_into(&mut buffer).unwrap().to_vec()
    });
    decoded
        .filter_map(|one| verifying_key(Certificate::decode(&one).ok()?.public_key()).ok())
        .collect()
}

/// A key that nobody here signed with.
struct Stranger;

impl Verifier for Stranger {
    fn accepts(&self, _: iotops_crypto::Algorithm) -> bool {
        true
    }

    fn verify(&self, _: &[&[u8]], _: &[u8]) -> Result<(), iotops_crypto::Refused> {
        Err(iotops_crypto::Refused::Invalid)
    }
}
