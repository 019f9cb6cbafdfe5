//! A device that finds a signed catalogue, downloads the envelope that it names and the image that
//! this fetches, goes on where a connection broke, and installs it with the engine: over HTTP with
//! ranges, and over CoAP block by block.

#![forbid(unsafe_code)]
#![allow(clippy::std_instead_of_alloc, reason = "a program of the host")]

pub mod coap;
pub mod device;
pub mod http;

use std::io;

use suit_manifest::discover::{Fetcher, WELL_KNOWN};

/// A server: small things are read from it whole, images in parts.
pub trait Source: Fetcher {
    /// Where it has its catalogue.
    ///
    /// # Errors
    /// What kept it from being found.
    fn catalogue(&mut self) -> io::Result<String> {
        Ok(WELL_KNOWN.to_owned())
    }

    /// Reads a whole resource of at most `most` bytes.
    ///
    /// # Errors
    /// What kept it from being read; `InvalidData` if it is longer.
    fn get(&mut self, path: &str, most: usize) -> io::Result<Vec<u8>>;
}
