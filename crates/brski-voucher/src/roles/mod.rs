//! What each role must check before it acts (RFC 8995 §5).

mod attempt;
#[cfg(all(feature = "alloc", feature = "x509"))]
pub mod masa;
mod pin;
mod pledge;
mod prior;
pub mod registrar;
mod telemetry;

pub use attempt::{Attempt, LONGEST_ATTEMPT, LONGEST_WAIT, NextStep};
pub use pin::{Pin, PinKind, PinKinds};
pub use pledge::{AcceptedVoucher, IssuerForm, Pledge};
pub use prior::{Prior, check_prior};
pub use registrar::check_request;
pub use telemetry::Telemetry;
