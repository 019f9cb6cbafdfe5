//! COSE messages: what verifies, and by which rule all else is refused.

#![cfg(all(feature = "es256", feature = "ed25519", feature = "hmac", feature = "alloc"))]
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

use core::cell::Cell;

use iotops_crypto::cose::{Label, Mac0, Payload, Sign, Sign1, Unsigned};
use iotops_crypto::key::{KeyType, SecretKey, VerifyingKey};
use iotops_crypto::{Algorithm, Error, Refused, Signer, Verifier, rules};
use iotops_wire::cbor::Encoder;
use iotops_wire::{Kind, Rule, rules as wire};

fn secret(key_type: KeyType, byte: u8) -> SecretKey {
    SecretKey::from_raw(key_type, &[byte; 32]).unwrap()
}

fn public(key_type: KeyType, byte: u8) -> VerifyingKey {
    secret(key_type, byte).verifying_key()
}

fn message(key_type: KeyType, payload: Payload<'_>, aad: &[u8]) -> Vec<u8> {
    let mut key = secret(key_type, 7);
    let mut bytes = Vec::new();
    let unsigned = Unsigned::new(key.algorithm()).unwrap().with_key_id(b"id");
    unsigned.sign(&mut key, payload, aad, &mut Encoder::new(&mut bytes)).unwrap();
    bytes
}

/// A COSE_Sign1 with these buckets, encoded, and a signature that only a mock takes.
fn sign1(protected: &[u8], unprotected: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    encoder.tag(18).unwrap().array(4).unwrap().bytes(protected).unwrap();
    encoder.raw(unprotected).unwrap().bytes(b"payload").unwrap().bytes(&[0; 64]).unwrap();
    bytes
}

/// Takes every signature, and remembers the message.
#[derive(Default)]
struct Anyone(Cell<usize>);

impl Verifier for Anyone {
    fn accepts(&self, _: Algorithm) -> bool {
        true
    }

    fn verify(&self, message: &[&[u8]], _: &[u8]) -> Result<(), Refused> {
        self.0.set(message.iter().map(|part| part.len()).sum());
        Ok(())
    }
}

/// A device that does not answer.
struct Away;

impl Verifier for Away {
    fn accepts(&self, _: Algorithm) -> bool {
        true
    }

    fn verify(&self, _: &[&[u8]], _: &[u8]) -> Result<(), Refused> {
        Err(Refused::Unavailable)
    }
}

fn rule<T>(result: Result<T, Error>) -> Rule {
    result.map(drop).unwrap_err().rule()
}

fn verify(bytes: &[u8], keys: &[&dyn Verifier]) -> Result<(), Error> {
    Sign1::decode(bytes)?.verify(b"", keys).map(drop)
}

#[test]
fn signatures_verify_attached_and_detached() {
    for key_type in [KeyType::Es256, KeyType::Ed25519] {
        let (right, wrong) = (public(key_type, 7), public(key_type, 8));
        let bytes = message(key_type, Payload::Attached(b"payload"), b"aad");
        let decoded = Sign1::decode(&bytes).unwrap();
        assert_eq!(decoded.headers().key_id(), Some(&b"id"[..]));
        let verified = decoded.verify(b"aad", &[&wrong, &right]).unwrap();
        assert_eq!((verified.payload(), verified.key()), (&b"payload"[..], 1));
        assert_eq!(rule(decoded.verify(b"add", &[&right])), rules::SIGNATURE);
        assert_eq!(rule(decoded.verify(b"aad", &[&wrong])), rules::SIGNATURE);
        assert_eq!(
            rule(decoded.verify_detached(b"payload", b"aad", &[&right])),
            rules::PAYLOAD_ATTACHED
        );
        let bytes = message(key_type, Payload::Detached(b"payload"), b"aad");
        let decoded = Sign1::decode(&bytes).unwrap();
        assert_eq!(rule(decoded.verify(b"aad", &[&right])), rules::PAYLOAD_DETACHED);
        assert!(decoded.verify_detached(b"payload", b"aad", &[&right]).is_ok());
        assert_eq!(rule(decoded.verify_detached(b"paylode", b"aad", &[&right])), rules::SIGNATURE);
    }
}

