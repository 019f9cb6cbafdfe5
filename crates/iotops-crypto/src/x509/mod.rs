//! X.509 (RFC 5280): certificates and CRLs as borrowed views, and the validation of paths.
//!
//! Reading and verifying take no heap.

#[cfg(feature = "alloc")]
pub mod build;
mod certificate;
#[cfg(feature = "x509-cert")]
mod convert;
mod crl;
mod extensions;
mod fields;
mod general_name;
mod identity;
mod name;
pub mod oids;
pub mod path;
pub(crate) mod signature;

pub use certificate::{Certificate, Version};
pub use crl::{Crl, Revoked};
pub use extensions::Extension;
pub use fields::{
    AuthorityKeyId, BasicConstraints, KeyUsage, Mappings, NameConstraints, Policies,
    PolicyConstraints, Purposes, Subtrees,
};
pub use general_name::{GeneralName, GeneralNames, HardwareModule};
pub use name::{Attribute, Name};
pub use signature::verifying_key;
