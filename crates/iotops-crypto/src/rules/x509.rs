//! The rules of certificates and paths (numbers 1020 to 1079).

iotops_wire::rules! {}