#[test]
fn macs_verify_and_are_never_signatures() {
    let bytes = message(KeyType::Hmac, Payload::Attached(b"payload"), b"");
    let decoded = Mac0::decode(&bytes).unwrap();
    assert!(decoded.verify(b"", &[&public(KeyType::Hmac, 7)]).is_ok());
    assert_eq!(rule(decoded.verify(b"", &[&public(KeyType::Hmac, 8)])), rules::MAC);
    assert_eq!(rule(decoded.verify(b"", &[&public(KeyType::Es256, 7)])), rules::NO_KEY);
    assert_eq!(rule(Sign1::decode(&bytes)), rules::COSE_TAG);
    assert_eq!(rule(Sign::decode(&bytes)), rules::COSE_TAG);
    // The same array under the tag of the other kind: the algorithm does not fit.
    let mut retagged = bytes.clone();
    retagged[0] = 0xd2;
    assert_eq!(rule(verify(&retagged, &[&Anyone::default()])), rules::ALGORITHM_PURPOSE);
    let mut signature = message(KeyType::Es256, Payload::Attached(b"payload"), b"");
    signature[0] = 0xd1;
    let decoded = Mac0::decode(&signature).unwrap();
    assert_eq!(rule(decoded.verify(b"", &[&Anyone::default()])), rules::ALGORITHM_PURPOSE);
}

#[test]
fn the_public_key_is_no_mac_key() {
    // The classic confusion: a MAC keyed with the public bytes.
    let bytes = public(KeyType::Ed25519, 7).to_raw().as_bytes().to_vec();
    let mut forger = SecretKey::from_raw(KeyType::Hmac, &bytes).unwrap();
    let mut forged = Vec::new();
    Unsigned::new(Algorithm::Hmac256)
        .unwrap()
        .sign(&mut forger, Payload::Attached(b"p"), b"", &mut Encoder::new(&mut forged))
        .unwrap();
    let decoded = Mac0::decode(&forged).unwrap();
    assert_eq!(rule(decoded.verify(b"", &[&public(KeyType::Ed25519, 7)])), rules::NO_KEY);
}

