//! The rules of CMS (numbers 1080 to 1109).

iotops_wire::rules! {}
