//! Certificates (RFC 5280): borrowed views, and paths to anchors of the caller.

pub(crate) mod algorithm;
mod certificate;
#[cfg(any(feature = "es256", feature = "ed25519", feature = "hmac"))]
mod constraints;
#[cfg(any(feature = "es256", feature = "ed25519", feature = "hmac"))]
mod crl;
mod extension;
mod general_name;
mod name;
#[cfg(any(feature = "es256", feature = "ed25519", feature = "hmac"))]
pub mod path;

pub use algorithm::AlgorithmIdentifier;
pub use certificate::Certificate;
#[cfg(any(feature = "es256", feature = "ed25519", feature = "hmac"))]
pub use crl::Crl;
pub use extension::{BasicConstraints, Extension, KeyUsage};
pub use general_name::{GeneralName, HardwareModuleName};
pub use name::{COMMON_NAME, Name, SERIAL_NUMBER};