#[test]
fn headers_are_checked() {
    let anyone: &dyn Verifier = &Anyone::default();
    let of = |protected: &[u8], unprotected: &[u8]| {
        rule(verify(&sign1(protected, unprotected), &[anyone]))
    };
    assert!(verify(&sign1(&[0xa1, 1, 0x28], &[0xa0]), &[anyone]).is_ok());
    // Algorithm: absent, unprotected, unknown, text, of another type, none.
    assert_eq!(of(&[], &[0xa0]), rules::ALGORITHM_MISSING);
    assert_eq!(of(&[0xa0], &[0xa0]), rules::ALGORITHM_MISSING);
    assert_eq!(of(&[], &[0xa1, 1, 0x28]), rules::ALGORITHM_UNPROTECTED);
    assert_eq!(of(&[0xa1, 1, 0x28], &[0xa1, 1, 0x28]), rules::ALGORITHM_UNPROTECTED);
    assert_eq!(of(&[0xa1, 1, 0x18, 99], &[0xa0]), rules::ALGORITHM_UNKNOWN);
    assert_eq!(of(&[0xa1, 1, 0], &[0xa0]), rules::ALGORITHM_UNKNOWN);
    assert_eq!(of(&[0xa1, 1, 0x64, b'n', b'o', b'n', b'e'], &[0xa0]), rules::ALGORITHM_UNKNOWN);
    assert_eq!(of(&[0xa1, 1, 0x40], &[0xa0]), rules::HEADER_VALUE);
    assert_eq!(of(&[0xa1, 1, 1], &[0xa0]), rules::ALGORITHM_PURPOSE);
    // Labels: twice, in both buckets, out of order, of another type.
    assert_eq!(of(&[0xa2, 1, 0x28, 1, 0x28], &[0xa0]), wire::KEY_TWICE);
    assert_eq!(of(&[0xa2, 4, 0x40, 1, 0x28], &[0xa0]), wire::KEY_ORDER);
    assert_eq!(of(&[0xa2, 1, 0x28, 4, 0x40], &[0xa1, 4, 0x40]), rules::LABEL_IN_BOTH);
    let text: &[u8] = &[0xa2, 1, 0x28, 0x61, b'a', 0];
    assert_eq!(of(text, &[0xa1, 0x61, b'a', 0]), rules::LABEL_IN_BOTH);
    assert_eq!(of(&[0xa2, 1, 0x28, 0x39, 1, 0, 0], &[0xa1, 0x39, 1, 0, 0]), rules::LABEL_IN_BOTH);
    assert!(verify(&sign1(text, &[0xa1, 0x61, b'b', 0]), &[anyone]).is_ok());
    assert_eq!(of(&[0xa2, 1, 0x28, 0x61, b'a', 0], &[0xa1, 0x40, 0]), rules::LABEL);
    assert_eq!(of(&[0xa2, 0x61, b'a', 0, 1, 0x28], &[0xa0]), wire::KEY_ORDER);
    assert_eq!(of(&[0xa2, 1, 0x28, 4, 4], &[0xa0]), rules::HEADER_VALUE);
    assert_eq!(of(&[0xa2, 1, 0x28, 3, 0x20], &[0xa0]), rules::HEADER_VALUE);
    assert_eq!(of(&[0xa2, 1, 0x28, 3, 0x40], &[0xa0]), rules::HEADER_VALUE);
    // IV and Partial IV, in one bucket or in two.
    assert_eq!(of(&[0xa1, 1, 0x28], &[0xa2, 5, 0x41, 0, 6, 0x41, 0]), rules::IV_TWICE);
    assert_eq!(of(&[0xa2, 1, 0x28, 5, 0x41, 0], &[0xa1, 6, 0x41, 0]), rules::IV_TWICE);
    // The protected bucket: something behind the map, and no map.
    assert_eq!(of(&[0xa1, 1, 0x28, 0], &[0xa0]), rules::PROTECTED_MAP);
    assert_eq!(of(&[0x01], &[0xa0]), wire::EXPECT_MAP);
}

#[test]
fn critical_headers_are_checked() {
    let anyone: &dyn Verifier = &Anyone::default();
    let crit = |list: &[u8], more: &[u8]| {
        let count = 0xa2 + u8::from(!more.is_empty());
        let protected = [&[count, 1, 0x28, 2], list, more].concat();
        rule(verify(&sign1(&protected, &[0xa0]), &[anyone]))
    };
    assert_eq!(crit(&[0x81, 0x18, 99], &[0x18, 99, 0]), rules::CRITICAL_UNKNOWN);
    assert_eq!(crit(&[0x80], &[]), rules::CRITICAL_LIST);
    assert_eq!(crit(&[0x01], &[]), rules::CRITICAL_LIST);
    assert_eq!(crit(&[0x81, 0x18, 99], &[]), rules::CRITICAL_LIST);
    assert_eq!(crit(&[0x81, 1], &[]), rules::CRITICAL_LIST);
    assert_eq!(crit(&[0x81, 0x40], &[]), rules::CRITICAL_LIST);
    let many = [&[0x91][..], &[0x09; 17]].concat();
    assert_eq!(crit(&many, &[]), rules::CRITICAL_COUNT);
    let unprotected = sign1(&[0xa1, 1, 0x28], &[0xa1, 2, 0x81, 0x18, 99]);
    assert_eq!(rule(verify(&unprotected, &[anyone])), rules::CRITICAL_PLACE);
}

