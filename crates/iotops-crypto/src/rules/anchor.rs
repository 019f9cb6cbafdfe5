//! The rules of trust anchors (numbers 1170 to 1199).

iotops_wire::rules! {}
