//! CoAP (RFC 7252) block by block (RFC 7959): a client with retransmission.

use core::net::SocketAddr;
use core::task::Poll;
use core::time::Duration;
use std::io;
use std::net::UdpSocket;

use coap_lite::{CoapOption, MessageClass, MessageType, Packet, RequestType, ResponseType};
use suit_manifest::crypto::{Algorithm, digest};
use suit_manifest::discover::{Fetcher, Part, link};
use suit_manifest::process::{Answer, Fault};

use crate::Source;

/// How long an answer is waited for, and how often a question is sent: RFC 7252 §4.8 has 2 seconds
/// and 5 times, on networks that are slower than loopback.
const TIMEOUT: Duration = Duration::from_millis(200);
const TRIES: usize = 5;
/// Datagrams of others that are passed over while an answer is waited for.
const STRANGERS: usize = 64;
/// The greatest block: 1024 bytes.
const GREATEST: usize = 1024;
/// The least block: 16 bytes.
const LEAST: usize = 16;
/// Bytes of links that are read.
const LINKS: usize = 1 << 14;

/// A server by its address; URIs are paths on it.
#[derive(Debug)]
pub struct Server {
    socket: UdpSocket,
    message_id: u16,
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// A block of a resource.
struct Block {
    payload: Vec<u8>,
    has_more: bool,
    tag: Vec<u8>,
}

impl Server {
    /// The server at this address.
    ///
    /// # Errors
    /// What kept a socket from being made.
    pub fn new(address: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(address)?;
        socket.set_read_timeout(Some(TIMEOUT))?;
        Ok(Self { socket, message_id: 1 })
    }

    /// The block of `size` bytes with this number.
    fn block(&mut self, path: &str, number: u32, size: usize) -> io::Result<Block> {
        let exponent = size.trailing_zeros().checked_sub(4).ok_or_else(|| broken("size"))?;
        let mut question = self.question(path);
        question.add_option(CoapOption::Block2, option(number << 4 | exponent));
        let answer = self.ask(&question)?;
        match answer.header.code {
            MessageClass::Response(ResponseType::Content) => {}
            _ => return Err(broken("no content")),
        }
        let found = answer.get_first_option(CoapOption::Block2);
        let found = found.map_or(0, |value| number_of(value));
        if found >> 4 != number || found & 7 != exponent {
            return Err(broken("another block"));
        }
        let tag = answer.get_first_option(CoapOption::ETag).cloned().unwrap_or_default();
        Ok(Block { payload: answer.payload, has_more: found & 8 != 0, tag })
    }

    fn question(&mut self, uri: &str) -> Packet {
        self.message_id = self.message_id.wrapping_add(1);
        let mut packet = Packet::new();
        packet.header.set_type(MessageType::Confirmable);
        packet.header.code = MessageClass::Request(RequestType::Get);
        packet.header.message_id = self.message_id;
        packet.set_token(self.message_id.to_be_bytes().to_vec());
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            packet.add_option(CoapOption::UriPath, segment.as_bytes().to_vec());
        }
        if !query.is_empty() {
            packet.add_option(CoapOption::UriQuery, query.as_bytes().to_vec());
        }
        packet
    }

    /// Sends a question until its answer is here.
    fn ask(&self, question: &Packet) -> io::Result<Packet> {
        let bytes = question.to_bytes().map_err(|_| broken("question"))?;
        for _ in 0..TRIES {
            self.socket.send(&bytes)?;
            if let Some(answer) = self.answer(question)? {
                return Ok(answer);
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }

    /// The answer to a question; none if it does not come in time.
    fn answer(&self, question: &Packet) -> io::Result<Option<Packet>> {
        let mut buffer = [0; 2 * GREATEST];
        for _ in 0..STRANGERS {
            let length = match self.socket.recv(&mut buffer) {
                Ok(length) => length,
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                    ) =>
                {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            };
            let packet = buffer.get(..length).map(Packet::from_bytes);
            if let Some(Ok(packet)) = packet
                && packet.get_token() == question.get_token()
                && packet.header.message_id == question.header.message_id
            {
                return Ok(Some(packet));
            }
        }
        Ok(None)
    }

    fn part(&mut self, path: &str, offset: u64, buffer: &mut [u8]) -> io::Result<Part> {
        let size = block_size(offset, buffer.len()).ok_or_else(|| broken("offset"))?;
        let number = offset >> size.trailing_zeros();
        let number = u32::try_from(number).ok().filter(|number| *number < 1 << 20);
        let block = self.block(path, number.ok_or_else(|| broken("number"))?, size)?;
        if block.has_more && block.payload.len() != size {
            return Err(broken("a block that is not full"));
        }
        let length = block.payload.len();
        let space = buffer.get_mut(..length).ok_or_else(|| broken("more than was asked for"))?;
        space.copy_from_slice(&block.payload);
        let version = digest(Algorithm::Sha256, &[&block.tag]);
        let version = version.and_then(|sum| sum.as_bytes().first_chunk().copied());
        Ok(Part { length, total: None, version: version.map(u64::from_be_bytes) })
    }
}

/// The greatest block that begins at `offset` and fits into `room`.
fn block_size(offset: u64, room: usize) -> Option<usize> {
    let fits = |size: &usize| {
        u64::try_from(*size).is_ok_and(|size| offset.is_multiple_of(size)) && *size <= room
    };
    core::iter::successors(Some(GREATEST), |size| Some(size / 2))
        .take_while(|size| *size >= LEAST)
        .find(fits)
}

/// An unsigned integer as options have it: without leading zeros.
fn option(number: u32) -> Vec<u8> {
    number.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect()
}

fn number_of(option: &[u8]) -> u32 {
    option.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

impl Fetcher for Server {
    fn fetch(&mut self, uri: &str, offset: u64, buffer: &mut [u8]) -> Answer<Part> {
        Poll::Ready(self.part(uri, offset, buffer).map_err(|_| Fault::Failed))
    }
}

impl Source for Server {
    /// Asks for links to catalogues (RFC 6690 §4).
    fn catalogue(&mut self) -> io::Result<String> {
        let path = format!("/.well-known/core?rt={}", link::CATALOGUE);
        let document = String::from_utf8(self.get(&path, LINKS)?).map_err(|_| broken("links"))?;
        let found = link::links(&document).flatten().find(|one| one.has_type(link::CATALOGUE));
        found.map(|link| link.target().to_owned()).ok_or_else(|| broken("no catalogue"))
    }

    fn get(&mut self, path: &str, most: usize) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        for number in 0.. {
            let block = self.block(path, number, GREATEST)?;
            content.extend_from_slice(&block.payload);
            if content.len() > most {
                break;
            }
            if !block.has_more {
                return Ok(content);
            }
        }
        Err(broken("length"))
    }
}
