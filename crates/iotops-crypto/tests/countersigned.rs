//! Countersignatures of both versions and forms over every kind of message (RFC 9338).
//!
//! The structures are built here by hand from RFC 9338 §3.3, apart from the code that checks them.

#![cfg(all(feature = "encrypt", feature = "ed25519", feature = "es256"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    missing_docs,
    reason = "tests may panic, index and calculate"
)]

use iotops_crypto::cose::{Encrypt, Encrypt0, Mac, Mac0, Sign, Sign1, Target, Version};
use iotops_crypto::key::{Ed25519SecretKey, Es256SecretKey};
use iotops_crypto::wire::cbor::Encoder;
use iotops_crypto::{Algorithm, Error, Signer as _, rules};

const PROTECTED: &[u8] = &[0xa1, 1, 0x28];
/// {1: -8} of the countersigner.
const OWN: &[u8] = &[0xa1, 1, 0x27];
const PAYLOAD: &[u8] = b"payload or ciphertext";
const OTHER: &[u8] = b"signature or MAC";

fn signer() -> Ed25519SecretKey {
    Ed25519SecretKey::from_seed(&[5; 32]).unwrap()
}

/// The structure of RFC 9338 §3.3; `sign_protected` and `other` are left out if they are `None`.
fn structure(context: &str, sign_protected: Option<&[u8]>, other: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = &mut Encoder::new(&mut bytes);
    let items = 4 + usize::from(sign_protected.is_some()) + usize::from(other.is_some());
    encoder.array(items).unwrap().text(context).unwrap().bytes(PROTECTED).unwrap();
    if let Some(sign_protected) = sign_protected {
        encoder.bytes(sign_protected).unwrap();
    }
    encoder.bytes(b"aad").unwrap().bytes(PAYLOAD).unwrap();
    if let Some(other) = other {
        encoder.array(1).unwrap().bytes(other).unwrap();
    }
    bytes
}

fn made(structure: &[u8]) -> Vec<u8> {
    let mut space = [0; 64];
    let length = signer().sign(&[structure], &mut space).unwrap();
    space[..length].to_vec()
}

fn full(signature: &[u8]) -> Vec<u8> {
    [&[0x83, 0x43][..], OWN, &[0xa0, 0x58, 0x40], signature].concat()
}

/// A message of this tag with one unprotected header.
fn message(tag: u8, label: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = &mut Encoder::new(&mut bytes);
    let items = match tag {
        16 => 3,
        97 => 5,
        _ => 4,
    };
    encoder.tag(u64::from(tag)).unwrap().array(items).unwrap().bytes(PROTECTED).unwrap();
    encoder.raw(&[0xa1, label]).unwrap().raw(value).unwrap().bytes(PAYLOAD).unwrap();
    let recipient = [0x81, 0x83, 0x40, 0xa1, 1, 0x25, 0x40];
    match tag {
        17 | 18 => drop(encoder.bytes(OTHER).unwrap()),
        97 => drop(encoder.bytes(OTHER).unwrap().raw(&recipient).unwrap()),
        96 => drop(encoder.raw(&recipient).unwrap()),
        98 => drop(encoder.raw(&[0x81, 0x83, 0x40, 0xa0, 0x41, 0]).unwrap()),
        _ => {}
    }
    bytes
}

fn has_other(tag: u8) -> bool {
    matches!(tag, 17 | 18 | 97)
}

/// The verdicts on all countersignatures of a message.
fn verdicts(tag: u8, bytes: &[u8], aad: &[u8]) -> Result<Vec<Result<Version, Error>>, Error> {
    let check = |target: Target<'_>| {
        let key = signer().public_key();
        let mut verdicts = Vec::new();
        target.countersignatures(&mut |one| {
            let algorithm = one.headers().is_none().then_some(Algorithm::EdDsa);
            let verified = target.verify(&one, algorithm, aad, &[&key]);
            verdicts.push(verified.map(|_| one.version()));
            Ok(())
        })?;
        Ok(verdicts)
    };
    match tag {
        16 => check(Encrypt0::decode(bytes)?.countersigned(None)?),
        17 => check(Mac0::decode(bytes)?.countersigned(None)?),
        18 => check(Sign1::decode(bytes)?.countersigned(None)?),
        96 => check(Encrypt::decode(bytes)?.countersigned(None)?),
        97 => check(Mac::decode(bytes)?.countersigned(None)?),
        _ => check(Sign::decode(bytes)?.countersigned(None)?),
    }
}

