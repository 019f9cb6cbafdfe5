//! The rules of JWS and JWK (numbers 1110 to 1139).

iotops_wire::rules! {}
