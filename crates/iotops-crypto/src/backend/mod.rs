//! Keys that compute elsewhere than in the built-in pure Rust code.
//!
//! A backend is chosen by the key that one makes: each is a [`Verifier`](crate::Verifier) or a
//! [`Signer`](crate::Signer), and they stand side by side behind `&dyn Verifier`.

pub mod aws_lc;
