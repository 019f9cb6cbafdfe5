//! Vouchers and requests as files, in any container.

use brski_voucher::model::Kind;
use brski_voucher::{Container, Error, Signed, rules};
use iotops_wire::Finding;

/// Decodes a document as it is: what the container is, its first bytes tell.
pub(super) fn decode<'a>(
    document: &'a [u8],
    scratch: &'a mut [u8],
    tolerated: Option<&mut dyn FnMut(Finding)>,
) -> Result<Signed<'a>, Error> {
    let Some(container) = Container::of_document(document) else {
        return Err(Error::new(rules::CONTAINER, 0));
    };
    match (container, tolerated) {
        (Container::Cms, None) => Signed::decode_cms(document),
        (Container::Cms, Some(tolerated)) => Signed::decode_cms_lenient(document, tolerated),
        (Container::Jws, None) => Signed::decode_jws(document, scratch),
        (Container::Jws, Some(tolerated)) => {
            Signed::decode_jws_lenient(document, scratch, tolerated)
        }
        (_, None) => Signed::decode_cose(document),
        (_, Some(tolerated)) => Signed::decode_cose_lenient(document, tolerated),
    }
}

/// Room for the payload of a JWS.
pub(super) fn scratch(document: &[u8]) -> Vec<u8> {
    vec![0; document.len()]
}

pub(super) const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Voucher => "voucher",
        _ => "voucher request",
    }
}
