//! A device that finds a signed catalogue at its well-known path, downloads the envelope that it
//! names and the image that this fetches over HTTP with ranges, goes on where a connection broke,
//! and installs it with the engine.

#![forbid(unsafe_code)]
#![allow(clippy::std_instead_of_alloc, reason = "a program of the host")]

pub mod device;
pub mod http;
