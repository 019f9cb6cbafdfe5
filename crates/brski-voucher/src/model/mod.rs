//! What vouchers and requests are made of: leaves, their numbers, and their values.

mod assertion;
pub(crate) mod base64;
mod date;
mod format;
mod leaf;
mod value;

pub use assertion::{Assertion, Assertions};
pub use format::Container;
pub use leaf::{Kind, Leaf};
pub use value::{Binary, Characters};

#[cfg(any(feature = "cms", feature = "jws"))]
pub(crate) use date::LONGEST_DATE;
pub(crate) use date::read_date;
#[cfg(feature = "alloc")]
pub(crate) use date::write_date;
#[cfg(any(feature = "cms", feature = "jws"))]
pub(crate) use leaf::OLD_REQUEST;
pub(crate) use leaf::{Form, PLACES, Registry};

/// Which edition of the voucher a document must obey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Profile {
    /// RFC 8366: assertion, creation date and certificate are mandatory; a nonce excludes an expiry.
    Rfc8366,
    /// Its revision, draft-ietf-anima-rfc8366bis.
    Rfc8366bis,
}
