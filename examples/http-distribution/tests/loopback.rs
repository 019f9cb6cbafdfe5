//! A server on loopback that breaks connections, changes files and serves old catalogues.

#![allow(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_alloc,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;

use iotops_http_distribution::device::{Device, Failure};
use iotops_http_distribution::http::Server;
use suit_manifest::crypto::key::Es256SecretKey;
use suit_manifest::crypto::wire::{Clock, Time};
use suit_manifest::crypto::{Algorithm, digest};
use suit_manifest::discover::{CatalogueBuilder, WELL_KNOWN};
use suit_manifest::model::{Action, Condition, ReportingPolicy, Section};
use suit_manifest::{Envelope, ManifestBuilder, ParametersBuilder, SequenceBuilder, rules};

const VENDOR: [u8; 16] = [0xfa; 16];
const CLASS: [u8; 16] = [0x14; 16];
const ALL: ReportingPolicy = ReportingPolicy::ALL;
const ISSUED: Time = Time::from_unix(1_700_000_000);
const EXPIRES: Time = Time::from_unix(1_700_001_000);
const NOW: Clock = Clock::Trusted(Time::from_unix(1_700_000_500));

fn author() -> Es256SecretKey {
    Es256SecretKey::from_scalar(&[7; 32]).unwrap()
}

fn publisher() -> Es256SecretKey {
    Es256SecretKey::from_scalar(&[8; 32]).unwrap()
}

fn image(number: u64) -> Vec<u8> {
    (0..10_000_u64).map(|at| ((at * (number + 3)) % 251).to_le_bytes()[0]).collect()
}

/// Fetches `/image`.
fn envelope(number: u64) -> Vec<u8> {
    let image = image(number);
    let sum = digest(Algorithm::Sha256, &[&image]).unwrap();
    let wanted = ParametersBuilder::new()
        .vendor_identifier(&VENDOR)
        .class_identifier(&CLASS)
        .image_digest(sum.as_bytes().try_into().unwrap())
        .image_size(10_000);
    let shared = SequenceBuilder::new()
        .override_parameters(&wanted)
        .condition(Condition::VendorIdentifier, ALL)
        .condition(Condition::ClassIdentifier, ALL);
    let fetch = SequenceBuilder::new()
        .override_parameters(&ParametersBuilder::new().uri("/image"))
        .action(Action::Fetch, ALL)
        .condition(Condition::ImageMatch, ALL);
    let builder = ManifestBuilder::new(number)
        .component(&[b"app"])
        .shared_sequence(shared)
        .section(Section::Install, &fetch);
    let mut draft = builder.build().unwrap();
    draft.sign(&mut author()).unwrap();
    draft.envelope().unwrap()
}

fn catalogue(number: u64, envelope: &[u8]) -> Vec<u8> {
    let key = author().public_key();
    let manifest =
        Envelope::decode(envelope).unwrap().authenticate(&[&key]).unwrap().validate().unwrap();
    let builder = CatalogueBuilder::new(number, ISSUED, EXPIRES);
    let builder = builder.entry(VENDOR, CLASS, &manifest, &["/envelope"]).unwrap();
    builder.sign(&mut publisher()).unwrap()
}

/// What the server offers, and how it misbehaves.
#[derive(Default)]
struct Site {
    files: BTreeMap<String, Vec<u8>>,
    /// Requests after which the connection is dropped in the middle of the body.
    drops: Vec<usize>,
    /// After so many requests, the image is another.
    changes_at: Option<usize>,
    requests: usize,
    paths: Vec<String>,
}

type Shared = Arc<Mutex<Site>>;

fn publish(site: &Shared, number: u64) {
    let envelope = envelope(number);
    let mut site = site.lock().unwrap();
    site.files.insert(WELL_KNOWN.into(), catalogue(number, &envelope));
    site.files.insert("/envelope".into(), envelope);
    site.files.insert("/image".into(), image(number));
}

/// Answers requests until the test ends.
fn serve(site: Shared) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().take(2000).flatten() {
            // A client may be gone before the answer is.
            let _ = answer(stream, &site);
        }
    });
    Server::new(address)
}

