//! Certificates in headers (RFC 9360): what is lent, and what is refused.

#![allow(clippy::unwrap_used, missing_docs, reason = "tests may panic")]

use iotops_crypto::cose::Sign1;
use iotops_crypto::wire::cbor::Head;
use iotops_crypto::{Error, rules};

/// A message with one header, in the protected or in the unprotected bucket.
fn message(label: u8, value: &[u8], is_protected: bool) -> Vec<u8> {
    let header = [&[0xa2, 1, 0x28, 0x18, label][..], value].concat();
    if is_protected {
        let head = Head::of_bytes(header.len());
        return [&[0xd2, 0x84][..], head.as_bytes(), &header, &[0xa0, 0xf6, 0x40]].concat();
    }
    let head = [0xd2, 0x84, 0x43, 0xa1, 1, 0x28, 0xa1, 0x18, label];
    [&head[..], value, &[0xf6, 0x40]].concat()
}

fn list(label: u8, value: &[u8], is_protected: bool) -> Result<Vec<Vec<u8>>, Error> {
    let bytes = message(label, value, is_protected);
    let decoded = Sign1::decode(&bytes)?;
    let headers = decoded.headers();
    let found = if label == 33 { headers.x5chain()? } else { headers.x5bag()? };
    let other = if label == 33 { headers.x5bag()? } else { headers.x5chain()? };
    assert!(other.is_none());
    Ok(found.unwrap().iter().map(<[u8]>::to_vec).collect())
}

#[test]
fn one_certificate_or_an_array_of_two_or_more() {
    for (label, is_protected) in [(32, false), (32, true), (33, false), (33, true)] {
        assert_eq!(list(label, &[0x41, 7], is_protected).unwrap(), [[7]]);
        let two = list(label, &[0x82, 0x41, 7, 0x41, 8], is_protected).unwrap();
        assert_eq!(two, [[7], [8]]);
        let sixteen = [&[0x90][..], &[0x41, 7].repeat(16)].concat();
        assert_eq!(list(label, &sixteen, is_protected).unwrap().len(), 16);
        let seventeen = [&[0x91][..], &[0x41, 7].repeat(17)].concat();
        let wrong = [&[0x80][..], &[0x81, 0x41, 7], &[0x82, 0x41, 7, 0x05], &[0x05], &seventeen];
        for value in wrong {
            let refused = list(label, value, is_protected).unwrap_err();
            assert_eq!(refused.rule(), rules::CERTIFICATES, "{value:02x?}");
        }
    }
}

#[test]
fn a_thumbprint_is_compared_with_its_own_hash() {
    // SHA-256 of "abc" whole, and cut to 64 bits as SHA-256/64 has it.
    let hash = iotops_crypto::digest(iotops_crypto::Algorithm::Sha256, &[b"abc"]).unwrap();
    let whole = [&[0x82, 0x2f, 0x58, 0x20][..], hash.as_bytes()].concat();
    let short = [&[0x82, 0x2e, 0x48][..], hash.as_bytes().get(..8).unwrap()].concat();
    let cut = [&[0x82, 0x2f, 0x48][..], hash.as_bytes().get(..8).unwrap()].concat();
    for (value, number, expected) in [(&whole, -16, true), (&short, -15, true), (&cut, -16, false)]
    {
        let bytes = message(34, value, true);
        let x5t = Sign1::decode(&bytes).unwrap().headers().x5t().unwrap().unwrap();
        assert_eq!(x5t.algorithm(), number);
        assert_eq!(x5t.is_of(b"abc"), Some(expected));
        assert_eq!(x5t.is_of(b"abd"), Some(false));
    }
    let sha1 = message(34, &[0x82, 0x2d, 0x41, 0], false);
    let x5t = Sign1::decode(&sha1).unwrap().headers().x5t().unwrap().unwrap();
    assert_eq!(x5t.is_of(b"abc"), None, "SHA-1 is not built in");
    let wrong: [(&[u8], _); 5] = [
        (&[0x81, 0x2f], rules::THUMBPRINT),
        (&[0x82, 0x2f, 0x05], rules::THUMBPRINT),
        (&[0x82, 0x41, 0, 0x41, 0], rules::THUMBPRINT),
        (&[0x41, 0], rules::THUMBPRINT),
        (&[0x82, 0x61, b'a', 0x41, 0], rules::DIGEST_UNSUPPORTED),
    ];
    for (value, rule) in wrong {
        let bytes = message(34, value, false);
        let refused = Sign1::decode(&bytes).unwrap().headers().x5t().unwrap_err();
        assert_eq!(refused.rule(), rule);
    }
}
