//! Hostile input: every truncation and every single-bit flip of every vector.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    unreachable_pub,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

mod common;

use std::fs;

use common::{Anyone, borrowed, decode, encode, read_all, trusted, verify};
use iotops_crypto::Verifier;

fn documents() -> Vec<Vec<u8>> {
    let mut files = test_support::files(&test_support::testdata().join("suit"), &[".suit"]);
    if let Some(folder) = test_support::vectors("suit") {
        files.extend(test_support::files(&folder, &[".suit"]));
        files.extend(test_support::files(&folder.join("teep"), &[".cbor"]));
    }
    assert!(files.len() > 70);
    files.iter().map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn truncations_are_refused() {
    for document in documents() {
        for length in 0..document.len() {
            let result = decode(&document[..length]).map(drop);
            assert!(result.is_err(), "{length} of {}", document.len());
        }
    }
}

/// With a verifier that takes every signature, so that the flip reaches what is behind it. The
/// digest of the manifest stops most; flips in the wrapper alone may still be taken.
#[test]
fn bit_flips_never_panic_and_what_is_accepted_encodes_the_same() {
    let anyone: [&dyn Verifier; 1] = [&Anyone];
    for mut document in documents() {
        for bit in 0..document.len() * 8 {
            document[bit / 8] ^= 1 << (bit % 8);
            if let Ok(manifest) = verify(&document, &anyone) {
                assert!(read_all(&manifest) > 0);
                assert_eq!(encode(&manifest), document);
            }
            document[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// With real keys no flip in the wrapper, manifest or a severed element may be accepted.
#[test]
fn bit_flips_are_refused_with_real_keys() {
    let keys = trusted();
    let path = test_support::testdata().join("suit/suit-manifest-37/example2-signed.suit");
    let mut document = fs::read(path).unwrap();
    for bit in 0..document.len() * 8 {
        document[bit / 8] ^= 1 << (bit % 8);
        assert!(verify(&document, &borrowed(&keys)).is_err(), "bit {bit}");
        document[bit / 8] ^= 1 << (bit % 8);
    }
}

/// Behind the digest: each bit of the manifest flipped, and the digest repaired.
#[test]
fn bit_flips_behind_the_digest_never_panic() {
    let anyone: [&dyn Verifier; 1] = [&Anyone];
    for document in documents() {
        let Ok(manifest) = verify(&document, &anyone) else { continue };
        let mut bytes = Vec::new();
        manifest.encode_manifest(&mut iotops_wire::cbor::Encoder::new(&mut bytes)).unwrap();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let repaired = wrap(&bytes);
            if let Ok(manifest) = verify(&repaired, &anyone) {
                assert!(read_all(&manifest) > 0);
                assert_eq!(encode(&manifest), repaired);
            }
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// An envelope around any bytes, with the right digest and a signature that only `Anyone` takes.
fn wrap(manifest: &[u8]) -> Vec<u8> {
    use iotops_crypto::{Algorithm, digest};
    use iotops_wire::cbor::{Encoder, Head};
    let mut whole = Head::of_bytes(manifest.len()).as_bytes().to_vec();
    whole.extend_from_slice(manifest);
    let digest = digest(Algorithm::Sha256, &[&whole]).unwrap();
    let mut envelope = Vec::new();
    let mut encoder = Encoder::new(&mut envelope);
    encoder.tag(107).unwrap();
    let mut map = encoder.map(2).unwrap();
    map.key(2)
        .unwrap()
        .wrapped(|wrapper| {
            wrapper.array(2)?;
            wrapper.wrapped(|inner| {
                inner.array(2)?.integer(-16)?.bytes(digest.as_bytes())?;
                Ok::<_, iotops_wire::Error>(())
            })?;
            wrapper.bytes(&[0xd2, 0x84, 0x43, 0xa1, 0x01, 0x28, 0xa0, 0xf6, 0x41, 0x00])?;
            Ok::<_, iotops_wire::Error>(())
        })
        .unwrap();
    map.key(3).unwrap().raw(&whole).unwrap();
    map.end().unwrap();
    envelope
}