fn answer(stream: TcpStream, site: &Shared) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut path, mut range) = (String::new(), None);
    for line in reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("GET ") {
            path = rest.split(' ').next().unwrap_or_default().to_owned();
        } else if let Some(bytes) = line.strip_prefix("Range: bytes=") {
            let (first, last) = bytes.split_once('-').unwrap();
            range = Some((first.parse::<usize>().unwrap(), last.parse::<usize>().unwrap()));
        }
    }
    let (content, drops) = {
        let mut site = site.lock().unwrap();
        site.requests += 1;
        site.paths.push(path.clone());
        if site.changes_at == Some(site.requests) {
            site.files.insert("/image".into(), vec![9; 10_000]);
        }
        (site.files.get(&path).cloned(), site.drops.contains(&site.requests))
    };
    let mut stream = reader.into_inner();
    let Some(content) = content else {
        return write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    };
    let all = content.len();
    let tag = digest(Algorithm::Sha256, &[&content]).unwrap();
    let (status, part) = match range {
        None => ("200 OK", 0..all),
        Some((first, _)) if first >= all => ("416 Range Not Satisfiable", 0..0),
        Some((first, last)) => ("206 Partial Content", first..all.min(last + 1)),
    };
    let body = &content[part.clone()];
    let body = if drops { &body[..body.len() / 2] } else { body };
    write!(stream, "HTTP/1.1 {status}\r\nETag: \"{tag:?}\"\r\nContent-Length: {}\r\n", part.len())?;
    write!(stream, "Content-Range: bytes {}-{}/{all}\r\n\r\n", part.start, part.end)?;
    stream.write_all(body)
}

fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("http-distribution").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn update(folder: &Path, server: Server, clock: Clock) -> (Result<u64, Failure>, Device) {
    let mut device = Device::new(folder, server, VENDOR, CLASS);
    let (publisher, author) = (publisher().public_key(), author().public_key());
    let updated = device.update(&[&publisher], &[&author], clock);
    (updated, device)
}

fn rule(result: Result<u64, Failure>) -> suit_manifest::crypto::wire::Rule {
    match result {
        Err(Failure::Rule(error)) => error.rule(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_device_finds_downloads_and_installs() {
    let (site, folder) = (Shared::default(), folder("installs"));
    publish(&site, 1);
    let server = serve(Arc::clone(&site));
    let (updated, device) = update(&folder, server, NOW);
    assert_eq!(updated.unwrap(), 1);
    assert_eq!(device.component(b"app"), Some(image(1).as_slice()));
    assert!(matches!(update(&folder, server, NOW).0, Err(Failure::UpToDate)));
    publish(&site, 2);
    let (updated, device) = update(&folder, server, NOW);
    assert_eq!(updated.unwrap(), 2);
    assert_eq!(device.component(b"app"), Some(image(2).as_slice()));
    // An old catalogue, and one that has expired.
    publish(&site, 1);
    assert_eq!(rule(update(&folder, server, NOW).0), rules::CATALOGUE_ROLLBACK);
    publish(&site, 3);
    let late = Clock::Trusted(Time::from_unix(1_700_001_001));
    assert_eq!(rule(update(&folder, server, late).0), rules::CATALOGUE_EXPIRED);
}

/// The catalogue and the envelope are asked for first, then the image in 20 parts.
#[test]
fn a_broken_connection_is_gone_on_with() {
    let (site, folder) = (Shared::default(), folder("drops"));
    publish(&site, 1);
    site.lock().unwrap().drops = vec![3, 7, 8, 20];
    let server = serve(Arc::clone(&site));
    let (updated, device) = update(&folder, server, NOW);
    assert_eq!(updated.unwrap(), 1);
    assert_eq!(device.component(b"app"), Some(image(1).as_slice()));
    // Each drop costs one part, and the end is asked for once.
    assert_eq!(site.lock().unwrap().requests, 2 + 20 + 4 + 1);
}

#[test]
fn a_device_goes_on_after_a_restart() {
    let (site, folder) = (Shared::default(), folder("restart"));
    publish(&site, 1);
    // More failures in a row than the device tries again.
    site.lock().unwrap().drops = vec![10, 11, 12, 13];
    let server = serve(Arc::clone(&site));
    let (updated, device) = update(&folder, server, NOW);
    assert_eq!(rule(updated), rules::DIRECTIVE);
    assert_eq!(device.component(b"app"), Some(&[][..]), "nothing was installed");
    site.lock().unwrap().paths.clear();
    let (updated, device) = update(&folder, server, NOW);
    assert_eq!(updated.unwrap(), 1);
    assert_eq!(device.component(b"app"), Some(image(1).as_slice()));
    let parts = site.lock().unwrap().paths.iter().filter(|path| *path == "/image").count();
    assert_eq!(parts, 20 - 7 + 1, "7 parts were there");
}

#[test]
fn an_image_that_changes_on_the_way_is_not_installed() {
    let (site, folder) = (Shared::default(), folder("changes"));
    publish(&site, 1);
    site.lock().unwrap().changes_at = Some(9);
    let server = serve(Arc::clone(&site));
    let (updated, device) = update(&folder, server, NOW);
    assert_eq!(rule(updated), rules::DIRECTIVE);
    assert_eq!(device.component(b"app"), Some(&[][..]));
    // An envelope that is valid, but another than the catalogue names.
    let other = envelope(5);
    publish(&site, 6);
    site.lock().unwrap().files.insert("/envelope".into(), other);
    assert_eq!(rule(update(&folder, server, NOW).0), rules::CATALOGUE_MISMATCH);
}
