//! What each role must check before it acts (RFC 8995 §5).

mod masa;
mod pin;
mod pledge;
mod registrar;

pub use masa::{Prior, check_prior};
pub use pin::{Pin, PinKind, PinKinds};
pub use pledge::{AcceptedVoucher, IssuerForm, Pledge};
pub use registrar::check_request;
