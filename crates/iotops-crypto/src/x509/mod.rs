//! Certificates (RFC 5280): borrowed views, and paths to anchors of the caller.

pub(crate) mod algorithm;

pub use algorithm::AlgorithmIdentifier;
