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

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use common::{NOW, catalogue, envelope, folder, image, rule, update};
use iotops_distribution::device::Failure;
use iotops_distribution::http::Server;
use suit_manifest::crypto::wire::{Clock, Time};
use suit_manifest::crypto::{Algorithm, digest};
use suit_manifest::discover::WELL_KNOWN;
use suit_manifest::rules;

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

#[test]
fn a_device_finds_downloads_and_installs() {
    let (site, folder) = (Shared::default(), folder("http-installs"));
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
    let (site, folder) = (Shared::default(), folder("http-drops"));
    publish(&site, 1);
    site.lock().unwrap().drops = vec![3, 7, 8, 20];
    let server = serve(Arc::clone(&site));
    let (updated, device) = update(&folder, server, NOW);
    assert_eq!(updated.unwrap(), 1);
    assert_eq!(device.component(b"app"), Some(image(1).as_slice()));
    // Each drop costs one part.
    assert_eq!(site.lock().unwrap().requests, 2 + 20 + 4);
}

#[test]
fn a_device_goes_on_after_a_restart() {
    let (site, folder) = (Shared::default(), folder("http-restart"));
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
    assert_eq!(parts, 20 - 7, "7 parts were there");
}

#[test]
fn an_image_that_changes_on_the_way_is_not_installed() {
    let (site, folder) = (Shared::default(), folder("http-changes"));
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
