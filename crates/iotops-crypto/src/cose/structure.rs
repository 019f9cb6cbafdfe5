//! The structures that are signed or MACed, lent in parts and never built (RFC 9052 §4.4, §6.3).

use iotops_wire::cbor::Head;

/// Lends the four-item structure of `COSE_Sign1` and `COSE_Mac0`: `opening` is the encoded head of
/// the array and the context string.
pub(super) fn lend<R>(
    opening: &[u8],
    protected: &[u8],
    aad: &[u8],
    payload: &[u8],
    read: impl FnOnce(&[&[u8]]) -> R,
) -> R {
    let (a, b, c) = (head(protected), head(aad), head(payload));
    read(&[opening, a.as_bytes(), protected, b.as_bytes(), aad, c.as_bytes(), payload])
}

/// The five-item structure of one signature of `COSE_Sign`.
pub(super) fn lend_sign<R>(
    body_protected: &[u8],
    sign_protected: &[u8],
    aad: &[u8],
    payload: &[u8],
    read: impl FnOnce(&[&[u8]]) -> R,
) -> R {
    let (a, b) = (head(body_protected), head(sign_protected));
    let (c, d) = (head(aad), head(payload));
    read(&[
        b"\x85\x69Signature",
        a.as_bytes(),
        body_protected,
        b.as_bytes(),
        sign_protected,
        c.as_bytes(),
        aad,
        d.as_bytes(),
        payload,
    ])
}

/// The three-item structure of encrypted messages (RFC 9052 §5.3).
#[cfg(feature = "encrypt")]
pub(super) fn lend_encrypt<R>(
    opening: &[u8],
    protected: &[u8],
    aad: &[u8],
    read: impl FnOnce(&[&[u8]]) -> R,
) -> R {
    let (a, b) = (head(protected), head(aad));
    read(&[opening, a.as_bytes(), protected, b.as_bytes(), aad])
}

fn head(bytes: &[u8]) -> Head {
    Head::of_bytes(bytes.len())
}
