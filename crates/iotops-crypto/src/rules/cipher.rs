//! The rules of encryption and key management (numbers 1140 to 1169).

iotops_wire::rules! {}
