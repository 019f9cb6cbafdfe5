//! As much of HTTP/1.1 (RFC 9110, RFC 9112) as a device needs: GET with a range, and `ETag`.

use core::net::SocketAddr;
use core::task::Poll;
use core::time::Duration;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use suit_manifest::crypto::{Algorithm, digest};
use suit_manifest::discover::{Fetcher, Part};
use suit_manifest::process::{Answer, Fault};

use crate::Source;

const TIMEOUT: Duration = Duration::from_secs(5);
/// The most lines of a header, and bytes of each: a server must not fill the memory.
const LINES: usize = 64;
const LINE: u64 = 1024;

/// A server by its address; URIs are paths on it.
#[derive(Clone, Copy, Debug)]
pub struct Server {
    address: SocketAddr,
}

impl Server {
    /// The server at this address.
    #[must_use]
    pub const fn new(address: SocketAddr) -> Self {
        Self { address }
    }

    fn ask(&self, path: &str, range: Option<(u64, usize)>) -> io::Result<Response> {
        let mut stream = TcpStream::connect_timeout(&self.address, TIMEOUT)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", self.address)?;
        if let Some((first, count)) = range {
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            let last = first.saturating_add(count).saturating_sub(1);
            write!(stream, "Range: bytes={first}-{last}\r\n")?;
        }
        write!(stream, "\r\n")?;
        Response::read(BufReader::new(stream))
    }
}

/// The head of an answer, with the body still to be read.
struct Response {
    status: u16,
    length: u64,
    /// All of the resource, where the body is a part.
    total: Option<u64>,
    tag: Option<String>,
    body: BufReader<TcpStream>,
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

impl Response {
    fn read(mut body: BufReader<TcpStream>) -> io::Result<Self> {
        let status = line(&mut body)?;
        let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| broken("status"))?;
        let (mut length, mut total, mut tag) = (None, None, None);
        for _ in 0..LINES {
            let line = line(&mut body)?;
            if line.is_empty() {
                let length = length.ok_or_else(|| broken("no length"))?;
                return Ok(Self { status, length, total, tag, body });
            }
            let (name, value) = line.split_once(':').ok_or_else(|| broken("header"))?;
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().ok(),
                "content-range" => {
                    total = value.rsplit_once('/').and_then(|(_, all)| all.parse().ok());
                }
                "etag" => tag = Some(value.to_owned()),
                _ => {}
            }
        }
        Err(broken("too many headers"))
    }

    /// A number that stands for the version of the resource.
    fn version(&self) -> Option<u64> {
        let sum = digest(Algorithm::Sha256, &[self.tag.as_ref()?.as_bytes()])?;
        sum.as_bytes().first_chunk().copied().map(u64::from_be_bytes)
    }
}

fn line(body: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    body.by_ref().take(LINE).read_line(&mut line)?;
    match line.strip_suffix("\r\n") {
        Some(line) => Ok(line.to_owned()),
        None => Err(broken("line")),
    }
}

impl Fetcher for Server {
    fn fetch(&mut self, uri: &str, offset: u64, buffer: &mut [u8]) -> Answer<Part> {
        Poll::Ready(self.part(uri, offset, buffer).map_err(|_| Fault::Failed))
    }
}

impl Source for Server {
    fn get(&mut self, path: &str, most: usize) -> io::Result<Vec<u8>> {
        let mut answer = self.ask(path, None)?;
        let mut content = Vec::new();
        let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
        answer.body.by_ref().take(limit.min(answer.length)).read_to_end(&mut content)?;
        let is_whole = u64::try_from(content.len()).is_ok_and(|length| length == answer.length);
        if is_whole && content.len() <= most { Ok(content) } else { Err(broken("length")) }
    }
}

impl Server {
    fn part(&self, path: &str, offset: u64, buffer: &mut [u8]) -> io::Result<Part> {
        let mut answer = self.ask(path, Some((offset, buffer.len())))?;
        let version = answer.version();
        match answer.status {
            206 => {}
            // The range begins behind the end.
            416 => return Ok(Part { length: 0, total: answer.total, version }),
            _ => return Err(broken("no part")),
        }
        let length = usize::try_from(answer.length).unwrap_or(usize::MAX);
        let space = buffer.get_mut(..length).ok_or_else(|| broken("more than was asked for"))?;
        answer.body.read_exact(space)?;
        Ok(Part { length, total: answer.total, version })
    }
}
