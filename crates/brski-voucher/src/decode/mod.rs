//! From bytes to views that are well formed, and not to be trusted.

mod cbor;
mod contents;
#[cfg(any(feature = "cms", feature = "jws"))]
mod json;
mod reading;
mod signed;

#[cfg(feature = "alloc")]
pub(crate) use cbor::read as read_cbor;
pub(crate) use contents::Data;
pub use contents::{Contents, List, Request, Voucher};
#[cfg(feature = "alloc")]
pub(crate) use reading::Reading;
pub(crate) use signed::Message;
#[cfg(all(feature = "alloc", feature = "cms"))]
pub(crate) use signed::VOUCHER_CONTENT;
pub use signed::{Container, Signed};
