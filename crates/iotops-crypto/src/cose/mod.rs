//! COSE.
