//! Authentication blocks (SUIT §8.3).

use iotops_crypto::cose::{Mac0, Sign, Sign1, TAG_MAC0, TAG_SIGN, TAG_SIGN1};
use iotops_wire::cbor::{Cursor, Encoder};

use crate::{Error, rules};

/// One authentication block: a COSE message over the digest, which it does not carry itself.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Block<'a> {
    /// One signature.
    Sign1(Sign1<'a>),
    /// Several signatures.
    Sign(Sign<'a>),
    /// A message authentication code.
    Mac0(Mac0<'a>),
}

impl<'a> Block<'a> {
    /// Reads the content of the byte string that a block is wrapped in.
    pub(crate) fn read(mut content: Cursor<'a>) -> Result<Self, Error> {
        let start = content.position();
        let block = match content.tag()? {
            TAG_SIGN1 => Self::Sign1(Sign1::read(&mut content)?),
            TAG_SIGN => Self::Sign(Sign::read(&mut content)?),
            TAG_MAC0 => Self::Mac0(Mac0::read(&mut content)?),
            _ => return Err(content.error_at(start, rules::BLOCK_TAG).into()),
        };
        content.end()?;
        if block.is_attached() {
            return Err(content.error_at(start, rules::BLOCK_ATTACHED).into());
        }
        Ok(block)
    }

    fn is_attached(&self) -> bool {
        match self {
            Self::Sign1(message) => message.payload().is_some(),
            Self::Sign(message) => message.payload().is_some(),
            Self::Mac0(message) => message.payload().is_some(),
        }
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder<'_>) -> Result<(), Error> {
        match self {
            Self::Sign1(message) => message.encode(encoder)?,
            Self::Sign(message) => message.encode(encoder)?,
            Self::Mac0(message) => message.encode(encoder)?,
        }
        Ok(())
    }
}
