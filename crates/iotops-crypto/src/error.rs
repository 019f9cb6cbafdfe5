//! The error of this crate.

iotops_wire::error_type! {
    /// A key, a COSE message or a signature broke a rule.
    table = crate::rules::row; from = [iotops_wire::Error]; defmt = "defmt"
}