/// Label, whether it is the full form, version.
const FORMS: [(u8, bool, Version); 4] = [
    (7, true, Version::V1),
    (9, false, Version::V1),
    (11, true, Version::V2),
    (12, false, Version::V2),
];

fn signed(tag: u8, is_full: bool, version: Version) -> Vec<u8> {
    let other = (has_other(tag) && version == Version::V2).then_some(OTHER);
    let context = match (is_full, other) {
        (true, None) => "CounterSignature",
        (true, Some(_)) => "CounterSignatureV2",
        (false, None) => "CounterSignature0",
        (false, Some(_)) => "CounterSignature0V2",
    };
    let own = match (is_full, version) {
        (true, _) => Some(OWN),
        (false, Version::V1) => Some(&[][..]),
        (false, _) => None,
    };
    made(&structure(context, own, other))
}

fn value(is_full: bool, signature: &[u8]) -> Vec<u8> {
    if is_full { full(signature) } else { [&[0x58, 0x40][..], signature].concat() }
}

#[test]
fn every_form_verifies_over_every_message() {
    let mut checked = 0;
    for tag in [16, 17, 18, 96, 97, 98] {
        for (label, is_full, version) in FORMS {
            let signature = signed(tag, is_full, version);
            let bytes = message(tag, label, &value(is_full, &signature));
            let good = verdicts(tag, &bytes, b"aad").unwrap();
            assert_eq!(good.len(), 1);
            assert_eq!(*good[0].as_ref().unwrap(), version, "{tag} {label}");
            let wrong = verdicts(tag, &bytes, b"AAD").unwrap();
            assert_eq!(wrong[0].unwrap_err().rule(), rules::COUNTERSIGNATURE);
            checked += 1;
        }
    }
    assert_eq!(checked, 24);
}

#[test]
fn no_form_stands_for_another() {
    for tag in [16, 18, 97] {
        for (label, is_full, version) in FORMS {
            for (other_label, other_full, other_version) in FORMS {
                let signature = signed(tag, is_full, version);
                let bytes = message(tag, other_label, &value(other_full, &signature));
                let verdicts = verdicts(tag, &bytes, b"aad").unwrap();
                // Without other fields both versions of the full form sign the same.
                let is_same = is_full == other_full
                    && (version == other_version || (is_full && !has_other(tag)));
                assert_eq!(verdicts[0].is_ok(), is_same, "{tag} {label} {other_label}");
            }
        }
    }
}

#[test]
fn arrays_of_countersignatures_are_read_and_bounded() {
    let one = full(&signed(18, true, Version::V2));
    let list = |count: usize| [vec![0x80 | count as u8], one.repeat(count)].concat();
    let verdicts_of = |value: &[u8]| verdicts(18, &message(18, 11, value), b"aad");
    assert_eq!(verdicts_of(&list(3)).unwrap().iter().filter(|one| one.is_ok()).count(), 3);
    assert_eq!(verdicts_of(&list(16)).unwrap().len(), 16);
    let many = [vec![0x91], one.repeat(17)].concat();
    for wrong in [&many[..], &[0x80], &[0x05], &[0x40], &[0x81, 0x05], &[0x61, 0x61]] {
        assert_eq!(verdicts_of(wrong).unwrap_err().rule(), rules::COUNTERSIGNATURES);
    }
    assert_eq!(verdicts_of(&[0x82, 0x40, 0xa0]).unwrap_err().rule(), rules::COSE_ITEMS);
    let abbreviated = verdicts(18, &message(18, 12, &[0x05]), b"").unwrap_err();
    assert_eq!(abbreviated.rule(), rules::COUNTERSIGNATURES);
}

#[test]
fn an_abbreviated_form_needs_an_algorithm_and_every_form_a_key_for_it() {
    let signature = signed(18, false, Version::V2);
    let bytes = message(18, 12, &value(false, &signature));
    let decoded = Sign1::decode(&bytes).unwrap();
    let target = decoded.countersigned(None).unwrap();
    let other = Es256SecretKey::from_scalar(&[1; 32]).unwrap().public_key();
    let mut count = 0;
    target
        .countersignatures(&mut |one| {
            let missing = target.verify(&one, None, b"aad", &[&signer().public_key()]);
            assert_eq!(missing.unwrap_err().rule(), rules::ALGORITHM_MISSING);
            let no_key = target.verify(&one, Some(Algorithm::EdDsa), b"aad", &[&other]);
            assert_eq!(no_key.unwrap_err().rule(), rules::NO_KEY);
            count += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!(count, 1);
    assert_eq!(decoded.countersigned(Some(b"x")).unwrap_err().rule(), rules::PAYLOAD_ATTACHED);
}
