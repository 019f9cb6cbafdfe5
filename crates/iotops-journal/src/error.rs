//! The error of this crate.

iotops_wire::error_type! {
    /// The flash or the caller broke a rule; the offset is an address in the flash.
    table = crate::rules::row; from = [iotops_wire::Error]; defmt = "defmt"
}
