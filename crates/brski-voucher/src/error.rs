//! The error of this crate.

iotops_wire::error_type! {
    /// A voucher broke a rule, nobody trusted signed it, or it is not for this device.
    table = crate::rules::row; from = [iotops_wire::Error, iotops_crypto::Error]; defmt = "defmt"
}
