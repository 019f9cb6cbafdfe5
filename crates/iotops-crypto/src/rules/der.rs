//! The rules of DER (numbers 1000 to 1019).

iotops_wire::rules! {}
