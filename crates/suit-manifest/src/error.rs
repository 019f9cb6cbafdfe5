//! The error of this crate.

iotops_wire::error_type! {
    /// An envelope or manifest broke a rule, or nobody trusted signed it.
    table = crate::rules::row; from = [iotops_wire::Error, iotops_crypto::Error]; defmt = "defmt"
}
