//! The MUD element of a template.

use alloc::string::String;
use alloc::vec::Vec;

use iotops_wire::cbor::Encoder;
use iotops_wire::json::Value;

use super::value::{Files, fault, integers, text, unknown};
use crate::model::MudCodes;
use crate::{Error, rules};

/// `{"codes": [element, url, thumbprint], "url": "…", "thumbprint": digest}`: the codes, which
/// nobody has allocated, the URL and the encoded digest.
pub(super) fn mud(
    files: &mut Files<'_>,
    value: Value<'_>,
) -> Result<(MudCodes, String, Vec<u8>), Error> {
    let (mut codes, mut url, mut digest) = (None, None, Vec::new());
    for (name, member) in value.members()? {
        match name {
            _ if name == *"codes" => codes = Some(read_codes(member)?),
            _ if name == *"url" => url = Some(text(member)?),
            _ if name == *"thumbprint" => files.digest(member, &mut Encoder::new(&mut digest))?,
            _ => return Err(unknown(name)),
        }
    }
    match (codes, url) {
        (Some(codes), Some(url)) if !digest.is_empty() => Ok((codes, url, digest)),
        _ => Err(fault(value, rules::TEMPLATE_REQUIRED)),
    }
}

fn read_codes(value: Value<'_>) -> Result<MudCodes, Error> {
    match integers(value)?.as_slice() {
        [element, url, thumbprint] => Ok(MudCodes::new(*element, *url, *thumbprint)),
        _ => Err(fault(value, rules::TEMPLATE_VALUE)),
    }
}
