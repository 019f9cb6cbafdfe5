//! From bytes to views that are well formed, and not to be trusted.

mod cbor;
mod contents;
mod headers;
#[cfg(any(feature = "cms", feature = "jws"))]
mod json;
mod reading;
mod signed;
mod unknown;
mod view;

#[cfg(feature = "alloc")]
pub(crate) use cbor::read as read_cbor;
pub(crate) use contents::Data;
pub use contents::List;
#[cfg(feature = "alloc")]
pub(crate) use contents::Value;
pub(crate) use headers::{BAG, CHAIN};
#[cfg(feature = "alloc")]
pub(crate) use headers::{CLAIMS, ISSUED_AT};
#[cfg(feature = "alloc")]
pub(crate) use reading::Reading;
#[cfg(all(feature = "alloc", feature = "jws"))]
pub(crate) use signed::MESSAGE_TYPE;
pub(crate) use signed::Message;
pub use signed::Signed;
#[cfg(all(feature = "alloc", feature = "cms"))]
pub(crate) use signed::VOUCHER_CONTENT;
pub use unknown::{Encoded, LeafKey, Unknown};
pub use view::{Contents, Request, Voucher};
