//! Conversions to the types of the `coset` crate, for programs that use both.

use coset::TaggedCborSerializable as _;

use super::{Context, Mac0, Sign, Sign1, Single};
use crate::Error;
use iotops_wire::cbor::Encoder;

/// `coset` reads what we have read: it cannot refuse it for its encoding.
fn encoded<C: Context>(message: &Single<'_, C>) -> Result<alloc::vec::Vec<u8>, Error> {
    let mut bytes = alloc::vec::Vec::new();
    message.encode(&mut Encoder::new(&mut bytes))?;
    Ok(bytes)
}

impl TryFrom<&Sign1<'_>> for coset::CoseSign1 {
    type Error = coset::CoseError;

    fn try_from(message: &Sign1<'_>) -> Result<Self, Self::Error> {
        Self::from_tagged_slice(&encoded(message).unwrap_or_default())
    }
}

impl TryFrom<&Mac0<'_>> for coset::CoseMac0 {
    type Error = coset::CoseError;

    fn try_from(message: &Mac0<'_>) -> Result<Self, Self::Error> {
        Self::from_tagged_slice(&encoded(message).unwrap_or_default())
    }
}

impl TryFrom<&Sign<'_>> for coset::CoseSign {
    type Error = coset::CoseError;

    fn try_from(message: &Sign<'_>) -> Result<Self, Self::Error> {
        let mut bytes = alloc::vec::Vec::new();
        let _ = message.encode(&mut Encoder::new(&mut bytes));
        Self::from_tagged_slice(&bytes)
    }
}