#[test]
fn encodings_are_checked() {
    let good = sign1(&[0xa1, 1, 0x28], &[0xa0]);
    assert_eq!(rule(Sign1::decode(&[&good[..], &[0]].concat())), wire::TRAILING);
    assert_eq!(rule(Sign1::decode(&good[1..])), wire::EXPECT_TAG);
    assert!(Sign1::decode_untagged(&good[1..]).is_ok());
    let mut items = good.clone();
    items[1] = 0x83;
    assert_eq!(rule(Sign1::decode(&items)), rules::COSE_ITEMS);
    items[1] = 0x9f;
    assert_eq!(rule(Sign1::decode(&items)), wire::INDEFINITE);
    assert_eq!(rule(Sign1::decode(&sign1(&[0xa1, 1, 0x38, 0x08], &[0xa0]))), wire::SHORTEST);
    assert_eq!(rule(Sign1::decode(&sign1(&[0xbf, 1, 0x28, 0xff], &[0xa0]))), wire::INDEFINITE);
    let huge = [0xd2, 0x84, 0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(rule(Sign1::decode(&huge)), wire::TRUNCATED);
    // RFC 9052 §4.4: an empty protected map and no bytes are the same to be signed.
    let anyone = Anyone::default();
    let _ = Sign1::decode(&sign1(&[], &[0xa0])).unwrap();
    let lengths = [&[][..], &[0xa0]].map(|protected| {
        let bytes = sign1(protected, &[0xa0]);
        let decoded = Sign1::decode(&bytes).unwrap();
        assert_eq!(decoded.headers().protected_bytes(), b"");
        assert_eq!(rule(decoded.verify(b"", &[&anyone])), rules::ALGORITHM_MISSING);
        decoded.headers().protected_bytes().len()
    });
    assert_eq!(lengths, [0, 0]);
}

#[test]
fn header_values_are_found() {
    let bytes = sign1(&[0xa2, 1, 0x28, 3, 0x18, 50], &[0xa2, 4, 0x41, 9, 0x61, b'x', 7]);
    let decoded = Sign1::decode(&bytes).unwrap();
    let headers = decoded.headers();
    assert_eq!(headers.protected(Label::Number(3)), Some(&[0x18, 50][..]));
    assert_eq!(headers.protected(Label::Number(4)), None);
    assert_eq!(headers.unprotected(Label::Text("x")), Some(&[7][..]));
    assert_eq!(headers.unprotected(Label::Number(3)), None);
}

#[test]
fn unavailable_is_never_rejected() {
    let bytes = message(KeyType::Es256, Payload::Attached(b"p"), b"");
    let (right, wrong) = (public(KeyType::Es256, 7), public(KeyType::Es256, 8));
    let kind = |keys: &[&dyn Verifier]| verify(&bytes, keys).map_err(|error| error.kind());
    assert_eq!(kind(&[&Away]), Err(Kind::Unavailable));
    assert_eq!(kind(&[&Away, &wrong]), Err(Kind::Unavailable));
    assert_eq!(kind(&[&wrong, &Away]), Err(Kind::Unavailable));
    assert_eq!(kind(&[&wrong]), Err(Kind::Rejected));
    assert_eq!(kind(&[&Away, &right]), Ok(()));
    assert_eq!(rule(verify(&bytes, &[])), rules::NO_KEY);
    assert_eq!(rule(verify(&bytes, &[&public(KeyType::Ed25519, 7)])), rules::NO_KEY);
}

/// A COSE_Sign with two signers; `swap` puts the protected headers of body and signer in each
/// other's place.
fn two_signers(swap: bool) -> Vec<u8> {
    let body: &[u8] = &[0xa1, 3, 0];
    let mut keys = [secret(KeyType::Es256, 7), secret(KeyType::Ed25519, 7)];
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    encoder.tag(98).unwrap().array(4).unwrap().bytes(body).unwrap().raw(&[0xa0]).unwrap();
    encoder.null().unwrap().array(2).unwrap();
    for key in &mut keys {
        let mut own = vec![0xa1, 1];
        Encoder::new(&mut own).integer(key.algorithm().to_cose()).unwrap();
        let (first, second) = if swap { (&own[..], body) } else { (body, &own[..]) };
        let mut signed = Vec::new();
        let mut structure = Encoder::new(&mut signed);
        structure.array(5).unwrap().text("Signature").unwrap().bytes(first).unwrap();
        structure.bytes(second).unwrap().bytes(b"aad").unwrap().bytes(b"payload").unwrap();
        let mut signature = [0; 64];
        key.sign(&[&signed], &mut signature).unwrap();
        encoder.array(3).unwrap().bytes(&own).unwrap().raw(&[0xa0]).unwrap();
        encoder.bytes(&signature).unwrap();
    }
    bytes
}

#[test]
fn each_signature_of_cose_sign_is_verified_by_itself() {
    let bytes = two_signers(false);
    let decoded = Sign::decode(&bytes).unwrap();
    let keys = [public(KeyType::Es256, 7), public(KeyType::Ed25519, 7)];
    let keys: [&dyn Verifier; 2] = [&keys[0], &keys[1]];
    let verified: Vec<usize> = decoded
        .signatures()
        .map(|one| decoded.verify(&one, b"payload", b"aad", &keys).unwrap().key())
        .collect();
    assert_eq!(verified, [0, 1]);
    for signature in decoded.signatures() {
        assert_eq!(rule(decoded.verify(&signature, b"payload", b"", &keys)), rules::SIGNATURE);
    }
    let mut again = Vec::new();
    decoded.encode(&mut Encoder::new(&mut again)).unwrap();
    assert_eq!(again, bytes);
    let swapped = two_signers(true);
    let decoded = Sign::decode(&swapped).unwrap();
    for signature in decoded.signatures() {
        assert_eq!(rule(decoded.verify(&signature, b"payload", b"aad", &keys)), rules::SIGNATURE);
    }
    let none = [0xd8, 98, 0x84, 0x40, 0xa0, 0xf6, 0x80];
    assert_eq!(rule(Sign::decode(&none)), rules::SIGNERS);
    // One of its signatures is no COSE_Sign1 over the same payload.
    let mut single = Vec::new();
    let mut encoder = Encoder::new(&mut single);
    let one = Sign::decode(&bytes).unwrap().signatures().next().unwrap();
    encoder.tag(18).unwrap().array(4).unwrap().bytes(&[0xa1, 1, 0x28]).unwrap();
    encoder.raw(&[0xa0]).unwrap().null().unwrap().bytes(one.bytes()).unwrap();
    let single = Sign1::decode(&single).unwrap();
    assert_eq!(rule(single.verify_detached(b"payload", b"aad", &keys)), rules::SIGNATURE);
}

#[test]
fn what_is_read_is_written_the_same() {
    for bytes in [
        message(KeyType::Es256, Payload::Attached(b"payload"), b""),
        message(KeyType::Ed25519, Payload::Detached(b"payload"), b""),
    ] {
        let mut again = Vec::new();
        Sign1::decode(&bytes).unwrap().encode(&mut Encoder::new(&mut again)).unwrap();
        assert_eq!(again, bytes);
        let theirs = coset_payload(&bytes);
        assert_eq!(theirs.as_deref(), Sign1::decode(&bytes).unwrap().payload());
    }
}

fn coset_payload(bytes: &[u8]) -> Option<Vec<u8>> {
    use coset::TaggedCborSerializable as _;
    coset::CoseSign1::from_tagged_slice(bytes).unwrap().payload
}

#[test]
fn two_steps_give_what_one_gives_and_lengths_are_checked() {
    let unsigned = Unsigned::new(Algorithm::Esp256).unwrap().with_key_id(b"id");
    let mut signature = [0; 64];
    let mut key = secret(KeyType::Es256, 7);
    let signed = unsigned.to_be_signed(b"payload", b"", |parts| key.sign(parts, &mut signature));
    assert_eq!(signed.unwrap(), Ok(64));
    let mut bytes = Vec::new();
    let payload = Payload::Attached(b"payload");
    unsigned.finish(payload, &signature, &mut Encoder::new(&mut bytes)).unwrap();
    assert_eq!(bytes, message(KeyType::Es256, payload, b""));
    let short = unsigned.finish(payload, &signature[..63], &mut Encoder::new(&mut bytes));
    assert_eq!(rule(short), rules::SIGNATURE_LENGTH);
    assert!(unsigned.prehash(b"payload", b"").is_some());
    assert!(Unsigned::new(Algorithm::Ed25519).unwrap().prehash(b"", b"").is_none());
    assert_eq!(rule(Unsigned::new(Algorithm::A128Gcm)), rules::ALGORITHM_PURPOSE);
    let mut other = secret(KeyType::Ed25519, 7);
    let result = unsigned.sign(&mut other, payload, b"", &mut Encoder::new(&mut bytes));
    assert_eq!(rule(result), rules::ALGORITHM_PURPOSE);
}

#[test]
fn truncations_and_flips_never_verify() {
    let keys = [KeyType::Es256, KeyType::Ed25519].map(|key_type| public(key_type, 7));
    let keys: [&dyn Verifier; 2] = [&keys[0], &keys[1]];
    for key_type in [KeyType::Es256, KeyType::Ed25519] {
        let mut bytes = message(key_type, Payload::Attached(b"payload"), b"");
        for length in 0..bytes.len() {
            assert!(Sign1::decode(&bytes[..length]).is_err());
        }
        // The unprotected bucket (a4 04 42 69 64) is nobody's: its content may change.
        let key_id = bytes.windows(2).position(|pair| pair == b"id").unwrap();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let is_key_id = (key_id - 2..key_id + 2).contains(&(bit / 8));
            assert!(is_key_id || verify(&bytes, &keys).is_err(), "{key_type:?} bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

/// A message without an algorithm verifies only by the algorithm of the caller, over the bucket as
/// the standard has it or as it is written.
#[test]
fn an_algorithm_that_is_not_named_comes_from_the_caller() {
    let (mut signer, key) = (secret(KeyType::Es256, 7), public(KeyType::Es256, 7));
    for signed_bucket in [&b"\x40"[..], b"\x41\xa0"] {
        let mut signature = [0; 64];
        let parts: [&[u8]; 3] = [b"\x84\x6aSignature1", signed_bucket, b"\x40\x47payload"];
        signer.sign(&parts, &mut signature).unwrap();
        let mut bytes = sign1(b"\xa0", b"\xa0");
        let start = bytes.len() - 64;
        bytes[start..].copy_from_slice(&signature);
        assert_eq!(rule(verify(&bytes, &[&key])), rules::ALGORITHM_MISSING);
        let message = Sign1::decode(&bytes).unwrap();
        assert!(message.verify_as(Algorithm::Es256, b"", &[&key]).is_ok());
        let other = public(KeyType::Es256, 8);
        let refused = message.verify_as(Algorithm::Es256, b"", &[&other]);
        assert_eq!(rule(refused), rules::SIGNATURE);
        assert_eq!(rule(message.verify_as(Algorithm::Ed25519, b"", &[&key])), rules::NO_KEY);
        let mac = message.verify_as(Algorithm::Hmac256, b"", &[&key]);
        assert_eq!(rule(mac), rules::ALGORITHM_PURPOSE);
    }
    let named = sign1(b"\xa1\x01\x27", b"\xa0");
    let named = Sign1::decode(&named).unwrap();
    let anyone = Anyone::default();
    assert_eq!(rule(named.verify_as(Algorithm::Es256, b"", &[&anyone])), rules::NO_KEY);
    let critical = sign1(b"\xa2\x02\x81\x18\x2a\x18\x2a\xf5", b"\xa0");
    let critical = Sign1::decode(&critical).unwrap();
    let refused = critical.verify_as(Algorithm::Es256, b"", &[&anyone]);
    assert_eq!(rule(refused), rules::CRITICAL_UNKNOWN);
}
