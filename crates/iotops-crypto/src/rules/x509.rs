//! The rules of certificates and paths (numbers 1020 to 1079).

iotops_wire::rules! {
    1020 ALGORITHM Unsupported "x509-algorithm", "RFC 5280 §4.1.1.2", "the algorithm is not one that is known here";
    1021 PARAMETERS Constraint "x509-algorithm-parameters", "RFC 5280 §4.1.1.2", "the parameters of an algorithm must be those that its specification asks for";
}
