//! A server on loopback that loses datagrams, answers twice and changes files.

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

use core::net::SocketAddr;
use std::collections::BTreeMap;
use std::net::UdpSocket;
use std::sync::{Arc, Mutex};
use std::thread;

use coap_lite::{CoapOption, MessageClass, MessageType, Packet, ResponseType};
use common::{NOW, catalogue, envelope, folder, image, rule, update};
use iotops_distribution::coap::Server;
use suit_manifest::crypto::{Algorithm, digest};
use suit_manifest::discover::link::{self, Advertised, write_links};
use suit_manifest::rules;

/// Not the path that devices know without being told.
const CATALOGUE: &str = "/updates/list";

#[derive(Default)]
struct Site {
    files: BTreeMap<String, Vec<u8>>,
    /// Every so many datagrams, one is lost: on its way here, or back.
    loses: Option<usize>,
    /// After so many datagrams, the image is another.
    changes_at: Option<usize>,
    datagrams: usize,
}

type Shared = Arc<Mutex<Site>>;

fn publish(site: &Shared, number: u64) {
    let envelope = envelope(number);
    let mut links = String::new();
    let listed = Advertised {
        target: CATALOGUE,
        resource_type: link::CATALOGUE,
        content_format: None,
        size: None,
    };
    let other = Advertised { target: "/sensors", resource_type: "temperature", ..listed };
    write_links(&[other, listed], &mut links).unwrap();
    let mut site = site.lock().unwrap();
    site.files.insert("/.well-known/core".into(), links.into_bytes());
    site.files.insert(CATALOGUE.into(), catalogue(number, &envelope));
    site.files.insert("/envelope".into(), envelope);
    site.files.insert("/image".into(), image(number));
}

fn serve(site: Shared) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 2048];
        for _ in 0..5000 {
            let Ok((length, from)) = socket.recv_from(&mut buffer) else { return };
            let Ok(question) = Packet::from_bytes(&buffer[..length]) else { continue };
            let answer = answer(&question, &mut site.lock().unwrap());
            if let Some(answer) = answer {
                let bytes = answer.to_bytes().unwrap();
                // What comes twice must do no harm.
                let _ = (socket.send_to(&bytes, from), socket.send_to(&bytes, from));
            }
        }
    });
    address
}

/// The answer to a question; none if it, or the question, is lost.
fn answer(question: &Packet, site: &mut Site) -> Option<Packet> {
    site.datagrams += 1;
    if site.loses.is_some_and(|each| site.datagrams.is_multiple_of(each)) {
        return None;
    }
    if site.changes_at == Some(site.datagrams) {
        site.files.insert("/image".into(), vec![9; 10_000]);
    }
    let segments = question.get_option(CoapOption::UriPath).unwrap();
    let path: String =
        segments.iter().map(|one| format!("/{}", core::str::from_utf8(one).unwrap())).collect();
    let mut answer = Packet::new();
    answer.header.set_type(MessageType::Acknowledgement);
    answer.header.message_id = question.header.message_id;
    answer.set_token(question.get_token().to_vec());
    let wanted = question.get_first_option(CoapOption::Block2).unwrap();
    let wanted = wanted.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
    let (number, size) = (wanted >> 4, 16 << (wanted & 7));
    let content = site.files.get(&path);
    match content {
        Some(content) if number * size < content.len() => {
            let end = content.len().min((number + 1) * size);
            let more = usize::from(end < content.len()) << 3;
            let block = u32::try_from(number << 4 | more | wanted & 7).unwrap().to_be_bytes();
            let block = block.into_iter().skip_while(|byte| *byte == 0).collect();
            let tag = digest(Algorithm::Sha256, &[content]).unwrap();
            answer.header.code = MessageClass::Response(ResponseType::Content);
            answer.add_option(CoapOption::ETag, tag.as_bytes()[..8].to_vec());
            answer.add_option(CoapOption::Block2, block);
            answer.payload = content[number * size..end].to_vec();
        }
        _ => answer.header.code = MessageClass::Response(ResponseType::NotFound),
    }
    Some(answer)
}

#[test]
fn a_device_discovers_downloads_and_installs_while_datagrams_are_lost() {
    for (place, loses) in [None, Some(7), Some(3), Some(2)].into_iter().enumerate() {
        let (site, folder) = (Shared::default(), folder(&format!("coap-installs-{place}")));
        publish(&site, 1);
        site.lock().unwrap().loses = loses;
        let server = Server::new(serve(Arc::clone(&site))).unwrap();
        let (updated, device) = update(&folder, server, NOW);
        assert_eq!(updated.unwrap(), 1);
        assert_eq!(device.component(b"app"), Some(image(1).as_slice()));
    }
}

#[test]
fn a_server_that_is_away_or_changes_its_files_is_told_from_one_that_is_right() {
    let (site, folder) = (Shared::default(), folder("coap-changes"));
    publish(&site, 1);
    site.lock().unwrap().changes_at = Some(12);
    let address = serve(Arc::clone(&site));
    let (updated, device) = update(&folder, Server::new(address).unwrap(), NOW);
    assert_eq!(rule(updated), rules::DIRECTIVE);
    assert_eq!(device.component(b"app"), Some(&[][..]));
    site.lock().unwrap().loses = Some(1);
    let (updated, _) = update(&folder, Server::new(address).unwrap(), NOW);
    assert!(updated.is_err());
}
