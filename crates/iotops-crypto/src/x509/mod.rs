//! Certificates (RFC 5280): borrowed views, and paths to anchors of the caller.

pub(crate) mod algorithm;
mod certificate;
#[cfg(any(
    feature = "es256",
    feature = "es384",
    feature = "ed25519",
    feature = "hmac",
    feature = "hss-lms",
    feature = "ml-dsa",
    feature = "rsa"
))]
mod constraints;
#[cfg(any(
    feature = "es256",
    feature = "es384",
    feature = "ed25519",
    feature = "hmac",
    feature = "hss-lms",
    feature = "ml-dsa",
    feature = "rsa"
))]
mod crl;
mod extension;
mod general_name;
mod name;
#[cfg(any(
    feature = "es256",
    feature = "es384",
    feature = "ed25519",
    feature = "hmac",
    feature = "hss-lms",
    feature = "ml-dsa",
    feature = "rsa"
))]
pub mod path;

pub use algorithm::AlgorithmIdentifier;
pub use certificate::Certificate;
#[cfg(any(
    feature = "es256",
    feature = "es384",
    feature = "ed25519",
    feature = "hmac",
    feature = "hss-lms",
    feature = "ml-dsa",
    feature = "rsa"
))]
pub use crl::Crl;
pub use extension::{BasicConstraints, Extension, KeyUsage};
pub use general_name::{GeneralName, HardwareModuleName};
pub use name::{COMMON_NAME, Name, SERIAL_NUMBER};
