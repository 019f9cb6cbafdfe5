//! Values → deterministic bytes.

mod view;
